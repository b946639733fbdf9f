"""From paths to a stream of records: articles, raw pages still to be cleaned, and rejects.

files.py     paths → files
stream.py    a file → its decompressed bytes
detect.py    what the bytes are
jsonl.py     JSON Lines and JSON → objects;  record.py: an object → Article or Page
pages.py     HTML and text files → Page;  mhtml.py: HTML in MHTML
warc.py      web archives → Pages
feed.py      RSS and Atom → Articles;  json_feed.py: JSON Feed
markup.py    fragments of HTML → text
charset.py   bytes → text
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Literal, NamedTuple, get_args

from indexer.article import Article
from indexer.errors import PageError
from indexer.page import Page
from indexer.parameter import Choice
from indexer.report import Reject
from indexer.sources import detect, files, stream

__all__ = ["Format", "Lines", "Record", "lines", "parsed", "read", "size"]

Format = Literal["auto", "jsonl", "html", "text", "warc", "feed"]
Record = Page | Article | Reject
_FORMAT = Choice("What the files are.", get_args(Format))
# Bytes: a process may hold a thousand files open, and each worker may have a batch of smaller ones.
_WORTH_HOLDING = 10_000_000


class Held:
    """A file that is held open, so that other processes can open it, whatever becomes of its name.

    path  where they find it
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.path = f"/proc/{os.getpid()}/fd/{descriptor}"

    def __del__(self) -> None:
        os.close(self._descriptor)

    @classmethod
    def of(cls, file: BinaryIO) -> Held | None:
        """A file that lies there as it is, and is large enough for that to be worth it; None for any other."""
        with suppress(OSError):
            status = os.fstat(file.fileno())
            large = stat.S_ISREG(status.st_mode) and status.st_size >= _WORTH_HOLDING
            if large and not stream.is_compressed(os.pread(file.fileno(), stream.HEAD, 0)):
                held = cls(os.dup(file.fileno()))
                # Not every system shows it there.
                if os.path.samestat(status, Path(held.path).stat()):
                    return held
        return None


class Stretch(NamedTuple):
    """Where a text begins in a file."""

    file: Held
    offset: int


class Lines(NamedTuple):
    """Whole JSON objects, as some lines of a file hold them, that are not parsed yet: see jsonl.records_of.

    text     the lines
    first    the number of the first, counted from 1
    length   how many they are
    place    the file
    source   the outlet's display name, instead of the objects' own
    stretch  where they can be read again, as long as this is there
    """

    text: bytes
    first: int
    length: int
    place: str
    source: str | None
    stretch: Stretch | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process reads a file in a fifth of the time that its text takes through a pipe.
        if self.stretch is None:
            return Lines, tuple(self)
        return _read_again, (self.stretch.file.path, self.stretch.offset, len(self.text), *self[1:-1])


def _read_again(
    path: str, offset: int, size: int, first: int, length: int, place: str, source: str | None
) -> Lines | Reject:
    try:
        with Path(path).open("rb") as file:
            file.seek(offset)
            text = file.read(size)
    except OSError as error:
        return Reject(place=f"{place}:{first}", reason=stream.reason(error))
    if len(text) < size:
        return Reject(place=f"{place}:{first}", reason="the file was cut while it was read; read it again")
    return Lines(text, first, length, place, source)


def read(
    paths: Iterable[str | os.PathLike[str]],
    *,
    format: Format = "auto",
    source: str | None = None,
    stdin: BinaryIO | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Record]:
    """The records of files and of folders at any depth, in the order of the paths and then of the names.

    paths     files and folders; "-" is standard input. Files may be compressed with gzip or zstd
    format    of all the files; "auto" tells by content and name
    source    the outlet's display name for every record, instead of its own
    stdin     where "-" reads from; None takes the process's own
    on_bytes  called with the number of input bytes just read, which add up to `size`

    Raises ParameterError for an unknown format and SourceError for a path that does not exist or cannot be opened,
    before anything is read. From then on nothing is raised: what cannot be used is a Reject that says where and why,
    and the rest goes on.
    """
    return (
        record
        for unparsed in lines(paths, format=format, source=source, stdin=stdin, on_bytes=on_bytes)
        for record in parsed(unparsed)
    )


def lines(
    paths: Iterable[str | os.PathLike[str]],
    *,
    format: Format = "auto",
    source: str | None = None,
    stdin: BinaryIO | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Record | Lines]:
    """As `read`, but the lines of JSON files are left to be parsed, by `parsed`, perhaps in another process."""
    _FORMAT.check("format", format)
    named = [os.fspath(path) for path in paths]
    files.check(named)
    return _records(named, format, source, stdin, on_bytes)


def parsed(record: Record | Lines) -> Iterable[Record]:
    """The records of lines of JSON; a record itself as it is."""
    if isinstance(record, (Page, Article, Reject)):
        return (record,)
    from indexer.sources import jsonl

    return jsonl.records_of(record)


def size(paths: Iterable[str | os.PathLike[str]]) -> int | None:
    """Bytes of all the files that the paths name, compressed as they are; None when that can't be known beforehand.

    Raises SourceError when a path does not exist or cannot be opened.
    """
    named = [os.fspath(path) for path in paths]
    files.check(named)
    return files.size(named)


def _records(
    paths: list[str],
    format: Format,
    source: str | None,
    stdin: BinaryIO | None,
    on_bytes: Callable[[int], None] | None,
) -> Iterator[Record | Lines]:
    for path in files.walk(paths):
        if isinstance(path, Reject):
            yield path
        elif path == files.STDIN:
            yield from _file(stdin or sys.stdin.buffer, path, format, source, on_bytes)
        else:
            try:
                file = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115 - closed below, once read
            except OSError as error:
                yield Reject(place=files.shown(path), reason=stream.reason(error))
                continue
            with file:
                yield from _file(file, path, format, source, on_bytes)


def _file(
    file: BinaryIO,
    path: str,
    format: Format,
    source: str | None,
    on_bytes: Callable[[int], None] | None,
) -> Iterator[Record | Lines]:
    place = files.shown(path)
    try:
        opened = stream.opened(file, on_bytes)
        head = opened.peek()
        if not head:
            raise PageError("the file is empty")
        kind = detect.kind(PurePath(path).name, head) if format == "auto" else format
    except stream.BROKEN as error:
        yield Reject(place=place, reason=stream.reason(error))
        return
    except PageError as error:
        yield Reject(place=place, reason=str(error))
        return
    match kind:
        case "jsonl":
            from indexer.sources import jsonl

            held = None if path == files.STDIN else Held.of(file)
            yield from jsonl.read(opened, place, source, Stretch(held, 0) if held else None)
        case "warc":
            from indexer.sources import warc

            yield from warc.read(opened, place, source)
        case "feed":
            from indexer.sources import feed

            yield from feed.read(opened, place, source)
        case "html" | "text":
            from indexer.sources import pages

            yield pages.read(opened, place, kind, source)
