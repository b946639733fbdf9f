"""What a search may spend: it is cut off and says so, or is whole."""

from __future__ import annotations

import pytest
from conftest import BuildIndex
from indexes import ids, story

from indexer import NewsIndex


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


@pytest.mark.parametrize("end", ['"', '"~5'], ids=["phrase", "nearness"])
def test_a_long_phrase_of_common_words_is_cut_off(new_index: BuildIndex, end: str) -> None:
    index = new_index(story("a", "to be " * 30_000))
    assert index.search('"' + "to be " * 1500 + end, facets=[], timeout_ms=50).partial


def test_a_deadline_gives_a_partial_or_a_whole_answer_but_no_error(news: NewsIndex) -> None:
    whole = news.search("the", match="any", limit=100)
    result = news.search("the", match="any", limit=100, timeout_ms=1)
    assert result.total <= whole.total
    if not result.partial:
        assert result.facets == whole.facets
        assert ids(result) == ids(whole)
    assert not news.search("ferry", timeout_ms=600_000).partial
