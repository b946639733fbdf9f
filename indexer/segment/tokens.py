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

    words   in no particular order; one may be there twice, or stand nowhere
    codes   (tokens,) int32 index into `words`
    starts  (tokens,) int32 byte offset in the buffer where the word begins
    """

    words: list[str]
    codes: Int32
    starts: Int32


def tokenize(buffer: bytes) -> Tokens:
    """The words of UTF-8 text of less than 2 GB. Texts joined in one buffer must be separated by a newline."""
    learn(buffer)
    runs = word_runs(buffer, SHAPES)
    # Mostly a run is one word; rarely it is none (a combining mark alone) or several ("½").
    folded = [[run] if run.isascii() else words(run) for run in map(bytes.decode, runs.distinct)]
    every = [own[0] if len(own) == 1 else "" for own in folded]
    odd: dict[int, range] = {}
    for number, own in enumerate(folded):
        if len(own) != 1:
            odd[number] = range(len(every), len(every) + len(own))
            every += own
    starts, codes = words_of_runs(runs, odd) if odd else (runs.starts, runs.numbers)
    return Tokens(every, codes, starts)
