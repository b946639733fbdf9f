"""Lists of documents (u4, ascending)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.library import address, loops
from indexer.native.library import counted as enough
from indexer.native.segment import Segment

Array = npt.NDArray[Any]

_SHARE: Final = "4qd"
_SCORED: Final = "4q2d"
_KEYS: Final = 1 << 16


def common(docs: Array, others: Array, doc_count: int) -> tuple[Array, Array]:
    """Where the documents that two lists have in common stand in each of them (i8).

    doc_count  documents of the segment
    """
    few, many = (docs, others) if len(docs) <= len(others) else (others, docs)
    places = np.empty((2, len(few)), np.int64)
    count = loops().common_docs(few, len(few), many, len(many), doc_count, places.reshape(-1))
    in_few, in_many = places[:, :count]
    return (in_few, in_many) if few is docs else (in_many, in_few)


def below(docs: Array, bounds: Array) -> Array:
    """How many (i8) documents of a list are below each of some bounds (u4), which descend."""
    counts = np.empty(len(bounds), np.int64)
    loops().docs_below(docs, len(docs), bounds, len(bounds), counts)
    return counts


def marked(seen: Array) -> Array:
    """The numbers (u4) of the documents that are marked in `seen` (bool)."""
    docs = np.empty(len(seen) + 1, np.uint32)
    found: int = loops().marked_docs(seen.view(np.uint8), len(seen), docs)
    return docs[:found]


class Share(NamedTuple):
    """A part of the scores of some documents: `factor` times what a stem's postings are worth, or numbers.

    first, stop  the postings
    numbers      (n,) float32; None for postings
    places       (documents,) i8, not negative: which of the postings or numbers is each document's; None: they are the
                 documents' one by one
    """

    first: int
    stop: int
    factor: float
    numbers: Array | None = None
    places: Array | None = None

    def at(self, places: Array) -> Share:
        """The share of the documents at some places (i8) among these."""
        chosen = places if self.places is None else self.places.take(places)
        return Share(self.first, self.stop, self.factor, self.numbers, chosen)


_NO_SHARE: Final = Share(-1, -1, 0.0)


def scores_of(segment: Segment, table: Array, shares: Sequence[Share], constant: float, count: int) -> Array:
    """(count,) float32: the sums of the parts of the scores of some documents and of what all of them score.

    table   (65536,) float32: posting key → what it is worth, see `scoring`
    shares  at least one
    """
    assert shares
    scores = np.empty(count, np.float32)
    described = []
    for first, stop, factor, numbers, places in shares:
        assert numbers is None or numbers.dtype == np.float32
        assert places is None or (places.dtype == np.int64 and len(places) == count)
        assert 0 <= first <= stop <= (segment.posting_count if numbers is None else len(numbers))
        addresses = 0 if numbers is None else address(numbers), 0 if places is None else address(places)
        described.append(struct.pack(_SHARE, first, stop, *addresses, factor))
    assert len(table) == _KEYS
    loops().sum_shares(segment.address, table, b"".join(described), len(described), constant, count, scores)
    return scores


def summed(
    segment: Segment, table: Array, lists: Sequence[tuple[Array, Sequence[Share], float]], doc_count: int
) -> tuple[Array, Array]:
    """All documents of some lists and the sums of their scores (float32), which are added in the order of the lists.

    table  see `scores_of`
    lists  of each its documents, the shares of their scores, and what all of them score besides; above 0 together
    """
    assert len(table) == _KEYS
    described = []
    # Keeps alive what the addresses are of.
    summed_up: list[Array] = []
    for docs, shares, constant in lists:
        assert docs.dtype == np.uint32
        first, stop, factor, numbers, places = shares[0] if len(shares) == 1 else _NO_SHARE
        if len(shares) > 1 or numbers is not None or places is not None:
            summed_up.append(scores_of(segment, table, shares, constant, len(docs)))
            scored = address(summed_up[-1]), len(docs), -1, 0.0, 0.0
        else:
            assert not shares or (0 <= first <= stop <= segment.posting_count and stop - first == len(docs))
            scored = 0, len(docs), first, factor, constant
        described.append(struct.pack(_SCORED, address(docs), *scored))
    room = min(doc_count, sum([len(docs) for docs, _, _ in lists])) + 1
    found, sums = np.empty(room, np.uint32), np.empty(room, np.float32)
    reached = np.zeros(len(lists), np.int64)
    count = loops().unite_scored(
        segment.address, table, b"".join(described), len(described), reached, doc_count, found, sums
    )
    return found[:count], sums[:count]


def counted(docs: Array, ordinals: Array, values: int) -> tuple[Array, int]:
    """(values,) i8: how many of `docs` have each value; and how many have none.

    ordinals  (documents,) u1, u2 or u4: the value of each document; `values` or more for none
    """
    assert ordinals.dtype.kind == "u"
    tally = np.zeros(values, np.int64)
    without: int = loops().count_values(
        docs, len(docs), ordinals.ctypes.data, ordinals.itemsize, len(ordinals), tally, values
    )
    return tally, without


def largest(tally: Array, size: int) -> list[int]:
    """The numbers of the `size` largest counts above 0 (i8, each less than 2 ** 32), largest first, then ascending."""
    numbers = np.empty(min(size, len(tally)), np.int64)
    found = enough(loops().largest_counts(tally, len(tally), len(numbers), numbers))
    largest: list[int] = numbers[:found].tolist()
    return largest


def highest(scores: Array, count: int) -> Array:
    """The places (i8, ascending) of the `count` highest of at least so many scores (float32); of equal ones the first.

    No score is NaN.
    """
    assert count <= len(scores)
    places = np.zeros(count, np.int64)
    enough(loops().highest_scores(scores, len(scores), count, places))
    return places
