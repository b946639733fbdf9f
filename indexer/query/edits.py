"""Words within a few edits of another: the fuzzy query's expansion, over a whole vocabulary at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.query.budget import check_time
from indexer.segment.reader import Strings

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

# Between two looks at the clock.
_WORDS_AT_ONCE: Final = 65_536
# Byte → the bit of its letter; several letters share one, and all bytes beyond ASCII the highest.
_NOT_ASCII: Final = 1 << 31
_LETTER: Final = np.array([1 << byte % 31 if byte < 0x80 else _NOT_ASCII for byte in range(256)], np.uint32)


def within_edits(
    vocabulary: Strings | Sequence[bytes], word: str, distance: int, allowed: Mask | None = None
) -> dict[int, str]:
    """The words (UTF-8) that `distance` insertions, deletions or substitutions turn into `word`, by their numbers.

    allowed  which of the vocabulary may be among them; None for all
    """
    # Most searches do without.
    from rapidfuzz.distance import Levenshtein

    strings = vocabulary if isinstance(vocabulary, Strings) else Strings.of(vocabulary)
    return {
        number: text
        for number, text in _candidates(strings, word, distance, allowed)
        if Levenshtein.distance(text, word, score_cutoff=distance) <= distance
    }


def _candidates(vocabulary: Strings, word: str, distance: int, allowed: Mask | None) -> Iterator[tuple[int, str]]:
    """The words of about the length and about the letters of `word`, with their numbers."""
    own = np.bitwise_or.reduce(_LETTER[np.frombuffer(word.encode(), np.uint8)], initial=0)
    for start in range(0, len(vocabulary), _WORDS_AT_ONCE):
        check_time()
        offsets = vocabulary.offsets[start : start + _WORDS_AT_ONCE + 1].astype(np.int64)
        joined = bytes(vocabulary.view[offsets[0] : offsets[-1]])
        offsets -= offsets[0]
        raw = np.frombuffer(joined, np.uint8)
        lengths = np.diff(offsets)
        if not joined.isascii():
            # In UTF-8 every byte but those from 80 to BF begins a character.
            inner = ((raw & 0xC0) == 0x80).nonzero()[0]
            np.subtract.at(lengths, offsets.searchsorted(inner, "right") - 1, 1)
        fitting = abs(lengths - len(word)) <= distance
        if allowed is not None:
            fitting &= allowed[start : start + _WORDS_AT_ONCE]
        places = fitting.nonzero()[0]
        if own < _NOT_ASCII:
            # An edit takes one letter away at most and brings another one.
            letters = _letters(raw, offsets.take(places), offsets.take(places + 1))
            alike = np.bitwise_count(letters ^ own) <= 2 * distance
            places = places.compress(alike | (letters >= _NOT_ASCII))
        for place, first, stop in zip(
            places.tolist(), offsets.take(places).tolist(), offsets.take(places + 1).tolist(), strict=True
        ):
            yield start + place, joined[first:stop].decode()


def _letters(raw: Array, firsts: Array, stops: Array) -> Array:
    """Which letters each of some stretches of bytes holds, as bits."""
    sizes = stops - firsts
    # A place more, so that an empty one at the end has one too.
    begins = sizes.cumsum() - sizes
    bytes_of = np.repeat(firsts - begins, sizes) + np.arange(sizes.sum())
    letters = np.bitwise_or.reduceat(np.append(_LETTER.take(raw.take(bytes_of)), np.uint32(0)), begins)
    letters[sizes == 0] = 0
    return letters
