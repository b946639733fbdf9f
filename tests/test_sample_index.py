"""The sample index: what its README promises, and that a rebuild from its pages answers the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from indexes import ids

import indexer
from indexer import NewsIndex

SAMPLE = Path(__file__).parents[1] / "sample_index"
COALITION = '"coalition of the willing"'
QUERIES = (
    "",
    COALITION,
    "coalition of the willing",
    '"coalition willing to fight"',
    'title:"coalition of the willing"',
    "ceasefire",
    '"cease-fire"',
    "velynsk*",
    "velynsky~2",
    '"san sebastian"',
    "K&T",
    "U.S. tariff",
    "wom?n",
    "hydro*",
    "flood wall -ferry",
    '"harbour board" source:"the brackmouth courier"',
    "author:armendariz since:2025-08 until:2025-12",
    "language:de",
    "topic:elections",
    '"harbour storm"~8 OR election',
)


@pytest.fixture(scope="module")
def sample() -> NewsIndex:
    return indexer.open_index(SAMPLE / "index")


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> NewsIndex:
    index = indexer.open_index(tmp_path_factory.mktemp("sample") / "index", create=True)
    report = index.ingest([SAMPLE / "pages"])
    assert report.rejects == ()
    assert report.added == len([path for path in (SAMPLE / "pages").rglob("*") if path.is_file()])
    return index


def answers(index: NewsIndex, query: str) -> dict[str, Any]:
    """Everything a reader sees of an answer but when and in which commit it was given, and the scores."""
    facets = ["source", "date", "author", "section", "topic", "language"]
    document = index.search(query, limit=100, snippets=3, facets=facets).to_dict()
    for passing in ("took_ms", "index"):
        del document[passing]
    for hit in document["hits"]:
        del hit["score"]
    return document


@pytest.mark.parametrize("query", QUERIES)
def test_a_rebuild_answers_the_same(sample: NewsIndex, rebuilt: NewsIndex, query: str) -> None:
    assert answers(rebuilt, query) == answers(sample, query)


def test_a_rebuild_holds_the_same_articles(sample: NewsIndex, rebuilt: NewsIndex) -> None:
    assert list(map(hit_article, rebuilt.search_all(sort="newest"))) == list(
        map(hit_article, sample.search_all(sort="newest"))
    )


def hit_article(hit: indexer.Hit) -> dict[str, Any]:
    return hit.article.to_dict()


def test_the_committed_index_is_sound(sample: NewsIndex) -> None:
    assert sample.check().problems == ()


def test_the_sample_has_many_articles_of_many_outlets_over_many_months(rebuilt: NewsIndex) -> None:
    stats = rebuilt.stats()
    assert stats.articles >= 40
    assert len(stats.sources) >= 8
    assert len(stats.months) >= 18
    assert all(count for _, count in stats.months)


def test_the_phrase_comes_first_and_the_other_coalition_is_not_taken_for_it(rebuilt: NewsIndex) -> None:
    exact = ids(rebuilt.search(COALITION, limit=100))
    loose = ids(rebuilt.search("coalition of the willing", limit=100))
    (other,) = ids(rebuilt.search('"a coalition willing to fight"'))
    assert len(exact) >= 3
    assert set(loose[: len(exact)]) == set(exact)
    assert other not in exact


def test_every_query_of_its_readme_finds_as_many_articles_as_it_says(rebuilt: NewsIndex) -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| *(\d+) *\|", text, re.M)
    assert len(rows) >= 10
    assert {query: int(count) for query, count in rows} == {query: rebuilt.search(query).total for query, _ in rows}
