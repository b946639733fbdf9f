"""JSON Lines, and JSON documents laid out over lines: one object an article.

A document, too, is read by the line, never as a whole. That works because no string of JSON holds a line break: an
object that is opened at the end of one line is closed by a later line of the same indent. So an array of objects, a
single object and objects one after the other are read as the usual tools write them.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import Any

import orjson

from indexer.article import Article
from indexer.errors import PageError
from indexer.page import Page
from indexer.report import Reject
from indexer.sources import stream
from indexer.sources.charset import decode
from indexer.sources.record import record
from indexer.sources.unparsed import Lines, Stretch

_AROUND_OBJECTS = b" \t\r\n,[]\xef\xbb\xbf"  # the last three are a byte order mark
# What services and parsers of feeds call the list of articles in their answers.
_LISTS = ("articles", "stories", "entries", "results", "data")
_CHUNK = 256 * 1024
_MOST_UNCUT = 4 * 1024 * 1024  # bytes; what has no place to cut for so long goes line by line
_LONGEST_OPENING = 64  # bytes: the end of a line, an indent and a brace
_FIRST_OBJECT = re.compile(rb"^([ \t]{0,60})\{", re.M)
_NOT_CLOSED = "a JSON object that is not closed; write one JSON object a line"


def read(
    file: BufferedReader, place: str, source: str | None, again: Stretch | None = None
) -> Iterator[Lines | Reject]:
    """All of a file, cut into lines where an object begins that stands in no other. So others may parse them.

    again  where they can read it
    """
    first, searched = 1, 0
    rest = bytearray()
    # That of the objects of an array which was laid out over lines: all have the same.
    indent: bytes | None = None
    broken = ""
    try:
        if file.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            yield Reject(place=f"{place}:1", reason="text in UTF-16; convert it first: iconv -f UTF-16 -t UTF-8")
            return
        while chunk := file.read1(_CHUNK):
            rest += chunk
            if indent is None and (opened := _FIRST_OBJECT.search(rest, searched)):
                indent = opened[1]
            cut = len(rest) if _is_closed(rest) else rest.rfind(b"\n{", searched) + 1
            if cut:
                indent = b""
            elif indent:
                cut = rest.rfind(b"\n" + indent + b"{", searched) + 1
            if cut:
                yield (found := _cut(rest, cut, first, place, source, again))
                first += found.length
                again = again and again._replace(offset=again.offset + cut)
            elif len(rest) > _MOST_UNCUT:
                yield from _one_by_one(stream.resumed(bytes(rest), file), first, place, source)
                return
            searched = max(0, len(rest) - _LONGEST_OPENING)
    except stream.BROKEN as error:
        broken = stream.reason(error)
        del rest[rest.rfind(b"\n") + 1 :]
    if rest:
        yield (found := _cut(rest, len(rest), first, place, source, again))
        first += found.length
    if broken:
        yield Reject(place=f"{place}:{first}", reason=broken)


def _is_closed(rest: bytearray) -> bool:
    """Whether an object ends at the end; what comes slowly is not to wait for the next one."""
    return rest.endswith(b"}\n") and rest[rest.rfind(b"\n", 0, -1) + 1] in b"{}"


def _cut(rest: bytearray, size: int, first: int, place: str, source: str | None, stretch: Stretch | None) -> Lines:
    """Take so many bytes from the left."""
    with memoryview(rest) as whole:
        text = bytes(whole[:size])
    del rest[:size]
    return Lines(text, first, text.count(b"\n"), place, source, stretch)


def _one_by_one(file: BufferedReader, first: int, place: str, source: str | None) -> Iterator[Lines | Reject]:
    """The same for what cannot be cut: it is looked at line by line, so that memory stays flat however long it is."""
    for number, text in _objects(_lines(file), first):
        if isinstance(text, bytes):
            # On one line, as no string of it has any break.
            yield Lines(text.replace(b"\n", b" "), number, 1, place, source)
        else:
            yield Reject(place=f"{place}:{number}", reason=text)


def records_of(lines: Lines) -> list[Article | Page | Reject]:
    """The records of some lines. A place ends with the number of the object's first line."""
    return [record for _, records in numbered(lines) for record in records]


def numbered(lines: Lines) -> Iterator[tuple[int, list[Article | Page | Reject]]]:
    """The same, by object: the number of its first line, and its records."""
    for number, text in _objects(_split(lines.text), lines.first):
        place = f"{lines.place}:{number}"
        if isinstance(text, str):
            yield number, [Reject(place=place, reason=text)]
            continue
        try:
            yield number, records(text, place, lines.source)
        except Exception as error:
            yield number, [Reject.of_failure(place, error)]


