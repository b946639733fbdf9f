"""Articles as a file: NDJSON, CSV or one JSON array, piece by piece so that nothing has to fit into memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Literal

import orjson

from indexer.article import Article

ExportFormat = Literal["ndjson", "csv", "json"]


def encode(articles: Iterable[Article], format: ExportFormat, *, trailer: bool = False) -> Iterator[bytes]:
    """The pieces of a UTF-8 file that holds `articles` in order.

    ndjson   Article.to_dict() on a line each
    csv      a header line, then a row each; several authors, credits or topics are joined with "; "
    json     one array of Article.to_dict()
    trailer  end an NDJSON or CSV file with a line that states the number of articles: {"articles": 12}, or
             "# articles: 12"
    """
    count = 0

    def counted() -> Iterator[Article]:
        nonlocal count
        for article in articles:
            count += 1
            yield article

    pieces = {"ndjson": _ndjson, "csv": _csv, "json": _json}[format](counted())
    yield from pieces
    if trailer and format == "ndjson":
        yield orjson.dumps({"articles": count}, option=orjson.OPT_APPEND_NEWLINE)
    elif trailer and format == "csv":
        yield f"# articles: {count}\n".encode()


def _ndjson(articles: Iterable[Article]) -> Iterator[bytes]:
    return (orjson.dumps(article.to_dict(), option=orjson.OPT_APPEND_NEWLINE) for article in articles)


def _csv(articles: Iterable[Article]) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, [field.name for field in fields(Article)], lineterminator="\n")
    writer.writeheader()
    for article in articles:
        yield _taken(buffer)
        row = article.to_dict()
        writer.writerow({name: "; ".join(value) if isinstance(value, list) else value for name, value in row.items()})
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return piece


def _json(articles: Iterable[Article]) -> Iterator[bytes]:
    before = b"["
    for article in articles:
        yield before + orjson.dumps(article.to_dict())
        before = b",\n"
    yield b"]\n" if before == b",\n" else b"[]\n"
