"""The filters as the page shows them: what may be ticked, what is, and what goes along unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from indexer.analysis import whole_value
from indexer.request import FILTERS, SearchRequest, filter_for, filtered
from indexer.response import SearchResult, ValueFacet
from server.page.address import Address
from server.page.text import day

HEADINGS: Final = {
    "source": "Sources",
    "topic": "Topics",
    "author": "Authors",
    "section": "Sections",
    "language": "Languages",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value of a facet: how many articles have it (None: not counted), and whether it is ticked or excluded.

    filter  how the parameter asks for it
    """

    value: str
    filter: str
    count: int | None
    included: bool
    excluded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A facet: its rows, and how many values there are beyond them."""

    name: str
    heading: str
    rows: tuple[Row, ...]
    other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter that is set, and the search without it."""

    label: str
    value: str
    without: Address


def groups(result: SearchResult, request: SearchRequest) -> tuple[Group, ...]:
    """The facets that have something to choose from."""
    found = []
    for name, heading in HEADINGS.items():
        facet = result.facets.get(name)
        if isinstance(facet, ValueFacet):
            rows = tuple(_rows(facet, getattr(request, name)))
            if rows:
                found.append(Group(name=name, heading=heading, rows=rows, other=facet.other))
    return tuple(found)


def _rows(facet: ValueFacet, filter: tuple[str, ...]) -> Iterator[Row]:
    excluded = {whole_value(value): value for value, without in map(filtered, filter) if without}
    for bucket in facet.buckets:
        without = excluded.pop(whole_value(bucket.value), None)
        yield _row(bucket.value, bucket.count, included=bucket.selected, excluded=without is not None)
    for value in excluded.values():
        yield _row(value, None, included=False, excluded=True)


def _row(value: str, count: int | None, *, included: bool, excluded: bool) -> Row:
    return Row(value=value, filter=filter_for(value), count=count, included=included, excluded=excluded)


def chips(request: SearchRequest, address: Address) -> Iterator[Chip]:
    """The filters that are set, in the order of the parameters."""
    for name in FILTERS:
        for written in getattr(request, name):
            value, excluded = filtered(written)
            label = f"not {name}" if excluded else name
            yield Chip(label=label, value=value, without=address.without(name, written))
    if request.since:
        yield Chip(label="from", value=day(request.since), without=address.replaced(since=None))
    if request.until:
        yield Chip(label="until", value=day(request.until), without=address.replaced(until=None))


def unseen(address: Address, shown: tuple[Group, ...]) -> Iterator[tuple[str, str]]:
    """The parameters that the form has no control for: they go along as they are."""
    controls = {"q", "match", "since", "until", "cursor", *(group.name for group in shown)}
    for name, values in address.parameters.items():
        if name not in controls:
            yield from ((name, value) for value in values)
