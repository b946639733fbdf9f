"""The contract in the most obvious code: every question is answered by a scan of all articles.

Nothing here knows how Broadsheet indexes, parses or counts; where the two disagree, one of them is wrong.
Queries are small trees that know how they are written (`str`) and what they match.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

import Stemmer

Record = Mapping[str, Any]

_SNOWBALL = Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """The definition of a word, in three lines."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"\w+", bare.casefold())


def plain(text: str) -> str:
    """Typographic signs as their plain twins."""
    for twin, signs in {'"': "“”„‟«»″‶〝〞〟", "'": "‘’‚‛′‵`´", "-": "‐‑‒–—―−﹘﹣", "~": "∼"}.items():
        text = re.sub(f"[{signs}]", twin, text)
    return text


def folded(value: str) -> str:
    """How a whole value is compared."""
    seen = re.sub("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", plain(value))
    bare = "".join(c for c in unicodedata.normalize("NFKD", seen) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    return str(_SNOWBALL.stemWord(word))


def edits(left: str, right: str) -> int:
    """Levenshtein distance: insertions, deletions and substitutions cost 1, a swap of neighbours 2."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


def day_of(record: Record) -> date | None:
    return moment_of(record).date() if record.get("date") else None


def moment_of(record: Record) -> datetime:
    moment = datetime.fromisoformat(record["date"])
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Scanned:
    """An article as a query looks at it."""

    def __init__(self, record: Record) -> None:
        self.id: str = record["id"]
        self.title = words(record.get("title", ""))
        self.body = words(record.get("body", ""))
        self.names = [words(name) for name in record.get("authors", ())]
        self.day = day_of(record)
        self.moment = moment_of(record) if record.get("date") else None
        self.shown = {
            "source": [record["source"]] if record.get("source") else [],
            "author": list(record.get("authors", ())),
            "section": [record["section"]] if record.get("section") else [],
            "topic": list(record.get("topics", ())),
            "language": [record["language"]] if record.get("language") else [],
        }
        self.values = {name: [folded(value) for value in values] for name, values in self.shown.items()}

    def runs(self, field: str | None) -> list[list[str]]:
        """The stretches of text that a phrase of that field may stand in."""
        if field == "author":
            return self.names
        return {"title": [self.title], "body": [self.body], None: [self.title, self.body]}[field]


# Queries


class Query:
    def matches(self, article: Scanned) -> bool:
        raise NotImplementedError


def prefixed(field: str | None, text: str) -> str:
    return f"{field}:{text}" if field else text


@dataclass(frozen=True)
class Word(Query):
    """A bare token: one word in any inflection, or several in a row ("AT&T")."""

    token: str
    field: str | None = None

    def __str__(self) -> str:
        return prefixed(self.field, self.token)

    def matches(self, article: Scanned) -> bool:
        parts = words(self.token)
        if len(parts) > 1 or self.field == "author":
            return Phrase(self.token, self.field).matches(article)
        return any(stem(word) == stem(parts[0]) for run in article.runs(self.field) for word in run)


@dataclass(frozen=True)
class Phrase(Query):
    text: str
    field: str | None = None

    def __str__(self) -> str:
        return prefixed(self.field, f'"{self.text}"')

    def matches(self, article: Scanned) -> bool:
        wanted = words(self.text)
        return any(run[at : at + len(wanted)] == wanted for run in article.runs(self.field) for at in range(len(run)))


@dataclass(frozen=True)
class Near(Query):
    """Each word at most `distance` positions before or after the one named before it."""

    text: str
    distance: int
    field: str | None = None

    def __str__(self) -> str:
        return prefixed(self.field, f'"{self.text}"~{self.distance}')

    def matches(self, article: Scanned) -> bool:
        first, *rest = words(self.text)
        for run in article.runs(self.field):
            reached = {at for at, word in enumerate(run) if word == first}
            for wanted in rest:
                reached = {
                    at
                    for at, word in enumerate(run)
                    if word == wanted and any(0 < abs(at - before) <= self.distance for before in reached)
                }
            if reached:
                return True
        return False


@dataclass(frozen=True)
class Pattern(Query):
    """A prefix (`zelensk*`) or wildcard (`wom?n`), on surface words."""

    glob: str
    field: str | None = None

    def __str__(self) -> str:
        return prefixed(self.field, self.glob)

    def matches(self, article: Scanned) -> bool:
        wanted = re.compile(glob_regex(self.glob))
        return any(wanted.fullmatch(word) for run in article.runs(self.field) for word in run)


def glob_regex(glob: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in folded(glob))


@dataclass(frozen=True)
class Fuzzy(Query):
    word: str
    distance: int
    field: str | None = None

    def __str__(self) -> str:
        return prefixed(self.field, f"{self.word}~{self.distance}")

    def matches(self, article: Scanned) -> bool:
        (wanted,) = words(self.word)
        return any(edits(wanted, word) <= self.distance for run in article.runs(self.field) for word in run)


@dataclass(frozen=True)
class Value(Query):
    """A whole value of a source, section, topic or language."""

    field: str
    value: str

    def __str__(self) -> str:
        return f'{self.field}:"{self.value}"'

    def matches(self, article: Scanned) -> bool:
        return folded(self.value) in article.values[self.field]


@dataclass(frozen=True)
class ValuePattern(Query):
    field: str
    glob: str

    def __str__(self) -> str:
        return f'{self.field}:"{self.glob}"'

    def matches(self, article: Scanned) -> bool:
        return any(re.fullmatch(glob_regex(self.glob), value) for value in article.values[self.field])


@dataclass(frozen=True)
class Days(Query):
    """Publication in a stretch of whole days; `written` is how the query language says it."""

    written: str
    first: date | None
    last: date | None

    def __str__(self) -> str:
        return self.written

    def matches(self, article: Scanned) -> bool:
        day = article.day
        return day is not None and (self.first or date.min) <= day <= (self.last or date.max)


@dataclass(frozen=True)
class Not(Query):
    query: Query
    sign: str = "-"

    def __str__(self) -> str:
        return self.sign + grouped(self.query)

    def matches(self, article: Scanned) -> bool:
        return not self.query.matches(article)


@dataclass(frozen=True)
class And(Query):
    queries: tuple[Query, ...]
    joint: str = " "

    def __str__(self) -> str:
        return self.joint.join(map(grouped, self.queries))

    def matches(self, article: Scanned) -> bool:
        return all(query.matches(article) for query in self.queries)


@dataclass(frozen=True)
class Or(Query):
    queries: tuple[Query, ...]

    def __str__(self) -> str:
        return " OR ".join(map(grouped, self.queries))

    def matches(self, article: Scanned) -> bool:
        return any(query.matches(article) for query in self.queries)


def grouped(query: Query) -> str:
    return f"({query})" if isinstance(query, And | Or) else str(query)


EVERYTHING = And(())


# Answers


@dataclass(frozen=True)
class Filters:
    """Each filter as the request writes it: "value" for any of, "-value" for none of; "\\-value" is any of "-value"."""

    values: Mapping[str, tuple[str, ...]]
    since: date | None = None
    until: date | None = None

    def pass_(self, article: Scanned, *, but: str | None = None) -> bool:
        """Whether an article passes all the filters, or all but one."""
        for name, wanted in self.values.items():
            own = article.values[name]
            any_of = [folded(value.removeprefix("\\")) for value in wanted if not value.startswith("-")]
            none_of = [folded(value[1:]) for value in wanted if value.startswith("-")]
            if name != but and ((any_of and not set(any_of) & set(own)) or set(none_of) & set(own)):
                return False
        if self.since or self.until:
            return Days("", self.since, self.until).matches(article)
        return True


class Archive:
    """All the articles, the last record of an id being the one that counts."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.articles = list({record["id"]: Scanned(record) for record in records}.values())
        self._matching: dict[Query, list[Scanned]] = {}

    def matching(self, query: Query) -> list[Scanned]:
        """The scan, made once a query."""
        if query not in self._matching:
            self._matching[query] = [article for article in self.articles if query.matches(article)]
        return self._matching[query]

    def found(self, query: Query, filters: Filters, *, but: str | None = None) -> list[Scanned]:
        return [article for article in self.matching(query) if filters.pass_(article, but=but)]

    def ids(self, query: Query, filters: Filters = Filters({})) -> set[str]:
        return {article.id for article in self.found(query, filters)}

    def newest(self, query: Query, filters: Filters) -> list[str]:
        """Newest first, undated last, then by id."""
        dated, undated = _by_id(self.found(query, filters))
        return [a.id for a in [*sorted(dated, key=_moment, reverse=True), *undated]]

    def oldest(self, query: Query, filters: Filters) -> list[str]:
        """Oldest first, undated last, then by id."""
        dated, undated = _by_id(self.found(query, filters))
        return [a.id for a in [*sorted(dated, key=_moment), *undated]]

    def value_facet(self, query: Query, filters: Filters, name: str) -> tuple[dict[str, int], int]:
        """Articles by folded value, and those without any; the facet's own filter plays no part."""
        found = self.found(query, filters, but=name)
        counts = Counter(value for article in found for value in dict.fromkeys(article.values[name]))
        return dict(counts), sum(not article.values[name] for article in found)

    def histogram(self, query: Query, filters: Filters, interval: str) -> list[tuple[date, int, int]]:
        """(first day of a bucket, matches in it, articles in it that pass the filters), gaps filled."""
        matching = Counter(_bucket(a.day, interval) for a in self.found(query, filters) if a.day)
        indexed = Counter(_bucket(a.day, interval) for a in self.found(EVERYTHING, filters) if a.day)
        if not matching:
            return []
        days = (min(matching) + timedelta(days=n) for n in range((max(matching) - min(matching)).days + 1))
        starts = [start for start, _ in groupby(_bucket(day, interval) for day in days)]
        return [(start, matching[start], indexed[start]) for start in starts]


def _by_id(articles: Sequence[Scanned]) -> tuple[list[Scanned], list[Scanned]]:
    ordered = sorted(articles, key=lambda a: a.id)
    return [a for a in ordered if a.moment], [a for a in ordered if not a.moment]


def _moment(article: Scanned) -> datetime:
    assert article.moment is not None
    return article.moment


def _bucket(day: date, interval: str) -> date:
    match interval:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day
