"""Writing over HTTP, behind its token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from articles import ARTICLES, build_index
from conftest import SHOWN, TOKEN
from flask.testing import FlaskClient
from problems import problem

import indexer
import server
from indexer.errors import ParameterError
from server.settings import Settings


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


def test_a_line_that_holds_no_article_has_an_answer_too(writer: FlaskClient) -> None:
    lines = (b"[]", b'{"id": "new", "title": "A new one"}', b"[ ]", b'{"articles": 1}')
    response = writer.post("/v1/articles", data=b"\n".join(lines), headers=SHOWN)
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert [(a["line"], a["outcome"]) for a in answers] == [
        (1, "rejected"),
        (2, "added"),
        (3, "rejected"),
        (4, "rejected"),
    ]
    assert answers[0]["reason"] == "no article in it; write one JSON object an article"


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


def test_a_post_of_more_than_fits_says_how_much_does(writer: FlaskClient) -> None:
    answer = writer.post("/v1/articles", data=b" " * (32 * 1024 * 1024 + 1), headers=SHOWN)
    assert problem(answer, 413, "request_entity_too_large")["detail"] == "The body is too large: at most 32 MB."


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
