"""Ingest: records → articles → segments → a commit.

One process reads the input and commits; parsing, cleaning and building segments happen in worker processes,
a batch of input at a time, whose order is kept.
"""

from __future__ import annotations

import ctypes
import gc
import math
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, ParamSpec, TypeVar

import numpy as np

from indexer import sources, store
from indexer.analysis import stemmer
from indexer.article import Article
from indexer.native.library import loops
from indexer.page import Page
from indexer.report import IngestReport, Progress, Reject
from indexer.segment import builder
from indexer.segment.entry import ColumnarSegment
from indexer.segment.reader import SegmentReader

if TYPE_CHECKING:
    from indexer.index import NewsIndex
    from indexer.learned import Learned

# Megabytes that a worker takes before it has any input, and how many at most for each megabyte of a segment's input.
_EMPTY_WORKER: Final = 80
_TIMES_INPUT: Final = 8
# What a record takes beside its text, in bytes of input.
_RECORD: Final = 64
# Less than this is not worth a process of its own.
_SMALLEST_BATCH: Final = 1_000_000
# The builder takes less than 2 GB of text, and UTF-8 may take three times the bytes of another charset.
_LARGEST_BATCH: Final = 500_000_000
# New segments that are let stand side by side while an ingest goes on.
_SEGMENTS_AT_ONCE: Final = 64
# So many dictionaries of stored articles are tried before another one is made.
_TRIED_DICTIONARIES: Final = 4
REPORTED_REJECTS: Final = 100
# Between two collections of garbage in a worker.
_ALLOCATIONS: Final = 100_000
_CTRL_C: Final = (signal.SIGINT,)
# Of glibc: what takes less than an array of so many bytes comes from memory of which so much is kept.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_ARRAY: Final = 32 << 20
_KEPT_MEMORY: Final = (1 << 31) - 1

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Batch:
    """Input for one segment, where to write it, and what is known of the sites of pages.

    dictionaries  with which articles are stored already
    """

    records: list[sources.Record | sources.Lines]
    path: Path
    language: str
    learned: Learned | None
    dictionaries: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Built:
    """What became of a batch, what was heard of the sites of its pages, and the dictionary of its stored articles.

    `updated` and `unchanged` count ids that were repeated within it; `first` has the digests of what came first, where
    that was something else than what came last.
    """

    docs: int
    updated: int
    unchanged: int
    first: dict[str, bytes]
    rejects: list[Reject]
    heard: Learned | None
    dictionary: bytes


def run(
    index: NewsIndex,
    paths: Sequence[str | os.PathLike[str]],
    *,
    format: sources.Format,
    source: str | None,
    workers: int | None,
    memory: int,
    stdin: BinaryIO | None,
    on_progress: Callable[[Progress], None] | None,
    on_reject: Callable[[Reject], None] | None,
) -> IngestReport:
    """See NewsIndex.ingest."""
    began = time.perf_counter()
    total = sources.size(paths)
    bytes_read = 0

    def count(read: int) -> None:
        nonlocal bytes_read
        bytes_read += read

    records = sources.lines(paths, format=format, source=source, stdin=stdin, on_bytes=count)
    rejects: list[Reject] = []
    seen = rejected = 0
    processes = workers or os.cpu_count() or 1
    with ExitStack() as stack:
        writer = stack.enter_context(index.writer())
        # Under the lock: another ingest may just have learned something.
        sites = _Sites(index.path)
        batches = _batches(records, processes, batch_bytes(memory), lambda: bytes_read / total if total else 0.0)
        stored = _dictionaries(index, writer)
        # Closed before the writer: what workers still write is swept with it.
        parts = stack.enter_context(
            closing(_built(batches, writer, index.language, sites, stored, processes, total or 0))
        )
        committer = _Committer(index, writer)
        changed = False
        for segment, built in parts:
            if built.dictionary:
                stored[built.dictionary] = None
            if committer.add(segment, built):
                changed = True
                sites.hear(built.heard)
            # The workers go on building meanwhile.
            index.merge_small(writer, at_least=_SEGMENTS_AT_ONCE)
            seen += built.docs + built.updated + built.unchanged + len(built.rejects)
            rejected += len(built.rejects)
            rejects.extend(built.rejects[: REPORTED_REJECTS - len(rejects)])
            if on_reject:
                for reject in built.rejects:
                    on_reject(reject)
            if on_progress:
                on_progress(Progress(seen=seen, rejected=rejected, bytes_read=bytes_read, bytes_total=total))
        if changed:
            index.merge_small(writer)
            sites.save()
            index.commit(writer)
    return IngestReport(
        added=committer.added,
        updated=committer.updated,
        unchanged=committer.unchanged,
        rejected=rejected,
        rejects=tuple(rejects),
        seconds=time.perf_counter() - began,
        generation=writer.committed,
    )


