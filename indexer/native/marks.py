"""Which words of a hit are marked, and which pieces of its text hold the most of them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.library import address, counted, loops
from indexer.native.places import described
from indexer.native.segment import Segment, Stem

Array = npt.NDArray[Any]

_ITEM: Final = "7q"
_RULES: Final = "6q"
# What is returned of a text with a character whose shape is not known.
_UNKNOWN_CHARACTER: Final = -2
# Bytes around a piece: its ellipses, and the end of the line.
_AROUND: Final = 16
# What there is room for: pieces of a hit; marks of an item in a hit, or of a body; words of a piece.
_MOST_PIECES: Final = 5
_MOST_MARKS: Final = 64
_MOST_WORDS: Final = 64


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


class Shown(NamedTuple):
    """What is shown of some hits.

    pieces  how many pieces of its body are shown of each hit; its title where there is none
    texts   all that is shown
    ranges  of each text, (start, end) of its marked words in code points
    """

    pieces: list[int]
    texts: list[str]
    ranges: list[tuple[tuple[int, int], ...]]


def pieces_of_hits(
    segment: Segment,
    shapes: Array,
    docs: Sequence[int],
    titles: Sequence[bytes],
    bodies: Sequence[bytes],
    items: Sequence[Item],
    rules: Rules,
) -> Shown | None:
    """What is marked and shown of some hits; None where a text has a character whose shape is not known.

    shapes          see `characters`
    docs            ascending
    titles, bodies  in UTF-8
    """
    assert rules.pieces <= _MOST_PIECES
    assert rules.most_marks <= _MOST_MARKS
    assert rules.words <= _MOST_WORDS
    count = len(docs)
    sizes = list(map(len, bodies))
    described_docs = struct.pack(f"{3 * count}q", *docs, *sizes, *map(len, titles))
    texts = b"".join((*bodies, *titles))
    rows: list[tuple[Stem, int]] = []
    asked = []
    for item in items:
        keys = item.keys
        place = (0, 0) if keys is None else (address(keys), len(keys))
        asked.append(struct.pack(_ITEM, *place, len(rows), len(item.words) or 1, item.low, item.high, item.weak))
        rows += item.words
    pieces, range_ends = np.empty(count, np.int64), np.empty(count * rules.pieces, np.int64)
    ranges = np.empty(2 * count * max(rules.pieces * rules.words, _MOST_MARKS), np.int32)
    room = sum(sizes) * rules.pieces + sum(map(len, titles)) + _AROUND * count * rules.pieces
    text = np.empty(room, np.uint8)
    size = loops().pieces_of_hits(
        segment.address,
        shapes,
        struct.pack(_RULES, *rules),
        described_docs,
        texts,
        count,
        b"".join(asked),
        len(items),
        described(rows),
        len(rows),
        pieces,
        range_ends,
        ranges,
        text,
    )
    if size == _UNKNOWN_CHARACTER:
        return None
    every = text[: counted(size)].tobytes().decode().split("\n")[:-1]
    ends = [0, *range_ends[: len(every)].tolist()]
    edges = ranges[: 2 * ends[-1]].tolist()
    pairs = list(zip(edges[::2], edges[1::2], strict=True))
    return Shown(pieces.tolist(), every, [tuple(pairs[first:last]) for first, last in pairwise(ends)])
