"""A parsed HTML page and what was read of it, shared by those who look for its metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indexer.article import one_line
from indexer.cleaning import words
from indexer.cleaning.blocks import Block
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
    same = (i for i in places if words.fold(blocks[i].text) == folded)
    return next(same, next((i for i in places if blocks[i].tag == "h1"), None))


def around_headline(page: PageParts, title: str) -> list[Block]:
    """The blocks after the headline, then those before it, the nearest first."""
    at = headline_place(page.blocks, title)
    if at is None:
        return list(page.blocks[: _AFTER_HEADLINE * 3])
    return [*page.blocks[at + 1 : at + 1 + _AFTER_HEADLINE], *reversed(page.blocks[max(0, at - _BEFORE_HEADLINE) : at])]


def text_of(element: Any) -> str:
    """The text of an element, on one line."""
    return one_line("".join(element.itertext()))
