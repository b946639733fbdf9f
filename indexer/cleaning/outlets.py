"""Outlets: one display name for each web site, whatever its pages call it.

Pages of one site name it in many ways ("Herald", "The Northgate Herald", "northgateherald.example | News"), and each
way would be a facet value of its own. `Outlets` learns from the pages of an ingest which name each host goes by, and an
operator's file has the last word:

    [outlets]
    "northgateherald.example" = "Northgate Herald"
    "blogs.northgateherald.example" = "Northgate Herald Blogs"

A host stands for its subdomains unless they are named themselves ("www." never counts). Without an address, the name
that a page gives is all there is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from indexer.article import one_line
from indexer.cleaning import metadata
from indexer.errors import SourceError

# How much one page's word counts, by where it stands on the page (`Found.method` of an article's source).
_WEIGHTS = {"json-ld": 3, "opengraph": 3, "microdata": 2, "meta": 2, "input": 5, "title": 1, "copyright": 1}
_MOST_NAMES = 12  # kept per host: the rest are names of single pages


class Outlets:
    """Names of outlets by host.

    Picklable and mergeable: each worker process hears the pages of its batch with an empty one, and the parent merges
    what they heard. The outcome does not depend on how the pages were shared out, nor on their order.
    """

    def __init__(self, named: Mapping[str, str] | None = None) -> None:
        """named: the operator's names by host; see :meth:`read_names`."""
        self._named = {_bare(host): one_line(name) for host, name in (named or {}).items()}
        self._heard: dict[str, dict[str, int]] = {}
        self._chosen: dict[str, str] = {}

    def observe(self, host: str, said: str, method: str = "meta") -> None:
        """Learn that a page of `host` called its site `said`.

        method  where it was found (`Found.method`); names that were only made from the address teach nothing
        """
        weight = _WEIGHTS.get(method, 0)
        host, said = _bare(host), one_line(said)
        if not weight or not host or not said or metadata.squeeze(said) == metadata.squeeze(host):
            return
        names = self._heard.setdefault(host, {})
        names[said] = names.get(said, 0) + weight
        self._chosen.pop(host, None)

    def name_of(self, host: str, said: str) -> str:
        """The display name of the outlet at `host`; `said` where nothing better is known.

        host  as in the article's URL, or "" when it is unknown
        said  what the page itself says, or ""
        """
        host = _bare(host)
        for domain in _with_parents(host):
            if domain in self._named:
                return self._named[domain]
        return self._learned(host) or said or host

    def merge(self, other: Outlets) -> None:
        """Take in what another has heard; the operator's names stay as they are."""
        for host, names in other._heard.items():
            own = self._heard.setdefault(host, {})
            for name, weight in names.items():
                own[name] = own.get(name, 0) + weight
            self._chosen.pop(host, None)

    def to_dict(self) -> dict[str, dict[str, int]]:
        """What was heard by host, as JSON-ready values; the operator's names are not in it."""
        return {
            host: dict(sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_NAMES])
            for host, names in sorted(self._heard.items())
        }

    @classmethod
    def from_dict(cls, heard: Mapping[str, Mapping[str, int]], named: Mapping[str, str] | None = None) -> Outlets:
        """The inverse of :meth:`to_dict`. Values of another form raise ValueError, TypeError or AttributeError."""
        result = cls(named)
        result._heard = {
            str(host): {str(name): int(weight) for name, weight in names.items()} for host, names in heard.items()
        }
        return result

    @staticmethod
    def read_names(path: Path) -> dict[str, str]:
        """The names by host of an operator's file in TOML (see the module).

        Raises SourceError where the file cannot be read or is not of that form.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}; check the name of the outlets file") from error
        try:
            values: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
        except ValueError as error:
            raise SourceError(f"{path} is not valid TOML: {error}") from error
        names = values.get("outlets")
        if not isinstance(names, dict) or not all(isinstance(name, str) and name.strip() for name in names.values()):
            raise SourceError(f'{path} must hold a table [outlets] of names by host: "herald.example" = "The Herald"')
        return dict(names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outlets) and (self._named, self._heard) == (other._named, other._heard)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __getstate__(self) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
        return self._named, self._heard

    def __setstate__(self, state: tuple[dict[str, str], dict[str, dict[str, int]]]) -> None:
        self._named, self._heard = state
        self._chosen = {}

    def _learned(self, host: str) -> str:
        """The name that most pages of the host give, one spelling for all; "" where none was heard."""
        if host not in self._chosen:
            names = self._heard.get(host, {})
            self._chosen[host] = _best(names.items(), metadata.domain_label(f"https://{host}/")) if names else ""
        return self._chosen[host]


def _best(names: Iterable[tuple[str, int]], label: str) -> str:
    """The name heard most, spellings of one name counted together; one that agrees with the host counts double."""
    groups: dict[str, dict[str, int]] = {}
    for name, weight in names:
        groups.setdefault(metadata.squeeze(name) or name, {})[name] = weight
    weights = {
        key: sum(spellings.values()) * (2 if metadata.agree(key, label) else 1) for key, spellings in groups.items()
    }
    key = min(weights, key=lambda key: (-weights[key], key))
    return min(groups[key].items(), key=lambda pair: (-pair[1], pair[0]))[0]


def _bare(host: str) -> str:
    return host.strip().lower().removeprefix("www.").rstrip(".")


def _with_parents(host: str) -> list[str]:
    """The host, and the domains above it that have at least two labels."""
    labels = host.split(".")
    return [".".join(labels[i:]) for i in range(max(1, len(labels) - 1))]
