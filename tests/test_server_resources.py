"""What the service offers beside search: similar articles, completions, exports."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from articles import ARTICLES, build_index
from conftest import TOKEN
from flask.testing import FlaskClient
from problems import problem

import indexer
import server
from server.settings import Settings


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/octet-stream"},
        {"Content-Type": "text/plain"},
        {"Content-Encoding": "Identity"},
        {"Content-Encoding": ""},
    ],
)
def test_a_body_that_is_declared_as_nothing_else_is_read_as_json(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/search", data=b'{"q": "dividend"}', headers=headers).json["total"] == 2


def test_a_body_is_read_up_to_its_limit(client: FlaskClient) -> None:
    longest = b'{"q": "dividend"}'.rjust(4 * 1024 * 1024)
    assert client.post("/v1/search", data=longest).json["total"] == 2
    too_large = client.post("/v1/search", data=longest + b" ")
    assert problem(too_large, 413, "request_entity_too_large")["detail"] == "The body is too large: at most 4 MB."


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


def test_an_encoded_slash_tells_an_id_from_the_address_of_similar_articles(tmp_path: Path) -> None:
    ids = ("a", "a/similar", "a/similar/similar")
    records = (json.dumps({"id": id, "title": "Storm", "text": "The storm took the roof."}) for id in ids)
    (tmp_path / "a.jsonl").write_text("\n".join(records))
    with indexer.open_index(tmp_path / "x.index", create=True) as opened:
        opened.ingest([tmp_path / "a.jsonl"], workers=1)
        client = server.create_app(opened).test_client()
        assert client.get("/v1/articles/a%2Fsimilar").json["id"] == "a/similar"
        assert client.get("/v1/articles/a%2fsimilar%2fsimilar").json["id"] == "a/similar/similar"
        similar = client.get("/v1/articles/a%2Fsimilar/similar?limit=5").json
        assert {hit["id"] for hit in similar["hits"]} == {"a", "a/similar/similar"}
        assert {hit["id"] for hit in client.get("/v1/articles/a/similar").json["hits"]} == set(ids[1:])
        assert client.get("/v1/articles/a%2Fsimilar?limit=5").status_code == 400
        problem(client.get("/v1/articles/b%2Fsimilar"), 404, "article_not_found")


def test_suggestions_complete_words_and_sources(client: FlaskClient) -> None:
    found = client.get("/v1/suggest?q=har").json["suggestions"]
    assert {"text": "harbour", "kind": "word", "count": 4} in found
    sources = client.get("/v1/suggest?q=daily").json["suggestions"]
    assert ("Daily Harbour", "source") in {(one["text"], one["kind"]) for one in sources}
    assert len(client.get("/v1/suggest?q=s&limit=2").json["suggestions"]) == 2


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "q=a&q=b", "x=1", "q=" + "x" * 201])
def test_a_wrong_parameter_of_suggest_is_a_problem(client: FlaskClient, query: str) -> None:
    problem(client.get(f"/v1/suggest?{query}"), 400, "invalid_parameter")


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


def test_every_kind_of_problem_is_as_described(index: Path) -> None:
    app = server.create_app(index, settings=Settings(write_token=TOKEN, rate_limit=6000))
    client = app.test_client()
    large = b'{"q": "' + b"x" * 5_000_000 + b'"}'
    problem(client.get("/nowhere"), 404, "not_found")
    problem(client.put("/v1/search"), 405, "method_not_allowed")
    problem(client.post("/v1/search", data=large), 413, "request_entity_too_large")
    gone = client.get("/v1/search?limit=1").json["next_cursor"]
    problem(client.get(f"/v1/search?q=x&cursor={gone}"), 400, "invalid_parameter")
