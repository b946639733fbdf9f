"""OpenSearchIndex: what `open_index` returns for an address of a cluster. Its methods are those of NewsIndex."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar
from urllib.parse import quote

import orjson
from opensearchpy.exceptions import RequestError, TransportError

from indexer.analysis import stemmer
from indexer.article import Article, one_line
from indexer.engine import WORKER_MEMORY
from indexer.errors import (
    ArticleNotFoundError,
    BackendUnavailableError,
    CursorGoneError,
    FormatVersionError,
    IndexNotFoundError,
    InputError,
    NotAnIndexError,
)
from indexer.opensearch import mapping, view
from indexer.opensearch.address import Address, parse
from indexer.opensearch.cluster import READ_PATIENCE, WRITE_PATIENCE, Cluster, Document, ShardsMissingError, refusal
from indexer.opensearch.completion import completions
from indexer.opensearch.mapping import FORMAT, FORMS_SUFFIX, SEPARATOR, article_of, index_body, key
from indexer.opensearch.search import Cursor, Searcher
from indexer.opensearch.terms import Terms, distinctive_stems
from indexer.opensearch.view import View, ViewLostError, Views, commits_index
from indexer.query.copies import marked
from indexer.report import CheckReport, IndexStats, IngestReport, Progress, Reject, SourceStats
from indexer.request import SearchRequest
from indexer.response import Hit, SearchResult, Suggestion

if TYPE_CHECKING:
    from indexer.sources import Format

T = TypeVar("T")
# Sort values of the last item that was read; None before the first, and after the last.
Place = tuple[Any, ...] | None

# How long opening waits for a cluster, in seconds: a wrong address should not take long to be told.
_OPENING: Final = 3.0
# How often a search begins anew when the cluster has lost its view.
_ATTEMPTS: Final = 5
_PAGE: Final = 1000

# Whoever wants the client's own lines asks for them; they are not for the reader of a command's output.
logging.getLogger("opensearch").addHandler(logging.NullHandler())


def open_address(text: str, *, create: bool, language: str) -> OpenSearchIndex:
    """Open the index at an address; `create` makes it where there is none.

    Raises IndexNotFoundError, NotAnIndexError, FormatVersionError, ParameterError, BackendUnavailableError.
    """
    address = parse(text)
    cluster = Cluster(address)
    try:
        known = _language(cluster)
        if known is None:
            if not create:
                raise IndexNotFoundError(f"No index at {address}. Build one: indexer ingest --index {address} PAGES")
            stemmer(language)
            _create(cluster, language)
            known = _language(cluster)
            assert known is not None
        return OpenSearchIndex(cluster, known)
    except TransportError as error:
        cluster.close()
        raise BackendUnavailableError(f"{address} has refused: {refusal(error)}") from error
    except BaseException:
        cluster.close()
        raise


def _language(cluster: Cluster) -> str | None:
    """The language of the index at a cluster's address; None where there is none."""
    address = cluster.address
    found = cluster.request("GET", f"/{address.name}/_mapping", missing_ok=True, patience=_OPENING)
    if found is None:
        return None
    # The name may be an alias.
    ours = next(iter(found.values()))["mappings"].get("_meta", {}).get("broadsheet")
    if ours is None:
        raise NotAnIndexError(f"{address} is another kind of index: choose another name")
    if ours["format"] != FORMAT:
        raise FormatVersionError(
            f"{address} has format {ours['format']}, this version reads {FORMAT}: copy it with `indexer copy` "
            "from the version that wrote it"
        )
    return str(ours["language"])


def _create(cluster: Cluster, language: str) -> None:
    address: Address = cluster.address
    # The record of commits first: an index without it would be none.
    single: Document = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "-1"}
    bodies = {
        commits_index(address.name): {"settings": {"index": single}, "mappings": {"enabled": False}},
        address.name: index_body(language, address.shards, address.replicas),
    }
    for name, body in bodies.items():
        try:
            # What is acknowledged later is then on all copies.
            path = f"/{name}?wait_for_active_shards=all&timeout=10s"
            cluster.request("PUT", path, body, patience=WRITE_PATIENCE)
        except RequestError as error:
            # Another process, or a request of ours whose answer was lost, has just made it.
            if error.error != "resource_already_exists_exception":
                raise
    Views(cluster).commit()


