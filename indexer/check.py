"""Check and repair: is every byte of an index as it was written, and what can be kept if not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer import store, toc
from indexer.analysis import stemmer
from indexer.article import Article
from indexer.errors import BroadsheetError, CorruptSegmentError
from indexer.report import CheckReport
from indexer.segment import builder
from indexer.segment.entry import ColumnarSegment
from indexer.segment.reader import SegmentReader

# Articles that a repair holds in memory at a time.
_BATCH: Final = 20_000
_NAMED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """What a repair did.

    articles    in the index now
    rescued     of them, taken out of damaged files or the commit before
    lost        articles that could not be kept; None where nobody can tell how many there were
    problems    what was wrong, as `check` says it
    missing     the ids of the first 100 lost articles, as far as they can be read
    generation  of the commit that holds what was kept
    """

    articles: int
    rescued: int
    lost: int | None
    problems: tuple[str, ...]
    missing: tuple[str, ...]
    generation: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return {
            "articles": self.articles,
            "rescued": self.rescued,
            "lost": self.lost,
            "problems": list(self.problems),
            "missing": list(self.missing),
            "generation": self.generation,
        }


def check(path: Path) -> CheckReport:
    """Read every file of the latest commit and of the one kept before it; every article of the latest readable.

    Raises IndexNotFoundError, NotAnIndexError.
    """
    problems: list[str] = []
    listed = _listed(path)
    if not listed:
        problems.append(f"{path} has lost its table of contents: {toc.REPAIR}")
    commits = list(_commits(path, listed[:2], problems))
    segments = {segment.segment_id(): segment for commit in reversed(commits) for segment in commit.segments}
    readers: dict[str, SegmentReader] = {}
    for name, segment in segments.items():
        found = _opened(path, segment)
        if isinstance(found, str):
            problems.append(found)
        else:
            # From now on a writer may remove the file.
            readers[name] = found
    if problems and store.generations(path) != listed:
        # A writer has swept what was just listed: there is a later commit.
        return check(path)
    damaged = {name: _damage(reader) for name, reader in readers.items()}
    problems += [problem for found in damaged.values() for problem in found]
    latest = commits[0].segments if commits else ()
    sound = [(s, readers[s.segment_id()]) for s in latest if damaged.get(s.segment_id()) == []]
    articles = _check_articles(sound, problems)
    if store.is_learned_damaged(path):
        problems.append(f"{path / store.LEARNED_FILE} does not match its checksum: without it, ingests learn anew")
    return CheckReport(articles=articles, segments=len(latest), problems=tuple(dict.fromkeys(problems)))


def _listed(path: Path) -> list[int]:
    """The commits of an index, latest first; none where only segments are left of it."""
    listed = store.generations(path) if path.is_dir() else []
    if listed or (path.is_dir() and store.segment_files(path)):
        return listed
    raise store.missing(path)


def _commits(path: Path, generations: Iterable[int], problems: list[str]) -> Iterator[store.Commit]:
    """The commits whose tables can be read; what is wrong with the others goes to `problems`."""
    for generation in generations:
        try:
            yield store.read_commit(path, generation)
        except (BroadsheetError, OSError) as error:
            problems.append(str(error))


def _opened(path: Path, segment: ColumnarSegment) -> SegmentReader | str:
    """The reader of a segment, or why there is none."""
    file = store.segment_path(path, segment)
    try:
        reader = SegmentReader(file)
    except FileNotFoundError:
        return f"{file} is missing"
    except (BroadsheetError, OSError) as error:
        return str(error)
    if reader.doc_count != segment.doc_count_all():
        return f"{file}: holds {reader.doc_count} articles, the commit says {segment.doc_count_all()}"
    return reader


def _damage(reader: SegmentReader) -> list[str]:
    """What is wrong with the file of a segment, by its checksums."""
    return [f"{reader.file.path}: the block {name!r} does not match its checksum" for name in reader.file.damaged()]


def _is_whole(path: Path, segment: ColumnarSegment) -> bool:
    reader = _opened(path, segment)
    return isinstance(reader, SegmentReader) and not _damage(reader)


def _check_articles(segments: Iterable[tuple[ColumnarSegment, SegmentReader]], problems: list[str]) -> int:
    """Read all articles of segments, and compare them with their digests and with each other."""
    ids: set[str] = set()
    articles = 0
    for segment, reader in segments:
        file = reader.file.path
        try:
            for doc in _alive(reader, segment):
                article = reader.article(doc)
                articles += 1
                if article.id in ids:
                    problems.append(f"{file}: the id {article.id!r} is there twice")
                if not _matches_digest(reader, doc, article):
                    problems.append(f"{file}: the article {article.id!r} does not match its digest")
                ids.add(article.id)
        except Exception as error:
            # Whatever a damaged file makes its reader raise is the finding.
            problems.append(f"{file}: cannot be read ({type(error).__name__}: {error})")
    return articles


def _alive(reader: SegmentReader, segment: ColumnarSegment) -> list[int]:
    alive: list[int] = np.setdiff1d(np.arange(reader.doc_count), segment.deleted_ids()).tolist()
    return alive


def _matches_digest(reader: SegmentReader, doc: int, article: Article) -> bool:
    return bool(builder.digest(builder.stored_record(article)) == reader.digests[doc].tobytes())


def repair(path: Path, lock_timeout: float = store.LOCK_SECONDS) -> RepairReport:
    """Make a commit of all that is whole, and remove what is damaged. Does nothing where nothing is wrong.

    Whole segments stay as they are. Of a damaged one, every article is kept that can be read and matches its
    digest; what misses is looked for in the commit before. Where the latest table of contents cannot be read, articles
    that are in no commit before are taken from all segment files; where none can, every segment file counts, and
    articles that had been deleted may come back.

    Raises IndexNotFoundError, NotAnIndexError, IndexLockedError, ResourceError.
    """
    _listed(path)
    try:
        lock = store.Lock(path / store.LOCK, lock_timeout)
        try:
            found = check(path)
            is_whole = found.ok
            if store.is_learned_damaged(path):
                (path / store.LEARNED_FILE).unlink()
                is_whole = check(path).ok
            if is_whole:
                latest = store.latest_generation(path)
                return RepairReport(
                    articles=found.articles,
                    rescued=0,
                    lost=0,
                    problems=found.problems,
                    missing=(),
                    generation=latest,
                )
            return _Repair(path, found.problems).run()
        finally:
            lock.release()
    except (OSError, MemoryError) as error:
        raise store.resource_error(path, error, "it is as damaged as before") from error


class _Repair:
    """One repair of a damaged index, under its lock."""

    def __init__(self, path: Path, problems: tuple[str, ...]) -> None:
        self._path = path
        self._problems = problems
        self._listed = store.generations(path)
        self._commits = list(_commits(path, self._listed, []))
        # Ids that are kept.
        self._known: set[str] = set()
        self._rescued = 0
        self._lost: dict[str, None] = {}
        self._unnamed = 0

    def run(self) -> RepairReport:
        if self._commits:
            latest = self._commits[0]
            kept = [segment for segment in latest.segments if _is_whole(self._path, segment)]
            damaged = [segment for segment in latest.segments if segment not in kept]
            for segment in kept:
                reader = SegmentReader(store.segment_path(self._path, segment))
                self._known.update(map(reader.article_id, _alive(reader, segment)))
            schema, language = latest.schema, latest.language
        else:
            kept, damaged = [], [_unlisted(file) for file in store.segment_files(self._path)]
            language = self._language()
            from indexer.schema import pickled_schema

            schema = pickled_schema(language)
        all_named = bool(self._commits) and self._commits[0].generation == self._listed[0]
        articles = self._rescued_articles(damaged, kept)
        if self._commits and not all_named:
            articles = chain(articles, self._of_no_table())
        segments = [*kept]
        built: list[Path] = []
        while batch := list(islice(articles, _BATCH)):
            segment = ColumnarSegment(toc.NAME, len(batch))
            file = store.segment_path(self._path, segment)
            builder.build(file, batch, stemmer(language), builder.train(batch))
            segments.append(segment)
            built.append(file)
        segments = [segment for segment in segments if segment.doc_count()]
        generation = max(self._listed, default=-1) + 1
        table = toc.encoded(toc.Toc(schema, language, tuple(segments)), generation)
        toc.write(store.toc_path(self._path, generation), table, built)
        store.sweep(self._path, [generation])
        return RepairReport(
            articles=sum(segment.doc_count() for segment in segments),
            rescued=self._rescued,
            lost=len(self._lost) + self._unnamed if all_named else None,
            problems=self._problems,
            missing=tuple(self._lost)[:_NAMED],
            generation=generation,
        )

    def _language(self) -> str:
        for file in store.segment_files(self._path):
            with suppress(BroadsheetError, OSError):
                return str(SegmentReader(file).file.meta["language"])
        raise CorruptSegmentError(f"{self._path}: no file of the index can be read: restore it from a copy")

    def _rescued_articles(self, damaged: list[ColumnarSegment], kept: list[ColumnarSegment]) -> Iterator[Article]:
        for segment in damaged:
            yield from self._readable(segment)
        if self._lost or self._unnamed:
            before = {segment.segment_id() for commit in self._commits[1:] for segment in commit.segments}
            if all(segment.segment_id() in before for segment in damaged):
                # Nothing was written since: what is deleted now was no old version of what is lost.
                for segment in kept:
                    reader = SegmentReader(store.segment_path(self._path, segment))
                    self._known.update(map(reader.article_id, segment.deleted_docs()))
            for commit in self._commits[1:]:
                for segment in commit.segments:
                    if _is_whole(self._path, segment):
                        yield from self._readable(segment, before=True)

    def _of_no_table(self) -> Iterator[Article]:
        """The articles that only a commit has whose table is damaged."""
        named = {segment.segment_id() for commit in self._commits for segment in commit.segments}
        for file in store.segment_files(self._path):
            if file.stem not in named:
                yield from self._readable(_unlisted(file))

    def _readable(self, segment: ColumnarSegment, *, before: bool = False) -> Iterator[Article]:
        """The articles of a segment that can be read and are not known yet; the others are lost.

        before  the segment is of the commit before
        """
        try:
            reader = SegmentReader(store.segment_path(self._path, segment))
            damaged = reader.file.damaged()
            docs = _alive(reader, segment)
        except (BroadsheetError, OSError):
            self._unnamed += segment.doc_count()
            return
        for doc in docs:
            article = self._article(reader, doc, digests="digests" not in damaged)
            if article is None:
                self._lose(reader, doc, damaged)
            elif article.id not in self._known:
                self._known.add(article.id)
                self._rescued += 1
                if before:
                    self._found(article.id)
                yield article

    def _article(self, reader: SegmentReader, doc: int, *, digests: bool) -> Article | None:
        # Whatever a damaged file makes its reader raise: the article is lost.
        with suppress(Exception):
            article = reader.article(doc)
            if not digests or _matches_digest(reader, doc, article):
                return article
        return None

    def _lose(self, reader: SegmentReader, doc: int, damaged: list[str]) -> None:
        if {"ids", "ids.offsets"} & set(damaged):
            self._unnamed += 1
        else:
            self._lost[reader.article_id(doc)] = None

    def _found(self, article_id: str) -> None:
        """An article of the commit before: it is one of the lost, whichever it was."""
        if article_id in self._lost:
            del self._lost[article_id]
        elif self._unnamed:
            self._unnamed -= 1


def _unlisted(file: Path) -> ColumnarSegment:
    """A segment of which only the file is known."""
    segment = ColumnarSegment(toc.NAME)
    segment.segid = file.stem.removeprefix(f"{toc.NAME}_")
    with suppress(BroadsheetError, OSError):
        segment.set_doc_count(SegmentReader(file).doc_count)
    return segment
