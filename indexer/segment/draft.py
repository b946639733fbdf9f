"""Draft: the blocks of a segment that is being written, and how block files meet Whoosh's storages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from whoosh.filedb.filestore import FileStorage

from indexer.segment.blocks import BlockWriter, sync

Array = npt.NDArray[Any]


class Blocks(Protocol):
    """What readers ask of a segment's blocks, whether they lie in a file or still in memory."""

    meta: dict[str, Any]

    def __contains__(self, name: str) -> bool: ...

    def array(self, name: str) -> Array:
        """A block as a one-dimensional array."""

    def view(self, name: str) -> memoryview:
        """A block as bytes."""


class Draft:
    """Blocks in memory. Whoosh reads field lengths back from a segment before its file exists."""

    def __init__(self) -> None:
        self.meta: dict[str, Any] = {}
        self._blocks: dict[str, Array] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._blocks

    def array(self, name: str) -> Array:
        """A block as a one-dimensional array."""
        return self._blocks[name]

    def view(self, name: str) -> memoryview:
        """A block as bytes."""
        view: memoryview = self._blocks[name].view(np.uint8).data
        return view

    def add(self, name: str, array: Array | bytes) -> None:
        """Add a block."""
        self._blocks[name] = np.frombuffer(array, np.uint8) if isinstance(array, bytes) else array

    def add_strings(self, name: str, strings: Sequence[bytes]) -> None:
        """Add byte strings as two blocks: joined, and as NAME.offsets where each begins and the last ends."""
        self.add(name, b"".join(strings))
        self.add(name + ".offsets", offsets(list(map(len, strings))))

    def write(self, path: Path) -> None:
        """Write the block file."""
        with BlockWriter(path) as out:
            for name, array in self._blocks.items():
                out.add(name, array)
            out.finish(self.meta)


def offsets(counts: Sequence[int] | Array) -> Array:
    """Where each of some runs begins and the last ends, as narrow as it fits."""
    ends = np.zeros(len(counts) + 1, np.uint64)
    np.cumsum(counts, out=ends[1:], dtype=np.uint64)
    return narrow(ends)


def narrow(values: Array) -> Array:
    """Unsigned integers in the smallest type that holds them all."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


@contextmanager
def file_to_write(storage: Any, name: str) -> Iterator[Path]:
    """Where to write file `name` of a Whoosh storage. One in memory takes the bytes when the block is left."""
    if isinstance(storage, FileStorage):
        path = Path(storage.folder) / name
        yield path
        # Whoosh commits without any.
        sync(path)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        yield path
        with storage.create_file(name) as file:
            file.write(path.read_bytes())


@contextmanager
def file_to_read(storage: Any, name: str) -> Iterator[Path]:
    """Where to open file `name` of a Whoosh storage. One in memory lends it for the block; a map of it stays."""
    if isinstance(storage, FileStorage):
        yield Path(storage.folder) / name
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        with storage.open_file(name) as file:
            path.write_bytes(file.read())
        yield path
