"""The HTTP service over real sockets, and its application inside others."""

from __future__ import annotations

import http.client
import inspect
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from articles import ARTICLES, build_index
from flask import Flask
from processes import run, serving

import indexer
import server
from indexer import errors
from server import problems
from server.access import UnauthorizedError
from server.limits import DeadlineError, OverloadError


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with serving(index) as url:
        yield url


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """The document, after checking what every problem document has."""
        document: dict[str, Any] = self.json
        assert self.status == document["status"] == status
        assert self.headers["Content-Type"] == "application/problem+json"
        assert set(document) == {"type", "title", "status", "detail", "code", "errors"}
        assert document["code"] == code
        assert document["detail"]
        assert b"Traceback" not in self.body
        return document


def call(address: str, target: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request(method, target, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def raw(address: str, request: bytes) -> bytes:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(request)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


def search(address: str, **parameters: Any) -> Answer:
    return call(address, "/v1/search?" + urlencode(parameters, doseq=True))


def post(address: str, document: Any) -> Answer:
    return call(address, "/v1/search", method="POST", body=json.dumps(document))


# resources


def test_search_answers_the_document_of_the_contract(address: str) -> None:
    answer = search(address, q="storm harbour", facets="source,date", interval="month")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    document = answer.json
    assert list(document) == [
        "query", "total", "indexed", "index", "took_ms", "partial", "hits", "facets", "suggestion", "next_cursor",
    ]  # fmt: skip
    assert document["indexed"] == len(ARTICLES)
    assert [hit["id"] for hit in document["hits"]] == ["harbour-3", "harbour-1"]
    assert document["facets"]["date"]["interval"] == "month"
    snippet = document["hits"][0]["snippets"][0]
    for start, end in snippet["ranges"]:
        assert snippet["text"][start:end].casefold() in {"storm", "storms", "harbour"}


def test_post_takes_the_same_names_as_json(address: str) -> None:
    answer = post(
        address, {"source": ["-Daily Harbour"], "limit": 2, "facets": ["section"], "sort": "newest", "cursor": None}
    )
    assert answer.status == 200
    assert [hit["id"] for hit in answer.json["hits"]] == ["hill-6", "http://hill.example//5/"]
    assert list(answer.json["facets"]) == ["section"]


def test_an_empty_query_matches_everything(address: str) -> None:
    assert search(address).json["total"] == len(ARTICLES)
    assert search(address, q="").json["total"] == len(ARTICLES)
    for document in ({}, {"q": None, "since": None}):
        assert post(address, document).json["total"] == len(ARTICLES)


def test_control_characters_in_a_query_are_harmless(address: str) -> None:
    answer = search(address, q="harbour\x00\x1b[31m\r\n\u202e")
    assert answer.status == 200
    assert answer.json["query"]["raw"].startswith("harbour")
    # These are no characters at all.
    assert call(address, "/v1/search?q=%ff%fe%00").status == 400


def test_paging_over_http_returns_every_article_once(address: str) -> None:
    seen: list[str] = []
    parameters: dict[str, Any] = {"limit": 4, "sort": "newest"}
    while True:
        document = search(address, **parameters).json
        seen += [hit["id"] for hit in document["hits"]]
        if document["next_cursor"] is None:
            break
        parameters["cursor"] = document["next_cursor"]
    assert sorted(seen) == sorted(article["id"] for article in ARTICLES)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["id"])
def test_an_article_is_found_by_its_id_whatever_it_contains(address: str, article: dict[str, Any]) -> None:
    for target in {quote(article["id"], safe=""), quote(article["id"], safe="/:")}:
        answer = call(address, f"/v1/articles/{target}")
        assert answer.status == 200
        assert answer.json["id"] == article["id"]
        assert answer.json["source"] == article["source"]
        assert "body" in answer.json


def test_sources_come_with_their_counts_and_days(address: str) -> None:
    answer = call(address, "/v1/sources")
    assert answer.status == 200
    assert {"source": "Daily Harbour", "articles": 4, "first": "2024-01-15", "last": "2024-03-20"} in answer.json[
        "sources"
    ]
    assert sum(source["articles"] for source in answer.json["sources"]) == len(ARTICLES)


def test_live_and_ready(address: str, index: Path) -> None:
    assert call(address, "/livez").status == 200
    ready = call(address, "/readyz")
    assert ready.status == 200
    with indexer.open_index(index) as opened:
        assert ready.json["generation"] == opened.generation


def test_head_answers_without_a_body(address: str) -> None:
    answer = call(address, "/v1/search?q=storm", method="HEAD")
    assert answer.status == 200
    assert answer.body == b""


def test_the_service_sees_a_later_commit(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    with serving(path) as address:
        assert call(address, "/v1/articles/harbour-1").status == 200
        assert run("indexer", "delete", "--index", path, "harbour-1").returncode == 0
        assert search(address).json["total"] == len(ARTICLES) - 1
        call(address, "/v1/articles/harbour-1").problem(404, "article_not_found")


# problems


@pytest.mark.parametrize(
    ("parameters", "parameter", "said"),
    [
        ({"since": "2024-13-01"}, "since", "2024-13-01"),
        ({"limit": "-1"}, "limit", "0 to 1000"),
        ({"limit": ["1", "2"]}, "limit", "once"),
        ({"facets": "sauce"}, "facets", "did you mean source?"),
        ({"match": "some"}, "match", "all, any"),
        ({"limt": "5"}, "limt", "did you mean limit?"),
        ({"explain": "maybe"}, "explain", "true or false"),
        ({"cursor": "no cursor of ours"}, "cursor", ""),
        ({"source": "-"}, "source", "empty"),
    ],
)
def test_a_wrong_parameter_is_named_with_a_hint(
    address: str, parameters: dict[str, Any], parameter: str, said: str
) -> None:
    document = search(address, **parameters).problem(400, "invalid_parameter")
    (error,) = document["errors"]
    assert set(error) == {"parameter", "detail", "hint"}
    assert error["parameter"] == parameter
    assert said in f"{error['detail']} {error['hint']}"


@pytest.mark.parametrize(
    ("document", "parameter"),
    [
        ({"limit": -1}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": [10]}, "limit"),
        ({"q": 5}, "q"),
        ({"q": ["a"]}, "q"),
        ({"source": 5}, "source"),
        ({"source": {"name": "x"}}, "source"),
        ({"source": [5]}, "source"),
        ({"facets": 5}, "facets"),
        ({"facets": [["source"]]}, "facets"),
        ({"since": 2024}, "since"),
        ({"cursor": 5}, "cursor"),
        ({"match": None, "sort": {}}, "sort"),
        ({"cls": 1}, "cls"),
        ({"self": 1}, "self"),
        ([], "body"),
        ("harbour", "body"),
        (None, "body"),
    ],
)
def test_a_wrong_value_in_a_body_is_named(address: str, document: Any, parameter: str) -> None:
    (error,) = post(address, document).problem(400, "invalid_parameter")["errors"]
    assert error["parameter"] == parameter


@pytest.mark.parametrize("body", [b"", b"{", b"q=harbour", b'{"q": "\xff"}', b'{"q": "\\ud800"}', b"[" * 100_000])
def test_a_malformed_body_is_a_problem(address: str, body: bytes) -> None:
    answer = call(address, "/v1/search", method="POST", body=body)
    assert answer.problem(400, "invalid_parameter")["errors"][0]["parameter"] == "body"


def test_a_post_takes_no_parameters_in_its_address(address: str) -> None:
    answer = call(address, "/v1/search?limit=5", method="POST", body=b"{}")
    (error,) = answer.problem(400, "invalid_parameter")["errors"]
    assert (error["parameter"], error["hint"]) == ("limit", "a POST takes its parameters in the JSON body")


@pytest.mark.parametrize("target", ["/v1/sources?limit=5", "/v1/articles/harbour-1?fields=title"])
def test_resources_without_parameters_refuse_them(address: str, target: str) -> None:
    call(address, target).problem(400, "invalid_parameter")


def test_a_query_of_a_megabyte_is_a_problem_by_get_and_by_post(address: str) -> None:
    document = search(address, q="x" * 1_000_000).problem(414, "request_uri_too_long")
    assert "POST" in document["detail"]
    document = post(address, {"q": "x" * 1_000_000}).problem(400, "invalid_parameter")
    assert document["errors"][0]["parameter"] == "q"


def test_a_query_of_five_thousand_characters_fits_a_get(address: str) -> None:
    assert search(address, q="storm " * 830, match="any").json["total"] == 3


def test_a_cursor_of_a_commit_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    cursor = server.create_app(path).test_client().get("/v1/search?limit=2").json["next_cursor"]
    with indexer.open_index(path) as writer:
        writer.delete(["harbour-1"])
        writer.optimize()
    response = server.create_app(path).test_client().get("/v1/search", query_string={"limit": 2, "cursor": cursor})
    assert response.status_code == 410
    assert response.json["code"] == "cursor_gone"
    assert response.json["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_a_problem(address: str, chunked: bool) -> None:
    body = b'{"q": "' + b"x" * 5_000_000 + b'"}'
    answer = call(address, "/v1/search", method="POST", body=iter([body]) if chunked else body)
    answer.problem(413, "request_entity_too_large")


def test_an_unknown_article_is_a_problem(address: str) -> None:
    for target in ("/v1/articles/nobody", "/v1/articles/" + quote("no/body ü\n", safe="")):
        call(address, target).problem(404, "article_not_found")


@pytest.mark.parametrize("target", ["/nowhere", "/v1", "/v1/articles/", "/v2/search", "//v1/search/"])
def test_an_unknown_address_is_a_problem(address: str, target: str) -> None:
    assert call(address, target).problem(404, "not_found")["detail"] == "There is nothing at this address."


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(address: str, method: str) -> None:
    answer = call(address, "/v1/search", method=method)
    assert "Allow header" in answer.problem(405, "method_not_allowed")["detail"]
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 20_000 + b"\r\n\r\n", 431),
        (b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400),
    ],
)
def test_what_is_no_http_request_is_answered_with_a_problem(address: str, request_bytes: bytes, status: int) -> None:
    head, _, body = raw(address, request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == status


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.ParameterError("limit", "wrong"), 400, "invalid_parameter"),
        (errors.SourceError("wrong"), 400, "invalid_input"),
        (errors.PageError("wrong"), 400, "invalid_input"),
        (errors.ArticleNotFoundError("wrong"), 404, "article_not_found"),
        (errors.CursorGoneError("wrong"), 410, "cursor_gone"),
        (OverloadError("wrong"), 503, "overloaded"),
        (DeadlineError("wrong"), 503, "deadline_exceeded"),
        (UnauthorizedError("wrong"), 401, "unauthorized"),
        (errors.IndexLockedError("at /secret/place"), 503, "index_busy"),
        (errors.IndexNotFoundError("at /secret/place"), 503, "index_unavailable"),
        (errors.NotAnIndexError("at /secret/place"), 503, "index_unavailable"),
        (errors.FormatVersionError("at /secret/place"), 503, "index_unavailable"),
        (errors.CorruptSegmentError("at /secret/place"), 503, "index_unavailable"),
        (FileNotFoundError(2, "gone", "/secret/place"), 503, "index_unavailable"),
        (errors.BroadsheetError("at /secret/place"), 500, "internal_error"),
        (ZeroDivisionError("at /secret/place"), 500, "internal_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_every_error_has_its_status_and_gives_no_secret_away_but_to_the_log(
    error: Exception, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("errors")
    problems.register(app)

    @app.get("/")
    def fail() -> str:
        raise error

    response = app.test_client().get("/")
    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.mimetype == "application/problem+json"
    assert ("Retry-After" in response.headers) is (status == 503)
    assert ("WWW-Authenticate" in response.headers) is (status == 401)
    assert "/secret/place" not in response.text
    secret = "/secret/place" in str(error)
    assert secret or "wrong" in response.json["detail"]
    assert ("/secret/place" in caplog.text) is secret


def test_every_error_class_of_the_core_has_a_status() -> None:
    concrete = {
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.BroadsheetError) and not cls.__subclasses__()
    }
    assert len(concrete) >= 10
    for cls in concrete:
        assert {errors.InputError, errors.IndexStateError} & set(cls.__mro__), cls


# the application and the process


def test_the_blueprint_serves_below_a_prefix_and_leaves_the_host_alone(index: Path) -> None:
    host = Flask("host")
    with indexer.open_index(index) as opened:
        host.register_blueprint(server.blueprint(opened), url_prefix="/archive")
        client = host.test_client()
        assert client.get("/archive/v1/search?q=dividend").json["total"] == 2
        assert client.get("/archive/v1/articles/http://hill.example//5/").json["id"] == "http://hill.example//5/"
        assert client.get("/archive/v1/search?limit=-1").mimetype == "application/problem+json"
        assert client.get("/nowhere").mimetype == "text/html"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/archive/v1/search", 405, "method_not_allowed"),
        ("POST", "/archive/openapi.json", 405, "method_not_allowed"),
        ("GET", "/archive/v1/nothing", 404, "not_found"),
    ],
)
def test_the_blueprint_answers_what_no_route_matches_below_its_prefix_with_a_problem_document(
    index: Path, method: str, path: str, status: int, code: str
) -> None:
    host = Flask("host")
    with indexer.open_index(index) as opened:
        host.register_blueprint(server.blueprint(opened), url_prefix="/archive")
        answer = host.test_client().open(path, method=method, headers={"X-Request-ID": "a-b"})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["code"] == code
    assert answer.headers["X-Request-ID"] == "a-b"
    assert ("Allow" in answer.headers) == (status == 405)


