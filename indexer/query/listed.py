"""Listed: documents of a segment, and what their scores are the sum of, which is only summed up where it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.segment import UNKNOWN, Known
from indexer.segment.reader import Word

Array = npt.NDArray[Any]


class Part(NamedTuple):
    """A part of the scores of some documents: `factor` times the shares of a stem's postings, or numbers as they are.

    word     the stem, which all of the documents hold; None for numbers
    numbers  (n,) float32
    places   (documents,) i8: which of the postings or numbers is each document's; None where they are those of the
             documents one by one
    """

    word: Word | None
    factor: float = 1.0
    numbers: Array | None = None
    places: Array | None = None

    def at(self, places: Array) -> Part:
        """The part of the documents at some places."""
        chosen = places if self.places is None else self.places.take(places)
        return Part(self.word, self.factor, self.numbers, chosen)


def known(parts: Sequence[Part], stem: int) -> Known:
    """Where the postings of a stem (its number) are in documents whose scores are made of some parts."""
    return next((Known(True, part.places) for part in parts if part.word and part.word.stem == stem), UNKNOWN)


class Listed:
    """Documents, and the parts that their scores are the sum of.

    docs      (n,) u4, ascending
    constant  what all of them score besides
    """

    __slots__ = ("constant", "docs", "parts")

    def __init__(self, docs: Array, constant: float = 0.0, parts: Sequence[Part] = ()) -> None:
        self.docs = docs
        self.constant = constant
        self.parts = parts

    def at(self, places: Array) -> Listed:
        """Those at some places."""
        return Listed(self.docs.take(places), self.constant, [part.at(places) for part in self.parts])

    def between(self, first: int, stop: int) -> Listed:
        """Those numbered first to stop - 1."""
        low, high = self.docs.searchsorted(np.array([first, stop], np.uint32)).tolist()
        return self if high - low == len(self.docs) else self.at(np.arange(low, high))
