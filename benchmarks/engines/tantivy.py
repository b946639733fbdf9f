"""Tantivy through tantivy-py: one field of stems with positions, which also stores title and body."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import tantivy

from benchmarks.corpus import records
from benchmarks.engines.engine import HITS, SOURCES, Answer, Engine, Hit, TopTen
from benchmarks.query import Query

HEAP_BYTES = 512_000_000
_MONTHS = 12 * 200
_FACETS = {
    "sources": {"terms": {"field": "source", "size": SOURCES}},
    # Its date histogram knows no calendar months, so the month is a column of its own.
    "months": {"terms": {"field": "month", "size": _MONTHS}},
}


class _Search(NamedTuple):
    text: str
    is_prefix: bool


class Tantivy(Engine):
    """Segments are left as its writer makes and merges them."""

    differs = "words end at an underscore too; phrases and prefixes match stems; prefixes get no highlighted snippet"
    distribution = "tantivy"

    def build(self, jsonl: Path, directory: Path, threads: int) -> None:
        """See Engine."""
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True, tokenizer_name="raw")
        schema.add_text_field("text", stored=True, tokenizer_name="english_words")
        schema.add_text_field("source", stored=True, fast=True, tokenizer_name="raw")
        schema.add_date_field("date", stored=True, indexed=True, fast=True)
        schema.add_unsigned_field("month", fast=True)
        self._use(tantivy.Index(schema.build(), str(directory)))
        self._writer = self._index.writer(HEAP_BYTES, threads)
        for record in records(jsonl):
            document = tantivy.Document()
            document.add_text("id", record.id)
            # Two values of one field: positions have a gap between them, so no phrase spans title and body.
            document.add_text("text", record.title)
            document.add_text("text", record.body)
            if record.source:
                document.add_text("source", record.source)
            if record.date:
                document.add_date("date", record.date)
                document.add_unsigned("month", record.date.year * 12 + record.date.month - 1)
            self._writer.add_document(document)
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def settle(self) -> None:
        """See Engine."""
        self._writer.wait_merging_threads()

    def open(self, directory: Path) -> None:
        """See Engine."""
        self._use(tantivy.Index.open(str(directory)))
        self._searcher = self._index.searcher()

    def _use(self, index: tantivy.Index) -> None:
        words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
        index.register_tokenizer("english_words", words.filter(tantivy.Filter.stemmer("English")).build())
        self._index = index

    def translate(self, query: Query) -> _Search:
        """See Engine."""
        match query.kind:
            case "everything":
                text = "*"
            case "phrase":
                text = f'"{" ".join(query.words)}"'
            case "any-word":
                text = " OR ".join(query.words)
            case _:
                text = " ".join(query.words)
        if query.source:
            text += ' source:"{}"'.format(query.source.replace("\\", "\\\\").replace('"', '\\"'))
        if query.since:
            text += f" date:[{query.since}T00:00:00Z TO {query.until}T23:59:59Z]"
        return _Search(text, query.kind == "prefix")

    def _parsed(self, query: _Search) -> tantivy.Query:
        if query.is_prefix:
            # The query language has no prefix of a single word.
            return tantivy.Query.regex_query(self._index.schema, "text", f"{query.text}.*")
        return self._index.parse_query(query.text, ["text"], conjunction_by_default=True)

    def request(self, query: _Search) -> Answer:
        """See Engine."""
        parsed = self._parsed(query)
        searcher = self._searcher
        found = searcher.search(parsed, HITS)
        snippets = tantivy.SnippetGenerator.create(searcher, parsed, self._index.schema, "text")
        facets = searcher.aggregate(parsed, _FACETS)
        return Answer(
            found.count,
            [_hit(searcher.doc(address), snippets) for _, address in found.hits],
            {bucket["key"]: bucket["doc_count"] for bucket in facets["sources"]["buckets"]},
            {_month(bucket["key"]): bucket["doc_count"] for bucket in facets["months"]["buckets"]},
        )

    def top10(self, query: _Search) -> TopTen:
        """See Engine."""
        found = self._searcher.search(self._parsed(query), HITS)
        return TopTen(found.count, len(found.hits))


def _hit(document: tantivy.Document, snippets: tantivy.SnippetGenerator) -> Hit:
    date: Any = document.get_first("date")
    return Hit(
        document.get_first("text") or "",
        document.get_first("source") or "",
        date.isoformat() if date else "",
        snippets.snippet_from_doc(document).fragment(),
    )


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
