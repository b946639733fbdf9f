"""The understood query: a small tree that knows its form in Whoosh's query classes, and in the query language.

Plain Whoosh evaluates the compiled tree too. Scores come from ``text_stem`` alone, everything else only decides
what matches:

    word            Term(text_stem, stem), boosted by its weight in the query and in the index
    phrase          the stems' scores where the surface words stand in this order
    field:word      the stem's score where that field has it
    prefix, wildcard, fuzzy, author:, whole values, dates, everything
                    CONSTANT_SCORE

What a tree cannot say, that exact forms, near words and whole phrases rank higher, is `closeness`.

The nodes are named tuples, because a dataclass takes five times as long to define when a process starts, and three
times as long to make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Final, NamedTuple

from whoosh import query as wq

from indexer.analysis import Stemmer
from indexer.query.importance import importance, importances
from indexer.query.nearness import Within

CONSTANT_SCORE: Final = 1.0

_TO_ESCAPE: Final = re.compile(r'["\\]')
# A pattern that needs no quotes.
_PLAIN: Final = re.compile(r"[\w*?~]+")


class Vocabulary(NamedTuple):
    """What an index says of the words of a query.

    stemmer  its stemmer
    weight   the factor of a stem, see `View.boost`
    """

    stemmer: Stemmer
    weight: Callable[[str], float]


class Every:
    """Every article."""

    __slots__ = ()

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """Its form in Whoosh's query classes."""
        return _constant(wq.Every())

    def echo(self) -> str:
        """Its form in the query language."""
        return "*"


class Words(NamedTuple):
    """One bare token: a word, or several that stand in a row ("AT&T")."""

    words: tuple[str, ...]
    field: str | None

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        if self.field == "author":
            return _constant(_exactly("author", self.words))
        scored = _score_of(self.words, vocabulary)
        if len(self.words) > 1:
            return wq.Require(scored, _exactly(self.field or "text", self.words))
        if self.field:
            return wq.Require(scored, wq.Term(self.field + "_stem", vocabulary.stemmer.stem(self.words[0])))
        return scored

    def echo(self) -> str:
        """See Every."""
        return _prefixed(self.field, "-".join(self.words))


class Phrase(NamedTuple):
    """Words in quotes: in this order, or with a slop within so many words of each other."""

    words: tuple[str, ...]
    slop: int | None
    field: str | None

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        name = self.field or "text"
        if self.slop is None or len(self.words) == 1:
            matched = _exactly(name, self.words)
        else:
            terms = [wq.Term(name, word) for word in self.words]
            matched = Within(terms, self.slop)
        if self.field == "author":
            return _constant(matched)
        return wq.Require(_score_of(self.words, vocabulary), matched)

    def echo(self) -> str:
        """See Every."""
        slop = "" if self.slop is None else f"~{self.slop}"
        return _prefixed(self.field, f'"{" ".join(self.words)}"{slop}')


class Pattern(NamedTuple):
    """A prefix, a wildcard or a fuzzy word, on the surface words of a field or on its whole values."""

    text: str
    edits: int
    field: str | None

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        name = self.field or "text"
        if self.edits:
            matched = wq.FuzzyTerm(name, self.text, maxdist=self.edits, prefixlength=0)
        elif self.text.find("*") == len(self.text) - 1 and "?" not in self.text:
            matched = wq.Prefix(name, self.text[:-1])
        else:
            # In Whoosh's patterns a bracket would begin a class of characters.
            matched = wq.Wildcard(name, self.text.replace("[", "[[]"))
        return _constant(matched)

    def echo(self) -> str:
        """See Every."""
        text = f"{self.text}~{self.edits}" if self.edits else self.text
        return _prefixed(self.field, text if _PLAIN.fullmatch(text) else _quoted(text))


class Value(NamedTuple):
    """A whole value of a source, section, topic or language."""

    field: str
    value: str

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        return _constant(wq.Term(self.field, self.value))

    def echo(self) -> str:
        """See Every."""
        return f"{self.field}:{_quoted(self.value)}"


class Days(NamedTuple):
    """Publication within whole days, inclusive; an open end is None."""

    first: date | None
    last: date | None

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        return _constant(_days(self.first, self.last))

    def echo(self) -> str:
        """See Every."""
        if self.first is None:
            return f"until:{self.last}" if self.last else "date:[* TO *]"
        if self.last is None:
            return f"since:{self.first}"
        return f"date:{self.first}" if self.first == self.last else f"date:[{self.first} TO {self.last}]"


class Not(NamedTuple):
    """Everything but."""

    item: Node

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        return wq.AndNot(Every().compile(vocabulary), self.item.compile(vocabulary))

    def echo(self) -> str:
        """See Every."""
        return "-" + _grouped(self.item)


