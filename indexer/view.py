"""View: one commit of an index as arrays. The only module that knows how segments hold them.

Documents are numbered 0 to doc_count_all - 1 over all segments (`doc`), deleted ones included; every array
here is indexed by that number or holds such numbers, ascending.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from whoosh import query as wq
from whoosh.scoring import BM25F
from whoosh.searching import SearchContext, Searcher

from indexer.article import Article
from indexer.schema import stored_article

Docs = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

UNDATED: Final = np.iinfo(np.int64).min
_EPOCH: Final = datetime(1970, 1, 1)
_DOCS_BETWEEN_CLOCK_LOOKS: Final = 512


@dataclass(frozen=True, slots=True)
class Matches:
    """What a query matches.

    docs    (n,) int64, ascending
    scores  (n,) float32, in the same order
    whole   False when the deadline passed before all were found
    """

    docs: Docs
    scores: Scores
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one field of every document.

    values    display forms, distinct
    ordinals  (pairs,) int32 index into `values`
    offsets   (docs + 1,) int64: the ordinals of document d are ordinals[offsets[d]:offsets[d + 1]]
    """

    values: tuple[str, ...]
    ordinals: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]


class View:
    """A consistent state of the index, safe to use from many threads; later commits don't change it."""

    def __init__(self, searcher: Searcher, generation: int, committed_at: datetime) -> None:
        self.generation = generation
        self.committed_at = committed_at
        self._searcher = searcher
        self._reader = searcher.reader()
        self._lock = Lock()
        self._columns: dict[str, Column] = {}
        self.doc_count_all: int = self._reader.doc_count_all()
        self.segment_ids: tuple[str, ...] = tuple(str(leaf.segment().segment_id()) for leaf, _ in self._leaves())

    def _leaves(self) -> list[tuple[Any, int]]:
        return [(leaf, base) for leaf, base in self._reader.leaf_readers() if leaf.doc_count_all()]

    def close(self) -> None:
        """Let the files go."""
        self._searcher.close()

    def matches(self, tree: wq.Query, deadline: float | None = None) -> Matches:
        """Evaluate a query tree; `deadline` is a time.monotonic() value to stop at."""
        docs: list[int] = []
        scores: list[float] = []
        for searcher, base in self._searcher.leaf_searchers():
            matcher = tree.matcher(searcher, SearchContext(weighting=searcher.weighting))
            while matcher.is_active():
                doc = matcher.id()
                if not searcher.reader().is_deleted(doc):
                    docs.append(doc + base)
                    scores.append(matcher.score())
                matcher.next()
                if deadline and len(docs) % _DOCS_BETWEEN_CLOCK_LOOKS == 0 and time.monotonic() > deadline:
                    return Matches(np.array(docs, np.int64), np.array(scores, np.float32), whole=False)
        return Matches(np.array(docs, np.int64), np.array(scores, np.float32))

    @cached_property
    def live(self) -> Docs:
        """All documents that are not deleted."""
        return np.fromiter(self._reader.all_doc_ids(), np.int64)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The article id of every document."""
        return tuple(self._reader.stored_fields(doc)["id"] for doc in range(self.doc_count_all))

    @cached_property
    def dates(self) -> npt.NDArray[np.int64]:
        """Publication time of every document in seconds since 1970, UNDATED where there is none."""
        moments = (self._reader.stored_fields(doc).get("date") for doc in range(self.doc_count_all))
        seconds = (UNDATED if m is None else int((m - _EPOCH).total_seconds()) for m in moments)
        return np.fromiter(seconds, np.int64, self.doc_count_all)

    @cached_property
    def order(self) -> npt.NDArray[np.int64]:
        """The place of every document when all are sorted newest first, undated last, then by id."""
        by_id = sorted(range(self.doc_count_all), key=self.ids.__getitem__)
        by_date = np.argsort(-np.maximum(self.dates[by_id], UNDATED + 1), kind="stable")
        place = np.empty(self.doc_count_all, np.int64)
        place[np.array(by_id, np.int64)[by_date]] = np.arange(self.doc_count_all)
        return place

    def column(self, name: str) -> Column:
        """The whole values of a field: source, author_name, section, topic or language."""
        with self._lock:
            if name not in self._columns:
                self._columns[name] = self._read_column(name)
            return self._columns[name]

    def _read_column(self, name: str) -> Column:
        values: dict[str, int] = {}
        ordinals: list[int] = []
        offsets = np.zeros(self.doc_count_all + 1, np.int64)
        for doc in range(self.doc_count_all):
            stored = self._reader.stored_fields(doc).get(name) or ()
            ordinals.extend(values.setdefault(value, len(values)) for value in stored)
            offsets[doc + 1] = len(ordinals)
        return Column(tuple(values), np.array(ordinals, np.int32), offsets)

    def article(self, doc: int) -> Article:
        """The article stored as a document."""
        return stored_article(self._reader.stored_fields(doc))

    def find(self, article_id: str) -> int | None:
        """The live document of an article id."""
        found = self._searcher.document_number(id=article_id)
        return None if found is None else int(found)

    def score(self, tree: wq.Query, doc: int) -> float:
        """What a query tree gives to one document; 0 where it does not match."""
        for searcher, base in self._searcher.leaf_searchers():
            if base <= doc < base + searcher.doc_count_all():
                matcher = tree.matcher(searcher, SearchContext(weighting=searcher.weighting))
                if matcher.is_active() and matcher.id() < doc - base:
                    matcher.skip_to(doc - base)
                return float(matcher.score()) if matcher.is_active() and matcher.id() == doc - base else 0.0
        return 0.0

    def expanded(self, pattern: wq.Query) -> list[str]:
        """The terms that a prefix, wildcard or fuzzy query stands for."""
        found = (term for _, term in pattern.expanded_terms(self._reader))
        return sorted({term.decode() if isinstance(term, bytes) else term for term in found})

    def document_frequency(self, field: str, term: str) -> int:
        """In how many documents a term occurs, deleted ones included."""
        return int(self._reader.doc_frequency(field, term))


def open_view(index: Any, committed_at: datetime | None = None) -> View:
    """A view of the latest commit of a Whoosh index."""
    searcher = index.searcher(weighting=BM25F())
    return View(searcher, searcher.reader().generation(), committed_at or datetime.now(UTC))
