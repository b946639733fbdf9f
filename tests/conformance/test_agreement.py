"""Two engines side by side: the same real articles in a directory and on a cluster give the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import test_reuters
from indexes import built
from opensearch_cluster import Cluster

import indexer
from indexer.copy import copy
from indexer.engine import Engine

pytestmark = test_reuters.pytestmark
TEXTS = sorted(test_reuters.QUERIES)
FACETS = ["source", "date", "author", "section", "topic", "language"]


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return built(tmp_path_factory.mktemp("disk"), list(test_reuters.articles()))


@pytest.fixture(scope="module")
def on_cluster(on_disk: Engine, cluster: Cluster) -> Iterator[Engine]:
    """The same articles in three shards, brought there by a copy."""
    with indexer.open_index(cluster.url("agreement", "?shards=3"), create=True) as index:
        report = copy(on_disk, index)
        assert (report.added, report.problems) == (test_reuters.ARTICLES, ())
        yield index
        cluster.remove([index])


def answer(index: Engine, q: str, **options: Any) -> dict[str, Any]:
    """A whole answer, without what belongs to the engine."""
    document = index.search(q, facets=FACETS, **options).to_dict()
    return {name: value for name, value in document.items() if name not in ("took_ms", "index", "next_cursor")}


def without_scores(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"hits": [hit | {"score": None} for hit in document["hits"]]}


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("q", TEXTS)
def test_answers_in_order_of_dates_are_the_same_in_everything(
    on_disk: Engine, on_cluster: Engine, q: str, sort: str
) -> None:
    options: dict[str, Any] = {"sort": sort, "limit": 20, "snippets": 2, "facet_size": 5}
    one, other = answer(on_disk, q, **options), answer(on_cluster, q, **options)
    assert without_scores(one) == without_scores(other)


@pytest.mark.parametrize("match", ["all", "any"])
@pytest.mark.parametrize("q", TEXTS)
def test_the_best_article_is_the_same_and_the_next_ones_stand_in_nearly_the_same_order(
    on_disk: Engine, on_cluster: Engine, q: str, match: str
) -> None:
    one, other = answer(on_disk, q, match=match), answer(on_cluster, q, match=match)
    assert (one["total"], one["facets"]) == (other["total"], other["facets"])
    left, right = ([hit["id"] for hit in document["hits"]] for document in (one, other))
    assert left[:1] == right[:1]
    assert rank_correlation(left, right) >= 0.9


def rank_correlation(left: list[str], right: list[str]) -> float:
    """Spearman's of two rankings of the same length; what one of them lacks counts as its next."""
    every = list(dict.fromkeys(left + right))
    if len(every) < 2:
        return 1.0
    ranks = [[ranking.index(id) if id in ranking else len(ranking) for id in every] for ranking in (left, right)]
    squares = sum((a - b) ** 2 for a, b in zip(*ranks, strict=True))
    return 1 - 6 * squares / (len(every) * (len(every) ** 2 - 1))


@pytest.mark.parametrize("q", ["", "oil", '"the company said" -shares', "acqui*"])
def test_exports_are_the_same_and_as_long_as_the_total(on_disk: Engine, on_cluster: Engine, q: str) -> None:
    one, other = (
        [hit.article for hit in index.search_all(q, sort="newest", snippets=0)] for index in (on_disk, on_cluster)
    )
    assert one == other
    assert len(one) == on_cluster.search(q, limit=0).total


def test_statistics_and_outlets_are_the_same(on_disk: Engine, on_cluster: Engine) -> None:
    one, other = on_disk.stats(), on_cluster.stats()
    assert (one.articles, one.undated, one.sources, one.months) == (
        other.articles,
        other.undated,
        other.sources,
        other.months,
    )
    assert on_disk.sources() == on_cluster.sources()


@pytest.mark.parametrize("typed", ["opec", "trade", "oil pri", "u", "zzzz", "the bank of"])
def test_completions_are_the_same(on_disk: Engine, on_cluster: Engine, typed: str) -> None:
    assert on_disk.suggest(typed, limit=5) == on_cluster.suggest(typed, limit=5)


def test_similar_articles_are_nearly_the_same(on_disk: Engine, on_cluster: Engine) -> None:
    for hit in on_disk.search("coffee", sort="newest", limit=3).hits:
        left, right = ([h.article.id for h in index.similar(hit.article.id).hits] for index in (on_disk, on_cluster))
        assert left[:1] == right[:1]
        assert rank_correlation(left, right) >= 0.9


def test_copying_back_gives_the_same_articles(on_disk: Engine, on_cluster: Engine, tmp_path: Path) -> None:
    with indexer.open_index(tmp_path / "back.index", create=True) as back:
        report = copy(on_cluster, back)
        assert (report.articles, report.added, report.problems) == (test_reuters.ARTICLES, test_reuters.ARTICLES, ())
        assert [hit.article for hit in back.search_all()] == [hit.article for hit in on_disk.search_all()]
        again = copy(on_cluster, back)
        assert (again.added, again.updated, again.unchanged) == (0, 0, test_reuters.ARTICLES)


def test_an_empty_index_has_the_same_answers(tmp_path: Path, cluster: Cluster) -> None:
    with (
        indexer.open_index(tmp_path / "empty.index", create=True) as one,
        indexer.open_index(cluster.url("empty"), create=True) as other,
    ):
        assert answer(one, "ferry") == answer(other, "ferry")
        assert list(other.search_all()) == []
        assert other.check().ok
        assert (other.stats().articles, other.stats().months, other.sources()) == (0, (), ())
        cluster.remove([other])
