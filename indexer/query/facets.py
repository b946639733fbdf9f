"""Facets: how many matches each value has, and each stretch of days.

Both take the documents of each segment: a list of (reader, docs ascending).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.docs import below, largest
from indexer.query.filters import DAY_0, DAY_SECONDS, Passing, seconds
from indexer.request import Interval
from indexer.response import Bucket, DateBucket, DateFacet, ValueFacet, records
from indexer.segment.reader import Column, SegmentReader

Array = npt.NDArray[Any]
Width = Literal["day", "week", "month", "year"]

# Beyond so many buckets the empty ones are left out: a stray date in the year 1 must not cost a million.
MAX_FILLED_BUCKETS: Final = 1000
# Days of a century: where an index spans more buckets, they are not kept at hand.
MAX_KEPT_BUCKETS: Final = 36_600
# "auto" takes the first interval whose length fits the span of the matches.
_AUTO: Final[tuple[tuple[timedelta, Width], ...]] = (
    (timedelta(days=45), "day"),
    (timedelta(days=200), "week"),
    (timedelta(days=366 * 6), "month"),
)


class Values(NamedTuple):
    """The values of a column over all segments of a view.

    values   distinct display forms, ascending
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
    folded = dict(sorted(pair for column in columns for pair in zip(column.values, column.folded, strict=True)))
    place = {value: number for number, value in enumerate(folded)}
    numbers = [np.array([place[value] for value in column.values], np.int64) for column in columns]
    forms = tuple(folded.values())
    return Values(tuple(folded), forms, len(set(forms)) < len(forms), tuple(numbers))


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
    total = missing = 0
    for (reader, docs), numbers in zip(found, values.numbers, strict=False):
        column = reader.column(name)
        own, without = column.counts if len(docs) == column.size else column.counted(docs)
        tally[numbers] += own
        missing += without
        # An article may have several values.
        total += len(docs) - without if column.offsets is None else int(own.sum())
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
    return _facet(sorted(together), chosen, size, total, missing)


def _largest(values: Values, tally: Array, chosen: Mapping[str, str], size: int) -> list[tuple[int, str, str]]:
    """(-count, value, folded value) of the `size` largest of all values, in order, then of the other chosen ones found.

    Of equal counts the first is that of the least value.
    """
    wanted = largest(tally, size)
    if chosen:
        wanted += [n for n, folded in enumerate(values.folded) if folded in chosen and tally[n] and n not in wanted]
    return [
        (-count, values.values[number], values.folded[number])
        for number, count in zip(wanted, tally.take(wanted).tolist(), strict=True)
    ]


def _facet(
    counted: list[tuple[int, str, str]], chosen: Mapping[str, str], size: int, total: int, missing: int
) -> ValueFacet:
    """The facet of (-count, value, folded value) triples, in order as far as they are not chosen.

    total  the sum of all counts there are
    """
    if chosen:
        known = {folded for _, _, folded in counted}
        counted = sorted(counted + [(0, value, folded) for folded, value in chosen.items() if folded not in known])
    shown = [
        (value, -negative, folded in chosen)
        for place, (negative, value, folded) in enumerate(counted)
        if place < size or folded in chosen
    ]
    other = total - sum([count for _, count, _ in shown])
    return ValueFacet(buckets=tuple(records(Bucket, shown)), other=other, missing=missing)


def _with_folded(column: Column, folded: str, docs: Array) -> int:
    return int(column.holds(column.numbers([folded]), docs).sum())


class Stretches(NamedTuple):
    """Buckets of a histogram, in order of time, and where their documents lie.

    low     the number of the first bucket, see `_keys`
    starts  (n,) their first days
    bounds  for each segment (n + 1,), descending: its documents of bucket i are those from bounds[i + 1] to before
            bounds[i]
    sizes   (n,) i8: how many documents of all segments each has
    """

    low: int
    starts: tuple[date, ...]
    bounds: tuple[Array, ...]
    sizes: Array


def all_stretches(readers: Sequence[SegmentReader], width: Width) -> Stretches | None:
    """The buckets from the first to the last date of some segments; None without dates, or with too many buckets."""
    spans = [-reader.ages[[reader.dated - 1, 0]] for reader in readers if reader.dated]
    if not spans:
        return None
    low, high = bucket_number(int(np.min(spans)), width), bucket_number(int(np.max(spans)), width)
    return _filled(readers, width, low, high) if high - low < MAX_KEPT_BUCKETS else None


def _filled(readers: Sequence[SegmentReader], width: Width, low: int, high: int) -> Stretches:
    """The buckets numbered low to high."""
    edges = np.array([bucket_edge(key, width) for key in range(low, high + 2)])
    starts = tuple(bucket_start(key, width) for key in range(low, high + 1))
    bounds = _bounds(readers, edges)
    sizes = np.sum([_between(own.astype(np.int64)) for own in bounds], axis=0)
    return Stretches(low, starts, bounds, sizes)


