"""Strings: put in order, where one stands among those in order, and those of several segments together."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import CorruptSegmentError
from indexer.native.library import NUMBER, POINTER, counted, loops

Array = npt.NDArray[Any]


def numbered(joined: bytes, offsets: Array) -> tuple[Array, Array]:
    """Which of some strings are the distinct ones, ascending (i8), and the number (i8) of each string among these.

    joined   their bytes
    offsets  (n + 1,) i8
    """
    count = len(offsets) - 1
    firsts, numbers = np.empty(count, np.int64), np.empty(count, np.int64)
    found = counted(loops().number_strings(joined, offsets, count, firsts, numbers))
    return firsts[:found], numbers


class Sorted:
    """Ascending strings that are searched.

    joined   (bytes,) u1
    offsets  (n + 1,) u4, or narrower
    """

    def __init__(self, joined: Array, offsets: Array) -> None:
        if joined.dtype != np.uint8 or not np.can_cast(offsets.dtype, np.uint32) or not len(offsets):
            raise CorruptSegmentError("the words of a segment are of other types")
        offsets = np.ascontiguousarray(offsets, np.uint32)
        # Keeps alive what the addresses are of.
        self._arrays = joined, offsets
        # What the loops are told of them: their bytes, how many these are, and where each string begins.
        self.bytes = joined.ctypes.data, len(joined), offsets.ctypes.data
        self.count = len(offsets) - 1

    def place(self, string: bytes) -> int:
        """How many of the strings are less than `string`."""
        found: int = loops().place_of(*self.bytes, self.count, string, len(string))
        return found


class _List(ctypes.Structure):
    _fields_ = [
        *((name, POINTER) for name in ("bytes", "offsets", "numbers")),
        *((name, NUMBER) for name in ("count", "next")),
    ]


def united(strings: Sequence[tuple[Array, Array]]) -> tuple[memoryview, Array, list[Array]]:
    """All strings of some lists, ascending: joined, their offsets (i8); and the number (i4) of each list's among them.

    strings  each list's bytes (u1), joined, and offsets (u4); ascending
    """
    for joined, offsets in strings:
        if not len(offsets) or offsets[-1] > len(joined) or (offsets[1:] < offsets[:-1]).any():
            raise CorruptSegmentError("the words of a segment contradict each other: look at it with `indexer check`")
        if joined.dtype != np.uint8 or offsets.dtype != np.uint32:
            raise TypeError("strings of other types")
    numbers = [np.empty(len(offsets) - 1, np.int32) for _, offsets in strings]
    lists = (_List * len(strings))(
        *(
            _List(joined.ctypes.data, offsets.ctypes.data, own.ctypes.data, len(own), 0)
            for (joined, offsets), own in zip(strings, numbers, strict=True)
        )
    )
    heap = (POINTER * len(strings))()
    every = np.empty(sum(len(joined) for joined, _ in strings), np.uint8)
    bounds = np.empty(sum(map(len, numbers)) + 1, np.int64)
    found = loops().unite(ctypes.addressof(lists), len(strings), ctypes.addressof(heap), every, bounds)
    return every.data[: bounds[found]], bounds[: found + 1], numbers
