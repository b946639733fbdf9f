"""The second pass of ranking; the formulas stand in `query.closeness`."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.library import NUMBER, POINTER, counted, loops
from indexer.native.segment import UNKNOWN, Known, Segment, Stem

Array = npt.NDArray[Any]

EXACT, HEADLINE, NEAR, ROW, RELATED = range(5)
_STEM: Final = "3q"
_PART: Final = "3qd"
_ROW_WORD: Final = "2q"


class Part(NamedTuple):
    """One part of what is added to a score: `factor` times what the kind of part is in a document.

    first, second  of EXACT a stem and the form of its word, -1 for the only one; of NEAR two stems; of ROW where its
                   words begin and how many they are; else a stem. Stems by number, -1 for one that is nowhere
    """

    kind: int
    first: int
    second: int
    factor: float


class Sought(NamedTuple):
    """A stem that is sought, and what is known of where its postings are in the documents."""

    stem: Stem
    known: Known = UNKNOWN


class _Rules(ctypes.Structure):
    _fields_ = [
        *((name, POINTER) for name in ("table", "norms")),
        *((name, ctypes.c_double) for name in ("title_length", "title_bonus", "title_b", "near_k", "k1")),
        *((name, NUMBER) for name in ("near_words", "body_start")),
    ]


class Rules:
    """What is known of the whole index, and the constants of the formulas.

    table         (65536,) float32: posting key → its share, see `scoring`
    norms         (256,) float64: length byte → BM25's norm
    title_length  words of the average title
    """

    def __init__(
        self,
        table: Array,
        norms: Array,
        title_length: float,
        *,
        title_bonus: float,
        title_b: float,
        near_k: float,
        k1: float,
        near_words: int,
        body_start: int,
    ) -> None:
        assert table.dtype == np.float32
        assert norms.dtype == np.float64
        assert (table.shape, norms.shape) == ((65536,), (256,))
        # Keeps alive what the addresses are of.
        self._arrays = table, norms
        addresses = table.ctypes.data, norms.ctypes.data
        self._rules = _Rules(*addresses, title_length, title_bonus, title_b, near_k, k1, near_words, body_start)
        self.address = ctypes.addressof(self._rules)


def added(
    segment: Segment,
    rules: Rules,
    docs: Array,
    places: Array,
    stems: Sequence[Sought],
    parts: Sequence[Part],
    row_words: Sequence[tuple[int, int]],
) -> Array:
    """(parts + 1, places) float64: what each part adds to the score of each document, and what all of them do.

    docs       (n,) u4, ascending
    places     i8, ascending: which of them
    row_words  stem, by number, and form of the words of all rows
    """
    found = np.empty((len(parts) + 1, len(places)))
    counted(
        loops().closeness(
            segment.address,
            rules.address,
            docs,
            len(docs),
            places,
            len(places),
            b"".join([struct.pack(_STEM, *stem) + known.described(len(docs)) for stem, known in stems]),
            len(stems),
            b"".join([struct.pack(_PART, *part) for part in parts]),
            len(parts),
            b"".join([struct.pack(_ROW_WORD, *word) for word in row_words]),
            found.reshape(-1),
        )
    )
    return found
