"""Words within a few edits of another: the fuzzy query's expansion, over a whole vocabulary at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.segment.reader import Strings


def within_edits(vocabulary: Strings | Sequence[bytes], word: str, distance: int) -> list[int]:
    """The numbers of the words (UTF-8) that `distance` insertions, deletions or substitutions turn into `word`.

    One row of the Levenshtein matrix is kept for all candidates together.
    """
    candidates: list[int] = []
    texts: list[str] = []
    size = len(word)
    for number in range(len(vocabulary)):
        encoded = vocabulary[number]
        # UTF-8 takes up to four bytes a character.
        if size - distance <= len(encoded) <= 4 * (size + distance):
            text = encoded.decode()
            if abs(len(text) - size) <= distance:
                candidates.append(number)
                texts.append(text)
    if not candidates:
        return []
    width = size + distance
    letters = np.array(texts, f"U{width}").view(np.uint32).reshape(len(texts), width)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    rows = np.tile(np.arange(width + 1), (len(texts), 1))
    for place, letter in enumerate(map(ord, word), 1):
        above = rows
        rows = np.empty_like(above)
        rows[:, 0] = place
        for column in range(1, width + 1):
            substituted = above[:, column - 1] + (letters[:, column - 1] != letter)
            rows[:, column] = np.minimum(np.minimum(above[:, column], rows[:, column - 1]) + 1, substituted)
    near = rows[np.arange(len(texts)), lengths] <= distance
    return [candidates[place] for place in np.flatnonzero(near).tolist()]
