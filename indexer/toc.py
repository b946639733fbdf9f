"""The table of contents of a commit, `_MAIN_<generation>.toc`: Whoosh's file, with a checksum, read as data.

    File        := IntSize:varint LongSize:varint FloatSize:varint ByteOrder:i32 Version:i32 Release:varint[3]
                   SchemaLength:varint Schema Generation:i32 Checksum:u32 Segments

Integers are big-endian; Schema and Segments are pickles. Whoosh leaves the four bytes of Checksum unused, as zeros, and
ignores what is there. Broadsheet keeps there the CRC-32 of all other bytes (1 where that is 0). Zero is a table that
plain Whoosh has written: nothing can be said of its bytes.

A pickle may call whatever it names. Here a table makes numbers, bytes and entries of segments. Of the other classes
that an index of Broadsheet's consists of, only the names are known, and what their instances hold; a table that names
anything else is refused. So a search starts without Whoosh, too.
"""

from __future__ import annotations

import errno
import io
import os
import pickle
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import whoosh

from indexer.errors import CorruptSegmentError, NotAnIndexError
from indexer.segment.blocks import sync
from indexer.segment.entry import ColumnarSegment

NAME: Final = "MAIN"
REPAIR: Final = "`indexer check --repair` keeps what is whole"

_SEGMENT_ID: Final = re.compile(rf"{NAME}_[0-9a-z]+")
_CHECKSUM_BYTES: Final = 4
# IntSize, LongSize, FloatSize, ByteOrder and Version.
_HEAD: Final = bytes((4, 8, 4)) + (-12345).to_bytes(4, "big", signed=True) + (-111).to_bytes(4, "big", signed=True)
# Parts of the release.
_RELEASE: Final = 3
# In bits; a table is no longer than that.
_LONGEST_VARINT: Final = 63


class _Record:
    """An instance of a class that a table names: its attributes are what it holds."""


_SCHEMA: Final = "whoosh.fields.Schema"
_RANKED: Final = "indexer.schema.TitledText"
_FOUND: Final[dict[str, Any]] = {
    "builtins.bytes": bytes,
    "builtins.int": int,
    # Python 2's, of which Whoosh's pickles are.
    "__builtin__.bytes": bytes,
    "__builtin__.int": int,
    "__builtin__.long": int,
    "indexer.segment.entry.ColumnarSegment": ColumnarSegment,
    **{
        name: type(name, (_Record,), {})
        for name in (
            *(_SCHEMA, "whoosh.fields.DATETIME", "whoosh.fields.ID", "whoosh.fields.STORED"),
            *("whoosh.columns.NumericColumn", "whoosh.columns.VarBytesColumn"),
            *("whoosh.formats.Existence", "whoosh.formats.Positions", "whoosh.analysis.tokenizers.IDTokenizer"),
            *(_RANKED, "indexer.schema.Text", "indexer.schema.Names", "indexer.schema.Values"),
            *("indexer.schema.WholeValueAnalyzer", "indexer.schema.WordAnalyzer"),
        )
    },
}


class Toc(NamedTuple):
    """What a table says.

    schema      Whoosh's, pickled
    language    ISO 639-1 code that chooses the stemmer
    segments    in the order they were written
    """

    schema: bytes
    language: str
    segments: tuple[ColumnarSegment, ...]


class _Forbidden(Exception):
    """A table names something that is no part of an index."""


class _DataUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = _FOUND.get(f"{module}.{name}")
        if found is None:
            raise _Forbidden(f"{module}.{name}")
        return found


