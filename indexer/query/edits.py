"""Words within a few edits of another: the fuzzy query's expansion, over a whole vocabulary at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from indexer.query.budget import check_time
from indexer.segment.reader import Strings

# Between two looks at the clock.
_WORDS_AT_ONCE: Final = 65_536
# Byte → the bit of its letter; several letters share one, and all bytes beyond ASCII the highest.
_NOT_ASCII: Final = 1 << 31
_LETTER: Final = np.array([1 << byte % 31 if byte < 0x80 else _NOT_ASCII for byte in range(256)], np.uint32)


def within_edits(vocabulary: Strings | Sequence[bytes], word: str, distance: int) -> list[int]:
    """The numbers of the words (UTF-8) that `distance` insertions, deletions or substitutions turn into `word`.

    One row of the Levenshtein matrix is kept for all candidates together.
    """
    size = len(word)
    strings = vocabulary if isinstance(vocabulary, Strings) else Strings.of(vocabulary)
    found = list(_candidates(strings, word, distance))
    candidates, texts = [number for number, _ in found], [text for _, text in found]
    if not candidates:
        return []
    width = size + distance
    # One row a place in the words, so that what is computed together lies together.
    letters = np.array(texts, f"U{width}").view(np.uint32).reshape(len(texts), width).T.copy()
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    rows = np.repeat(np.arange(width + 1, dtype=np.int16)[:, None], len(texts), axis=1)
    for place, letter in enumerate(map(ord, word), 1):
        above = rows
        rows = np.empty_like(above)
        rows[0] = place
        for column in range(1, width + 1):
            substituted = above[column - 1] + (letters[column - 1] != letter)
            rows[column] = np.minimum(np.minimum(above[column], rows[column - 1]) + 1, substituted)
    near = rows[lengths, np.arange(len(texts))] <= distance
    return [candidates[place] for place in np.flatnonzero(near).tolist()]


def _candidates(vocabulary: Strings, word: str, distance: int) -> Iterator[tuple[int, str]]:
    """The words of about the length and about the letters of `word`, with their numbers."""
    own = int(np.bitwise_or.reduce(_LETTER[np.frombuffer(word.encode(), np.uint8)], initial=0))
    for start in range(0, len(vocabulary), _WORDS_AT_ONCE):
        check_time()
        offsets = vocabulary.offsets[start : start + _WORDS_AT_ONCE + 1].astype(np.int64)
        # One byte more, so that the end of the last word is a place too.
        joined = bytes(vocabulary.view[offsets[0] : offsets[-1]]) + b"\0"
        offsets -= offsets[0]
        raw = np.frombuffer(joined, np.uint8)
        # In UTF-8 every byte but those from 80 to BF begins a character.
        characters = np.zeros(len(joined) + 1, np.uint32)
        np.cumsum((raw & 0xC0) != 0x80, out=characters[1:])
        lengths = np.diff(characters[offsets]).astype(np.int64)
        places = (abs(lengths - len(word)) <= distance).nonzero()[0]
        if own < _NOT_ASCII and len(places):
            edges = np.stack((offsets[places], offsets[places + 1]), axis=1)
            letters = np.bitwise_or.reduceat(_LETTER[raw], edges.ravel())[::2]
            # An edit takes one letter away at most and brings another one.
            alike = np.bitwise_count(letters ^ np.uint32(own)) <= 2 * distance
            places = places[alike | (letters >= _NOT_ASCII) | (edges[:, 0] == edges[:, 1])]
        for place, first, stop in zip(
            places.tolist(), offsets[places].tolist(), offsets[places + 1].tolist(), strict=True
        ):
            yield start + place, joined[first:stop].decode()
