"""Xapian: surface words with positions and stems without, as its TermGenerator makes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import xapian

from benchmarks.corpus import records
from benchmarks.engines.engine import HITS, SOURCES, Answer, Engine, Hit, TopTen
from benchmarks.query import Query

SNIPPET_BYTES = 200
SOURCE, MONTH, DATE = range(3)
_BETWEEN_WORDS = re.compile(r"\W+")


class _Search(NamedTuple):
    text: str
    source: str | None
    days: tuple[str, str] | None


class Xapian(Engine):
    """One database in its default format; one thread, since it has one writer."""

    differs = "indexes with one thread; prefixes match surface words"

    def version(self) -> str:
        """See Engine."""
        return str(xapian.version_string())

    def build(self, jsonl: Path, directory: Path, threads: int) -> None:
        """See Engine."""
        del threads
        database = xapian.WritableDatabase(str(directory), xapian.DB_CREATE_OR_OPEN)
        generator = xapian.TermGenerator()
        generator.set_stemmer(xapian.Stem("english"))
        for record in records(jsonl):
            document = xapian.Document()
            date = record.date.isoformat() if record.date else ""
            data = {"id": record.id, "title": record.title, "body": record.body, "source": record.source, "date": date}
            document.set_data(orjson.dumps(data))
            generator.set_document(document)
            # Its own idea of a word keeps "U.S." and "don't" whole.
            generator.index_text(_BETWEEN_WORDS.sub(" ", record.title))
            generator.increase_termpos()
            generator.index_text(_BETWEEN_WORDS.sub(" ", record.body))
            if record.source:
                document.add_boolean_term(_source_term(record.source))
                document.add_value(SOURCE, record.source)
            if date:
                document.add_value(MONTH, date[:7])
                document.add_value(DATE, date)
            database.add_document(document)
        database.commit()
        database.close()
        self.open(directory)

    def open(self, directory: Path) -> None:
        """See Engine."""
        self._database = xapian.Database(str(directory))
        self._stemmer = xapian.Stem("english")
        self._parser = xapian.QueryParser()
        self._parser.set_database(self._database)
        self._parser.set_stemmer(self._stemmer)
        self._parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
        self._parser.set_default_op(xapian.Query.OP_AND)

    def translate(self, query: Query) -> _Search:
        """See Engine."""
        match query.kind:
            case "phrase":
                text = f'"{" ".join(query.words)}"'
            case "prefix":
                text = f"{query.words[0]}*"
            case "any-word":
                text = " OR ".join(query.words)
            case _:
                text = " ".join(query.words)
        days = (f"{query.since}T", f"{query.until}T99") if query.since else None
        return _Search(text, query.source, days)

    def _found(self, query: _Search, *spies: Any) -> Any:
        flags = xapian.QueryParser.FLAG_BOOLEAN | xapian.QueryParser.FLAG_PHRASE | xapian.QueryParser.FLAG_WILDCARD
        parsed = self._parser.parse_query(query.text, flags) if query.text else xapian.Query.MatchAll
        if query.source:
            parsed = xapian.Query(xapian.Query.OP_FILTER, parsed, xapian.Query(_source_term(query.source)))
        if query.days:
            days = xapian.Query(xapian.Query.OP_VALUE_RANGE, DATE, *query.days)
            parsed = xapian.Query(xapian.Query.OP_FILTER, parsed, days)
        enquire = xapian.Enquire(self._database)
        enquire.set_query(parsed)
        for spy in spies:
            enquire.add_matchspy(spy)
        # To check every article makes the total exact.
        return enquire.get_mset(0, HITS, self._database.get_doccount())

    def request(self, query: _Search) -> Answer:
        """See Engine."""
        sources, months = xapian.ValueCountMatchSpy(SOURCE), xapian.ValueCountMatchSpy(MONTH)
        found = self._found(query, sources, months)
        hits = []
        for match in found:
            article = orjson.loads(match.document.get_data())
            snippet = found.snippet(article["body"], SNIPPET_BYTES, self._stemmer, 0, "", "")
            hits.append(Hit(article["title"], article["source"], article["date"], snippet.decode("utf-8", "replace")))
        return Answer(
            found.get_matches_estimated(),
            hits,
            {value.term.decode(): value.termfreq for value in sources.top_values(SOURCES)},
            {value.term.decode(): value.termfreq for value in months.values()},
        )

    def top10(self, query: _Search) -> TopTen:
        """See Engine."""
        found = self._found(query)
        return TopTen(found.get_matches_estimated(), found.size())


def _source_term(source: str) -> str:
    # Terms are at most 245 bytes long.
    return "XS:" + source[:60]
