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

from indexer.opensearch.mapping import term
from indexer.query.filters import VALUE_COLUMNS, excluded, selected
from indexer.query.nearness import Within
from indexer.request import FILTERS, SearchRequest

Clause = dict[str, Any]

_FRESHNESS: Final = (
    "doc['date'].size() == 0 ? 0.5 : 0.5 + 0.5 * "
    "Math.pow(0.5, (params.newest - doc['date'].value.toInstant().toEpochMilli()) / params.half_life)"
)
_PARTS: Final = {"text": ("title", "body"), "text_stem": ("title_stem", "body_stem")}
EVERYTHING: Final[Clause] = {"match_all": {}}
NOTHING: Final[Clause] = {"match_none": {}}


def scored(tree: wq.Query, average_length: float) -> Clause:
    """The query that matches and scores as `tree` does.

    average_length  words of an article on average
    """
    match tree:
        case wq.And():
            return {"bool": {"must": [scored(part, average_length) for part in tree.subqueries]}}
        case wq.Or() if tree.subqueries:
            parts = [scored(part, average_length) for part in tree.subqueries]
            return {"bool": {"should": parts, "minimum_should_match": 1}}
        case wq.AndNot():
            return {"bool": {"must": [scored(tree.a, average_length)], "must_not": [matching(tree.b)]}}
        case wq.Require():
            return {"bool": {"must": [scored(tree.a, average_length)], "filter": [matching(tree.b)]}}
        case wq.Term(fieldname="text_stem"):
            # The similarity takes the average length from the boost.
            leaf = {"term": {"ranked": {"value": term(tree.text), "boost": average_length}}}
            return {"function_score": {"query": leaf, "weight": tree.boost, "boost_mode": "multiply"}}
        case wq.ConstantScoreQuery():
            return {"constant_score": {"filter": matching(tree.child), "boost": float(tree.score)}}
        case _:
            return {"constant_score": {"filter": matching(tree), "boost": 1.0}}


def fresher(query: Clause, newest: int | None, half_life: int) -> Clause:
    """A query whose scores are those of the newest article whole, and down to a half of those of old ones.

    newest     seconds since 1970 of the newest article
    half_life  days in which half of what an article can lose is lost
    """
    script = {"source": _FRESHNESS, "params": {"newest": (newest or 0) * 1000.0, "half_life": half_life * 86_400_000.0}}
    return {"function_score": {"query": query, "script_score": {"script": script}, "boost_mode": "multiply"}}


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
            text = node.text.replace("[[]", "[")
            return {"wildcard": {_field(node): {"value": term(text).replace("\\", "\\\\")}}}
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
        none_of = [term(value) for value in excluded(wanted)]
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
    """A clause on positions: those of title and body together are in two fields."""
    parts = _PARTS.get(name)
    return _any_of([clause(part) for part in parts]) if parts else clause(name)


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
