"""What of an HTML page's likely text is read again and left out: comments, transcripts, copies, what closes a page."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from indexer.cleaning import clean
from indexer.cleaning.blocks import blocks_of
from indexer.cleaning.body import decide, text_of
from indexer.cleaning.html import parsed
from indexer.errors import PageError

PARAGRAPHS = [
    f"Paragraph {number} of this story tells at some length what happened on the river that day."
    for number in range(1, 7)
]
TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def kept(page: str, authors: Sequence[str] = ()) -> list[str]:
    """The paragraphs that are left of a page, each of which looks like an article's."""
    blocks = blocks_of(parsed(f"<html><body>{page}</body></html>"))
    return text_of(decide(blocks, [0.9] * len(blocks), "Rafts on the river", authors)).split("\n\n")


@pytest.mark.parametrize("heading", ["3 Comments", "Comments (3)", "12 Kommentare"])
def test_what_follows_a_heading_that_counts_comments_is_out(heading: str) -> None:
    comments = "<ol><li><p>We saw them, too, and took a picture of each of the rafts.</p></li></ol>"
    assert kept(f"{TEXT}<h2>{heading}</h2>{comments}") == PARAGRAPHS


def test_count_of_comments_above_the_text_ends_nothing() -> None:
    assert kept(f"<h2>3 Comments</h2>{TEXT}")[-6:] == PARAGRAPHS


def test_heading_of_the_text_that_ends_in_a_number_ends_nothing() -> None:
    assert kept(f"{TEXT}<h2>The harbour in 2024</h2><p>It is quiet there now, the watchman says.</p>")[-1].endswith(
        "says."
    )


def test_transcript_of_a_film_is_out() -> None:
    film = "<p>00:01 Good evening from the harbour 00:04 where rafts 00:08 have come in 00:12 all day 00:16 long</p>"
    assert kept(film + TEXT) == PARAGRAPHS


def test_hours_of_a_day_are_no_transcript() -> None:
    day = "At 10:00 one raft came, at 10:20 two, at 11:00 three, at 12:15 four, at 13:40 five and at 15:00 six."
    assert kept(f"<p>{day}</p>{TEXT}") == [day, *PARAGRAPHS]


def test_byline_below_the_standfirst_is_out() -> None:
    page = f"<p>Seven rafts came down before noon.</p><p>By Liv Sommerau</p>{TEXT}"
    assert kept(page, ["Liv Sommerau"]) == ["Seven rafts came down before noon.", *PARAGRAPHS]


@pytest.mark.parametrize(
    "closing",
    [
        "<p>On the same subject, from our archive:</p>",
        "<h3>Seven things about rafts</h3>",
        "<p>© Ferry Press 2020</p>",
        "<p>Liv Sommerau liv@slowwater.example (END)</p>",
        "<p>（责任编辑：小河）</p>",
    ],
)
def test_last_line_that_leads_nowhere_or_signs_for_the_page_is_out(closing: str) -> None:
    assert kept(TEXT + closing) == PARAGRAPHS


def test_copy_of_a_paragraph_is_out_in_scripts_without_spaces() -> None:
    paragraph = "清晨，七只木筏顺流而下，停在旧港的码头旁，谁也不知道这些木板是从哪里来的，守夜人说他一夜没有合眼。"
    other = "镇上的人中午以前都到河边来看，孩子们数了三遍，每一次的数目都不一样，后来渔夫把它们一只一只系在桩子上。"
    assert kept(f"<p>{paragraph}</p><p>{other}</p><p>{paragraph}</p>") == [paragraph, other]


def test_page_none_of_whose_lines_looks_like_text_is_rejected() -> None:
    with pytest.raises(PageError, match="no article text"):
        clean(
            "<html><body><ul class='menu'>"
            + "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("Home", "Harbour", "Rafts", "Letters"))
            + "</ul><div class='footer'><ul><li>Slow Water Ltd.</li><li>12 Ferry Lane</li></ul></div></body></html>",
            kind="html",
        )
