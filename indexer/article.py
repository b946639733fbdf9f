"""Article: the value that pages become, and its permanent identity."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from indexer.errors import PageError

DatePrecision = Literal["second", "minute", "day", "month"]

_WIDEST_WRAPPED = 120  # characters of a line
_BLANK_LINES = re.compile(rb"\n\n+")
_ASCII_PRINTABLE = b"\n" + bytes(range(0x20, 0x7F))
# Control characters carry no text; newline and tab are the only ones kept. In UTF-8, U+0080 to U+009F start with C2.
_LINE_BREAKS = bytes.maketrans(b"\r\v\f", b"\n\n\n")
_C0_CONTROLS = bytes((*range(9), *range(14, 32), 127))
_C1_CONTROLS = re.compile(b"\xc2[\x80-\x9f]")
_NEXT_LINE = "\x85".encode()
# Most addresses in archives; none of what normalisation changes can be in them.
_CANONICAL_URL = re.compile(r"https?://(?!.*(?:\.\.|//|xn--))[a-z0-9.-]+(?:/[\w.~/%!=:,-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One cleaned news article. Text is Unicode NFC, times are UTC.

    id              permanent: given by the input, else derived from the canonical URL, else from the content
    url             canonical (no tracking parameters, no fragment), or None
    title           headline, without the site's name
    body            the article's own paragraphs, separated by one blank line
    source          the outlet's display name
    date            publication time, aware UTC, or None
    date_precision  what the page really said; None when there is no date
    date_method     where the date was found ("json-ld", "byline", "url", "input", ...); "" without a date
    authors         people or desks, without "By"
    credits         wire or outlet the article credits
    section         the outlet's section, or None
    topics          the article's tags
    language        BCP 47 tag, or None

    Build one with :meth:`build`, which normalises every field and derives the id.
    """

    id: str
    url: str | None = None
    title: str = ""
    body: str = ""
    source: str = ""
    date: datetime | None = None
    date_precision: DatePrecision | None = None
    date_method: str = ""
    authors: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    section: str | None = None
    topics: tuple[str, ...] = ()
    language: str | None = None

    @classmethod
    def build(
        cls,
        *,
        id: str | None = None,
        url: str | None = None,
        title: str = "",
        body: str = "",
        source: str = "",
        date: datetime | None = None,
        date_precision: DatePrecision | None = None,
        date_method: str = "",
        authors: Iterable[str] = (),
        credits: Iterable[str] = (),
        section: str | None = None,
        topics: Iterable[str] = (),
        language: str | None = None,
    ) -> Article:
        """Normalise the fields (see the class) and derive the id where none is given.

        A naive `date` is taken as UTC. Raises PageError when id, title and body are all empty: an archive's
        record may have an id and no text.
        """
        title = one_line(title)
        body = paragraphs(body)
        if not (title or body or id):
            raise PageError("no title and no text")
        url = canonical_url(url) if url else None
        if date is not None:
            date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
            date = date.replace(microsecond=0) if date.microsecond else date
        source = one_line(source)
        return article_of(
            (one_line(id) if id else "") or derive_id(url, source, title, body),
            url,
            title,
            body,
            source,
            date,
            (date_precision or "second") if date else None,
            one_line(date_method) if date else "",
            _distinct(authors),
            _distinct(credits),
            (one_line(section) or None) if section else None,
            _distinct(topics),
            (one_line(language) or None) if language else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """The article as JSON-ready values: `date` in ISO 8601 with "Z", tuples as lists."""
        # Spelled out: dataclasses.asdict takes thirty times as long, and every article passes here.
        return {
            "id": self.id,
            "url": self.url,
            "title": self.title,
            "body": self.body,
            "source": self.source,
            "date": iso_utc(self.date),
            "date_precision": self.date_precision,
            "date_method": self.date_method,
            "authors": list(self.authors),
            "credits": list(self.credits),
            "section": self.section,
            "topics": list(self.topics),
            "language": self.language,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Article:
        """The inverse of :meth:`to_dict`, for values that Broadsheet itself wrote."""
        known = dict(values)
        if known["date"] is not None:
            known["date"] = datetime.fromisoformat(known["date"])
        for name in ("authors", "credits", "topics"):
            known[name] = tuple(known[name])
        return cls(**known)


class _Draft:
    """An article whose fields can still be set."""

    __slots__ = Article.__slots__


def article_of(
    id: str,
    url: str | None,
    title: str,
    body: str,
    source: str,
    date: datetime | None,
    date_precision: DatePrecision | None,
    date_method: str,
    authors: tuple[str, ...],
    credits: tuple[str, ...],
    section: str | None,
    topics: tuple[str, ...],
    language: str | None,
) -> Article:
    """An article of fields that are normalised already.

    A seventh of the time that Article itself takes, which sets each field around its own lock: an ingest makes one for
    each record, a search one for each hit.
    """
    draft: Any = _Draft()
    draft.id = id
    draft.url = url
    draft.title = title
    draft.body = body
    draft.source = source
    draft.date = date
    draft.date_precision = date_precision
    draft.date_method = date_method
    draft.authors = authors
    draft.credits = credits
    draft.section = section
    draft.topics = topics
    draft.language = language
    draft.__class__ = Article
    article: Article = draft
    return article


def iso_utc(moment: datetime | None) -> str | None:
    """An aware UTC datetime as "2024-12-03T19:17:00Z"; None stays None."""
    return moment.isoformat()[:19] + "Z" if moment is not None else None


def plain(text: str) -> str:
    """`text` in NFC with line ends as "\\n", without control characters and lone surrogates."""
    # On bytes: as soon as one character is not ASCII, str.translate is twenty times slower.
    raw = text.encode("utf-8", "replace").replace(b"\r\n", b"\n").translate(_LINE_BREAKS, _C0_CONTROLS)
    if _C1_CONTROLS.search(raw):
        raw = _C1_CONTROLS.sub(b"", raw.replace(_NEXT_LINE, b"\n"))
    return unicodedata.normalize("NFC", raw.decode("utf-8"))


def one_line(text: str) -> str:
    """`text` plain, on one line, with single spaces."""
    if not text.isprintable():
        text = plain(text)
    elif not text.isascii():
        text = unicodedata.normalize("NFC", text)
    elif "  " not in text:
        # Most by far; no other white space is printable ASCII.
        return text.strip()
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """`text` plain, lines stripped, paragraphs separated by exactly one blank line.

    A text without any blank line has one paragraph a line, as most tools export it; so has one that stands mostly in
    lines longer than texts are wrapped to, though some of its lines are blank.
    """
    from indexer.native import layout

    raw = text.encode("utf-8", "replace")
    found = layout.layout(raw)
    # Most texts are tidy already.
    if found & (layout.CONTROL | layout.UNTIDY) or (found & layout.UNCOMMON and not _is_printable(raw)):
        raw = "\n".join([" ".join(line.split()) for line in plain(text).split("\n")]).strip("\n").encode()
        found = layout.layout(raw)
    if found & layout.TWO_SPACES:
        raw = raw.replace(b"  ", b" ")
    if not found & (layout.BLANK_LINE | layout.BLANK_LINES):
        raw = raw.replace(b"\n", b"\n\n")
    elif found & (layout.LINE_END | layout.BLANK_LINES):
        raw = _BLANK_LINES.sub(b"\n\n", raw)
        if found & layout.LINE_END and _is_unwrapped(raw):
            raw = raw.replace(b"\n\n", b"\n").replace(b"\n", b"\n\n")
    body = raw.decode()
    return unicodedata.normalize("NFC", body) if found & layout.UNCOMMON else body


def _is_unwrapped(text: bytes) -> bool:
    """Whether more of the text stands in lines that are longer than texts are wrapped to than in others."""
    lengths = [len(line) for line in text.decode().split("\n")]
    return 2 * sum(length for length in lengths if length > _WIDEST_WRAPPED) > sum(lengths)


def _is_printable(text: bytes) -> bool:
    """Whether UTF-8 text holds no characters but such as are seen, plain spaces and line ends."""
    return text.translate(None, _ASCII_PRINTABLE).decode().isprintable()


def canonical_url(url: str) -> str | None:
    """`url` without tracking parameters and fragment, host in lower case; None when it is no web address."""
    url = url.strip()
    if _CANONICAL_URL.fullmatch(url):
        return url
    from courlan import normalize_url

    # Without lone surrogates.
    url = url.encode("utf-8", "replace").decode("utf-8")
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
        return str(normalize_url(url)).partition("#")[0] or None
    except ValueError:
        return None


def host_of(url: str | None) -> str:
    """The host name of an address without "www."; "" where there is none."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def derive_id(url: str | None, source: str, title: str, body: str) -> str:
    """A permanent id: from the canonical URL where there is one, else from source, title and body."""
    import hashlib

    seed = f"url\n{url}" if url else f"content\n{source}\n{title}\n{body}"
    return hashlib.blake2b(seed.encode("utf-8"), digest_size=12).hexdigest()


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, values)))) if values else ()
