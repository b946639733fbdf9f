"""Small indexes, built as a user builds them: from JSONL files through `ingest`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

import indexer
from indexer import IngestReport, NewsIndex
from indexer.response import DateFacet, ValueFacet

Record = Mapping[str, Any]


def write_records(path: Path, records: Sequence[Record]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records))
    return path


def story(id: str, body: str = "", title: str = "Untitled", **fields: Any) -> Record:
    """A record of which only little matters."""
    return {"id": id, "title": title, "body": body, **fields}


def add(index: NewsIndex, folder: Path, records: Sequence[Record]) -> IngestReport:
    """Ingest `records` in one run."""
    report = index.ingest([write_records(folder / "batch.jsonl", records)], workers=1)
    assert report.rejects == ()
    return report


def built(folder: Path, *batches: Sequence[Record]) -> NewsIndex:
    """A new index of batches of records, each ingested in a run of its own."""
    index = indexer.open_index(folder / "news.index", create=True)
    for records in filter(None, batches):
        add(index, folder, records)
    return index


def ids(result: indexer.SearchResult) -> list[str]:
    return [hit.article.id for hit in result.hits]


def paged(index: NewsIndex, q: str, **options: Any) -> list[str]:
    """The ids that a reader meets who follows the cursors to the end."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = index.search(q, cursor=cursor, **options)
        found += ids(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


def values(result: indexer.SearchResult, name: str) -> dict[str, int]:
    """The counts of a facet by value."""
    facet = result.facets[name]
    assert isinstance(facet, ValueFacet)
    return {bucket.value: bucket.count for bucket in facet.buckets}


def histogram(result: indexer.SearchResult) -> DateFacet:
    """The facet of dates."""
    facet = result.facets["date"]
    assert isinstance(facet, DateFacet)
    return facet
