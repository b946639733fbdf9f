"""Plain whoosh3: its own codec, its own TEXT field, its own facets."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import Stemmer
from whoosh import fields, index, qparser, sorting
from whoosh.analysis import LowercaseFilter, RegexTokenizer, StemFilter
from whoosh.query import And, DateRange, Term
from whoosh.support.relativedelta import relativedelta

from benchmarks.corpus import records
from benchmarks.engines.engine import HITS, SOURCES, Answer, Engine, Hit, TopTen
from benchmarks.query import Query

MEMORY_MB = 256

_snowball = Stemmer.Stemmer("english")


def stem(word: str) -> str:
    """The English Snowball stem; a function of a module, since Whoosh pickles its schema."""
    return str(_snowball.stemWord(word))


class _Search(NamedTuple):
    """`text` is for the query parser, `filters` for the rest, since quotes in a value have no escape there."""

    text: str
    filters: Any


class Whoosh3(Engine):
    """Months are counted by a sortable column of months: the fast way, which Whoosh has for any value."""

    differs = "phrases and prefixes match stems"
    distribution = "whoosh3"

    def build(self, jsonl: Path, directory: Path, threads: int) -> None:
        """See Engine."""
        analyzer = RegexTokenizer(r"\w+") | LowercaseFilter() | StemFilter(stemfn=stem, cachesize=-1)
        schema = fields.Schema(
            id=fields.ID(stored=True),
            title=fields.STORED(),
            body=fields.STORED(),
            text=fields.TEXT(analyzer=analyzer),
            source=fields.ID(stored=True, sortable=True),
            date=fields.DATETIME(stored=True, sortable=True),
            month=fields.ID(sortable=True),
        )
        made = index.create_in(directory, schema)
        options = {"procs": threads, "multisegment": True} if threads > 1 else {}
        writer = made.writer(limitmb=MEMORY_MB, **options)
        for record in records(jsonl):
            values: dict[str, Any] = {"id": record.id, "title": record.title, "body": record.body}
            if record.source:
                values["source"] = record.source
            if record.date:
                values |= {"date": record.date.replace(tzinfo=None), "month": f"{record.date:%Y-%m}"}
            writer.add_document(text=f"{record.title}\n{record.body}", **values)
        writer.commit()
        self.open(directory)

    def open(self, directory: Path) -> None:
        """See Engine."""
        self._searcher = index.open_dir(directory).searcher()
        self._parser = qparser.QueryParser("text", self._searcher.schema)
        self._month_facet = self._months()

    def _months(self) -> Any:
        return sorting.FieldFacet("month", maptype=sorting.Count)

    def translate(self, query: Query) -> _Search:
        """See Engine."""
        match query.kind:
            case "everything":
                text = "*:*"
            case "phrase":
                text = f'"{" ".join(query.words)}"'
            case "prefix":
                text = f"{query.words[0]}*"
            case "any-word":
                text = " OR ".join(query.words)
            case _:
                text = " ".join(query.words)
        if query.source:
            return _Search(text, Term("source", query.source))
        if query.since and query.until:
            last = datetime.combine(query.until, time(23, 59, 59))
            return _Search(text, DateRange("date", datetime.combine(query.since, time()), last))
        return _Search(text, None)

    def _parsed(self, query: _Search) -> Any:
        parsed = self._parser.parse(query.text)
        return parsed if query.filters is None else And([parsed, query.filters])

    def request(self, query: _Search) -> Answer:
        """See Engine."""
        facets = {"source": sorting.FieldFacet("source", maptype=sorting.Count), "month": self._month_facet}
        results = self._searcher.search(self._parsed(query), limit=HITS, groupedby=facets)
        sources = {name: count for name, count in results.groups("source").items() if name}
        return Answer(
            len(results),
            [
                Hit(
                    hit["title"],
                    hit.get("source", ""),
                    hit["date"].isoformat() if "date" in hit else "",
                    hit.highlights("text", text=hit["body"], top=1),
                )
                # With facets it ranks every match, whatever the limit.
                for hit in islice(results, HITS)
            ],
            dict(nsmallest(SOURCES, sources.items(), key=lambda pair: -pair[1])),
            {self._month(value): count for value, count in results.groups("month").items() if value},
        )

    def _month(self, value: Any) -> str:
        return str(value)

    def top10(self, query: _Search) -> TopTen:
        """See Engine."""
        results = self._searcher.search(self._parsed(query), limit=HITS)
        return TopTen(len(results), results.scored_length())


class Whoosh3DateFacet(Whoosh3):
    """The same index, its months counted by Whoosh's own date facet: one range query for each month."""

    index_of = "whoosh3"

    def _months(self) -> Any:
        reader = self._searcher.reader()
        column = reader.column_reader("month", translate=True)
        months = sorted(filter(None, column))
        start = datetime.strptime(months[0], "%Y-%m")
        end = datetime.strptime(months[-1], "%Y-%m") + timedelta(days=32)
        gap = relativedelta(months=1)
        return sorting.DateRangeFacet("date", start, end.replace(day=1), gap, maptype=sorting.Count)

    def _month(self, value: Any) -> str:
        return f"{value[0]:%Y-%m}"
