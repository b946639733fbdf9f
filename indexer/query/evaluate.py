"""One search from request to result: parse, match, filter, rank, count, cut snippets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from itertools import repeat
from operator import and_
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis import Stemmer
from indexer.article import Article
from indexer.query import facets, feedback, filters, plan, syntax
from indexer.query.budget import MOST_EXPANSIONS, Budget, check_time
from indexer.query.copies import marked
from indexer.query.cursor import next_cursor, shown_before
from indexer.query.explanation import explained
from indexer.query.plan import Pattern, Plan
from indexer.query.ranking import Matches, Ranked, Ranking, freshness, ranked
from indexer.query.snippets import Wanted, snippets, wanted_of
from indexer.query.spelling import LITTLE, ViewVocabulary, respelt
from indexer.query.suggest import distinctive_stems
from indexer.request import SearchRequest
from indexer.response import Facet, Hit, SearchResult, Snippet, Warning, records
from indexer.view import View

Array = npt.NDArray[Any]
# Hits of `every_hit` whose articles and snippets are read together.
_CHUNK: Final = 500


class _Found(NamedTuple):
    """What the query text matches in a segment in the days asked for, and which of it passes each filter by value."""

    docs: Array
    passing: dict[str, Array]
    matches: Matches

    def without(self, name: str) -> Array:
        """The documents that pass all filters but one."""
        if name not in self.passing:
            return self.matches.docs
        others = [mask for other, mask in self.passing.items() if other != name]
        return self.docs[reduce(and_, others)] if others else self.docs


def answer(
    view: View, request: SearchRequest, stemmer: Stemmer, parsed: syntax.ParsedQuery | None = None
) -> SearchResult:
    """Answer a request from one view. Raises CursorGoneError or ParameterError for a cursor not of this view.

    parsed  what to search instead of the request's own text
    """
    began = time.perf_counter()
    deadline = began + request.timeout_ms / 1000 if request.timeout_ms else float("inf")
    skipped = shown_before(request, view)
    typed = parsed is None
    parsed = parsed or syntax.parse(request.q, stemmer=stemmer, match=request.match, weight=view.boost)
    budget = Budget(deadline)
    found: list[_Found] = []
    hits: list[Hit] = []
    counted: dict[str, Facet] = {}
    suggestion: str | None = None
    with budget:
        found.extend(_find(view, request, parsed.plan))
        matches = [part.matches for part in found]
        parsed = expanded(view, request, parsed, matches, stemmer)
        page = in_order(view, request, parsed, matches, skipped + request.limit)[skipped:]
        hits.extend(hits_of(view, request, parsed, page, skipped))
        for name in request.facets:
            check_time()
            counted[name] = _facet(view, request, name, found)
        if sum(len(part.matches.docs) for part in found) < LITTLE and request.q and typed:
            suggestion = _better_spelling(view, request, stemmer, found)
    total = sum(len(part.matches.docs) for part in found)
    warnings = parsed.warnings + ((_cut_off(request.q),) if budget.cut else ())
    end = skipped + len(hits)
    return SearchResult(
        raw=request.q,
        parsed=parsed.parsed,
        warnings=warnings,
        total=total,
        indexed=view.doc_count,
        generation=view.generation,
        committed_at=view.committed_at,
        took_ms=(time.perf_counter() - began) * 1000,
        partial=budget.cut or budget.late,
        hits=tuple(hits),
        facets=counted,
        suggestion=suggestion,
        next_cursor=next_cursor(request, view, end) if end < total and hits else None,
    )


def _better_spelling(view: View, request: SearchRequest, stemmer: Stemmer, found: list[_Found]) -> str | None:
    """The query with words of the index in place of misspelt ones, if it finds more."""
    q = respelt(ViewVocabulary(view), request.q)
    if q is None:
        return None
    asked = syntax.parse(q, stemmer=stemmer, match=request.match).plan
    better = sum(len(part.matches.docs) for part in _find(view, request, asked))
    return q if better > sum(len(part.matches.docs) for part in found) else None


def similar(view: View, article: Article, request: SearchRequest, stemmer: Stemmer) -> SearchResult:
    """The articles that share most of an article's distinctive words; not the article itself."""
    stems = distinctive_stems(view, article, stemmer)
    terms = tuple(plan.Term("text_stem", stem, view.boost(stem)) for stem in stems)
    others = plan.AndNot(plan.Or(terms), plan.Term("id", article.id))
    parsed = syntax.ParsedQuery(others, " ".join(stems), ())
    # The text takes part in the fingerprint of cursors.
    return marked(answer(view, replace(request, q=f"similar:{article.id}"), stemmer, parsed), article)


