"""Strings that a few edits turn into another one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.native.library import counted, loops
from indexer.native.strings import Sorted

Array = npt.NDArray[Any]


def near_strings(
    strings: Sorted, word: str, distance: int, first: int, stop: int, allowed: npt.NDArray[np.bool_] | None
) -> list[int]:
    """The numbers of those of the strings `first` to `stop` - 1 that so many edits turn into `word`, ascending.

    An edit is a character that is put in, taken out, or replaced.

    allowed  (stop - first,) which of them may be among those; None for all
    """
    assert 0 <= first <= stop <= strings.count
    assert allowed is None or (allowed.dtype == np.bool_ and allowed.shape == (stop - first,))
    found = np.empty(stop - first, np.int64)
    points = np.array(list(map(ord, word)), np.uint32)
    mask = None if allowed is None else np.ascontiguousarray(allowed)
    count = loops().near_strings(
        *strings.bytes,
        first,
        stop,
        None if mask is None else mask.ctypes.data,
        points,
        len(points),
        distance,
        found,
    )
    near: list[int] = found[: counted(count)].tolist()
    return near
