"""Text → words, each as the number of its distinct form."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.library import NUMBER, counted, loops

Array = npt.NDArray[Any]

# How many code points there are.
POINTS: Final = 0x110000
# That of the hashes of words.
_SEED: Final = int.from_bytes(os.urandom(8), "little")


def unknown_points(text: bytes, shapes: Array) -> Array:
    """The code points (u4) of UTF-8 text whose shape is not known, each once.

    shapes  (POINTS,) u1, see `characters`; 0 for one that is not known
    """
    found = np.empty(POINTS, np.uint32)
    return found[: counted(loops().unknown_points(text, len(text), shapes, found))].copy()


class Runs(NamedTuple):
    """The maximal runs of characters that words are made of, or that fold to nothing.

    starts    (runs,) i4: where each begins
    numbers   (runs,) i4: its number among the distinct ones
    distinct  in the order in which they come first; those that differ in the case of ASCII are one, in lower case
    """

    starts: Array
    numbers: Array
    distinct: list[bytes]


def word_runs(text: bytes, shapes: Array) -> Runs:
    """The runs of UTF-8 text of less than 2 GB."""
    room = (len(text) + 1) // 2
    starts, numbers, begins, lengths = (np.empty(room, np.int32) for _ in range(4))
    distinct = NUMBER()
    count = counted(loops().word_runs(text, len(text), shapes, _SEED, starts, numbers, begins, lengths, distinct))
    places = zip(begins[: distinct.value].tolist(), lengths[: distinct.value].tolist(), strict=True)
    found = [text[begin : begin + length].lower() for begin, length in places]
    return Runs(starts[:count], numbers[:count], found)


def words_of_runs(runs: Runs, odd: Mapping[int, Sequence[int]]) -> tuple[Array, Array]:
    """Where the run of each word begins (i4), and which word it is (i4).

    odd  which words some of the distinct runs are; each of the others is one word, of its own number
    """
    distinct = len(runs.distinct)
    is_odd, sizes = np.zeros(distinct, np.uint8), np.zeros(distinct, np.int64)
    is_odd[list(odd)], sizes[list(odd)] = 1, list(map(len, odd.values()))
    found = is_odd.take(runs.numbers).nonzero()[0]
    room = len(runs.numbers) - len(found) + int(sizes.take(runs.numbers.take(found)).sum())
    bounds = np.append(0, sizes.cumsum())
    codes = np.array([code for number in sorted(odd) for code in odd[number]], np.int32)
    starts, words = np.empty(room, np.int32), np.empty(room, np.int32)
    loops().words_of_runs(len(runs.numbers), runs.starts, runs.numbers, is_odd, bounds, codes, starts, words)
    return starts, words
