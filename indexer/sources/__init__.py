"""From paths to a stream of records: articles, raw pages still to be cleaned, and rejects.

files.py     paths → files
stream.py    a file → its decompressed bytes
detect.py    what the bytes are
jsonl.py     JSON Lines and JSON → objects;  record.py: an object → Article or Page
unparsed.py  lines that are not parsed yet, for another process
pages.py     HTML and text files → Page;  mhtml.py: HTML in MHTML
warc.py      web archives → Pages
feed.py      RSS and Atom → Articles;  json_feed.py: JSON Feed
markup.py    fragments of HTML → text
charset.py   bytes → text
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import BinaryIO, Literal, get_args

from indexer.article import Article
from indexer.errors import PageError
from indexer.page import Page
from indexer.parameter import Choice
from indexer.report import Reject
from indexer.sources import detect, files, stream
from indexer.sources.unparsed import Held, Lines, Stretch

__all__ = ["Format", "Lines", "Record", "lines", "parsed", "read", "size"]

Format = Literal["auto", "jsonl", "html", "text", "warc", "feed"]
Record = Page | Article | Reject
_FORMAT = Choice("What the files are.", get_args(Format))


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
