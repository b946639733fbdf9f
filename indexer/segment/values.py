"""Posting values as arrays: what Whoosh's formats encode (with pickle) is stored decoded.

A list of postings has one layout:

    none             no posting has a value
    frequency        PREFIX.frequencies     one number a posting
    positions        PREFIX.positions       numbers of all postings joined, and
                     PREFIX.places          where each posting's begin and the last's end
    characters       positions, and beside them PREFIX.starts, PREFIX.ends (code points)
    position_boosts  positions, and beside them PREFIX.boosts (f8)
    character_boosts all of these
    bytes            PREFIX.values, PREFIX.values.offsets: as they came, for formats that are not Whoosh's own

All numbers are unsigned, in the smallest type that holds them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
from whoosh import formats
from whoosh.system import pack_uint

from indexer.segment.draft import Array, Blocks, Draft, narrow, offsets

_COLUMNS: Final = {
    "positions": ("positions",),
    "characters": ("positions", "starts", "ends"),
    "position_boosts": ("positions", "boosts"),
    "character_boosts": ("positions", "starts", "ends", "boosts"),
}
# By the exact type: a format derived from one of these may encode otherwise.
_LAYOUTS: Final = {
    formats.Frequency: "frequency",
    formats.Positions: "positions",
    formats.Characters: "characters",
    formats.PositionBoosts: "position_boosts",
    formats.CharacterBoosts: "character_boosts",
}


def write_values(draft: Draft, prefix: str, format_: Any, values: Sequence[bytes]) -> str:
    """Add the blocks of the encoded values of postings; returns their layout."""
    if not any(values):
        return "none"
    layout = _LAYOUTS.get(type(format_))
    if layout:
        # A caller of the codec may hand over values that the field's format does not understand.
        with suppress(Exception):
            for name, array in _decoded(layout, format_, values).items():
                draft.add(prefix + name, array)
            return layout
    draft.add_strings(prefix + "values", values)
    return "bytes"


def _decoded(layout: str, format_: Any, values: Sequence[bytes]) -> dict[str, Array]:
    if layout == "frequency":
        return {"frequencies": narrow(np.array(list(map(format_.decode_frequency, values)), np.uint64))}
    rows = list(map(format_.decoder(layout), values))
    arrays = {"places": offsets(list(map(len, rows)))}
    names = _COLUMNS[layout]
    if len(names) == 1:
        columns = [[number for row in rows for number in row]]
    else:
        columns = [[entry[place] for row in rows for entry in row] for place in range(len(names))]
    for name, column in zip(names, columns, strict=True):
        arrays[name] = np.array(column, np.float64) if name == "boosts" else narrow(np.array(column, np.uint64))
    return arrays


class StoredValues:
    """The values of a list of postings, read from blocks."""

    def __init__(self, blocks: Blocks, prefix: str, layout: str) -> None:
        self.layout = layout
        self._blocks = blocks
        self._prefix = prefix
        self._columns = _COLUMNS.get(layout, ())

    def since(self, first: int) -> ValuesSince:
        """The values of the postings from number `first` on, by their place behind it."""
        return ValuesSince(self, first)

    def rows(self, posting: int, names: tuple[str, ...]) -> list[Any] | None:
        """The entries of a posting: numbers of the column asked for, or tuples; None where a column is missing."""
        if not set(names) <= set(self._columns):
            return None
        places = self._block("places")
        span = slice(int(places[posting]), int(places[posting + 1]))
        columns = [self._block(name)[span].tolist() for name in names]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))

    def encoded(self, posting: int, format_: Any) -> bytes:
        """The value of a posting as the format encodes it."""
        if self.layout == "none":
            return b""
        if self.layout == "frequency":
            return bytes(pack_uint(int(self._block("frequencies")[posting])))
        if self.layout == "bytes":
            ends = self._block("values.offsets")
            return bytes(self._blocks.view(self._prefix + "values")[int(ends[posting]) : int(ends[posting + 1])])
        value = format_.encode(self.rows(posting, self._columns))
        # CharacterBoosts gives the summed boost beside the value.
        return bytes(value[0] if isinstance(value, tuple) else value)

    def _block(self, name: str) -> Array:
        return self._blocks.array(self._prefix + name)


class ValuesSince:
    """The PostingValues of one posting list among many."""

    def __init__(self, values: StoredValues, first: int) -> None:
        self._values = values
        self._first = first

    def decoded(self, place: int, astype: str) -> list[Any] | None:
        """See PostingValues."""
        if astype in ("positions", "characters"):
            return self._values.rows(self._first + place, _COLUMNS[astype])
        return None

    def encoded(self, place: int, format_: Any) -> bytes:
        """See PostingValues."""
        return self._values.encoded(self._first + place, format_)
