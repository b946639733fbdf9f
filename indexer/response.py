"""SearchResult and its parts: the values every engine answers with and every door renders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

from indexer.article import Article, iso_utc

_Record = TypeVar("_Record")


def records(kind: type[_Record], rows: Iterable[tuple[Any, ...]]) -> Iterator[_Record]:
    """Named tuples of rows that have all their fields: half the time that calling the class for each takes."""
    make: Any = tuple.__new__
    return map(make, repeat(kind), rows)


# Named tuples: a frozen dataclass takes three times as long to make, and five times as long to define at each start.


class Snippet(NamedTuple):
    """A piece of plain text of a hit.

    field   "body" or "title"
    text    the text; cut ends are marked with an ellipsis
    ranges  (start, end) of each highlighted word in `text`, in code points, end excluded, ascending
    """

    field: str
    text: str
    ranges: tuple[tuple[int, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {"field": self.field, "text": self.text, "ranges": [list(r) for r in self.ranges]}


class Contribution(NamedTuple):
    """What one part of the query added to a hit's score."""

    part: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return {"part": self.part, "score": round(self.score, 4)}


class Hit(NamedTuple):
    """One article that matched. Scores compare only within one response.

    copy  of articles similar to one: whether it is nearly the same text
    """

    article: Article
    score: float
    snippets: tuple[Snippet, ...] = ()
    explanation: tuple[Contribution, ...] | None = None
    copy: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract; `explanation` and `copy` only where they were asked for."""
        article = self.article
        document: dict[str, Any] = {
            "id": article.id,
            "url": article.url,
            "title": article.title,
            "source": article.source,
            "date": iso_utc(article.date),
            "date_precision": article.date_precision,
            "authors": list(article.authors),
            "section": article.section,
            "topics": list(article.topics),
            "language": article.language,
            "score": round(self.score, 4),
            "snippets": [snippet.to_dict() for snippet in self.snippets],
        }
        if self.explanation is not None:
            document["explanation"] = [part.to_dict() for part in self.explanation]
        if self.copy is not None:
            document["copy"] = self.copy
        return document


class Bucket(NamedTuple):
    """One value of a facet and the number of matching articles that have it."""

    value: str
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody misses here
    selected: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {"value": self.value, "count": self.count, "selected": self.selected}


class ValueFacet(NamedTuple):
    """Counts by value, largest first, then by value. They ignore the facet's own filter.

    other    number of (article, value) pairs in the buckets that were cut off
    missing  matching articles without any value
    """

    buckets: tuple[Bucket, ...]
    other: int = 0
    missing: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {"buckets": [b.to_dict() for b in self.buckets], "other": self.other, "missing": self.missing}


class DateBucket(NamedTuple):
    """One stretch of days.

    start    its first day
    count    matching articles published in it
    indexed  all articles published in it that pass the filters, whatever the query text
    """

    start: date
    count: int  # type: ignore[assignment]
    indexed: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {"start": self.start.isoformat(), "count": self.count, "indexed": self.indexed}


def last_day(start: date, interval: str) -> date:
    """The last day of the bucket that begins with `start`, as far as the calendar goes."""
    try:
        if interval == "day":
            return start
        if interval == "week":
            return start + timedelta(days=6)
        if interval == "year":
            return date(start.year, 12, 31)
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        return following - timedelta(days=1)
    except (OverflowError, ValueError):
        return date.max


class DateFacet(NamedTuple):
    """The date histogram: buckets in order of time, gaps filled with zero counts up to 1,000 buckets.

    interval  "day", "week" (from Monday), "month" or "year"
    missing   matching articles without a date; counts and missing add up to the total
    """

    interval: str
    buckets: tuple[DateBucket, ...]
    missing: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {"interval": self.interval, "buckets": [b.to_dict() for b in self.buckets], "missing": self.missing}


Facet = ValueFacet | DateFacet


class Warning(NamedTuple):
    """Something in the query text that was not understood as written.

    offset, length  where, in code points of the query text
    """

    code: str
    message: str
    offset: int
    length: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {"code": self.code, "message": self.message, "offset": self.offset, "length": self.length}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The answer to one SearchRequest.

    raw, parsed   the query as written and as understood
    total         matching articles, exact
    indexed       live articles in the index
    generation    the commit that was searched; committed_at is its time
    partial       cut off, by the deadline or a pattern that stands for too many words: there may be more
    suggestion    the query as it may have been meant, when it finds little
    facets        by name, those that were asked for
    next_cursor   for the next page, None on the last
    """

    raw: str
    parsed: str
    warnings: tuple[Warning, ...] = ()
    total: int
    indexed: int
    generation: int
    committed_at: datetime
    took_ms: float
    partial: bool = False
    hits: tuple[Hit, ...] = ()
    facets: dict[str, Facet] = field(default_factory=dict)
    suggestion: str | None = None
    next_cursor: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of the contract, the same through every door."""
        return {
            "query": {"raw": self.raw, "parsed": self.parsed, "warnings": [w.to_dict() for w in self.warnings]},
            "total": self.total,
            "indexed": self.indexed,
            "index": {"generation": self.generation, "committed_at": iso_utc(self.committed_at)},
            "took_ms": round(self.took_ms, 2),
            "partial": self.partial,
            "hits": [hit.to_dict() for hit in self.hits],
            "facets": {name: facet.to_dict() for name, facet in self.facets.items()},
            "suggestion": self.suggestion,
            "next_cursor": self.next_cursor,
        }


class Suggestion(NamedTuple):
    """A completion of what was typed.

    text   what the whole of it would be
    kind   "word", "phrase" or "source"
    count  the articles that have it
    """

    text: str
    kind: str
    count: int  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return {"text": self.text, "kind": self.kind, "count": self.count}
