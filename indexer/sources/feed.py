"""RSS and Atom feeds: one article an entry; and what tells the entries of any feed apart."""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO

from indexer.article import Article, canonical_url, derive_id, host_of, one_line
from indexer.cleaning.language import primary_tag
from indexer.errors import PageError
from indexer.invisible import without_invisible
from indexer.page import Page
from indexer.report import Reject
from indexer.sources import stream
from indexer.sources.charset import decode
from indexer.sources.markup import text_of
from indexer.sources.record import Moment, names, publication_date

_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.I)
_TAIL = 4096
NO_FEED = "no RSS, Atom or JSON feed; leave --format out, or name the right one"
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")


def read(file: BinaryIO, place: str, source: str | None) -> Iterator[Article | Page | Reject]:
    """The entries of a feed. A place ends with the number of the entry, counted from 1.

    An entry's text is its content, else its summary. Its outlet is the one that it names itself (in feeds that
    gather several), else the feed's title. Where a feed is cut off, its last entry is a Reject.
    """
    try:
        data = stream.whole(file, "feed")
    except PageError as error:
        yield Reject(place=place, reason=str(error))
        return
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        from indexer.sources import json_feed

        yield from json_feed.read(data, place, source)
        return
    import feedparser

    try:
        parsed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:
        # The parser raises whatever elements in odd places make of it.
        yield Reject(place=place, reason=f"the feed cannot be parsed ({type(error).__name__}: {error}); fetch it again")
        return
    version = parsed.get("version") or ""
    if not version:
        yield Reject(place=place, reason=NO_FEED)
        return
    # The parser calls dc:date "updated". In RSS it is the date of the item; Atom's "updated" is not.
    text = decode(data, None)
    dates = ("published", "updated") if version.startswith("rss") and "<dc:date" in text else ("published",)
    is_whole = _END.search(text[-_TAIL:]) is not None

    def entries() -> Iterator[tuple[Article | Reject, str | None]]:
        for number, entry in enumerate(parsed.entries, 1):
            try:
                if not is_whole and number == len(parsed.entries):
                    raise PageError("the feed is cut off in this entry; fetch it again")
                yield _article(entry, parsed.feed, dates, source), entry.get("id")
            except PageError as error:
                yield Reject(place=f"{place}:{number}", reason=str(error)), None

    yield from told_apart(entries(), parsed.feed.get("link"))


def told_apart(
    entries: Iterable[tuple[Article | Page | Reject, str | None]], home: object
) -> Iterator[Article | Page | Reject]:
    """The records of a feed's entries, each of which comes with its own id, if it has one.

    home  the address of the site

    An address that is the site's, or that several entries have, tells none of them from the others: such an entry is
    known by its own id, or else by its content.
    """
    entries = list(entries)
    own_ids: defaultdict[str, set[str]] = defaultdict(set)
    for record, own_id in entries:
        if isinstance(record, Article) and record.url:
            own_ids[record.url].add(own_id or record.title)
    site = ((canonical_url(home) if isinstance(home, str) else None) or "").rstrip("/")
    shared = {url for url, ids in own_ids.items() if len(ids) > 1 or url.rstrip("/") == site}
    for record, own_id in entries:
        if isinstance(record, Article) and record.url in shared:
            id = one_line(own_id or "") or derive_id(None, record.source, record.title, record.body)
            yield replace(record, id=id)
        else:
            yield record


def _article(entry: Any, feed: Any, dates: tuple[str, ...], source: str | None) -> Article:
    link = entry.get("feedburner_origlink") or entry.get("link") or ""
    outlet = source or _text(entry.get("source") or {}, "title") or _text(feed, "title") or host_of(link)
    date = next((found for key in dates if (found := _date(entry, key))), None)
    return Article.build(
        id=None if host_of(link) else entry.get("id"),
        url=link,
        title=_text(entry, "title"),
        body=_body(entry),
        source=outlet,
        date=date[0] if date else None,
        date_precision=date[1] if date else None,
        date_method="feed",
        authors=_authors(entry),
        topics=[tag.get("label") or tag.get("term") or "" for tag in entry.get("tags") or ()],
        language=primary_tag(feed.get("language") or ""),
    )


def _text(element: Any, key: str) -> str:
    """An element's text, whether it came as HTML or plain."""
    return _plain(element.get(key), (element.get(f"{key}_detail") or {}).get("type"))


def _plain(value: str | None, content_type: str | None) -> str:
    return without_invisible((value or "") if content_type == "text/plain" else text_of(value or ""))


def _body(entry: Any) -> str:
    contents = [_plain(part.get("value"), part.get("type")) for part in entry.get("content") or ()]
    return max(contents, key=len, default="") or _text(entry, "summary")


def _date(entry: Any, key: str) -> Moment | None:
    try:
        return publication_date(entry.get(key))
    except PageError:
        # Feeds know forms of dates that are found nowhere else, and the parser knows them.
        parsed = entry.get(f"{key}_parsed")
        if parsed is not None:
            with suppress(ValueError):  # a year that no calendar has
                return datetime.fromtimestamp(timegm(parsed), UTC), "second"
        raise


def _authors(entry: Any) -> list[str]:
    people = [person.get("name") for person in entry.get("authors") or ()]
    if len(people) < 2:
        people = [entry.get("author")]  # the parser splits a name from an address well only for short top-level domains
    return names([_EMAIL.sub("", person).strip(" ()<>") if "@" in person else person for person in people if person])
