"""The address of the page: which search it shows, in the parameters of the API, and those of its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from indexer.request import FACETS, PARAMETERS, SELECTION, SearchRequest

# What a browser sends for a field that is left empty counts as not given; an empty `facets` means none.
_MEANT_WHEN_EMPTY: Final = "facets"
# What the page shows where the address does not say.
_DEFAULTS: Final[Mapping[str, Sequence[str]]] = {"facets": [",".join(FACETS)], "facet_size": ["8"]}
# The way back is kept for so many pages: the address has to stay shorter than servers allow.
LONGEST_WAY: Final = 60


@dataclass(frozen=True, slots=True)
class Address:
    """A search as an address.

    path        of the search page
    parameters  each name with its values, as texts; `cursor` holds those of all pages from the second to this one,
                so that there is a way back
    """

    path: str
    parameters: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, path: str, given: Mapping[str, Sequence[str]]) -> Address:
        """The address that a request came to."""
        order = {name: place for place, name in enumerate(PARAMETERS)}
        kept = {name: tuple(v for v in values if v or name == _MEANT_WHEN_EMPTY) for name, values in given.items()}
        names = sorted((name for name in kept if kept[name]), key=lambda name: order.get(name, len(order)))
        return cls(path, {name: kept[name] for name in names})

    def __str__(self) -> str:
        return self.under(self.path)

    def under(self, path: str, **more: str) -> str:
        """The same parameters, and more, at another path."""
        parameters = urlencode({**more, **self.parameters}, doseq=True)
        return f"{path}?{parameters}" if parameters else path

    def search(self) -> SearchRequest:
        """The search that it stands for. Raises ParameterError."""
        return SearchRequest.from_parameters({**_DEFAULTS, **self.for_api.parameters})

    @property
    def query(self) -> str:
        """The text in the search box."""
        return " ".join(self.parameters.get("q", ()))

    @property
    def way(self) -> tuple[str, ...]:
        """The cursors of the pages that led here, this one's last."""
        return self.parameters.get("cursor", ())

    @property
    def first_page(self) -> Address:
        """The same search from its beginning."""
        return self.replaced()

    def replaced(self, /, **values: object) -> Address:
        """Another search: with other values, without a parameter whose value is None; from its first page."""
        kept = {name: old for name, old in self.parameters.items() if name != "cursor" and name not in values}
        new = {name: _texts(value) for name, value in values.items() if value is not None}
        return Address.of(self.path, {**kept, **new})

    def without(self, name: str, value: str) -> Address:
        """The search without one of the values of a parameter."""
        return self.replaced(**{name: [v for v in self.parameters.get(name, ()) if v != value]})

    def next(self, cursor: str) -> Address:
        """The page after this one."""
        return Address.of(self.path, {**self.parameters, "cursor": (*self.way, cursor)[-LONGEST_WAY:]})

    @property
    def previous(self) -> Address | None:
        """The page before this one; None on the first, and where the way back was too long to keep."""
        if not self.way or len(self.way) == LONGEST_WAY:
            return None
        return Address.of(self.path, {**self.parameters, "cursor": self.way[:-1]})

    @property
    def for_api(self) -> Address:
        """The same with one cursor, as the API takes it."""
        return Address(self.path, {**self.parameters, **({"cursor": self.way[-1:]} if self.way else {})})

    @property
    def selection(self) -> Address:
        """Only what decides which articles match, and their order."""
        return Address(self.path, {name: v for name, v in self.parameters.items() if name in SELECTION})


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]
