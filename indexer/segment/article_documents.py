"""Articles through Whoosh's writer: its documents become articles again, and the builder makes the segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer import analysis, schema
from indexer.article import Article
from indexer.errors import InputError
from indexer.segment import builder
from indexer.segment.draft import file_to_write
from indexer.segment.perdocument import Document

_HINT = "add articles as writer.add_document(**indexer.schema.document(article))"


class ArticleDocuments:
    """Collects articles and builds the segment when closed.

    The builder orders them newest first, so their numbers in the segment are not those of Whoosh's writer.

    types  fields by name, of the schema or of the first document
    """

    def __init__(self, storage: Any, name: str, types: Mapping[str, Any]) -> None:
        self._storage = storage
        self._name = name
        stemmed = types.get("text_stem")
        if stemmed is None:
            raise InputError(f"a document has no field text_stem: {_HINT}")
        self._stemmer = analysis.stemmer(stemmed.analyzer.language)
        self._known = set(schema.make_schema(self._stemmer.language).names())
        self._articles: dict[str, Article] = {}

    def add(self, document: Document) -> None:
        """Take an article. Raises InputError for one without an id, whose id was there, or with fields of others."""
        if "id" not in document.stored:
            raise InputError(f"a document has no id: {_HINT}")
        if others := document.types.keys() - self._known:
            raise InputError(
                f"{document.stored['id']!r} has {', '.join(sorted(others))}, which articles have not: "
                "keep it in another index, under the article's id"
            )
        article = schema.stored_article(document.stored)
        if article.id in self._articles:
            raise InputError(f"the id {article.id!r} comes twice: commit before an article is added again")
        self._articles[article.id] = article

    def close(self) -> None:
        """Write the segment's file."""
        articles = list(self._articles.values())
        with file_to_write(self._storage, self._name) as path:
            builder.build(path, articles, self._stemmer, builder.train(articles))


def of_articles(types: Mapping[str, Any]) -> bool:
    """Whether the fields of a schema or a document are those of an index of articles: some are of our own types."""
    return any(isinstance(kind, (schema.Text, schema.Values)) for kind in types.values())
