"""Text → words by the batch: the same words as `analysis.words`.

The runs of word characters in many texts are found at once; only the distinct runs are folded and stemmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.analysis import fold, words
from indexer.native.words import BETWEEN, INSIDE, POINTS, unknown_points, word_runs, words_of_runs

Int32 = npt.NDArray[np.int32]

_LOWER: Final = bytes(b + 32 if 0x41 <= b <= 0x5A else b for b in range(256))
# Code point → whether it belongs to a word; those beyond ASCII are settled when they are met.
_CLASSES: Final = np.zeros(POINTS, np.uint8)
_CLASSES[:128] = [INSIDE if chr(b).isalnum() or b == 0x5F else BETWEEN for b in range(128)]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a buffer, in order.

    words   distinct words, in no particular order
    codes   (tokens,) int32 index into `words`
    starts  (tokens,) int32 byte offset in the buffer where the word begins
    """

    words: list[str]
    codes: Int32
    starts: Int32


def tokenize(buffer: bytes) -> Tokens:
    """The words of UTF-8 text of less than 2 GB. Texts joined in one buffer must be separated by a newline."""
    if not buffer.isascii():
        for point in unknown_points(buffer, _CLASSES).tolist():
            _CLASSES[point] = _class_of(chr(point))
    starts, numbers, runs = word_runs(buffer.translate(_LOWER), _CLASSES)
    return _folded([run.decode() for run in runs], numbers, starts)


def _class_of(character: str) -> int:
    """A character whose folded form holds no ``\\w`` character separates words.

    One that folds to nothing (a combining mark) or to a mixture ("½") stays with its run; folding the run settles it.
    """
    folded = fold(character)
    return INSIDE if not folded or words(folded) else BETWEEN


def _folded(runs: list[str], numbers: Int32, starts: Int32) -> Tokens:
    """Fold each distinct run: mostly to one word, rarely to none or several.

    numbers, starts  which run stands where
    """
    plain = [run for run in runs if run.isascii()]
    if len(plain) == len(runs):
        return Tokens(runs, numbers, starts)
    known = {run: code for code, run in enumerate(plain)}
    codes_of = [
        [known.setdefault(word, len(known)) for word in ([run] if run.isascii() else words(run))] for run in runs
    ]
    starts, codes = words_of_runs(starts, numbers, codes_of)
    return Tokens(list(known), codes, starts)
