"""Pages that follow each other, also while others commit."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from conftest import NEWS, BuildIndex
from indexes import add, built, ids, paged, story

import indexer
from indexer import NewsIndex
from indexer.errors import CursorGoneError, ParameterError
from indexer.query import cursor as cursors


def test_limits_from_none_to_a_thousand(news: NewsIndex) -> None:
    assert news.search(limit=0).hits == ()
    assert news.search(limit=0).total == len(NEWS)
    assert news.search(limit=0).next_cursor is None
    of_a_word = news.search("ferry", limit=0)
    assert of_a_word.hits == ()
    assert of_a_word.total == news.search("ferry").total > 0
    assert len(news.search(limit=1000).hits) == len(NEWS)
    with pytest.raises(ParameterError, match="limit: 1001 is out of range"):
        news.search(limit=1001)


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_pages_follow_each_other_without_repeats_or_losses(news: NewsIndex, sort: str) -> None:
    everything = ids(news.search("the", match="any", sort=sort, limit=100))
    for limit in (1, 2, 3, len(everything)):
        assert paged(news, "the", match="any", sort=sort, limit=limit) == everything


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_the_last_page_makes_objects_of_no_page_before(new_index: BuildIndex, tmp_path: Path, sort: str) -> None:
    day = "2024-05-0{}".format
    index = new_index(*(story(f"{n:05}", "storm", date=day(n % 9 + 1)) for n in range(20_000)))
    add(index, tmp_path, [story(f"{n:05}", "storm", date=day(n % 7 + 1)) for n in range(20_000, 25_000)])
    everything = [hit.article.id for hit in index.search_all("storm", sort=sort, snippets=0)]
    cursor = index.search("storm", sort=sort, limit=1000).next_cursor
    for _ in range(23):
        page = index.search("storm", sort=sort, limit=1000, facets=[], cursor=cursor)
        cursor = page.next_cursor
    tracemalloc.start()
    last = index.search("storm", sort=sort, limit=10, facets=[], cursor=cursor)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(last) == everything[24_000:24_010]
    assert peak < 200 * len(everything)


def test_the_last_page_has_no_cursor(news: NewsIndex) -> None:
    assert news.search("ferry", limit=3).next_cursor is None
    assert news.search("ferry", limit=2).next_cursor is not None


def test_a_page_may_have_another_size_and_other_facets_than_the_one_before(news: NewsIndex) -> None:
    first = news.search("ferry", limit=1)
    rest = news.search("ferry", limit=5, cursor=first.next_cursor, facets=[], snippets=3)
    assert ids(first) + ids(rest) == ids(news.search("ferry"))
    assert rest.total == first.total


@pytest.mark.parametrize("cursor", ["nonsense", "é", "AAAA", "WzEsMiwzXQ", "=", "x" * 10_000, "WzEsLTEsIngiXQ"])
def test_a_text_that_is_no_cursor_is_refused(news: NewsIndex, cursor: str) -> None:
    with pytest.raises(ParameterError, match="cursor: not a cursor"):
        news.search("ferry", cursor=cursor)


@pytest.mark.parametrize(
    ("name", "other"), [("q", "bridge"), ("sort", "oldest"), ("source", "Gulf Herald"), ("match", "any")]
)
def test_a_cursor_of_another_search_is_refused(news: NewsIndex, name: str, other: str) -> None:
    first = news.search("ferry", limit=1)
    options = {"q": "ferry", name: other}
    with pytest.raises(ParameterError, match="cursor: belongs to another search"):
        news.search(**options, limit=1, cursor=first.next_cursor)


def test_a_cursor_pages_on_through_its_view_after_a_commit(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*(story(str(n), "A storm came.") for n in range(5)))
    first = index.search("storm", limit=2)
    add(index, tmp_path, [story("00", "A storm came.")])
    index.delete(["4"])
    assert index.search("storm").total == 5
    second = index.search("storm", limit=10, cursor=first.next_cursor)
    assert ids(first) + ids(second) == ["0", "1", "2", "3", "4"]
    assert (second.total, second.generation) == (5, first.generation)


def test_a_cursor_pages_on_in_a_process_that_opened_the_index_after_a_commit(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(*(story(str(n), "storm") for n in range(4)))
    first = index.search("storm", limit=2)
    add(index, tmp_path, [story("new", "storm storm")])
    with indexer.open_index(index.path) as other:
        rest = other.search("storm", limit=2, cursor=first.next_cursor)
        assert ids(first) + ids(rest) == ["0", "1", "2", "3"]
        assert other.search("storm").total == 5


def test_paging_through_an_old_commit_keeps_other_threads_on_the_newest(
    new_index: BuildIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = new_index(*(story(str(n), "storm") for n in range(4)))
    first = index.search("storm", limit=2)
    add(index, tmp_path, [story("second", "storm")])
    with indexer.open_index(index.path) as other:
        plain = cursors.generation_of

        def meanwhile(cursor: str) -> int:
            # What other threads may do while this one goes from the newest view to the cursor's.
            add(index, tmp_path, [story("third", "storm")])
            assert other.search("storm").total == 6
            return plain(cursor)

        monkeypatch.setattr(cursors, "generation_of", meanwhile)
        with pytest.raises(CursorGoneError):
            other.search("storm", limit=2, cursor=first.next_cursor)
        assert other.search("storm").total == 6
        assert other.generation == index.generation


def test_similar_pages_on_after_a_commit(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*(story(str(n), "storm surge harbour") for n in range(5)))
    first = index.similar("0", limit=2)
    add(index, tmp_path, [story("new", "storm surge harbour")])
    rest = index.similar("0", limit=2, cursor=first.next_cursor)
    assert ids(first) + ids(rest) == ["1", "2", "3", "4"]


def test_a_cursor_whose_view_is_gone_is_refused_and_says_so(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*(story(str(n), "A storm came.") for n in range(5)))
    cursor = index.search("storm", limit=2).next_cursor
    for number in ("5", "6"):
        add(index, tmp_path, [story(number, "A storm came.")])
    with indexer.open_index(index.path) as other, pytest.raises(CursorGoneError, match="search again"):
        other.search("storm", limit=2, cursor=cursor)


def test_a_cursor_works_in_another_process_while_nothing_is_committed(news: NewsIndex) -> None:
    cursor = news.search("ferry", limit=1).next_cursor
    with indexer.open_index(news.path) as other:
        assert ids(other.search("ferry", limit=1, cursor=cursor)) == ids(news.search("ferry", limit=1, cursor=cursor))


def test_a_cursor_of_an_index_that_was_made_anew_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = built(tmp_path / "a", [story(str(n), "A storm came.") for n in range(5)])
    other = built(tmp_path / "b", [story(str(n), "A storm went.") for n in range(5)])
    with pytest.raises((CursorGoneError, ParameterError)):
        other.search("storm", limit=2, cursor=one.search("storm", limit=2).next_cursor)


def test_search_all_keeps_its_view_while_others_commit(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*(story(str(n), "A storm came.") for n in range(5)))
    every = index.search_all("storm")
    found = [next(every).article.id]
    index.delete(["3", "4"])
    add(index, tmp_path, [story("0", "Nothing came.")])
    index.optimize()
    assert found + [hit.article.id for hit in every] == ["0", "1", "2", "3", "4"]
