"""Facets: how many matches each value has, and each stretch of days.

Both take the documents of each segment: a list of (reader, docs ascending).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.query.filters import DAY_SECONDS, seconds
from indexer.request import Interval
from indexer.response import Bucket, DateBucket, DateFacet, ValueFacet
from indexer.segment.reader import Column, SegmentReader

Array = npt.NDArray[Any]
Width = Literal["day", "week", "month", "year"]

# Beyond so many buckets the empty ones are left out: a stray date in the year 1 must not cost a million.
MAX_FILLED_BUCKETS: Final = 1000
# "auto" takes the first interval whose length fits the span of the matches.
_AUTO: Final[tuple[tuple[timedelta, Width], ...]] = (
    (timedelta(days=45), "day"),
    (timedelta(days=200), "week"),
    (timedelta(days=366 * 6), "month"),
)


class Values(NamedTuple):
    """The values of a column over all segments of a view.

    values   distinct display forms
    folded   the same folded
    twins    whether two of them fold to the same
    numbers  for each segment, the index into `values` of each of its own values
    """

    values: tuple[str, ...]
    folded: tuple[str, ...]
    twins: bool
    numbers: tuple[Array, ...]


def united(columns: Sequence[Column]) -> Values:
    """The values of one column of several segments, taken together."""
    known: dict[str, int] = {}
    numbers = []
    for column in columns:
        numbers.append(np.array([known.setdefault(value, len(known)) for value in column.values], np.int64))
    folded = dict(pair for column in columns for pair in zip(column.values, column.folded, strict=True))
    forms = tuple(folded[value] for value in known)
    return Values(tuple(known), forms, len(set(forms)) < len(forms), tuple(numbers))


def value_facet(
    found: Sequence[tuple[SegmentReader, Array]], name: str, values: Values, chosen: Mapping[str, str], size: int
) -> ValueFacet:
    """Count the values of the column `name`.

    found   of the first segments of the view, in its order
    values  of the column in the whole view
    chosen  values that the request's filter selects, by their folded form: they appear whatever their count
    size    number of other buckets, largest first
    Display forms that fold to the same value are one bucket, shown in the form most matches have, or as the
    request wrote it where none has it.
    """
    tally = np.zeros(len(values.values), np.int64)
    missing = 0
    for (reader, docs), numbers in zip(found, values.numbers, strict=False):
        own, without = _tally(reader.column(name), docs)
        tally[numbers] += own
        missing += without
    total = int(tally.sum())
    if not values.twins:
        return _facet(_largest(values, tally, chosen, size), chosen, size, total, missing)
    forms: dict[str, dict[str, int]] = {}
    for number in tally.nonzero()[0].tolist():
        forms.setdefault(values.folded[number], {})[values.values[number]] = int(tally[number])
    together: list[tuple[int, str, str]] = []
    for folded, counts in forms.items():
        value, count = next(iter(counts.items()))
        if len(counts) > 1:
            # An article may have several of the forms and still counts once.
            value = min(counts, key=lambda form: (-counts[form], form))
            count = sum(_with_folded(reader.column(name), folded, docs) for reader, docs in found)
            total -= sum(counts.values()) - count
        together.append((-count, value, folded))
    return _facet(together, chosen, size, total, missing)


def _tally(column: Column, docs: Array) -> tuple[Array, int]:
    """How many of `docs` have each value, and how many have none."""
    tally = np.bincount(column.pairs(docs), minlength=len(column.values) + 1)
    if column.offsets is None:
        return tally[:-1], int(tally[-1])
    return tally[:-1], int(np.count_nonzero(column.offsets[docs + 1] == column.offsets[docs]))


def _largest(values: Values, tally: Array, chosen: Mapping[str, str], size: int) -> list[tuple[int, str, str]]:
    """(-count, value, folded value) of all values that can be among the `size` largest, and of the chosen found."""
    least = 1
    if len(tally) > size:
        # Of many values only those that can be shown are turned into Python objects.
        least = max(1, int(np.partition(tally, len(tally) - size)[len(tally) - size]))
    wanted = (tally >= least).nonzero()[0]
    if chosen:
        selected = [number for number, folded in enumerate(values.folded) if folded in chosen and tally[number]]
        wanted = np.union1d(wanted, np.array(selected, np.int64))
    return [
        (-count, values.values[number], values.folded[number])
        for number, count in zip(wanted.tolist(), tally[wanted].tolist(), strict=True)
    ]


def _facet(
    counted: list[tuple[int, str, str]], chosen: Mapping[str, str], size: int, total: int, missing: int
) -> ValueFacet:
    """The facet of (-count, value, folded value) triples; `total` is the sum of all counts there are."""
    if chosen:
        known = {folded for _, _, folded in counted}
        counted += [(0, value, folded) for folded, value in chosen.items() if folded not in known]
    counted.sort()
    shown = tuple(
        [
            Bucket(value=value, count=-negative, selected=folded in chosen)
            for place, (negative, value, folded) in enumerate(counted)
            if place < size or folded in chosen
        ]
    )
    return ValueFacet(buckets=shown, other=total - sum([bucket.count for bucket in shown]), missing=missing)


def _with_folded(column: Column, folded: str, docs: Array) -> int:
    return int(column.holds(column.numbers([folded]), docs).sum())


def date_facet(
    found: Sequence[tuple[SegmentReader, Array]],
    filtered: Sequence[tuple[SegmentReader, Array | None]],
    interval: Interval,
) -> DateFacet:
    """The histogram of the documents found.

    filtered  which documents pass the same filters, whatever the query: a mask over each segment, None for all
    """
    total = sum(len(docs) for _, docs in found)
    dated = [(reader, docs[: int(docs.searchsorted(np.uint32(reader.dated)))]) for reader, docs in found]
    dated = [(reader, docs) for reader, docs in dated if len(docs)]
    missing = total - sum(len(docs) for _, docs in dated)
    if not dated:
        return DateFacet(interval="month" if interval == "auto" else interval, buckets=(), missing=missing)
    last = max(-int(reader.ages[docs[0]]) for reader, docs in dated)
    first = min(-int(reader.ages[docs[-1]]) for reader, docs in dated)
    width = _fitting(last - first) if interval == "auto" else interval
    low, high = _keys(np.array([first, last]), width).tolist()
    if high - low < MAX_FILLED_BUCKETS:
        starts, edges = _calendar(width, low, high)
    else:
        keys = np.unique(np.concatenate([_keys(-reader.ages[docs], width) for reader, docs in dated]))
        starts = tuple(_start(key, width) for key in keys.tolist())
        edges = np.array([[_edge(key, width), _edge(key + 1, width)] for key in keys.tolist()]).T
    counts = np.zeros(len(starts), np.int64)
    indexed = np.zeros(len(starts), np.int64)
    for reader, docs in dated:
        # Documents stand newest first: a stretch of days is a slice of their numbers.
        bounds = reader.ages.searchsorted(-edges, "right").astype(np.uint32)
        counts += np.subtract(*docs.searchsorted(bounds), dtype=np.int64)
    for reader, passing in filtered:
        stops, firsts = reader.ages.searchsorted(-edges, "right")
        if passing is None:
            indexed += stops - firsts
        else:
            stretches = zip(firsts.tolist(), stops.tolist(), strict=True)
            indexed += [np.count_nonzero(passing[first:stop]) for first, stop in stretches]
    buckets = tuple(
        DateBucket(start=start, count=count, indexed=known)
        for start, count, known in zip(starts, counts.tolist(), indexed.tolist(), strict=True)
    )
    return DateFacet(interval=width, buckets=buckets, missing=missing)


def _fitting(span: int) -> Width:
    """The interval that shows a span of seconds in a readable number of buckets."""
    return next((width for longest, width in _AUTO if span <= longest.total_seconds()), "year")


def _keys(dates: Array, width: Width) -> Array:
    """The number of the bucket that each moment (seconds since 1970) falls into, rising with time."""
    if width in ("day", "week"):
        days = dates // DAY_SECONDS
        # Day 0 was a Thursday; weeks begin on Monday.
        return days if width == "day" else (days + 3) // 7
    unit = "datetime64[M]" if width == "month" else "datetime64[Y]"
    return dates.astype("datetime64[s]").astype(unit).astype(np.int64)


@lru_cache(maxsize=256)
def _calendar(width: Width, low: int, high: int) -> tuple[tuple[date, ...], Array]:
    """The first days of the buckets numbered low to high, and (2, buckets) their first and next first second."""
    edges = np.array([_edge(key, width) for key in range(low, high + 2)])
    return tuple(_start(key, width) for key in range(low, high + 1)), np.stack((edges[:-1], edges[1:]))


def _edge(key: int, width: Width) -> int:
    """The first second of a bucket; after the calendar's end, the end."""
    try:
        return seconds(_start(key, width))
    except (OverflowError, ValueError):
        return seconds(date.max) + DAY_SECONDS


def _start(key: int, width: Width) -> date:
    """The first day of a bucket."""
    if width == "day":
        return date(1970, 1, 1) + timedelta(days=key)
    if width == "week":
        # The week of 0001-01-01 begins on that day, a Monday.
        return date(1970, 1, 1) + timedelta(days=key * 7 - 3)
    return date(1970 + key // 12, key % 12 + 1, 1) if width == "month" else date(1970 + key, 1, 1)
