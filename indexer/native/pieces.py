"""The words of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.native.library import loops

Array = npt.NDArray[Any]

# What is returned of a text with a character whose shape is not known.
UNKNOWN_CHARACTER: Final = -2


def ranges_of_words(text: bytes, shapes: Array, numbers: Sequence[int]) -> list[tuple[int, int]] | None:
    """The code points (start, end) that some words span in UTF-8 text; None for one with a character not known.

    Those of words that share a character are one. Numbers past the last word are left out.

    shapes   see `characters`
    numbers  of the words, ascending
    """
    spans, ranges = np.empty(2 * len(numbers), np.int64), np.empty(2 * len(numbers), np.int32)
    count = loops().ranges_of_words(text, len(text), shapes, np.array(numbers, np.int64), len(numbers), spans, ranges)
    if count == UNKNOWN_CHARACTER:
        return None
    edges = ranges[: 2 * count].tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
