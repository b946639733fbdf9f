"""JSON Feed (https://www.jsonfeed.org/version/1.1/): one article an item."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from indexer.article import Article
from indexer.errors import PageError
from indexer.invisible import without_invisible
from indexer.page import Page
from indexer.report import Reject
from indexer.sources.feed import NO_FEED, told_apart
from indexer.sources.markup import text_of
from indexer.sources.record import record


def read(data: bytes, place: str, source: str | None) -> Iterator[Article | Page | Reject]:
    """The items of a file that holds a feed. See `records`."""
    try:
        feed = orjson.loads(data.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        return iter([Reject(place=place, reason=f"not valid JSON ({error}); fetch the feed again")])
    if not is_feed(feed):
        return iter([Reject(place=place, reason=NO_FEED)])
    return records(feed, place, source)


def is_feed(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a feed."""
    version = value.get("version")
    return isinstance(version, str) and "jsonfeed.org/version" in version and isinstance(value.get("items"), list)


def records(feed: Mapping[str, Any], place: str, source: str | None) -> Iterator[Article | Page | Reject]:
    """The items of a feed. A place ends with the number of the item in brackets, counted from 0."""
    return told_apart(_entries(feed, place, source), feed.get("home_page_url"))


def _entries(
    feed: Mapping[str, Any], place: str, source: str | None
) -> Iterator[tuple[Article | Page | Reject, str | None]]:
    for number, item in enumerate(feed["items"]):
        here = f"{place}[{number}]"
        try:
            if not isinstance(item, dict):
                raise PageError("an item that is no object")
            yield record(_values(item, feed), here, source), str(item.get("id") or "")
        except PageError as error:
            yield Reject(place=here, reason=str(error)), None


def _values(item: Mapping[str, Any], feed: Mapping[str, Any]) -> dict[str, Any]:
    """An item under the names of our own records."""
    markup = item.get("content_html")
    text = without_invisible(text_of(markup)) if isinstance(markup, str) else item.get("content_text")
    url = item.get("url") or item.get("external_url")
    return {
        "id": None if url else item.get("id"),
        "url": url,
        "title": item.get("title"),
        "body": text or item.get("summary"),
        "source": feed.get("title"),
        "date": item.get("date_published"),
        "date_method": "feed",
        "authors": item.get("authors") or item.get("author") or feed.get("authors") or feed.get("author"),
        "topics": item.get("tags"),
        "language": item.get("language") or feed.get("language"),
    }
