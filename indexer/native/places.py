"""Where words stand in a row, in some documents."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.native.library import counted, loops
from indexer.native.segment import UNKNOWN, Known, Segment, Stem

Array = npt.NDArray[Any]

# Behind the last position that a text can have.
EVERYWHERE: Final = (1 << 32) - 1
# Places of a document that there is room for at first.
_ROOM: Final = 16
_WORD: Final = "4q"


def described(words: Sequence[tuple[Stem, int]]) -> bytes:
    """Words as the loops are told of them: each one's stem, and which of the stem's words it is, -1 for any."""
    return b"".join([struct.pack(_WORD, *stem, form) for stem, form in words])


def rows_of_words(
    segment: Segment,
    docs: Array,
    words: Sequence[tuple[Stem, int]],
    low: int,
    high: int,
    known: Sequence[Known] = (),
    most: int = EVERYWHERE,
) -> Array:
    """The places of the first of some words where the others follow it one by one, as keys (i8), ascending.

    A key is the number of the document among `docs` << 32, and the position.

    docs       (n,) u4, ascending
    words      see `described`
    low, high  the least position that is looked for, and the first that is not any more
    known      of each word's stem, where its postings are; nothing, where that is not known of any
    most       places of each document, the first of them
    """
    row = described(words)
    postings = b"".join([one.described(len(docs)) for one in known or [UNKNOWN] * len(words)])
    room = _ROOM * (len(docs) + _ROOM)
    while True:
        keys = np.empty(room, np.int64)
        found = counted(
            loops().rows_of_words(
                segment.address, docs, len(docs), row, postings, len(words), low, high, most, keys, room
            )
        )
        if found <= room:
            return keys[:found]
        room = found


def places_of_any(segment: Segment, docs: Array, words: Array, low: int, high: int) -> Array:
    """The places of any of some words (numbers, u4), as keys like those of `rows_of_words`, ascending."""
    room = _ROOM * (len(docs) + _ROOM)
    while True:
        keys = np.empty(room, np.int64)
        found = loops().places_of_any(segment.address, docs, len(docs), words, len(words), low, high, keys, room)
        if found <= room:
            keys = keys[:found]
            keys.sort()
            return keys
        room = found


def mark_docs_of_any(segment: Segment, words: Array, low: int, high: int, seen: Array) -> None:
    """Set `seen` (u1, of each document) to 1 where a document holds any of some words (numbers, u4).

    low, high  as for `rows_of_words`; 0 and EVERYWHERE: no matter where
    """
    anywhere = low == 0 and high == EVERYWHERE
    loops().docs_of_any(segment.address, words, len(words), anywhere, low, high, seen, len(seen))
