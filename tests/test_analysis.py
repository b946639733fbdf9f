"""Words, stems and whole values against their definition in three lines."""

from __future__ import annotations

import naive
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer import analysis
from indexer.errors import ParameterError

# All of Unicode; sampled blocks make the rare foldings frequent.
FOLDED_STRANGELY = st.sampled_from([*"ßŉǰİıΐΰﬁﬃſςẞ…½™ﷺ㎏ｆＦ①Åé𝔘😀\u0345", "e\u0301", "o\u0308\u0323"])
PLAIN = st.sampled_from(list("abcXYZ019_ .,-'&\n\t"))
TEXTS = st.one_of(
    st.text(),
    st.lists(st.one_of(FOLDED_STRANGELY, PLAIN, st.characters(exclude_categories=["Cs"])), max_size=30).map("".join),
)


@settings(max_examples=400)
@given(TEXTS)
def test_words_are_the_runs_of_word_characters_after_folding(text: str) -> None:
    assert analysis.words(text) == naive.words(text)


@settings(max_examples=400)
@given(TEXTS)
@example("…ceasefire… ﬁnance ½")
@example("İstanbul\u0307 ŉx")
def test_spans_name_the_same_words_and_lie_where_those_words_stand(text: str) -> None:
    spans = analysis.word_spans(text)
    assert [word for word, _, _ in spans] == analysis.words(text)
    for word, start, end in spans:
        assert 0 <= start < end <= len(text)
        assert word in analysis.fold(text[start:end])
    starts = [start for _, start, _ in spans]
    assert starts == sorted(starts)


@given(TEXTS)
def test_folding_twice_changes_nothing_for_the_words(text: str) -> None:
    assert analysis.words(analysis.fold(text)) == analysis.words(text)


def test_every_code_point_makes_the_words_of_the_definition() -> None:
    for block in range(0, 0x110000, 64):
        text = " ".join(chr(code) for code in range(block, block + 64) if not 0xD800 <= code < 0xE000)
        assert analysis.words(text) == naive.words(text), hex(block)


@given(TEXTS)
def test_a_whole_value_is_folded_with_single_spaces(text: str) -> None:
    assert analysis.whole_value(text) == naive.folded(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sánchez SANCHEZ", ["sanchez", "sanchez"]),
        ("AT&T", ["at", "t"]),
        ("the U.S.'s", ["the", "u", "s", "s"]),
        ("Straße", ["strasse"]),
        ("co-operate", ["co", "operate"]),
        ("25,000", ["25", "000"]),
        ("東京 タワー", ["東京", "タワー"]),
        ("", []),
    ],
)
def test_words_of_news(text: str, expected: list[str]) -> None:
    assert analysis.words(text) == expected


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("…oil", [("oil", 1, 4)]),
        ("ﬁne day", [("fine", 0, 3), ("day", 4, 7)]),
        ("😀 oil", [("oil", 2, 5)]),
        ("cafe\u0301 au", [("cafe", 0, 4), ("au", 6, 8)]),
    ],
)
def test_spans_count_code_points_of_the_text_as_written(text: str, spans: list[tuple[str, int, int]]) -> None:
    assert analysis.word_spans(text) == spans


@given(st.lists(st.text(alphabet="abcdefgilnorstuvwy", min_size=1, max_size=12)))
def test_stems_are_snowballs(words: list[str]) -> None:
    assert analysis.stemmer("en").stems(words) == [naive.stem(word) for word in words]


@pytest.mark.parametrize(("language", "words"), [("el", ["ακι", "αγα", "αγε"]), ("ne", ["छ", "रत"])])
def test_a_word_that_a_stemmer_leaves_nothing_of_is_its_own_stem(language: str, words: list[str]) -> None:
    stemmer = analysis.stemmer(language)
    assert stemmer.stems(words) == words
    assert stemmer.stems(words * 1000) == words * 1000


def test_a_language_without_a_stemmer_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(ParameterError, match=r"no stemmer for 'xx'.*de, .*en, "):
        analysis.stemmer("xx")
