"""The blocks of a segment as the loops read them."""

from __future__ import annotations

import ctypes
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.errors import CorruptSegmentError
from indexer.native.library import NUMBER, POINTER

Array = npt.NDArray[Any]


class Blocks(NamedTuple):
    """Blocks by what they are called in `segment.format`; they are never changed."""

    docs: Array
    keys: Array
    long: Array
    long_frequencies: Array
    title_lengths: Array
    starts: Array
    positions: Array
    variants: Array


class Stem(NamedTuple):
    """A stem's postings.

    first, stop  their numbers
    shift        what makes of a place's number that of its variant; of a stem with a single form there is none
    """

    first: int
    stop: int
    shift: int


_TYPES: Final = ("u4", "u2", "u4", "u4", "u2", "u4 u8", "u2 u4", "u1 u2")


class _Segment(ctypes.Structure):
    _fields_ = [
        *((name, POINTER) for name in Blocks._fields),
        *((name, NUMBER) for name in ("postings", "longs", "docs_", "starts_", "places", "variants_")),
        *((name, NUMBER) for name in ("start_bytes", "position_bytes", "variant_bytes")),
    ]


class Segment:
    """What the loops are told of a segment. Raises CorruptSegmentError for blocks that are none of an article segment.

    address  where they find it
    """

    def __init__(self, blocks: Blocks) -> None:
        for array, types in zip(blocks, _TYPES, strict=True):
            if array.dtype not in map(np.dtype, types.split()):
                raise CorruptSegmentError(f"a block of a segment is of the type {array.dtype}")
        postings = min(len(blocks.docs), len(blocks.keys))
        longs = min(len(blocks.long), len(blocks.long_frequencies))
        counts = postings, longs, *(len(array) for array in blocks[4:])
        # Keeps alive what the addresses are of.
        self._blocks = blocks
        self._segment = _Segment(
            *(array.ctypes.data for array in blocks), *counts, *(array.itemsize for array in blocks[5:])
        )
        self.posting_count = postings
        self.address = ctypes.addressof(self._segment)
