"""The engines whose rankings are compared, each as its own users would set it up for English text.

A query is a bag of words: any of them is enough and the best articles come first. Repeats in it are kept, since
what a question says twice matters more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from benchmarks.judgments import Collection
from indexer.analysis import words
from indexer.request import Match

LIMIT: Final = 1000
_FIELDS: Final = ("title", "body")


class Ranker(ABC):
    """An engine that ranks the articles of a collection. Raises ImportError where it is not installed."""

    name: ClassVar[str]

    @abstractmethod
    def build(self, collection: Collection, directory: Path) -> None:
        """Index a collection; `directory` is empty."""

    @abstractmethod
    def rank(self, query: str) -> list[str]:
        """The ids of the articles found, best first, LIMIT at most."""


class Broadsheet(Ranker):
    """Through the public interface. The corpus goes in as it is."""

    name = "broadsheet"

    def __init__(self, match: Match = "any") -> None:
        self._match = match

    def build(self, collection: Collection, directory: Path) -> None:
        """See Ranker."""
        import indexer

        self._index = indexer.open_index(directory / "index", create=True)
        self._index.ingest([collection.corpus], format="jsonl", workers=1)

    def rank(self, query: str) -> list[str]:
        """See Ranker."""
        result = self._index.search(" ".join(words(query)), match=self._match, limit=LIMIT, facets=(), snippets=0)
        return [hit.article.id for hit in result.hits]


class Whoosh3(Ranker):
    """Its defaults: the stemming analyzer, BM25F, title and body as two fields of one query parser."""

    name = "whoosh3"

    def build(self, collection: Collection, directory: Path) -> None:
        """See Ranker."""
        from whoosh import fields, index, qparser
        from whoosh.analysis import StemmingAnalyzer

        text = fields.TEXT(analyzer=StemmingAnalyzer())
        schema = fields.Schema(id=fields.ID(stored=True), title=text, body=text)
        made = index.create_in(directory, schema)
        writer = made.writer()
        for document in collection.documents:
            writer.add_document(**document._asdict())
        writer.commit()
        self._searcher = made.searcher()
        self._parser = qparser.MultifieldParser(_FIELDS, schema, group=qparser.OrGroup)

    def rank(self, query: str) -> list[str]:
        """See Ranker."""
        parsed = self._parser.parse(" ".join(words(query)))
        return [hit["id"] for hit in self._searcher.search(parsed, limit=LIMIT)]


class Tantivy(Ranker):
    """Title and body as two fields of its "en_stem" tokenizer."""

    name = "tantivy"

    def build(self, collection: Collection, directory: Path) -> None:
        """See Ranker."""
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True, tokenizer_name="raw")
        for field in _FIELDS:
            schema.add_text_field(field, tokenizer_name="en_stem")
        self._index = tantivy.Index(schema.build(), str(directory))
        # With one thread the doc ids, which break ties, are the same in every run.
        writer = self._index.writer(num_threads=1)
        for document in collection.documents:
            writer.add_document(tantivy.Document(**document._asdict()))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def rank(self, query: str) -> list[str]:
        """See Ranker."""
        # In lower case no word is an operator.
        parsed = self._index.parse_query(" ".join(words(query)), list(_FIELDS))
        found = self._searcher.search(parsed, LIMIT)
        return [str(self._searcher.doc(address)["id"][0]) for _, address in found.hits]


class Bm25s(Ranker):
    """As its documentation does it: one text, Snowball stems, English stop words dropped, its default BM25."""

    name = "bm25s"

    def build(self, collection: Collection, directory: Path) -> None:
        """See Ranker."""
        import bm25s
        import Stemmer

        self._ids = [document.id for document in collection.documents]
        self._stemmer = Stemmer.Stemmer("english")
        self._tokenize = bm25s.tokenize
        texts = [f"{document.title}\n{document.body}" for document in collection.documents]
        self._engine = bm25s.BM25()
        self._engine.index(self._tokens(texts), show_progress=False)

    def _tokens(self, texts: Sequence[str]) -> list[list[str]]:
        tokens: list[list[str]] = self._tokenize(
            list(texts), stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False
        )
        return tokens

    def rank(self, query: str) -> list[str]:
        """See Ranker."""
        known = [stem for stem in self._tokens([query])[0] if stem in self._engine.vocab_dict]
        if not known:
            return []
        scores = self._engine.get_scores(known)
        order = (-scores).argsort(kind="stable")[:LIMIT]
        return [self._ids[place] for place in order if scores[place] > 0]


PEERS: Final = (Whoosh3, Tantivy, Bm25s)
