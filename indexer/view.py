"""View: one commit of an index, open for reading."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.article import Article
from indexer.query import scoring
from indexer.query.closeness import statistics
from indexer.query.facets import Stretches, Values, Width, all_stretches, united
from indexer.query.matching import SegmentMatcher
from indexer.segment.reader import SegmentReader

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

# Stems whose statistics a view keeps: a few megabytes.
_KNOWN_STEMS: Final = 10_000


class _StemStatistics(NamedTuple):
    """A stem in all segments, deleted documents included. What the numbers are is said by the methods of View."""

    documents: int
    places: int
    idf: float
    weight: float
    boost: float


class LiveSegment(NamedTuple):
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
        every = self.reader.every_doc
        return every if self.alive is None else every.compress(self.alive)


class View:
    """A consistent state of the index, safe to use from many threads; later commits don't change it.

    segments                  (reader, deleted documents, ascending) of every segment
    generation, committed_at  the number and the time of the commit
    token                     what tells its documents from those of any other state: cursors are bound to it
    """

    def __init__(
        self, segments: list[tuple[SegmentReader, Array]], generation: int, committed_at: datetime, token: str
    ) -> None:
        self.generation = generation
        self.committed_at = committed_at
        self.token = token
        self.readers = readers = [reader for reader, _ in segments]
        self.doc_count_all = sum(reader.doc_count for reader in readers)
        words = sum(reader.file.meta["words"] for reader in readers)
        # As Whoosh: the average over all documents, deleted ones included.
        average = words / (self.doc_count_all or 1) or 1
        table = scoring.share_table(average)
        titles = sum(reader.file.meta["title_words"] for reader in readers)
        title_length = titles / (self.doc_count_all or 1) or 1
        self.statistics = statistics(self.weight, table, scoring.norms(average), title_length)
        self._stems: dict[str, _StemStatistics] = {}
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
            found = self._values[name] = united([reader.column(name) for reader in self.readers])
        return found

    def stretches(self, width: Width) -> Stretches | None:
        """The buckets of a date histogram over all segments; None where they are too many to be kept."""
        if width not in self._stretches:
            self._stretches[width] = all_stretches(self.readers, width)
        return self._stretches[width]

    def document_frequency(self, stem: str) -> int:
        """In how many documents a stem occurs, deleted ones included."""
        return self._statistics(stem).documents

    def places(self, stem: str) -> int:
        """How often a stem occurs, deleted documents included."""
        return self._statistics(stem).places

    def idf(self, stem: str) -> float:
        """The inverse document frequency of a stem, by Whoosh's formula."""
        return self._statistics(stem).idf

    def weight(self, stem: str) -> float:
        """How much a stem tells in this index, see `scoring`."""
        return self._statistics(stem).weight

    def boost(self, stem: str) -> float:
        """What makes of Whoosh's idf of a stem its weight in this index, see `scoring`."""
        return self._statistics(stem).boost

    def occurrences(self, stem: str) -> tuple[int, int]:
        """In how many documents a stem is, and how often, deleted ones included."""
        documents = places = 0
        encoded = stem.encode()
        for segment in self.segments:
            reader = segment.reader
            number = reader.stems.find(encoded)
            if number >= 0:
                first, stop = reader.stem_range(number)
                documents += stop - first
                places += int(reader.stem_places[number + 1] - reader.stem_places[number])
        return documents, places

    def _statistics(self, stem: str) -> _StemStatistics:
        found = self._stems.get(stem)
        if found is None:
            if len(self._stems) >= _KNOWN_STEMS:
                self._stems.clear()
            documents, places = self.occurrences(stem)
            idf = scoring.idf(self.doc_count_all, documents)
            weight = scoring.weight(self.doc_count_all, documents, places)
            boost = weight / idf if idf else 0.0
            found = self._stems[stem] = _StemStatistics(documents, places, idf, weight, boost)
        return found

    @cached_property
    def newest(self) -> int:
        """The age (minus seconds since 1970) of the newest article; 0 without dates."""
        ages = []
        for reader, alive, _ in self.segments:
            # Documents stand newest first.
            doc = 0 if alive is None else int(alive.argmax())
            if doc < reader.dated and (alive is None or alive[doc]):
                ages.append(int(reader.ages[doc]))
        return min(ages, default=0)

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
