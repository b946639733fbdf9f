"""One search from request to result, as `query.evaluate` does it on disk: ask, count, cut snippets."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from opensearchpy.exceptions import TransportError
from whoosh import query as wq

from indexer.analysis import Stemmer
from indexer.errors import BackendUnavailableError, ParameterError
from indexer.opensearch import compile, passages, view
from indexer.opensearch.cluster import READ_PATIENCE, Cluster, Document, refusal
from indexer.opensearch.completion import ClusterVocabulary
from indexer.opensearch.counts import SPAN, DateCount, ValueCount
from indexer.opensearch.mapping import article_of
from indexer.opensearch.terms import Frequencies
from indexer.opensearch.view import View
from indexer.query import syntax
from indexer.query.evaluate import named
from indexer.query.snippets import Wanted, wanted_of
from indexer.query.spelling import LITTLE, respelt
from indexer.request import SearchRequest
from indexer.response import Facet, Hit, SearchResult

# Hits of `every_hit` that are read together.
_CHUNK: Final = 500
# What the way there and back may take beyond the time that a request gives the cluster, in seconds.
_GRACE: Final = 2.0
_BY_DATE: Final = {"newest": "desc", "oldest": "asc"}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended, and what it belongs to.

    generation, articles, tag  of the view
    shown                      hits on the pages so far
    after                      sort values of the last
    search                     fingerprint of query, filters and order
    """

    generation: int
    articles: int
    tag: str
    shown: int
    after: tuple[Any, ...]
    search: str

    @classmethod
    def decode(cls, text: str, request: SearchRequest) -> Cursor:
        """Raises ParameterError for what is no cursor, or the cursor of another search."""
        try:
            values = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
            generation, articles, tag, shown, after, search = values
            if not (isinstance(after, list) and isinstance(tag, str) and isinstance(search, str)):
                raise ValueError
            cursor = cls(int(generation), int(articles), tag, int(shown), tuple(after), search)
        except (ValueError, TypeError, binascii.Error):
            raise ParameterError("cursor", "not a cursor", "pass `next_cursor` of the page before as it is") from None
        if search != fingerprint(request):
            raise ParameterError("cursor", "belongs to another search", "keep query, filters and sort while paging")
        return cursor

    def encode(self) -> str:
        """The text of `next_cursor`."""
        values = [self.generation, self.articles, self.tag, self.shown, list(self.after), self.search]
        return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def fingerprint(request: SearchRequest) -> str:
    """What a cursor belongs to: query, filters and order."""
    same = (request.q, request.match, request.sort, request.since, request.until)
    values = (request.source, request.author, request.section, request.topic, request.language)
    return hashlib.blake2b(repr((same, values)).encode("utf-8", "backslashreplace"), digest_size=9).hexdigest()


