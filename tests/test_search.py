"""What a search shows its reader: ranking, facets, snippets, pages, and what holds while others write."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from articles import ARTICLES
from articles import build_index as build_doors_index
from conftest import NEWS, BuildIndex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from indexes import Record, add, built, ids, paged, write_records
from whoosh.index import open_dir

import indexer
from indexer import IngestReport, NewsIndex, Snippet
from indexer.analysis import fold, word_spans
from indexer.errors import (
    ArticleNotFoundError,
    CursorGoneError,
    IndexLockedError,
    IndexNotFoundError,
    NotAnIndexError,
    ParameterError,
    SourceError,
)
from indexer.query import cursor as cursors
from indexer.response import DateFacet, SourceStats, ValueFacet


def values(result: indexer.SearchResult, name: str) -> dict[str, int]:
    facet = result.facets[name]
    assert isinstance(facet, ValueFacet)
    return {bucket.value: bucket.count for bucket in facet.buckets}


def selected(result: indexer.SearchResult, name: str) -> list[str]:
    facet = result.facets[name]
    assert isinstance(facet, ValueFacet)
    return [bucket.value for bucket in facet.buckets if bucket.selected]


def histogram(result: indexer.SearchResult) -> DateFacet:
    facet = result.facets["date"]
    assert isinstance(facet, DateFacet)
    return facet


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.ranges]


def story(id: str, body: str = "", title: str = "Untitled", **fields: Any) -> Record:
    return {"id": id, "title": title, "body": body, **fields}


# Ranking


def test_the_exact_phrase_comes_first_for_unquoted_words(news: NewsIndex) -> None:
    assert ids(news.search("coalition of the willing"))[0] == "ledger-1"


def test_the_quoted_phrase_drops_no_stop_words_and_does_not_stem(news: NewsIndex) -> None:
    assert ids(news.search('"coalition of the willing"')) == ["ledger-1"]
    assert ids(news.search('"coalition willing"')) == ["ledger-2"]
    assert ids(news.search('"coalitions willing"')) == []


def test_a_word_in_the_title_ranks_above_the_same_word_in_the_body(new_index: BuildIndex) -> None:
    index = new_index(
        story("body", "A reservoir lies north of the town."),
        story("title", "It lies north of the pretty town.", "Reservoir"),
        story("other", "Nothing of that kind lies north of the town."),
    )
    assert ids(index.search("reservoir")) == ["title", "body"]


def test_the_form_as_written_ranks_above_another_inflection(new_index: BuildIndex) -> None:
    index = new_index(story("plural", "Two elections here."), story("singular", "Two election here."))
    assert ids(index.search("election")) == ["singular", "plural"]
    assert ids(index.search("elections")) == ["plural", "singular"]


def test_words_near_each_other_rank_above_the_same_words_apart(new_index: BuildIndex) -> None:
    filler = "grey walls and quiet streets everywhere around us now " * 3
    index = new_index(
        story("apart", f"The tunnel opened. {filler} The tariff rose."),
        story("near", f"The tunnel has a tariff. {filler} It opened and rose."),
    )
    assert ids(index.search("tunnel tariff")) == ["near", "apart"]


def test_with_match_any_articles_with_more_of_the_words_come_first(news: NewsIndex) -> None:
    result = news.search("herring salt bridge zeppelin", match="any")
    assert ids(result) == ["undated-1", "herald-2"]
    assert ids(news.search("herring salt bridge zeppelin")) == []


def test_equal_scores_are_ordered_newest_first_and_then_by_id(new_index: BuildIndex) -> None:
    same = {"body": "A storm came."}
    index = new_index(
        story("d", **same),
        story("b", date="2024-05-01", **same),
        story("a", date="2024-04-01", **same),
        story("c", date="2024-05-01", **same),
    )
    assert ids(index.search("storm")) == ["b", "c", "a", "d"]


def test_sorting_by_date_puts_undated_articles_last_both_ways(news: NewsIndex) -> None:
    newest = ["poste-1", "herald-2", "herald-1", "ledger-2", "ledger-1", "undated-1"]
    assert ids(news.search(sort="newest")) == newest
    assert ids(news.search(sort="oldest")) == [*newest[-2::-1], "undated-1"]


def test_explain_adds_up_to_the_score(news: NewsIndex) -> None:
    for query in ("coalition of the willing", "ferry company", '"the council" OR budget*', "title:ferry -zeppelin", ""):
        result = news.search(query, explain=True)
        assert result.hits
        for hit in result.hits:
            assert hit.explanation is not None
            assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, rel=1e-4, abs=1e-6)
            # Of words, not of the query as a whole; and no rest, for none is kept before those not looked at.
            assert {part.part for part in hit.explanation}.isdisjoint({"and", "or", "andnot", "among the best"})


def test_an_explanation_leaves_out_what_did_not_match(new_index: BuildIndex) -> None:
    index = new_index(story("1", "oil gas"), story("2", "corn oil war"), story("3", "corn"))
    for query in ("oil OR -gas", "(oil AND war AND gas) OR corn", "oil OR (corn -war)", "oil -gas"):
        for hit in index.search(query, explain=True).hits:
            assert hit.explanation is not None
            assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, rel=1e-4)


def test_no_explanation_unless_asked_for(news: NewsIndex) -> None:
    assert news.search("ferry").hits[0].explanation is None
    assert "explanation" not in news.search("ferry").to_dict()["hits"][0]


# Matching


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sanchez geneve", ["poste-1"]),
        ("SÁNCHEZ", ["poste-1"]),
        ("ferry", ["herald-1", "herald-2", "undated-1"]),
        ("title:ferry", ["herald-1"]),
        ("body:ferry -title:ferry", ["herald-2", "undated-1"]),
        ("author:okafor", ["herald-2", "ledger-2"]),
        ('author:"vesterby tomas"', []),
        ('source:"gulf herald" ferry', ["herald-1", "herald-2"]),
        ('-source:"gulf herald" ferry', ["undated-1"]),
        ('NOT source:"gulf herald" ferry', ["undated-1"]),
        ("source:gulf*", ["herald-1", "herald-2"]),
        ("topic:budget -language:fr", ["herald-2", "ledger-2"]),
        ("date:2024-12", ["herald-1", "ledger-2"]),
        ("date:[2024-11-05 TO 2024-12-01]", ["ledger-1", "ledger-2"]),
        ("since:2025-01-20 until:2025-01-20", ["herald-2"]),
        ("-since:1900", ["undated-1"]),
        ("-date:[* TO *]", ["undated-1"]),
        ("-author:*", ["herald-1", "poste-1", "undated-1"]),
        ("ferry author:(*)", ["herald-2"]),
        ("ferry -(-herring)", ["undated-1"]),
        ("ferry NOT (NOT (herring OR bridge))", ["herald-2", "undated-1"]),
        ("timetalbe~2, ferr*?", ["herald-1"]),
        ("herring OR bridge", ["herald-2", "undated-1"]),
        ("(herring OR bridge) ferry -salt", ["herald-2"]),
        ('"ferry council"~4', ["herald-2"]),
        ('"ferry council"~3', []),
        ("ferr?", []),
        ("ferr?es", ["herald-1"]),
        ("timetalbe~2", ["herald-1"]),
        ("«salt a herring»", ["undated-1"]),
    ],
)
def test_the_query_language_on_the_news(news: NewsIndex, query: str, expected: list[str]) -> None:
    assert sorted(ids(news.search(query))) == expected


def test_an_excluded_quoted_value_gives_no_warning(news: NewsIndex) -> None:
    assert news.search('-source:"gulf herald"').warnings == ()
    assert news.search('-title:"ferry timetable"').total == len(NEWS) - 1


def test_no_query_matches_every_article(news: NewsIndex) -> None:
    for query in ("", "   ", "*"):
        assert news.search(query).total == len(NEWS)


def test_what_is_not_understood_is_warned_of_and_still_searched(news: NewsIndex) -> None:
    result = news.search("ferry titel:winter")
    assert [(w.code, w.offset, w.length) for w in result.warnings] == [("unknown_field", 6, 5)]
    assert "title:" in result.warnings[0].message
    assert result.raw == "ferry titel:winter"
    assert news.search('ferry "').total == news.search("ferry").total


@settings(max_examples=60)
@given(q=st.text(max_size=40))
def test_every_text_is_a_query(news: NewsIndex, q: str) -> None:
    result = news.search(q, match="any")
    assert result.total == len(list(news.search_all(q, match="any")))


def test_a_query_of_control_characters_is_answered(news: NewsIndex) -> None:
    assert news.search("".join(map(chr, range(32))) + "\x7fferry").total == 3


def test_words_beyond_the_end_of_a_very_long_title_are_none_of_the_index(new_index: BuildIndex) -> None:
    index = new_index(story("long", "quiet", title="harbour " * 600 + "omega zulu"), story("zulu", "zulu"))
    for query in ('"omega zulu"', "omega", "omeg*", '"zulu omega"~3'):
        assert index.search(query).total == 0
    assert ids(index.search("zulu")) == ["zulu"]
    assert index.suggest("ome") == ()


def test_a_query_of_characters_that_folding_drops_is_answered(news: NewsIndex) -> None:
    assert news.search("\uff9e" * 4 + " xyzzy").total == 0


def test_a_distance_of_thousands_of_digits_is_answered(news: NewsIndex) -> None:
    for query, code in (("ferry~" + "9" * 5000, "edit_distance"), ('"ferry council"~' + "9" * 5000, "slop")):
        result = news.search(query)
        assert result.total > 0
        assert [warning.code for warning in result.warnings] == [code]


@pytest.mark.parametrize(
    ("query", "source"),
    [
        (r'source:"the \"daily\" post"', 'The "Daily" Post'),
        (r'source:"\"the*"', "“The” Post"),
        (r'source:"c:\\"', "C:\\"),
        (r'source:"c:\"', "C:\\"),
    ],
)
def test_a_value_that_holds_quotation_marks_is_asked_for_with_backslashes(
    new_index: BuildIndex, query: str, source: str
) -> None:
    names = ['The "Daily" Post', "The Daily Post", "“The” Post", "C:\\", 'C:"']
    result = new_index(*(story(name, source=name) for name in names)).search(query)
    assert (ids(result), result.warnings) == ([source], ())


def test_a_better_spelling_of_a_word_with_soft_hyphens_has_none(new_index: BuildIndex) -> None:
    index = new_index(*(story(str(number), "The breakwater held.") for number in range(12)))
    assert index.search("brea\u00adkwa\u00adtre").suggestion == "breakwater"


# Filters and facets


def test_filters_take_any_of_the_values_and_none_of_the_excluded(news: NewsIndex) -> None:
    assert news.search(source=["Northern Ledger", "la poste du lac"]).total == 3
    assert sorted(ids(news.search(source="-Gulf Herald", topic="budget"))) == ["ledger-2", "poste-1"]
    assert ids(news.search(topic=["Ferries", "-Budget"])) == ["herald-1"]


def test_since_and_until_are_whole_days_and_leave_undated_articles_out(news: NewsIndex) -> None:
    assert sorted(ids(news.search(since="2024-12-03", until="2025-01-20"))) == ["herald-1", "herald-2"]
    assert news.search(since="2024").total == len(NEWS) - 1
    assert news.search(since=date(2025, 1, 1)).total == 2


@pytest.mark.parametrize(
    ("name", "written"), [("-30-", r"\-30-"), ("--", r"\--"), (r"\-30-", r"\\-30-"), (r"\\", "\\" * 3), ("\\", "\\")]
)
def test_a_value_that_begins_with_a_dash_or_a_backslash_is_asked_for_with_a_backslash(
    new_index: BuildIndex, name: str, written: str
) -> None:
    index = new_index(*(story(source, source=source) for source in ("30-", "-30-", "-", "--", r"\-30-", r"\\", "\\")))
    result = index.search(source=written, facets="source")
    assert (ids(result), selected(result, "source")) == ([name], [name])
    assert name not in ids(index.search(source=f"-{name}"))
    assert index.search(source=f"-{name}").total == 6


def test_a_facet_ignores_its_own_filter_and_obeys_the_others(news: NewsIndex) -> None:
    result = news.search(source="Gulf Herald", language="en", facets=["source", "topic"])
    assert result.total == 2
    assert values(result, "source") == {"Gulf Herald": 2, "Northern Ledger": 2}
    assert values(result, "topic") == {"Ferries": 2, "Budget": 1}
    facet = result.facets["source"]
    assert isinstance(facet, ValueFacet)
    assert facet.missing == 1


def test_selected_values_appear_even_without_a_match(news: NewsIndex) -> None:
    result = news.search("herring", source=["Gulf Herald", "Nowhere Times"], facet_size=1)
    assert result.total == 0
    assert values(result, "source") == {"Gulf Herald": 0, "Nowhere Times": 0}
    assert sorted(selected(result, "source")) == ["Gulf Herald", "Nowhere Times"]
    assert selected(news.search(source="-Gulf Herald"), "source") == []


def test_selected_values_appear_beyond_the_size_of_the_facet(news: NewsIndex) -> None:
    result = news.search(topic=["Ostrava"], facets=["topic"], facet_size=1)
    assert list(values(result, "topic")) == ["Budget", "Ostrava"]
    facet = result.facets["topic"]
    assert isinstance(facet, ValueFacet)
    assert facet.other == 3  # Defence once and Ferries twice


def test_a_selected_value_that_no_match_has_is_shown_as_it_was_asked_for_in_any_cut(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(story("a", "harbour", source="Morning Post"), *(story(str(n), "tide") for n in range(3)))
    for _ in range(2):
        facet = index.search("tide", source="MORNING post", facets=["source"]).facets["source"]
        assert isinstance(facet, ValueFacet)
        assert [(b.value, b.count, b.selected) for b in facet.buckets] == [("MORNING post", 0, True)]
        add(index, tmp_path, [story("new", "tide")])
    assert index.stats().segments == 2


def test_of_values_alike_as_many_are_shown_as_asked_for_and_the_others_are_summed_up(new_index: BuildIndex) -> None:
    index = new_index(*(story(f"{n}", "Fog.", source=f"Outlet {n % 5}") for n in range(10)))
    for size in (1, 2, 5, 6):
        facet = index.search("fog", facets=["source"], facet_size=size).facets["source"]
        assert isinstance(facet, ValueFacet)
        assert [bucket.value for bucket in facet.buckets] == [f"Outlet {n}" for n in range(min(size, 5))]
        assert facet.other == 10 - 2 * min(size, 5)


def test_a_stray_date_does_not_fill_the_histogram_with_empty_days(new_index: BuildIndex) -> None:
    index = new_index(*(story(day, "Fog.", date=day) for day in ("1801-01-01", "2024-05-01", "2024-05-02")))
    buckets = histogram(index.search("fog", facets=["date"], interval="day")).buckets
    assert [(str(bucket.start), bucket.count, bucket.indexed) for bucket in buckets] == [
        ("1801-01-01", 1, 1),
        ("2024-05-01", 1, 1),
        ("2024-05-02", 1, 1),
    ]


def test_an_article_counts_once_for_each_of_its_topics_however_they_are_spelled(new_index: BuildIndex) -> None:
    index = new_index(story("1", topics=["Élan", "elan", "Oil"]), story("2", topics=["elan"]), story("3"))
    result = index.search(facets=["topic"])
    assert values(result, "topic") == {"elan": 2, "Oil": 1}
    facet = result.facets["topic"]
    assert isinstance(facet, ValueFacet)
    assert (facet.other, facet.missing) == (0, 1)


def test_only_the_facets_that_were_asked_for_are_counted(news: NewsIndex) -> None:
    assert list(news.search().facets) == ["source", "date"]
    assert news.search(facets=[]).facets == {}
    assert list(news.search(facets="topic,language").facets) == ["topic", "language"]


def test_a_date_bucket_knows_how_many_articles_the_filters_leave_in_it(news: NewsIndex) -> None:
    facet = histogram(news.search("ferry", language="en", interval="month"))
    assert [(b.start, b.count, b.indexed) for b in facet.buckets] == [
        (date(2024, 12, 1), 1, 2),
        (date(2025, 1, 1), 1, 1),
    ]
    assert facet.missing == 1


def test_the_histogram_fills_gaps_and_weeks_begin_on_monday(new_index: BuildIndex) -> None:
    index = new_index(story("1", date="2024-03-03T23:59:59Z"), story("2", date="2024-03-18"))
    weeks = histogram(index.search(interval="week")).buckets
    assert [(b.start, b.count) for b in weeks] == [
        (date(2024, 2, 26), 1),
        (date(2024, 3, 4), 0),
        (date(2024, 3, 11), 0),
        (date(2024, 3, 18), 1),
    ]
    assert [b.start for b in histogram(index.search(interval="day")).buckets][-1] == date(2024, 3, 18)


def test_dates_before_1970_fall_into_their_own_buckets(new_index: BuildIndex) -> None:
    index = new_index(
        story("1", date="1969-12-31T23:59:59Z"), story("2", date="1912-04-15"), story("3", date="1970-01-01")
    )
    for interval, starts in (
        ("day", [date(1912, 4, 15), date(1969, 12, 31), date(1970, 1, 1)]),
        ("year", [date(1912, 1, 1), date(1969, 1, 1), date(1970, 1, 1)]),
    ):
        buckets = histogram(index.search(interval=interval)).buckets
        assert [b.start for b in buckets if b.count] == starts
    assert ids(index.search(sort="oldest")) == ["2", "1", "3"]
    assert ids(index.search(until="1969-12-31", sort="newest")) == ["1", "2"]


def test_the_interval_fits_the_span_of_the_matches(new_index: BuildIndex) -> None:
    index = new_index(
        story("1", "x", date="2000-01-01"),
        story("2", "x w m", date="2020-06-01"),
        story("3", "x w m d", date="2020-09-01"),
        story("4", "x d", date="2020-09-03"),
        story("5", "x m", date="2022-09-03"),
    )
    found = {word: histogram(index.search(word)).interval for word in ("d", "w", "m", "x")}
    assert found == {"d": "day", "w": "week", "m": "month", "x": "year"}
    assert histogram(index.search("nothing")).interval == "month"


# Snippets


def one_snippet(index: NewsIndex, query: str, **options: Any) -> Snippet:
    (snippet,) = index.search(query, **options).hits[0].snippets
    return snippet


@pytest.mark.parametrize(
    ("body", "query", "words"),
    [
        ("😀😀 The 𝔘nion met. 😀 The union voted.", "union", ["𝔘nion", "union"]),
        ("Wait… the ﬁnance… minister… of ﬁnance spoke.", "finance minister", ["ﬁnance", "minister", "ﬁnance"]),
        ("İstanbul’da ½ of Strasse, Straße; ẞ.", "strasse", ["Strasse", "Straße"]),
        ("Sa\u0301nchez and Sánchez and SANCHEZ", "sanchez", ["Sánchez", "Sánchez", "SANCHEZ"]),
        ("㎏ of oil, 東京 oil", "oil", ["oil", "oil"]),
    ],
)
def test_ranges_cover_the_words_in_code_points(new_index: BuildIndex, body: str, query: str, words: list[str]) -> None:
    assert marked(one_snippet(new_index(story("1", body)), query)) == words


def test_a_phrase_marks_only_the_phrase(new_index: BuildIndex) -> None:
    index = new_index(story("1", "The willing coalition, of the town, is no coalition of the willing, the paper says."))
    assert marked(one_snippet(index, '"coalition of the willing"')) == ["coalition", "of", "the", "willing"]


def test_an_inflection_is_marked(news: NewsIndex) -> None:
    assert marked(one_snippet(news, "minister ostrava guarding")) == ["ministers", "Ostrava", "guard"]


def test_patterns_and_fuzzy_words_are_marked(news: NewsIndex) -> None:
    assert marked(one_snippet(news, "coun*l bridg~1 company", snippets=1)) == ["council", "bridge", "council"]
    assert marked(one_snippet(news, "bri?ge")) == ["bridge"]


def test_excluded_words_and_filters_mark_nothing(news: NewsIndex) -> None:
    snippet = one_snippet(news, 'bridge -zeppelin source:"gulf herald"')
    assert marked(snippet) == ["bridge"]


def test_common_words_are_marked_only_beside_others(new_index: BuildIndex) -> None:
    text = "An end of the road is an end of the map, and the rest is fog."
    index = new_index(
        story("1", f"{text} A coalition of the willing sails the sea."),
        *(story(str(n), text) for n in range(2, 12)),
    )
    snippet = one_snippet(index, "coalition of the willing")
    assert marked(snippet) == ["coalition", "of", "the", "willing"]
    assert "A coalition of the willing" in snippet.text


def test_a_hit_that_has_only_the_common_word_shows_it(new_index: BuildIndex) -> None:
    index = new_index(story("1", "A harbour pilot."), *(story(str(n), "The harbour of the day.") for n in range(2, 6)))
    assert {tuple(marked(hit.snippets[0])) for hit in index.search("pilot OR harbour").hits} == {
        ("harbour", "pilot"),
        ("harbour",),
    }


def test_a_character_of_two_words_is_marked_once(new_index: BuildIndex) -> None:
    index = new_index(story("1", "Add ½ cup.", title="A ½ cup"), story("2", title="Only ½"))
    for hit in index.search("½").hits:
        assert marked(hit.snippets[0]) == ["½"]


def test_a_query_of_common_words_alone_marks_them(new_index: BuildIndex) -> None:
    index = new_index(*(story(str(n), "All the news of the day.") for n in range(4)))
    assert marked(one_snippet(index, "of the")) == ["the", "of", "the"]


def long_body(*sentences: str) -> str:
    filler = "Rain fell on the quiet streets while the market stalls stayed empty and the lamps went on early. " * 4
    return filler + "\n\n".join(sentence + " " + filler for sentence in sentences)


def test_cut_ends_have_ellipses_and_whole_texts_have_none(new_index: BuildIndex) -> None:
    index = new_index(story("1", long_body("The lighthouse stands.")), story("2", "A short lighthouse text."))
    texts = {hit.article.id: hit.snippets[0].text for hit in index.search("lighthouse").hits}
    assert texts["2"] == "A short lighthouse text."
    assert texts["1"].startswith("… ")
    assert texts["1"].endswith(" …")
    assert "\n" not in texts["1"]


def test_a_snippet_without_words_to_mark_is_the_beginning_of_the_body(news: NewsIndex) -> None:
    snippet = one_snippet(news, "", source="La Poste du Lac")
    assert snippet == Snippet(
        field="body", text="La ministre Zoë Sánchez est arrivée à Genève. Elle y parle du budget.", ranges=()
    )


def test_a_match_in_the_title_alone_shows_the_title(news: NewsIndex) -> None:
    snippet = one_snippet(news, "timetable")
    assert (snippet.field, snippet.text, marked(snippet)) == (
        "title",
        "Ferry timetable changes for winter",
        ["timetable"],
    )


@pytest.mark.parametrize("count", range(6))
def test_as_many_snippets_as_asked_for_that_do_not_overlap(new_index: BuildIndex, count: int) -> None:
    sentences = [f"The lighthouse number {name} shines." for name in ("one", "two", "three", "four", "five", "six")]
    index = new_index(story("1", long_body(*sentences)))
    body = index.get("1").body.replace("\n\n", " ").replace("  ", " ")
    snippets = index.search("lighthouse shines", snippets=count).hits[0].snippets
    assert len(snippets) == count
    spans = []
    for snippet in snippets:
        text = snippet.text.strip("… ")
        assert body.count(text) == 1
        spans.append((body.index(text), body.index(text) + len(text)))
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_the_one_snippet_shows_the_most_different_words_of_the_query_and_then_the_most(new_index: BuildIndex) -> None:
    index = new_index(
        story(
            "1", long_body("A council.", "A council, a council, a council.", "The harbour has a council.", "A harbour.")
        )
    )
    assert marked(index.search("council harbour", snippets=1).hits[0].snippets[0]) == ["harbour", "council"]
    assert marked(index.search("council", snippets=1).hits[0].snippets[0]) == ["council"] * 3


@settings(max_examples=60)
@given(
    length=st.integers(1, 150),
    places=st.dictionaries(st.integers(0, 149), st.sampled_from(["oil", "gas"]), min_size=1, max_size=12),
    count=st.integers(1, 4),
)
@example(length=150, places={50: "oil", 80: "gas", 120: "gas", 149: "oil"}, count=1)
@example(length=150, places={50: "oil", 80: "gas", 100: "gas", 125: "oil"}, count=1)
def test_snippets_are_cut_at_words_mark_all_there_is_and_say_where_they_were_cut(
    tmp_path_factory: pytest.TempPathFactory, length: int, places: dict[int, str], count: int
) -> None:
    # No word is there twice.
    words = [f"{places.get(n, 'w')}{n}" for n in range(max(length, min(places) + 1))]
    index = built(tmp_path_factory.mktemp("pieces"), [story("1", " ".join(words))])
    pieces = index.search("oil* OR gas*", snippets=count).hits[0].snippets
    assert 1 <= len(pieces) <= count
    for piece in pieces:
        text = piece.text.removeprefix("… ").removesuffix(" …").split(" ")
        start = words.index(text[0])
        assert text == words[start : start + 40]
        assert piece.text.startswith("… ") is (start > 0)
        assert piece.text.endswith(" …") is (start + len(text) < len(words))
        assert marked(piece) == [word for word in text if word[:3] in ("oil", "gas")]
    if count == 1:
        # No stretch of thirty words would have shown more.
        kinds = [{word[:3] for word in words[n : n + 30]} & {"oil", "gas"} for n in range(len(words))]
        assert len({word[:3] for word in marked(pieces[0])}) >= max(map(len, kinds))


@settings(max_examples=40)
@given(
    body=st.lists(
        st.one_of(
            st.sampled_from(["oil", "Öl…", "😀", "ﬁne", "\n\n", "the", "price of oil", "İİ"]),
            st.text(st.characters(codec="utf-8", exclude_characters="<"), max_size=6),  # no markup
        ),
        min_size=1,
        max_size=120,
    ).map(" ".join),
    count=st.integers(1, 5),
)
def test_marked_words_are_words_of_the_query_in_any_text(
    tmp_path_factory: pytest.TempPathFactory, body: str, count: int
) -> None:
    index = built(tmp_path_factory.mktemp("snippets"), [story("1", body + " oil")])
    for snippet in index.search('oil OR fin* OR "price of"', snippets=count).hits[0].snippets:
        assert "\n" not in snippet.text
        assert all(0 <= a < b <= len(snippet.text) for a, b in snippet.ranges)
        assert all(end <= start for (_, end), (start, _) in pairwise(snippet.ranges))
        for word in marked(snippet):
            folded = [found for found, _, _ in word_spans(word)]
            assert folded in (["oil"], ["oils"], ["price"], ["of"]) or fold(word).startswith("fin")


# Pages


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


# Writing


def test_a_log_of_versions_that_ends_with_what_is_there_makes_no_commit(new_index: BuildIndex, tmp_path: Path) -> None:
    log = [{"id": "1", "title": "Ferry late"}, {"id": "1", "title": "Ferry later"}, {"id": "2", "title": "Fog"}]
    index = new_index(*log)
    generation = index.generation
    add(index, tmp_path, log)
    assert index.generation == generation
    assert index.get("1").title == "Ferry later"


def test_the_same_records_again_are_unchanged_and_make_no_commit(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    generation = index.generation
    report = add(index, tmp_path, NEWS)
    assert (report.added, report.updated, report.unchanged, report.rejected) == (0, 0, len(NEWS), 0)
    assert report.generation == index.generation == generation


def test_the_same_records_again_leave_no_files_behind(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(story("a", "harbour"))
    before = sorted(file.name for file in index.path.iterdir())
    add(index, tmp_path, [story("a", "harbour")])
    assert sorted(file.name for file in index.path.iterdir()) == before


def test_an_index_that_is_added_to_often_keeps_few_segments(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(story("first", "harbour"))
    for number in range(20):
        add(index, tmp_path, [story(str(number), "harbour"), story("first", f"harbour {number}")])
    assert index.search("harbour").total == 21
    assert index.stats().segments <= 5
    assert len(list(index.path.glob("*.toc"))) == 2
    index.optimize()
    assert [index.stats().segments, *(len(list(index.path.glob(f"*.{kind}"))) for kind in ("bsc", "toc"))] == [1, 1, 1]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=12))
@example([1, *[3] * 9])
def test_after_every_ingest_each_segment_is_twice_as_large_as_all_smaller_together(sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        index = indexer.open_index(Path(folder) / "news.index", create=True)
        for day, size in enumerate(sizes):
            add(index, Path(folder), [story(f"{day}-{number}", "harbour") for number in range(size)])
            with open_dir(index.path).reader() as reader:
                leaves = sorted(leaf.doc_count() for leaf, _ in reader.leaf_readers())
            assert all(leaf >= 2 * sum(leaves[:place]) for place, leaf in enumerate(leaves))
        assert sum(leaves) == sum(sizes)


def test_a_single_path_is_one_path(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.jsonl", [story("1", "harbour")])
    index = indexer.open_index(tmp_path / "news.index", create=True)
    assert index.ingest(str(path)).added == 1
    assert index.ingest(path).unchanged == 1


def test_an_update_replaces_the_article(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    report = add(index, tmp_path, [{**NEWS[2], "body": "The timetable stays."}, NEWS[3]])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 1)
    assert index.search("ice").total == 0
    assert ids(index.search("stays timetable")) == ["herald-1"]
    assert index.search().total == index.search().indexed == len(NEWS)
    assert index.get("herald-1").body == "The timetable stays."


@pytest.mark.parametrize("field", ["title", "source", "date", "authors", "section", "topics", "language", "url"])
def test_a_change_of_any_field_is_an_update(new_index: BuildIndex, tmp_path: Path, field: str) -> None:
    index = new_index(NEWS[0])
    new = {
        "date": "2024-11-06",
        "authors": ["N. N."],
        "topics": [],
        "language": "de",
        "url": "https://ledger.example/1",
    }
    report = add(index, tmp_path, [{**NEWS[0], field: new.get(field, "New")}])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 0)


def test_an_id_twice_in_one_run_leaves_the_last_record(new_index: BuildIndex) -> None:
    index = new_index(story("1", "First."), story("1", "Second."), story("1", "Second."))
    assert index.get("1").body == "Second."
    assert index.search().total == 1


@pytest.mark.parametrize(
    ("bodies", "counts"),
    [
        (("First.", "Second."), (0, 1, 1)),
        (("Second.", "First."), (0, 2, 0)),
        (("Second.", "Second.", "Third."), (0, 2, 1)),
        (("First.", "Second.", "First.", "First."), (0, 2, 2)),
    ],
)
def test_an_id_that_comes_again_in_one_run_counts_as_it_would_in_runs_of_its_own(
    new_index: BuildIndex, tmp_path: Path, bodies: tuple[str, ...], counts: tuple[int, int, int]
) -> None:
    def counted(*reports: IngestReport) -> tuple[int, ...]:
        return tuple(sum(each) for each in zip(*((r.added, r.updated, r.unchanged) for r in reports), strict=True))

    index = new_index(story("1", "First."))
    records = [story("1", body) for body in bodies]
    assert counted(add(index, tmp_path, records)) == counts
    assert index.get("1").body == bodies[-1]
    add(index, tmp_path, [story("1", "First.")])
    assert counted(*(add(index, tmp_path, [record]) for record in records)) == counts


def test_a_report_counts_every_record_once(tmp_path: Path) -> None:
    log = [story("1", "First."), *[story("1", "Second.")] * 3, story("2", "Other.")]
    path = write_records(tmp_path / "log.jsonl", log)
    path.write_bytes(path.read_bytes() + b"{\n")
    index = indexer.open_index(tmp_path / "news.index", create=True)
    counts, rejects, seen = [], [], []
    for _ in range(2):
        report = index.ingest(path, workers=1, on_reject=rejects.append, on_progress=seen.append)
        counts.append((report.added, report.updated, report.unchanged, report.rejected))
    assert counts == [(2, 1, 2, 1), (0, 2, 3, 1)]
    assert [(progress.seen, progress.rejected, progress.bytes_read) for progress in seen] == [
        (6, 1, path.stat().st_size)
    ] * 2
    assert (rejects[0],) == report.rejects
    assert len(rejects) == 2


def test_optimizing_merges_what_is_not_one_whole_segment_and_else_does_nothing(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(*(story(f"{n}", "Fog.") for n in range(5)))
    assert index.optimize() == index.generation == 1
    add(index, tmp_path, [story("new", "Fog.")])
    assert index.stats().segments == 2
    assert index.optimize() == 3
    assert index.stats().segments == 1
    index.delete(["0"])
    assert index.optimize() == 5
    assert (index.optimize(), index.search().total) == (5, 5)


def test_a_deleted_article_is_gone_from_results_counts_and_ids(new_index: BuildIndex) -> None:
    index = new_index(*NEWS)
    assert index.delete(["herald-1", "no such id"]) == 1
    assert ids(index.search("title:ferry")) == []
    assert index.search().indexed == len(NEWS) - 1
    assert values(index.search(), "source")["Gulf Herald"] == 1
    with pytest.raises(ArticleNotFoundError, match="'herald-1'"):
        index.get("herald-1")
    assert index.stats().articles == len(NEWS) - 1


def test_outlets_have_their_articles_and_days_over_all_segments(new_index: BuildIndex, tmp_path: Path) -> None:
    days = [None, "2024-03-01", "2024-01-05", "2023-12-31", "2024-02-02", None, "2024-01-07"]
    records = [{"id": str(n), "title": "Fog", "date": day, "source": f"Outlet {n % 2}"} for n, day in enumerate(days)]
    undated = [{"id": id, "title": "Ferry", "source": source} for id, source in (("7", "Undated"), ("10", "Once"))]
    index = new_index(*records, *undated, {"id": "8", "title": "Crane"})
    late = [{"id": id, "title": "Late", "date": f"2025-01-0{id}"} for id in "34"]
    add(index, tmp_path, [{**late[0], "id": "9", "source": "Outlet 0"}, {**late[1], "id": "11", "source": "Once"}])
    index.delete(["1"])
    assert len({segment.reader.file.path for segment in index._view().segments}) == 2
    assert index.sources() == (
        SourceStats("Outlet 0", 5, date(2024, 1, 5), date(2025, 1, 3)),
        SourceStats("Once", 2, date(2025, 1, 4), date(2025, 1, 4)),
        SourceStats("Outlet 1", 2, date(2023, 12, 31), date(2023, 12, 31)),
        SourceStats("Undated", 1, None, None),
    )


@pytest.mark.parametrize("id", ["Cafe\u0301 7", " spaced  out ", "half \ud800"])
def test_an_id_is_known_as_the_input_wrote_it(new_index: BuildIndex, tmp_path: Path, id: str) -> None:
    index = new_index({"id": "other", "title": "Ferry late"})
    line = json.dumps({"id": id, "title": "Fog lifts"}).encode()
    assert index.ingest(["-"], format="jsonl", workers=1, stdin=io.BytesIO(line)).added == 1
    assert index.get(id).title == "Fog lifts"
    assert index.delete([id]) == 1
    assert index.search(limit=0).total == 1


def test_a_single_id_to_delete_is_not_taken_for_its_letters(new_index: BuildIndex) -> None:
    index = new_index({"id": "1", "title": "Ferry late"}, {"id": "2", "title": "Fog"}, {"id": "12", "title": "Crane"})
    assert index.delete("12") == 1
    assert {hit.article.id for hit in index.search_all()} == {"1", "2"}


def test_a_deleted_article_may_come_back(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    index.delete(["herald-1"])
    assert add(index, tmp_path, NEWS).added == 1
    assert ids(index.search("title:ferry")) == ["herald-1"]


def test_everything_deleted_leaves_an_index_that_answers(new_index: BuildIndex) -> None:
    index = new_index(*NEWS)
    assert index.delete(record["id"] for record in NEWS) == len(NEWS)
    for _ in ("deleted", "purged"):
        result = index.search("ferry OR *")
        assert (result.total, result.indexed, result.hits) == (0, 0, ())
        assert index.stats().sources == ()
        index.optimize()


def test_an_index_without_articles_answers(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "empty.index", create=True)
    result = index.search("ferry", facets=["source", "date", "topic"])
    assert (result.total, result.indexed, result.hits) == (0, 0, ())
    assert index.stats().articles == 0
    assert index.check().ok
    assert list(index.search_all()) == []


def test_articles_come_back_as_they_went_in(news: NewsIndex) -> None:
    article = news.get("ledger-2")
    assert article.to_dict() | {"url": None} == {
        **NEWS[1],
        "url": None,
        "body": NEWS[1]["body"],
        "credits": [],
        "date_precision": "second",
        "date_method": "input",
    }


def test_stats_add_up(news: NewsIndex) -> None:
    stats = news.stats()
    assert (stats.articles, stats.undated, stats.language) == (len(NEWS), 1, "en")
    assert [(s.source, s.articles, s.first, s.last) for s in stats.sources] == [
        ("Gulf Herald", 2, date(2024, 12, 3), date(2025, 1, 20)),
        ("Northern Ledger", 2, date(2024, 11, 5), date(2024, 12, 1)),
        ("La Poste du Lac", 1, date(2025, 1, 21), date(2025, 1, 21)),
    ]
    assert stats.months == ((date(2024, 11, 1), 1), (date(2024, 12, 1), 2), (date(2025, 1, 1), 2))
    assert stats.bytes > 0


def test_check_finds_nothing_wrong_with_a_sound_index(news: NewsIndex) -> None:
    report = news.check()
    assert (report.ok, report.articles, report.problems) == (True, len(NEWS), ())


def test_a_path_that_does_not_exist_stops_the_ingest_before_anything_is_written(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(*NEWS)
    extra = write_records(tmp_path / "extra.jsonl", [story("new")])
    with pytest.raises(SourceError, match=r"nowhere\.jsonl"):
        index.ingest([extra, tmp_path / "nowhere.jsonl"])
    assert index.search().total == len(NEWS)


def test_an_unknown_format_stops_the_ingest_and_names_the_known_ones(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    extra = write_records(tmp_path / "extra.jsonl", [story("new")])
    with pytest.raises(ParameterError, match=r"format: unknown value 'json' .*jsonl.*warc, feed"):
        index.ingest([extra], format="json")  # type: ignore[arg-type]
    assert index.search().total == len(NEWS)


# Several at once


def test_the_commit_of_another_process_is_seen(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    before = index.search()
    batch = write_records(tmp_path / "more.jsonl", [story("new", "A zeppelin landed.")])
    program = "import sys, indexer; indexer.open_index(sys.argv[1]).ingest([sys.argv[2]])"
    subprocess.run([sys.executable, "-c", program, index.path, batch], check=True, timeout=60)
    after = index.search("zeppelin")
    assert ids(after) == ["new"]
    assert after.generation > before.generation
    assert after.indexed == before.indexed + 1


def test_writing_while_another_process_writes_says_to_try_again(new_index: BuildIndex, tmp_path: Path) -> None:
    index = indexer.open_index(new_index(*NEWS).path, lock_timeout=0.05)
    program = (
        "import sys, whoosh.index; writer = whoosh.index.open_dir(sys.argv[1]).writer(); "
        "print('writing', flush=True); sys.stdin.read(); writer.cancel()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, index.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "writing\n"
        for write in (lambda: index.delete(["herald-1"]), lambda: add(index, tmp_path, [story("new")])):
            with pytest.raises(IndexLockedError, match="being written by another process: try again"):
                write()
        assert index.search().total == len(NEWS)
    finally:
        other.communicate("", timeout=60)
    assert index.delete(["herald-1"]) == 1


def test_two_ingests_of_the_same_records_at_once_add_each_article_once(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(story("0"))
    records = [story(str(n), "A storm came.") for n in range(1, 60)]
    path = write_records(tmp_path / "same.jsonl", records)
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: index.ingest([path]), range(4)))
    assert index.search("storm").total == len(records)
    assert sum(report.added for report in reports) == len(records)
    assert index.check().problems == ()


def test_searches_in_many_threads_see_whole_commits_while_another_ingests(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(*(story(f"0-{n}", "A storm came.", date="2024-01-01") for n in range(10)))

    def read(_: int) -> int:
        result = index.search("storm", limit=1000, snippets=0)
        facet = histogram(result)
        assert result.total == len(result.hits) == sum(b.count for b in facet.buckets) + facet.missing
        assert result.total == sum(b.indexed for b in facet.buckets)
        assert len(set(ids(result))) == result.total
        return result.total

    def write() -> None:
        for batch in range(1, 8):
            add(index, tmp_path, [story(f"{batch}-{n}", "A storm came.", date="2024-01-02") for n in range(10)])

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(write)
        totals = set(pool.map(read, range(60)))
        writing.result()
    assert totals <= set(range(10, 81, 10))
    assert index.search("storm").total == 80


def test_a_deadline_gives_a_partial_or_a_whole_answer_but_no_error(news: NewsIndex) -> None:
    whole = news.search("the", match="any", limit=100)
    result = news.search("the", match="any", limit=100, timeout_ms=1)
    assert result.total <= whole.total
    if not result.partial:
        assert result.facets == whole.facets
        assert ids(result) == ids(whole)
    assert not news.search("ferry", timeout_ms=600_000).partial


# Opening


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match=r"No index at .*none\.index\. Build one: indexer ingest --index "):
        indexer.open_index(tmp_path / "none.index")
    assert not (tmp_path / "none.index").exists()


def test_an_empty_folder_is_no_index_until_one_is_created_there(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="is empty"):
        indexer.open_index(tmp_path)
    indexer.open_index(tmp_path, create=True).close()
    assert indexer.open_index(tmp_path).search().total == 0


@pytest.mark.parametrize("create", [False, True])
def test_a_file_or_a_folder_of_other_things_is_not_an_index_and_stays_as_it_is(tmp_path: Path, create: bool) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(NotAnIndexError, match="is a file"):
        indexer.open_index(tmp_path / "notes.txt", create=create)
    with pytest.raises(NotAnIndexError, match="holds"):
        indexer.open_index(tmp_path, create=create)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_creating_over_an_index_opens_it(new_index: BuildIndex) -> None:
    index = new_index(*NEWS)
    with indexer.open_index(index.path, create=True, language="de") as again:
        assert again.search().total == len(NEWS)
        assert again.language == "en"


def test_the_language_of_a_new_index_chooses_its_stemmer(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "de.index", create=True, language="de")
    add(index, tmp_path, [story("1", "Die Häuser stehen leer.")])
    assert index.search("Haus").total == 1
    with pytest.raises(ParameterError, match="no stemmer for 'xx'"):
        indexer.open_index(tmp_path / "xx.index", create=True, language="xx")
    assert not (tmp_path / "xx.index").exists()


def test_an_index_of_another_whoosh_schema_is_refused(tmp_path: Path) -> None:
    import whoosh.fields
    import whoosh.index

    whoosh.index.create_in(str(tmp_path), whoosh.fields.Schema(title=whoosh.fields.TEXT))
    with pytest.raises(NotAnIndexError, match="another schema"):
        indexer.open_index(tmp_path)


def test_plain_whoosh_opens_the_index_and_finds_the_same(new_index: BuildIndex) -> None:
    import whoosh.index
    import whoosh.query

    index = new_index(*NEWS)
    with whoosh.index.open_dir(str(index.path)).searcher() as searcher:
        found = searcher.search(whoosh.query.Term("text_stem", "ferri"), limit=None)
        assert sorted(hit["id"] for hit in found) == sorted(ids(index.search("ferry")))


def test_the_articles_of_the_doors_tests_are_all_found(tmp_path: Path) -> None:
    with indexer.open_index(build_doors_index(tmp_path)) as index:
        assert sorted(ids(index.search(limit=100))) == sorted(record["id"] for record in ARTICLES)
