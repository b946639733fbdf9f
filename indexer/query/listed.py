"""Listed: documents of a segment, and what their scores are the sum of, which is only summed up where it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.native.docs import Share
from indexer.native.segment import UNKNOWN, Known
from indexer.segment.reader import Word

Array = npt.NDArray[Any]


def known(shares: Sequence[Share], word: Word) -> Known:
    """Where the postings of a word's stem are in documents whose scores are made of some shares."""
    for share in shares:
        if share.numbers is None and share.first == word.first and share.stop == word.stop:
            return Known(True, share.places)
    return UNKNOWN


class Listed:
    """Documents, and the shares that their scores are the sum of.

    docs      (n,) u4, ascending; all of them hold the stems whose postings the shares are
    constant  what all of them score besides
    """

    __slots__ = ("constant", "docs", "shares")

    def __init__(self, docs: Array, constant: float = 0.0, shares: Sequence[Share] = ()) -> None:
        self.docs = docs
        self.constant = constant
        self.shares = shares

    def at(self, places: Array) -> Listed:
        """Those at some places."""
        return Listed(self.docs.take(places), self.constant, [share.at(places) for share in self.shares])

    def between(self, first: int, stop: int) -> Listed:
        """Those numbered first to stop - 1."""
        low, high = self.docs.searchsorted(np.array([first, stop], np.uint32)).tolist()
        return self if high - low == len(self.docs) else self.at(np.arange(low, high))
