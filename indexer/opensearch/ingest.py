"""Ingest: records → articles → documents → the cluster.

Worker processes parse, clean and analyse batches of the input, whose order is kept; threads send them. A document is
sent only where the cluster has none of that id or another content, and under the condition that this is still so when
it arrives. So an ingest can be repeated, requests can be sent again, and several hosts may ingest at once: no article
is lost, none is there twice.
"""

from __future__ import annotations

import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson
from opensearchpy.exceptions import TransportError

from indexer import sources
from indexer.analysis import stemmer
from indexer.errors import BackendUnavailableError
from indexer.ingest import REPORTED_REJECTS, bytes_of, parse_batch, worker_pool
from indexer.opensearch.cluster import BUSY, WRITE_PATIENCE, Cluster, Document, ShardsMissingError, refusal
from indexer.opensearch.mapping import digest, document, key
from indexer.opensearch.view import Views
from indexer.report import IngestReport, Progress, Reject

if TYPE_CHECKING:
    from indexer.opensearch.index import OpenSearchIndex

# Bytes of input that a worker takes at a time.
_BATCH_BYTES: Final = 2_000_000
_BATCH_RECORDS: Final = 1_000
# What one request holds at most, and how many are under way: more would only wait in the cluster's queues.
_CHUNK_BYTES: Final = 5_000_000
_CHUNK_DOCUMENTS: Final = 500
_LANES: Final = 3
_CONFLICT: Final = 409


@dataclass(frozen=True, slots=True)
class _Entry:
    """One article on its way.

    first  the digest of what came first under its id in its batch
    body   its document as JSON, still open at the end
    """

    id: str
    key: str
    first: str
    digest: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What became of a batch. `updated` and `unchanged` count ids that were repeated within it."""

    entries: list[_Entry]
    updated: int
    unchanged: int
    rejects: list[Reject]


@dataclass(slots=True)
class _Counts:
    """What was done so far."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    seen: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def reject(self, rejects: list[Reject], on_reject: Callable[[Reject], None] | None) -> None:
        self.rejected += len(rejects)
        self.rejects.extend(rejects[: REPORTED_REJECTS - len(self.rejects)])
        if on_reject:
            for reject in rejects:
                on_reject(reject)


def run(
    index: OpenSearchIndex,
    paths: Sequence[str | os.PathLike[str]],
    *,
    format: sources.Format,
    source: str | None,
    workers: int | None,
    stdin: BinaryIO | None,
    on_progress: Callable[[Progress], None] | None,
    on_reject: Callable[[Reject], None] | None,
) -> IngestReport:
    """See NewsIndex.ingest. Raises BackendUnavailableError."""
    began = time.perf_counter()
    total = sources.size(paths)
    bytes_read = 0

    def count(read: int) -> None:
        nonlocal bytes_read
        bytes_read += read

    records = sources.lines(paths, format=format, source=source, stdin=stdin, on_bytes=count)
    done = _Counts()
    processes = workers or os.cpu_count() or 1
    with (
        closing(_prepared(records, index.language, processes)) as batches,
        _Sender(index.cluster, index.views) as sender,
    ):
        for batch in batches:
            for chunk in _chunks(batch.entries):
                sender.send(chunk)
            done.updated += batch.updated
            done.unchanged += batch.unchanged
            done.seen += len(batch.entries) + batch.updated + batch.unchanged + len(batch.rejects)
            done.reject(batch.rejects + sender.take_rejects(), on_reject)
            if on_progress:
                on_progress(Progress(seen=done.seen, rejected=done.rejected, bytes_read=bytes_read, bytes_total=total))
        sender.finish()
        done.reject(sender.take_rejects(), on_reject)
    generation = index.views.commit() if sender.written else index.generation
    return IngestReport(
        added=sender.added,
        updated=sender.updated + done.updated,
        unchanged=sender.unchanged + done.unchanged,
        rejected=done.rejected,
        rejects=tuple(done.rejects),
        seconds=time.perf_counter() - began,
        generation=generation,
    )