class Searcher:
    """Answers requests from one view.

    frequencies  of stems in the view
    """

    def __init__(self, cluster: Cluster, state: View, stemmer: Stemmer, frequencies: Frequencies) -> None:
        self._cluster = cluster
        self._view = state
        self._stemmer = stemmer
        self._frequencies = frequencies

    def answer(
        self, request: SearchRequest, cursor: Cursor | None = None, parsed: syntax.ParsedQuery | None = None
    ) -> SearchResult:
        """Answer a request. Raises ViewLostError, BackendUnavailableError, ParameterError.

        parsed  what to search instead of the request's own text
        """
        began = time.perf_counter()
        deadline = began + request.timeout_ms / 1000 if request.timeout_ms else None
        # What stands for an article's text has no spelling.
        parsed_here = parsed is None
        parsed = parsed or syntax.parse(request.q, stemmer=self._stemmer, match=request.match)
        filters = compile.filters(request)
        counted = {
            name: ValueCount.of(request, name, [clause for other, clause in filters.items() if other != name])
            for name in request.facets
            if name != "date"
        }
        body = self._body(request, parsed.tree, filters, counted, cursor)
        # Even when the time is up: what can be had at once is had.
        found = self._search(body, deadline, request.explain)
        partial = bool(found["timed_out"])
        total = int(found["hits"]["total"]["value"])
        facets: dict[str, Facet] = {}
        if request.facets and not partial:
            missing, partial = self._facets(request, body, filters, counted, found["aggregations"], deadline)
            facets = {name: missing[name] for name in request.facets if name in missing}
        hits = tuple(self._hits(request, parsed.tree, found["hits"]["hits"]))
        shown = (cursor.shown if cursor else 0) + len(hits)
        suggestion = None
        if total < LITTLE and request.q and parsed_here and not partial:
            suggestion = self._better_spelling(request, list(filters.values()), total)
        next_cursor = None
        if hits and shown < total:
            after = tuple(found["hits"]["hits"][-1]["sort"])
            state = self._view
            next_cursor = Cursor(
                state.generation, state.articles, state.tag, shown, after, fingerprint(request)
            ).encode()
        return SearchResult(
            raw=request.q,
            parsed=parsed.parsed,
            warnings=parsed.warnings,
            total=total,
            indexed=self._view.articles,
            generation=self._view.generation,
            committed_at=self._view.committed_at,
            took_ms=(time.perf_counter() - began) * 1000,
            partial=partial,
            hits=hits,
            facets=facets,
            suggestion=suggestion,
            next_cursor=next_cursor,
        )

    def _better_spelling(self, request: SearchRequest, filters: list[compile.Clause], total: int) -> str | None:
        """The query with words of the index in place of misspelt ones, if it finds more."""
        q = respelt(ClusterVocabulary(self._cluster, self._frequencies), request.q)
        if q is None:
            return None
        tree = syntax.parse(q, stemmer=self._stemmer, match=request.match).tree
        (better,) = self._frequencies.matching([compile.all_of([*filters, compile.matching(tree)])])
        return q if better > total else None

    def page(self, request: SearchRequest, after: tuple[Any, ...] | None) -> tuple[list[Hit], tuple[Any, ...] | None]:
        """The next hits of all the matches, and the sort values of the last; None at the end."""
        parsed = syntax.parse(request.q, stemmer=self._stemmer, match=request.match)
        body = {
            "query": self._query(parsed.tree, list(compile.filters(request).values()), explain=request.explain),
            "sort": _sort(request),
            "track_scores": True,
            "size": _CHUNK,
        }
        if after is not None:
            body["search_after"] = list(after)
        found = self._search(body, None, request.explain)["hits"]["hits"]
        hits = list(self._hits(request, parsed.tree, found))
        return hits, tuple(found[-1]["sort"]) if len(found) == _CHUNK else None

    def _body(
        self,
        request: SearchRequest,
        tree: wq.Query,
        filters: dict[str, compile.Clause],
        counted: dict[str, ValueCount],
        cursor: Cursor | None,
    ) -> Document:
        # A filter whose facet is counted holds for the hits and the other facets, but not for its own.
        own = [clause for name, clause in filters.items() if name in counted]
        body: Document = {
            "query": self._query(
                tree, [clause for name, clause in filters.items() if name not in counted], explain=request.explain
            ),
            "size": request.limit,
            "sort": _sort(request),
            "track_total_hits": True,
            "track_scores": True,
            "aggs": {name: count.body() for name, count in counted.items()},
        }
        if own:
            body["post_filter"] = compile.all_of(own)
        if "date" in request.facets:
            body["aggs"]["date"] = {"filter": compile.all_of(own), "aggs": SPAN}
        if cursor:
            body["search_after"] = list(cursor.after)
        return body

    def _query(self, tree: wq.Query, filters: list[compile.Clause], *, explain: bool) -> compile.Clause:
        query = compile.compiled(tree, self._view.average_length, named=named if explain else None)
        return {"bool": {"must": [query], "filter": filters}} if filters else query

    def _search(self, body: Document, deadline: float | None, explain: bool = False) -> Document:
        """One answer of the cluster. Raises BackendUnavailableError where none comes in time."""
        left = max(deadline - time.perf_counter(), 0.001) if deadline else None
        if left is not None:
            body = body | {"timeout": f"{max(1, int(left * 1000))}ms"}
        parameters = {"include_named_queries_score": "true"} if explain else {}
        try:
            return view.search(
                self._cluster,
                self._view.point_in_time,
                body,
                timeout=None if left is None else left + _GRACE,
                patience=READ_PATIENCE if left is None else min(left, READ_PATIENCE),
                **parameters,
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

    def _hits(self, request: SearchRequest, tree: wq.Query, found: list[Document]) -> Iterator[Hit]:
        wanted = self._wanted(tree) if request.snippets and found else []
        for hit in found:
            article = article_of(hit["_source"])
            yield Hit(
                article=article,
                score=hit["_score"] or 0.0,
                snippets=passages.cut(article, wanted, self._stemmer, request.snippets),
                explanation=compile.contributions(hit.get("matched_queries") or {}) if request.explain else None,
            )

    def _wanted(self, tree: wq.Query) -> list[Wanted | wq.Query]:
        stems: list[str] = []

        def asked(stem: str) -> float:
            stems.append(stem)
            return 0.0

        wanted = wanted_of(tree, asked)
        if len(wanted) < 2:
            return wanted  # A word alone is marked however common it is.
        known = self._frequencies.of(stems)
        return wanted_of(tree, lambda stem: known[stem] / max(self._view.articles, 1))


def _sort(request: SearchRequest) -> list[Document]:
    """A total order: undated articles come last, and ids break ties."""
    by_date = {"date": {"order": _BY_DATE.get(request.sort, "desc"), "missing": "_last"}}
    order: list[Document] = [by_date, {"id": {"order": "asc"}}]
    return order if request.sort in _BY_DATE else [{"_score": {"order": "desc"}}, *order]