def test_the_blueprint_leaves_what_no_route_matches_to_the_host_elsewhere(index: Path) -> None:
    beside, around = Flask("beside"), Flask("around")
    with indexer.open_index(index) as opened:
        beside.register_blueprint(server.blueprint(opened), url_prefix="/archive")
        around.register_blueprint(server.blueprint(opened))
        assert beside.test_client().get("/archives/nothing").mimetype == "text/html"
        assert around.test_client().get("/nothing").mimetype == "text/html"
        redirect = beside.test_client().get("/archive/v1//search?q=x")
    assert (redirect.status_code, redirect.headers["Location"]) == (308, "http://localhost/archive/v1/search?q=x")


def test_create_app_takes_an_open_index_or_a_path(index: Path) -> None:
    with indexer.open_index(index) as opened:
        for given in (opened, index, str(index)):
            assert server.create_app(given).test_client().get("/readyz").status_code == 200


def test_create_app_without_an_index_raises_what_the_core_raises(tmp_path: Path) -> None:
    with pytest.raises(errors.IndexNotFoundError):
        server.create_app(tmp_path / "none")


def test_run_says_in_one_line_that_the_port_is_taken(index: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("server", "run", "--index", index, "--port", port)
    assert done.returncode == 1
    assert (
        done.stderr == f"Error: cannot listen at 127.0.0.1:{port}: port {port} is taken; choose another with --port\n"
    )


def test_run_refuses_a_port_that_cannot_be(index: Path) -> None:
    assert run("server", "run", "--index", index, "--port", "70000").returncode == 2
