"""WARC archives as crawlers write them, whole and cut off."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.page import Page
from indexer.report import Reject
from indexer.sources import stream

PAGE = "<html><body><p>Der Fährmann kam spät.</p></body></html>".encode()
DATE = "2024-12-03T19:17:05Z"


class Archive:
    """Puts the bytes of records one after the other."""

    def __init__(self, compressed: bool = False) -> None:
        self._records: list[bytes] = []
        self._compressed = compressed

    def response(
        self, url: str, content: bytes, *, status: str = "200 OK", type: str | None = "text/html", **headers: str
    ) -> Archive:
        fields = {"Content-Type": type, **headers} if type else headers
        http = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        block = f"HTTP/1.1 {status}\r\n{http}\r\n".encode() + content
        return self.other(url, "response", block, "application/http; msgtype=response")

    def other(self, url: str, kind: str, block: bytes, type: str = "text/plain") -> Archive:
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {DATE}\r\n"
            f"WARC-Record-ID: <urn:uuid:{len(self._records):032}>\r\n"
            f"Content-Type: {type}\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        self._records.append(head.encode() + block + b"\r\n\r\n")
        return self

    def bytes(self) -> bytes:
        return b"".join(map(gzip.compress, self._records) if self._compressed else self._records)


def read(data: bytes, **options: object) -> list[sources.Record]:
    return list(sources.read(["-"], stdin=io.BytesIO(data), **options))  # type: ignore[arg-type]


def contents(records: list[sources.Record]) -> list[bytes | str]:
    return [record.data for record in records if isinstance(record, Page)]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_page_comes_with_address_charset_and_time_of_fetching(tmp_path: Path, compressed: bool) -> None:
    archive = Archive(compressed)
    archive.other("dns:north.example", "resource", b"north.example. 300 IN A", "text/dns")
    archive.response("https://north.example/ferry", PAGE, type='text/html; charset="UTF-8"')
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(archive.bytes())
    [page] = sources.read([path], source="Post")
    assert page == Page(
        data=PAGE,
        place=f"{path}:2",
        kind="html",
        url="https://north.example/ferry",
        charset="UTF-8",
        fetched=datetime(2024, 12, 3, 19, 17, 5, tzinfo=UTC),
        source="Post",
    )


def test_what_is_no_page_is_skipped_without_a_word() -> None:
    archive = Archive()
    archive.other("https://north.example/", "metadata", b"outlinks: 3")
    archive.other("https://north.example/", "request", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request")
    archive.response("https://north.example/old", PAGE, status="301 Moved")
    archive.response("https://north.example/gone", PAGE, status="404 Not Found")
    archive.response("https://north.example/a.png", b"\x89PNG", type="image/png")
    archive.response("https://north.example/robots.txt", b"User-agent: *", type="text/plain")
    archive.response("https://north.example/untold", PAGE, type=None)
    archive.other("metadata://gnu.org/software/wget/warc/wget.log", "resource", b"saved", "text/plain")
    assert read(archive.bytes()) == []


def test_plain_text_of_a_conversion_record_is_a_text_dump() -> None:
    archive = Archive(True).other("https://north.example/ferry", "conversion", b"Ferry late\n\nThree hours.")
    [page] = read(archive.bytes())
    assert isinstance(page, Page)
    assert (page.kind, page.data, page.url) == ("text", b"Ferry late\n\nThree hours.", "https://north.example/ferry")


def test_html_of_a_resource_record_is_a_page() -> None:
    [page] = read(Archive().other("https://north.example/ferry", "resource", PAGE, "text/html; charset=utf-8").bytes())
    assert isinstance(page, Page)
    assert (page.kind, page.charset) == ("html", "utf-8")


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstandard.compress), ("identity", bytes)],
)
def test_content_encodings_are_undone(encoding: str, compress: Callable[[bytes], bytes]) -> None:
    archive = Archive().response("https://north.example/", compress(PAGE), Content_Encoding=encoding)
    assert contents(read(archive.bytes())) == [PAGE]


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_page_that_is_damaged_within_its_encoding_is_a_reject(
    encoding: str, compress: Callable[[bytes], bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    content = compress(PAGE + bytes(range(256)) * 200)
    flipped = content[:400] + bytes([content[400] ^ 255]) + content[401:]
    archive = Archive(True)
    for number, damaged in enumerate((flipped, content[:-20], content)):
        archive.response(f"https://north.example/{number}", damaged, Content_Encoding=encoding)
    found = read(archive.bytes())
    assert [type(record) for record in found] == [Reject, Reject, Page]
    assert found[:2] == [
        Reject(place=f"-:{number}", reason="the page is compressed and damaged or cut off; fetch it again")
        for number in (1, 2)
    ]
    assert capfd.readouterr() == ("", "")


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", bytes), ("deflate", bytes), ("deflate", raw_deflate)])
def test_a_page_that_only_says_that_it_is_compressed_and_one_of_bare_deflate_are_read(
    encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    archive = Archive().response("https://north.example/", compress(PAGE), Content_Encoding=encoding)
    assert contents(read(archive.bytes())) == [PAGE]


def test_chunks_are_joined() -> None:
    chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (9, PAGE[:9], len(PAGE) - 9, PAGE[9:])
    archive = Archive(True).response("https://north.example/", chunked, Transfer_Encoding="chunked")
    assert contents(read(archive.bytes())) == [PAGE]


def test_a_page_in_brotli_is_decompressed() -> None:
    archive = Archive().response("https://north.example/", brotli.compress(PAGE * 999), Content_Encoding="br")
    archive.response("https://north.example/bomb", brotli.compress(bytes(90 << 20), quality=1), Content_Encoding="br")
    archive.response("https://north.example/damaged", b"\xff" * 90, Content_Encoding="br")
    archive.response("https://north.example/cut", brotli.compress(PAGE * 999)[:-9], Content_Encoding="br")
    found = read(archive.bytes())
    assert contents(found) == [PAGE * 999]
    assert [type(record) for record in found] == [Page, Reject, Reject, Reject]


def test_half_an_archive_gives_its_whole_pages_and_one_reject() -> None:
    for compressed in (False, True):
        archive = Archive(compressed)
        for number in range(10):
            archive.response(f"https://north.example/{number}", PAGE + str(number).encode() * 400)
        data = archive.bytes()
        *pages, reject = read(data[: len(data) // 2 + 9])
        assert len(pages) == 5
        assert all(isinstance(page, Page) for page in pages)
        assert isinstance(reject, Reject)
        assert reject.place == "-:6"
        assert "cut off here" in reject.reason


TWO_PAGES = Archive().response("https://north.example/1", PAGE).response("https://north.example/2", PAGE).bytes()


@given(st.integers(5, len(TWO_PAGES)))
def test_wherever_an_archive_is_cut_the_pages_before_are_whole(length: int) -> None:
    found = read(TWO_PAGES[:length], format="warc")
    first_end = TWO_PAGES.index(b"WARC/1.0", 1) - 4  # blank lines after a record may be missing
    whole = (length >= first_end) + (length >= len(TWO_PAGES) - 4)
    assert contents(found) == [PAGE] * whole
    is_cut_within_a_record = length < first_end or first_end + 4 < length < len(TWO_PAGES) - 4
    assert len(found) == whole + is_cut_within_a_record


def test_after_a_damaged_part_the_next_record_is_read() -> None:
    first = Archive().response("https://north.example/1", PAGE).bytes()
    second = Archive().response("https://north.example/2", PAGE).bytes()
    for middle in (
        b"lost\r\nin transfer\r\n",
        b"WARC/9.9\r\nWARC-Type: response\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999999999\r\n\r\n",
    ):
        found = read(first + middle + second)
        assert contents(found) == [PAGE, PAGE]
        assert [type(record) for record in found] == [Page, Reject, Page]


def test_a_page_above_the_limit_is_rejected_and_the_rest_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LARGEST_RECORD", 4000)
    archive = Archive().response("https://north.example/1", gzip.compress(PAGE * 500), Content_Encoding="gzip")
    archive.response("https://north.example/2", PAGE * 500).response("https://north.example/3", PAGE)
    found = read(archive.bytes())
    assert [type(record) for record in found] == [Reject, Reject, Page]


def test_a_file_that_is_no_archive_is_one_reject() -> None:
    assert read(b"Ferry late\nThree hours\n", format="warc") == [
        Reject(
            place="-:1",
            reason="no WARC archive, and no ARC archive of version 1; leave --format out, or convert it to WARC",
        )
    ]


def arc(*pages: bytes, status: str = "200 OK") -> list[bytes]:
    """The records of an ARC archive, the first of which is about the archive."""
    about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n\n"
    records = [b"filedesc://crawl.arc 0.0.0.0 20041203191705 text/plain %d\n%s\n" % (len(about), about)]
    for number, page in enumerate(pages, 1):
        block = b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s" % (status.encode(), page)
        address = b"https://north.example/%d 192.0.2.1 20041203191705" % number
        records.append(b"%s text/html %d\n%s\n" % (address, len(block), block))
    return records


@pytest.mark.parametrize("compressed", [False, True])
def test_the_pages_of_an_arc_archive_are_read(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "crawl.arc.gz"
    path.write_bytes(b"".join(map(gzip.compress if compressed else bytes, arc(PAGE, PAGE + b"<p>More.</p>"))))
    first, second = sources.read([path])
    assert first == Page(
        data=PAGE,
        place=f"{path}:2",
        kind="html",
        url="https://north.example/1",
        charset="utf-8",
        fetched=datetime(2004, 12, 3, 19, 17, 5, tzinfo=UTC),
    )
    assert isinstance(second, Page)
    assert second.data == PAGE + b"<p>More.</p>"


def test_what_is_no_page_in_an_arc_archive_is_skipped_and_what_is_damaged_rejected() -> None:
    assert read(b"".join(arc(PAGE, status="404 Not Found"))) == []
    about, first, second = arc(PAGE, PAGE)
    found = read(about + first + b"lost\nin transfer\n" + second)
    assert [type(record) for record in found] == [Page, Reject, Page]
    *whole, cut = read((about + first + second)[:-30])
    assert contents(whole) == [PAGE]
    assert isinstance(cut, Reject)
    assert "cut off here" in cut.reason
    version_2 = about.replace(b"text/plain", b"text/plain 200 - - 0 crawl.arc")
    [reject] = read(version_2)
    assert isinstance(reject, Reject)
    assert "no ARC archive of version 1" in reject.reason


def test_an_answer_without_http_headers_is_no_page() -> None:
    archive = Archive().other("https://north.example/", "response", PAGE, "application/http; msgtype=response")
    archive.response("https://north.example/2", PAGE)
    assert contents(read(archive.bytes())) == [PAGE]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    read(b"WARC/1.0\r\n" + data)
    read(b"filedesc://" + data)
    read(arc()[0] + b"http://a.example/ 192.0.2.1 20041203191705 text/html 40\n" + data)
    read(b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: 40\r\n\r\n" + data)
