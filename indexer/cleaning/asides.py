"""Paragraphs that stand in an article's text and are not of it: pull quotes and notes on the author."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_QUOTED = re.compile(r"[\"“”„»«].{8,200}[\"”“«»][.!?]?")
_NOT_WORDS = re.compile(r"[\W_]+")
_LONGEST_NOTE = 80  # words


def without_asides(paragraphs: Sequence[str], authors: Sequence[str], subheadings: Collection[str] = ()) -> list[str]:
    """The paragraphs without pull quotes and without a closing note on one of the authors.

    subheadings  paragraphs that are surely none of these, though they may quote the text
    """
    kept = list(paragraphs)
    while len(kept) > 1 and is_note_on(kept[-1], authors):
        del kept[-1]
    if any(map(_QUOTED.fullmatch, kept)):
        text = [f" {_NOT_WORDS.sub(' ', paragraph).strip()} " for paragraph in kept]
        kept = [
            paragraph
            for i, paragraph in enumerate(kept)
            if paragraph in subheadings or not _is_pull_quote(paragraph, i, text)
        ]
    return kept


def is_note_on(paragraph: str, authors: Sequence[str]) -> bool:
    """Whether a last paragraph is a note on one of the authors: it opens with the whole name."""
    return paragraph.count(" ") < _LONGEST_NOTE and any(
        " " in author and paragraph.startswith(author) and paragraph[len(author) : len(author) + 1] in (" ", ",")
        for author in authors
    )


def is_quoted(paragraph: str) -> bool:
    """Whether the whole paragraph is one quotation."""
    return _QUOTED.fullmatch(paragraph) is not None


def _is_pull_quote(paragraph: str, i: int, text: Sequence[str]) -> bool:
    """Whether the paragraph at `i` is a quotation that another, longer one holds too.

    It is a copy to the letter; a subheading that quotes the text opens with a capital where the text has none.
    """
    return is_quoted(paragraph) and any(
        text[i] in other and len(other) > len(text[i]) for j, other in enumerate(text) if j != i
    )
