"""What each character is to words once it is folded: a table that the loops of `native` look characters up in."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from indexer.analysis import fold
from indexer.native.words import POINTS, unknown_points

_WORDS: Final = re.compile(r"\w+")
_MOST_WORDS, _LEFT, _RIGHT, _KNOWN = 0x1F, 0x20, 0x40, 0x80


def _shape(character: str) -> int:
    """How many words the folded form of a character holds, and whether one touches its left end and its right.

    What folds to nothing, as combining marks do, touches both and holds none: words go on across it.
    """
    folded = fold(character)
    found = list(_WORDS.finditer(folded))
    left = not folded or (bool(found) and found[0].start() == 0)
    right = not folded or (bool(found) and found[-1].end() == len(folded))
    return _KNOWN | left * _LEFT | right * _RIGHT | min(len(found), _MOST_WORDS)


# (POINTS,) u1: code point → shape; those beyond ASCII are settled when they are met.
SHAPES: Final = np.zeros(POINTS, np.uint8)
SHAPES[:128] = [_shape(chr(point)) for point in range(128)]


def learn(text: bytes) -> None:
    """Settle the shapes of the characters of UTF-8 text."""
    if not text.isascii():
        for point in unknown_points(text, SHAPES).tolist():
            SHAPES[point] = _shape(chr(point))
