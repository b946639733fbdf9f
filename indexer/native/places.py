"""Where words stand in a row, in some documents."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.native.library import counted, loops
from indexer.native.segment import Segment, Stem

Array = npt.NDArray[Any]

# Places of a document that there is room for at first.
_ROOM: Final = 16
_WORD: Final = "4q"


def rows_of_words(segment: Segment, docs: Array, words: Sequence[tuple[Stem, int]], low: int, high: int) -> Array:
    """The places of the first of some words where the others follow it one by one, as keys (i8), ascending.

    A key is the number of the document among `docs` << 32, and the position.

    docs       (n,) u4, ascending
    words      each one's stem, and which of the stem's words it is, -1 for any
    low, high  the least position that is looked for, and the first that is not any more
    """
    described = b"".join([struct.pack(_WORD, *stem, form) for stem, form in words])
    room = _ROOM * (len(docs) + _ROOM)
    while True:
        keys = np.empty(room, np.int64)
        found = counted(
            loops().rows_of_words(segment.address, docs, len(docs), described, len(words), low, high, keys, room)
        )
        if found <= room:
            return keys[:found]
        room = found
