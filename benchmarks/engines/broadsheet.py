"""Broadsheet through its public Python interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import indexer
from benchmarks.engines.engine import HITS, SOURCES, Answer, Engine, Hit, TopTen
from benchmarks.query import Query
from indexer.response import DateFacet, ValueFacet


class _Search(NamedTuple):
    q: str
    filters: dict[str, Any]


class Broadsheet(Engine):
    """The whole contract is on: updates by id, stems and exact forms, total order, facets without their own filter."""

    differs = "a source filter does not narrow its source counts; phrases and prefixes match surface words, not stems"
    distribution = "broadsheet"

    def build(self, jsonl: Path, directory: Path, threads: int) -> None:
        """See Engine."""
        self._index = indexer.open_index(directory, create=True)
        self._index.ingest([jsonl], format="jsonl", workers=threads)

    def open(self, directory: Path) -> None:
        """See Engine."""
        self._index = indexer.open_index(directory)

    def translate(self, query: Query) -> _Search:
        """See Engine."""
        match query.kind:
            case "phrase":
                q = f'"{" ".join(query.words)}"'
            case "prefix":
                q = f"{query.words[0]}*"
            case "any-word":
                q = " OR ".join(query.words)
            case _:
                q = " ".join(query.words)
        filters = {"source": query.source, "since": query.since, "until": query.until}
        return _Search(q, {name: value for name, value in filters.items() if value is not None})

    def request(self, query: _Search) -> Answer:
        """See Engine."""
        result = self._index.search(
            query.q, limit=HITS, facets=("source", "date"), interval="month", facet_size=SOURCES, **query.filters
        )
        sources, months = result.facets["source"], result.facets["date"]
        assert isinstance(sources, ValueFacet)
        assert isinstance(months, DateFacet)
        return Answer(
            result.total,
            [
                Hit(
                    hit.article.title,
                    hit.article.source,
                    hit.article.date.isoformat() if hit.article.date else "",
                    hit.snippets[0].text if hit.snippets else "",
                )
                for hit in result.hits
            ],
            {bucket.value: bucket.count for bucket in sources.buckets},
            {bucket.start.isoformat()[:7]: bucket.count for bucket in months.buckets if bucket.count},
        )

    def top10(self, query: _Search) -> TopTen:
        """See Engine."""
        result = self._index.search(query.q, limit=HITS, facets=(), snippets=0, **query.filters)
        return TopTen(result.total, len(result.hits))