# In worker processes


def _prepared(
    records: Iterator[sources.Record | sources.Lines], language: str, workers: int
) -> Generator[_Prepared, None, None]:
    """Prepare batches of records, in order; at most two batches a worker are under way."""
    pool: ProcessPoolExecutor | None = None
    under_way: deque[Future[_Prepared]] = deque()
    try:
        for batch in _batches(records):
            if workers == 1:
                yield _prepare(batch, language)
                continue
            pool = pool or worker_pool(workers)
            under_way.append(pool.submit(_prepare, batch, language))
            if len(under_way) > 2 * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)


def _batches(
    records: Iterator[sources.Record | sources.Lines],
) -> Iterator[list[sources.Record | sources.Lines]]:
    batch: list[sources.Record | sources.Lines] = []
    size = count = 0
    for record in records:
        batch.append(record)
        size += bytes_of(record)
        count += record.length if isinstance(record, sources.Lines) else 1
        if size >= _BATCH_BYTES or count >= _BATCH_RECORDS:
            yield batch
            batch, size, count = [], 0, 0
    if batch:
        yield batch


def _prepare(batch: list[sources.Record | sources.Lines], language: str) -> _Prepared:
    """Parse and clean a batch, and make its documents."""
    found = parse_batch(batch)
    stems = stemmer(language)
    entries = []
    for article in found.articles:
        made = document(article, stems)
        first = digest(found.first[article.id]) if article.id in found.first else made["digest"]
        entries.append(_Entry(article.id, key(article.id), first, made["digest"], orjson.dumps(made)[:-1]))
    return _Prepared(entries, found.updated, found.unchanged, found.rejects)


def _chunks(entries: list[_Entry]) -> Iterator[list[_Entry]]:
    """Cut entries into what one request may hold."""
    chunk: list[_Entry] = []
    size = 0
    for entry in entries:
        if chunk and (size + len(entry.body) > _CHUNK_BYTES or len(chunk) >= _CHUNK_DOCUMENTS):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += len(entry.body)
    if chunk:
        yield chunk


# To the cluster


