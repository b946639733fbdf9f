"""The Whoosh schema: what is indexed of an article, under which field names.

Text fields come in two views, the surface words and (``*_stem``) their stems:

    text, text_stem     title and body together, the title first; the ranked field
    title, title_stem   the title alone
    body, body_stem     the body alone
    author              words of the authors' names

In ``text`` the body's positions start at BODY_START, so that no phrase spans title and body. The weight
of a posting in ``text`` is its frequency, at most MAX_FREQUENCY, plus TITLE_BONUS where the title holds the
term: combining the fields before BM25 saturates them makes the score a BM25F (Robertson, Zaragoza and
Taylor 2004, https://doi.org/10.1145/1031171.1031181).

Whole values, folded, each with a column of its display form: source, author_name, section, topic,
language. ``date`` is a DATETIME (naive, UTC). ``id`` is unique. Everything an Article holds is stored under
its own name.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import datetime
from functools import wraps
from typing import Any, Final, NamedTuple

from whoosh import columns, fields, formats
from whoosh.analysis import Analyzer, Token
from whoosh.index import FileIndex

from indexer import analysis
from indexer.article import Article, iso_utc
from indexer.fields import BODY_START, MAX_FREQUENCY, MAX_TITLE_WORDS, TITLE_BONUS, VALUE_FIELDS, field_values

_SEPARATOR: Final = "\x1f"


class TitleAndBody(NamedTuple):
    """The value of the ``text`` fields."""

    title: str
    body: str


class WordAnalyzer(Analyzer):  # type: ignore[misc]
    """Whoosh's face of `analysis`: text → words, or their stems where a language is given."""

    def __init__(self, language: str | None = None) -> None:
        self.language = language

    def __call__(self, value: str, **options: Any) -> Iterator[Token]:
        """Yield the tokens of a text, as Whoosh's analyzers do."""
        start_pos, start_char = options.pop("start_pos", 0), options.pop("start_char", 0)
        # Whoosh's query parser asks for the one token of a pattern, or of an end of a range.
        whole = not options.pop("tokenize", True)
        spans = [(analysis.fold(value), 0, len(value))] if whole else analysis.word_spans(value)
        stem = analysis.stemmer(self.language).stem if self.language else None
        token = Token(**options)
        for position, (word, start, end) in enumerate(spans, start_pos):
            token.original = word
            token.text = stem(word) if stem else word
            token.pos = position
            token.startchar, token.endchar = start + start_char, end + start_char
            token.boost = 1.0
            token.stopped = False
            yield token


class WholeValueAnalyzer(Analyzer):  # type: ignore[misc]
    """A whole value as one folded term."""

    def __call__(self, value: str, **options: Any) -> Iterator[Token]:
        """Yield the one token of a value, as Whoosh's analyzers do."""
        options.pop("start_pos", None), options.pop("start_char", None), options.pop("tokenize", None)
        token = Token(**options)
        token.original = value
        token.text = analysis.whole_value(value)
        token.pos, token.startchar, token.endchar = 0, 0, len(value)
        token.boost = 1.0
        token.stopped = False
        if token.text:
            yield token


class Text(fields.FieldType):  # type: ignore[misc]
    """Words of running text with their positions: surface words, or stems where a language is given."""

    def __init__(self, language: str | None = None, *, scorable: bool = True, stored: bool = False) -> None:
        super().__init__(
            formats.Positions(), WordAnalyzer(language), scorable=scorable, stored=stored, multitoken_query="phrase"
        )


