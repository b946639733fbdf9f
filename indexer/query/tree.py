"""The understood query: a small tree that knows what it is to match, as a plan, and its form in the query language.

Scores come from ``text_stem`` alone, everything else only decides what matches:

    word            Term(text_stem, stem), boosted by its weight in the query and in the index
    phrase          the stems' scores where the surface words stand in this order
    field:word      the stem's score where that field has it
    prefix, wildcard, fuzzy, author:, whole values, dates, everything
                    CONSTANT_SCORE

What a plan cannot say, that exact forms, near words and whole phrases rank higher, is `closeness`.

The nodes are named tuples, because a dataclass takes five times as long to define when a process starts, and three
times as long to make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from indexer.analysis import Stemmer
from indexer.query import plan
from indexer.query.importance import importance, importances
from indexer.query.plan import Plan

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

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """What it is to match and to score."""
        return _constant(plan.Every())

    def echo(self) -> str:
        """Its form in the query language."""
        return "*"


class Words(NamedTuple):
    """One bare token: a word, or several that stand in a row ("AT&T")."""

    words: tuple[str, ...]
    field: str | None

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        if self.field == "author":
            return _constant(_exactly("author", self.words))
        scored = _score_of(self.words, vocabulary)
        if len(self.words) > 1:
            return plan.Require(scored, _exactly(self.field or "text", self.words))
        if self.field:
            return plan.Require(scored, plan.Term(self.field + "_stem", vocabulary.stemmer.stem(self.words[0])))
        return scored

    def echo(self) -> str:
        """See Every."""
        return _prefixed(self.field, "-".join(self.words))


class Phrase(NamedTuple):
    """Words in quotes: in this order, or with a slop within so many words of each other."""

    words: tuple[str, ...]
    slop: int | None
    field: str | None

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        name = self.field or "text"
        matched = _exactly(name, self.words)
        if self.slop is not None and len(self.words) > 1:
            matched = plan.Within(name, self.words, self.slop)
        if self.field == "author":
            return _constant(matched)
        return plan.Require(_score_of(self.words, vocabulary), matched)

    def echo(self) -> str:
        """See Every."""
        slop = "" if self.slop is None else f"~{self.slop}"
        return _prefixed(self.field, f'"{" ".join(self.words)}"{slop}')


class Pattern(NamedTuple):
    """A prefix, a wildcard or a fuzzy word, on the surface words of a field or on its whole values."""

    text: str
    edits: int
    field: str | None

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        name = self.field or "text"
        if self.edits:
            return _constant(plan.Fuzzy(name, self.text, self.edits))
        if self.text.find("*") == len(self.text) - 1 and "?" not in self.text:
            return _constant(plan.Prefix(name, self.text[:-1]))
        return _constant(plan.Wildcard(name, self.text))

    def echo(self) -> str:
        """See Every."""
        text = f"{self.text}~{self.edits}" if self.edits else self.text
        return _prefixed(self.field, text if _PLAIN.fullmatch(text) else _quoted(text))


class Value(NamedTuple):
    """A whole value of a source, section, topic or language."""

    field: str
    value: str

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        return _constant(plan.Term(self.field, self.value))

    def echo(self) -> str:
        """See Every."""
        return f"{self.field}:{_quoted(self.value)}"


class Days(NamedTuple):
    """Publication within whole days, inclusive; an open end is None."""

    first: date | None
    last: date | None

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        return _constant(plan.Days(self.first, self.last))

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

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        return plan.AndNot(Every().compile(vocabulary), self.item.compile(vocabulary))

    def echo(self) -> str:
        """See Every."""
        return "-" + _grouped(self.item)


class And(NamedTuple):
    """All of the items. `joint` is how match=any writes it."""

    items: tuple[Node, ...]
    joint: str = " "

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        wanted = [item for item in self.items if not isinstance(item, (Not, Every))]
        unwanted = [item.item.compile(vocabulary) for item in self.items if isinstance(item, Not)]
        matched = _joined(plan.And, _compiled(wanted, vocabulary)) if wanted else Every().compile(vocabulary)
        return plan.AndNot(matched, _joined(plan.Or, unwanted)) if unwanted else matched

    def echo(self) -> str:
        """See Every."""
        return self.joint.join(_grouped(item) for item in self.items)


class Or(NamedTuple):
    """At least one of the items; `together` where they are words said in one breath (match=any)."""

    items: tuple[Node, ...]
    together: bool = False

    def compile(self, vocabulary: Vocabulary) -> Plan:
        """See Every."""
        if any(isinstance(item, Every) for item in self.items):
            return Every().compile(vocabulary)
        return _joined(plan.Or, _compiled(list(self.items), vocabulary))

    def echo(self) -> str:
        """See Every."""
        return (" " if self.together else " OR ").join(_grouped(item) for item in self.items)


Node = Every | Words | Phrase | Pattern | Value | Days | Not | And | Or


def _grouped(item: Node) -> str:
    return f"({item.echo()})" if isinstance(item, (And, Or)) else item.echo()


def _quoted(value: str) -> str:
    return '"' + _TO_ESCAPE.sub(r"\\\g<0>", value) + '"'


def _prefixed(name: str | None, text: str) -> str:
    return f"{name}:{text}" if name else text


def _constant(matched: Plan) -> Plan:
    return plan.Constant(matched, CONSTANT_SCORE)


def _exactly(name: str, words: tuple[str, ...]) -> Plan:
    return plan.Phrase(name, words) if len(words) > 1 else plan.Term(name, words[0])


def _joined(kind: type[plan.And | plan.Or], parts: list[Plan]) -> Plan:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _score_of(words: Sequence[str], vocabulary: Vocabulary) -> Plan:
    """The scores of some words that must all occur."""
    boosts: dict[str, float] = {}
    for word in words:
        stem = vocabulary.stemmer.stem(word)
        boosts[stem] = boosts.get(stem, 0.0) + importance(word, vocabulary.stemmer.language)
    return _joined(plan.And, [_term(stem, boost, vocabulary) for stem, boost in boosts.items()])


def _term(stem: str, boost: float, vocabulary: Vocabulary) -> Plan:
    return plan.Term("text_stem", stem, boost * vocabulary.weight(stem))


def _compiled(items: Sequence[Node], vocabulary: Vocabulary) -> list[Plan]:
    """The plans of items said in one breath; bare words of one stem become one term, as important as all of them."""
    weights = iter(importances([word for item in items for word in _bare(item)], vocabulary.stemmer.language))
    boosts: dict[str, float] = {}
    found: list[Plan | str] = []
    for item in items:
        own = [next(weights) for _ in _bare(item)]
        if len(own) == 1:
            stem = vocabulary.stemmer.stem(_bare(item)[0])
            if stem not in boosts:
                found.append(stem)
            boosts[stem] = boosts.get(stem, 0.0) + own[0]
        else:
            found.append(item.compile(vocabulary))
    return [_term(one, boosts[one], vocabulary) if isinstance(one, str) else one for one in found]


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
