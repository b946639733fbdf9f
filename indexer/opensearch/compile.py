"""Query tree → OpenSearch's query language.

The tree is that of `syntax`; every kind of its nodes has one form here, so that both engines match the same articles
and give the same scores. `text` is title and body together, which OpenSearch holds in two fields.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from whoosh import query as wq

from indexer.analysis import whole_value
from indexer.opensearch.mapping import term
from indexer.query.filters import VALUE_COLUMNS, selected
from indexer.query.nearness import Within
from indexer.request import FILTERS, SearchRequest
from indexer.response import Contribution

Clause = dict[str, Any]

# OpenSearch refuses a query of more leaves than 1,024: bonuses are given up first.
MOST_LEAVES: Final = 1000
EVERYTHING: Final[Clause] = {"match_all": {}}
NOTHING: Final[Clause] = {"match_none": {}}


def compiled(tree: wq.Query, average_length: float, *, named: Callable[[wq.Query], str] | None = None) -> Clause:
    """The query that matches and scores as `tree` does.

    average_length  words of an article on average, for scores
    named           function from a scoring part of the tree to its name; the answer then has the score of each
    """
    compiler = _Compiler(average_length or 1.0, named)
    whole = compiler.scored(tree)
    if _leaves(whole) <= MOST_LEAVES:
        return whole
    compiler.bonuses = False
    return compiler.scored(tree)


class _Compiler:
    """One compilation."""

    def __init__(self, average_length: float, named: Callable[[wq.Query], str] | None) -> None:
        self.average_length = average_length
        self.named = named
        self.bonuses = True
        self._parts = 0

    def scored(self, node: wq.Query, group: int = 0) -> Clause:
        """A node whose score counts. `group` is the number of the part that it belongs to."""
        if isinstance(node, wq.AndMaybe) and not self.bonuses:
            return self.scored(node.a, group)
        if isinstance(node, wq.Or) and not node.subqueries:
            return NOTHING
        if isinstance(node, (wq.And, wq.Or, wq.AndNot, wq.Require, wq.AndMaybe)):
            own, name = self._name(group, "")
            return {"bool": self._parts_of(node, own) | name}
        _, name = self._name(group, self.named(node) if self.named else "")
        if isinstance(node, wq.Term) and node.fieldname == "text_stem":
            return self._stem(node, name)
        constant = isinstance(node, wq.ConstantScoreQuery)
        clause = matching(node.child if constant else node)
        return {"constant_score": {"filter": clause, "boost": float(node.score) if constant else 1.0} | name}

    def _parts_of(self, node: wq.Query, group: int) -> Clause:
        match node:
            case wq.And():
                return {"must": [self.scored(part, group) for part in node.subqueries]}
            case wq.Or():
                return {"should": [self.scored(part, group) for part in node.subqueries], "minimum_should_match": 1}
            case wq.AndNot():
                return {"must": [self.scored(node.a, group)], "must_not": [matching(node.b)]}
            case wq.Require():
                return {"must": [self.scored(node.a, group)], "filter": [matching(node.b)]}
            case _:
                return {"must": [self.scored(node.a, group)], "should": [self.scored(node.b, group)]}

    def _stem(self, node: wq.Term, name: Clause) -> Clause:
        # The similarity takes the average length from the boost.
        leaf: Clause = {"value": term(node.text), "boost": self.average_length}
        if node.boost == 1.0:
            return {"term": {"ranked": leaf | name}}
        weighted = {"query": {"term": {"ranked": leaf}}, "weight": node.boost, "boost_mode": "multiply"}
        return {"function_score": weighted | name}

    def _name(self, group: int, text: str) -> tuple[int, Clause]:
        """The next number, and the name of its part: numbers of itself and its group, and a text for people."""
        self._parts += 1
        return self._parts, {"_name": f"{self._parts} {group} {text}"} if self.named else {}


def contributions(matched: dict[str, float]) -> tuple[Contribution, ...]:
    """What each part gave to a hit's score, from the named parts of its query that the cluster says it matches.

    A part counts only where all the groups around it match: the cluster looks at each by itself.
    """
    groups = {0: 0}
    parts: list[tuple[int, int, str, float]] = []
    for name, score in matched.items():
        number, group, text = name.split(" ", 2)
        if text:
            parts.append((int(number), int(group), text, score))
        else:
            groups[int(number)] = int(group)

    def whole(group: int) -> bool:
        return group == 0 or (group in groups and whole(groups[group]))

    return tuple(
        Contribution(part=text, score=score) for _, group, text, score in sorted(parts) if score and whole(group)
    )


def matching(node: wq.Query) -> Clause:
    """A node of which only counts what it matches."""
    match node:
        case wq.ConstantScoreQuery():
            return matching(node.child)
        case wq.Every():
            return EVERYTHING
        case wq.And():
            return {"bool": {"filter": [matching(part) for part in node.subqueries]}}
        case wq.Or():
            return _any_of([matching(part) for part in node.subqueries])
        case wq.AndNot():
            return {"bool": {"filter": [matching(node.a)], "must_not": [matching(node.b)]}}
        case wq.Require():
            return {"bool": {"filter": [matching(node.a), matching(node.b)]}}
        case wq.AndMaybe():
            return matching(node.a)
        case wq.DateRange():
            return {"range": {"date": _bounds(node.startdate, node.enddate)}}
        case wq.Phrase():
            return _in_text(node.fieldname, lambda name: _phrase(name, list(node.words)))
        case Within():
            return _in_text(
                node.qs[0].fieldname, lambda name: _within(name, [part.text for part in node.qs], node.slop)
            )
        case wq.FuzzyTerm():
            options = {"value": term(node.text), "fuzziness": node.maxdist, "transpositions": False}
            # Any other rewrite stops at some number of words.
            return {"fuzzy": {_field(node): options | {"rewrite": "constant_score"}}}
        case wq.Prefix():
            return {"prefix": {_field(node): {"value": term(node.text)}}}
        case wq.Wildcard():
            return {"wildcard": {_field(node): {"value": term(node.text).replace("\\", "\\\\")}}}
        case wq.Term():
            return {"term": {_field(node): {"value": term(node.text)}}}
        case _:
            raise AssertionError(f"a query node that has no form here: {node!r}")


def filters(request: SearchRequest) -> dict[str, Clause]:
    """For each filter of a request that is set, its query; since and until together are the filter "date"."""
    found: dict[str, Clause] = {}
    for name in FILTERS:
        wanted: tuple[str, ...] = getattr(request, name)
        if not wanted:
            continue
        column = VALUE_COLUMNS[name]
        any_of = [term(value) for value in selected(wanted)]
        none_of = [term(whole_value(value[1:])) for value in wanted if value.startswith("-")]
        clauses: Clause = {}
        if any_of:
            clauses["filter"] = [{"terms": {column: any_of}}]
        if none_of:
            clauses["must_not"] = [{"terms": {column: none_of}}]
        found[name] = {"bool": clauses}
    if request.since or request.until:
        found["date"] = {"range": {"date": day_bounds(request.since, request.until)}}
    return found


def all_of(clauses: list[Clause]) -> Clause:
    """The query that matches what all of some match; of none, everything."""
    return {"bool": {"filter": clauses}} if clauses else EVERYTHING


def day_bounds(first: date | None, last: date | None) -> Clause:
    """The bounds of a range of whole days, both included; None is open."""
    bounds: Clause = {}
    if first:
        bounds["gte"] = seconds(datetime.combine(first, time.min))
    if last:
        bounds["lt"] = seconds(datetime.combine(last, time.min)) + 86_400
    return bounds


def seconds(moment: datetime) -> int:
    """A naive UTC moment as seconds since 1970."""
    return int((moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))


def _bounds(first: datetime | None, last: datetime | None) -> Clause:
    bounds: Clause = {}
    if first:
        bounds["gte"] = seconds(first)
    if last:
        bounds["lte"] = seconds(last)
    return bounds


def _field(node: wq.Query) -> str:
    """Where a single word, pattern or value is looked up."""
    return "words" if node.fieldname == "text" else str(node.fieldname)


def _in_text(name: str, clause: Callable[[str], Clause]) -> Clause:
    """A clause on positions: those of `text` are in two fields."""
    return _any_of([clause("title"), clause("body")]) if name == "text" else clause(name)


def _any_of(clauses: list[Clause]) -> Clause:
    if not clauses:
        return NOTHING
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def _phrase(name: str, found: list[str]) -> Clause:
    return {"match_phrase": {name: {"query": " ".join(map(term, found))}}}


def _within(name: str, found: list[str], slop: int) -> Clause:
    """Each word at most `slop` positions before or after one of the word named before it, which is itself so near.

    Spans cannot say this of more than two words at once, but they can leave out those places of a word that are not
    near: what is left of the first is near the second, what is left of that near the third, and so on.
    """
    reached = _span(name, found[0])
    for before, word in pairwise(found):
        here = _span(name, word)
        if word == before:
            # Another place of the same word.
            reached = {"span_near": {"clauses": [reached, here], "slop": slop - 1, "in_order": True}}
            continue
        far = {"span_not": {"include": here, "exclude": reached, "dist": slop}}
        reached = {"span_not": {"include": here, "exclude": far}}
    return reached


def _span(name: str, word: str) -> Clause:
    return {"span_term": {name: {"value": term(word)}}}


def _leaves(clause: Any) -> int:
    """How many leaves OpenSearch counts in a query, at least."""
    if isinstance(clause, list):
        return sum(map(_leaves, clause))
    if not isinstance(clause, dict):
        return 0
    if any(kind in clause for kind in ("term", "span_term", "match_phrase", "prefix", "wildcard", "fuzzy", "range")):
        return 1
    return sum(map(_leaves, clause.values()))
