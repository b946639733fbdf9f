"""The directory of an index: which segments a commit holds, and the one writer that makes the next.

A commit is a table of contents (`toc`) and the segment files it names, none of which ever changes. The commit before
the latest stays until the next one, so that damage to what is new leaves something whole to open.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import time
import zlib
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from indexer import toc
from indexer.article import iso_utc
from indexer.errors import (
    BroadsheetError,
    CorruptSegmentError,
    IndexLockedError,
    IndexNotFoundError,
    NotAnIndexError,
    ResourceError,
)
from indexer.segment.blocks import sync
from indexer.segment.entry import ColumnarSegment
from indexer.segment.format import EXTENSION
from indexer.toc import NAME, REPAIR

if TYPE_CHECKING:
    from concurrent.futures import BrokenExecutor

# What an ingest learned of the sites of pages, and how the operator names outlets: see `learned`.
LEARNED_FILE: Final = "learned.json"
OUTLETS_FILE: Final = "outlets.toml"
LOCK_SECONDS: Final = 10.0
LOCK: Final = f"{NAME}_WRITELOCK"

_TOC: Final = re.compile(rf"_{NAME}_([0-9]{{1,9}})\.toc")
# What a commit is made of, and what a writer that was killed leaves of it.
_OWN: Final = re.compile(rf"_{NAME}_[0-9]+\.toc(\..+)?|{NAME}_[0-9a-z]+\..+|{re.escape(LEARNED_FILE)}\..+")


class Commit(NamedTuple):
    """One state of the index.

    schema      Whoosh's, pickled
    language    ISO 639-1 code that chooses the stemmer
    segments    in the order they were written
    generation  its number
    made_at     when it was made
    """

    schema: bytes
    language: str
    segments: tuple[ColumnarSegment, ...]
    generation: int
    made_at: datetime


def read_learned(path: Path) -> bytes | None:
    """What `write_learned` kept beside an index; None where nothing was, or it is damaged. Raises OSError."""
    file = path / LEARNED_FILE
    crc, _, content = file.read_bytes().partition(b"\n") if file.exists() else (b"", b"", b"")
    return content if crc == _crc(content) else None


def write_learned(path: Path, content: bytes) -> None:
    """Keep what an ingest learned, after a line with its CRC-32. Raises OSError."""
    toc.write(path / LEARNED_FILE, _crc(content) + b"\n" + content)


def is_learned_damaged(path: Path) -> bool:
    """Whether what an ingest learned is not as it was written. Raises OSError."""
    return (path / LEARNED_FILE).exists() and read_learned(path) is None


def _crc(content: bytes) -> bytes:
    return f"{zlib.crc32(content):08x}".encode()


def is_index(path: Path) -> bool:
    """Whether a directory holds a table of contents."""
    return latest_generation(path) >= 0


def is_free(path: Path) -> bool:
    """Whether a directory holds nothing, or what is left of an index whose making was broken off."""
    left = {LOCK, toc.temporary(toc_path(path, 0)).name, OUTLETS_FILE}
    return all(entry.name in left for entry in path.iterdir())


def segment_files(path: Path) -> list[Path]:
    """The segment files of a directory, latest first, whether a commit names them or not."""
    return sorted(path.glob(f"{NAME}_*{EXTENSION}"), key=lambda file: file.stat().st_mtime_ns, reverse=True)


def create(path: Path, schema: bytes, language: str, lock_timeout: float = LOCK_SECONDS) -> None:
    """Write the first, empty commit into a directory, unless another process has just done so.

    Raises IndexLockedError, OSError.
    """
    try:
        lock = Lock(path / LOCK, lock_timeout)
    except IndexLockedError:
        if is_index(path):
            return
        raise
    try:
        if not is_index(path):
            toc.write(toc_path(path, 0), toc.encoded(toc.Toc(schema, language, ()), 0))
            sync(path.resolve().parent)
    finally:
        lock.release()


def generations(path: Path) -> list[int]:
    """The numbers of the commits whose tables are there, latest first."""
    # A Path for each name would cost more than the search.
    found = map(_TOC.fullmatch, os.listdir(path))  # noqa: PTH208
    return sorted((int(match[1]) for match in found if match), reverse=True)


def latest_generation(path: Path) -> int:
    """The number of the latest commit, -1 where there is none."""
    return max(generations(path), default=-1)


def latest_table(path: Path) -> tuple[int, ...]:
    """What tells the latest commit from any other, also from one of its number in a folder put in this one's place."""
    generation = latest_generation(path)
    with suppress(FileNotFoundError):
        status = toc_path(path, generation).stat()
        return generation, status.st_ino, status.st_mtime_ns
    return (generation,)


