"""The service against its own description: what schemathesis makes up of it is answered as it says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from articles import build_index
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
from server.openapi import OPERATIONS
from server.settings import Settings

TOKEN = "a-token-for-tests"
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
        # That a token is asked for is held by test_server_api.py.
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
