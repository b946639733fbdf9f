"""The date histogram as a drawing: how many articles match over time, and what share of all that is indexed.

Widths are percentages, heights are pixels: so the drawing fills any width, and its text keeps its size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from indexer.request import SearchRequest
from indexer.response import DateBucket, DateFacet, last_day

COUNT_HEIGHT: Final = 84
SHARE_HEIGHT: Final = 28
_SLIMMEST_GAP_BUCKETS: Final = 150
# More would be slimmer than a pixel, and the page of many megabytes.
MOST_BARS: Final = 1000
_LABELS: Final = 4
# So that one article among thousands is seen at all.
_LOWEST: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bucket.

    bucket        its numbers
    since, until  its first and last day, within the days that the search asks for
    x, width      of its column, in percent; `inset` of its bars within it
    height        of the bar of matches, in pixels
    share_height  of the bar of their share, in pixels
    """

    bucket: DateBucket
    since: date
    until: date
    x: float
    width: float
    inset: float
    height: float
    share_height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A date below the columns: `x` in percent, and which part of the text stands there."""

    start: date
    x: float
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """The drawing.

    bars       in order of time
    labels     a few dates
    highest    matches of the largest bucket
    top_share  the largest share of matches among what is indexed, 0 to 1
    shares     whether shares say anything: a query that matches everything has all of it
    gaps       whether nothing at all is indexed of some buckets
    sparse     whether buckets without matches are left out between others
    """

    interval: str
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    highest: int
    top_share: float
    shares: bool
    gaps: bool
    sparse: bool


def histogram(facet: DateFacet, request: SearchRequest) -> Histogram:
    """Draw a date facet of a search, which has at least one bucket."""
    buckets = facet.buckets
    highest = max(bucket.count for bucket in buckets)
    top_share = max((bucket.count / bucket.indexed for bucket in buckets if bucket.indexed), default=0.0)
    width = 100 / len(buckets)
    inset = width * 0.12 if len(buckets) <= _SLIMMEST_GAP_BUCKETS else 0.0
    bars = tuple(
        Bar(
            bucket=bucket,
            since=max(bucket.start, request.since or date.min),
            until=min(last_day(bucket.start, facet.interval), request.until or date.max),
            x=place * width,
            width=width,
            inset=inset,
            height=_height(bucket.count, highest, COUNT_HEIGHT),
            share_height=_height(bucket.count / bucket.indexed if bucket.indexed else 0, top_share, SHARE_HEIGHT),
        )
        for place, bucket in enumerate(buckets)
    )
    return Histogram(
        interval=facet.interval,
        bars=bars,
        labels=tuple(_labels(bars)),
        highest=highest,
        top_share=top_share,
        shares=any(bucket.count != bucket.indexed for bucket in buckets),
        gaps=any(not bucket.indexed for bucket in buckets),
        sparse=any(
            last_day(one.start, facet.interval) + timedelta(days=1) != other.start for one, other in pairwise(buckets)
        ),
    )


def _height(value: float, highest: float, room: int) -> float:
    return max(value / highest * room, _LOWEST) if value else 0.0


def _labels(bars: tuple[Bar, ...]) -> Iterator[Label]:
    """The first and the last date, and what fits between them."""
    last = len(bars) - 1
    if last == 0:
        yield Label(start=bars[0].bucket.start, x=50, anchor="middle")
        return
    parts = min(_LABELS - 1, max(last // 2, 1))
    for part in range(parts + 1):
        bar = bars[round(part * last / parts)]
        if part == 0:
            yield Label(start=bar.bucket.start, x=0, anchor="start")
        elif part == parts:
            yield Label(start=bar.bucket.start, x=100, anchor="end")
        else:
            yield Label(start=bar.bucket.start, x=bar.x + bar.width / 2, anchor="middle")
