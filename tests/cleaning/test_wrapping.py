"""Rows that a program broke at a fixed width become paragraphs again, and no others."""

from __future__ import annotations

import textwrap

import pytest

from indexer.cleaning import clean
from indexer.cleaning.wrapping import unwrapped

MENU = ["Capstan", "", "  * Harbour", "  * Town", "  * Sign in", ""]
TEXT = [
    "The last rope maker of the harbour has sold her walk, all three hundred metres of it, to a school of dance. The "
    "hooks in the beams will stay where they are, because nobody could find a ladder that was long enough for them.",
    "Ropes need length, she said on Tuesday, and so, it turned out, do people who want to learn how to leap. A first "
    "class of twelve begins in May, and the tar under the boards is said to be good for the knees of beginners.",
]
FOOTER = ["© 2019 The Capstan", "Imprint", "Contact"]


def broken(width: int, indent: str = "", parted: bool = True) -> list[str]:
    """A page whose paragraphs are broken at a width."""
    rows = [*MENU, "Rope walk becomes a dance floor", ""]
    for paragraph in TEXT:
        rows += textwrap.wrap(paragraph, width, initial_indent=indent, subsequent_indent=indent)
        rows += [""] if parted else []
    return [*rows, *FOOTER]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize("indent", ["", "   "])
def test_paragraphs_broken_at_any_width_are_whole_again_amid_a_page_of_short_lines(width: int, indent: str) -> None:
    rows = unwrapped(broken(width, indent))
    assert [row.strip() for row in rows] == [*map(str.strip, MENU), "Rope walk becomes a dance floor", "", TEXT[0], "",
                                             TEXT[1], "", *FOOTER]  # fmt: skip


def test_paragraphs_without_a_blank_line_between_them_end_where_the_next_word_had_room() -> None:
    assert unwrapped(broken(72, parted=False))[-5:] == [*TEXT, *FOOTER]


def test_item_of_a_list_is_no_continuation_but_its_own_rows_are() -> None:
    items = [f"Item {number}: {TEXT[0]}" for number in (1, 2)]
    rows = [row for item in items for row in textwrap.wrap(item, 72, initial_indent="  * ", subsequent_indent="    ")]
    assert unwrapped(rows) == [f"  * {item}" for item in items]


def test_number_and_its_unit_are_one_word_to_the_program_that_broke_the_rows() -> None:
    paragraph = " ".join(f"The {place} tower is{chr(0xA0)}:{chr(0xA0)}{place}00 feet high." for place in range(10, 40))
    rows = []
    row = ""
    for word in paragraph.split(" "):
        if row and len(row) + 1 + len(word) > 72:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".strip()
    assert unwrapped([*rows, row]) == [paragraph]


JAPANESE = "".join(
    f"港の古い縄工場が{year}年の春に{'ropewalk' * (year % 5)}踊りの学校に売られた。" for year in range(1990, 2015)
)


@pytest.mark.parametrize("columns", [1, 2], ids=["characters", "columns"])
def test_rows_of_a_script_without_spaces_are_joined_without_one(columns: int) -> None:
    rows, room = [""], 76
    for letter in JAPANESE:
        wanted = 1 if letter.isascii() else columns
        if room < wanted:
            rows.append("")
            room = 76
        rows[-1] += letter
        room -= wanted
    assert "".join(unwrapped(rows)).replace(" ", "") == JAPANESE
    assert len(unwrapped(rows)) == 1


def test_address_that_is_wider_than_the_rows_does_not_hide_their_width() -> None:
    targets = [f"   {number}. https://capstan.example/harbour/{'rope-walk-' * 14}{number}" for number in range(40)]
    assert TEXT[0] in unwrapped([*broken(72), "", *targets])


@pytest.mark.parametrize(
    "rows",
    [
        [*MENU, *TEXT, *FOOTER],
        [f"{'Rope walk becomes a dance floor and a hall for concerts'[: 40 + n % 15]}" for n in range(40)],
        [],
    ],
    ids=["paragraphs in one row each", "headlines below each other", "no rows"],
)
def test_rows_that_no_program_broke_stay_as_they_are(rows: list[str]) -> None:
    assert unwrapped(rows) == rows


def test_page_of_a_text_browser_gives_the_same_article_as_the_page_it_shows() -> None:
    article = clean("\n".join(broken(76, "   ")), kind="text")
    assert article.title == "Rope walk becomes a dance floor"
    assert article.body == "\n\n".join(TEXT)
