"""Block file, format 1: named arrays in one file, mapped into memory, nothing decoded at open.

All integers are little-endian.

    File       := Magic Version:u16 Zero:u16[3] Block* Directory Footer
    Magic      := "BRDSHEET"
    Block      := the array's bytes, then zeros to a multiple of 8
    Directory  := UTF-8 JSON: {"meta": {...}, "blocks": {name: [offset, length, dtype, crc32]}}
    Footer     := DirectoryOffset:u64 DirectoryLength:u32 DirectoryCrc32:u32 Magic

`offset` counts bytes from the beginning of the file, `length` is in bytes without the padding, `dtype` is
NumPy's ("<u4", "|u1", ...). The CRC-32 is that of zlib, over the block without its padding. `meta` is free for
the writer. A reader refuses another Version with FormatVersionError.

Example: one block "docs" of the u32 values 3 and 9, meta {"n":2}.

    0000  42524453 48454554 01000000 00000000    BRDSHEET, version 1, zeros
    0010  03000000 09000000                      block "docs", no padding
    0018  7b226d65 7461223a 7b226e22 3a327d2c    {"meta":{"n":2},
    0028  22626c6f 636b7322 3a7b2264 6f637322    "blocks":{"docs"
    0038  3a5b3136 2c382c22 3c753422 2c323532    :[16,8,"<u4",252
    0048  37343334 3439365d 7d7d                 7434496]}}
    0052  18000000 00000000 3a000000 f0b6a448    directory at 24, 58 bytes, its CRC-32
    0062  42524453 48454554                      BRDSHEET
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from indexer.errors import CorruptSegmentError, FormatVersionError

MAGIC: Final = b"BRDSHEET"
VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sH6s")
_ZEROS: Final = bytes(6)
_FOOTER: Final = struct.Struct("<QII8s")
# Room for a block whose size is not known before.
_ANY: Final = 1 << 62


class BlockWriter:
    """Writes a block file, block after block. Use as a context manager: on an error the file is removed.

    One thread may add blocks while others fill those that were reserved before.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb", buffering=1 << 20)
        self._lock = Lock()
        self._blocks: dict[str, tuple[int, int, str, int]] = {}
        self._reserved: list[OpenBlock] = []
        self._offset = _HEADER.size
        self.write_at(0, _HEADER.pack(MAGIC, VERSION, _ZEROS))

    def __enter__(self) -> BlockWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def add(self, name: str, array: npt.NDArray[Any] | bytes) -> None:
        """Append one array (or bytes) as a block."""
        values = np.frombuffer(array, np.uint8) if isinstance(array, bytes) else array
        self.add_parts(name, values.dtype, [values])

    def add_parts(self, name: str, dtype: npt.DTypeLike, parts: Iterable[npt.NDArray[Any]]) -> None:
        """Append one block that comes in parts; each is converted to `dtype`."""
        block = OpenBlock(self.write_at, name, np.dtype(dtype), self._offset, _ANY)
        for part in parts:
            block.append(part)
        self._close(block)

    def reserve(self, name: str, dtype: npt.DTypeLike, count: int) -> OpenBlock:
        """Append a block of so many numbers, which are to be filled in before the file is finished."""
        kind = np.dtype(dtype)
        block = OpenBlock(self.write_at, name, kind, self._offset, count * kind.itemsize)
        self._reserved.append(block)
        self._offset += block.size + -block.size % 8
        return block

    def _close(self, block: OpenBlock) -> None:
        self._blocks[block.name] = (block.offset, block.filled, block.kind.str, block.crc)
        # What is skipped are zeros.
        self._offset = max(self._offset, block.offset + block.filled + -block.filled % 8)

    def write_at(self, offset: int, data: Any) -> None:
        """Write bytes from an offset in the file on."""
        with self._lock:
            if self._file.tell() != offset:
                self._file.seek(offset)
            self._file.write(data)

    def finish(self, meta: dict[str, Any]) -> None:
        """Write the directory. A file that is to survive a power cut is to be synced, see :func:`sync`.

        Raises ValueError where a block was reserved and not filled.
        """
        for block in self._reserved:
            if block.filled != block.size:
                raise ValueError(f"the block {block.name!r} has room left")
            self._close(block)
        blocks = dict(sorted(self._blocks.items(), key=lambda named: named[1][0]))
        directory = orjson.dumps({"meta": meta, "blocks": blocks})
        end = _FOOTER.pack(self._offset, len(directory), zlib.crc32(directory), MAGIC)
        self.write_at(self._offset, directory + end)
        self._file.flush()