def records(text: bytes, place: str, source: str | None = None) -> list[Article | Page | Reject]:
    """The records of a JSON text: one object, a list of objects, or an object around such lists.

    place   where the text stands, for reports
    source  the outlet's display name, instead of the objects' own

    Objects around lists are feeds, answers of services such as {"stories": [...]}, and what Fundus' crawler saves:
    the articles of each outlet under its name. The trailer of an export is no record.
    """
    try:
        value = _parsed(text)
    except PageError as error:
        return [Reject(place=place, reason=str(error))]
    if isinstance(value, list):
        return [found for at, item in enumerate(value) for found in _records(item, f"{place}[{at}]", source)]
    if _is_trailer(value):
        return []
    if isinstance(value, dict) and "items" in value:
        from indexer.sources import json_feed

        if json_feed.is_feed(value):
            return list(json_feed.records(value, place, source))
    return _records(value, place, source)


def _records(value: object, place: str, source: str | None) -> list[Article | Page | Reject]:
    found = _record(value, place, source)
    if not isinstance(found, Reject):
        return [found]
    return [
        _record(item, f"{place}{where}[{at}]", source or outlet)
        for where, outlet, items in _lists(value)
        for at, item in enumerate(items)
    ] or [found]


def _lists(value: object) -> list[tuple[str, str | None, list[Any]]]:
    """The lists of records that a value which is no record holds: where they stand in it, their outlet, the list."""
    if isinstance(value, list):
        return [("", None, value)]
    if not isinstance(value, dict):
        return []
    for name in _LISTS:
        if isinstance(items := value.get(name), list):
            return [(f".{name}", None, items)]
    if all(isinstance(items, list) and all(_is_titled(item) for item in items) for items in value.values()):
        return [(f".{outlet}", outlet, items) for outlet, items in value.items()]
    return []


def _is_titled(value: object) -> bool:
    return isinstance(value, dict) and "title" in value


def _is_trailer(value: object) -> bool:
    """Whether it is the line at the end of an export that states the number of articles."""
    return isinstance(value, dict) and list(value) == ["articles"] and isinstance(value["articles"], int)


def _record(value: object, place: str, source: str | None) -> Article | Page | Reject:
    if not isinstance(value, dict):
        return Reject(place=place, reason="a JSON value that is no object; write one object an article")
    try:
        return record(value, place, source)
    except PageError as error:
        return Reject(place=place, reason=str(error))


def _parsed(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        problem = str(error)
    try:
        # An object of an array over several lines; and what other writers put out and orjson refuses: NaN, halves
        # of surrogate pairs, broken UTF-8.
        return json.loads(decode(text.strip(_AROUND_OBJECTS), "utf-8"))
    except (ValueError, RecursionError):
        raise PageError(f"not valid JSON ({problem}); write one JSON object a line") from None


def _objects(lines: Iterable[bytes | str], first: int) -> Iterator[tuple[int, bytes | str]]:
    """The number of the first line of each object, with its text, or with the reason why there is none.

    lines  or reasons why there is none; the first of them has the number `first`
    """
    opened: list[bytes] = []  # the lines so far of an object that is not closed yet
    opened_at = size = 0
    indent = b""
    for number, line in enumerate(lines, first):
        if opened and (isinstance(line, str) or line.startswith((indent + b"{", b"{"))):
            yield opened_at, _NOT_CLOSED
            opened.clear()
        if isinstance(line, str):
            yield number, line
        elif not opened:
            text = line.strip()
            if text[:1] != b"{" or text[-1:] != b"}":
                inner = text.strip(_AROUND_OBJECTS)
                if inner == b"{":
                    opened, opened_at, size = [inner], number, 0
                    indent = line[: len(line) - len(line.lstrip())]
                    continue
                if text[:1] != b"[" or text[-1:] != b"]":
                    if not inner:
                        continue
                    text = inner
            yield number, text
        elif line.startswith(indent + b"}"):
            opened.append(b"}")
            yield opened_at, b"".join(opened) if size <= stream.LARGEST_RECORD else stream.too_large("object")
            after = line[len(indent) + 1 :].strip(_AROUND_OBJECTS)
            opened, opened_at, size = [after] if after == b"{" else [], number, 0
            if after and not opened:
                yield number, after
        else:
            size += len(line)
            if size <= stream.LARGEST_RECORD:
                opened.append(line)
    if opened:
        yield opened_at, _NOT_CLOSED


def _split(text: bytes) -> Iterator[bytes | str]:
    """The lines of a text; a reason in place of one that is too long."""
    limit = stream.LARGEST_RECORD
    return (line if len(line) < limit else stream.too_large("line") for line in text.split(b"\n"))


def _lines(file: BufferedReader) -> Iterator[bytes | str]:
    """The lines of a stream; a reason in place of one that is too long, and as the last one where it breaks off."""
    limit = stream.LARGEST_RECORD
    try:
        while line := file.readline(limit):
            if len(line) < limit or line.endswith(b"\n"):
                yield line
            else:
                while line and not line.endswith(b"\n"):
                    line = file.readline(limit)
                yield stream.too_large("line")
    except stream.BROKEN as error:
        yield stream.reason(error)
