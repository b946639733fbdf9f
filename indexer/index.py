"""NewsIndex: one index on disk — ingest, commit, search."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from indexer.analysis import Stemmer, stemmer
from indexer.article import Article
from indexer.errors import (
    ArticleNotFoundError,
    CorruptSegmentError,
    IndexLockedError,
    IndexNotFoundError,
    NotAnIndexError,
    ParameterError,
)
from indexer.request import SearchRequest
from indexer.response import (
    CheckReport,
    Hit,
    IndexStats,
    IngestReport,
    Progress,
    Reject,
    SearchResult,
    SourceStats,
)

if TYPE_CHECKING:
    from indexer.sources import Format

# Views of past commits kept open for the cursors that page through them.
KEPT_VIEWS: Final = 4
REPORTED_REJECTS: Final = 100
# Articles between two commits of one ingest.
BATCH: Final = 50_000
LOCK_SECONDS: Final = 10.0


def open_index(path: str | os.PathLike[str], *, create: bool = False, language: str = "en") -> NewsIndex:
    """Open the index in a directory.

    create    make it where there is none; the directory may exist if it is empty
    language  ISO 639-1 code that chooses the stemmer of a new index ("en"); an existing one keeps its own

    Raises IndexNotFoundError, NotAnIndexError, CorruptSegmentError, ParameterError.
    """
    from whoosh import index as whoosh_index

    directory = Path(path)
    if directory.exists() and not directory.is_dir():
        raise NotAnIndexError(f"{directory} is a file, not an index: an index is a directory")
    try:
        if directory.is_dir() and whoosh_index.exists_in(str(directory)):
            return NewsIndex(directory)
        if not create:
            raise _missing(directory)
        from indexer.schema import make_schema

        schema = make_schema(language)
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise NotAnIndexError(f"{directory} holds other files and no index: give an empty or a new directory")
        whoosh_index.create_in(str(directory), schema)
    except OSError as error:
        raise NotAnIndexError(f"{directory} cannot be used: {error.strerror or error}") from error
    return NewsIndex(directory)


def _missing(directory: Path) -> IndexNotFoundError | NotAnIndexError:
    build = f"Build one: indexer ingest --index {directory} PAGES"
    if not directory.exists():
        return IndexNotFoundError(f"No index at {directory}. {build}")
    if any(directory.iterdir()):
        return NotAnIndexError(f"{directory} holds no index. Build one elsewhere: indexer ingest --index NEW PAGES")
    return IndexNotFoundError(f"{directory} is empty. {build}")


class NewsIndex:
    """An index on disk. Use one object from many threads; any number of processes may read, one writes."""

    def __init__(self, path: Path) -> None:
        from whoosh import index as whoosh_index

        self.path = path
        self._lock = threading.Lock()
        self._views: OrderedDict[int, Any] = OrderedDict()
        self._seen: tuple[int, int] = (0, 0)
        try:
            self._whoosh = whoosh_index.open_dir(str(path))
        except Exception as error:
            # Whoosh raises whatever its unpickling meets.
            raise CorruptSegmentError(f"{path}: the table of contents cannot be read ({error})") from error
        if "text_stem" not in self._whoosh.schema:
            raise NotAnIndexError(f"{path} is a Whoosh index with another schema, not one of Broadsheet's")
        self.language: str = self._whoosh.schema["text_stem"].analyzer.language
        self._stemmer: Stemmer = stemmer(self.language)

    def __enter__(self) -> NewsIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the files go; the object cannot be used afterwards."""
        with self._lock:
            while self._views:
                self._views.popitem()[1].close()

    # Reading

    @property
    def generation(self) -> int:
        """The number of the latest commit."""
        return int(self._view().generation)

    def search(self, q: str = "", **options: Any) -> SearchResult:
        """Search; the options are the fields of SearchRequest. Raises ParameterError, CursorGoneError."""
        return self.answer(SearchRequest.of(q, **options))

    def answer(self, request: SearchRequest) -> SearchResult:
        """Answer a checked request. Raises ParameterError or CursorGoneError for its cursor."""
        from indexer.query import evaluate

        return evaluate.answer(self._view_for(request.cursor), request, self._stemmer)

    def search_all(self, q: str = "", **options: Any) -> Iterator[Hit]:
        """Every match in order, from one consistent view, read as it is asked for.

        The options are the fields of SearchRequest; `limit` and `cursor` play no part. Raises ParameterError.
        """
        from indexer.query import evaluate

        return evaluate.every_hit(self._view(), SearchRequest.of(q, **options), self._stemmer)

    def get(self, id: str) -> Article:
        """The article with an id. Raises ArticleNotFoundError."""
        view = self._view()
        doc = view.find(id)
        if doc is None:
            raise ArticleNotFoundError(f"no article with the id {id!r}: ids are in the hits of a search")
        article: Article = view.article(doc)
        return article

    def sources(self) -> tuple[SourceStats, ...]:
        """The outlets, largest first, then by name."""
        from indexer.view import UNDATED

        view = self._view()
        column = view.column("source")
        docs = view.live
        has_source = column.offsets[docs + 1] > column.offsets[docs]
        ordinals = column.ordinals[column.offsets[docs[has_source]]]
        dates = view.dates[docs[has_source]]
        found = []
        for ordinal, name in enumerate(column.values):
            own = dates[ordinals == ordinal]
            dated = own[own != UNDATED]
            if len(own):
                first, last = (_day(int(d)) for d in (dated.min(), dated.max())) if len(dated) else (None, None)
                found.append(SourceStats(source=name, articles=len(own), first=first, last=last))
        return tuple(sorted(found, key=lambda s: (-s.articles, s.source)))

    def stats(self) -> IndexStats:
        """What is in the index."""
        from indexer.query.facets import date_facet

        view = self._view()
        histogram = date_facet(view, view.live, view.live, "month")
        return IndexStats(
            articles=len(view.live),
            undated=histogram.missing,
            sources=self.sources(),
            months=tuple((bucket.start, bucket.count) for bucket in histogram.buckets),
            segments=len(view.segment_ids),
            bytes=sum(file.stat().st_size for file in self.path.iterdir() if file.is_file()),
            generation=view.generation,
            committed_at=view.committed_at,
            language=self.language,
        )

    def check(self) -> CheckReport:
        """Read everything and report what is damaged or does not add up."""
        problems: list[str] = []
        articles = 0
        try:
            view = self._view()
            ids: set[str] = set()
            for doc in view.live.tolist():
                article = view.article(doc)
                articles += 1
                if article.id in ids:
                    problems.append(f"{self.path}: the id {article.id!r} is there twice")
                ids.add(article.id)
            segments = len(view.segment_ids)
        except Exception as error:
            # Whatever a damaged file makes its reader raise is the finding.
            problems.append(f"{self.path}: cannot be read ({type(error).__name__}: {error})")
            segments = 0
        return CheckReport(articles=articles, segments=segments, problems=tuple(problems))

    # Writing

    def ingest(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        format: Format = "auto",
        source: str | None = None,
        workers: int | None = None,
        stdin: BinaryIO | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_reject: Callable[[Reject], None] | None = None,
    ) -> IngestReport:
        """Add the articles of files, folders, archives and feeds; "-" is standard input.

        Same id and content: unchanged. Same id, new content: updated. A record that cannot be used is
        rejected and reported, and the rest goes on.

        format       of all the paths; "auto" tells by name and content
        source       the outlet's display name, for records of one outlet
        workers      processes that clean pages; None takes one a core
        stdin        where "-" reads from; None takes the process's own
        on_progress  called now and then
        on_reject    called for each rejected record, as it is met

        Raises SourceError for a path that does not exist, IndexLockedError while another process writes.
        """
        from indexer import ingest, sources

        began = time.perf_counter()
        named = list(paths)
        total = sources.size(named)
        bytes_read = 0

        def count(read: int) -> None:
            nonlocal bytes_read
            bytes_read += read

        records = sources.read(named, format=format, source=source, stdin=stdin, on_bytes=count)
        added = updated = unchanged = rejected = seen = 0
        rejects: list[Reject] = []
        pending: dict[str, Article] = {}
        again = 0
        for item in ingest.articles(records, workers):
            seen += 1
            if isinstance(item, Reject):
                rejected += 1
                if len(rejects) < REPORTED_REJECTS:
                    rejects.append(item)
                if on_reject:
                    on_reject(item)
            else:
                before = pending.get(item.id)
                if before is not None:
                    unchanged, again = (unchanged + 1, again) if before == item else (unchanged, again + 1)
                pending[item.id] = item
                if len(pending) >= BATCH:
                    counts = self._write(list(pending.values()))
                    added, updated, unchanged = added + counts[0], updated + counts[1], unchanged + counts[2]
                    pending.clear()
            if on_progress and seen % 100 == 0:
                on_progress(Progress(seen=seen, rejected=rejected, bytes_read=bytes_read, bytes_total=total))
        counts = self._write(list(pending.values()))
        if on_progress:
            on_progress(Progress(seen=seen, rejected=rejected, bytes_read=bytes_read, bytes_total=total))
        return IngestReport(
            added=added + counts[0],
            updated=updated + counts[1] + again,
            unchanged=unchanged + counts[2],
            rejected=rejected,
            rejects=tuple(rejects),
            seconds=time.perf_counter() - began,
            generation=self.generation,
        )

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles by id and commit; returns how many there were. Raises IndexLockedError."""
        view = self._view()
        known = [id for id in dict.fromkeys(ids) if view.find(id) is not None]
        if known:
            writer = self._writer()
            with writer:
                for id in known:
                    writer.delete_by_term("id", id)
                writer.merge = False
        return len(known)

    def optimize(self) -> int:
        """Merge everything into one segment, purging what was deleted; returns the generation."""
        self._writer().commit(optimize=True)
        return self.generation

    def _write(self, articles: list[Article]) -> tuple[int, int, int]:
        """Commit a batch of articles with distinct ids; returns how many were added, updated, unchanged."""
        from indexer.schema import document

        view = self._view()
        fresh, changed, unchanged = [], [], 0
        for article in articles:
            doc = view.find(article.id)
            if doc is None:
                fresh.append(article)
            elif view.article(doc) != article:
                changed.append(article)
            else:
                unchanged += 1
        if fresh or changed:
            writer = self._writer()
            with writer:
                for article in changed:
                    writer.delete_by_term("id", article.id)
                for article in fresh + changed:
                    writer.add_document(**document(article))
        return len(fresh), len(changed), unchanged

    def _writer(self) -> Any:
        from whoosh.index import LockError
        from whoosh.writing import SegmentWriter

        try:
            return SegmentWriter(self._whoosh, timeout=LOCK_SECONDS, limitmb=256)
        except LockError as error:
            raise IndexLockedError(f"{self.path} is being written by another process: try again when it is done") from error

    # Views

    def _view(self) -> Any:
        """The view of the latest commit."""
        with self._lock:
            moment = self.path.stat().st_mtime_ns
            # A young timestamp may hide a second commit within the clock's grain.
            if not self._views or self._seen[0] != moment or self._seen[1] - moment < 1_000_000_000:
                self._seen = (moment, time.time_ns())
                self._refresh()
            return next(reversed(self._views.values()))

    def _refresh(self) -> None:
        from indexer.view import open_view

        generation = self._whoosh.latest_generation()
        if generation in self._views:
            return
        for attempt in range(10):
            try:
                toc = self.path / f"_{self._whoosh.indexname}_{generation}.toc"
                self._views[generation] = open_view(self._whoosh, datetime.fromtimestamp(int(toc.stat().st_mtime), UTC))
                break
            except FileNotFoundError:
                # A commit has replaced what was just listed.
                generation = self._whoosh.latest_generation()
                if attempt == 9:
                    raise
        while len(self._views) > KEPT_VIEWS:
            # Not closed: another thread may be reading it. Its files go with its last reader.
            self._views.popitem(last=False)

    def _view_for(self, cursor: str | None) -> Any:
        """The view that a cursor pages through, while it is still open, else the latest."""
        latest = self._view()
        if cursor is None:
            return latest
        from indexer.query.evaluate import cursor_generation

        with self._lock:
            return self._views.get(cursor_generation(cursor), latest)


def _day(seconds: int) -> Any:
    return datetime.fromtimestamp(seconds, UTC).date()
