"""Text → words, each as the number of its distinct form."""

from __future__ import annotations

import os
from typing import Any, Final

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


def word_runs(text: bytes, shapes: Array) -> tuple[Array, Array, list[bytes]]:
    """The maximal runs of characters that words are made of, or that fold to nothing, in UTF-8 text of less than 2 GB.

    Where each begins (i4), its number (i4) among the distinct runs, and those in the order in which they come first.
    """
    room = (len(text) + 1) // 2
    starts, numbers, begins, lengths = (np.empty(room, np.int32) for _ in range(4))
    distinct = NUMBER()
    count = counted(loops().word_runs(text, len(text), shapes, _SEED, starts, numbers, begins, lengths, distinct))
    places = zip(begins[: distinct.value].tolist(), lengths[: distinct.value].tolist(), strict=True)
    return starts[:count], numbers[:count], [text[begin : begin + length] for begin, length in places]


def words_of_runs(starts: Array, numbers: Array, codes: list[list[int]]) -> tuple[Array, Array]:
    """Where the run of each word begins (i4), and which word it is (i4), for runs as `word_runs` returns them.

    codes  which words each distinct run is
    """
    bounds = np.zeros(len(codes) + 1, np.int64)
    np.cumsum([len(own) for own in codes], out=bounds[1:])
    every = np.array([code for own in codes for code in own], np.int32)
    room = int(np.bincount(numbers, minlength=len(codes)) @ np.diff(bounds))
    word_starts, word_codes = np.empty(room, np.int32), np.empty(room, np.int32)
    loops().words_of_runs(len(numbers), starts, numbers, bounds, every, word_starts, word_codes)
    return word_starts, word_codes