class _Sender:
    """Sends chunks in a few threads; two chunks with the same article go one after the other."""

    def __init__(self, cluster: Cluster, views: Views) -> None:
        self.added = self.updated = self.unchanged = 0
        self.written = False
        self._cluster = cluster
        self._views = views
        self._run = uuid.uuid4().hex
        self._pool = ThreadPoolExecutor(_LANES)
        self._under_way: dict[Future[_Sent], set[str]] = {}
        self._rejects: list[Reject] = []

    def __enter__(self) -> _Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def send(self, chunk: list[_Entry]) -> None:
        """Send a chunk as soon as there is room. Raises what an earlier one has met."""
        keys = {entry.key for entry in chunk}
        while len(self._under_way) >= _LANES or any(keys & others for others in self._under_way.values()):
            self._collect(wait(self._under_way, return_when=FIRST_COMPLETED).done)
        self._under_way[self._pool.submit(self._send, chunk)] = keys

    def finish(self) -> None:
        """Wait until everything has arrived."""
        while self._under_way:
            self._collect(wait(self._under_way).done)

    def take_rejects(self) -> list[Reject]:
        """What the cluster refused since the last call."""
        found, self._rejects = self._rejects, []
        return found

    def _collect(self, done: set[Future[_Sent]]) -> None:
        for future in done:
            del self._under_way[future]
            sent = future.result()
            self.added += sent.added
            self.updated += sent.updated
            self.unchanged += sent.unchanged
            self.written |= sent.written
            self._rejects += sent.rejects

    def _send(self, chunk: list[_Entry]) -> _Sent:
        """Send one chunk until every article of it is there, or refused for good."""
        sent = _Sent()
        waiting = {entry.key: entry for entry in chunk}
        # Sent before without an answer that says what came of it: how it counts.
        uncertain: dict[str, bool | None] = {}

        def attempt() -> None:
            self._round(waiting, uncertain, sent)
            if waiting:
                raise ShardsMissingError(f"{len(waiting)} articles were not taken")

        try:
            self._cluster.patiently(attempt, WRITE_PATIENCE)
        except TransportError as error:
            raise BackendUnavailableError(f"{self._cluster.address} takes no articles: {refusal(error)}") from error
        return sent

    def _round(self, waiting: dict[str, _Entry], uncertain: dict[str, bool | None], sent: _Sent) -> None:
        """Send what waits, and take out of it what has arrived."""
        generation = self._views.latest(patience=0).generation
        known = self._known(list(waiting))
        end = f',"ingest":"{self._run}","written_after":{generation}}}\n'.encode()
        lines: list[bytes] = []
        asked: list[tuple[_Entry, bool | None]] = []
        for entry in list(waiting.values()):
            there = known.get(entry.key)
            was_there = None if there and there["_source"]["digest"] == entry.first else there is not None
            if there and there["_source"]["digest"] == entry.digest:
                del waiting[entry.key]
                ours = there["_source"]["ingest"] == self._run and entry.key in uncertain
                sent.count(uncertain[entry.key] if ours else was_there)
                sent.written |= ours
                continue
            lines += [_action(entry, there), entry.body, end]
            asked.append((entry, was_there))
            uncertain[entry.key] = was_there
        if not lines:
            return
        answer = self._cluster.request(
            "POST", f"/{self._cluster.address.name}/_bulk", b"".join(lines), patience=0, filter_path=_ANSWERED
        )
        assert answer is not None
        for (entry, was_there), item in zip(asked, answer["items"], strict=True):
            (found,) = item.values()
            status = found["status"]
            if status < 300:
                sent.count(was_there)
                sent.written = True
            elif status == _CONFLICT or status in BUSY:
                continue
            else:
                sent.rejects.append(Reject(place=f"article {entry.id[:100]}", reason=_refused(found)))
            del waiting[entry.key]

    def _known(self, keys: list[str]) -> dict[str, Document]:
        """What the cluster has under some keys: digest, run and place."""
        answer = self._cluster.request(
            "POST", f"/{self._cluster.address.name}/_mget", {"ids": keys}, patience=0, _source="digest,ingest"
        )
        assert answer is not None
        for found in answer["docs"]:
            if "error" in found:
                raise ShardsMissingError(str(found["error"])[:300])
        return {found["_id"]: found for found in answer["docs"] if found["found"]}


_ANSWERED: Final = "items.*.status,items.*.error.reason,items.*.error.caused_by.reason"


@dataclass(slots=True)
class _Sent:
    """What came of one chunk; `written` is whether the cluster took any article of it.

    The counts do not tell: an article that changes and changes back within a batch counts twice and is not sent.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    written: bool = False
    rejects: list[Reject] = field(default_factory=list)

    def count(self, was_there: bool | None) -> None:
        """Count an article: new, in place of another content, or (None) as it was."""
        if was_there is None:
            self.unchanged += 1
        elif was_there:
            self.updated += 1
        else:
            self.added += 1


def _action(entry: _Entry, there: Document | None) -> bytes:
    """The line before a document: only if nothing, or still the same, is there."""
    if there is None:
        return orjson.dumps({"create": {"_id": entry.key}}, option=orjson.OPT_APPEND_NEWLINE)
    place: dict[str, Any] = {
        "_id": entry.key,
        "if_seq_no": there["_seq_no"],
        "if_primary_term": there["_primary_term"],
    }
    return orjson.dumps({"index": place}, option=orjson.OPT_APPEND_NEWLINE)


def _refused(found: Document) -> str:
    error = found.get("error") or {}
    reason = (error.get("caused_by") or {}).get("reason") or error.get("reason")
    return f"the cluster refuses it: {reason}"[:300]
