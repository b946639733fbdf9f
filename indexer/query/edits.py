"""Words within a few edits of another: what a fuzzy word stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.native.edits import near_strings
from indexer.query.budget import check_time
from indexer.segment.reader import Strings

Mask = npt.NDArray[np.bool_]

# Between two looks at the clock.
_WORDS_AT_ONCE: Final = 65_536


def within_edits(
    vocabulary: Strings | Sequence[bytes], word: str, distance: int, among: tuple[int, Mask] | None = None
) -> dict[int, str]:
    """The words (UTF-8) that `distance` insertions, deletions or substitutions turn into `word`, by their numbers.

    among  the number of the first word to look at, and which of those from there on; None for all there are
    """
    strings = vocabulary if isinstance(vocabulary, Strings) else Strings.of(vocabulary)
    begin, allowed = among or (0, None)
    end = len(strings) if allowed is None else begin + len(allowed)
    found: list[int] = []
    for first in range(begin, end, _WORDS_AT_ONCE):
        check_time()
        stop = min(end, first + _WORDS_AT_ONCE)
        some: Any = None if allowed is None else allowed[first - begin : stop - begin]
        found += near_strings(strings.sorted, word, distance, first, stop, some)
    return {number: strings[number].decode() for number in found}
