"""What an operator sets and sees: headers, request ids, logs, metrics, settings."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from articles import ARTICLES, build_index
from conftest import SHOWN, TOKEN
from flask.testing import FlaskClient
from lxml import html
from problems import problem

import server
from indexer.errors import ParameterError
from server.settings import Settings


def metrics_of(client: FlaskClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


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


def test_the_docs_page_has_a_landmark_and_names_only_defaults_that_are_something(client: FlaskClient) -> None:
    page = html.document_fromstring(client.get("/docs").text)
    assert [element.tag for element in page.xpath("/html/body/*")] == ["main"]
    rows = {row[0].text_content(): row[1].text_content() for row in page.xpath('//section[@id="search"]//tr[td/code]')}
    assert rows["q"] == "string, at most 10000 characters"
    assert rows["match"] == "all, any (default all)"
    assert rows["facets"].endswith("(default source,date)")
    assert rows["expand"] == "boolean (default false)"


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
