"""Which pieces of an article are shown, and what is marked in them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from conftest import BuildIndex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from indexes import built, story

from indexer import NewsIndex, Snippet
from indexer.analysis import fold, word_spans


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.ranges]


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


@pytest.mark.parametrize("before", ["", "x ", "x y "])
def test_characters_of_two_words_do_not_move_the_marks_behind_them(new_index: BuildIndex, before: str) -> None:
    index = new_index(story("1", before + "½ " * 40 + "and then oil and gas"))
    assert marked(one_snippet(index, "oil")) == ["oil"]


@pytest.mark.parametrize("before", range(30, 50))
def test_a_piece_begins_with_the_sentence_of_its_mark_wherever_it_stands(new_index: BuildIndex, before: int) -> None:
    index = new_index(story("1", "rain " * before + "fell. Then the (first) lighthouse shone. " + "wind " * 60))
    assert one_snippet(index, "lighthouse").text.startswith("… Then the (first) lighthouse shone. wind")


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ("ferry " + "★ " * 1_000_000 + "harbour", "harbour"),
        ("ferry " + "★" * 1_000_000, "ferry"),
        ("★" * 1_000_001 + "ferry", "ferry"),
        ("Ä" * 1_000_000, "ÄÄÄ*"),
        ("★ " * 1_000_000 + "ferry", ""),
    ],
)
def test_a_piece_is_short_however_long_the_words_or_what_stands_between_them(
    new_index: BuildIndex, body: str, query: str
) -> None:
    (hit,) = new_index({"id": "1", "title": "Log", "body": body}).search(query).hits
    (piece,) = hit.snippets
    assert len(piece.text.encode()) < 2100
    assert [piece.text[start:end] in body for start, end in piece.ranges] == [True] * bool(query)
    assert all(start < end for start, end in piece.ranges)


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
