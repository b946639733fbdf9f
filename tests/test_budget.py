"""What a search may spend: it is cut off and says so, or is whole."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from conftest import BuildIndex
from indexes import ids, story

from indexer import NewsIndex
from indexer.query import places


def test_a_pattern_that_stands_for_too_many_words_is_cut_off_and_says_so(new_index: BuildIndex) -> None:
    index = new_index(story("a", " ".join(f"w{n:05}" for n in range(60_000))))
    for q in ("w*", "w?*", "title:w* OR w?*"):
        result = index.search(q)
        assert (result.partial, [warning.code for warning in result.warnings]) == (True, ["expansion_limit"])
        assert result.total == 1
    whole = index.search("w1*")
    assert (whole.partial, whole.warnings) == (False, ())
    assert [hit.article.id for hit in index.search_all("w*")] == ["a"]


def test_a_search_that_would_take_long_is_cut_off(new_index: BuildIndex) -> None:
    index = new_index(story("a", " ".join(f"w{n:05}" for n in range(60_000))))
    endless = " OR ".join(f"w*{n}*1" for n in range(900))
    assert index.search(endless, timeout_ms=50).partial


# The phrase fails at its last word, wherever it begins.
@pytest.mark.parametrize("end", ['to to"', '"~5'], ids=["phrase", "nearness"])
def test_a_long_phrase_of_common_words_is_cut_off(new_index: BuildIndex, end: str) -> None:
    index = new_index(story("a", "to be " * 30_000))
    assert index.search('"' + "to be " * 500 + end, timeout_ms=50).partial


PATTERNS = ("w*", "title:w*", "body:w*", "w?1*", "title:*1", "body:w00~1", "w00~1", "title:w01*", "body:nowhere*")


def test_a_pattern_finds_the_same_however_many_words_are_looked_through_at_a_time(
    new_index: BuildIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [f"w{n:02}{ending}" for n in range(30) for ending in ("", "s", "ing")]
    chance = random.Random(4)
    stories = [
        story(str(n), " ".join(chance.choices(words, k=9)), " ".join(chance.choices(words, k=2))) for n in range(60)
    ]
    index = new_index(*stories)

    def found() -> list[object]:
        return [
            [(hit.article.id, hit.score, hit.snippets) for hit in index.search(q, limit=60, snippets=5).hits]
            for q in PATTERNS
        ]

    at_once = found()
    monkeypatch.setattr(places, "_WORDS_AT_ONCE", 3)
    assert found() == at_once
    assert [bool(hits) for hits in at_once] == [True] * 8 + [False]


@pytest.mark.parametrize("q", ["title:w*", "body:w*", "w*", "w*a*"])
def test_a_pattern_of_many_words_takes_memory_for_some_of_their_postings_only(new_index: BuildIndex, q: str) -> None:
    chance = random.Random(5)
    words = [f"w{n}{ending}" for n in range(200) for ending in ("a", "b")]
    index = new_index(*(story(str(n), " ".join(chance.choices(words, k=200)), "wa") for n in range(1000)))
    index.search(q)
    tracemalloc.start()
    assert index.search(q).total == 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 1000 * 200, peak


def test_a_deadline_gives_a_partial_or_a_whole_answer_but_no_error(news: NewsIndex) -> None:
    whole = news.search("the", match="any", limit=100)
    result = news.search("the", match="any", limit=100, timeout_ms=1)
    assert result.total <= whole.total
    if not result.partial:
        assert result.facets == whole.facets
        assert ids(result) == ids(whole)
    assert not news.search("ferry", timeout_ms=600_000).partial
