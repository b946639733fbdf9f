"""What is fuzzed: functions that take any bytes, and may raise nothing but what is raised on purpose."""

from __future__ import annotations

import io
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from acts import ingest, numbered

import indexer
from indexer import NewsIndex, sources, store, toc
from indexer.errors import BroadsheetError, PageError
from indexer.segment.builder import stored_record
from indexer.segment.reader import SegmentReader

_FOLDER = tempfile.TemporaryDirectory()


@cache
def small_index() -> NewsIndex:
    folder = Path(_FOLDER.name)
    index = indexer.open_index(folder / "news.index", create=True)
    ingest(folder, numbered(range(20), 1))(index)
    ingest(folder, {"20": 1})(index)
    return index


def query(data: bytes) -> None:
    """Every text is a query, and what it finds adds up."""
    text = data.decode("utf-8", "surrogateescape")
    for match in ("all", "any"):
        result = small_index().search(text, match=match, limit=1000, facets=["source"])
        assert result.total == len(result.hits)
        for hit in result.hits:
            for snippet in hit.snippets:
                assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.ranges)
        for warning in result.warnings:
            assert 0 <= warning.offset <= warning.offset + warning.length <= len(text)


def text(data: bytes) -> None:
    """A dump of a page is an article or a PageError."""
    with suppress(PageError):
        usable(indexer.clean(data, kind="text"))


def html(data: bytes) -> None:
    """A page is an article or a PageError."""
    with suppress(PageError):
        usable(indexer.clean(data, kind="html"))


def records(data: bytes) -> None:
    """A file of any format is articles, pages and rejects."""
    for record in sources.read(["-"], stdin=io.BytesIO(data)):
        if isinstance(record, indexer.Article):
            usable(record)


def usable(article: indexer.Article) -> None:
    for value in (article.id, article.title, article.body, article.source, *article.authors, *article.topics):
        value.encode()
        assert "\0" not in value
    assert article.id
    assert stored_record(article)


def table(data: bytes) -> None:
    """The pickles of a table of contents, in one whose checksum is right."""
    index = small_index()
    whole = store.toc_path(index.path, 1).read_bytes()
    schema, _, place = toc._layout(whole)
    cut = len(data) // 2
    for crafted in (whole[:place] + bytes(4) + data, whole.replace(schema[: len(data)], data[: len(schema)], 1)):
        checksum = zlib.crc32(crafted[place + 4 :], zlib.crc32(crafted[:place])) or 1
        path = Path(_FOLDER.name, "_MAIN_1.toc")
        path.write_bytes(crafted[:place] + checksum.to_bytes(4, "big") + crafted[place + 4 :] + data[cut:])
        with suppress(BroadsheetError):
            store.read_commit(path.parent, 1)


def segment(data: bytes) -> None:
    """A segment file, of which the directory has the right checksum."""
    path = Path(_FOLDER.name, "fuzzed.bsc")
    for crafted in (data, with_right_checksums(data)):
        path.write_bytes(crafted)
        with suppress(BroadsheetError):
            reader = SegmentReader(path)
            reader.file.damaged()
            for doc in range(min(reader.doc_count, 50)):
                with suppress(BroadsheetError):
                    reader.article(doc)


def with_right_checksums(data: bytes) -> bytes:
    """The directory and the footer of a segment file as if it had been written so."""
    if len(data) < 40:
        return data
    offset = int.from_bytes(data[-24:-16], "little") % (len(data) - 24)
    directory = data[offset:-24]
    footer = offset.to_bytes(8, "little") + len(directory).to_bytes(4, "little")
    return data[:-24] + footer + zlib.crc32(directory).to_bytes(4, "little") + b"BRDSHEET"


TARGETS: dict[str, Callable[[bytes], None]] = {
    found.__name__: found for found in (query, text, html, records, table, segment)
}
CORPUS = Path(__file__).with_name("corpus")
