"""View: one state of an index, held still by a point in time, so that pages and counts agree during commits.

Beside the index `news` stands `news.commits`, a small index of two kinds of documents:

    latest      the view of the latest commit; its version, which OpenSearch counts up, is the generation
    view-N      the view of generation N: that of its commit, or one that was opened again where that was lost

Who commits refreshes the index, opens a view, and writes it down. That one write is the commit: until then all readers
search the view before, afterwards the new one, whatever their process, and the shards agree. So the cluster holds one
view a commit, however many processes serve, and a cursor goes on in any of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

from opensearchpy.exceptions import ConflictError, OpenSearchException, TransportError

from indexer.errors import BroadsheetError, CursorGoneError, IndexNotFoundError
from indexer.opensearch.cluster import BUSY, READ_PATIENCE, WRITE_PATIENCE, Cluster, Document, ShardsMissingError

# How long the cluster keeps a view after its commit, and after each search of it.
_KEPT_AT_FIRST: Final = "2m"
_KEPT: Final = "10m"
# What the nodes that are left say of one that a view was on.
_NODE_GONE: Final = "no node found for id"
# An older view is closed though it may still be searched: the cluster holds 300 at most.
_COMMITS_KEPT: Final = 50
# Views opened again that one process remembers.
_REMEMBERED: Final = 8
_LATEST: Final = "latest"


class ViewLostError(Exception):
    """The cluster no longer has a view: it expired, or was lost with a node. Never leaves this package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A state of the index.

    point_in_time  its name in the cluster
    articles       how many there are
    words          in their titles and bodies
    title_words    in their titles
    newest         seconds since 1970 of the newest of them, None without dates
    unfinished     where it was opened again: articles in it that were written for a later commit
    """

    generation: int
    committed_at: datetime
    point_in_time: str
    articles: int
    words: int
    title_words: int
    newest: int | None
    unfinished: int = 0

    @property
    def average_length(self) -> float:
        """Words of an article."""
        return self.words / (self.articles or 1) or 1.0

    @property
    def average_title_length(self) -> float:
        """Words of a title."""
        return self.title_words / (self.articles or 1) or 1.0

    @property
    def tag(self) -> str:
        """The point in time in a few characters."""
        return blake2b(self.point_in_time.encode(), digest_size=6).hexdigest()

    def shows(self, generation: int, articles: int, tag: str) -> bool:
        """Whether this is the view of that tag, or one opened again that shows the very same state."""
        if self.generation != generation:
            return False
        return self.tag == tag or (self.articles == articles and not self.unfinished)


class Views:
    """The views of one index. Safe to use from many threads."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._index = cluster.address.name
        self._commits = commits_index(self._index)
        self._lock = threading.Lock()
        self._again: OrderedDict[int, View] = OrderedDict()

    def commit(self) -> int:
        """Make everything that was written visible at once; returns the new generation."""
        self._refresh()
        point_in_time, found = self._opened(None, WRITE_PATIENCE)
        body = {
            "committed_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
            "point_in_time": point_in_time,
            **_numbers(found),
        }
        done = self._cluster.request("PUT", f"/{self._commits}/_doc/{_LATEST}", body, patience=WRITE_PATIENCE)
        assert done is not None
        generation = int(done["_version"])
        self._cluster.request("PUT", f"/{self._commits}/_doc/view-{generation}", body, patience=WRITE_PATIENCE)
        self._close(generation - _COMMITS_KEPT)
        return generation

    def latest(self, patience: float = READ_PATIENCE) -> View:
        """The view of the latest commit. Raises IndexNotFoundError."""
        found = self._cluster.request("GET", f"/{self._commits}/_doc/{_LATEST}", missing_ok=True, patience=patience)
        if found is None:
            raise IndexNotFoundError(f"there is no index at {self._cluster.address} any more")
        generation = int(found["_version"])
        with self._lock:
            return self._again.get(generation) or _view(generation, found["_source"])

    def of_cursor(self, latest: View, generation: int, articles: int, tag: str) -> View:
        """The view that a cursor pages through, or another of the very same state. Raises CursorGoneError."""
        found = latest
        if found.generation != generation:
            recorded = self._recorded(generation)
            found = _view(generation, recorded["_source"]) if recorded else found
        if not found.shows(generation, articles, tag):
            raise CursorGoneError("the index has changed since this cursor was made: search again from the first page")
        return found

    def open_again(self, lost: View, patience: float = READ_PATIENCE) -> View | None:
        """A view of the latest commit in place of one that the cluster has lost; None where that was an older one."""
        recorded = self._recorded(lost.generation)
        if recorded and recorded["_source"]["point_in_time"] != lost.point_in_time:
            # Another process was first.
            return self._remember(_view(lost.generation, recorded["_source"]))
        if self.latest().generation != lost.generation:
            return None
        point_in_time, found = self._opened(lost.generation, patience)
        values = {
            "committed_at": lost.committed_at.isoformat(),
            "point_in_time": point_in_time,
            **_numbers(found),
        }
        place: Document = {"op_type": "create"}
        if recorded:
            place = {"if_seq_no": recorded["_seq_no"], "if_primary_term": recorded["_primary_term"]}
        try:
            self._cluster.request("PUT", f"/{self._commits}/_doc/view-{lost.generation}", values, **place)
        except ConflictError:
            self._forget(point_in_time)
            return self.open_again(lost, patience)
        return self._remember(_view(lost.generation, values))

    def _remember(self, view: View) -> View:
        with self._lock:
            self._again[view.generation] = view
            while len(self._again) > _REMEMBERED:
                self._again.popitem(last=False)
        return view

    def _refresh(self) -> None:
        """Let new views show everything that was written."""

        def refreshed() -> None:
            done = self._cluster.request("POST", f"/{self._index}/_refresh", patience=0)
            assert done is not None
            if done["_shards"]["failed"]:
                raise ShardsMissingError(str(done["_shards"]["failures"])[:300])

        self._cluster.patiently(refreshed, WRITE_PATIENCE)

    def _opened(self, generation: int | None, patience: float) -> tuple[str, Document]:
        """A new point in time, and what it holds: for an older generation, also what belongs to later ones."""
        aggs: Document = {
            "words": {"sum": {"field": "length"}},
            "title_words": {"sum": {"field": "title_length"}},
            "newest": {"max": {"field": "date"}},
        }
        if generation is not None:
            aggs["unfinished"] = {"filter": {"range": {"written_after": {"gte": generation}}}}
        counting: Document = {"size": 0, "track_total_hits": True, "aggs": aggs}

        def opened() -> tuple[str, Document]:
            found = self._cluster.request(
                "POST",
                f"/{self._index}/_search/point_in_time",
                keep_alive=_KEPT_AT_FIRST,
                allow_partial_pit_creation="false",
                patience=0,
            )
            assert found is not None
            if found["_shards"]["failed"]:
                raise ShardsMissingError(str(found["_shards"].get("failures"))[:300])
            try:
                return found["pit_id"], search(self._cluster, found["pit_id"], counting, patience=0)
            except ViewLostError as error:
                raise ShardsMissingError(str(error)) from error

        return self._cluster.patiently(opened, patience)

    def _recorded(self, generation: int) -> Document | None:
        return self._cluster.request("GET", f"/{self._commits}/_doc/view-{generation}", missing_ok=True)

    def _close(self, generation: int) -> None:
        old = self._recorded(generation)
        if old is not None:
            self._cluster.request("DELETE", f"/{self._commits}/_doc/view-{generation}", missing_ok=True)
            self._forget(old["_source"]["point_in_time"])

    def _forget(self, point_in_time: str) -> None:
        """Let the cluster close a view; where it cannot be reached it expires by itself."""
        with suppress(BroadsheetError, OpenSearchException):
            body = {"pit_id": [point_in_time]}
            self._cluster.request("DELETE", "/_search/point_in_time", body, missing_ok=True, patience=0)


