"""Text → words by the batch: the same words as `analysis.words`.

The runs of word characters in many texts are found at once; only the distinct runs are folded and stemmed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.analysis import words
from indexer.characters import SHAPES, learn
from indexer.native.words import word_runs, words_of_runs

Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a buffer, in order.

    words   in UTF-8, in no particular order; one may be there twice, or stand nowhere
    codes   (tokens,) int32 index into `words`
    starts  (tokens,) int32 byte offset in the buffer where the word begins
    """

    words: list[bytes]
    codes: Int32
    starts: Int32


def tokenize(buffer: bytes) -> Tokens:
    """The words of UTF-8 text of less than 2 GB. Texts joined in one buffer must be separated by a newline."""
    learn(buffer)
    runs = word_runs(buffer, SHAPES)
    every = list(runs.distinct)
    odd: dict[int, range] = {}
    for number in [number for number, run in enumerate(every) if not run.isascii()]:
        folded = [word.encode() for word in words(every[number].decode())]
        if len(folded) == 1:
            every[number] = folded[0]
        else:
            # Rarely it is no word (a combining mark alone) or several ("½").
            odd[number] = range(len(every), len(every) + len(folded))
            every += folded
    starts, codes = words_of_runs(runs, odd) if odd else (runs.starts, runs.numbers)
    return Tokens(every, codes, starts)
