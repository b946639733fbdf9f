"""NewsIndex: one index on disk — ingest, commit, search."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial, wraps
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar, cast

import numpy as np

from indexer import store
from indexer.analysis import Stemmer, stemmer
from indexer.article import Article, one_line
from indexer.engine import WORKER_MEMORY, Engine, is_address
from indexer.errors import (
    ArticleNotFoundError,
    BackendUnavailableError,
    BroadsheetError,
    CorruptSegmentError,
    NotAnIndexError,
    ResourceError,
)
from indexer.query import cursor as cursors
from indexer.query import evaluate
from indexer.query.facets import date_facet
from indexer.query.filters import Passing
from indexer.query.suggest import completions
from indexer.request import SearchRequest
from indexer.response import Hit, SearchResult, Suggestion
from indexer.segment.entry import ColumnarSegment
from indexer.segment.reader import SegmentReader
from indexer.view import View

if TYPE_CHECKING:
    from indexer.report import CheckReport, IndexStats, IngestReport, Progress, Reject, SourceStats
    from indexer.sources import Format

Method = TypeVar("Method", bound=Callable[..., Any])

# Articles beyond which segments are left as they are: merging them would hold up an ingest for too long.
LARGEST_MERGE: Final = 5_000_000
# So long a search waits for another thread to open the latest commit before it goes on with the one before.
_OPENING_SECONDS: Final = 0.25
# Views of past commits kept open for the cursors that page through them.
KEPT_VIEWS: Final = 4


def open_index(
    path: str | os.PathLike[str],
    *,
    create: bool = False,
    language: str = "en",
    lock_timeout: float = store.LOCK_SECONDS,
    verify: bool = False,
) -> Engine:
    """Open the index in a directory, at the last of its commits that is whole; or the one at an address of a cluster.

    create        make it where there is none; the directory may exist if it is empty
    language      ISO 639-1 code that chooses the stemmer of a new index ("en"); an existing one keeps its own
    lock_timeout  seconds that a change waits while another process writes
    verify        read every segment once before it answers, against its checksums: some 0.3 s a GB

    An address is opensearch://host:9200/name; there the last two play no part.

    Raises IndexNotFoundError, NotAnIndexError, CorruptSegmentError, FormatVersionError, ParameterError,
    IndexLockedError, BackendUnavailableError.
    """
    if is_address(path):
        try:
            from indexer.opensearch.index import open_address
        except ModuleNotFoundError as error:
            raise BackendUnavailableError(
                "an index on a cluster needs opensearch-py: pip install 'broadsheet[opensearch]'"
            ) from error
        return open_address(str(path), create=create, language=language)
    directory = Path(path)
    if directory.exists() and not directory.is_dir():
        raise store.missing(directory)
    try:
        if directory.is_dir() and store.is_index(directory):
            return NewsIndex(directory, lock_timeout, verify)
        if not create:
            raise store.missing(directory)
        # Here, because a search starts without Whoosh.
        from indexer.schema import pickled_schema

        schema = pickled_schema(language)
        directory.mkdir(parents=True, exist_ok=True)
        # Another process may be making it, too.
        if not (store.is_free(directory) or store.is_index(directory)):
            if store.segment_files(directory):
                raise store.missing(directory)
            raise NotAnIndexError(f"{directory} holds other files and no index: give an empty or a new directory")
        store.create(directory, schema, language, lock_timeout)
        return NewsIndex(directory, lock_timeout, verify)
    except OSError as error:
        raise NotAnIndexError(f"{directory} cannot be used: {store.reason_of(error)}") from error


def _naming_damage(method: Method) -> Method:
    """Let a method that reads say what is wrong with the disk or which file is damaged, where it fails for that."""

    @wraps(method)
    def reading(self: NewsIndex, *args: Any, **options: Any) -> Any:
        try:
            return method(self, *args, **options)
        except BroadsheetError:
            raise
        except OSError as error:
            raise ResourceError(f"{self.path} cannot be read: {store.reason_of(error)}") from error
        except Exception:
            self.verify()
            raise

    return cast(Method, reading)


class NewsIndex:
    """An index on disk. Use one object from many threads; any number of processes may read, one writes."""

    def __init__(self, path: Path, lock_timeout: float = store.LOCK_SECONDS, verify: bool = False) -> None:
        self.path = path
        self._lock_timeout = lock_timeout
        self._verify = verify
        self._lock = threading.Lock()
        # Held by the thread that opens the latest commit.
        self._opening = threading.Lock()
        # The last commit that was made through this object.
        self._written = -1
        self._views: OrderedDict[int, View] = OrderedDict()
        self._readers: dict[str, SegmentReader] = {}
        # When the directory had changed last as we looked, and when that was, in nanoseconds; and the table we found.
        self._seen: tuple[int, int] = (0, 0)
        self._listed: tuple[int, ...] = ()
        self.language: str = store.last_commit(path, self.reader).language
        self._stemmer: Stemmer = stemmer(self.language)

    def __enter__(self) -> NewsIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the files go, as soon as nobody reads them any more."""
        with self._lock:
            self._views.clear()
            self._readers.clear()

    # Reading

    @property
    @_naming_damage
    def generation(self) -> int:
        """The number of the latest commit."""
        return int(self._view().generation)

    @property
    @_naming_damage
    def committed_at(self) -> datetime:
        """The time of the latest commit."""
        return self._view().committed_at

    def search(self, q: str = "", **options: Any) -> SearchResult:
        """Search; the options are the fields of SearchRequest. Raises ParameterError, CursorGoneError."""
        return self.answer(SearchRequest.of(q, **options))

    @_naming_damage
    def answer(self, request: SearchRequest) -> SearchResult:
        """Answer a checked request. Raises ParameterError or CursorGoneError for its cursor."""
        return evaluate.answer(self._view_for(request.cursor), request, self._stemmer)

    def search_all(self, q: str = "", **options: Any) -> Iterator[Hit]:
        """Every match in order, from one consistent view, read as it is asked for.

        The options are the fields of SearchRequest; `limit` and `cursor` play no part. Raises ParameterError.
        """
        request = SearchRequest.of(q, **options)
        return iter(partial(self._next, self._every_hit(request)), None)

    @_naming_damage
    def _every_hit(self, request: SearchRequest) -> Iterator[Hit]:
        return evaluate.every_hit(self._view(), request, self._stemmer)

    @_naming_damage
    def _next(self, hits: Iterator[Hit]) -> Hit | None:
        return next(hits, None)

    @_naming_damage
    def get(self, id: str) -> Article:
        """The article with an id. Raises ArticleNotFoundError."""
        return self._article(self._view(), id)

    def _article(self, view: View, id: str) -> Article:
        # Ids are stored normalised, unless plain Whoosh wrote them.
        article = view.get(id) or view.get(one_line(id))
        if article is None:
            raise ArticleNotFoundError(f"no article with the id {id!r}: ids are in the hits of a search")
        return article

    @_naming_damage
    def similar(self, id: str, **options: Any) -> SearchResult:
        """Articles that share the distinctive words of the one with an id, most alike first, without itself.

        The options are the fields of SearchRequest; `q` and `match` play no part. Raises ArticleNotFoundError,
        ParameterError.
        """
        request = SearchRequest.of(**options)
        view = self._view_for(request.cursor)
        return evaluate.similar(view, self._article(view, id), request, self._stemmer)

    @_naming_damage
    def suggest(self, typed: str, limit: int = 10) -> tuple[Suggestion, ...]:
        """Words and sources that begin with what was typed, those of most articles first."""
        return completions(self._view(), typed, limit)

    @_naming_damage
    def sources(self) -> tuple[SourceStats, ...]:
        """The outlets, largest first, then by name."""
        from indexer.report import SourceStats

        found: dict[str, tuple[int, int, int]] = {}
        for segment in self._view().segments:
            column = segment.reader.column("source")
            for ordinal, name in enumerate(column.values):
                docs = column.documents([ordinal])
                if segment.alive is not None:
                    docs = docs.compress(segment.alive.take(docs))
                # Documents stand newest first, undated last.
                dated = docs[: int(docs.searchsorted(np.uint32(segment.reader.dated)))]
                days = segment.reader.ages[dated[[0, -1]]].tolist() if len(dated) else (_NEVER, -_NEVER)
                count, newest, oldest = found.get(name, (0, _NEVER, -_NEVER))
                found[name] = (count + len(docs), min(newest, days[0]), max(oldest, days[1]))
        stats = (
            SourceStats(source=name, articles=count, first=_day(oldest), last=_day(newest))
            for name, (count, newest, oldest) in found.items()
            if count
        )
        return tuple(sorted(stats, key=lambda s: (-s.articles, s.source)))

    @_naming_damage
    def stats(self) -> IndexStats:
        """What is in the index."""
        from indexer.report import IndexStats

        view = self._view()
        everything = [(segment.reader, segment.docs()) for segment in view.segments]
        alive = [Passing(docs, 0, reader.doc_count) for reader, docs in everything]
        histogram = date_facet(everything, view.readers, alive, "month", view.stretches)
        return IndexStats(
            articles=view.doc_count,
            undated=histogram.missing,
            sources=self.sources(),
            months=tuple((bucket.start, bucket.count) for bucket in histogram.buckets),
            segments=len(view.segments),
            bytes=sum(segment.reader.file.size for segment in view.segments),
            generation=view.generation,
            committed_at=view.committed_at,
            language=self.language,
        )

    def check(self) -> CheckReport:
        """Read everything and report what is damaged or does not add up."""
        from indexer.check import check

        return check(self.path)

    def snapshot(self, directory: str | os.PathLike[str]) -> int:
        """Copy the latest commit into an empty or new directory, also while another process writes.

        On the same file system files are shared, not copied. Returns the generation. Raises NotAnIndexError,
        ResourceError.
        """
        from indexer.snapshot import snapshot

        return snapshot(self.path, Path(directory), self.reader)

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
        """Add the articles of a path or several: files, folders, archives and feeds; "-" is standard input.

        Same id and content: unchanged. Same id, new content: updated. A record that cannot be used is
        rejected and reported, and the rest goes on.

        format       of all the paths; "auto" tells by name and content
        source       the outlet's display name, for records of one outlet
        workers      processes that parse, clean and build segments; None takes one a core, 1 uses this process
        memory       megabytes that each of them may take, about; less makes smaller segments, which are merged oftener
        stdin        where "-" reads from; None takes the process's own
        on_progress  called after each batch of input
        on_reject    called for each rejected record, after its batch

        Raises ParameterError for an unknown format, SourceError for a path that does not exist, IndexLockedError while
        another process writes, ResourceError where disk or memory do not suffice.
        """
        from indexer import ingest

        return ingest.run(
            self,
            [paths] if isinstance(paths, str | os.PathLike) else list(paths),
            format=format,
            source=source,
            workers=workers,
            memory=memory,
            stdin=stdin,
            on_progress=on_progress,
            on_reject=on_reject,
        )

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles by id and commit; returns how many there were. Raises IndexLockedError, ResourceError."""
        with self.writer() as writer:
            deleted = 0
            named = [ids] if isinstance(ids, str) else ids
            for id in dict.fromkeys(form for given in named for form in (given, one_line(given))):
                for segment in writer.segments:
                    doc = self.reader(segment).find(id)
                    if doc >= 0 and not segment.is_deleted(doc):
                        segment.delete_document(doc)
                        deleted += 1
            if deleted:
                self.commit(writer)
        return deleted

    def optimize(self) -> int:
        """Merge everything into one segment, purging what was deleted; returns the generation.

        The commit before goes at once, as soon as the new file has been read back. Raises IndexLockedError,
        ResourceError.
        """
        with self.writer() as writer:
            if len(writer.segments) > 1 or any(segment.has_deletions() for segment in writer.segments):
                self._merge(writer, list(writer.segments))
                for segment in writer.segments:
                    self.reader(segment).file.verify()
                self.commit(writer, keep_previous=False)
        return writer.committed

    def writer(self) -> store.Writer:
        """The writer of the next commit. Raises IndexLockedError, ResourceError."""
        return store.Writer(self.path, self.reader, self._lock_timeout)

    def commit(self, writer: store.Writer, *, keep_previous: bool = True) -> None:
        """Make a commit; see Writer.commit. Every search that begins after it sees it."""
        writer.commit(keep_previous=keep_previous)
        self._written = writer.committed

    def merge_small(self, writer: store.Writer, at_least: int = 2) -> None:
        """Merge the small segments of the next commit, so that each is twice as large as all smaller together.

        at_least  leave it where fewer segments than these would be merged

        So an index has some log2 of its size in segments, and an article is copied as often.
        """
        # What is wholly deleted goes with the commit.
        alive = [segment for segment in writer.segments if segment.doc_count()]
        alive.sort(key=lambda segment: segment.doc_count())
        small: list[ColumnarSegment] = []
        articles = 0
        for number, segment in enumerate(alive):
            if articles + segment.doc_count() > LARGEST_MERGE:
                break
            if segment.doc_count() < 2 * articles:
                # The smaller ones go with it, also where they would be few enough by themselves.
                small = alive[: number + 1]
            articles += segment.doc_count()
        if len(small) >= at_least:
            self._merge(writer, small)

    def _merge(self, writer: store.Writer, segments: list[ColumnarSegment]) -> None:
        from indexer.segment.merger import merge

        merged = writer.new_segment()
        for segment in segments:
            # Else the new file would have right checksums of what is damaged.
            self.reader(segment).file.verify()
        old = [(self.reader(segment), segment.deleted_ids()) for segment in segments]
        merged.set_doc_count(merge(store.segment_path(self.path, merged), old, self.language))
        del old
        writer.segments = [segment for segment in writer.segments if segment not in segments]
        writer.segments.append(merged)
        for segment in segments:
            self.discard(writer, segment)

    def discard(self, writer: store.Writer, segment: ColumnarSegment) -> None:
        """Let go of a segment that the next commit does not need: a long ingest would fill the disk with them."""
        if writer.discard(segment):
            self._readers.pop(segment.segment_id(), None)

    # Views

    def verify(self) -> None:
        """Compare every open file with its checksums. Raises CorruptSegmentError that names a damaged one."""
        for reader in tuple(self._readers.values()):
            reader.file.verify()

    def reader(self, segment: Any) -> SegmentReader:
        """The reader of a segment, opened once. Raises CorruptSegmentError, FormatVersionError."""
        name = segment.segment_id()
        reader = self._readers.get(name)
        if reader is None:
            reader = SegmentReader(store.segment_path(self.path, segment))
            if reader.doc_count != segment.doc_count_all():
                raise CorruptSegmentError(
                    f"{reader.file.path} holds {reader.doc_count} articles, the commit says {segment.doc_count_all()}"
                )
            if self._verify:
                reader.file.verify()
            self._readers[name] = reader
        return reader

    def _view(self) -> View:
        """The view of the latest commit; of the one before, while another thread takes long to open one of others."""
        moment = self.path.stat().st_mtime_ns
        if view := self._known_view(moment):
            return view
        with self._lock:
            before = next(reversed(self._views.values()), None)
        # Whoever has written here sees it.
        may_go_on = before is not None and before.generation >= self._written
        if not self._opening.acquire(timeout=_OPENING_SECONDS if may_go_on else -1):
            assert before is not None
            return before
        try:
            if view := self._known_view(moment):
                return view
            looked = time.time_ns()
            listed = store.latest_table(self.path)
            commit = None
            if listed != self._listed or not self._views:
                # All of it may be read here, see `verify`: nobody else is held up for so long.
                commit = store.last_commit(self.path, self.reader)
            with self._lock:
                if commit:
                    self._open_view(commit)
                    self._listed = listed
                # Last, so that who fails to open a commit looks again.
                self._seen = (moment, looked)
                if self._views:
                    return next(reversed(self._views.values()))
        finally:
            self._opening.release()
        # Another thread has just closed the index.
        return self._view()

    def _known_view(self, moment: int) -> View | None:
        """The latest view, if the directory was looked at after it changed last."""
        with self._lock:
            # A young timestamp may hide a second commit within the clock's grain.
            if not self._views or self._seen[0] != moment or self._seen[1] - moment < 1_000_000_000:
                return None
            return next(reversed(self._views.values()))

    def _open_view(self, commit: store.Commit) -> None:
        segments = [(self.reader(segment), segment.deleted_ids()) for segment in commit.segments]
        token = " ".join(segment.segment_id() for segment in commit.segments)
        self._views[commit.generation] = View(segments, commit.generation, commit.made_at, token)
        self._views.move_to_end(commit.generation)
        while len(self._views) > KEPT_VIEWS:
            # Another thread may still be reading it: its files go with its last reader.
            self._views.popitem(last=False)
        kept = {id(segment.reader) for view in self._views.values() for segment in view.segments}
        # A copy: a thread that writes opens readers without the lock.
        self._readers = {name: reader for name, reader in tuple(self._readers.items()) if id(reader) in kept}

    def _view_for(self, cursor: str | None) -> View:
        """The view that a cursor pages through, while it is open or its commit still there, else the latest."""
        latest = self._view()
        if cursor is None:
            return latest
        generation = cursors.generation_of(cursor)
        with self._lock:
            if generation not in self._views and 0 <= generation < latest.generation:
                # Another thread may just have opened a later view than ours, or closed the index.
                newest = next(reversed(self._views), None)
                # The page before may have come from another process, which opened that commit in time.
                with suppress(BroadsheetError, OSError):
                    self._open_view(store.read_commit(self.path, generation))
                if newest is not None:
                    self._views.move_to_end(newest)
            return self._views.get(generation, latest)


_NEVER: Final = np.iinfo(np.int64).max


def _day(age: int) -> date | None:
    return None if abs(age) == _NEVER else datetime.fromtimestamp(-age, UTC).date()
