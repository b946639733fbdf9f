"""Plan → OpenSearch's query language.

The plan is that of `syntax`; every kind of its nodes has one form here, so that both engines match the same articles
and give the same scores. `text` is title and body together, which OpenSearch holds in two fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

from indexer.opensearch.mapping import term
from indexer.query import plan
from indexer.query.filters import DAY_SECONDS, VALUE_COLUMNS, excluded, seconds, selected
from indexer.query.plan import Plan
from indexer.request import FILTERS, SearchRequest

Clause = dict[str, Any]

_FRESHNESS: Final = (
    "doc['date'].size() == 0 ? 0.5 : 0.5 + 0.5 * "
    "Math.pow(0.5, (params.newest - doc['date'].value.toInstant().toEpochMilli()) / params.half_life)"
)
_PARTS: Final = {"text": ("title", "body"), "text_stem": ("title_stem", "body_stem")}
EVERYTHING: Final[Clause] = {"match_all": {}}
NOTHING: Final[Clause] = {"match_none": {}}


def scored(node: Plan, average_length: float) -> Clause:
    """The query that matches and scores as the plan does.

    average_length  words of an article on average
    """
    match node:
        case plan.And():
            return {"bool": {"must": [scored(part, average_length) for part in node.parts]}}
        case plan.Or() if node.parts:
            parts = [scored(part, average_length) for part in node.parts]
            return {"bool": {"should": parts, "minimum_should_match": 1}}
        case plan.AndNot():
            return {"bool": {"must": [scored(node.wanted, average_length)], "must_not": [matching(node.unwanted)]}}
        case plan.Require():
            return {"bool": {"must": [scored(node.scored, average_length)], "filter": [matching(node.required)]}}
        case plan.Term(field="text_stem"):
            # The similarity takes the average length from the boost.
            leaf = {"term": {"ranked": {"value": term(node.text), "boost": average_length}}}
            return {"function_score": {"query": leaf, "weight": node.boost, "boost_mode": "multiply"}}
        case plan.Constant():
            return {"constant_score": {"filter": matching(node.part), "boost": node.score}}
        case _:
            return {"constant_score": {"filter": matching(node), "boost": 1.0}}


def fresher(query: Clause, newest: int | None, half_life: int) -> Clause:
    """A query whose scores are those of the newest article whole, and down to a half of those of old ones.

    newest     seconds since 1970 of the newest article
    half_life  days in which half of what an article can lose is lost
    """
    script = {"source": _FRESHNESS, "params": {"newest": (newest or 0) * 1000.0, "half_life": half_life * 86_400_000.0}}
    return {"function_score": {"query": query, "script_score": {"script": script}, "boost_mode": "multiply"}}


def matching(node: Plan) -> Clause:
    """A node of which only counts what it matches."""
    match node:
        case plan.Constant():
            return matching(node.part)
        case plan.Every():
            return EVERYTHING
        case plan.And():
            return {"bool": {"filter": [matching(part) for part in node.parts]}}
        case plan.Or():
            return _any_of([matching(part) for part in node.parts])
        case plan.AndNot():
            return {"bool": {"filter": [matching(node.wanted)], "must_not": [matching(node.unwanted)]}}
        case plan.Require():
            return {"bool": {"filter": [matching(node.scored), matching(node.required)]}}
        case plan.Days():
            bounds = day_bounds(node.first, node.last)
            return {"range": {"date": bounds}} if bounds else {"exists": {"field": "date"}}
        case plan.Phrase():
            return _in_text(node.field, lambda name: _phrase(name, node.words))
        case plan.Within():
            return _in_text(node.field, lambda name: _within(name, node.words, node.slop))
        case plan.Fuzzy():
            options = {"value": term(node.text), "fuzziness": node.edits, "transpositions": False}
            # Any other rewrite stops at some number of words.
            return {"fuzzy": {_field(node): options | {"rewrite": "constant_score"}}}
        case plan.Prefix():
            return {"prefix": {_field(node): {"value": term(node.text)}}}
        case plan.Wildcard():
            return {"wildcard": {_field(node): {"value": term(node.text).replace("\\", "\\\\")}}}
        case plan.Term():
            return {"term": {_field(node): {"value": term(node.text)}}}


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
        bounds["gte"] = seconds(first)
    if last:
        bounds["lt"] = seconds(last) + DAY_SECONDS
    return bounds


def _field(node: plan.Term | plan.Pattern) -> str:
    """Where a single word, pattern or value is looked up."""
    return "words" if node.field == "text" else node.field


def _in_text(name: str, clause: Callable[[str], Clause]) -> Clause:
    """A clause on positions: those of title and body together are in two fields."""
    parts = _PARTS.get(name)
    return _any_of([clause(part) for part in parts]) if parts else clause(name)


def _any_of(clauses: list[Clause]) -> Clause:
    if not clauses:
        return NOTHING
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def _phrase(name: str, found: Sequence[str]) -> Clause:
    return {"match_phrase": {name: {"query": " ".join(map(term, found))}}}


def _within(name: str, found: Sequence[str], slop: int) -> Clause:
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
