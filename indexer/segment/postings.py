"""The blocks of postings and places, written by ranges of stems: memory holds a range's arrays, not a segment's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.schema import MAX_FREQUENCY
from indexer.segment.blocks import BlockWriter
from indexer.segment.format import STRIDE, counting

Array = npt.NDArray[Any]

# So many bytes of a block are kept in memory until it is written, and read back at a time.
_KEPT: Final = 1 << 23
_READ: Final = 1 << 20


class _Spool:
    """An array that grows, on disk from some size on, until the block it belongs to is written."""

    def __init__(self, directory: Path, dtype: npt.DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        self._directory = directory
        self._kept: list[Array] = []
        self._size = 0
        self._file: IO[bytes] | None = None

    def append(self, array: Array) -> None:
        # A copy, as it may be a part of something larger.
        self._kept.append(np.array(array, self.dtype))
        self._size += self._kept[-1].nbytes
        if self._size >= _KEPT:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - closed once copied
            for part in self._kept:
                self._file.write(part.data)
            self._kept.clear()
            self._size = 0

    def write_to(self, out: BlockWriter, name: str, dtype: npt.DTypeLike | None = None) -> None:
        out.add_parts(name, dtype or self.dtype, self._parts())

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _parts(self) -> Iterator[Array]:
        if self._file:
            self._file.seek(0)
            while data := self._file.read(_READ):
                yield np.frombuffer(data, self.dtype)
        yield from self._kept


class Postings(NamedTuple):
    """Postings of some stems, by stem, then by document, and their places.

    counts, place_counts    (stems,) how many postings and places each stem has
    docs, keys, frequencies (postings,) see `format`
    positions               (places,)
    variants                (places of the stems that have several forms,)
    """

    counts: Array
    place_counts: Array
    docs: Array
    keys: Array
    frequencies: Array
    positions: Array
    variants: Array


class PostingsWriter:
    """Takes the postings of all stems, range after range, and writes their blocks. To be closed.

    directory            for temporary files
    positions, variants  the types of these blocks
    """

    def __init__(self, directory: Path, positions: npt.DTypeLike, variants: npt.DTypeLike) -> None:
        self._docs = _Spool(directory, np.uint32)
        self._keys = _Spool(directory, np.uint16)
        self._starts = _Spool(directory, np.uint64)
        self._long = _Spool(directory, np.uint32)
        self._frequencies = _Spool(directory, np.uint32)
        self._positions = _Spool(directory, positions)
        self._variants = _Spool(directory, variants)
        self._spools = [value for value in vars(self).values() if isinstance(value, _Spool)]
        self._stem_postings: list[Array] = []
        self._stem_places: list[Array] = []
        self._postings = self._places = 0

    def add(self, postings: Postings) -> None:
        """Take the postings of the next stems."""
        self._docs.append(postings.docs)
        self._keys.append(postings.keys)
        self._positions.append(postings.positions)
        self._variants.append(postings.variants)
        frequencies = postings.frequencies
        ends = frequencies.cumsum()
        strided = slice(-self._postings % STRIDE, None, STRIDE)
        self._starts.append(self._places + ends[strided] - frequencies[strided])
        long = (frequencies >= MAX_FREQUENCY).nonzero()[0]
        self._long.append(self._postings + long)
        self._frequencies.append(frequencies[long])
        self._stem_postings.append(self._postings + postings.counts.cumsum() - postings.counts)
        self._stem_places.append(self._places + postings.place_counts.cumsum() - postings.place_counts)
        self._postings += len(postings.docs)
        self._places += len(postings.positions)

    def write_to(self, out: BlockWriter) -> tuple[Array, Array]:
        """Write the blocks; returns the first posting and the first place of every stem, and the ends."""
        self._docs.write_to(out, "postings.docs")
        self._keys.write_to(out, "postings.keys")
        self._starts.write_to(out, "postings.starts", counting(self._places))
        self._long.write_to(out, "postings.long")
        self._frequencies.write_to(out, "postings.frequencies")
        self._positions.write_to(out, "positions")
        self._variants.write_to(out, "variants")
        return (
            np.concatenate([*self._stem_postings, [self._postings]]),
            np.concatenate([*self._stem_places, [self._places]]),
        )

    def close(self) -> None:
        """Let the temporary files go."""
        for spool in self._spools:
            spool.close()
