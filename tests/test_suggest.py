"""Completions, and articles like another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import BuildIndex
from indexes import Record, built

from indexer.analysis import stemmer
from indexer.errors import ArticleNotFoundError
from indexer.query import suggest
from indexer.query.suggest import DISTINCTIVE, distinctive_stems


def story(id: str, body: str, **fields: Any) -> Record:
    return {"id": id, "body": body, **fields}


def test_words_are_completed_with_those_of_most_articles_first(new_index: BuildIndex) -> None:
    index = new_index(story("a", "harbour harvest"), story("b", "harbour wall"), story("c", "the hare"))
    found = [(s.text, s.kind, s.count) for s in index.suggest("Har")]
    assert found == [("harbour", "word", 2), ("hare", "word", 1), ("harvest", "word", 1)]
    assert [s.text for s in index.suggest("the harb")] == ["the harbour"]
    assert len(index.suggest("har", limit=1)) == 1


def test_several_words_are_completed_to_phrases_that_occur(new_index: BuildIndex) -> None:
    index = new_index(
        story("a", "coalition of the willing"), story("b", "the willing few"), story("c", "will the wind wither")
    )
    found = [(s.text, s.kind, s.count) for s in index.suggest("of the wi")]
    assert found == [("of the willing", "phrase", 1)]
    assert [(s.text, s.count) for s in index.suggest("The W")] == [("the willing", 2), ("the wind", 1)]


def test_words_are_completed_where_there_is_no_time_to_look_for_phrases(
    new_index: BuildIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = new_index(story("a", "coalition of the willing"), story("b", "the window"))
    monkeypatch.setattr(suggest, "PHRASE_SECONDS", 0.0)
    found = [(s.text, s.kind, s.count) for s in index.suggest("of the wi")]
    assert found == [("of the willing", "word", 1), ("of the window", "word", 1)]


def test_phrases_are_found_in_any_cut_and_whatever_the_limit_and_the_spaces(tmp_path: Path) -> None:
    other = [story(f"{n}", " ".join(f"c{letter}{n}" for letter in "abcdefghij")) for n in range(20)]
    meetings = [story(f"m{n}", "the harbour council met") for n in range(3)]
    for folder, batches in (("one", [other + meetings]), ("two", [other, meetings])):
        (tmp_path / folder).mkdir()
        with built(tmp_path / folder, *batches) as index:
            assert index.stats().segments == len(batches)
            for typed in ("harbour c", "the harbour c", " Harbour \t c"):
                for limit in (1, 3, 10):
                    found = [(s.text.split(" ")[-2:], s.kind, s.count) for s in index.suggest(typed, limit)]
                    assert found == [(["harbour", "council"], "phrase", 3)]


def test_sources_are_completed_from_all_that_was_typed(new_index: BuildIndex) -> None:
    index = new_index(story("a", "x", source="Évening Star"), story("b", "x", source="Morning Post"))
    assert [(s.text, s.kind) for s in index.suggest("eveni")] == [("Évening Star", "source")]
    for typed in ("star", "", "?!"):
        assert index.suggest(typed) == ()


def test_articles_that_were_deleted_are_not_counted_among_completions(new_index: BuildIndex) -> None:
    index = new_index(
        story("a", "harbour council harvest", source="Harbour News"),
        story("b", "harbour council", source="Harbour News"),
        story("c", "harbour council", source="Hartmoor Post"),
    )
    index.delete(["a", "c"])
    assert [(s.text, s.kind, s.count) for s in index.suggest("har")] == [
        ("Harbour News", "source", 1),
        ("harbour", "word", 1),
    ]
    assert [(s.text, s.count) for s in index.suggest("harbour c")] == [("harbour council", 1)]


def test_similar_articles_share_distinctive_words_and_leave_out_the_article_itself(new_index: BuildIndex) -> None:
    index = new_index(
        story("ferry", "The ferry strike closed the harbour for a week."),
        story("strike", "A second strike by ferry crews is called for Monday."),
        story("cheese", "The village cheese won a prize for the best rind."),
        story("rind", "A prize rind: the cheese of the village."),
    )
    assert index.similar("ferry").hits[0].article.id == "strike"
    assert index.similar("cheese", limit=1).hits[0].article.id == "rind"
    assert "ferry" not in {hit.article.id for hit in index.similar("ferry").hits}


def test_an_id_is_not_taken_for_misspelt_words(new_index: BuildIndex) -> None:
    index = new_index(story("news ferrys", "Alone."), *(story(f"{n}", "News similar ferry.") for n in range(5)))
    assert index.search("simlar ferry").suggestion == "similar ferry"
    assert index.similar("news ferrys").suggestion is None


def test_an_id_with_spaces_around_it_leads_to_what_is_like_its_article(new_index: BuildIndex) -> None:
    index = new_index(story("ferry", "The ferry captain."), story("strike", "Ferry captains strike."))
    assert [hit.article.id for hit in index.similar(" ferry\n").hits] == ["strike"]


def test_what_tells_an_article_is_said_often_there_and_seldom_elsewhere(new_index: BuildIndex) -> None:
    shared = [f"shared{n:02}" for n in range(30)]
    index = new_index(
        story("own", "common " * 5 + "lonely lonely lonely rare rare fair " + " ".join(shared)),
        story("first", "common rare fair"),
        *(story(f"common{n}", "common fair") for n in range(20)),
        story("others", " ".join(shared)),
    )
    stems = distinctive_stems(index._view(), index.get("own"), stemmer("en"))
    assert stems == ["rare", "common", *shared[: DISTINCTIVE - 2]]


def test_an_article_without_shared_words_has_none_like_it(new_index: BuildIndex) -> None:
    index = new_index(story("a", "quixotic zephyr"), story("b", "harbour"))
    assert index.similar("a").total == 0


def test_similar_to_an_unknown_article_says_so(new_index: BuildIndex) -> None:
    with pytest.raises(ArticleNotFoundError):
        new_index(story("a", "x")).similar("nobody")


def test_a_misspelt_query_that_finds_nothing_suggests_words_of_the_index(new_index: BuildIndex) -> None:
    index = new_index(story("a", "The harbour council met."), story("b", "A harbour in a storm."))
    assert index.search("habour storm").suggestion == "harbour storm"
    assert index.search('"harbuor council" -stormx').suggestion == '"harbour council" -stormx'
    assert index.search("harbour").suggestion is None
    assert index.search("title:habour source:habour hab*r").suggestion is None
    assert index.search("xylophone").suggestion is None


def test_a_better_spelling_of_a_word_with_soft_hyphens_has_none(new_index: BuildIndex) -> None:
    index = new_index(*(story(str(number), "The breakwater held.") for number in range(12)))
    assert index.search("brea\u00adkwa\u00adtre").suggestion == "breakwater"


def test_a_number_is_not_misspelt_and_a_word_with_a_mark_of_its_own_is_one(new_index: BuildIndex) -> None:
    index = new_index(
        story("a", "Zel\u00e9nsky on the budget of 2023", date="2023-01-05"), story("b", "budget of 2023")
    )
    assert index.search("budget 2024").suggestion is None
    assert index.search("budget date:[2024-01-01 TO 2024-02-01]").suggestion is None
    assert index.search("zele\u0301nskyy").suggestion == "zelensky"


def test_a_suggestion_finds_more_than_the_query(new_index: BuildIndex) -> None:
    index = new_index(story("a", "harbour"), story("b", "council"))
    assert index.search("habour council").suggestion is None


def test_a_rare_word_gives_way_to_a_frequent_one_that_is_near(new_index: BuildIndex) -> None:
    index = new_index(
        story("typo", "zelensky spoke, wrote zelenksy"),
        *(story(f"{n}", "zelensky") for n in range(12)),
        *(story(f"ferry{n}", "ferry") for n in range(3)),
    )
    assert index.search("zelenksy").suggestion == "zelensky"
    assert index.search("zelensky").suggestion is None
    assert index.search("zelenksy ferry", match="any").suggestion is None


@pytest.mark.parametrize(
    ("seldom", "often", "typed", "suggestion"),
    [
        (2, 20, "harbuor", "harbour"),
        (2, 19, "harbuor", None),
        (3, 40, "harbuor", None),
        (3, 40, "harbuor salt", None),
        (2, 40, "harbuor salt", "harbour salt"),
        (0, 1, "harbuor*", None),
    ],
)
def test_a_word_of_fewer_than_three_articles_gives_way_to_one_of_ten_times_as_many(
    new_index: BuildIndex, seldom: int, often: int, typed: str, suggestion: str | None
) -> None:
    index = new_index(
        *(story(f"seldom{n}", "harbuor") for n in range(seldom)),
        *(story(f"often{n}", "harbour salt") for n in range(often)),
    )
    assert index.search(typed).suggestion == suggestion


@pytest.mark.parametrize(("later", "suggestion"), [(10, "harbour"), (9, None)])
def test_a_better_spelling_counts_its_articles_over_all_segments(
    tmp_path: Path, later: int, suggestion: str | None
) -> None:
    first = [*(story(f"a{n}", "harbour") for n in range(10)), story("b", "harbuor"), story("c", "harbuor")]
    index = built(
        tmp_path,
        [*first, *(story(f"d{n}", "ferry") for n in range(10))],
        [story(f"e{n}", "harbour") for n in range(later)],
    )
    assert index.stats().segments == 2
    assert index.search("harbuor").suggestion == suggestion


def test_at_most_four_words_are_spelt_better(new_index: BuildIndex) -> None:
    index = new_index(story("a", "harbour council ferries breakwater lighthouse"))
    typed = "harbuor cuoncil ferreis breakwatre lighthuose"
    better = "harbour council ferries breakwater lighthuose"
    assert index.search(typed, match="any").suggestion == better


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("cartex", "carted"),  # of those as near, the one of most articles
        ("planer", "planet"),  # the nearer one, whatever the articles
        ("porx", "port"),
        ("po", None),
        ("tex", None),
        ("hoxxe", None),  # two letters of five
        ("hoxxes", "houses"),
    ],
)
def test_a_suggestion_is_near_first_and_then_frequent(
    new_index: BuildIndex, typed: str, suggestion: str | None
) -> None:
    words = {
        "carter": 1,
        "carted": 3,
        "carten": 2,
        "planet": 1,
        "plates": 5,
        "port": 1,
        "ten": 1,
        "house": 1,
        "houses": 1,
    }
    index = new_index(*(story(f"{word}{n}", word) for word, articles in words.items() for n in range(articles)))
    assert index.search(typed).suggestion == suggestion
