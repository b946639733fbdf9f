"""One search from request to result: what `query.evaluate` does on disk.

The cluster finds, counts and ranks the first time. The best are then ranked anew here, as `query.closeness` says,
and snippets are cut, by the code of the disk engine over the articles that came back (see `page`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from opensearchpy.exceptions import TransportError

from indexer.analysis import Stemmer, words
from indexer.article import Article
from indexer.errors import BackendUnavailableError, ParameterError
from indexer.opensearch import compile, view
from indexer.opensearch.cluster import READ_PATIENCE, Cluster, Document, refusal
from indexer.opensearch.completion import ClusterVocabulary
from indexer.opensearch.counts import SPAN, DateCount, ValueCount
from indexer.opensearch.mapping import article_of
from indexer.opensearch.page import Page
from indexer.opensearch.terms import Occurrences, Terms
from indexer.opensearch.view import View
from indexer.query import evaluate, feedback, plan, scoring, syntax
from indexer.query.closeness import CANDIDATES
from indexer.query.cursor import decoded, encoded, no_cursor, of_another_search
from indexer.query.plan import Plan
from indexer.query.ranking import Ranked
from indexer.query.spelling import LITTLE, respelt
from indexer.request import SearchRequest
from indexer.response import Facet, Hit, SearchResult

# Hits of `every_hit` that are read together.
_CHUNK: Final = 500
# What the way there and back may take beyond the time that a request gives the cluster, in seconds.
_GRACE: Final = 2.0
_BY_DATE: Final = {"newest": "desc", "oldest": "asc"}

# Sort values of a hit of the first ranking, behind which the next ones are.
After = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended, and what it belongs to.

    generation, articles, tag  of the view
    shown                      hits on the pages so far
    after                      of the last; None while it is among those that are ranked anew
    search                     fingerprint of query, filters and order
    """

    generation: int
    articles: int
    tag: str
    shown: int
    after: After | None
    search: str

    @classmethod
    def decode(cls, text: str, request: SearchRequest) -> Cursor:
        """Raises ParameterError for what is no cursor, or the cursor of another search."""
        match decoded(text):
            case [int(generation), int(articles), str(tag), int(shown), list() | None as after, str(search)]:
                cursor = cls(generation, articles, tag, shown, tuple(after) if after else None, search)
            case _:
                raise no_cursor()
        if search != request.fingerprint():
            raise of_another_search()
        return cursor

    def encode(self) -> str:
        """The text of `next_cursor`."""
        values = [self.generation, self.articles, self.tag, self.shown, self.after and list(self.after), self.search]
        return encoded(values)


@dataclass(frozen=True, slots=True)
class _Read:
    """Hits in order. `after` is behind the last; None while that is among those that are ranked anew."""

    hits: list[Hit]
    after: After | None