class And(NamedTuple):
    """All of the items. `joint` is how match=any writes it."""

    items: tuple[Node, ...]
    joint: str = " "

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        wanted = [item for item in self.items if not isinstance(item, (Not, Every))]
        unwanted = [item.item.compile(vocabulary) for item in self.items if isinstance(item, Not)]
        tree = _joined(wq.And, _compiled(wanted, vocabulary)) if wanted else Every().compile(vocabulary)
        return wq.AndNot(tree, _joined(wq.Or, unwanted)) if unwanted else tree

    def echo(self) -> str:
        """See Every."""
        return self.joint.join(_grouped(item) for item in self.items)


class Or(NamedTuple):
    """At least one of the items; `together` where they are words said in one breath (match=any)."""

    items: tuple[Node, ...]
    together: bool = False

    def compile(self, vocabulary: Vocabulary) -> wq.Query:
        """See Every."""
        if any(isinstance(item, Every) for item in self.items):
            return Every().compile(vocabulary)
        return _joined(wq.Or, _compiled(list(self.items), vocabulary))

    def echo(self) -> str:
        """See Every."""
        return (" " if self.together else " OR ").join(_grouped(item) for item in self.items)


Node = Every | Words | Phrase | Pattern | Value | Days | Not | And | Or


def _days(first: date | None, last: date | None) -> wq.Query:
    """The Whoosh query for publication from `first` to `last` (whole days, inclusive, None is open)."""
    return wq.DateRange(
        "date",
        datetime.combine(first, time.min) if first else None,
        datetime.combine(last, time.max) if last else datetime.max,
    )


def _grouped(item: Node) -> str:
    return f"({item.echo()})" if isinstance(item, (And, Or)) else item.echo()


def _quoted(value: str) -> str:
    return '"' + _TO_ESCAPE.sub(r"\\\g<0>", value) + '"'


def _prefixed(name: str | None, text: str) -> str:
    return f"{name}:{text}" if name else text


def _constant(matched: wq.Query) -> wq.Query:
    return wq.ConstantScoreQuery(matched, CONSTANT_SCORE)


def _exactly(name: str, words: tuple[str, ...]) -> wq.Query:
    return wq.Phrase(name, list(words)) if len(words) > 1 else wq.Term(name, words[0])


def _joined(kind: type[wq.And | wq.Or], queries: list[wq.Query]) -> wq.Query:
    return queries[0] if len(queries) == 1 else kind(queries)


def _score_of(words: Sequence[str], vocabulary: Vocabulary) -> wq.Query:
    """The scores of some words that must all occur."""
    boosts: dict[str, float] = {}
    for word in words:
        stem = vocabulary.stemmer.stem(word)
        boosts[stem] = boosts.get(stem, 0.0) + importance(word, vocabulary.stemmer.language)
    return _joined(wq.And, [_term(stem, boost, vocabulary) for stem, boost in boosts.items()])


def _term(stem: str, boost: float, vocabulary: Vocabulary) -> wq.Query:
    return wq.Term("text_stem", stem, boost=boost * vocabulary.weight(stem))


def _compiled(items: Sequence[Node], vocabulary: Vocabulary) -> list[wq.Query]:
    """The queries of items said in one breath; bare words of one stem become one term, as important as all of them."""
    weights = iter(importances([word for item in items for word in _bare(item)], vocabulary.stemmer.language))
    boosts: dict[str, float] = {}
    queries: list[wq.Query | str] = []
    for item in items:
        own = [next(weights) for _ in _bare(item)]
        if len(own) == 1:
            stem = vocabulary.stemmer.stem(_bare(item)[0])
            if stem not in boosts:
                queries.append(stem)
            boosts[stem] = boosts.get(stem, 0.0) + own[0]
        else:
            queries.append(item.compile(vocabulary))
    return [_term(q, boosts[q], vocabulary) if isinstance(q, str) else q for q in queries]


def _bare(item: Node) -> tuple[str, ...]:
    """The words of a bare token; none of anything else."""
    return item.words if isinstance(item, Words) and item.field is None else ()


def runs(node: Node) -> Iterator[tuple[str, ...]]:
    """The bare words of each group that are said in one breath, in the order they were written."""
    if isinstance(node, (And, Or)):
        apart = isinstance(node, Or) and not node.together
        if not apart and (run := tuple(word for item in node.items for word in _bare(item))):
            yield run
        for item in node.items:
            if apart or not _bare(item):
                yield from runs(item)
    elif _bare(node):
        yield _bare(node)
