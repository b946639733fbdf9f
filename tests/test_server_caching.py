"""Answers that are kept, known by their tags, and compressed."""

from __future__ import annotations

import gzip
import json

import pytest
import zstandard
from conftest import SHOWN
from flask.testing import FlaskClient

from indexer.request import SearchRequest
from server.caching import Answers


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
