"""The blocks of a segment as the loops read them."""

from __future__ import annotations

import ctypes
import struct
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.errors import CorruptSegmentError
from indexer.native.library import NUMBER, POINTER, address

Array = npt.NDArray[Any]


class Blocks(NamedTuple):
    """Blocks by what they are called in `segment.format`; they are never changed."""

    docs: Array
    keys: Array
    long: Array
    long_frequencies: Array
    title_lengths: Array
    stem_postings: Array
    stem_forms: Array
    forms: Array
    word_stems: Array
    anchor_offsets: Array
    starts: Array
    positions: Array
    variants: Array
    stem_places: Array
    stem_variants: Array
    anchors: Array


class Stem(NamedTuple):
    """A stem's postings.

    first, stop  their numbers
    shift        what makes of a place's number that of its variant; of a stem with a single form there is none
    """

    first: int
    stop: int
    shift: int


class Known(NamedTuple):
    """Where the postings of a stem are in some documents, if that is known.

    listed  whether all of the documents have one
    places  (docs,) i8: which of the stem's postings is each document's; None: they are the documents' one by one
    """

    listed: bool
    places: Array | None

    def of(self, first: int, count: int) -> Known:
        """The same for `count` of the documents, from number `first` on."""
        places = np.arange(first, first + count) if self.places is None else self.places[first : first + count]
        return Known(self.listed, places)

    def described(self, docs: int) -> bytes:
        """As the loops are told of it, of so many documents."""
        if self.places is None:
            return _KNOWN.pack(self.listed, 0)
        assert self.places.dtype == np.int64
        assert self.places.shape == (docs,)
        return _KNOWN.pack(self.listed, address(self.places))


UNKNOWN: Final = Known(False, None)
_KNOWN: Final = struct.Struct("2q")

# Block → the types that it may have.
TYPES: Final = {
    **dict.fromkeys(Blocks._fields, "u4"),
    **dict.fromkeys(("keys", "title_lengths"), "u2"),
    **dict.fromkeys(("starts", "stem_places", "stem_variants"), "u4 u8"),
    **dict.fromkeys(("positions", "anchors"), "u2 u4"),
    "variants": "u1 u2",
}


class _Segment(ctypes.Structure):
    _fields_ = [
        *((name, POINTER) for name in Blocks._fields),
        *((name, NUMBER) for name in ("posting_count", "long_count", "doc_count", "stem_count", "form_count")),
        *((name, NUMBER) for name in ("word_count", "start_count", "place_count", "variant_count")),
        *((name, NUMBER) for name in ("anchor_offset_count", "anchor_count", "start_bytes", "position_bytes")),
        *((name, NUMBER) for name in ("variant_bytes", "counting_bytes", "anchor_bytes")),
    ]


class Segment:
    """What the loops are told of a segment. Raises CorruptSegmentError for blocks that are none of an article segment.

    address  where they find it
    """

    def __init__(self, blocks: Blocks) -> None:
        for name, array in blocks._asdict().items():
            if array.dtype not in map(np.dtype, TYPES[name].split()):
                raise CorruptSegmentError(f"the block {name} of a segment is of the type {array.dtype}")
        by_stem = blocks.stem_postings, blocks.stem_forms, blocks.stem_places, blocks.stem_variants
        if blocks.stem_places.dtype != blocks.stem_variants.dtype:
            raise CorruptSegmentError("a segment counts places in two ways")
        self.posting_count = min(len(blocks.docs), len(blocks.keys))
        # Keeps alive what the addresses are of.
        self._blocks = blocks
        self._segment = _Segment(
            *(array.ctypes.data for array in blocks),
            posting_count=self.posting_count,
            long_count=min(len(blocks.long), len(blocks.long_frequencies)),
            doc_count=len(blocks.title_lengths),
            stem_count=max(0, min(map(len, by_stem)) - 1),
            form_count=len(blocks.forms),
            word_count=len(blocks.word_stems),
            start_count=len(blocks.starts),
            place_count=len(blocks.positions),
            variant_count=len(blocks.variants),
            anchor_offset_count=len(blocks.anchor_offsets),
            anchor_count=len(blocks.anchors),
            start_bytes=blocks.starts.itemsize,
            position_bytes=blocks.positions.itemsize,
            variant_bytes=blocks.variants.itemsize,
            counting_bytes=blocks.stem_places.itemsize,
            anchor_bytes=blocks.anchors.itemsize,
        )
        self.address = ctypes.addressof(self._segment)
