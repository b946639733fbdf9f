"""WARC archives, and ARC as they were before: the pages among the records of a crawl."""

from __future__ import annotations

import io
import logging
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from indexer.errors import PageError
from indexer.page import Page, PageKind
from indexer.report import Reject
from indexer.sources import stream

_KINDS: dict[str, PageKind] = {"text/html": "html", "application/xhtml+xml": "html", "text/plain": "text"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
_LONGEST_LINE = 65536
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_ARC = b"filedesc://"
# The line before each record of ARC's first version: address, IP address, time, type, length.
_ARC_LINE = re.compile(rb"[a-z]+:.* \S+ [0-9]{14} \S+ [0-9]+\s*\Z", re.I)
# Else what warcio says of odd records is printed as it is, control characters and all.
logging.getLogger("warcio").addHandler(logging.NullHandler())

_DAMAGED_PAGE = "the page is compressed and damaged or cut off; fetch it again"
_NO_ARCHIVE = "no WARC archive, and no ARC archive of version 1; leave --format out, or convert it to WARC"
_DAMAGED = "the archive is damaged or cut off here; the whole records around it were read; fetch it again"


def read(file: io.BufferedReader, place: str, source: str | None) -> Iterator[Page | Reject]:
    """The HTML pages that were answered with status 200; HTML and plain text in resource and conversion records.

    Other records hold no pages and are skipped without a word. A place ends with the number of the record, counted
    from 1. A damaged part is one Reject, and reading goes on with the next record, if there is one. Of ARC archives,
    too, the pages that were answered with status 200 are read.
    """
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.recordloader import ArcWarcRecordLoader

    loader = ArcWarcRecordLoader(verify_http=False)
    format = "arc" if file.peek(len(_ARC)).startswith(_ARC) else "warc"
    done = 0
    damaged = False
    try:
        while line := file.readline(_LONGEST_LINE):
            if not (_ARC_LINE.match(line) if format == "arc" else line.startswith(b"WARC/")):
                if not (damaged or line.isspace()):
                    damaged = True
                    yield Reject(place=f"{place}:{done + 1}", reason=_DAMAGED if done else _NO_ARCHIVE)
                continue
            here = f"{place}:{done + 1}"
            damaged = False
            page: Page | Reject | None
            try:
                record = loader.parse_record_stream(file, line, known_format=format, no_record_parse=True)
                if not _CONTENT_LENGTH.fullmatch(str(record.rec_headers.get_header("Content-Length"))):
                    raise ArchiveLoadFailed("no Content-Length")
                page = _page(loader, record, here, source)
            except ArchiveLoadFailed:
                damaged = True
                page = Reject(place=here, reason=_DAMAGED)
            except PageError as error:
                page = Reject(place=here, reason=str(error))
            if not damaged:
                _skip_rest(record.raw_stream)
            done += 1
            if page:
                yield page
    except stream.BROKEN:
        yield Reject(place=f"{place}:{done + 1}", reason=_DAMAGED)


def _skip_rest(block: Any) -> None:
    """Read a record's block to its end; raise EOFError when the file ends first."""
    while block.limit:
        if not block.read(65536):
            raise EOFError


def _page(loader: Any, record: Any, place: str, source: str | None) -> Page | None:
    """The page that a record holds, if any. Raises PageError when there is one that cannot be used."""
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if record.rec_type not in ("response", "resource", "conversion") or not url.startswith(("http:", "https:")):
        return None
    content_type = record.content_type
    if record.rec_type == "response":
        record.http_headers = loader.load_http_headers(record.rec_type, url, record.raw_stream, record.length)
        if record.http_headers is None or record.http_headers.get_statuscode() != "200":
            return None
        content_type = record.http_headers.get_header("Content-Type")
    content_type = content_type or record.rec_headers.get_header("WARC-Identified-Payload-Type") or ""
    kind = _KINDS.get(content_type.partition(";")[0].strip().lower())
    if kind is None or (kind == "text" and record.rec_type == "response"):
        return None
    charset = _CHARSET.search(content_type)
    return Page(
        data=_content(record),
        place=place,
        kind=kind,
        url=url,
        charset=charset[1] if charset else None,
        fetched=_moment(record.rec_headers.get_header("WARC-Date")),
        source=source,
    )


def _content(record: Any) -> bytes:
    """The payload without its transfer and content encodings. Raises PageError."""
    from warcio.bufferedreaders import ChunkedDataReader

    headers = record.http_headers
    encoding = str(headers.get_header("Content-Encoding", "") if headers else "").strip().lower().removeprefix("x-")
    is_chunked = headers is not None and str(headers.get_header("Transfer-Encoding", "")).strip().lower() == "chunked"
    reader = ChunkedDataReader(record.raw_stream) if is_chunked else record.raw_stream
    content: bytes = reader.read(stream.LARGEST_RECORD + 1)
    if encoding in ("gzip", "deflate"):
        content = _inflated(content)
    elif encoding == "zstd":
        content = stream.whole(stream.opened(io.BytesIO(content)), "page")
    elif encoding == "br":
        content = _without_brotli(content)
    if len(content) > stream.LARGEST_RECORD:
        raise PageError(stream.too_large("page"))
    return content


def _inflated(content: bytes) -> bytes:
    # Not left to warcio, which takes what comes before the damage for the page. Some servers only say they compress.
    is_gzip, is_zlib = content.startswith(b"\x1f\x8b"), content[:2] in _ZLIB
    decompressor = zlib.decompressobj(
        zlib.MAX_WBITS if is_zlib else zlib.MAX_WBITS + 16 if is_gzip else -zlib.MAX_WBITS
    )
    try:
        page = decompressor.decompress(content, stream.LARGEST_RECORD + 1)
        is_whole = decompressor.eof or len(page) > stream.LARGEST_RECORD
    except zlib.error:
        is_whole = False
    if is_whole:
        return page
    if is_gzip or is_zlib:
        raise PageError(_DAMAGED_PAGE)
    return content


def _without_brotli(content: bytes) -> bytes:
    # Not left to warcio, whose use of the library fails from its version 1.2 on.
    import brotli

    decompressor = brotli.Decompressor()
    try:
        page = bytes(decompressor.process(content, output_buffer_limit=stream.LARGEST_RECORD + 1))
    except brotli.error:
        raise PageError(_DAMAGED_PAGE) from None
    if not decompressor.is_finished() and len(page) <= stream.LARGEST_RECORD:
        raise PageError(_DAMAGED_PAGE)
    return page


def _moment(date: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