def _bounds(readers: Sequence[SegmentReader], edges: Array) -> tuple[Array, ...]:
    # Documents stand newest first: a stretch of days is a slice of their numbers.
    return tuple(reader.ages.searchsorted(-edges, "right").astype(np.uint32) for reader in readers)


def _between(counts: Array) -> Array:
    """How many are between each bound and the next, of how many (i8) are below each."""
    between: Array = counts[:-1] - counts[1:]
    return between


def date_facet(
    found: Sequence[tuple[SegmentReader, Array]],
    readers: Sequence[SegmentReader],
    passing: Sequence[Passing],
    interval: Interval,
    stretches: Callable[[Width], Stretches | None],
) -> DateFacet:
    """The histogram of the documents found.

    found      of the first segments of the view, in its order
    readers    of all segments of the view
    passing    the documents of each that pass the same filters, whatever the query
    stretches  the buckets of the whole view, see `all_stretches`
    """
    dated = []
    missing = 0
    ages: list[int] = []
    for reader, docs in found:
        own = docs if reader.dated == reader.doc_count else docs[: int(docs.searchsorted(np.uint32(reader.dated)))]
        dated.append(own)
        missing += len(docs) - len(own)
        if len(own):
            ages += int(reader.ages[own[0]]), int(reader.ages[own[-1]])
    if not ages:
        return DateFacet(interval="month" if interval == "auto" else interval, buckets=(), missing=missing)
    first, last = -max(ages), -min(ages)
    width = fitting(last - first) if interval == "auto" else interval
    low, high = bucket_number(first, width), bucket_number(last, width)
    whole = stretches(width)
    sizes: Array | None = None
    # Where the empty buckets are left out, what is between the end of one and the beginning of the next is none.
    buckets = slice(None)
    if high - low >= MAX_FILLED_BUCKETS:
        days = [np.unique(-reader.ages[docs] // DAY_SECONDS) for (reader, _), docs in zip(found, dated, strict=True)]
        keys = sorted({bucket_number(day * DAY_SECONDS, width) for some in days for day in some.tolist()})
        starts = tuple(bucket_start(key, width) for key in keys)
        edges = np.array([edge for key in keys for edge in (bucket_edge(key, width), bucket_edge(key + 1, width))])
        bounds = _bounds(readers, edges)
        buckets = slice(None, None, 2)
    elif whole:
        begin, end = low - whole.low, high - whole.low + 1
        starts, sizes = whole.starts[begin:end], whole.sizes[begin:end]
        bounds = tuple(own[begin : end + 1] for own in whole.bounds)
    else:
        _, starts, bounds, sizes = _filled(readers, width, low, high)
    counts = np.zeros(len(starts), np.int64)
    for docs, own in zip(dated, bounds, strict=False):
        if len(docs):
            counts += _between(below(docs, own))[buckets]
    # Where nothing is filtered out, it is known already how many there are.
    if sizes is None or not all(those.is_all(reader) for those, reader in zip(passing, readers, strict=True)):
        sizes = np.zeros(len(starts), np.int64)
        for those, own in zip(passing, bounds, strict=True):
            sizes += _between(those.below(own))[buckets]
    shown = records(DateBucket, zip(starts, counts.tolist(), sizes.tolist(), strict=True))
    return DateFacet(interval=width, buckets=tuple(shown), missing=missing)


def fitting(span: int) -> Width:
    """The interval that shows a span of seconds in a readable number of buckets."""
    return next((width for longest, width in _AUTO if span <= longest.total_seconds()), "year")


def bucket_number(moment: int, width: Width) -> int:
    """The number of the bucket that a moment (seconds since 1970) falls into, rising with time."""
    day = moment // DAY_SECONDS
    if width == "day":
        return day
    if width == "week":
        # Day 0 was a Thursday; weeks begin on Monday.
        return (day + 3) // 7
    published = date.fromordinal(DAY_0 + day)
    return (published.year - 1970) * 12 + published.month - 1 if width == "month" else published.year - 1970


def bucket_edge(key: int, width: Width) -> int:
    """The first second of a bucket; after the calendar's end, the end."""
    try:
        return seconds(bucket_start(key, width))
    except (OverflowError, ValueError):
        return seconds(date.max) + DAY_SECONDS


def bucket_start(key: int, width: Width) -> date:
    """The first day of a bucket."""
    if width == "day":
        return date.fromordinal(DAY_0 + key)
    if width == "week":
        # The week of 0001-01-01 begins on that day, a Monday.
        return date.fromordinal(DAY_0 + key * 7 - 3)
    return date(1970 + key // 12, key % 12 + 1, 1) if width == "month" else date(1970 + key, 1, 1)
