"""Clients that ask too often, crowds, and searches that take too long."""

from __future__ import annotations

from pathlib import Path

import pytest
from problems import problem

import indexer
import server
from indexer.request import SearchRequest
from server.limits import OverloadError, RateLimiter, RateLimitError, Slots
from server.search import bounded
from server.service import service
from server.settings import Settings


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


def test_long_bodies_beyond_the_room_for_them_are_turned_away_and_short_ones_are_not(index: Path) -> None:
    app = server.create_app(index, settings=Settings())
    client = app.test_client()
    short, long = (b'{"q": "storm"}'.ljust(size) for size in (64 * 1024, 64 * 1024 + 1))
    under_way = [client.get("/v1/export", buffered=False) for _ in range(2)]
    assert client.post("/v1/search", data=short).status_code == 200
    problem(client.post("/v1/search", data=long), 503, "overloaded")
    for response in under_way:
        response.close()
    assert client.post("/v1/search", data=long).status_code == 200


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
