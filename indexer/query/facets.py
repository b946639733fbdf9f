"""Facets: how many matches each value has, and each stretch of days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from indexer.analysis import whole_value
from indexer.request import Interval
from indexer.response import Bucket, DateBucket, DateFacet, ValueFacet
from indexer.view import UNDATED, Column, Docs, View

Width = Literal["day", "week", "month", "year"]

# Beyond so many buckets the empty ones are left out: a stray date in the year 1 must not cost a million.
MAX_FILLED_BUCKETS = 1000

# "auto" takes the first interval whose length fits the span of the matches.
_AUTO: tuple[tuple[timedelta, Width], ...] = (
    (timedelta(days=45), "day"),
    (timedelta(days=200), "week"),
    (timedelta(days=366 * 6), "month"),
)


def value_facet(column: Column, docs: Docs, chosen: frozenset[str], size: int) -> ValueFacet:
    """Count the values of `docs`.

    chosen  folded values that the request's filter selects: they appear whatever their count
    size    number of other buckets, largest first
    Display forms that fold to the same value are one bucket, shown in the form most matches have.
    """
    starts = column.offsets[docs]
    lengths = column.offsets[docs + 1] - starts
    # The places of all the pairs of these documents: each document's start, counted up along its length.
    before = np.cumsum(lengths) - lengths
    pairs = np.repeat(starts - before, lengths) + np.arange(lengths.sum())
    counts = np.bincount(column.ordinals[pairs], minlength=len(column.values))
    forms: dict[str, list[tuple[int, str]]] = {}
    for ordinal in np.flatnonzero(counts).tolist():
        value = column.values[ordinal]
        forms.setdefault(whole_value(value), []).append((-int(counts[ordinal]), value))
    if chosen:
        for value in column.values:
            if whole_value(value) in chosen:
                forms.setdefault(whole_value(value), []).append((0, value))
    buckets = [
        Bucket(value=min(found)[1], count=-sum(count for count, _ in found), selected=folded in chosen)
        for folded, found in forms.items()
    ]
    buckets.sort(key=lambda bucket: (-bucket.count, bucket.value))
    shown = [bucket for place, bucket in enumerate(buckets) if place < size or bucket.selected]
    other = sum(bucket.count for bucket in buckets) - sum(bucket.count for bucket in shown)
    return ValueFacet(buckets=tuple(shown), other=other, missing=int(np.count_nonzero(lengths == 0)))


def date_facet(view: View, docs: Docs, filtered: Docs, interval: Interval) -> DateFacet:
    """The histogram of `docs`; `filtered` are all documents under the same filters, whatever the query."""
    dates = view.dates[docs]
    dates = dates[dates != UNDATED]
    missing = len(docs) - len(dates)
    if not len(dates):
        return DateFacet(interval="month" if interval == "auto" else interval, buckets=(), missing=missing)
    width = _fitting(int(dates.min()), int(dates.max())) if interval == "auto" else interval
    keys = _keys(dates, width)
    low, high = int(keys.min()), int(keys.max())
    indexed_dates = view.dates[filtered]
    indexed_keys = _keys(indexed_dates[indexed_dates != UNDATED], width)
    if high - low < MAX_FILLED_BUCKETS:
        shown = np.arange(low, high + 1)
    else:
        shown = np.unique(keys)
    buckets = tuple(
        DateBucket(start=_start(key, width), count=count, indexed=indexed)
        for key, count, indexed in zip(
            shown.tolist(), _tally(keys, shown), _tally(indexed_keys, shown), strict=True
        )
    )
    return DateFacet(interval=width, buckets=buckets, missing=missing)


def _fitting(first: int, last: int) -> Width:
    """The interval that shows a span of seconds in a readable number of buckets."""
    return next((width for span, width in _AUTO if last - first <= span.total_seconds()), "year")


def _keys(dates: npt.NDArray[np.int64], width: Width) -> npt.NDArray[np.int64]:
    """The number of the bucket that each moment (seconds since 1970) falls into, rising with time."""
    if width in ("day", "week"):
        days = dates // 86400
        # Day 0 was a Thursday; weeks begin on Monday.
        return days if width == "day" else (days + 3) // 7
    unit = "datetime64[M]" if width == "month" else "datetime64[Y]"
    return dates.astype("datetime64[s]").astype(unit).astype(np.int64)


def _start(key: int, width: Width) -> date:
    """The first day of a bucket."""
    if width == "day":
        return date(1970, 1, 1) + timedelta(days=key)
    if width == "week":
        # The week of 0001-01-01 begins on that day, a Monday.
        return date(1970, 1, 1) + timedelta(days=key * 7 - 3)
    return date(1970 + key // 12, key % 12 + 1, 1) if width == "month" else date(1970 + key, 1, 1)


def _tally(keys: npt.NDArray[np.int64], shown: npt.NDArray[np.int64]) -> list[int]:
    """How many of `keys` equal each of `shown` (ascending, distinct)."""
    places = np.searchsorted(shown, keys)
    places[places == len(shown)] = 0
    counts: list[int] = np.bincount(places[shown[places] == keys], minlength=len(shown)).tolist()
    return counts