class _Sites:
    """What is known of the sites of pages. Pages that bring nothing new teach nothing: they were heard before."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._news = False
        self.learned: Learned | None = None
        # Where there is neither, an ingest of articles goes without the cleaner.
        if any((directory / name).exists() for name in (store.LEARNED_FILE, store.OUTLETS_FILE)):
            from indexer.learned import Learned

            self.learned = Learned.load(directory)

    def hear(self, heard: Learned | None) -> None:
        if heard is None:
            return
        self._news = True
        if self.learned is None:
            self.learned = heard
        else:
            self.learned.merge(heard)

    def save(self) -> None:
        if self._news and self.learned is not None:
            self.learned.save(self._directory)


def _dictionaries(index: NewsIndex, writer: store.Writer) -> dict[bytes, None]:
    """The last dictionaries of the stored articles, in order; a dict, so that none is there twice."""
    readers = [index.reader(segment) for segment in writer.segments]
    whole = [reader for reader in readers if reader.file.is_intact("dictionaries")]
    stored = [dictionary.as_bytes() for reader in whole for dictionary in reader.dictionaries.values()]
    return dict.fromkeys(stored[-_TRIED_DICTIONARIES:])


def _built(
    batches: Iterator[list[sources.Record | sources.Lines]],
    writer: store.Writer,
    language: str,
    sites: _Sites,
    stored: dict[bytes, None],
    workers: int,
    expected: int,
) -> Generator[tuple[ColumnarSegment, _Built], None, None]:
    """Build a segment of each batch, in order; one batch more than there are workers is under way at most.

    stored    the dictionaries of stored articles; the caller adds those of what it was given
    expected  the bytes of the input, as far as they are known
    """
    # On a large input they are started at once, and ready when it has been read.
    pool = worker_pool(workers) if workers > 1 else None
    under_way: deque[tuple[ColumnarSegment, Future[_Built]]] = deque()
    try:
        if pool and expected > _SMALLEST_BATCH:
            for _ in range(workers):
                pool.submit(_get_ready)
        for batch in batches:
            segment = writer.new_segment()
            path = store.segment_path(writer.path, segment)
            task = _Batch(batch, path, language, sites.learned, tuple(stored)[-_TRIED_DICTIONARIES:])
            if pool is None:
                yield segment, _build(task)
                continue
            under_way.append((segment, pool.submit(_build, task)))
            if len(under_way) > workers:
                segment, future = under_way.popleft()
                yield segment, future.result()
        while under_way:
            segment, future = under_way.popleft()
            yield segment, future.result()
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)


def worker_pool(workers: int) -> ProcessPoolExecutor:
    """Processes that end with this one. They start with the first task."""
    # A forked process does not run the main module again, so that a script may ingest without guarding against that.
    context = get_context("fork" if sys.platform == "linux" else None)
    return _WorkerPool(workers, mp_context=context, initializer=_prepare)


class _WorkerPool(ProcessPoolExecutor):
    """Processes that a Ctrl-C, which a terminal sends to all of them, ends without a word: their parent says it."""

    def submit(
        self, fn: Callable[_Arguments, _Result], /, *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> Future[_Result]:
        # It is held back from workers that start here until `_prepare`.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _CTRL_C)
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare() -> None:
    """Prepare a worker: it ends with its parent, keeps its memory, and seldom looks for cycles among articles."""
    _keep_memory()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _CTRL_C)
    gc.set_threshold(_ALLOCATIONS)
    parent = parent_process()

    def end() -> None:
        # It shares the lock of a parent that is killed, and would wait for work for ever.
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=end, daemon=True).start()


def _keep_memory() -> None:
    """Let glibc keep what is freed: large arrays come and go, and the system clears every page that it hands out anew.

    See mallopt(3).
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option:
        set_option(_M_MMAP_THRESHOLD, _KEPT_ARRAY)
        set_option(_M_TRIM_THRESHOLD, _KEPT_MEMORY)


