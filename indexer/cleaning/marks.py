"""The rows of a dump without the marks by which its program wrote links, pictures, headings and emphasis.

Markdown has `[the words](https://site.example/page)`, `## The heading` and `**strong**`; text browsers number the
links, `[12]the words`, and list their targets at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

# What stands between two marks is bounded: a row may be as long as the page, and full of marks that nothing closes.
_TARGET: Final = (
    r"\(<?[^\s()<>]{0,2000}(?:\([^\s()]{0,200}\)[^\s()<>]{0,200}){0,9}>?(?:\s+[\"'(][^\n]{0,300}?[\"')])?\)"
)
_PICTURE: Final = re.compile(rf"!\[([^\]\n]{{0,1000}})\]{_TARGET}")
_LINK: Final = re.compile(rf"\[((?:[^\[\]\n]|\[[^\[\]\n]{{0,300}}\]){{0,1000}})\]{_TARGET}")
_HEADING: Final = re.compile(r"^[ \t]*#{1,6}[ \t]+(?=\S)", re.M)
_EMPHASIS: Final = re.compile(r"(?<![\w*_])(\*{1,3}|_{1,3})(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w*_])")
_ESCAPED: Final = re.compile(r"\\(?=[\\`*_{}\[\]()#+.!|<>~-])")
_NUMBER: Final = re.compile(r"\[(\d{1,4})\](?=\S)")
_FEWEST: Final = 5


def unmarked(rows: Sequence[str]) -> Sequence[str]:
    """The rows as a reader sees them."""
    text = "\n".join(rows)
    marked = text
    if "](" in text and len(_LINK.findall(text)) >= _FEWEST:
        text = _EMPHASIS.sub(r"\2", _HEADING.sub("", _LINK.sub(r"\1", _PICTURE.sub(r"\1", text))))
        text = _ESCAPED.sub("", text)
    elif "[1]" in text and _are_counted([int(number) for number in _NUMBER.findall(text)]):
        text = _NUMBER.sub("", text)
    return rows if text is marked else text.split("\n")


def _are_counted(numbers: Sequence[int]) -> bool:
    """Whether the numbers are those of a page's links, each one more than the last."""
    rising = sum(after == before + 1 for before, after in pairwise(numbers))
    return rising >= max(_FEWEST, 0.8 * len(numbers))
