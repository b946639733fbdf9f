"""The table of contents of a commit, `_MAIN_<generation>.toc`: Whoosh's file, with a checksum, read as data.

    File        := IntSize:varint LongSize:varint FloatSize:varint ByteOrder:i32 Version:i32 Release:varint[3]
                   SchemaLength:varint Schema Generation:i32 Checksum:u32 Segments

Integers are big-endian; Schema and Segments are pickles. Whoosh leaves the four bytes of Checksum unused, as zeros, and
ignores what is there. Broadsheet keeps there the CRC-32 of all other bytes (1 where that is 0). Zero is a table that
plain Whoosh has written: nothing can be said of its bytes.

A pickle may call whatever it names. So only the classes that an index of Broadsheet's consists of are found here;
a table that names anything else is refused before anything of it is called.
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

from whoosh import columns, fields, formats
from whoosh import index as whoosh_index
from whoosh.analysis.tokenizers import IDTokenizer
from whoosh.filedb.filestore import RamStorage
from whoosh.filedb.structfile import StructFile

from indexer import schema as schemas
from indexer.errors import CorruptSegmentError, NotAnIndexError
from indexer.segment.blocks import sync
from indexer.segment.entry import ColumnarSegment

NAME: Final = "MAIN"
REPAIR: Final = "`indexer check --repair` keeps what is whole"

_SEGMENT_ID: Final = re.compile(rf"{NAME}_[0-9a-z]+")
_CHECKSUM_BYTES: Final = 4
_CLASSES: Final[dict[tuple[str, str], type]] = {
    (found.__module__, found.__name__): found
    for found in (
        bytes,
        int,
        columns.NumericColumn,
        columns.VarBytesColumn,
        fields.DATETIME,
        fields.ID,
        fields.STORED,
        fields.Schema,
        formats.Existence,
        formats.Positions,
        IDTokenizer,
        schemas.Names,
        schemas.Text,
        schemas.TitledText,
        schemas.Values,
        schemas.WholeValueAnalyzer,
        schemas.WordAnalyzer,
        ColumnarSegment,
    )
}


class Toc(NamedTuple):
    """What a table says.

    schema      Whoosh's
    language    ISO 639-1 code that chooses the stemmer
    segments    in the order they were written
    """

    schema: Any
    language: str
    segments: tuple[ColumnarSegment, ...]


class _Forbidden(Exception):
    """A table names something that is no part of an index."""


class _DataUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        # Python 2's names, which Whoosh's pickles have.
        module = "builtins" if module == "__builtin__" else module
        found = _CLASSES.get((module, "int" if name == "long" else name))
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
    schema_bytes, number, place = _layout(data)
    checksum = int.from_bytes(data[place : place + _CHECKSUM_BYTES], "big")
    if checksum and checksum != _checksum(data, place):
        raise _damaged(path, "its checksum does not match")
    if number != generation:
        raise _damaged(path, f"it is of generation {number}")
    schema = _DataUnpickler(io.BytesIO(schema_bytes)).load()
    segments = tuple(_DataUnpickler(io.BytesIO(data[place + _CHECKSUM_BYTES :])).load())
    field = schema["text_stem"] if isinstance(schema, fields.Schema) and "text_stem" in schema else None
    if not isinstance(field, schemas.TitledText):
        raise NotAnIndexError(f"{path} is of a Whoosh index with another schema, not one of Broadsheet's")
    language = field.analyzer.language
    if not isinstance(language, str):
        raise _damaged(path, "its language is not text")
    for segment in segments:
        if not isinstance(segment, ColumnarSegment) or not _SEGMENT_ID.fullmatch(segment.segment_id()):
            raise _damaged(path, "it lists what is no segment")
    return Toc(schema, language, segments)


def _damaged(path: Path, reason: str) -> CorruptSegmentError:
    return CorruptSegmentError(f"{path}: the table of contents is damaged ({reason}): {REPAIR}")


def _layout(data: bytes) -> tuple[bytes, int, int]:
    """The pickled schema, the generation, and where the checksum lies."""
    stream = StructFile(io.BytesIO(data))
    for _ in range(3):
        stream.read_varint()
    stream.read_int()
    version = stream.read_int()
    if version != whoosh_index._CURRENT_TOC_VERSION:
        raise ValueError(f"version {version}")
    for _ in range(3):
        stream.read_varint()
    schema = stream.read_string()
    return schema, stream.read_int(), stream.tell()


def _checksum(data: bytes, place: int) -> int:
    return zlib.crc32(data[place + _CHECKSUM_BYTES :], zlib.crc32(data[:place])) or 1


def encoded(toc: Toc, generation: int) -> bytes:
    """The bytes of a table."""
    storage = RamStorage()
    whoosh_index.TOC(toc.schema, list(toc.segments), generation).write(storage, NAME)
    [data] = storage.files.values()
    _, _, place = _layout(data)
    checksum = _checksum(data, place).to_bytes(_CHECKSUM_BYTES, "big")
    return bytes(data[:place] + checksum + data[place + _CHECKSUM_BYTES :])


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