class OpenBlock:
    """A block that is filled part by part.

    write         puts bytes at an offset in the file
    size, filled  the bytes that it takes, and those that it has
    """

    def __init__(
        self, write: Callable[[int, Any], None], name: str, dtype: np.dtype[Any], offset: int, size: int
    ) -> None:
        self.name = name
        self.kind = dtype.newbyteorder("<")
        self.offset = offset
        self.size = size
        self.filled = self.crc = 0
        self._write = write

    def append(self, part: npt.NDArray[Any]) -> None:
        """Fill in what follows. Raises ValueError where there is no room for it."""
        # The same as zlib's, in a tenth of the time; who only searches does without.
        from zlib_ng.zlib_ng import crc32

        data: Any = np.ascontiguousarray(part, self.kind).view(np.uint8).reshape(-1).data
        if self.filled + len(data) > self.size:
            raise ValueError(f"the block {self.name!r} has no room left")
        self.crc = crc32(data, self.crc)
        self._write(self.offset + self.filled, data)
        self.filled += len(data)


def sync(path: Path) -> None:
    """Let a file or the names in a directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class BlockFile:
    """A block file mapped into memory. Its arrays are read-only views of the map.

    Raises CorruptSegmentError for what is not a whole block file, FormatVersionError for another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < _HEADER.size + _FOOTER.size:
                raise CorruptSegmentError(f"{path} is cut short: {_REPAIR}")
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, version, zeros = _HEADER.unpack_from(self._map, 0)
        if magic != MAGIC or zeros != _ZEROS:
            raise CorruptSegmentError(f"{path} is not a segment: {_REPAIR}")
        if version != VERSION:
            raise FormatVersionError(
                f"{path} has format {version}, this Broadsheet reads format {VERSION}: "
                "read the index with the version that wrote it, or build it again with `indexer ingest`"
            )
        offset, length, crc, end = _FOOTER.unpack_from(self._map, size - _FOOTER.size)
        # Nothing lies between the directory and the footer, nor behind it.
        directory = self._map[offset : size - _FOOTER.size]
        if end != MAGIC or len(directory) != length or zlib.crc32(directory) != crc:
            raise CorruptSegmentError(f"{path} is damaged at its end: {_REPAIR}")
        try:
            contents = orjson.loads(directory)
            self.meta: dict[str, Any] = dict(contents["meta"])
            self._blocks: dict[str, tuple[int, int, str, int]] = dict(contents["blocks"])
            for start, extent, dtype, _ in self._blocks.values():
                if min(start, extent) < 0 or start + extent > offset or extent % np.dtype(dtype).itemsize:
                    raise ValueError("a block lies outside of the file")
                if np.dtype(dtype).hasobject:
                    raise ValueError("a block of objects")
        except (ValueError, TypeError, KeyError, ZeroDivisionError) as error:
            raise CorruptSegmentError(f"{path} has a senseless directory ({error}): {_REPAIR}") from error
        self.size = size

    def __contains__(self, name: str) -> bool:
        return name in self._blocks

    def names(self) -> list[str]:
        """The names of all blocks, in the order of the file."""
        return list(self._blocks)

    def array(self, name: str) -> npt.NDArray[Any]:
        """A block as a one-dimensional array of its dtype."""
        offset, length, dtype, _ = self._block(name)
        kind = np.dtype(dtype)
        return np.frombuffer(self._map, kind, length // kind.itemsize, offset)

    def view(self, name: str) -> memoryview:
        """A block as bytes, not copied."""
        offset, length, _, _ = self._block(name)
        return memoryview(self._map)[offset : offset + length]

    def _block(self, name: str) -> tuple[int, int, str, int]:
        try:
            return self._blocks[name]
        except KeyError:
            raise CorruptSegmentError(f"{self.path} lacks the block {name!r}: {_REPAIR}") from None

    def damaged(self) -> list[str]:
        """The names of the blocks whose bytes do not match their checksum, or whose padding is not zeros."""
        return [name for name in self._blocks if not self.is_intact(name)]

    def verify(self) -> None:
        """Read everything. Raises CorruptSegmentError where a checksum does not match."""
        for name in self.damaged():
            raise CorruptSegmentError(f"{self.path}: the block {name!r} does not match its checksum: {_REPAIR}")

    def is_intact(self, name: str) -> bool:
        """Whether a block matches its checksum."""
        from zlib_ng.zlib_ng import crc32

        offset, length, _, crc = self._block(name)
        end = offset + length
        padding = self._map[end : end + -length % 8]
        return crc32(memoryview(self._map)[offset:end]) == crc and not any(padding)


_REPAIR: Final = "restore it from a copy, or keep what is whole with `indexer check --repair`"
