"""JSON Lines, and JSON documents laid out over lines: one object an article.

A document, too, is read line by line, so that memory stays flat however long it is. That works because no string of
JSON holds a line break: an object that is opened at the end of one line is closed by a later line of the same indent.
So an array of objects, a single object and objects one after the other are read as the usual tools write them.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

import orjson

from indexer.article import Article
from indexer.errors import PageError
from indexer.page import Page
from indexer.report import Reject
from indexer.sources import Line, stream
from indexer.sources.charset import decode
from indexer.sources.record import record

_AROUND_OBJECTS = b" \t\r\n,[]\xef\xbb\xbf"  # the last three are a byte order mark
# What services and parsers of feeds call the list of articles in their answers.
_LISTS = ("articles", "stories", "entries", "results", "data")
_NOT_CLOSED = "a JSON object that is not closed; write one JSON object a line"


def lines(file: BufferedReader, place: str, source: str | None) -> Iterator[Line | Reject]:
    """One for each object. A place ends with the number of the object's first line, counted from 1."""
    for number, text in _objects(file):
        if isinstance(text, bytes):
            yield Line(text, f"{place}:{number}", source)
        else:
            yield Reject(place=f"{place}:{number}", reason=text)


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


def _objects(file: BufferedReader) -> Iterator[tuple[int, bytes | str]]:
    """The number of the first line of each object, with its text, or with the reason why there is none."""
    opened: list[bytes] = []  # the lines so far of an object that is not closed yet
    opened_at = size = 0
    indent = b""
    for number, line in enumerate(_lines(file), 1):
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


def _lines(file: BufferedReader) -> Iterator[bytes | str]:
    """The lines; a reason in place of one that is too long, and as the last one where the stream breaks off."""
    limit = stream.LARGEST_RECORD
    try:
        if file.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            yield "text in UTF-16; convert it first: iconv -f UTF-16 -t UTF-8"
            return
        while line := file.readline(limit):
            if len(line) < limit or line.endswith(b"\n"):
                yield line
            else:
                while line and not line.endswith(b"\n"):
                    line = file.readline(limit)
                yield stream.too_large("line")
    except stream.BROKEN as error:
        yield stream.reason(error)
