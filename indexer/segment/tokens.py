"""Text → words by the batch: the same words as `analysis.words`, found with array operations.

One classification of bytes finds the runs of word characters in many texts at once; only the distinct
runs are folded and stemmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.analysis import fold, words

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

# Tables for bytes.translate, which runs over text several times as fast as NumPy looks bytes up:
# byte → 1 in a word, 0 between words (multi-byte characters are settled apart); and ASCII in lower case.
_CLASSES: Final = bytes(b < 128 and (chr(b).isalnum() or b == 0x5F) for b in range(256))
_LOWER: Final = bytes(b + 32 if 0x41 <= b <= 0x5A else b for b in range(256))
_SEPARATORS: Final = bytes(b for b in range(128) if not _CLASSES[b])


class _CodePointClass(dict[int, bool]):
    """Code point → whether it belongs to a word, filled on first sight.

    A character whose folded form holds no ``\\w`` character separates words. One that folds to nothing (a
    combining mark) or to a mixture ("½") stays with its run; folding the run settles it.
    """

    def __missing__(self, code_point: int) -> bool:
        folded = fold(chr(code_point))
        inside = not folded or bool(words(folded))
        self[code_point] = inside
        return inside


_CLASS: Final = _CodePointClass()


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a buffer, in order.

    words   distinct words, in no particular order
    codes   (tokens,) int32 index into `words`
    starts  (tokens,) int64 byte offset in the buffer where the word begins
    """

    words: list[str]
    codes: Int32
    starts: Int64


def tokenize(buffer: bytes) -> Tokens:
    """The words of UTF-8 text of less than 2 GB. Texts joined in one buffer must be separated by a newline."""
    # Only building needs Arrow: searching starts a third quicker without it.
    import pyarrow as pa

    inside = np.frombuffer(bytearray(buffer.translate(_CLASSES)), np.bool_)
    if not buffer.isascii():
        raw = np.frombuffer(buffer, np.uint8)
        _classify_multibyte(raw, np.flatnonzero(raw >= 0xC0), inside)
        blanked = bytearray(buffer)
        np.frombuffer(blanked, np.uint8)[(raw >= 0x80) & ~inside] = 0x20
        buffer = bytes(blanked)
    # Edges of the runs: the places where the class changes.
    edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    if len(inside) and inside[0]:
        edges = np.append(0, edges)
    if len(inside) and inside[-1]:
        edges = np.append(edges, len(inside))
    starts, ends = edges[0::2], edges[1::2]
    offsets = np.zeros(len(starts) + 1, np.int32)
    np.cumsum(ends - starts, out=offsets[1:])
    data = buffer.translate(_LOWER, _SEPARATORS)
    runs = pa.Array.from_buffers(
        pa.binary(), len(starts), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    ).dictionary_encode()
    codes = runs.indices.to_numpy(zero_copy_only=False)
    return _words_of_runs([bytes(run).decode() for run in runs.dictionary.to_pylist()], codes, starts)


def _classify_multibyte(raw: npt.NDArray[np.uint8], leads: Int64, inside: npt.NDArray[np.bool_]) -> None:
    """Set the class of all bytes of the multi-byte characters that begin at `leads`."""
    lead = raw[leads].astype(np.uint32)
    length = np.where(lead < 0xE0, 2, np.where(lead < 0xF0, 3, 4))
    code = np.where(length == 2, lead & 0x1F, np.where(length == 3, lead & 0x0F, lead & 0x07))
    for step in (1, 2, 3):
        longer = length > step
        code[longer] = code[longer] << 6 | (raw[leads[longer] + step] & 0x3F)
    seen = np.zeros(int(code.max()) + 1, np.bool_)
    seen[code] = True
    table = np.zeros(len(seen), np.bool_)
    for point in seen.nonzero()[0].tolist():
        table[point] = _CLASS[point]
    classes = table[code]
    for step in range(4):
        reached = length > step
        inside[leads[reached] + step] = classes[reached]


def _words_of_runs(runs: list[str], codes: Int32, starts: Int64) -> Tokens:
    """Fold each distinct run: mostly to one word, rarely to none or several."""
    known: dict[str, int] = {}
    first = np.zeros(len(runs), np.int32)
    several: dict[int, list[int]] = {}
    for run, text in enumerate(runs):
        found = [text] if text.isascii() else words(text)
        numbers = [known.setdefault(word, len(known)) for word in found]
        if len(numbers) == 1:
            first[run] = numbers[0]
        else:
            several[run] = numbers
    if not several:
        return Tokens(list(known), first[codes], starts)
    counts = np.ones(len(runs), np.int64)
    for run, numbers in several.items():
        counts[run] = len(numbers)
    repeats = counts[codes]
    expanded = np.repeat(np.arange(len(codes)), repeats)
    nth = np.arange(len(expanded)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    token_words = first[codes[expanded]]
    for run, numbers in several.items():
        if numbers:
            here = np.flatnonzero(codes[expanded] == run)
            token_words[here] = np.array(numbers, np.int32)[nth[here]]
    return Tokens(list(known), token_words, starts[expanded])
