"""The postings of several segments → those of one."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from copy import copy
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.errors import CorruptSegmentError
from indexer.native.library import NUMBER, POINTER, loops

Array = npt.NDArray[Any]

GONE: Final = 0xFFFFFFFF
_CONTRADICTION: Final = "the postings of a segment contradict each other: look at the index with `indexer check`"


class Share(NamedTuple):
    """What is merged of a segment: its blocks by the names of `segment.format`, and what becomes of it.

    stems     (stems,) i8: the new stem of each, -1 for one that is gone
    forms     (w,) u2: the new form of each
    new_docs  (docs,) u4: the new document of each, GONE for a deleted one
    """

    docs: Array
    keys: Array
    long: Array
    long_frequencies: Array
    positions: Array
    variants: Array
    stem_postings: Array
    stem_places: Array
    stem_variants: Array
    stem_forms: Array
    stems: Array
    forms: Array
    new_docs: Array


class _Part(ctypes.Structure):
    _fields_ = [
        *((name, POINTER) for name in Share._fields),
        *((name, NUMBER) for name in ("stem_count", "doc_count", "long_count", "position_bytes", "variant_bytes")),
        *((name, NUMBER) for name in ("stem", "at", "stop", "place", "places_stop", "variant", "form", "form_count")),
        *((name, NUMBER) for name in ("long_at", "frequency")),
        ("doc", ctypes.c_uint32),
    ]


class _Merged(ctypes.Structure):
    _fields_ = [
        *((name, POINTER) for name in ("docs", "keys", "frequencies", "positions", "variants")),
        *((name, NUMBER) for name in ("position_bytes", "variant_bytes", "posting_room", "place_room")),
        *((name, NUMBER) for name in ("postings", "places", "varied")),
    ]


class PostingsMerger:
    """Merges the postings of segments, a range of new stems after the other.

    shares       of the segments, whose checksums have been verified
    form_counts  (stems,) i8: how many forms each new stem has
    positions, variants  the types of what is made
    """

    def __init__(
        self, shares: Sequence[Share], form_counts: Array, positions: npt.DTypeLike, variants: npt.DTypeLike
    ) -> None:
        self._shares = [_typed(share) for share in shares]
        self._form_counts = form_counts
        self._kinds = np.dtype(positions), np.dtype(variants)
        self._begin()

    def _begin(self) -> None:
        self._parts = (_Part * len(self._shares))(*map(_part, self._shares))
        self._heap = (POINTER * len(self._shares))()

    def again(self) -> PostingsMerger:
        """Another merger of the same from the first stem on, for another thread."""
        other = copy(self)
        other._begin()
        return other

    def merged(self, first: int, stop: int, postings: int, places: int) -> tuple[Array, ...]:
        """Of the new stems first to stop - 1: how many postings and places each has (i8).

        Then of their postings document (u4), key (u2) and frequency (i8); the positions; and the form at each place of
        the stems that have several.

        postings, places  how many there are at most
        """
        counts, place_counts = (np.empty(stop - first, np.int64) for _ in range(2))
        kinds = np.uint32, np.uint16, np.int64, *self._kinds
        rooms = [np.empty(places if at > 2 else postings, kind) for at, kind in enumerate(kinds)]
        sizes = (kind.itemsize for kind in self._kinds)
        made = _Merged(*(room.ctypes.data for room in rooms), *sizes, postings, places)
        state = loops().merge_postings(
            ctypes.addressof(self._parts),
            len(self._parts),
            ctypes.addressof(self._heap),
            first,
            stop,
            self._form_counts,
            ctypes.addressof(made),
            counts,
            place_counts,
        )
        if state < 0:
            raise CorruptSegmentError(_CONTRADICTION)
        ends = (made.postings, made.postings, made.postings, made.places, made.varied)
        return counts, place_counts, *(room[:end] for room, end in zip(rooms, ends, strict=True))


def _typed(share: Share) -> Share:
    """The same in the types that the loops read; raises TypeError for blocks of others."""
    counted = ("stem_postings", "stem_places", "stem_variants", "stem_forms")
    share = share._replace(**{name: getattr(share, name).astype(np.int64) for name in counted})
    kinds = {"keys": "u2", "forms": "u2", "stems": "i8", "positions": "u2 u4", "variants": "u1 u2"}
    for name, array in share._asdict().items():
        allowed = map(np.dtype, kinds.get(name, "i8" if name in counted else "u4").split())
        if array.dtype not in allowed or not array.flags.c_contiguous:
            raise TypeError(f"{name} is {array.dtype}")
    rows = {"stem_postings": share.docs, "stem_places": share.positions, "stem_variants": share.variants}
    for name, entries in (rows | {"stem_forms": share.forms}).items():
        bounds = getattr(share, name)
        if (
            len(bounds) != len(share.stems) + 1
            or bounds[0] < 0
            or bounds[-1] > len(entries)
            or (np.diff(bounds) < 0).any()
        ):
            raise CorruptSegmentError(_CONTRADICTION)
    if len(share.keys) != len(share.docs) or len(share.long) != len(share.long_frequencies):
        raise CorruptSegmentError(_CONTRADICTION)
    return share


def _part(share: Share) -> _Part:
    sizes = len(share.stems), len(share.new_docs), len(share.long)
    return _Part(*(array.ctypes.data for array in share), *sizes, share.positions.itemsize, share.variants.itemsize)
