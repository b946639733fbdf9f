"""Which articles a search finds, and which of them first."""

from __future__ import annotations

from random import Random

import pytest
from conftest import NEWS, BuildIndex
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import ids, story

from indexer import NewsIndex


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
        ('ferry -title:"ferry timetable"', ["herald-2", "undated-1"]),
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
    result = news.search(query)
    assert (sorted(ids(result)), result.warnings) == (expected, ())


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


def test_the_exact_phrase_comes_first_for_unquoted_words(news: NewsIndex) -> None:
    assert ids(news.search("coalition of the willing"))[0] == "ledger-1"


def test_the_quoted_phrase_drops_no_stop_words_and_does_not_stem(news: NewsIndex) -> None:
    assert ids(news.search('"coalition of the willing"')) == ["ledger-1"]
    assert ids(news.search('"coalition willing"')) == ["ledger-2"]
    assert ids(news.search('"coalitions willing"')) == []


@pytest.mark.parametrize("phrase", ["the tide", "tide the mast", "quay quay", "tides the", "mast"])
def test_a_phrase_is_found_in_every_one_of_many_articles(new_index: BuildIndex, phrase: str) -> None:
    rng = Random(7)
    texts = [" ".join(rng.choices(["tide", "tides", "mast", "the", "quay"], k=rng.randint(1, 40))) for _ in range(150)]
    index = new_index(*[story(str(number), text) for number, text in enumerate(texts)])
    expected = {str(number) for number, text in enumerate(texts) if f" {phrase} " in f" {text} "}
    assert 0 < len(expected) < len(texts)
    assert set(ids(index.search(f'"{phrase}"', limit=1000))) == expected


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
