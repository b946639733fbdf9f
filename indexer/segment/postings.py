"""The blocks of postings and places, written by ranges of stems: memory holds a range's arrays, not a segment's."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.errors import CorruptSegmentError
from indexer.fields import MAX_FREQUENCY
from indexer.segment.blocks import BlockWriter
from indexer.segment.format import STRIDE, counting

Array = npt.NDArray[Any]

_CONTRADICTION: Final = "postings contradict each other"


class Counts(NamedTuple):
    """How many postings and places a segment has, and places of stems that have several forms."""

    postings: int
    places: int
    varied: int


class Postings(NamedTuple):
    """Postings of some stems, by stem, then by document, and their places.

    counts, place_counts    (stems,) how many postings and places each stem has
    docs, keys, frequencies (postings,) see `format`
    positions               (places,)
    variants                (places of the stems that have several forms,)
    """

    counts: Array
    place_counts: Array
    docs: Array
    keys: Array
    frequencies: Array
    positions: Array
    variants: Array


class PostingsWriter:
    """Takes the postings of all stems, range after range, and writes their blocks.

    counts               of them all
    positions, variants  the types of these blocks

    Raises CorruptSegmentError where there are more or fewer than were counted.
    """

    def __init__(self, out: BlockWriter, counts: Counts, positions: npt.DTypeLike, variants: npt.DTypeLike) -> None:
        self._counts = counts
        self._docs = out.reserve("postings.docs", np.uint32, counts.postings)
        self._keys = out.reserve("postings.keys", np.uint16, counts.postings)
        self._starts = out.reserve("postings.starts", counting(counts.places), -(-counts.postings // STRIDE))
        self._positions = out.reserve("positions", positions, counts.places)
        self._variants = out.reserve("variants", variants, counts.varied)
        # Few, as most postings have few places.
        self._long: list[Array] = []
        self._frequencies: list[Array] = []
        self._stem_postings: list[Array] = []
        self._stem_places: list[Array] = []
        self._postings = self._places = self._varied = 0

    def add(self, postings: Postings) -> None:
        """Take the postings of the next stems."""
        frequencies = postings.frequencies
        ends = frequencies.cumsum()
        strided = slice(-self._postings % STRIDE, None, STRIDE)
        starts = self._places + ends[strided] - frequencies[strided]
        long = (frequencies >= MAX_FREQUENCY).nonzero()[0]
        self._long.append(self._postings + long)
        self._frequencies.append(frequencies[long])
        self._stem_postings.append(self._postings + postings.counts.cumsum() - postings.counts)
        self._stem_places.append(self._places + postings.place_counts.cumsum() - postings.place_counts)
        self._postings += len(postings.docs)
        self._places += len(postings.positions)
        self._varied += len(postings.variants)
        if any(map(int.__gt__, (self._postings, self._places, self._varied), self._counts)):
            raise CorruptSegmentError(_CONTRADICTION)
        self._docs.append(postings.docs)
        self._keys.append(postings.keys)
        self._starts.append(starts)
        self._positions.append(postings.positions)
        self._variants.append(postings.variants)

    def finish(self, out: BlockWriter) -> tuple[Array, Array]:
        """Write the last blocks; returns the first posting and the first place of every stem, and the ends."""
        if (self._postings, self._places, self._varied) != self._counts:
            raise CorruptSegmentError(_CONTRADICTION)
        none = np.empty(0, np.int64)
        out.add("postings.long", np.concatenate([none, *self._long]).astype(np.uint32))
        out.add("postings.frequencies", np.concatenate([none, *self._frequencies]).astype(np.uint32))
        return (
            np.concatenate([*self._stem_postings, [self._postings]]),
            np.concatenate([*self._stem_places, [self._places]]),
        )