def every_hit(view: View, request: SearchRequest, stemmer: Stemmer) -> Iterator[Hit]:
    """Every match of a request in order, read as it is asked for; limit and cursor play no part."""
    parsed = syntax.parse(request.q, stemmer=stemmer, match=request.match, weight=view.boost)
    matches = [part.matches for part in _find(view, request, parsed.plan)]
    parsed = expanded(view, request, parsed, matches, stemmer)
    everything = in_order(view, request, parsed, matches, view.doc_count_all)
    for start in range(0, len(everything), _CHUNK):
        yield from hits_of(view, request, parsed, everything[start : start + _CHUNK], start)


def in_order(
    view: View, request: SearchRequest, parsed: syntax.ParsedQuery, matches: list[Matches], count: int
) -> Ranking:
    """The first `count` matches in the order of the request."""
    if parsed.closeness is None:
        return ranked(matches, request.sort, count)
    seconds = parsed.closeness

    def closer(found: Matches, places: Array) -> Array:
        segment, docs = found.segment, found.docs
        parts = seconds.added(segment.reader, docs, view.statistics, places, found.shares)
        added: Array = parts[-1].astype(np.float32)
        if request.freshness is None:
            return added
        return added * freshness(view, segment, docs.take(places), request.freshness)

    return ranked(matches, request.sort, count, closer)


def expanded(
    view: View, request: SearchRequest, parsed: syntax.ParsedQuery, matches: list[Matches], stemmer: Stemmer
) -> syntax.ParsedQuery:
    """The query with words of its best hits, to rank by."""
    if not request.expand or parsed.closeness is None:
        return parsed
    best = in_order(view, replace(request, sort="relevance"), parsed, matches, feedback.ARTICLES)
    articles = [hit.segment.reader.article(hit.doc) for hit in best]
    importances = feedback.related(view, articles, stemmer, {said.stem for said in parsed.closeness.stems})
    return parsed._replace(closeness=parsed.closeness.with_related(importances))


def _cut_off(q: str) -> Warning:
    message = f"a pattern stands for more than {MOST_EXPANSIONS:,} words: the first of them were searched"
    return Warning(code="expansion_limit", message=message, offset=0, length=len(q))


def _find(view: View, request: SearchRequest, asked: Plan) -> Iterator[_Found]:
    """Match and filter segment by segment; what passes the filters is scored."""
    for segment in view.segments:
        check_time()
        listed = segment.matcher.found(asked)
        if request.since or request.until:
            listed = listed.between(*filters.days(segment.reader, request))
        if segment.alive is not None:
            listed = listed.at(segment.alive.take(listed.docs).nonzero()[0])
        docs = listed.docs
        passing = filters.masks(segment.reader, request, docs)
        if passing:
            listed = listed.at(reduce(and_, passing.values()).nonzero()[0])
        scores = segment.matcher.scores(listed)
        if request.freshness is not None:
            scores = scores * freshness(view, segment, listed.docs, request.freshness)
        yield _Found(docs, passing, Matches(segment, listed.docs, scores, listed.shares))


def hits_of(
    view: View, request: SearchRequest, parsed: syntax.ParsedQuery, page: list[Ranked], first: int
) -> Iterator[Hit]:
    """Read the articles of a page of matches and cut their snippets.

    first    the number of the first of them among all matches
    """
    articles: list[Any] = [None] * len(page)
    pieces: list[tuple[Snippet, ...]] = [()] * len(page)
    wanted: list[Wanted | Pattern] = []
    if request.snippets and page:
        wanted = wanted_of(parsed.plan, lambda stem: view.document_frequency(stem) / view.doc_count_all)
    for segment in {id(hit.segment): hit.segment for hit in page}.values():
        rows = sorted([(hit.doc, row) for row, hit in enumerate(page) if hit.segment is segment])
        docs = [doc for doc, _ in rows]
        read = segment.reader.articles(docs)
        for (_, row), (article, _) in zip(rows, read, strict=True):
            articles[row] = article
        if request.snippets:
            titles, bodies = [article.title for article, _ in read], [body for _, body in read]
            shown = snippets(segment.matcher, wanted, docs, titles, bodies, request.snippets)
            for (_, row), some in zip(rows, shown, strict=True):
                pieces[row] = some
    explanations: Iterable[Any] = repeat(None)
    if request.explain:
        # One by one: when time runs out, what there is is shown.
        explanations = (explained(view, request, parsed, hit, place) for place, hit in enumerate(page, first))
    scores = [hit.score for hit in page]
    return records(Hit, zip(articles, scores, pieces, explanations, repeat(None), strict=False))


def _facet(view: View, request: SearchRequest, name: str, found: list[_Found]) -> Facet:
    if name == "date":
        matched = [(part.matches.segment.reader, part.matches.docs) for part in found]
        passing = [filters.passing(segment.reader, request, segment.alive) for segment in view.segments]
        return facets.date_facet(matched, view.readers, passing, request.interval, view.stretches)
    counted = [(part.matches.segment.reader, part.without(name)) for part in found]
    chosen = filters.selected(getattr(request, name))
    column = filters.VALUE_COLUMNS[name]
    return facets.value_facet(counted, column, view.values(column), chosen, request.facet_size)
