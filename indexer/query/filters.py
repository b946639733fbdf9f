"""Filters by whole value and by day: which of a query's documents pass each, and which of all pass all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis import whole_value
from indexer.native.docs import below
from indexer.request import SearchRequest, filtered
from indexer.segment.reader import Column, SegmentReader

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

DAY_SECONDS: Final = 86_400
# The day from which moments are counted.
DAY_0: Final = date(1970, 1, 1).toordinal()
# Public name of a value facet or filter → the column that holds its whole values.
VALUE_COLUMNS: Final = {
    "source": "source",
    "author": "author_name",
    "section": "section",
    "topic": "topic",
    "language": "language",
}


class Passing(NamedTuple):
    """Documents of a segment: of those numbered `first` to `stop` - 1 the ones in `docs` (ascending; None: all)."""

    docs: Array | None
    first: int
    stop: int

    def is_all(self, reader: SegmentReader) -> bool:
        """Whether they are all that have a date, at least."""
        return self.docs is None and self.first == 0 and self.stop >= reader.dated

    def below(self, bounds: Array) -> Array:
        """How many (i8) are below each of the bounds (u4, descending), but for one number that all have in common."""
        # `clip` takes four times as long.
        inside: Array = np.minimum(np.maximum(bounds, np.uint32(self.first)), np.uint32(self.stop))
        return inside.astype(np.int64) if self.docs is None else below(self.docs, inside)


def passing(reader: SegmentReader, request: SearchRequest, alive: Mask | None) -> Passing:
    """The documents that pass all filters of a request, whatever its query; `alive` says which are not deleted."""
    docs: Array | None = None
    for name, column in VALUE_COLUMNS.items():
        wanted: tuple[str, ...] = getattr(request, name)
        if wanted and docs is None and not excluded(wanted):
            own = reader.column(column)
            docs = own.documents(own.numbers(selected(wanted)))
        elif wanted:
            docs = _those(docs, _value_mask(reader.column(column), wanted, docs))
    if alive is not None:
        docs = _those(docs, alive if docs is None else alive.take(docs))
    return Passing(docs, *days(reader, request))


def _those(docs: Array | None, mask: Mask) -> Array:
    places = mask.nonzero()[0]
    return places.astype(np.uint32) if docs is None else docs.take(places)


def masks(reader: SegmentReader, request: SearchRequest, docs: Array) -> dict[str, Mask]:
    """For each filter by value of the request, which of `docs` (ascending) pass it."""
    passing: dict[str, Mask] = {}
    for name, column in VALUE_COLUMNS.items():
        wanted: tuple[str, ...] = getattr(request, name)
        if wanted:
            passing[name] = _value_mask(reader.column(column), wanted, docs)
    return passing


def selected(values: tuple[str, ...]) -> dict[str, str]:
    """The values that a filter asks for (not those it excludes), by their folded form."""
    return {whole_value(value): value for value, without in map(filtered, values) if not without}


def excluded(values: tuple[str, ...]) -> set[str]:
    """The values that a filter excludes, folded."""
    return {whole_value(value) for value, without in map(filtered, values) if without}


def seconds(day: date) -> int:
    """Midnight UTC at the start of a day, in seconds since 1970."""
    return (day.toordinal() - DAY_0) * DAY_SECONDS


def days(reader: SegmentReader, request: SearchRequest) -> tuple[int, int]:
    """The documents (first, stop) that pass the filters by day: they lie together, newest first."""
    if request.since or request.until:
        return published(reader, request.since, request.until)
    return 0, reader.doc_count


def published(reader: SegmentReader, first: date | None, last: date | None) -> tuple[int, int]:
    """The documents (first, stop) published within days, inclusive; None is open, but has a date."""
    start = int(reader.ages.searchsorted(-(seconds(last) + DAY_SECONDS), "right")) if last else 0
    stop = int(reader.ages.searchsorted(-seconds(first), "right")) if first else reader.dated
    return start, max(start, stop)


def _value_mask(column: Column, wanted: tuple[str, ...], docs: Array | None) -> Mask:
    def held(values: Iterable[str]) -> Mask:
        mask: Mask = column.holds(column.numbers(values), docs)
        return mask

    any_of = selected(wanted)
    none_of = excluded(wanted)
    if not none_of:
        return held(any_of)
    return held(any_of) & ~held(none_of) if any_of else ~held(none_of)