def _get_ready() -> None:
    """Load what building needs and starting does not."""
    import Stemmer  # noqa: F401

    loops()


def batch_bytes(memory: int) -> int:
    """How many bytes of input make a segment, so that a worker takes about `memory` megabytes to build it."""
    fitting = (memory - _EMPTY_WORKER) * 1_000_000 // _TIMES_INPUT
    return min(max(_SMALLEST_BATCH, fitting), _LARGEST_BATCH)


def _batches(
    records: Iterator[sources.Record | sources.Lines], workers: int, most: int, done: Callable[[], float]
) -> Iterator[list[sources.Record | sources.Lines]]:
    """Cut the records into batches of some `most` bytes, so that all workers have to do up to the end.

    done  the share of the input that has been read; 0 where it is not known how much there is

    Each worker gets as many batches of one size. Where it is not known how much there is, what is left at the end is
    cut into one for each.
    """
    waiting: deque[sources.Record | sources.Lines] = deque()
    size = given = batches = 0
    look = _SMALLEST_BATCH
    share = 0.0
    for record in records:
        waiting.append(record)
        size += bytes_of(record)
        if size < look:
            continue
        share = done()
        batch, look = most, workers * most
        if share:
            # A file may have grown since.
            left = max(size, (given + size) / share - given)
            fewest = math.ceil(left / most)
            batch = look = max(_SMALLEST_BATCH, int(left / (fewest + -(batches + fewest) % workers)) + 1)
        if size >= look:
            records_of_batch, taken = _cut(waiting, batch)
            size -= taken
            given += taken
            batches += 1
            yield records_of_batch
    others = -batches % workers if share else 0
    batch = max(_SMALLEST_BATCH, size // (others or workers) + 1)
    while waiting:
        yield _cut(waiting, batch)[0]


def _cut(waiting: deque[sources.Record | sources.Lines], size: int) -> tuple[list[sources.Record | sources.Lines], int]:
    """Take records of some `size` bytes from the left; returns them and their bytes."""
    batch: list[sources.Record | sources.Lines] = []
    taken = 0
    while waiting and taken < size:
        taken += bytes_of(waiting[0])
        batch.append(waiting.popleft())
    return batch, taken


def bytes_of(record: sources.Record | sources.Lines) -> int:
    """How many bytes of input a record is, or lines of records, about."""
    if isinstance(record, sources.Lines):
        return _RECORD * record.length + len(record.text)
    if isinstance(record, Page):
        return _RECORD + len(record.data)
    return _RECORD + (len(record.title) + len(record.body) if isinstance(record, Article) else 0)


def _build(batch: _Batch) -> _Built:
    """Parse and clean a batch, and write its segment."""
    found = parse_batch(batch.records, batch.learned)
    dictionary = b""
    if found.articles:
        dictionary = builder.dictionary_for(found.articles, batch.dictionaries)
        builder.build(batch.path, found.articles, stemmer(batch.language), dictionary)
    first = {id: builder.digest(builder.stored_record(article)) for id, article in found.first.items()}
    return _Built(len(found.articles), found.updated, found.unchanged, first, found.rejects, found.heard, dictionary)


class ParsedBatch(NamedTuple):
    """What a batch of records comes to: the same as if each of them were a batch of its own.

    articles            the last of each id
    first               the first of it, where that is another one
    updated, unchanged  how often an id came again, with another content and with the same
    heard               what pages tell of their sites; None without any page
    """

    articles: list[Article]
    first: dict[str, Article]
    updated: int
    unchanged: int
    rejects: list[Reject]
    heard: Learned | None


def parse_batch(records: list[sources.Record | sources.Lines], learned: Learned | None = None) -> ParsedBatch:
    """Parse and clean records.

    learned  of the sites before
    """
    first: dict[str, Article] = {}
    last: dict[str, Article] = {}
    rejects: list[Reject] = []
    updated = unchanged = 0
    found, heard = _articles_of(records, learned)
    for article in found:
        if isinstance(article, Reject):
            rejects.append(article)
            continue
        before = last.get(article.id)
        if before == article:
            unchanged += 1
            continue
        if before is not None:
            updated += 1
            first.setdefault(article.id, before)
        last[article.id] = article
    first = {id: article for id, article in first.items() if article != last[id]}
    return ParsedBatch(list(last.values()), first, updated, unchanged, rejects, heard)


def _articles_of(
    records: list[sources.Record | sources.Lines], learned: Learned | None
) -> tuple[list[Article | Reject], Learned | None]:
    """The articles and rejects of records, in order; with what their pages tell of their sites, if there are any."""
    parsed = [record for unparsed in records for record in sources.parsed(unparsed)]
    pages = [record for record in parsed if isinstance(record, Page)]
    if not pages:
        return [record for record in parsed if not isinstance(record, Page)], None
    # Records of articles need none of the cleaner.
    from indexer.learned import Learned

    cleaned, heard = (learned or Learned()).cleaned(pages)
    following = iter(cleaned)
    return [next(following) if isinstance(record, Page) else record for record in parsed], heard


class _Committer:
    """Puts new segments into the next commit, so that every article id is live in one place."""

    def __init__(self, index: NewsIndex, writer: store.Writer) -> None:
        self._index = index
        self._writer = writer
        self.added = self.updated = self.unchanged = 0

    def add(self, segment: ColumnarSegment, built: _Built) -> bool:
        """Take in a new segment: what it changes is deleted elsewhere, what it repeats is deleted in it.

        Returns whether anything of it is left.
        """
        self.updated += built.updated
        self.unchanged += built.unchanged
        if not built.docs:
            return False
        segment.set_doc_count(built.docs)
        reader = self._index.reader(segment)
        self.added += built.docs
        for other in self._writer.segments:
            self._supersede(segment, reader, built.first, other, self._index.reader(other))
        if not segment.doc_count():
            self._index.discard(self._writer, segment)
            return False
        self._writer.segments.append(segment)
        return True

    def _supersede(
        self,
        segment: ColumnarSegment,
        reader: SegmentReader,
        first: dict[str, bytes],
        other: ColumnarSegment,
        known: SegmentReader,
    ) -> None:
        places = known.id_hashes.searchsorted(reader.id_hashes)
        maybe = reader.id_docs[known.id_hashes.take(places, mode="clip") == reader.id_hashes]
        for doc in np.sort(maybe).tolist():
            id = reader.article_id(doc)
            old = known.find(id)
            if old < 0 or other.is_deleted(old):
                continue
            before, after = known.digests[old].tobytes(), reader.digests[doc].tobytes()
            self.added -= 1
            # Counted is the step from what was there to what came first: the steps after that are counted already.
            if before == first.get(id, after):
                self.unchanged += 1
            else:
                self.updated += 1
            if before == after:
                segment.delete_document(doc)
            else:
                other.delete_document(old)
