"""The service against its own description: whole, and true of the answers to what schemathesis makes up of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from articles import build_index
from conftest import TOKEN
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    CheckFunction,
    ignored_auth,
    negative_data_rejection,
    not_a_server_error,
    positive_data_acceptance,
)
from schemathesis.schemas import BaseSchema

import server
from server.openapi import OPERATIONS, document
from server.settings import Settings

HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"}
EXAMPLES = 25


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def strict(schema: Any) -> Any:
    """A description in which an answer may have only the fields it names."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(value) for name, value in schema.items()}
    if "properties" in schema and "required" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    path = build_index(tmp_path_factory.mktemp("openapi"))
    app = server.create_app(path, settings=Settings(write_token=TOKEN))
    described = schemathesis.openapi.from_dict(strict(app.test_client().get("/openapi.json").json))
    described.app = app
    return described


# A wrong request can be made only where something is asked for.
CASES = [
    pytest.param(method, path, mode, id=f"{method}-{path}-{mode.value}")
    for (method, path), operation in OPERATIONS.items()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or operation.query or operation.body
]


@pytest.mark.parametrize(("method", "path", "mode"), CASES)
def test_every_answer_is_as_described(description: BaseSchema, method: str, path: str, mode: GenerationMode) -> None:
    @given(case=description[path][method.upper()].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case: schemathesis.Case) -> None:
        response = case.call(headers=HEADERS)
        # That a token is asked for is held by test_server_writing.py.
        unheld: list[CheckFunction] = [ignored_auth]
        if path != "/v1/search" or method == "get":
            # In a query string everything is text, and of a wrong line each answer says so itself.
            unheld.append(negative_data_rejection)
        if response.status_code == 400 and response.json()["errors"][0]["parameter"] in ("cursor", "since"):
            # What no schema says: a cursor must have been given out, and the first day comes before the last.
            unheld.append(positive_data_acceptance)
        if response.status_code == 503:
            # With a time limit of a millisecond, a busy machine may find nothing.
            assert response.json()["code"] == "deadline_exceeded"
            unheld.append(not_a_server_error)
        case.validate_response(response, excluded_checks=unheld)

    check()


def test_every_route_is_described_and_every_description_has_a_route(index: Path) -> None:
    app = server.create_app(index, settings=Settings())
    routes = {
        (method.lower(), re.sub(r"<[^>]*>", "{id}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule != "/" and not rule.endpoint.startswith("broadsheet.page")
    }
    assert routes == set(OPERATIONS)


def test_the_description_knows_where_it_is_mounted(index: Path) -> None:
    host = Flask("host")
    host.register_blueprint(server.blueprint(index, settings=Settings()), url_prefix="/archive")
    client = host.test_client()
    assert client.get("/archive/openapi.json").json["servers"] == [{"url": "/archive"}]
    assert "/v1/search" in client.get("/archive/docs").text


def test_no_client_fills_the_memory_with_descriptions_for_addresses_that_it_claims(index: Path) -> None:
    client = server.create_app(index, settings=Settings(proxies=1)).test_client()
    for number in range(20):
        answer = client.get("/openapi.json", headers={"X-Forwarded-Prefix": f"/{number}"})
        assert answer.json["servers"] == [{"url": f"/{number}"}]
    assert document.cache_info().currsize < 20


def test_parameters_are_described_with_the_limits_that_are_checked(client: FlaskClient) -> None:
    described_api = client.get("/openapi.json").json
    described = {one["name"]: one for one in described_api["paths"]["/v1/search"]["get"]["parameters"]}
    assert described["limit"]["schema"] == {"type": "integer", "minimum": 0, "maximum": 1000, "default": 10}
    assert described["sort"]["schema"]["enum"] == ["relevance", "newest", "oldest"]
    assert described["source"]["explode"] is True
    assert described["facets"]["explode"] is False
    assert set(described) == set(described_api["components"]["schemas"]["SearchRequest"]["properties"])


def test_answers_are_described_with_the_fields_that_they_have(client: FlaskClient) -> None:
    schemas = client.get("/openapi.json").json["components"]["schemas"]
    answer = client.get("/v1/search?q=storm&explain=1").json
    assert set(schemas["SearchResult"]["properties"]) == set(answer)
    similar = client.get(f"/v1/articles/{answer['hits'][0]['id']}/similar").json
    assert set(schemas["Hit"]["properties"]) == set(answer["hits"][0]) | set(similar["hits"][0])
    assert set(schemas["Article"]["properties"]) == set(client.get("/v1/articles/harbour-1").json)
    assert schemas["Article"]["properties"]["date_precision"]["anyOf"][0]["enum"] == [
        "second", "minute", "day", "month",
    ]  # fmt: skip
