"""What the pages of one source have in common: lines that recur are its furniture, not an article's text.

A Template is learned while pages come in and is kept with the index. It counts on how many pages of a source each line
stands; both the sources and the lines of a source are bounded, so that no archive outgrows memory. Templates that
worker processes learn are merged. Pages are given out as learned so far: the more pages, the surer.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import Any, Final

from indexer.cleaning import words

_MOST_LINES: Final = 2000  # of one source
_MOST_SOURCES: Final = 5000
_LONGEST: Final = 300  # characters; a longer line is a paragraph
_LEAST_PAGES: Final = 3
_LEAST_SHARE: Final = 0.1


class Template:
    """On how many pages of each source a line stands."""

    def __init__(self) -> None:
        self._pages: dict[str, int] = {}
        self._lines: dict[str, dict[str, int]] = {}

    def observe(self, source: str, lines: Iterable[str]) -> None:
        """Count one page.

        source  the host of its address, or else the outlet's name
        lines   the page's lines as they stand on it
        """
        if not source:
            return
        seen = {words.fold(" ".join(line.split())) for line in lines if len(line) <= _LONGEST}
        self._count(source, 1, dict.fromkeys(seen - {""}, 1))
        self._forget()

    def merge(self, other: Template) -> None:
        """Add what another template has counted."""
        for source, pages in other._pages.items():
            self._count(source, pages, other._lines[source])
        self._forget()

    def knows(self, source: str) -> bool:
        """Whether pages of a source were counted."""
        return source in self._pages

    def furniture(self, source: str) -> frozenset[str]:
        """The folded lines that recur over the pages of a source; none while too few pages are known."""
        least = max(_LEAST_PAGES, _LEAST_SHARE * self._pages.get(source, 0))
        return frozenset(line for line, count in self._lines.get(source, {}).items() if count >= least)

    def to_dict(self) -> dict[str, Any]:
        """The template as JSON-ready values; what stands on a single page is left out."""
        return {
            source: {
                "pages": pages,
                "lines": {line: count for line, count in self._lines[source].items() if count > 1},
            }
            for source, pages in self._pages.items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Template:
        """The inverse of :meth:`to_dict`."""
        template = cls()
        for source, known in values.items():
            template._pages[source] = known["pages"]
            template._lines[source] = dict(known["lines"])
        return template

    def _count(self, source: str, pages: int, lines: Mapping[str, int]) -> None:
        self._pages[source] = self._pages.get(source, 0) + pages
        counts = self._lines.setdefault(source, {})
        for line, count in lines.items():
            counts[line] = counts.get(line, 0) + count
        if len(counts) > 2 * _MOST_LINES:
            # The rare ones go; a line that recurs comes back and overtakes them.
            kept = heapq.nlargest(_MOST_LINES, counts.items(), key=lambda item: item[1])
            self._lines[source] = dict(kept)

    def _forget(self) -> None:
        if len(self._pages) > 2 * _MOST_SOURCES:
            kept = heapq.nlargest(_MOST_SOURCES, self._pages.items(), key=lambda item: item[1])
            self._pages = dict(kept)
            self._lines = {source: self._lines[source] for source in self._pages}
