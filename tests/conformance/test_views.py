"""Commits and views of a cluster: what is seen, and what becomes of a view that the cluster has lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from indexes import Record, add, ids
from opensearch_cluster import Cluster

import indexer
from indexer.errors import BackendUnavailableError, CursorGoneError
from indexer.opensearch.index import OpenSearchIndex


@pytest.fixture
def index(cluster: Cluster, tmp_path: Path) -> Iterator[OpenSearchIndex]:
    with indexer.open_index(cluster.url("views", "?shards=2&replicas=0"), create=True) as opened:
        assert isinstance(opened, OpenSearchIndex)
        add(opened, tmp_path, stories(0, 40))
        yield opened
        cluster.remove([opened])


def stories(first: int, stop: int) -> list[Record]:
    return [{"id": f"{n:04}", "title": "A storm", "body": f"It came on day {n}."} for n in range(first, stop)]


def lose_all_views(index: OpenSearchIndex) -> None:
    """As when they expire, or when the nodes that held them go."""
    index.cluster.request("DELETE", "/_search/point_in_time/_all", missing_ok=True)


def test_a_lost_view_is_opened_again_and_pages_go_on(index: OpenSearchIndex) -> None:
    first = index.search("storm", limit=15, sort="newest")
    lose_all_views(index)
    second = index.search("storm", limit=15, sort="newest", cursor=first.next_cursor)
    lose_all_views(index)
    third = index.search("storm", limit=15, sort="newest", cursor=second.next_cursor)
    assert ids(first) + ids(second) + ids(third) == [f"{n:04}" for n in range(40)]
    assert index.search("storm").total == 40


def test_the_cursor_of_a_lost_view_is_refused_when_the_index_has_changed(
    index: OpenSearchIndex, tmp_path: Path
) -> None:
    cursor = index.search("storm", limit=15).next_cursor
    add(index, tmp_path, stories(40, 45))
    lose_all_views(index)
    with pytest.raises(CursorGoneError, match="search again"):
        index.search("storm", limit=15, cursor=cursor)


def test_an_old_view_is_ranked_by_its_own_words_whoever_asks(index: OpenSearchIndex, tmp_path: Path) -> None:
    first = index.search("storm day", limit=15)
    add(index, tmp_path, [{"id": f"new-{n}", "title": "Calm", "body": "A storm, and a storm."} for n in range(200)])
    with indexer.open_index(index.path) as other:
        pages = [opened.search("storm day", limit=15, cursor=first.next_cursor) for opened in (index, other)]
    assert pages[0].hits == pages[1].hits
    assert pages[0].total == 40


def test_an_export_whose_view_is_lost_goes_on_or_says_that_it_cannot(index: OpenSearchIndex, tmp_path: Path) -> None:
    add(index, tmp_path, stories(40, 1300))
    every = index.search_all(sort="newest", snippets=0)
    found = [next(every).article.id]
    lose_all_views(index)
    found += [hit.article.id for hit in every]
    assert found == [f"{n:04}" for n in range(1300)]
    every = index.search_all(sort="newest", snippets=0)
    next(every)
    index.delete(["0001"])
    lose_all_views(index)
    with pytest.raises(BackendUnavailableError, match="begin again"):
        list(every)


def test_what_was_written_and_not_committed_is_not_seen(index: OpenSearchIndex) -> None:
    # A refresh makes it visible to a new view of the cluster, but there is none before the next commit.
    body = {"id": "9999", "article": index.get("0001").to_dict() | {"id": "9999"}, "written_after": index.generation}
    index.cluster.request("PUT", "/views/_doc/9999?refresh=true", body)
    assert index.search().total == 40
    assert [hit.article.id for hit in index.search_all(snippets=0)] == [f"{n:04}" for n in range(40)]
    cursor = index.search(limit=15).next_cursor
    lose_all_views(index)
    with pytest.raises(CursorGoneError):
        index.search(limit=15, cursor=cursor)