def toc_path(path: Path, generation: int) -> Path:
    """The table of contents of a commit."""
    return path / f"_{NAME}_{generation}.toc"


def segment_path(path: Path, segment: ColumnarSegment) -> Path:
    """The file of a segment."""
    return path / f"{segment.segment_id()}{EXTENSION}"


def read_commit(path: Path, generation: int) -> Commit:
    """One commit by its table alone. Raises CorruptSegmentError, NotAnIndexError, OSError."""
    table = toc_path(path, generation)
    made_at = datetime.fromtimestamp(int(table.stat().st_mtime), UTC)
    contents = toc.read(table, generation)
    return Commit(contents.schema, contents.language, contents.segments, generation, made_at)


def last_commit(path: Path, open_segment: Callable[[ColumnarSegment], object]) -> Commit:
    """The last commit that is whole; where that is not the latest, a warning is logged.

    open_segment  opens the file of a segment, raising CorruptSegmentError or FileNotFoundError where it cannot

    Raises CorruptSegmentError where none is whole, NotAnIndexError, FormatVersionError, OSError.
    """
    listed = generations(path)
    failure = ""
    for generation in listed:
        try:
            commit = read_commit(path, generation)
            for segment in commit.segments:
                open_segment(segment)
        except (CorruptSegmentError, FileNotFoundError) as error:
            if generations(path) != listed:
                # A writer has swept what was just listed: there is a later commit.
                return last_commit(path, open_segment)
            failure = failure or _failure(error)
            continue
        if failure:
            import logging

            logging.getLogger(__name__).warning(
                "%s: using the last whole commit, %d, instead of %d", failure, generation, listed[0]
            )
        return commit
    if not listed:
        raise IndexNotFoundError(f"No index at {path} any more")
    raise CorruptSegmentError(failure)


def missing(directory: Path) -> IndexNotFoundError | NotAnIndexError | CorruptSegmentError:
    """What a path without an index is, and what to do, as an error to raise."""
    build = f"Build one: indexer ingest --index {shlex.quote(str(directory))} PAGES"
    if not directory.exists():
        return IndexNotFoundError(f"No index at {directory}. {build}")
    if not directory.is_dir():
        return NotAnIndexError(f"{directory} is a file, not an index: an index is a directory")
    if segment_files(directory):
        return CorruptSegmentError(f"{directory} has lost its table of contents: {REPAIR}")
    if not is_free(directory):
        return NotAnIndexError(f"{directory} holds no index. Build one elsewhere: indexer ingest --index NEW PAGES")
    return IndexNotFoundError(f"{directory} is empty. {build}")


def _failure(error: CorruptSegmentError | FileNotFoundError) -> str:
    return f"{error.filename} is missing: {REPAIR}" if isinstance(error, FileNotFoundError) else str(error)


class Writer:
    """The one writer of an index. Use as a context manager: leaving it gives the lock back.

    open_segment  as for `last_commit`, which the writer goes on from
    lock_timeout  seconds to wait while another one writes
    segments      those of the next commit: change the list, and delete documents in its segments
    committed     the generation of the last commit

    Raises IndexLockedError while another process or thread writes, ResourceError where the machine does not allow
    it; so does leaving it on an OSError or MemoryError. Files that no commit needs are swept on entering and leaving.
    """

    def __init__(
        self, path: Path, open_segment: Callable[[ColumnarSegment], object], lock_timeout: float = LOCK_SECONDS
    ) -> None:
        self.path = path
        try:
            self._lock = Lock(path / LOCK, lock_timeout)
            try:
                commit = last_commit(path, open_segment)
                # Plain Whoosh leaves one without documents where it merges nothing but deleted ones.
                self.segments = [segment for segment in commit.segments if segment.doc_count_all()]
                self._contents = toc.Toc(commit.schema, commit.language, commit.segments)
                listed = generations(path)
                self.generation = listed[0]
                self.committed = commit.generation
                # What is later is damaged, and may be repaired as long as nothing is changed.
                sweep(path, listed[: listed.index(commit.generation) + 2])
            except BaseException:
                self._lock.release()
                raise
        except OSError as error:
            raise resource_error(path, error) from error

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # What was built and not committed.
            sweep(self.path, None)
        finally:
            self._lock.release()
        from concurrent.futures import BrokenExecutor

        if isinstance(error, (OSError, MemoryError, BrokenExecutor)) and not isinstance(error, BrokenPipeError):
            raise resource_error(self.path, error) from error

    def new_segment(self, doc_count: int = 0) -> ColumnarSegment:
        """A segment that is not yet part of the commit; its file is to be written at `segment_path`."""
        return ColumnarSegment(NAME, doc_count)

    def discard(self, segment: ColumnarSegment) -> bool:
        """Remove the file of a segment that the next commit does not need, if it is new; returns whether it is."""
        is_new = segment.segment_id() not in {old.segment_id() for old in self._contents.segments}
        if is_new:
            with suppress(OSError):
                segment_path(self.path, segment).unlink(missing_ok=True)
        return is_new

    def commit(self, *, keep_previous: bool = True) -> None:
        """Make the segments the index's, durably, and sweep the files that are needed no more.

        keep_previous  let the commit before stay until the next one; without, the new files have been read back
        """
        self.segments = [s for s in self.segments if s.deleted_count() < s.doc_count_all()]
        self.generation += 1
        before = {segment.segment_id() for segment in self._contents.segments}
        new = [segment_path(self.path, s) for s in self.segments if s.segment_id() not in before]
        table = self._contents = toc.Toc(self._contents.schema, self._contents.language, tuple(self.segments))
        toc.write(toc_path(self.path, self.generation), toc.encoded(table, self.generation), new)
        sweep(self.path, [self.committed, self.generation] if keep_previous else [self.generation])
        self.committed = self.generation


