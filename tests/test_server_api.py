"""What the service offers beside search: completing, exporting, writing, metrics, its own description."""

from __future__ import annotations

import csv
import gzip
import io
import json
import logging
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import zstandard
from articles import ARTICLES, build_index
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import indexer
import server
from indexer.errors import ParameterError
from indexer.request import SearchRequest
from server.caching import Answers
from server.limits import OverloadError, RateLimiter, RateLimitError, Slots
from server.openapi import OPERATIONS, document
from server.search import bounded
from server.service import service
from server.settings import Settings

TOKEN = "a-token-for-tests"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def client(index: Path) -> FlaskClient:
    return server.create_app(index, settings=Settings()).test_client()


@pytest.fixture
def writer(tmp_path: Path) -> FlaskClient:
    """A client of a service that may be written to, over an index of its own."""
    return server.create_app(build_index(tmp_path), settings=Settings(write_token=TOKEN)).test_client()


PROBLEM = jsonschema_rs.validator_for(document("http://localhost")["components"]["schemas"]["Problem"])


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a response, which is as the service describes it."""
    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.mimetype == "application/problem+json"
    assert PROBLEM.is_valid(response.json)
    document: dict[str, Any] = response.json
    return document


# similar, suggest


def test_similar_articles_come_as_a_search_result_without_the_article_itself(client: FlaskClient) -> None:
    document = client.get("/v1/articles/harbour-1/similar?limit=3&facets=source").json
    assert document["total"] >= 1
    assert "harbour-1" not in {hit["id"] for hit in document["hits"]}
    assert list(document["facets"]) == ["source"]


def test_similar_to_an_unknown_article_is_a_problem(client: FlaskClient) -> None:
    problem(client.get("/v1/articles/nobody/similar"), 404, "article_not_found")


@pytest.mark.parametrize("parameter", ["q=storm", "match=any", "limt=5"])
def test_similar_takes_no_query_of_its_own(client: FlaskClient, parameter: str) -> None:
    problem(client.get(f"/v1/articles/harbour-1/similar?{parameter}"), 400, "invalid_parameter")


def test_an_id_may_end_like_the_address_of_similar_articles(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "https://a.example/similar", "text": "storm"}\n')
    with indexer.open_index(tmp_path / "x.index", create=True) as opened:
        opened.ingest([tmp_path / "a.jsonl"], workers=1)
        found = server.create_app(opened).test_client().get("/v1/articles/https://a.example/similar")
    assert found.json["id"] == "https://a.example/similar"


def test_suggestions_complete_words_and_sources(client: FlaskClient) -> None:
    found = client.get("/v1/suggest?q=har").json["suggestions"]
    assert {"text": "harbour", "kind": "word", "count": 4} in found
    sources = client.get("/v1/suggest?q=daily").json["suggestions"]
    assert ("Daily Harbour", "source") in {(one["text"], one["kind"]) for one in sources}
    assert len(client.get("/v1/suggest?q=s&limit=2").json["suggestions"]) == 2


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "q=a&q=b", "x=1", "q=" + "x" * 201])
def test_a_wrong_parameter_of_suggest_is_a_problem(client: FlaskClient, query: str) -> None:
    problem(client.get(f"/v1/suggest?{query}"), 400, "invalid_parameter")


# export


def test_an_export_is_every_match_in_order_as_ndjson(client: FlaskClient) -> None:
    response = client.get("/v1/export?sort=oldest&source=Daily+Harbour")
    assert response.mimetype == "application/x-ndjson"
    exported = [json.loads(line) for line in response.text.splitlines()]
    paged = client.get("/v1/search?sort=oldest&source=Daily+Harbour&limit=1000").json
    assert [article["id"] for article in exported] == [hit["id"] for hit in paged["hits"]]
    assert len(exported) == paged["total"]
    assert exported[0] == client.get(f"/v1/articles/{exported[0]['id']}").json


def test_an_export_as_csv_has_a_header_and_a_row_an_article(client: FlaskClient) -> None:
    response = client.get("/v1/export?format=csv&q=dividend")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert {row["id"] for row in rows} == {"hill/valley/4", "http://hill.example//5/"}
    assert response.mimetype == "text/csv"


@pytest.mark.parametrize(("format", "last"), [("ndjson", '{"articles":2}'), ("csv", "# articles: 2")])
def test_an_export_ends_with_the_number_of_articles_when_asked(client: FlaskClient, format: str, last: str) -> None:
    assert client.get(f"/v1/export?format={format}&q=dividend&trailer=true").text.splitlines()[-1] == last


@pytest.mark.parametrize("query", ["format=xml", "limit=5", "cursor=x", "since=never", "facets=source"])
def test_a_wrong_parameter_of_an_export_is_a_problem(client: FlaskClient, query: str) -> None:
    problem(client.get(f"/v1/export?{query}"), 400, "invalid_parameter")


@pytest.mark.parametrize("query", ["q=Caf%E9", "limit=1&q=Caf\xe9"])
@pytest.mark.parametrize("path", ["/v1/search", "/v1/suggest", "/v1/export", "/v1/articles/harbour-1/similar", "/"])
def test_a_parameter_that_is_not_in_utf_8_is_a_problem_with_a_hint(client: FlaskClient, path: str, query: str) -> None:
    response = client.get(path, environ_overrides={"QUERY_STRING": query}, headers={"Accept": "application/json"})
    assert problem(response, 400, "invalid_parameter")["errors"] == [
        {"parameter": "q", "detail": "not in UTF-8", "hint": "write é as %C3%A9, not as %E9"}
    ]


@pytest.mark.parametrize("query", ["q=Caf%E9", "limit=1&q=Caf\xe9"])
def test_a_search_page_that_is_asked_for_in_another_charset_says_so(client: FlaskClient, query: str) -> None:
    response = client.get("/", environ_overrides={"QUERY_STRING": query})
    assert response.status_code == 400
    assert "not in UTF-8" in response.get_data(as_text=True)


def test_an_export_keeps_to_the_commit_it_began_with(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    with server.create_app(path, settings=Settings()).test_client() as client:
        response = client.get("/v1/export", buffered=False)
        with indexer.open_index(path) as opened:
            opened.delete([article["id"] for article in ARTICLES[:5]])
            opened.optimize()
        assert len(response.text.splitlines()) == len(ARTICLES)


def test_exports_beyond_the_room_for_them_are_turned_away(index: Path) -> None:
    app = server.create_app(index, settings=Settings())
    under_way = [app.test_client().get("/v1/export", buffered=False) for _ in range(2)]
    turned_away = app.test_client().get("/v1/export")
    assert problem(turned_away, 503, "overloaded")["detail"]
    assert turned_away.headers["Retry-After"] == "1"
    assert app.test_client().get("/v1/search").status_code == 200
    for response in under_way:
        response.close()
    assert app.test_client().get("/v1/export").status_code == 200


def test_every_kind_of_problem_is_as_described(index: Path) -> None:
    app = server.create_app(index, settings=Settings(write_token=TOKEN, rate_limit=6000))
    client = app.test_client()
    large = b'{"q": "' + b"x" * 5_000_000 + b'"}'
    problem(client.get("/nowhere"), 404, "not_found")
    problem(client.put("/v1/search"), 405, "method_not_allowed")
    problem(client.post("/v1/search", data=large), 413, "request_entity_too_large")
    gone = client.get("/v1/search?limit=1").json["next_cursor"]
    problem(client.get(f"/v1/search?q=x&cursor={gone}"), 400, "invalid_parameter")


# writing


def test_writing_is_off_until_there_is_a_token(client: FlaskClient) -> None:
    for response in (client.post("/v1/articles", data=b"{}"), client.delete("/v1/articles/harbour-1")):
        assert "BROADSHEET_WRITE_TOKEN" in problem(response, 403, "writing_off")["detail"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_a_wrong_token_is_refused(writer: FlaskClient, headers: dict[str, str]) -> None:
    for response in (
        writer.post("/v1/articles", data=b'{"title": "x"}', headers=headers),
        writer.delete("/v1/articles/harbour-1", headers=headers),
    ):
        problem(response, 401, "unauthorized")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert writer.get("/v1/search").json["total"] == len(ARTICLES)


def test_posted_articles_are_answered_line_by_line(writer: FlaskClient) -> None:
    unchanged = json.dumps(ARTICLES[0])
    updated = json.dumps(ARTICLES[1] | {"text": "Ferries sail again.", "body": ""})
    lines = ['{"id": "new", "title": "A new one"}', unchanged, "", updated, "{broken", '{"x": 1}', '{"id": "new"}']
    response = writer.post(
        "/v1/articles", data="\n".join(lines).encode(), headers=SHOWN, content_type="application/x-ndjson"
    )
    assert response.status_code == 200
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert [(a["line"], a["id"], a["outcome"]) for a in answers] == [
        (1, "new", "added"),
        (2, "harbour-1", "unchanged"),
        (4, "harbour-2", "updated"),
        (5, None, "rejected"),
        (6, None, "rejected"),
        (7, "new", "updated"),
    ]
    assert all(bool(answer["reason"]) is (answer["outcome"] == "rejected") for answer in answers)
    assert writer.get("/v1/search").json["total"] == len(ARTICLES) + 1
    assert writer.get("/v1/articles/harbour-2").json["body"] == "Ferries sail again."


def test_a_page_posted_again_is_unchanged_also_under_a_name_of_the_operator(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    (path / "outlets.toml").write_text('[outlets]\n"post.example" = "Harbour Post"\n')
    writer = server.create_app(path, settings=Settings(write_token=TOKEN)).test_client()
    text = "<p>The ferry company raised its fares by a tenth in May.</p>" * 8
    page = {"url": "https://post.example/a", "html": f"<article><h1>Ferry fares rise</h1>{text}</article>"}
    answers = [writer.post("/v1/articles", data=json.dumps(page), headers=SHOWN) for _ in range(2)]
    assert [json.loads(answer.text)["outcome"] for answer in answers] == ["added", "unchanged"]
    assert writer.get("/v1/search?source=harbour+post").json["total"] == 1


def test_a_post_of_nothing_writes_nothing(writer: FlaskClient) -> None:
    before = writer.get("/readyz").json
    assert writer.post("/v1/articles", data=b"\n\n", headers=SHOWN).data == b""
    assert writer.get("/readyz").json == before


def test_a_deleted_article_is_gone(writer: FlaskClient) -> None:
    assert writer.delete("/v1/articles/hill/valley/4", headers=SHOWN).json == {"deleted": 1}
    problem(writer.get("/v1/articles/hill/valley/4"), 404, "article_not_found")
    problem(writer.delete("/v1/articles/hill/valley/4", headers=SHOWN), 404, "article_not_found")


def test_a_busy_writer_is_a_problem_that_says_when_to_try_again(tmp_path: Path) -> None:
    with indexer.open_index(build_index(tmp_path), lock_timeout=0.1) as opened:
        client = server.create_app(opened, settings=Settings(write_token=TOKEN)).test_client()
        with opened.writer():
            response = client.delete("/v1/articles/harbour-1", headers=SHOWN)
    problem(response, 503, "index_busy")
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("address", ["/v1/search", "/v1/articles"])
@pytest.mark.parametrize("headers", [{"Content-Type": "image/png"}, {"Content-Encoding": "gzip"}])
def test_a_body_of_another_kind_is_a_problem(writer: FlaskClient, address: str, headers: dict[str, str]) -> None:
    problem(writer.post(address, data=b"{}", headers=SHOWN | headers), 415, "unsupported_media_type")


def test_the_token_is_in_no_representation_of_the_settings() -> None:
    assert TOKEN not in repr(Settings(write_token=TOKEN))
    with pytest.raises(ParameterError) as caught:
        Settings(write_token=f"{TOKEN} ")
    assert TOKEN not in str(caught.value)


# caching and compression


@pytest.mark.parametrize("address", ["/v1/search?q=storm", "/v1/articles/harbour-1", "/v1/sources", "/v1/suggest?q=s"])
def test_who_has_the_answer_of_this_generation_is_told_so(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert (again.headers["ETag"], again.headers["Vary"]) == (first.headers["ETag"], first.headers["Vary"])
    assert client.get(address, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_a_commit_makes_another_etag(writer: FlaskClient) -> None:
    tag = writer.get("/v1/search").headers["ETag"]
    writer.delete("/v1/articles/harbour-1", headers=SHOWN)
    answer = writer.get("/v1/search", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_an_answer_is_kept_until_the_next_commit(writer: FlaskClient) -> None:
    first = writer.get("/v1/search?q=storm")
    assert writer.get("/v1/search?q=storm").data == first.data
    assert writer.get("/v1/search?q=storm&limit=1").json["hits"] == first.json["hits"][:1]
    writer.delete("/v1/articles/harbour-1", headers=SHOWN)
    later = writer.get("/v1/search?q=storm").json
    assert later["total"] == first.json["total"] - 1
    assert later["index"]["generation"] > first.json["index"]["generation"]


def test_what_was_kept_before_a_commit_is_no_answer_after_it_also_when_other_searches_came_first(
    writer: FlaskClient,
) -> None:
    storms, harbours = (writer.get(f"/v1/search?q={q}").json["total"] for q in ("storm", "harbour"))
    writer.delete("/v1/articles/harbour-3", headers=SHOWN)
    assert writer.get("/v1/search?q=harbour").json["total"] == harbours - 1
    assert writer.get("/v1/search?q=storm").json["total"] == storms - 1


def test_the_answers_that_are_asked_for_are_kept_and_the_others_make_room() -> None:
    answers = Answers()
    first, *others = (SearchRequest.of("oil", limit=number) for number in range(300))
    answers.keep("now", first, b"first")
    for request in others:
        answers.keep("now", request, b"x")
        assert answers.get("now", first) == b"first"
    assert answers.get("now", others[0]) is None


def test_no_more_answers_are_kept_than_there_is_room_for() -> None:
    answers = Answers()
    requests = [SearchRequest.of("oil", limit=number) for number in range(300)]
    for request in requests:
        answers.keep("now", request, b"x")
    answers.keep("now", SearchRequest.of("large"), b"x" * 100_000)
    assert [answers.get("now", request) for request in (requests[0], requests[-1])] == [None, b"x"]
    assert answers.get("now", SearchRequest.of("large")) is None
    long = SearchRequest.of(source=[f"Outlet {number}" for number in range(10_000)])
    answers.keep("now", long, b"x")
    assert answers.get("now", long) is None
    assert answers.get("later", requests[-1]) is None


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip", "gzip"), ("zstd", "zstd"), ("gzip, deflate, br, zstd", "zstd"), ("zstd;q=0, gzip;q=0.5", "gzip")],
)
@pytest.mark.parametrize("address", ["/v1/search", "/v1/export"])
def test_answers_are_compressed_as_the_client_accepts(
    client: FlaskClient, address: str, accepted: str, encoding: str
) -> None:
    plain = client.get(address)
    encoded = client.get(address, headers={"Accept-Encoding": accepted})
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert encoded.headers["Content-Encoding"] == encoding
    inflate = gzip.decompress if encoding == "gzip" else zstandard.ZstdDecompressor().decompressobj().decompress
    body = inflate(encoded.data)
    if address == "/v1/export":
        assert body == plain.data
    else:
        assert json.loads(body)["hits"] == plain.json["hits"]


@pytest.mark.parametrize("accepted", ["", "br", "identity", "gzip;q=0", "nonsense;;"])
def test_who_accepts_no_encoding_gets_none(client: FlaskClient, accepted: str) -> None:
    assert "Content-Encoding" not in client.get("/v1/search", headers={"Accept-Encoding": accepted}).headers


# headers


def test_every_answer_has_safe_headers(client: FlaskClient) -> None:
    for address in ("/v1/search", "/v1/export", "/nowhere", "/metrics", "/livez", "/v1/articles/nobody"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Access-Control-Allow-Origin" not in headers


def test_the_docs_page_may_load_nothing(client: FlaskClient) -> None:
    page = client.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert "<script" not in page.text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


def test_pages_of_configured_origins_may_read(index: Path) -> None:
    client = server.create_app(index, settings=Settings(cors_origins=("https://news.example",))).test_client()
    allowed = client.get("/v1/search", headers={"Origin": "https://news.example"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://news.example"
    assert "Origin" in allowed.headers["Vary"]
    other = client.get("/v1/search", headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
    preflight = client.options("/v1/search", headers={"Origin": "https://news.example"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def test_a_star_lets_every_page_read(index: Path) -> None:
    client = server.create_app(index, settings=Settings(cors_origins=("*",))).test_client()
    assert client.get("/v1/search").headers["Access-Control-Allow-Origin"] == "*"


# request ids, logs, metrics


def test_a_request_id_is_taken_or_made(client: FlaskClient) -> None:
    assert client.get("/livez", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    made = {client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"] for given in ("", "a b", "é")}
    assert len(made) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)


def test_each_request_is_logged_without_what_was_searched_for(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "broadsheet.access"):
        client.get("/v1/search?q=secret", headers={"X-Request-ID": "abc-2"})
        client.get("/v1/export?q=secret").close()
    first, second = (record.fields for record in caplog.records)  # type: ignore[attr-defined]
    assert (first["request_id"], first["route"], first["status"]) == ("abc-2", "/v1/search", 200)
    assert second["route"] == "/v1/export"
    assert "secret" not in repr((first, second))


def test_metrics_count_requests_by_route_and_describe_the_index(writer: FlaskClient) -> None:
    writer.get("/v1/search?q=storm")
    writer.get("/v1/articles/harbour-1")
    writer.get("/v1/articles/nobody")
    writer.post("/v1/articles", data=b'{"title": "A new one"}\n', headers=SHOWN)
    writer.delete("/v1/articles/harbour-1", headers=SHOWN)
    metrics = metrics_of(writer)
    assert metrics['broadsheet_http_requests_total{method="GET",route="/v1/search",status="200"}'] == 1
    assert metrics['broadsheet_http_requests_total{method="GET",route="/v1/articles/{id}",status="404"}'] == 1
    assert metrics['broadsheet_http_request_seconds_count{route="/v1/articles/{id}"}'] == 3
    assert metrics['broadsheet_ingested_records_total{outcome="added"}'] == 1
    assert metrics["broadsheet_deleted_articles_total"] == 1
    assert metrics["broadsheet_index_articles"] == len(ARTICLES)
    assert metrics["broadsheet_index_generation"] == writer.get("/readyz").json["generation"]
    assert metrics["broadsheet_index_bytes"] > 1000


def test_metrics_count_what_an_upload_was_answered(writer: FlaskClient) -> None:
    known = json.dumps(ARTICLES[0]).encode()
    for body in (b"no record\n", known + b"\nno record\n", b'{"title": "A new one"}\n' + known):
        writer.post("/v1/articles", data=body, headers=SHOWN)
    counted = {name: int(value) for name, value in metrics_of(writer).items() if "ingested_records_total" in name}
    assert counted == {
        'broadsheet_ingested_records_total{outcome="added"}': 1,
        'broadsheet_ingested_records_total{outcome="updated"}': 0,
        'broadsheet_ingested_records_total{outcome="unchanged"}': 2,
        'broadsheet_ingested_records_total{outcome="rejected"}': 2,
    }


def test_without_its_index_every_resource_is_unavailable_and_metrics_say_so(tmp_path: Path) -> None:
    path = build_index(tmp_path)
    client = server.create_app(path, settings=Settings(write_token=TOKEN)).test_client()
    assert client.get("/readyz").status_code == 200
    path.rename(tmp_path / "elsewhere")
    for address in ("/readyz", "/v1/search?q=storm", "/v1/sources", "/v1/suggest?q=st", "/v1/export"):
        problem(client.get(address), 503, "index_unavailable")
    for address in ("/v1/articles/harbour-1", "/v1/articles/harbour-1/similar"):
        problem(client.get(address), 503, "index_unavailable")
    problem(client.delete("/v1/articles/harbour-1", headers=SHOWN), 503, "index_unavailable")
    metrics = metrics_of(client)
    assert metrics['broadsheet_http_requests_total{method="GET",route="/v1/sources",status="503"}'] == 1
    assert "broadsheet_index_articles" not in metrics
    (tmp_path / "elsewhere").rename(path)
    assert client.get("/v1/search").status_code == 200


def metrics_of(client: FlaskClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


# limits


def test_a_client_that_asks_too_often_is_told_when_to_come_back(index: Path) -> None:
    client = server.create_app(index, settings=Settings(rate_limit=60)).test_client()
    answers = [client.get("/v1/search?limit=0") for _ in range(12)]
    refused = answers[-1]
    assert problem(refused, 429, "too_many_requests")["detail"]
    assert int(refused.headers["Retry-After"]) >= 1
    assert [answer.status_code for answer in answers[:10]] == [200] * 10
    assert client.get("/livez").status_code == 200
    other = client.get("/v1/search?limit=0", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200


def test_only_the_resources_of_machines_are_without_a_limit(index: Path) -> None:
    client = server.create_app(index, settings=Settings(rate_limit=60)).test_client()
    assert {client.get("/livez").status_code for _ in range(20)} == {200}
    assert 429 in {client.get("/v1/articles/x/livez").status_code for _ in range(20)}


def test_behind_a_proxy_the_client_is_who_the_proxy_says(index: Path) -> None:
    client = server.create_app(index, settings=Settings(rate_limit=6, proxies=1)).test_client()
    statuses = [
        client.get("/v1/search?limit=0", headers={"X-Forwarded-For": f"203.0.113.9, 192.0.2.{n % 2}"}).status_code
        for n in range(4)
    ]
    assert statuses == [200, 200, 429, 429]


def test_addresses_of_one_network_in_ipv6_are_one_client() -> None:
    limiter = RateLimiter(6)
    limiter.admit("2001:db8:1:2::1")
    with pytest.raises(RateLimitError):
        limiter.admit("2001:db8:1:2:ffff::9")
    limiter.admit("2001:db8:1:3::1")


@pytest.mark.parametrize(("a_minute", "at_once", "pause"), [(30, 5, 2), (6, 1, 10), (1, 1, 60)])
def test_a_client_may_make_ten_seconds_worth_of_requests_at_once_and_waits_for_the_next(
    a_minute: int, at_once: int, pause: int
) -> None:
    limiter = RateLimiter(a_minute)
    for _ in range(at_once):
        limiter.admit("192.0.2.1")
    with pytest.raises(RateLimitError) as refused:
        limiter.admit("192.0.2.1")
    assert 1 <= refused.value.retry_after <= pause
    # Who was refused is none the worse for it.
    with pytest.raises(RateLimitError) as again:
        limiter.admit("192.0.2.1")
    assert again.value.retry_after <= pause


def test_slots_are_given_back() -> None:
    slots = Slots(1)
    for _ in range(2):
        with slots.taken(), pytest.raises(OverloadError), slots.taken():
            pass


def test_no_search_takes_longer_than_the_service_allows(index: Path) -> None:
    allowing = service(indexer.open_index(index), Settings(timeout_ms=50))
    times = [bounded(SearchRequest.of(timeout_ms=asked), allowing).timeout_ms for asked in (None, 10, 600_000)]
    assert times == [50, 10, 50]


# settings


def test_settings_come_from_the_environment() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment(
        {
            "BROADSHEET_WRITE_TOKEN": "t",
            "BROADSHEET_CORS_ORIGINS": "https://a.example, http://b.example:8080",
            "BROADSHEET_RATE_LIMIT": "60",
            "BROADSHEET_TIMEOUT_MS": "500",
            "BROADSHEET_PROXIES": "1",
            "BROADSHEET_ACCESS_LOG": "yes",
        }
    ) == Settings(
        write_token="t",
        cors_origins=("https://a.example", "http://b.example:8080"),
        rate_limit=60,
        timeout_ms=500,
        proxies=1,
        access_log=True,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMIT", "many"),
        ("TIMEOUT_MS", "0"),
        ("PROXIES", "-1"),
        ("CORS_ORIGINS", "news.example"),
        ("WRITE_TOKEN", "a b"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(ParameterError, match=f"BROADSHEET_{name}: "):
        Settings.from_environment({f"BROADSHEET_{name}": value})


# description


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
