"""Text → words by the batch: the same words as `analysis.words`.

The runs of word characters in many texts are found at once; only the distinct runs are folded and stemmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.analysis import words
from indexer.characters import SHAPES, learn
from indexer.native.words import word_runs, words_of_runs

Int32 = npt.NDArray[np.int32]

_LOWER: Final = bytes(b + 32 if 0x41 <= b <= 0x5A else b for b in range(256))


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
    learn(buffer)
    starts, numbers, runs = word_runs(buffer.translate(_LOWER), SHAPES)
    return _folded([run.decode() for run in runs], numbers, starts)


def _folded(runs: list[str], numbers: Int32, starts: Int32) -> Tokens:
    """Fold each distinct run: mostly to one word, rarely to none (a combining mark alone) or several ("½").

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