class TitledText(Text):
    """Title and body in one field, weighted as the module says. Its value is a TitleAndBody."""

    def index(self, value: Any, **options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (term, frequency, weight, encoded positions) of each distinct term of a TitleAndBody."""
        title, body = value if isinstance(value, tuple) else ("", value)
        positions: dict[str, list[int]] = {}
        for token in self.analyzer(title):
            if token.pos < MAX_TITLE_WORDS:
                positions.setdefault(token.text, []).append(token.pos)
        for token in self.analyzer(body, start_pos=BODY_START):
            positions.setdefault(token.text, []).append(token.pos)
        for term, places in positions.items():
            bonus = TITLE_BONUS if places[0] < BODY_START else 0
            yield term.encode(), len(places), min(len(places), MAX_FREQUENCY) + bonus, self.format.encode(places)


class Names(Text):
    """Words of names, a gap between two names so that no phrase spans them. Its value is a list of str."""

    def __init__(self) -> None:
        super().__init__(scorable=False)

    def index(self, value: Any, **options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (term, frequency, weight, encoded positions) of each distinct word."""
        positions: dict[str, list[int]] = {}
        for number, name in enumerate(as_values(value)):
            for token in self.analyzer(name, start_pos=number * BODY_START):
                positions.setdefault(token.text, []).append(token.pos)
        for term, places in positions.items():
            yield term.encode(), len(places), float(len(places)), self.format.encode(places)


class Values(fields.FieldType):  # type: ignore[misc]
    """Whole values, folded for matching, with a column of their display forms. Its value is a list of str."""

    def __init__(self, *, stored: bool = True) -> None:
        super().__init__(formats.Existence(), WholeValueAnalyzer(), stored=stored, sortable=columns.VarBytesColumn())

    def index(self, value: Any, **options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield one (term, 1, 1, b"") for each distinct folded value."""
        for term in dict.fromkeys(filter(None, map(analysis.whole_value, as_values(value)))):
            yield term.encode(), 1, 1.0, b""

    def to_column_value(self, value: Any) -> bytes:
        """All display forms in one byte string."""
        return _SEPARATOR.join(as_values(value)).encode()

    def from_column_value(self, value: Any) -> Any:
        """The display form, a tuple of several, or None: Whoosh names groups by it."""
        values = bytes(value).decode().split(_SEPARATOR)
        return tuple(values) if len(values) > 1 else values[0] or None


def as_values(value: Any) -> list[str]:
    """One value or several as a list."""
    return [value] if isinstance(value, str) else list(value)


def make_schema(language: str) -> fields.Schema:
    """The schema of an index in `language` (ISO 639-1); raises ParameterError for one without a stemmer."""
    analysis.stemmer(language)
    stored = fields.STORED()
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        url=stored,
        text=TitledText(),
        text_stem=TitledText(language),
        title=Text(stored=True),
        title_stem=Text(language),
        body=Text(stored=True),
        body_stem=Text(language),
        author=Names(),
        author_name=Values(),
        source=Values(),
        section=Values(),
        topic=Values(),
        language=Values(),
        date=fields.DATETIME(stored=True, sortable=True),
        date_precision=stored,
        date_method=stored,
        credits=stored,
    )


def pickled_schema(language: str) -> bytes:
    """The same as a table of contents holds it."""
    schema = make_schema(language)
    schema.clean()
    return pickle.dumps(schema, 2)


def document(article: Article) -> dict[str, Any]:
    """The arguments of Whoosh's ``add_document`` for an article."""
    title_and_body = TitleAndBody(article.title, article.body)
    values: dict[str, Any] = {
        "id": article.id,
        "url": article.url,
        "text": title_and_body,
        "text_stem": title_and_body,
        "title": article.title,
        "title_stem": article.title,
        "body": article.body,
        "body_stem": article.body,
        "author": list(article.authors) or None,
        **{name: list(field_values(article, name)) or None for name in VALUE_FIELDS},
        "date": article.date.replace(tzinfo=None) if article.date else None,
        "date_precision": article.date_precision,
        "date_method": article.date_method or None,
        "credits": list(article.credits) or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def stored_article(stored: dict[str, Any]) -> Article:
    """The article that :func:`document` stored."""
    date: datetime | None = stored.get("date")
    return Article.from_dict(
        {
            "id": stored["id"],
            "url": stored.get("url"),
            "title": stored.get("title", ""),
            "body": stored.get("body", ""),
            "source": (stored.get("source") or [""])[0],
            "date": iso_utc(date),
            "date_precision": stored.get("date_precision"),
            "date_method": stored.get("date_method", ""),
            "authors": stored.get("author_name") or (),
            "credits": stored.get("credits") or (),
            "section": (stored.get("section") or [None])[0],
            "topics": stored.get("topic") or (),
            "language": (stored.get("language") or [None])[0],
        }
    )


def _write_ours_by_default() -> None:
    """Let plain Whoosh's `index.writer()` write columnar segments into an index with Broadsheet's schema.

    Here, because Whoosh loads this module with that schema, wherever it comes from.

    Whoosh chooses a writer's codec before it has read the table of contents, so neither the schema nor the
    segments there can name one. Other indexes keep Whoosh's default.
    """
    plain_writer = FileIndex.writer

    @wraps(plain_writer)
    def writer(self: Any, procs: int = 1, **options: Any) -> Any:
        if isinstance(dict(self.schema.items()).get("text_stem"), TitledText):
            from indexer.segment.codec import ColumnarCodec

            options.setdefault("codec", ColumnarCodec())
        return plain_writer(self, procs, **options)

    FileIndex.writer = writer


_write_ours_by_default()
