"""What a file holds, told by its name and its first bytes."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath
from typing import Literal

from indexer.errors import PageError
from indexer.sources.mhtml import is_mhtml

Kind = Literal["jsonl", "html", "text", "warc", "feed"]

_BY_SUFFIX: dict[str, Kind] = {
    **dict.fromkeys((".jsonl", ".ndjson", ".jl", ".json"), "jsonl"),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".shtml", ".mhtml", ".mht"), "html"),
    **dict.fromkeys((".txt", ".text"), "text"),
    **dict.fromkeys((".warc", ".wet", ".arc"), "warc"),
    **dict.fromkeys((".rss", ".atom", ".rdf"), "feed"),
}
_COMPRESSED = (".gz", ".zst", ".zstd")
# They are text, too, but come along with saved pages or hold tables.
_NEVER_PAGES = {
    **dict.fromkeys((".css", ".js", ".mjs", ".map"), "a part of a web page, no page; leave it out"),
    ".svg": "a picture, not a page; leave it out",
    **dict.fromkeys(
        (".csv", ".tsv"), "a table; convert it to JSON Lines, one object a row; docs/howto.md has a script"
    ),
    **dict.fromkeys((".cdx", ".cdxj"), "an index to a web archive, no page; leave it out"),
}
_SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or sound"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"SQLite format 3\0", "a database"),
)
_PACKED = (
    (b"PK\x03\x04", "a ZIP archive or office document, not a page; unpack an archive and pass the folder"),
    (b"7z\xbc\xaf", "a 7z archive, not a page; unpack it and pass the folder"),
    (b"BZh", "compressed with bzip2; decompress it first with bunzip2, or compress it with gzip or Zstandard"),
    (b"\xfd7zXZ\0", "compressed with xz; decompress it first with unxz, or compress it with gzip or Zstandard"),
)
_TAR = (257, b"ustar")
_WINDOW = 4096
_XML_ROOT = re.compile(rb"<(?:[a-z]+:)?(rss|feed|rdf|html|urlset|sitemapindex)[\s>]", re.I)
# Trafilatura begins its XML with no declaration.
_XML = (b"<?xml", b"<rss ", b"<rss>", b"<feed", b"<rdf:", b"<tei ", b"<doc ")
_FRONT_MATTER = re.compile(rb"---[ \t]*\r?\n(?:(?:[\w-]+:|[ \t-])[^\n]*\n)+?---[ \t]*\r?\n")
_JSON = re.compile(rb"[\[\s]*\{\s*(?:\"|\}|$)|\[\s*$|\[\s*\]")
_TAG = re.compile(rb"<(?:!--|/?(?:head|body|meta|title|link|script|div|p|h1|article|main|section|table)\b)", re.I)


def kind(name: str, head: bytes) -> Kind:
    """The kind of a file called `name` that begins with `head` (some thousand bytes of it, decompressed).

    The content decides where it is unmistakable, else the name, else whether there are tags.
    Raises PageError where it is nothing that holds pages; the message says what it is.
    """
    if head.startswith((b"WARC/", b"filedesc://")):
        return "warc"
    refuse_binary(head)
    start = _as_utf8(head[:_WINDOW]).lstrip()
    if start[:14].lower() == b"<!doctype html" or start[:5].lower() == b"<html":
        return "html"
    suffix = _suffix(name)
    if suffix in _NEVER_PAGES:
        raise PageError(_NEVER_PAGES[suffix])
    by_name = _BY_SUFFIX.get(suffix)
    if start[:5].lower() in _XML or suffix == ".xml":
        root = _XML_ROOT.search(start)
        root_name = root[1].lower() if root else b""
        if root_name in (b"urlset", b"sitemapindex"):
            raise PageError("a sitemap; pass the pages that it lists")
        if root_name in (b"rss", b"feed", b"rdf"):
            return "feed"
        if root_name == b"html":
            return "html"
        if by_name is None:
            raise PageError("XML of a kind that is not known; pass HTML, RSS or Atom, or convert it to JSON Lines")
    if _JSON.match(start):
        return "jsonl"
    if is_mhtml(start):
        return "html"
    if _FRONT_MATTER.match(start):
        raise PageError("text below a header of metadata; have it written as JSON, or pass the text without the header")
    return by_name or ("html" if _TAG.search(start) else "text")


def refuse_binary(head: bytes) -> None:
    """Raise PageError when `head` is the beginning of something else than text."""
    for signature, reason in _PACKED:
        if head.startswith(signature):
            raise PageError(reason)
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise PageError(f"{what}, not a page; pass HTML, plain text or JSON Lines")
    if head[_TAR[0] :].startswith(_TAR[1]):
        raise PageError("a tar archive, not a page; unpack it and pass the folder")
    if b"\0" in _as_utf8(head[:_WINDOW]):
        raise PageError("binary data, not a page; pass HTML, plain text or JSON Lines")


def _suffix(name: str) -> str:
    """The last suffix in lower case, without that of a compression ("page.HTML.gz": ".html")."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in _COMPRESSED else path.suffix


def _as_utf8(head: bytes) -> bytes:
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(codec, "ignore").encode("utf-8", "ignore")
    return head.removeprefix(codecs.BOM_UTF8)
