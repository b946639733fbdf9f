"""Text → words by the batch: the same words as `analysis.words`, found with array operations.

One classification of bytes finds the runs of word characters in many texts at once; only the distinct
runs are folded and stemmed.
"""

from __future__ import annotations

from collections.abc import Iterator
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


# Texts are looked at in pieces of so many bytes: fresh memory costs more than the work done in it.
_PIECE: Final = 1 << 20


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
    # Only building needs Arrow: searching starts a third quicker without it.
    import pyarrow as pa

    starts: list[Int32] = []
    runs = []
    for first, piece in _pieces(buffer):
        data, begins, offsets = _runs(piece)
        if len(begins):
            buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
            runs.append(pa.Array.from_buffers(pa.binary(), len(begins), buffers))
            starts.append(begins + np.int32(first))
    encoded = pa.chunked_array(runs, pa.binary()).dictionary_encode()
    del runs
    if not starts:
        return Tokens([], np.empty(0, np.int32), np.empty(0, np.int32))
    dictionary = [run.decode() for run in encoded.chunk(0).dictionary.to_pylist()]
    return _folded(dictionary, [chunk.indices.to_numpy() for chunk in encoded.chunks], starts)


def _pieces(buffer: bytes) -> Iterator[tuple[int, bytes]]:
    """Stretches of some _PIECE bytes that end with a line, and where each begins."""
    first = 0
    while first < len(buffer):
        stop = buffer.rfind(b"\n", first, first + _PIECE) + 1 if len(buffer) - first > _PIECE else len(buffer)
        # A line of more than a piece stays whole.
        stop = stop or buffer.find(b"\n", first + _PIECE) + 1 or len(buffer)
        yield first, buffer[first:stop]
        first = stop


def _runs(text: bytes) -> tuple[bytes, Int32, Int32]:
    """The runs of word characters: in lower case, joined; where each begins in the text; and in what is joined."""
    inside = np.frombuffer(bytearray(text.translate(_CLASSES)), np.bool_)
    if not text.isascii():
        raw = np.frombuffer(text, np.uint8)
        _classify_multibyte(raw, np.flatnonzero(raw >= 0xC0), inside)
        blanked = bytearray(text)
        np.frombuffer(blanked, np.uint8)[(raw >= 0x80) & ~inside] = 0x20
        text = bytes(blanked)
    # Edges of the runs: the places where the class changes.
    edges = (inside[1:] != inside[:-1]).nonzero()[0].astype(np.int32) + np.int32(1)
    if len(inside) and inside[0]:
        edges = np.append(np.int32(0), edges)
    if len(inside) and inside[-1]:
        edges = np.append(edges, np.int32(len(inside)))
    begins, ends = edges[0::2], edges[1::2]
    offsets = np.zeros(len(begins) + 1, np.int32)
    np.cumsum(ends - begins, out=offsets[1:])
    return text.translate(_LOWER, _SEPARATORS), begins, offsets


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


def _folded(runs: list[str], codes: list[Int32], starts: list[Int32]) -> Tokens:
    """Fold each distinct run: mostly to one word, rarely to none or several.

    codes, starts  the runs of each piece of the text
    """
    known: dict[str, int] = {}
    words_of = [[run] if run.isascii() else words(run) for run in runs]
    numbers = [[known.setdefault(word, len(known)) for word in found] for found in words_of]
    counts = np.fromiter(map(len, numbers), np.int32, len(runs))
    first = np.array([found[0] if found else 0 for found in numbers], np.int32)
    for place, (own, begins) in enumerate(zip(codes, starts, strict=True)):
        repeats = counts.take(own)
        others = (repeats != 1).nonzero()[0]
        codes[place] = first.take(own)
        if len(others):
            # Where the words of those runs come to stand among all the words of the piece.
            ends = others + (repeats[others] - 1).cumsum() + 1
            codes[place], starts[place] = np.repeat(codes[place], repeats), np.repeat(begins, repeats)
            for run, end in zip(own[others].tolist(), ends.tolist(), strict=True):
                codes[place][end - len(numbers[run]) : end] = numbers[run]
    return Tokens(list(known), np.concatenate(codes), np.concatenate(starts))
