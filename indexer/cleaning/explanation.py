"""What the cleaner decided about one page, and why: the values behind `indexer clean --explain`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from indexer.article import Article, iso_utc
from indexer.page import PageKind


@dataclass(frozen=True, slots=True)
class Found:
    """The value of one field of an article.

    value       as it stands in the article; None, "" or () where nothing was found
    method      where it was found ("json-ld", "byline", "url", ...); "" where nothing was found
    confidence  how sure that is, from 0 to 1
    """

    value: object
    method: str
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready values."""
        value = self.value
        if isinstance(value, datetime):
            value = iso_utc(value)
        elif isinstance(value, tuple):
            value = list(value)
        return {"value": value, "method": self.method, "confidence": round(self.confidence, 3)}


NOTHING: Final = Found(None, "", 0.0)


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What became of one line, or one block, of a page.

    text    as the page has it
    kept    whether it is part of the article's body
    role    what it is on the page ("prose", "caption", "title", ...)
    reason  why it was kept or dropped, in plain words
    score   how much it looks like article text; None where no score was used
    """

    text: str
    kept: bool
    role: str
    reason: str
    score: float | None

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON-ready values."""
        return {
            "text": self.text,
            "kept": self.kept,
            "role": self.role,
            "reason": self.reason,
            "score": None if self.score is None else round(self.score, 2),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """An article, and how the cleaner came to it.

    article  what `clean` returns for the same page
    kind     what the page was read as: "html" or "text"
    fields   the article's fields by name, each with its method and confidence
    lines    the page in its order, line by line
    flags    what is special about the page ("paywalled", "live-blog", ...)
    """

    article: Article
    kind: PageKind
    fields: dict[str, Found]
    lines: tuple[LineVerdict, ...]
    flags: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The explanation as JSON-ready values."""
        return {
            "article": self.article.to_dict(),
            "kind": self.kind,
            "fields": {name: found.to_dict() for name, found in self.fields.items()},
            "lines": [line.to_dict() for line in self.lines],
            "flags": list(self.flags),
        }
