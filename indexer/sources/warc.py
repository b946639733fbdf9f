"""WARC archives: the pages among the records of a crawl."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from indexer.errors import PageError
from indexer.page import Page, PageKind
from indexer.response import Reject
from indexer.sources import stream

_KINDS: dict[str, PageKind] = {"text/html": "html", "application/xhtml+xml": "html", "text/plain": "text"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
_LONGEST_LINE = 65536
# Else what warcio says of odd records is printed as it is, control characters and all.
logging.getLogger("warcio").addHandler(logging.NullHandler())

_DAMAGED = "the archive is damaged or cut off here; the whole records around it were read; fetch it again"


def read(file: io.BufferedReader, place: str, source: str | None) -> Iterator[Page | Reject]:
    """The HTML pages that were answered with status 200; HTML and plain text in resource and conversion records.

    Other records hold no pages and are skipped without a word. A place ends with the number of the record, counted
    from 1. A damaged part is one Reject, and reading goes on with the next record, if there is one.
    """
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.recordloader import ArcWarcRecordLoader

    loader = ArcWarcRecordLoader(verify_http=False)
    done = 0
    damaged = False
    try:
        while line := file.readline(_LONGEST_LINE):
            if not line.startswith(b"WARC/"):
                if not (damaged or line.isspace()):
                    damaged = True
                    yield Reject(place=f"{place}:{done + 1}", reason=_DAMAGED if done else "no WARC archive")
                continue
            here = f"{place}:{done + 1}"
            damaged = False
            page: Page | Reject | None
            try:
                record = loader.parse_record_stream(file, line, known_format="warc", no_record_parse=True)
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
    from warcio.bufferedreaders import BufferedReader, ChunkedDataReader

    headers = record.http_headers
    encoding = str(headers.get_header("Content-Encoding", "") if headers else "").strip().lower().removeprefix("x-")
    is_chunked = headers is not None and str(headers.get_header("Transfer-Encoding", "")).strip().lower() == "chunked"
    reader = (ChunkedDataReader if is_chunked else BufferedReader)(
        record.raw_stream, decomp_type=encoding if encoding in ("gzip", "deflate") else None
    )
    content: bytes = reader.read(stream.LARGEST_RECORD + 1)
    if encoding == "zstd":
        content = stream.whole(stream.opened(io.BytesIO(content)), "page")
    elif encoding == "br":
        content = _without_brotli(content)
    if len(content) > stream.LARGEST_RECORD:
        raise PageError(stream.too_large("page"))
    return content


def _without_brotli(content: bytes) -> bytes:
    # Not left to warcio, whose use of the library fails from its version 1.2 on.
    try:
        import brotli  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        raise PageError("the page is compressed with Brotli; pip install brotli, then ingest again") from None
    try:
        return bytes(brotli.Decompressor().process(content, output_buffer_limit=stream.LARGEST_RECORD + 1))
    except brotli.error:
        raise PageError("the page is compressed with Brotli and damaged; fetch it again") from None


def _moment(date: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