def sweep(path: Path, commits: Collection[int] | None) -> None:
    """Remove all but some commits (None keeps all), and what none of them names.

    What cannot be removed is left to the next writer.
    """
    with suppress(OSError):
        _sweep(path, commits)


def _sweep(path: Path, commits: Collection[int] | None) -> None:
    kept = {LOCK}
    removed = False
    for generation in generations(path):
        if commits is not None and generation not in commits:
            toc_path(path, generation).unlink(missing_ok=True)
            removed = True
            continue
        kept.add(toc_path(path, generation).name)
        try:
            kept.update(segment_path(path, segment).name for segment in read_commit(path, generation).segments)
        except BroadsheetError:
            # Nobody can tell which it names.
            kept.update(file.name for file in segment_files(path))
    gone = [name for name in os.listdir(path) if name not in kept and _OWN.fullmatch(name)]  # noqa: PTH208 - as above
    if removed:
        # A reader that misses a segment shall see that its commit is gone, even after a power cut.
        sync(path)
    for name in gone:
        (path / name).unlink(missing_ok=True)


def resource_error(
    path: Path, error: OSError | MemoryError | BrokenExecutor, left: str = "it is whole, at its last commit"
) -> ResourceError:
    """What to say when the machine does not allow to write at `path`; `left` is how that leaves it."""
    if isinstance(error, MemoryError):
        reason = "there is not enough memory (fewer workers need less)"
    elif isinstance(error, OSError):
        reason = reason_of(error)
    else:
        reason = (
            "a worker process was killed, perhaps for want of memory (fewer workers need less; outside of Linux "
            'a script that ingests needs `if __name__ == "__main__":`)'
        )
    return ResourceError(f"{path} cannot be written: {reason}; {left}")


def reason_of(error: OSError) -> str:
    """What the machine did not allow, and with which file."""
    return (error.strerror or str(error)) + (f" ({error.filename})" if error.filename else "")


class Lock:
    """Whoosh's lock on the index, with a note in the file of who holds it. It ends with the process that holds it."""

    def __init__(self, path: Path, timeout: float) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        until = time.monotonic() + timeout
        try:
            while not self._acquired():
                if time.monotonic() >= until:
                    raise IndexLockedError(
                        f"{path.parent} is being written by {self._holder()}: try again when it is done"
                    )
                time.sleep(0.02)
            self._note({"pid": os.getpid(), "since": iso_utc(datetime.now(UTC))})
        except BaseException:
            os.close(self._descriptor)
            raise

    def _acquired(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _note(self, note: dict[str, Any] | None) -> None:
        # Only a help for people: a full disk must not keep anybody from freeing some of it.
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            if note:
                os.pwrite(self._descriptor, json.dumps(note).encode(), 0)

    def _holder(self) -> str:
        try:
            note = json.loads(os.pread(self._descriptor, 1000, 0))
            with suppress(PermissionError):
                os.kill(note["pid"], 0)
            return f"process {int(note['pid'])} since {note['since']}"
        except (ValueError, KeyError, TypeError, OSError):
            # Plain Whoosh leaves no note.
            return "another process"

    def release(self) -> None:
        """Let the next one in."""
        self._note(None)
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
