"""Filters by whole value and by day, as masks over the documents of a segment."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.analysis import whole_value
from indexer.request import SearchRequest
from indexer.segment.reader import Column, SegmentReader

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

DAY_SECONDS: Final = 86_400
# Public name of a value facet or filter → the column that holds its whole values.
VALUE_COLUMNS: Final = {
    "source": "source",
    "author": "author_name",
    "section": "section",
    "topic": "topic",
    "language": "language",
}


def masks(reader: SegmentReader, request: SearchRequest, docs: Array | None) -> dict[str, Mask]:
    """For each filter of the request that is set, which of `docs` (ascending; None: of all) pass it.

    since and until together are the filter "date".
    """
    passing: dict[str, Mask] = {}
    for name, column in VALUE_COLUMNS.items():
        wanted: tuple[str, ...] = getattr(request, name)
        if wanted:
            passing[name] = _value_mask(reader.column(column), wanted, docs)
    if request.since or request.until:
        first, stop = days(reader, request.since, request.until)
        if docs is None:
            passing["date"] = np.zeros(reader.doc_count, np.bool_)
            passing["date"][first:stop] = True
        else:
            passing["date"] = (docs >= first) & (docs < stop)
    return passing


def selected(values: tuple[str, ...]) -> dict[str, str]:
    """The values that a filter asks for (not those it excludes), by their folded form."""
    return {whole_value(value): value for value in values if not value.startswith("-")}


def seconds(day: date) -> int:
    """Midnight UTC at the start of a day, in seconds since 1970."""
    return timegm(day.timetuple())


def days(reader: SegmentReader, since: date | None, until: date | None) -> tuple[int, int]:
    """The documents (first, stop) published from `since` to `until`: they lie together, newest first."""
    first = int(reader.ages.searchsorted(-(seconds(until) + DAY_SECONDS), "right")) if until else 0
    stop = int(reader.ages.searchsorted(-seconds(since), "right")) if since else reader.dated
    return first, stop


def _value_mask(column: Column, wanted: tuple[str, ...], docs: Array | None) -> Mask:
    def held(values: Iterable[str]) -> Mask:
        mask: Mask = column.holds(column.numbers(values), docs)
        return mask

    any_of = selected(wanted)
    none_of = {whole_value(value[1:]) for value in wanted if value.startswith("-")}
    if not none_of:
        return held(any_of)
    return held(any_of) & ~held(none_of) if any_of else ~held(none_of)
