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
from collections.abc import Iterable
from pathlib import Path
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


class BlockWriter:
    """Writes a block file front to back. Use as a context manager: on an error the file is removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb", buffering=1 << 20)
        self._blocks: dict[str, tuple[int, int, str, int]] = {}
        self._offset = self._file.write(_HEADER.pack(MAGIC, VERSION, _ZEROS))

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
        # The same as zlib's, in a tenth of the time; who only searches does without.
        from zlib_ng.zlib_ng import crc32

        kind = np.dtype(dtype).newbyteorder("<")
        crc, length = 0, 0
        for part in parts:
            data: Any = np.ascontiguousarray(part, kind).view(np.uint8).reshape(-1).data
            crc = crc32(data, crc)
            length += self._file.write(data)
        self._blocks[name] = (self._offset, length, kind.str, crc)
        self._offset += length + self._file.write(bytes(-length % 8))

    def finish(self, meta: dict[str, Any]) -> None:
        """Write the directory. A file that is to survive a power cut is to be synced, see :func:`sync`."""
        directory = orjson.dumps({"meta": meta, "blocks": self._blocks})
        self._file.write(directory)
        self._file.write(_FOOTER.pack(self._offset, len(directory), zlib.crc32(directory), MAGIC))
        self._file.flush()


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
