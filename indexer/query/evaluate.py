"""One search from request to result: parse, match, filter, rank, count, cut snippets."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import orjson
from whoosh import query as wq

from indexer.analysis import Stemmer
from indexer.errors import CursorGoneError, ParameterError
from indexer.query import facets, filters, ranking, syntax
from indexer.query.snippets import Marks, marks_of, snippets
from indexer.request import SearchRequest
from indexer.response import Contribution, Facet, Hit, SearchResult
from indexer.view import Docs, Mask, Matches, View


def answer(view: View, request: SearchRequest, stemmer: Stemmer) -> SearchResult:
    """Answer a request from one view. Raises CursorGoneError or ParameterError for a cursor not of this view."""
    began = time.perf_counter()
    deadline = time.monotonic() + request.timeout_ms / 1000 if request.timeout_ms else None
    skipped = _place(request, view)
    parsed = syntax.parse(request.q, stemmer=stemmer, match=request.match)
    found = view.matches(parsed.tree, deadline)
    passing = filters.masks(view, request, found.docs)
    matches = _only(found, list(passing.values()))
    wanted = skipped + request.limit
    order = ranking.ranked(view, matches, request.sort, wanted)[skipped:]
    marks = marks_of(parsed.tree, view) if request.snippets and len(order) else Marks()
    hits: list[Hit] = []
    for place in order.tolist():
        if deadline and hits and time.monotonic() > deadline:
            break
        hits.append(_hit(view, matches, place, marks, stemmer, request, parsed.tree))
    total = len(matches.docs)
    end = skipped + len(hits)
    counted: dict[str, Facet] = {}
    whole = found.whole and len(hits) == len(order)
    for name in request.facets:
        if deadline and time.monotonic() > deadline:
            whole = False
            break
        counted[name] = _facet(view, request, name, found.docs, matches.docs, passing)
    return SearchResult(
        raw=request.q,
        parsed=parsed.parsed,
        warnings=parsed.warnings,
        total=total,
        indexed=len(view.live),
        generation=view.generation,
        committed_at=view.committed_at,
        took_ms=(time.perf_counter() - began) * 1000,
        partial=not whole,
        hits=tuple(hits),
        facets=counted,
        next_cursor=_cursor(request, view, end) if end < total and hits else None,
    )


def every_hit(view: View, request: SearchRequest, stemmer: Stemmer) -> Iterator[Hit]:
    """Every match of a request in order, read as it is asked for; limit and cursor play no part."""
    parsed = syntax.parse(request.q, stemmer=stemmer, match=request.match)
    found = view.matches(parsed.tree)
    matches = _only(found, list(filters.masks(view, request, found.docs).values()))
    marks = marks_of(parsed.tree, view) if request.snippets else Marks()
    for place in ranking.ranked(view, matches, request.sort, len(matches.docs)).tolist():
        yield _hit(view, matches, place, marks, stemmer, request, parsed.tree)


def _only(matches: Matches, passing: list[Mask]) -> Matches:
    if not passing:
        return matches
    kept = np.logical_and.reduce(passing)
    return replace(matches, docs=matches.docs[kept], scores=matches.scores[kept])


def _hit(
    view: View, matches: Matches, place: int, marks: Marks, stemmer: Stemmer, request: SearchRequest, tree: wq.Query
) -> Hit:
    doc = int(matches.docs[place])
    article = view.article(doc)
    return Hit(
        article=article,
        score=float(matches.scores[place]),
        snippets=snippets(article, marks, stemmer, request.snippets),
        explanation=_explanation(view, tree, doc) if request.explain else None,
    )


def _explanation(view: View, tree: wq.Query, doc: int) -> tuple[Contribution, ...]:
    """What each scoring part of the tree gave to a document's score."""
    if isinstance(tree, (wq.And, wq.Or)):
        return tuple(part for query in tree.subqueries for part in _explanation(view, query, doc))
    if isinstance(tree, wq.AndMaybe):
        return _explanation(view, tree.a, doc) + _explanation(view, tree.b, doc)
    if isinstance(tree, (wq.AndNot, wq.Require)):
        return _explanation(view, tree.a, doc)
    score = view.score(tree, doc)
    return (Contribution(part=str(tree), score=score),) if score else ()


def _facet(
    view: View, request: SearchRequest, name: str, found: Docs, matched: Docs, passing: dict[str, Mask]
) -> Facet:
    if name == "date":
        everything = view.live
        under_filters = filters.masks(view, request, everything)
        filtered = everything[np.logical_and.reduce(list(under_filters.values()))] if under_filters else everything
        return facets.date_facet(view, matched, filtered, request.interval)
    others = [mask for filter_name, mask in passing.items() if filter_name != name]
    docs = matched if name not in passing else found[np.logical_and.reduce(others)] if others else found
    column = view.column(filters.VALUE_COLUMNS[name])
    return facets.value_facet(column, docs, filters.selected(getattr(request, name)), request.facet_size)


def _fingerprint(request: SearchRequest, view: View) -> str:
    """What a cursor belongs to: this state of this index, and this query, filters and order."""
    same = (request.q, request.match, request.sort, request.since, request.until)
    values = (request.source, request.author, request.section, request.topic, request.language)
    seed = repr((view.generation, view.segment_ids, same, values))
    return hashlib.blake2b(seed.encode("utf-8", "backslashreplace"), digest_size=9).hexdigest()


def _cursor(request: SearchRequest, view: View, end: int) -> str:
    text = orjson.dumps([view.generation, end, _fingerprint(request, view)])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def cursor_generation(cursor: str) -> int:
    """The commit that a cursor pages through; raises ParameterError for what is not a cursor."""
    return _decoded(cursor)[0]


def _decoded(cursor: str) -> tuple[int, int, str]:
    try:
        values = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        generation, end, fingerprint = values
        if isinstance(generation, int) and isinstance(end, int) and end >= 0 and isinstance(fingerprint, str):
            return generation, end, fingerprint
    except (ValueError, TypeError, binascii.Error):
        pass
    raise ParameterError("cursor", "not a cursor", "pass `next_cursor` of the page before as it is")


def _place(request: SearchRequest, view: View) -> int:
    """How many hits the pages before this one have shown."""
    if request.cursor is None:
        return 0
    generation, end, fingerprint = _decoded(request.cursor)
    if generation != view.generation:
        raise CursorGoneError("the index has changed since this cursor was made: search again from the first page")
    if fingerprint != _fingerprint(request, view):
        raise ParameterError("cursor", "belongs to another search", "keep query, filters and sort while paging")
    return end