def read(path: Path, generation: int) -> Toc:
    """The table at a path. Runs nothing that it names.

    Raises CorruptSegmentError for a damaged one, NotAnIndexError for one of something else, OSError.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        if error.errno == errno.EIO:
            raise _damaged(path, "the disk fails") from error
        raise
    try:
        return _parsed(data, generation, path)
    except _Forbidden as error:
        raise NotAnIndexError(
            f"{path} names {error}, which no index of Broadsheet's has: it is a Whoosh index with another schema "
            "(build one elsewhere: indexer ingest --index NEW PAGES), or Whoosh wrote to it with another codec than "
            "`writer(codec=indexer.segment.codec.ColumnarCodec())`"
        ) from None
    except (CorruptSegmentError, NotAnIndexError):
        raise
    except Exception as error:
        # Unpickling raises whatever damaged bytes make of it.
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def _parsed(data: bytes, generation: int, path: Path) -> Toc:
    pickled, number, place = _layout(data)
    checksum = int.from_bytes(data[place : place + _CHECKSUM_BYTES], "big")
    if checksum and checksum != _checksum(data, place):
        raise _damaged(path, "its checksum does not match")
    if number != generation:
        raise _damaged(path, f"it is of generation {number}")
    schema = _DataUnpickler(io.BytesIO(pickled)).load()
    segments = tuple(_DataUnpickler(io.BytesIO(data[place + _CHECKSUM_BYTES :])).load())
    field = schema._fields.get("text_stem") if isinstance(schema, _FOUND[_SCHEMA]) else None
    if not isinstance(field, _FOUND[_RANKED]):
        raise NotAnIndexError(f"{path} is of a Whoosh index with another schema, not one of Broadsheet's")
    language = field.analyzer.language
    if not isinstance(language, str):
        raise _damaged(path, "its language is not text")
    for segment in segments:
        if not isinstance(segment, ColumnarSegment) or not _SEGMENT_ID.fullmatch(segment.segment_id()):
            raise _damaged(path, "it lists what is no segment")
    return Toc(pickled, language, segments)


def _damaged(path: Path, reason: str) -> CorruptSegmentError:
    return CorruptSegmentError(f"{path}: the table of contents is damaged ({reason}): {REPAIR}")


def _layout(data: bytes) -> tuple[bytes, int, int]:
    """The pickled schema, the generation, and where the checksum lies."""
    if not data.startswith(_HEAD):
        raise ValueError(f"it begins with {data[: len(_HEAD)].hex()}")
    place = len(_HEAD)
    for _ in range(_RELEASE):
        _, place = _read_varint(data, place)
    length, start = _read_varint(data, place)
    stop = start + length
    return data[start:stop], int.from_bytes(data[stop : stop + 4], "big"), stop + 4


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    """The number that begins at a place, seven bits a byte, the lowest first; and the place after it."""
    number = shift = 0
    while data[place] >= 0x80:
        number |= (data[place] & 0x7F) << shift
        shift += 7
        place += 1
        if shift > _LONGEST_VARINT:
            raise ValueError("a number without an end")
    return number | data[place] << shift, place + 1


def _varint(number: int) -> bytes:
    rest = bytearray()
    while number >= 0x80:
        rest.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*rest, number))


def _checksum(data: bytes, place: int) -> int:
    return zlib.crc32(data[place + _CHECKSUM_BYTES :], zlib.crc32(data[:place])) or 1


def encoded(toc: Toc, generation: int) -> bytes:
    """The bytes of a table."""
    release = b"".join(map(_varint, whoosh.__version__[:_RELEASE]))
    start = _HEAD + release + _varint(len(toc.schema)) + toc.schema + generation.to_bytes(4, "big")
    segments = pickle.dumps(list(toc.segments))
    data = start + bytes(_CHECKSUM_BYTES) + segments
    return start + _checksum(data, len(start)).to_bytes(_CHECKSUM_BYTES, "big") + segments


def write(path: Path, data: bytes, files: Iterable[Path] = ()) -> None:
    """Put a file into a directory: when this returns, it survives a power cut, and so do those that it names.

    So a table becomes a commit. The rename to `path` is the only moment at which anything changes for readers. Raises
    OSError.

    data   of a table, see :func:`encoded`
    files  those that it names, as far as they were never synced
    """
    for file in files:
        sync(file)
    with temporary(path).open("wb") as table:
        table.write(data)
        table.flush()
        os.fsync(table.fileno())
    # First that there are the segments, then that there is the table.
    sync(path.parent)
    temporary(path).rename(path)
    sync(path.parent)


def temporary(path: Path) -> Path:
    """Where the table at a path lies before it is complete."""
    return path.with_name(path.name + ".new")
