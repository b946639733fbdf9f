"""Which words of a hit are marked, and which pieces of its text hold the most of them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.library import counted, loops

Array = npt.NDArray[Any]

_ITEM: Final = "4q"
_RULES: Final = "5q"


class Item(NamedTuple):
    """Something that is looked for.

    keys  (n,) i8 ascending: its places in some documents, see `places.rows_of_words`
    size  how many words are marked from each place on
    weak  whether it is marked only beside others
    """

    keys: Array
    size: int
    weak: bool


class Rules(NamedTuple):
    """What pieces are like.

    most_marks  of an item in a document, and of a body
    body_start  the first position of a body
    reach       from the first mark of a piece to the end of it, in words
    words       of a piece
    pieces      of a document at most
    """

    most_marks: int
    body_start: int
    reach: int
    words: int
    pieces: int


class Marked(NamedTuple):
    """A document's marked words, and where its best pieces are.

    title, body  the numbers of marked words, ascending
    starts       the first marked word of each piece of the body, ascending
    """

    title: list[int]
    body: list[int]
    starts: list[int]


def pieces_of_hits(doc_count: int, items: Sequence[Item], rules: Rules) -> list[Marked]:
    """What is marked and shown of each of some documents."""
    bounds, bodies = np.empty(doc_count + 1, np.int64), np.empty(doc_count, np.int64)
    positions = np.empty(sum([len(item.keys) * item.size for item in items]), np.int32)
    starts = np.empty(doc_count * rules.pieces, np.int32)
    asked = b"".join(
        [struct.pack(_ITEM, item.keys.ctypes.data, len(item.keys), item.size, item.weak) for item in items]
    )
    counted(
        loops().pieces_of_hits(
            doc_count, asked, len(items), struct.pack(_RULES, *rules), bounds, bodies, positions, starts
        )
    )
    ends, middles, places, first = bounds.tolist(), bodies.tolist(), positions.tolist(), starts.tolist()
    return [
        Marked(
            places[ends[doc] : middles[doc]],
            places[middles[doc] : ends[doc + 1]],
            sorted([start for start in first[doc * rules.pieces : (doc + 1) * rules.pieces] if start >= 0]),
        )
        for doc in range(doc_count)
    ]