class OpenSearchIndex:
    """An index on an OpenSearch cluster. Use one object from many threads; any number of processes read and write."""

    def __init__(self, cluster: Cluster, language: str) -> None:
        self.path = str(cluster.address)
        self.cluster = cluster
        self.views = Views(cluster)
        self.language = language
        self._stemmer = stemmer(language)
        self._lock = threading.Lock()
        self._terms: tuple[str, Terms] | None = None

    def __enter__(self) -> OpenSearchIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go. Views stay open for other processes until nobody asks them for a while."""
        self.cluster.close()

    # Reading

    @property
    def generation(self) -> int:
        """The number of the latest commit."""
        return self.views.latest().generation

    @property
    def committed_at(self) -> datetime:
        """The time of the latest commit."""
        return self.views.latest().committed_at

    def search(self, q: str = "", **options: Any) -> SearchResult:
        """Search; the options are the fields of SearchRequest. Raises ParameterError, CursorGoneError."""
        return self.answer(SearchRequest.of(q, **options))

    def answer(self, request: SearchRequest) -> SearchResult:
        """Answer a checked request. Raises ParameterError or CursorGoneError for its cursor."""
        cursor = Cursor.decode(request.cursor, request) if request.cursor is not None else None
        patience = min(READ_PATIENCE, (request.timeout_ms or 60_000) / 1000)
        return self._in_view(lambda state: self._searcher(state).answer(request, cursor), cursor, patience)

    def search_all(self, q: str = "", **options: Any) -> Iterator[Hit]:
        """Every match in order, from one consistent view, read as it is asked for.

        The options are the fields of SearchRequest; `limit` and `cursor` play no part. Raises ParameterError.
        """
        request = SearchRequest.of(q, **options)
        return self._pages(lambda state, place: self._searcher(state).following(request, place), self.views.latest())

    def get(self, id: str) -> Article:
        """The article with an id. Raises ArticleNotFoundError."""
        name = key(one_line(id))
        path = f"/{self.cluster.address.name}/_doc/{quote(name, safe='')}"
        found = self.cluster.request("GET", path, missing_ok=True, realtime="false") if name else None
        if found is None:
            raise ArticleNotFoundError(f"no article with the id {id!r}: ids are in the hits of a search")
        return article_of(found["_source"])

    def similar(self, id: str, **options: Any) -> SearchResult:
        """Articles that share the distinctive words of the one with an id, most alike first, without itself.

        The options are the fields of SearchRequest; `q` and `match` play no part. Raises ArticleNotFoundError,
        ParameterError.
        """
        request = SearchRequest.of(**options)
        article = self.get(id)
        # By the id that it has: another form of it leads to the article, but would not leave it out.
        request = replace(request, q=f"similar:{article.id}")
        cursor = Cursor.decode(request.cursor, request) if request.cursor is not None else None

        def answered(state: View) -> SearchResult:
            stems = distinctive_stems(article, state, self._terms_of(state), self._stemmer)
            return self._searcher(state).answer(request, cursor, similar_to=stems)

        return marked(self._in_view(answered, cursor), article)

    def suggest(self, typed: str, limit: int = 10) -> tuple[Suggestion, ...]:
        """Words and sources that begin with what was typed, those of most articles first."""
        return self._in_view(lambda state: completions(self.cluster, state, self._terms_of(state), typed, limit))

    def sources(self) -> tuple[SourceStats, ...]:
        """The outlets, largest first, then by name."""
        return self._in_view(self._sources)

    def stats(self) -> IndexStats:
        """What is in an index."""
        return self._in_view(self._stats)

    def check(self) -> CheckReport:
        """Read every article and report what is missing or does not add up."""
        problems: list[str] = []
        health = self.cluster.request("GET", f"/_cluster/health/{self.cluster.address.name}")
        assert health is not None
        if health["status"] == "red":
            problems.append(
                f"{self.cluster.address}: {health['unassigned_shards']} shards have no node that holds them"
            )
        state = self.views.latest()
        articles = 0
        ids: set[str] = set()
        for source in self._pages(self._sources_after, state):
            article = article_of(source)
            articles += 1
            if article.id in ids:
                problems.append(f"the id {article.id!r} is there twice")
            if mapping.digest(article) != source["digest"]:
                problems.append(f"the article {article.id!r} does not match its digest")
            ids.add(article.id)
        if articles != state.articles:
            problems.append(f"{state.articles} articles are counted and {articles} were read")
        return CheckReport(articles=articles, segments=self._size()[0], problems=tuple(problems))

    # Writing

    def ingest(
        self,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        format: Format = "auto",
        source: str | None = None,
        workers: int | None = None,
        memory: int = WORKER_MEMORY,
        stdin: BinaryIO | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_reject: Callable[[Reject], None] | None = None,
    ) -> IngestReport:
        """As NewsIndex.ingest; several processes and hosts may ingest at once. A worker never takes `memory`.

        Raises SourceError for a path that does not exist, BackendUnavailableError when the cluster stays away: what
        was sent until then shows with the next commit, and the same ingest completes it.
        """
        from indexer.opensearch import ingest

        return ingest.run(
            self,
            [paths] if isinstance(paths, str | os.PathLike) else list(paths),
            format=format,
            source=source,
            workers=workers,
            stdin=stdin,
            on_progress=on_progress,
            on_reject=on_reject,
        )

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles by id and commit; returns how many the commit before had.

        Raises BackendUnavailableError: what was deleted until then shows with the next commit, and the same call
        completes it.
        """
        named = [ids] if isinstance(ids, str) else ids
        waiting = list(dict.fromkeys(key(id) for id in map(one_line, named) if id))
        shown = 0
        deleted = False
        for start in range(0, len(waiting), _PAGE):
            keys = waiting[start : start + _PAGE]
            # What a deletion itself says is lost with its answer, or with the half of it that is sent again.
            shown += self._in_view(partial(self._shown, keys=keys))
            body = b"".join(orjson.dumps({"delete": {"_id": name}}, option=orjson.OPT_APPEND_NEWLINE) for name in keys)

            def done(body: bytes = body) -> bool:
                answer = self.cluster.request("POST", f"/{self.cluster.address.name}/_bulk", body, patience=0)
                assert answer is not None
                found = [item["delete"] for item in answer["items"]]
                if any(item["status"] not in (200, 404) for item in found):
                    raise ShardsMissingError(str(found)[:300])
                return any(item["result"] == "deleted" for item in found)

            deleted |= self.cluster.patiently(done, WRITE_PATIENCE)
        if shown or deleted:
            self.views.commit()
        return shown

    def _shown(self, state: View, keys: list[str]) -> int:
        """How many of the articles filed under some keys a view has."""
        body = {"size": 0, "track_total_hits": True, "query": {"ids": {"values": keys}}}
        found = view.search(self.cluster, state.point_in_time, body)
        return int(found["hits"]["total"]["value"])

    def optimize(self) -> int:
        """Merge each shard into one segment, purging what was deleted; returns the generation."""
        path = f"/{self.cluster.address.name}/_forcemerge"
        self.cluster.request("POST", path, max_num_segments=1, timeout=3600.0)
        # Until then the merged segments are searched, and kept.
        return self.views.commit()

    def snapshot(self, directory: str | os.PathLike[str]) -> int:
        """A cluster has snapshots of its own. Raises InputError."""
        raise InputError(
            "a cluster makes its own snapshots; to have this index as a folder: "
            f"indexer copy --from {self.cluster.address} --to {os.fspath(directory)}"
        )

    # Views

    def _in_view(
        self, answered: Callable[[View], T], cursor: Cursor | None = None, patience: float = READ_PATIENCE
    ) -> T:
        """What a function answers from a view, the latest or the cursor's, and from a new one where that is lost."""
        state = self.views.latest(patience)
        if cursor:
            state = self.views.of_cursor(state, cursor.generation, cursor.articles, cursor.tag)
        for _ in range(_ATTEMPTS):
            try:
                return answered(state)
            except ViewLostError as error:
                reason = error
            except TransportError as error:
                raise BackendUnavailableError(f"{self.cluster.address} has failed: {refusal(error)}") from error
            again = self.views.open_again(state, patience)
            if cursor and not (again and again.shows(cursor.generation, cursor.articles, cursor.tag)):
                raise CursorGoneError("the index has changed since this cursor was made: search again from the start")
            state = again or self.views.latest(patience)
        raise BackendUnavailableError(f"{self.cluster.address} does not answer wholly: {reason}")

    def _pages(self, page: Callable[[View, Place], tuple[list[T], Place]], state: View) -> Iterator[T]:
        """The items of all pages of one state, which is opened again where the cluster has lost it.

        page  function from a view and a place in its order to the items there, and the next place; None at the end
        """
        first, place = state, None
        while True:
            try:
                items, place = page(state, place)
            except ViewLostError as error:
                again = self.views.open_again(state)
                if again is None or not again.shows(first.generation, first.articles, first.tag):
                    raise BackendUnavailableError(
                        f"{self.cluster.address} has lost what was being read, and the index has changed: begin again"
                    ) from error
                state = again
                continue
            except TransportError as error:
                raise BackendUnavailableError(f"{self.cluster.address} has failed: {refusal(error)}") from error
            yield from items
            if place is None:
                return

    def _sources_after(self, state: View, place: Place) -> tuple[list[Document], Place]:
        """Stored documents in order of ids."""
        body: Document = {"size": _PAGE, "sort": [{"id": "asc"}], "query": {"match_all": {}}}
        if place is not None:
            body["search_after"] = list(place)
        found = view.search(self.cluster, state.point_in_time, body)["hits"]["hits"]
        return [hit["_source"] for hit in found], tuple(found[-1]["sort"]) if len(found) == _PAGE else None

    def _searcher(self, state: View) -> Searcher:
        return Searcher(self.cluster, state, self._stemmer, self._terms_of(state))

    def _terms_of(self, state: View) -> Terms:
        with self._lock:
            if self._terms is None or self._terms[0] != state.tag:
                self._terms = (state.tag, Terms(self.cluster, state))
            return self._terms[1]

    # Statistics

    def _sources(self, state: View) -> tuple[SourceStats, ...]:
        """Counted by pages of a composite aggregation, which is exact however many outlets there are."""
        found: list[SourceStats] = []
        after: Document | None = None
        days = {"first": {"min": {"field": "date"}}, "last": {"max": {"field": "date"}}}
        while True:
            by_form = {"terms": {"field": "source" + FORMS_SUFFIX, "missing_bucket": True}}
            composite: Document = {"size": _PAGE, "sources": [{"form": by_form}]}
            if after:
                composite["after"] = after
            body = {"size": 0, "aggs": {"sources": {"composite": composite, "aggs": days}}}
            answer = view.search(self.cluster, state.point_in_time, body)["aggregations"]["sources"]
            for bucket in answer["buckets"]:
                name = (bucket["key"]["form"] or "").partition(SEPARATOR)[2]
                if name:
                    found.append(
                        SourceStats(
                            source=name,
                            articles=bucket["doc_count"],
                            first=_day(bucket["first"]["value"]),
                            last=_day(bucket["last"]["value"]),
                        )
                    )
            after = answer.get("after_key")
            if after is None:
                return tuple(sorted(found, key=lambda s: (-s.articles, s.source)))

    def _stats(self, state: View) -> IndexStats:
        result = self._searcher(state).answer(SearchRequest.of(limit=0, facets=("date",), interval="month"))
        histogram = result.facets["date"].to_dict()
        segments, size = self._size()
        return IndexStats(
            articles=state.articles,
            undated=histogram["missing"],
            sources=self._sources(state),
            months=tuple((date.fromisoformat(b["start"]), b["count"]) for b in histogram["buckets"]),
            segments=segments,
            bytes=size,
            generation=state.generation,
            committed_at=state.committed_at,
            language=self.language,
        )

    def _size(self) -> tuple[int, int]:
        """Segments and bytes, each shard once."""
        found = self.cluster.request("GET", f"/{self.cluster.address.name}/_stats/store,segments")
        assert found is not None
        primaries = found["_all"]["primaries"]
        return primaries["segments"]["count"], primaries["store"]["size_in_bytes"]


def _day(milliseconds: float | None) -> date | None:
    if milliseconds is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).date()