def commits_index(index: str) -> str:
    """The companion index that counts the commits of an index."""
    return f"{index}.commits"


def _numbers(found: Document) -> Document:
    """What a view knows of its articles, from the answer to the search that opens it."""
    aggs = found["aggregations"]
    newest = aggs["newest"]["value"]
    return {
        "articles": found["hits"]["total"]["value"],
        "words": int(aggs["words"]["value"]),
        "title_words": int(aggs["title_words"]["value"]),
        "newest": None if newest is None else int(newest // 1000),
        "unfinished": aggs["unfinished"]["doc_count"] if "unfinished" in aggs else 0,
    }


def _view(generation: int, source: Document) -> View:
    values = source | {"committed_at": datetime.fromisoformat(source["committed_at"])}
    return View(generation=generation, **values)


def is_lost(status: int | str, reason: object) -> bool:
    """Whether the cluster refuses a search because it no longer has the view."""
    # A node that has gone took its part of the view along: asked again, the others would say so for ever.
    return status == 404 or _NODE_GONE in str(reason)


def search(
    cluster: Cluster,
    point_in_time: str,
    body: Document,
    *,
    timeout: float | None = None,
    patience: float = READ_PATIENCE,
    **parameters: Any,
) -> Document:
    """Search one view. Raises ViewLostError where it is gone, wholly or in part.

    timeout  seconds to wait for the answer
    """
    body = body | {"pit": {"id": point_in_time, "keep_alive": _KEPT}}
    # With the term statistics of all shards, or equal articles on two shards would differ in score.
    parameters = {"search_type": "dfs_query_then_fetch", "allow_partial_search_results": "true"} | parameters

    def attempt() -> Document | None:
        try:
            return cluster.request("POST", "/_search", body, timeout=timeout, patience=0, **parameters)
        except TransportError as error:
            if is_lost(error.status_code, error.info):
                raise ViewLostError(str(error)) from error
            raise

    try:
        found = cluster.patiently(attempt, patience) if patience else attempt()
    except TransportError as error:
        if error.status_code in BUSY:
            raise ViewLostError(str(error)) from error
        raise
    assert found is not None
    if found["_shards"]["failed"] and not found["timed_out"]:
        raise ViewLostError(str(found["_shards"].get("failures"))[:300])
    return found