class Searcher:
    """Answers requests from one view.

    terms  the words of the view
    """

    def __init__(self, cluster: Cluster, state: View, stemmer: Stemmer, terms: Terms) -> None:
        self._cluster = cluster
        self._view = state
        self._stemmer = stemmer
        self._terms = terms

    def answer(
        self, request: SearchRequest, cursor: Cursor | None = None, similar_to: list[str] | None = None
    ) -> SearchResult:
        """Answer a request. Raises ViewLostError, BackendUnavailableError, ParameterError.

        similar_to  stems to search for instead of the request's own text, but for the article that it names
        """
        began = time.perf_counter()
        deadline = began + request.timeout_ms / 1000 if request.timeout_ms else None
        parsed = self.parsed(request) if similar_to is None else self._similar(request, similar_to)
        filters = compile.filters(request)
        counted = {
            name: ValueCount.of(request, name, [clause for other, clause in filters.items() if other != name])
            for name in request.facets
            if name != "date"
        }
        body = self._body(request, parsed.plan, filters, counted)
        shown, after = (cursor.shown, cursor.after) if cursor else (0, None)
        anew = self._is_ranked_anew(request, parsed) and shown < CANDIDATES and request.limit > 0
        found = self._search(
            body
            | ({"size": CANDIDATES + 1} if anew else {"size": request.limit})
            | ({"search_after": list(after)} if after and not anew else {}),
            deadline,
        )
        partial = bool(found["timed_out"])
        total = int(found["hits"]["total"]["value"])
        facets: dict[str, Facet] = {}
        if request.facets and not partial:
            facets, partial = self._facets(request, body, filters, counted, found["aggregations"], deadline)
            facets = {name: facets[name] for name in request.facets if name in facets}
        read = self._read(request, parsed, found["hits"]["hits"], shown, anew)
        left = request.limit - len(read.hits)
        if anew and left and shown + len(read.hits) < total and read.after and not partial:
            # The page goes on behind those that are ranked anew.
            more = body | {"size": left, "search_after": list(read.after), "aggs": {}}
            following = self._search(more, deadline)
            partial = bool(following["timed_out"])
            rest = self._read(request, parsed, following["hits"]["hits"], shown + len(read.hits), False)
            read = _Read(read.hits + rest.hits, rest.after)
        suggestion = None
        if total < LITTLE and request.q and similar_to is None and not partial:
            suggestion = self._better_spelling(request, list(filters.values()), total)
        shown += len(read.hits)
        state = self._view
        following_cursor = Cursor(
            state.generation,
            state.articles,
            state.tag,
            shown,
            read.after if shown >= CANDIDATES or not anew else None,
            request.fingerprint(),
        )
        return SearchResult(
            raw=request.q,
            parsed=parsed.parsed,
            warnings=parsed.warnings,
            total=total,
            indexed=state.articles,
            generation=state.generation,
            committed_at=state.committed_at,
            took_ms=(time.perf_counter() - began) * 1000,
            partial=partial,
            hits=tuple(read.hits),
            facets=facets,
            suggestion=suggestion,
            next_cursor=following_cursor.encode() if read.hits and shown < total else None,
        )

    def following(self, request: SearchRequest, after: After | None) -> tuple[list[Hit], After | None]:
        """The hits behind a place in all the matches, and the next place; None before the first and at the end."""
        parsed = self.parsed(request)
        anew = after is None and self._is_ranked_anew(request, parsed)
        body = self._body(request, parsed.plan, compile.filters(request), {}) | {"aggs": {}, "track_total_hits": False}
        size = CANDIDATES + 1 if anew else _CHUNK
        found = self._search(body | {"size": size} | ({"search_after": list(after)} if after else {}), None)
        hits = found["hits"]["hits"]
        read = self._read(replace(request, limit=CANDIDATES), parsed, hits, 0 if anew else CANDIDATES, anew)
        return read.hits, read.after if len(hits) == size else None

    def parsed(self, request: SearchRequest) -> syntax.ParsedQuery:
        """The request's query, with the weights that its stems have in this index."""
        asked: set[str] = set()

        def noted(stem: str) -> float:
            asked.add(stem)
            return 1.0

        # Parsed twice, to ask the cluster once for all the stems.
        plain = syntax.parse(request.q, stemmer=self._stemmer, match=request.match, weight=noted)
        if plain.closeness:
            asked |= plain.closeness.every_stem()
        if not asked:
            return plain
        known = self._terms.stems(asked)

        def boost(stem: str) -> float:
            return self._boost(known[stem])

        return syntax.parse(request.q, stemmer=self._stemmer, match=request.match, weight=boost)

    def _boost(self, stem: Occurrences) -> float:
        """What makes of the idf of a stem its weight, as `View.boost` of the disk engine."""
        idf = scoring.idf(self._view.articles, stem.articles)
        return scoring.weight(self._view.articles, stem.articles, stem.places) / idf if idf else 0.0

    def _similar(self, request: SearchRequest, stems: list[str]) -> syntax.ParsedQuery:
        known = self._terms.stems(stems)
        terms = tuple(plan.Term("text_stem", stem, self._boost(known[stem])) for stem in stems)
        id = request.q.partition(":")[2]
        return syntax.ParsedQuery(plan.AndNot(plan.Or(terms), plan.Term("id", id)), " ".join(stems), ())

    def _is_ranked_anew(self, request: SearchRequest, parsed: syntax.ParsedQuery) -> bool:
        return request.sort == "relevance" and parsed.closeness is not None

    def _better_spelling(self, request: SearchRequest, filters: list[compile.Clause], total: int) -> str | None:
        """The query with words of the index in place of misspelt ones, if it finds more."""
        q = respelt(ClusterVocabulary(self._cluster, self._terms), request.q)
        if q is None:
            return None
        asked = syntax.parse(q, stemmer=self._stemmer, match=request.match).plan
        (better,) = self._terms.matching([compile.all_of([*filters, compile.matching(asked)])])
        return q if better > total else None

    def _body(
        self,
        request: SearchRequest,
        asked: Plan,
        filters: dict[str, compile.Clause],
        counted: dict[str, ValueCount],
    ) -> Document:
        # A filter whose facet is counted holds for the hits and the other facets, but not for its own.
        own = [clause for name, clause in filters.items() if name in counted]
        held = [clause for name, clause in filters.items() if name not in counted]
        query = compile.scored(asked, self._view.average_length)
        if request.freshness is not None:
            query = compile.fresher(query, self._view.newest, request.freshness)
        body: Document = {
            "query": {"bool": {"must": [query], "filter": held}} if held else query,
            "sort": _sort(request),
            "track_total_hits": True,
            "track_scores": True,
            "aggs": {name: count.body() for name, count in counted.items()},
        }
        if own:
            body["post_filter"] = compile.all_of(own)
        if "date" in request.facets:
            body["aggs"]["date"] = {"filter": compile.all_of(own), "aggs": SPAN}
        return body

    def _search(self, body: Document, deadline: float | None) -> Document:
        """One answer of the cluster. Raises BackendUnavailableError where none comes in time."""
        left = max(deadline - time.perf_counter(), 0.001) if deadline else None
        if left is not None:
            body = body | {"timeout": f"{max(1, int(left * 1000))}ms"}
        try:
            return view.search(
                self._cluster,
                self._view.point_in_time,
                body,
                timeout=None if left is None else left + _GRACE,
                patience=READ_PATIENCE if left is None else min(left, READ_PATIENCE),
            )
        except TransportError as error:
            if error.status_code == 400:
                raise ParameterError("q", f"the cluster cannot answer this: {refusal(error)}", "simplify it") from error
            raise BackendUnavailableError(f"{self._cluster.address} has failed: {refusal(error)}") from error

    def _facets(
        self,
        request: SearchRequest,
        body: Document,
        filters: dict[str, compile.Clause],
        counted: dict[str, ValueCount],
        found: Document,
        deadline: float | None,
    ) -> tuple[dict[str, Facet], bool]:
        """The facets by name, and whether time ran out before all were counted."""
        facets: dict[str, Facet] = {}
        date: DateCount | None = None
        if "date" in request.facets:
            span = DateCount.of(request.interval, found["date"])
            if isinstance(span, DateCount):
                date = span
            else:
                facets["date"] = span
        while True:
            for name, count in list(counted.items()):
                facet = count.facet(found[name])
                if facet:
                    facets[name] = facet
                    del counted[name]
                else:
                    counted[name] = count.more()
            if date and "matching" in found:
                facets["date"] = date.facet(found)
                date = None
            if not counted and not date:
                return facets, False
            if deadline and time.perf_counter() > deadline:
                return facets, True
            more = {"query": body["query"], "size": 0, "track_total_hits": False}
            more["aggs"] = {name: count.body() for name, count in counted.items()}
            if date:
                own = [clause for name, clause in filters.items() if name in request.facets and name != "date"]
                more["aggs"] |= date.body(list(filters.values()), own)
            answer = self._search(more, deadline)
            if answer["timed_out"]:
                return facets, True
            found = answer["aggregations"]

    def _read(
        self, request: SearchRequest, parsed: syntax.ParsedQuery, found: list[Document], first: int, anew: bool
    ) -> _Read:
        """The hits of a page, of which the number `first` is the first.

        found  what the cluster has found there; where it is to be ranked `anew`, the best of all
        """
        if not found:
            return _Read([], None)
        after = tuple(found[min(len(found), CANDIDATES) - 1 if anew else -1]["sort"])
        articles = [article_of(hit["_source"]) for hit in found]
        scores = [hit["_score"] or 0.0 for hit in found]
        if not (anew or request.snippets or request.explain):
            return _Read([Hit(article, score) for article, score in zip(articles, scores, strict=True)], after)
        page = Page(articles, scores, self._view, self._terms, self._stemmer)
        if anew:
            self._terms.stems(parsed.closeness.every_stem() if parsed.closeness else ())
            parsed = self._expanded(request, parsed, page)
            # Of one more it matters only that it is there: the best are not to fall behind it.
            best = evaluate.in_order(page, request, parsed, [page.matches], len(found))[:CANDIDATES]
            wanted = best[first : first + request.limit]
        else:
            wanted = [
                Ranked(page.segment, page.docs[article.id], score)
                for article, score in zip(articles, scores, strict=True)
            ]
        hits = list(evaluate.hits_of(page, request, parsed, wanted, first))
        return _Read(hits, after if not anew or first + request.limit >= CANDIDATES else None)

    def _expanded(self, request: SearchRequest, parsed: syntax.ParsedQuery, page: Page) -> syntax.ParsedQuery:
        if request.expand and parsed.closeness is not None:
            # Asked for together: the words of the best hits are many.
            best = evaluate.in_order(page, request, parsed, [page.matches], feedback.ARTICLES)
            self._terms.stems(_stems([hit.segment.reader.article(hit.doc) for hit in best], self._stemmer))
        return evaluate.expanded(page, request, parsed, [page.matches], self._stemmer)


def _stems(articles: list[Article], stemmer: Stemmer) -> Iterator[str]:
    for article in articles:
        yield from stemmer.stems(words(article.title) + words(article.body))


def _sort(request: SearchRequest) -> list[Document]:
    """A total order: undated articles come last, and ids break ties."""
    by_date = {"date": {"order": _BY_DATE.get(request.sort, "desc"), "missing": "_last"}}
    order: list[Document] = [by_date, {"id": {"order": "asc"}}]
    return order if request.sort in _BY_DATE else [{"_score": {"order": "desc"}}, *order]
