"""A parsed HTML page and what was read of it, shared by those who look for its metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indexer.article import one_line
from indexer.cleaning import words
from indexer.cleaning.blocks import INLINE, SKIPPED, Block
from indexer.cleaning.structured import Structured

_BEFORE_HEADLINE, _AFTER_HEADLINE = 6, 12  # blocks among which date and byline stand


@dataclass(slots=True)
class PageParts:
    """A parsed page and what was read of it so far.

    tree        the parsed page
    structured  what it says for machines
    blocks      its texts in order
    url         where it is from, if known
    """

    tree: Any
    structured: Structured
    blocks: Sequence[Block]
    url: str | None


def headline_place(blocks: Sequence[Block], title: str) -> int | None:
    """Where the headline stands among the blocks."""
    folded = words.fold(title)
    places = [i for i, block in enumerate(blocks) if block.tag in ("h1", "h2", "h3")]
    for i in places:
        if words.fold(blocks[i].text) == folded:
            return i
    # Pages without headings have it on a line of its own; in a trail of links it is not linked either.
    lines = (i for i, block in enumerate(blocks) if block.text == title and not block.linked)
    return next(lines, next((i for i in places if blocks[i].tag == "h1"), None))


def around_headline(page: PageParts, title: str) -> list[Block]:
    """The blocks after the headline, then those before it, the nearest first."""
    at = headline_place(page.blocks, title)
    if at is None:
        return list(page.blocks[: _AFTER_HEADLINE * 3])
    return [*page.blocks[at + 1 : at + 1 + _AFTER_HEADLINE], *reversed(page.blocks[max(0, at - _BEFORE_HEADLINE) : at])]


def text_of(element: Any) -> str:
    """The text of an element, on one line."""
    return " ".join(lines_of(element))


def lines_of(element: Any) -> list[str]:
    """The text of an element, a line for each that it is shown on."""
    pieces: list[str] = []
    _collect(element, pieces)
    return [text for line in "".join(pieces).split("\v") if (text := one_line(line))]


def _collect(element: Any, pieces: list[str]) -> None:
    if not isinstance(element.tag, str) or element.tag in SKIPPED:
        return
    border = "" if element.tag in INLINE else "\v"
    pieces.extend((border, element.text or ""))
    for child in element:
        _collect(child, pieces)
        pieces.append(child.tail or "")
    pieces.append(border)
