"""View: one commit of an index, open for reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.article import Article
from indexer.query.facets import Stretches, Values, Width, all_stretches, united
from indexer.query.matching import SegmentMatcher
from indexer.query.scoring import share_table
from indexer.segment.reader import SegmentReader

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment as one commit sees it.

    reader   its arrays
    alive    (n,) bool: which documents are not deleted; None where none is
    matcher  evaluates queries over it
    """

    reader: SegmentReader
    alive: Mask | None
    matcher: SegmentMatcher

    def docs(self) -> Array:
        """All documents that are not deleted, ascending."""
        every = np.arange(self.reader.doc_count, dtype=np.uint32)
        return every if self.alive is None else every[self.alive]


class View:
    """A consistent state of the index, safe to use from many threads; later commits don't change it.

    segments  (reader, deleted documents) of every segment
    """

    def __init__(
        self, segments: list[tuple[SegmentReader, Array]], generation: int, committed_at: datetime, token: str
    ) -> None:
        self.generation = generation
        self.committed_at = committed_at
        self.token = token
        readers = [reader for reader, _ in segments]
        self.doc_count_all = sum(reader.doc_count for reader in readers)
        words = sum(reader.file.meta["words"] for reader in readers)
        # As Whoosh: the average over all documents, deleted ones included.
        table = share_table(words / (self.doc_count_all or 1) or 1)
        self._factors: dict[str, float] = {}
        self._values: dict[str, Values] = {}
        self._stretches: dict[Width, Stretches | None] = {}
        self.segments: list[LiveSegment] = []
        for reader, deleted in segments:
            alive = None
            if len(deleted):
                alive = np.ones(reader.doc_count, np.bool_)
                alive[deleted] = False
            self.segments.append(LiveSegment(reader, alive, SegmentMatcher(reader, self.idf, table)))

    @cached_property
    def doc_count(self) -> int:
        """The number of articles."""
        return sum(s.reader.doc_count if s.alive is None else int(s.alive.sum()) for s in self.segments)

    def values(self, name: str) -> Values:
        """The values of a column over all segments, see format.COLUMNS."""
        found = self._values.get(name)
        if found is None:
            found = self._values[name] = united([segment.reader.column(name) for segment in self.segments])
        return found

    def stretches(self, width: Width) -> Stretches | None:
        """The buckets of a date histogram over all segments; None where they are too many to be kept."""
        if width not in self._stretches:
            self._stretches[width] = all_stretches([segment.reader for segment in self.segments], width)
        return self._stretches[width]

    def document_frequency(self, stem: str) -> int:
        """In how many documents a stem occurs, deleted ones included."""
        total = 0
        encoded = stem.encode()
        for segment in self.segments:
            number = segment.reader.stems.find(encoded)
            if number >= 0:
                first, stop = segment.reader.stem_range(number)
                total += stop - first
        return total

    def idf(self, stem: str) -> float:
        """The inverse document frequency of a stem, by Whoosh's formula."""
        factor = self._factors.get(stem)
        if factor is None:
            if len(self._factors) > 10_000:
                self._factors.clear()
            frequency = self.document_frequency(stem)
            factor = self._factors[stem] = log(self.doc_count_all / (frequency + 1)) + 1 if self.doc_count_all else 0.0
        return factor

    def find(self, article_id: str) -> tuple[LiveSegment, int] | None:
        """Where the article with an id lies: its segment and document."""
        for segment in reversed(self.segments):
            doc = segment.reader.find(article_id)
            if doc >= 0 and (segment.alive is None or segment.alive[doc]):
                return segment, doc
        return None

    def get(self, article_id: str) -> Article | None:
        """The article with an id."""
        place = self.find(article_id)
        return place[0].reader.article(place[1]) if place else None

    def sizes(self) -> int:
        """Bytes of the segment files."""
        return sum(segment.reader.file.size for segment in self.segments)
