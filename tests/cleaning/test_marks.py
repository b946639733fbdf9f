"""The marks of Markdown and of text browsers are no part of an article."""

from __future__ import annotations

import pytest

from indexer.cleaning import clean
from indexer.cleaning.marks import unmarked

LINKS = [f"  * [Entry {number}](https://capstan.example/{number})" for number in range(6)]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("## Rope walk becomes a dance floor", "Rope walk becomes a dance floor"),
        ("The [rope walk](/walk \"A page\") is [sold](<https://a.example/b_(c)>).", "The rope walk is sold."),
        ("[![A rope](https://a.example/rope.jpg)](https://a.example)", "A rope"),
        ("It was **by far** the _longest_ room.", "It was by far the longest room."),
        ("In 1997\\. Some \\- not all \\- left.", "In 1997. Some - not all - left."),
        ("a file_name_here and 2 * 3 * 4", "a file_name_here and 2 * 3 * 4"),
    ],
)  # fmt: skip
def test_marks_of_markdown_go_and_the_words_stay(marked: str, plain: str) -> None:
    assert unmarked([*LINKS, marked])[-1] == plain


def test_numbers_of_a_text_browsers_links_go() -> None:
    rows = [f"     * [{number}]Entry {number}" for number in range(1, 13)]
    assert unmarked([*rows, "The [13]rope walk is sold."])[-1] == "The rope walk is sold."
    assert unmarked(rows)[0] == "     * Entry 1"


@pytest.mark.parametrize(
    "rows",
    [
        ["He wrote f**k and s**t.", "# 1 in the charts"],
        ["A note [1]here and [7]there, [3]and [1]again, [9]and [2]so [4]on."],
        ["  [1] See the report."],
    ],
)
def test_page_without_such_marks_stays_as_it_is(rows: list[str]) -> None:
    assert unmarked(rows) == rows


def test_article_in_markdown_is_cleaned_like_any_other() -> None:
    paragraphs = [
        "The last rope maker of the [harbour](/harbour) has sold her walk to a school of dance, **all of it**.",
        "Ropes need length, she said on [Tuesday](/days/2), and so do people who want to learn how to leap.",
        "The hooks in the beams will stay where they are. Nobody could find a ladder that was long enough.",
    ]
    article = clean("\n\n".join(["\n".join(LINKS), "# Rope walk becomes a dance floor", *paragraphs]), kind="text")
    assert article.title == "Rope walk becomes a dance floor"
    assert article.body.startswith("The last rope maker of the harbour has sold her walk to a school of dance, all of")
    assert "on Tuesday, and so" in article.body
    assert "](" not in article.body
