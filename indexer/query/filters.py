"""Filters by whole value and by day, as masks over documents."""

from __future__ import annotations

from calendar import timegm
from datetime import date, timedelta

import numpy as np

from indexer.analysis import whole_value
from indexer.request import SearchRequest
from indexer.view import UNDATED, Column, Docs, Mask, View

# Public name of a value facet or filter → the field that holds its whole values.
VALUE_COLUMNS = {
    "source": "source",
    "author": "author_name",
    "section": "section",
    "topic": "topic",
    "language": "language",
}


def masks(view: View, request: SearchRequest, docs: Docs) -> dict[str, Mask]:
    """For each filter of the request that is set, which of `docs` pass it; since and until are "date"."""
    passing: dict[str, Mask] = {}
    for name, field in VALUE_COLUMNS.items():
        wanted = getattr(request, name)
        if wanted:
            passing[name] = _value_mask(view.column(field), wanted, docs)
    if request.since or request.until:
        passing["date"] = _day_mask(view, request.since, request.until, docs)
    return passing


def selected(values: tuple[str, ...]) -> frozenset[str]:
    """The folded values that a filter asks for (not those it excludes)."""
    return frozenset(whole_value(value) for value in values if not value.startswith("-"))


def seconds(day: date) -> int:
    """Midnight UTC at the start of a day, in seconds since 1970."""
    return timegm(day.timetuple())


def _value_mask(column: Column, wanted: tuple[str, ...], docs: Docs) -> Mask:
    any_of = selected(wanted)
    none_of = frozenset(whole_value(value[1:]) for value in wanted if value.startswith("-"))
    passing = np.ones(len(docs), np.bool_)
    folded = [whole_value(value) for value in column.values]
    if any_of:
        passing &= _holds(column, np.array([value in any_of for value in folded], np.bool_), docs)
    if none_of:
        passing &= ~_holds(column, np.array([value in none_of for value in folded], np.bool_), docs)
    return passing


def _holds(column: Column, chosen: Mask, docs: Docs) -> Mask:
    """Which of `docs` have at least one of the chosen values; chosen has one flag a value."""
    counts = np.zeros(len(column.ordinals) + 1, np.int64)
    if len(column.ordinals):
        np.cumsum(chosen[column.ordinals], out=counts[1:])
    return counts[column.offsets[docs + 1]] > counts[column.offsets[docs]]


def _day_mask(view: View, since: date | None, until: date | None, docs: Docs) -> Mask:
    dates = view.dates[docs]
    passing = dates != UNDATED
    if since:
        passing &= dates >= seconds(since)
    if until:
        passing &= dates < seconds(until) + timedelta(days=1).total_seconds()
    return passing
