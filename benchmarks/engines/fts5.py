"""SQLite FTS5: an external-content table for the text, a narrow table for filters and counts."""

from __future__ import annotations

import sqlite3
from collections import Counter
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.corpus import Record, records
from benchmarks.engines.engine import HITS, SOURCES, Answer, Engine, Hit, TopTen
from benchmarks.query import Query

SNIPPET_WORDS = 30
BATCH = 1000

_SCHEMA = """
CREATE TABLE articles (doc INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE facts (doc INTEGER PRIMARY KEY, source TEXT NOT NULL, date TEXT, month TEXT);
CREATE VIRTUAL TABLE text USING fts5(title, body, content='articles', content_rowid='doc',
    tokenize="porter unicode61 remove_diacritics 2 tokenchars '_'");
"""


class _Search(NamedTuple):
    """`match` is the FTS5 query, None for every article; `filters` is SQL, with its values."""

    match: str | None
    filters: str
    values: dict[str, Any]


class Fts5(Engine):
    """One database; one thread, since SQLite has one writer. Its segments are left as it merges them."""

    differs = "stems by Porter's first algorithm (it has no Snowball); indexes with one thread; prefixes match stems"

    def version(self) -> str:
        """See Engine."""
        return f"SQLite {sqlite3.sqlite_version}"

    def build(self, jsonl: Path, directory: Path, threads: int) -> None:
        """See Engine."""
        del threads
        self.open(directory)
        with self._database as database:
            database.executescript(_SCHEMA)
            database.execute("BEGIN")
            rows = enumerate(records(jsonl), 1)
            while batch := list(islice(rows, BATCH)):
                database.executemany(
                    "INSERT INTO articles VALUES (?, ?, ?, ?)", [(doc, r.id, r.title, r.body) for doc, r in batch]
                )
                database.executemany("INSERT INTO facts VALUES (?, ?, ?, ?)", [_facts(doc, r) for doc, r in batch])
                database.executemany(
                    "INSERT INTO text (rowid, title, body) VALUES (?, ?, ?)",
                    [(doc, r.title, r.body) for doc, r in batch],
                )

    def open(self, directory: Path) -> None:
        """See Engine."""
        self._database = sqlite3.connect(directory / "news.sqlite")
        self._database.execute("PRAGMA mmap_size = 2000000000")

    def translate(self, query: Query) -> _Search:
        """See Engine."""
        quoted = [f'"{word}"' for word in query.words]
        match query.kind:
            case "everything":
                text = None
            case "phrase":
                text = f'"{" ".join(query.words)}"'
            case "prefix":
                text = f"{quoted[0]}*"
            case "any-word":
                text = " OR ".join(quoted)
            case _:
                text = " AND ".join(quoted)
        filters, values = "", {"match": text}
        if query.source:
            filters, values["source"] = filters + " AND source = :source", query.source
        if query.since:
            filters += " AND date BETWEEN :since AND :until"
            values |= {"since": f"{query.since}T", "until": f"{query.until}T99"}
        return _Search(text, filters, values)

    def request(self, query: _Search) -> Answer:
        """See Engine."""
        if query.match is None:
            counts = "SELECT source, month, count(*) FROM facts WHERE 1 {} GROUP BY 1, 2"
            top = (
                "SELECT title, source, date, substr(body, 1, 200) FROM facts JOIN articles USING (doc)"
                " WHERE 1 {} ORDER BY doc LIMIT :limit"
            )
        else:
            counts = (
                "SELECT source, month, count(*) FROM text JOIN facts ON doc = text.rowid"
                " WHERE text MATCH :match {} GROUP BY 1, 2"
            )
            top = (
                "SELECT text.title, source, date, snippet(text, -1, '', '', '...', :words) FROM text"
                " JOIN facts ON doc = text.rowid WHERE text MATCH :match {} ORDER BY rank LIMIT :limit"
            )
        values = query.values | {"limit": HITS, "words": SNIPPET_WORDS}
        hits = self._database.execute(top.format(query.filters), values).fetchall()
        total = 0
        sources: Counter[str] = Counter()
        months: Counter[str] = Counter()
        for source, month, count in self._database.execute(counts.format(query.filters), values):
            total += count
            sources[source] += count
            months[month or ""] += count
        del sources[""], months[""]
        largest = nsmallest(SOURCES, sources.items(), key=lambda pair: -pair[1])
        return Answer(
            total,
            [Hit(title, source, date or "", snippet) for title, source, date, snippet in hits],
            dict(largest),
            dict(months),
        )

    def top10(self, query: _Search) -> TopTen:
        """See Engine."""
        if query.match is None:
            tables, order = "facts WHERE 1", "doc"
        else:
            join = " JOIN facts ON doc = text.rowid" if query.filters else ""
            tables, order = f"text{join} WHERE text MATCH :match", "rank"
        run = self._database.execute
        hits = run(f"SELECT {order} FROM {tables} {query.filters} ORDER BY {order} LIMIT {HITS}", query.values)
        return TopTen(
            run(f"SELECT count(*) FROM {tables} {query.filters}", query.values).fetchone()[0], len(hits.fetchall())
        )


def _facts(doc: int, record: Record) -> tuple[int, str, str | None, str | None]:
    date = record.date.isoformat() if record.date else None
    return doc, record.source, date, date[:7] if date else None
