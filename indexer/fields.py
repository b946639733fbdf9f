"""The fields that an article is indexed under, and how their words are placed and weighed.

Apart from the Whoosh `schema`, so that a search, or a build, starts without Whoosh.
"""

from __future__ import annotations

from typing import Final

from indexer.article import Article

BODY_START: Final = 1024
MAX_TITLE_WORDS: Final = 512
TITLE_BONUS: Final = 3
MAX_FREQUENCY: Final = 127

TEXT_FIELDS: Final = ("text", "title", "body")
VALUE_FIELDS: Final = ("source", "author_name", "section", "topic", "language")


def field_values(article: Article, field: str) -> tuple[str, ...]:
    """The whole values that an article has in one of VALUE_FIELDS."""
    match field:
        case "author_name":
            return article.authors
        case "topic":
            return article.topics
    value: str | None = getattr(article, field)
    return (value,) if value else ()
