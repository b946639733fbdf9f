"""The words of a dump's lines, as numbers: which lines speak of the same things is counted for all of them at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_WORD: Final = re.compile(r"[^\W_]{4,}")
_UNPARTED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2,}")
_SHORTEST: Final = 4  # characters
_TABLE_SIZE: Final = 1 << 16  # beyond, there are pictures and scripts of the past


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The longer words of each line, each once; pairs of letters in scripts that do not part words.

    words  by number
    line   of each entry, in the order of the page
    word   of each entry, as its number
    sizes  how many words each line has
    """

    words: list[str]
    line: NDArray[np.intp]
    word: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, lines: Sequence[str], unparted: bool) -> Vocabulary:
        """The vocabulary of folded lines. unparted: whether any is in a script that does not part words"""
        if unparted:
            said = list(map(_words, lines))
            tokens = [token for line in said for token in line]
            line = np.repeat(np.arange(len(lines)), list(map(len, said)))
        else:
            tokens, line = _longer_words("\n".join(["", *lines, ""]))
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        word = np.fromiter(map(numbers.__getitem__, tokens), np.intp, len(tokens))
        entries = line * len(numbers) + word
        entries.sort()
        if len(entries):
            entries = entries[np.concatenate([[True], entries[1:] != entries[:-1]])]
        line, word = np.divmod(entries, max(len(numbers), 1))
        return cls(list(numbers), line, word, np.bincount(line, minlength=len(lines)))

    def counts(self, of: NDArray[np.bool_]) -> NDArray[np.intp]:
        """In how many of the lines that `of` marks each word stands."""
        return np.bincount(self.word[of[self.line]], minlength=len(self.words))

    def sums(self, values: NDArray[Any]) -> NDArray[Any]:
        """For each line, the sum of a value of its words."""
        return np.bincount(self.line, weights=values[self.word], minlength=len(self.sizes))

    def first(self, of: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The first of the lines that `of` marks in which each word stands; beyond the page, where it is in none."""
        found = np.full(len(self.words), len(self.sizes))
        chosen = of[self.line]
        found[self.word[chosen][::-1]] = self.line[chosen][::-1]  # of several, the last to be written stays
        return found

    def of_line(self, at: int | None) -> NDArray[np.bool_]:
        """Which words the line has."""
        found = np.zeros(len(self.words), bool)
        if at is not None:
            found[self.word[slice(*np.searchsorted(self.line, (at, at + 1)))]] = True
        return found


def _longer_words(page: str) -> tuple[list[str], NDArray[np.intp]]:
    """The words of four characters or more, and the line that each stands in, after the break that opens it."""
    codes = np.frombuffer(page.encode("utf-32-le"), np.uint32)
    is_letter = _letters().take(codes, mode="clip")
    edges = (is_letter[1:] != is_letter[:-1]).nonzero()[0] + 1
    starts, stops = edges[::2], edges[1::2]
    long = stops - starts >= _SHORTEST
    starts, stops = starts[long], stops[long]
    words = [page[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
    return words, (codes == ord("\n")).nonzero()[0].searchsorted(starts) - 1


@cache
def _letters() -> NDArray[np.bool_]:
    """Which characters below `_TABLE_SIZE` are letters or digits."""
    table = np.zeros(_TABLE_SIZE + 1, bool)
    table[:-1] = np.fromiter(map(str.isalnum, map(chr, range(_TABLE_SIZE))), bool, _TABLE_SIZE)
    return table


def _words(folded: str) -> Sequence[str]:
    if len(folded) < _SHORTEST:
        return ()
    if runs := _UNPARTED.findall(folded):
        return [run[i : i + 2] for run in runs for i in range(len(run) - 1)]
    return _WORD.findall(folded)
