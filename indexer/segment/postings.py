"""The blocks of postings and places, written by ranges of stems: memory holds a range's arrays, not a segment's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

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
        self._file = tempfile.SpooledTemporaryFile(_KEPT, dir=str(directory))  # noqa: SIM115 - closed once copied

    def append(self, array: Array) -> None:
        self._file.write(np.ascontiguousarray(array, self.dtype).tobytes())

    def write_to(self, out: BlockWriter, name: str, dtype: npt.DTypeLike | None = None) -> None:
        self._file.seek(0)
        out.add_parts(name, dtype or self.dtype, self._parts())

    def close(self) -> None:
        self._file.close()

    def _parts(self) -> Iterator[Array]:
        while data := self._file.read(_READ):
            yield np.frombuffer(data, self.dtype)


class Postings(NamedTuple):
    """Postings by stem, then by document, and their places.

    stems, docs, keys, frequencies  of each posting; keys as in `format`
    positions, forms                of each place, in order
    """

    stems: Array
    docs: Array
    keys: Array
    frequencies: Array
    positions: Array
    forms: Array


class PostingsWriter:
    """Takes the postings of all stems, range after range, and writes their blocks. To be closed.

    directory    for temporary files
    form_counts  (stems,) the number of forms of each
    wide         whether a position needs more than two bytes
    """

    def __init__(self, directory: Path, form_counts: Array, *, wide: bool) -> None:
        self._several = form_counts > 1
        many = int(form_counts.max(initial=0)) > 0x100
        self._docs = _Spool(directory, np.uint32)
        self._keys = _Spool(directory, np.uint16)
        self._starts = _Spool(directory, np.uint64)
        self._long = _Spool(directory, np.uint32)
        self._frequencies = _Spool(directory, np.uint32)
        self._positions = _Spool(directory, np.uint32 if wide else np.uint16)
        self._variants = _Spool(directory, np.uint16 if many else np.uint8)
        self._spools = [value for value in vars(self).values() if isinstance(value, _Spool)]
        self._stem_postings: list[Array] = []
        self._stem_places: list[Array] = []
        self._postings = self._places = 0

    def add(self, first: int, stop: int, postings: Postings) -> None:
        """Take the postings of the stems first to stop - 1."""
        stems, docs, keys, frequencies, positions, forms = postings
        ends = frequencies.cumsum()
        self._docs.append(docs)
        self._keys.append(keys)
        self._positions.append(positions)
        self._variants.append(forms.compress(np.repeat(self._several.take(stems), frequencies)))
        numbers = self._postings + np.arange(len(docs))
        self._starts.append((self._places + ends - frequencies)[numbers % STRIDE == 0])
        long = frequencies >= MAX_FREQUENCY
        self._long.append(numbers[long])
        self._frequencies.append(frequencies[long])
        bounds = stems.searchsorted(np.arange(first, stop))
        self._stem_postings.append(self._postings + bounds)
        self._stem_places.append(self._places + np.append(0, ends)[bounds])
        self._postings += len(docs)
        self._places += len(positions)

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
