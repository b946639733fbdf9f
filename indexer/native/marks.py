"""Which words of a hit are marked, and which pieces of its text hold the most of them."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.library import counted, loops
from indexer.native.pieces import UNKNOWN_CHARACTER
from indexer.native.places import described
from indexer.native.segment import Segment, Stem

Array = npt.NDArray[Any]

_ITEM: Final = "7q"
_RULES: Final = "6q"
_BODY: Final = "3q"
_PIECE: Final = 5
# What there is room for: pieces of a hit; marks of an item in a hit, or of a body; words of a piece.
_MOST: Final = {"pieces": 5, "most_marks": 64, "words": 64}


class Item(NamedTuple):
    """Something that is looked for: words in a row, or places that are known.

    words      the row, see `places.rows_of_words`; or
    keys       (n,) i8 ascending: the places in the hits, as `places.places_of_any` returns them
    low, high  the least position, and the first that is not any more
    weak       whether it is marked only beside others
    """

    words: Sequence[tuple[Stem, int]] = ()
    keys: Array | None = None
    low: int = 0
    high: int = 0
    weak: bool = False


class Rules(NamedTuple):
    """What pieces are like.

    most_marks  of an item in a hit, and of a body
    body_start  the first position of a body
    reach       from the first mark of a piece to the end of it, in words
    words       of a piece
    lead        words of it before the first mark
    pieces      of a hit at most
    """

    most_marks: int
    body_start: int
    reach: int
    words: int
    lead: int
    pieces: int


class Piece(NamedTuple):
    """A piece of a body.

    left, right  its bytes
    is_cut       whether the body goes on behind it
    ranges       (start, end) of its marked words, in code points of the piece as it is shown, see `query.snippets`
    """

    left: int
    right: int
    is_cut: bool
    ranges: tuple[tuple[int, int], ...]


class Shown(NamedTuple):
    """What is shown of a hit: pieces of its body in order; or its title, if there are none.

    title  the numbers of the title's marked words, ascending
    """

    pieces: list[Piece]
    title: list[int]


def pieces_of_hits(
    segment: Segment,
    shapes: Array,
    hits: Sequence[tuple[int, bytes]],
    items: Sequence[Item],
    rules: Rules,
) -> list[Shown] | None:
    """What is marked and shown of some hits; None where a body has a character whose shape is not known.

    shapes  see `characters`
    hits    document and body in UTF-8, by document, ascending
    """
    assert all(getattr(rules, name) <= most for name, most in _MOST.items())
    texts = (ctypes.c_char_p * len(hits))(*[body for _, body in hits])
    addresses = struct.unpack(f"{len(hits)}P", texts)
    bodies = [struct.pack(_BODY, address, len(body), doc) for address, (doc, body) in zip(addresses, hits, strict=True)]
    rows: list[tuple[Stem, int]] = []
    asked = []
    room = 0
    for item in items:
        keys, size = item.keys, len(item.words) or 1
        place = (0, 0) if keys is None else (keys.ctypes.data, len(keys))
        asked.append(struct.pack(_ITEM, *place, len(rows), size, item.low, item.high, item.weak))
        rows += item.words
        room += rules.most_marks * size
    bounds, titles = np.empty(len(hits) + 1, np.int64), np.empty(len(hits) * room, np.int32)
    pieces = np.empty(len(hits) * rules.pieces * _PIECE, np.int64)
    ranges = np.empty(len(hits) * rules.pieces * rules.words * 2, np.int32)
    count = loops().pieces_of_hits(
        segment.address,
        shapes,
        struct.pack(_RULES, *rules),
        b"".join(bodies),
        len(hits),
        b"".join(asked),
        len(items),
        described(rows),
        len(rows),
        bounds,
        titles,
        pieces,
        ranges,
    )
    if count == UNKNOWN_CHARACTER:
        return None
    edges = ranges[: 2 * counted(count)].tolist()
    every = list(zip(edges[::2], edges[1::2], strict=True))
    ends, places = bounds.tolist(), titles[: bounds[-1]].tolist()
    found = [
        Piece(left, right, bool(is_cut), tuple(every[first:last])) if left >= 0 else None
        for left, right, is_cut, first, last in pieces.reshape(-1, _PIECE).tolist()
    ]
    return [
        Shown(
            [piece for piece in found[hit * rules.pieces : (hit + 1) * rules.pieces] if piece],
            places[ends[hit] : ends[hit + 1]],
        )
        for hit in range(len(hits))
    ]
