"""A node is killed while articles go in and come out: none is lost, none is there twice, no error is a riddle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from indexes import ids, write_records
from opensearch_cluster import Cluster, Node

import indexer
import server
from indexer.engine import Engine
from indexer.errors import BackendUnavailableError
from indexer.report import Progress

ARTICLES = 4000


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    words = ("harbour", "council", "storm", "ferry", "bridge", "winter", "vote", "budget")
    return write_records(
        tmp_path_factory.mktemp("records") / "many.jsonl",
        [
            {
                "id": f"story-{n:05}",
                "title": f"Report {n} on the {words[n % 8]}",
                "body": f"The {words[n % 7]} of day {n}. " * (1 + n % 40),
                "source": f"Paper {n % 11}",
                "date": f"20{10 + n % 15}-0{1 + n % 9}-1{n % 10}",
            }
            for n in range(ARTICLES)
        ],
    )


@pytest.fixture
def index(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Engine]:
    if not cluster.is_ours:
        pytest.skip("the nodes of this cluster are not ours to kill")
    name = f"killed-{request.node.name.replace('_', '-')[:60]}"
    with indexer.open_index(cluster.url(name, "?shards=3&replicas=1"), create=True) as opened:
        cluster.wait(len(cluster.nodes), green=True)
        yield opened
        cluster.revive()
        cluster.remove([opened])


def holder(cluster: Cluster) -> Node:
    """The node that is asked first, so that both the client and the shards lose it."""
    return cluster.nodes[0]


def assert_all_there_once(index: Engine) -> None:
    found = [hit.article.id for hit in index.search_all(sort="oldest", snippets=0)]
    assert len(found) == len(set(found)) == ARTICLES
    assert index.search(limit=0).total == ARTICLES
    assert index.check().problems == ()


def test_an_ingest_goes_on_without_a_node_and_everything_is_there_once(
    cluster: Cluster, index: Engine, records: Path
) -> None:
    killed: list[Node] = []

    def kill(progress: Progress) -> None:
        if not killed and progress.seen >= ARTICLES // 4:
            killed.append(holder(cluster))
            killed[0].kill()

    report = index.ingest([records], workers=1, on_progress=kill)
    assert killed
    assert (report.added, report.updated, report.unchanged, report.rejected) == (ARTICLES, 0, 0, 0)
    assert_all_there_once(index)
    again = index.ingest([records], workers=1)
    assert (again.added, again.updated, again.unchanged) == (0, 0, ARTICLES)


def test_pages_go_on_without_a_node_and_repeat_and_lose_nothing(cluster: Cluster, index: Engine, records: Path) -> None:
    index.ingest([records], workers=1)
    whole = [hit.article.id for hit in index.search_all("report", snippets=0)]
    options: dict[str, Any] = {"limit": 500, "facets": ["source"], "snippets": 0}
    page = index.search("report", **options)
    found = ids(page)
    holder(cluster).kill()
    while page.next_cursor:
        page = index.search("report", cursor=page.next_cursor, **options)
        assert page.total == ARTICLES
        found += ids(page)
    assert found == whole


def test_an_export_goes_on_without_a_node_and_repeats_and_loses_nothing(
    cluster: Cluster, index: Engine, records: Path
) -> None:
    index.ingest([records], workers=1)
    found: list[str] = []
    for hit in index.search_all(sort="newest", snippets=0):
        found.append(hit.article.id)
        if len(found) == ARTICLES // 3:
            holder(cluster).kill()
    assert len(found) == len(set(found)) == ARTICLES


def test_without_most_of_its_nodes_the_service_says_503_and_is_there_again_with_them(
    cluster: Cluster, index: Engine, records: Path
) -> None:
    index.ingest([records], workers=1)
    client = server.create_app(index).test_client()
    assert client.get("/v1/search?q=report").status_code == 200
    for node in cluster.nodes[:2]:
        node.kill()
    for path in ("/v1/search?q=report&timeout_ms=2000", "/readyz"):
        answer = client.get(path)
        if answer.status_code == 200:
            continue  # What the last node holds by itself.
        assert (answer.status_code, answer.json["code"]) == (503, "index_unavailable"), path
        assert answer.content_type == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/v1/search?q=storm&timeout_ms=2000").status_code == 503
    cluster.revive()
    assert client.get("/v1/search?q=report").json["total"] == ARTICLES
    # A cluster that moves its shards back may refuse to write for longer than a request waits.
    for _ in range(3):
        with suppress(BackendUnavailableError):
            assert_all_there_once(index)
            return
    assert_all_there_once(index)
