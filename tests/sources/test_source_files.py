"""Paths, folders, pipes and what the files in them turn out to be."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast, get_args

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import indexer
from indexer import sources
from indexer.article import Article
from indexer.errors import PageError, SourceError
from indexer.page import Page
from indexer.report import Reject
from indexer.sources import detect, stream

PAGE = b"<!DOCTYPE html><html><head><title>Ferry late</title></head><body><p>Three hours late.</p></body></html>"
DUMP = b"Ferry late\n\nBy Ida Vesterby\n\nThe ferry was three hours late.\n"
LINE = b'{"title": "Ferry late"}\n'
FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>P</title><item><title>F</title></item></channel></rss>'


def only(path: Path, **options: object) -> sources.Record:
    [record] = sources.read([path], **options)  # type: ignore[arg-type]
    return record


def reason(path: Path, **options: object) -> str:
    record = only(path, **options)
    assert isinstance(record, Reject)
    assert record.place == str(path)
    return record.reason


def test_a_folder_is_read_at_any_depth_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/10.txt", "a.txt", "c/d/e/f.txt", "B.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(DUMP)
    places = [record.place for record in sources.read([tmp_path]) if isinstance(record, Page)]
    names = [os.path.relpath(place, tmp_path) for place in places]
    assert names == ["B.txt", "a.txt", "b/10.txt", "b/2.txt", "c/d/e/f.txt"]


def test_hidden_files_and_folders_are_skipped_unless_named(tmp_path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    for name in (".DS_Store", ".cache/page.txt"):
        (tmp_path / name).write_bytes(DUMP)
    assert list(sources.read([tmp_path])) == []
    assert len(list(sources.read([tmp_path / ".cache", tmp_path / ".DS_Store"]))) == 2


def test_what_a_browser_saved_along_with_a_page_is_skipped(tmp_path: Path) -> None:
    for name in ("Ferry late.html", "Ferry late_files/ad.html", "Ferry late_files/main.js", "lost_files/kept.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PAGE)
    (tmp_path / "lost.htm").mkdir()
    (tmp_path / "notes.html").write_bytes(PAGE)
    (tmp_path / "notes_files").write_bytes(PAGE)
    places = {os.path.relpath(record.place, tmp_path) for record in sources.read([tmp_path])}
    assert places == {"Ferry late.html", "notes.html", "notes_files"}


def test_links_in_a_circle_end_and_linked_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_bytes(DUMP)
    (tmp_path / "pages" / "again").symlink_to(tmp_path)
    (tmp_path / "linked.txt").symlink_to(tmp_path / "pages" / "a.txt")
    assert len(list(sources.read([tmp_path]))) == 2


def test_a_file_called_like_standard_input_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("./-").write_bytes(LINE)
    [record] = sources.read(["."], stdin=io.BytesIO(b""))
    assert isinstance(record, Article)
    assert sources.size(["."]) == len(LINE)


def test_an_index_within_a_folder_of_pages_is_skipped_and_a_named_one_rejected(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes(DUMP)
    for _ in range(2):
        with indexer.open_index(tmp_path / "news.index", create=True) as index:
            assert index.ingest([tmp_path], workers=1).rejects == ()
    assert reason(tmp_path / "news.index").startswith("an index, no pages")


def test_a_broken_link_in_a_folder_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    [record] = sources.read([tmp_path])
    assert record == Reject(place=str(tmp_path / "gone.txt"), reason="cannot be read: No such file or directory")


def test_a_pipe_in_a_folder_is_skipped_and_a_named_one_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert list(sources.read([tmp_path])) == []
    assert sources.size([pipe]) is None
    writer = threading.Thread(target=pipe.write_bytes, args=(LINE,))
    writer.start()
    [record] = sources.read([pipe])
    writer.join()
    assert isinstance(record, Article)


def test_a_path_that_does_not_exist_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(DUMP)
    for function in (sources.read, sources.size):
        with pytest.raises(SourceError, match=r"no such file or folder: .*typo\.jsonl"):
            function([tmp_path / "a.txt", tmp_path / "typo.jsonl"])
    with pytest.raises(SourceError, match="cannot be read"):
        sources.read(["a\0b"])
    with pytest.raises(SourceError, match="a path is empty"):
        sources.read([""])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_an_error_when_named_and_a_reject_in_a_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(DUMP)
    secret.chmod(0)
    with pytest.raises(SourceError, match="Permission denied"):
        sources.read([secret])
    assert reason(tmp_path) == "cannot be read: Permission denied"


def test_a_file_whose_reading_fails_is_rejected_and_the_rest_read(tmp_path: Path) -> None:
    # Reading a process's own memory at address 0 fails with an input/output error, for root as well.
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("no file is known here whose reading fails")
    (tmp_path / "a.txt").symlink_to(memory)
    (tmp_path / "b.txt").write_bytes(DUMP)
    broken, whole = sources.read([tmp_path])
    assert broken == Reject(place=str(tmp_path / "a.txt"), reason="cannot be read: Input/output error")
    assert isinstance(whole, Page)


def test_a_name_that_is_no_unicode_gives_a_place_that_can_be_printed(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/f\xe4hre.txt"
    try:
        Path(os.fsdecode(name)).write_bytes(DUMP)
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    [page] = sources.read([tmp_path])
    assert isinstance(page, Page)
    assert page.place.encode().endswith("/f\ufffdhre.txt".encode())


def test_bytes_read_add_up_to_the_size(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINE * 30_000)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(LINE * 30_000))
    (tmp_path / "c.jsonl.zst").write_bytes(zstandard.compress(LINE * 30_000))
    (tmp_path / "d.html").write_bytes(PAGE)
    steps: list[int] = []
    assert len(list(sources.read([tmp_path], on_bytes=steps.append))) == 90_001
    assert sum(steps) == sources.size([tmp_path])
    assert sources.size([tmp_path, "-"]) is None


def test_standard_input_is_read_by_content() -> None:
    for data, kind in (
        (LINE, Article),
        (PAGE, Page),
        (DUMP, Page),
        (FEED, Article),
        (zstandard.compress(LINE), Article),
    ):
        [record] = sources.read(["-"], stdin=io.BytesIO(data))
        assert isinstance(record, kind)


def test_standard_input_of_the_process_is_the_default(tmp_path: Path) -> None:
    program = "from indexer import sources; print([type(r).__name__ for r in sources.read(['-'])])"
    done = subprocess.run([sys.executable, "-c", program], input=LINE * 2, capture_output=True, check=True)
    assert done.stdout.split() == [b"['Article',", b"'Article']"]


def test_a_slow_pipe_is_told_by_its_content_and_read_as_it_comes() -> None:
    program = "import os, sys\nfor byte in sys.stdin.buffer.read(): os.write(1, bytes([byte]))"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as slow:
        assert slow.stdin is not None
        assert slow.stdout is not None
        slow.stdin.write(gzip.compress(LINE * 3))
        slow.stdin.close()
        assert len(list(sources.read(["-"], stdin=cast("BinaryIO", slow.stdout)))) == 3


@pytest.mark.parametrize(
    "name", ["page.html", "page.HTM", "page.html.gz", "page.xhtml.zst", "page", "page.txt", "page.jsonl"]
)
def test_an_html_page_is_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    data = PAGE
    data = gzip.compress(data) if name.endswith(".gz") else zstandard.compress(data) if name.endswith(".zst") else data
    (tmp_path / name).write_bytes(data)
    assert only(tmp_path / name, source="Post") == Page(
        data=PAGE, place=str(tmp_path / name), kind="html", source="Post"
    )


@pytest.mark.parametrize("name", ["page.txt", "page.text.gz", "page", "page.md"])
def test_a_text_dump_is_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(DUMP) if name.endswith(".gz") else DUMP)
    assert only(tmp_path / name) == Page(data=DUMP, place=str(tmp_path / name), kind="text")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a", b'\xef\xbb\xbf{"title": 1}', "jsonl"),
        ("a", b"[\n  {\n", "jsonl"),
        ("a.json", b"[]", "jsonl"),
        ("a.jsonl", b"no JSON at all", "jsonl"),
        ("a", b"{not json} but prose in brackets", "text"),
        ("a", b"WARC/1.0\r\n", "warc"),
        ("a.html", b"WARC/1.1\r\n", "warc"),
        ("a.warc", b"nothing", "warc"),
        ("a", FEED, "feed"),
        ("a.xml", b'\n<feed xmlns="http://www.w3.org/2005/Atom">', "feed"),
        ("a.xml", b'<?xml version="1.0"?><!-- x --><rdf:RDF xmlns:rdf="r">', "feed"),
        ("a.html", FEED, "feed"),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>', "html"),
        ("a", "\n\n<!doctype HTML>".encode("utf-16"), "html"),
        ("a", b"<div class='x'>fragment</div>", "html"),
        ("a", b"Three < four, said Tom. <em>Really</em>.", "text"),
        ("a.html", b"plain words", "html"),
        ("page.mhtml", b"plain words", "html"),
        ("page", b'From: <Saved by Blink>\r\nContent-Type: multipart/related;\r\n\ttype="text/html"\r\n', "html"),
        ("a.txt", b"Ferry late\n---\ntitle: Ferry\n---\n", "text"),
        ("a.txt", b"---\nA night of fog\n---\n", "text"),
        ("a.xml.txt", b"<p> opens the dump", "text"),
    ],
)
def test_kind_is_told_by_content_then_by_name(name: str, data: bytes, kind: str) -> None:
    assert detect.kind(name, data) == kind


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.html", b"%PDF-1.7\n", "a PDF document"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x10", "a picture"),
        ("a.zip", b"PK\x03\x04", "a ZIP archive .*unpack"),
        ("a.7z", b"7z\xbc\xaf", "a 7z archive.*unpack"),
        ("a.bz2", b"BZh9", "compressed with bzip2; decompress"),
        ("a.tar", b"page.html" + b"\0" * 248 + b"ustar", "unpack it"),
        ("a.xz", b"\xfd7zXZ\0", "compressed with xz; decompress"),
        ("a.txt", b"some\0words", "binary data"),
        ("font.woff", b"wOFF\0\1", "binary data"),
        ("style.css", b"p { color: red }", "a part of a web page"),
        ("logo.svg", b"<svg>", "a picture"),
        ("table.csv.gz", b"title,text\n", "a table.*howto"),
        ("crawl.cdx", b" CDX a b m s k r M S V g u\n", "an index to a web archive"),
        # What trafilatura writes as XML and as text with metadata.
        (
            "a.xml",
            b'<doc sitename="North Shore Post" title="Ferry late"><main><p>Late.</p></main></doc>',
            "XML of a kind",
        ),
        (
            "-",
            b'<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body><p>Late.</p></body></text></TEI>',
            "XML of a kind",
        ),
        (
            "a.txt",
            b"---\ntitle: Ferry late\ntags:\n - fog\n---\n# Ferry late\n",
            "a header of metadata; have it written as JSON",
        ),
        ("sitemap.xml", b'<?xml version="1.0"?><urlset xmlns="x">', "a sitemap"),
        ("a.xml", b'<?xml version="1.0"?><NewsML>', "XML of a kind that is not known"),
    ],
)
def test_what_holds_no_pages_is_refused_by_its_name_in_the_field(name: str, data: bytes, what: str) -> None:
    with pytest.raises(PageError, match=what):
        detect.kind(name, data)


@given(st.text(max_size=12), st.binary(max_size=300))
def test_any_file_has_a_kind_or_is_refused(name: str, data: bytes) -> None:
    with suppress(PageError):
        assert detect.kind(name, data) in get_args(detect.Kind)


@pytest.mark.parametrize("format", get_args(sources.Format))
def test_an_empty_file_is_rejected(tmp_path: Path, format: sources.Format) -> None:
    for name, data in (("empty", b""), ("empty.gz", gzip.compress(b"")), ("empty.zst", zstandard.compress(b""))):
        (tmp_path / name).write_bytes(data)
        assert reason(tmp_path / name, format=format) == "the file is empty"


@pytest.mark.parametrize("format", ["auto", "html", "text"])
def test_a_binary_file_is_rejected_and_the_rest_of_the_folder_read(tmp_path: Path, format: sources.Format) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 picture")
    (tmp_path / "b.html").write_bytes(PAGE)
    picture, page = sources.read([tmp_path], format=format)
    assert picture == Reject(
        place=str(tmp_path / "a.jpg"), reason="a picture, not a page; pass HTML, plain text or JSON Lines"
    )
    assert isinstance(page, Page)


@pytest.mark.parametrize("format", ["html", "text"])
def test_a_named_format_is_obeyed(tmp_path: Path, format: sources.Format) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINE)
    assert only(tmp_path / "a.jsonl", format=format) == Page(data=LINE, place=str(tmp_path / "a.jsonl"), kind=format)  # type: ignore[arg-type]


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_page_that_unpacks_to_gigabytes_is_rejected(
    tmp_path: Path, compress: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LARGEST_RECORD", 1 << 20)
    (tmp_path / "bomb.html").write_bytes(compress(PAGE + b" " * (20 << 20)))  # type: ignore[operator]
    assert "larger than 1 MB" in reason(tmp_path / "bomb.html")


def test_unpacking_takes_little_memory_however_much_comes_out() -> None:
    import tracemalloc

    bomb = io.BytesIO(zstandard.ZstdCompressor(level=19).compress(bytes(400 << 20)))
    tracemalloc.start()
    opened = stream.opened(bomb)
    size = 0
    while chunk := opened.read(1 << 20):
        size += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 400 << 20
    assert peak < 140 << 20


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_page_cut_off_while_compressed_is_rejected(tmp_path: Path, compress: object) -> None:
    data = compress(PAGE + os.urandom(3000).hex().encode())  # type: ignore[operator]
    (tmp_path / "page.html").write_bytes(data[:-40])
    assert "ends too early" in reason(tmp_path / "page.html")
