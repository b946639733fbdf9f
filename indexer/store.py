"""The directory of an index: which segments a commit holds, and the one writer that makes the next.

The table of contents, `_MAIN_<generation>.toc`, is Whoosh's own, so plain Whoosh opens the directory. A commit
writes its segments, then the table under a new name: the rename is the switch. Each is synced to disk first.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from whoosh import index as whoosh_index
from whoosh.filedb.filestore import FileStorage

from indexer.errors import CorruptSegmentError, IndexLockedError, NotAnIndexError
from indexer.segment.entry import ColumnarSegment
from indexer.segment.format import EXTENSION

NAME: Final = "MAIN"
LOCK_SECONDS: Final = 10.0


class _DurableStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's storage, whose renames survive a power cut: the file is on disk before, the name after."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file of the directory; see FileStorage."""
        _sync(Path(self.folder) / oldname)
        super().rename_file(oldname, newname, safe=safe)
        _sync(Path(self.folder))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Commit:
    """One state of the index.

    schema      Whoosh's
    segments    in the order they were written
    generation  its number
    made_at     when it was made
    """

    schema: Any
    segments: tuple[ColumnarSegment, ...]
    generation: int
    made_at: datetime


def is_index(path: Path) -> bool:
    """Whether a directory holds a table of contents."""
    return latest_generation(path) >= 0


def create(path: Path, schema: Any) -> None:
    """Write the first, empty commit."""
    whoosh_index.TOC.create(FileStorage(str(path)), schema, NAME)


def latest_generation(path: Path) -> int:
    """The number of the latest commit, -1 where there is none."""
    prefix, suffix = f"_{NAME}_", ".toc"
    numbers = (
        name[len(prefix) : -len(suffix)]
        for name in os.listdir(path)  # noqa: PTH208 - a Path for each name would cost more than the search
        if name.startswith(prefix) and name.endswith(suffix)
    )
    return max((int(number) for number in numbers if number.isdecimal()), default=-1)


def read_commit(path: Path) -> Commit:
    """The latest commit. Raises CorruptSegmentError, NotAnIndexError, or FileNotFoundError where it just went."""
    generation = latest_generation(path)
    toc = path / f"_{NAME}_{generation}.toc"
    made_at = datetime.fromtimestamp(int(toc.stat().st_mtime), UTC)
    try:
        contents = whoosh_index.TOC.read(FileStorage(str(path)), NAME, gen=generation)
    except FileNotFoundError:
        raise
    except Exception as error:
        # Whoosh raises whatever its unpickling meets.
        raise CorruptSegmentError(f"{toc}: the table of contents cannot be read ({error})") from error
    if "text_stem" not in contents.schema:
        raise NotAnIndexError(f"{path} is a Whoosh index with another schema, not one of Broadsheet's")
    if not all(isinstance(segment, ColumnarSegment) for segment in contents.segments):
        raise NotAnIndexError(
            f"{path} holds segments of another codec: write to it with `indexer ingest`, or in Whoosh with "
            "`writer(codec=indexer.segment.codec.ColumnarCodec())`"
        )
    return Commit(contents.schema, tuple(contents.segments), generation, made_at)


def segment_path(path: Path, segment: ColumnarSegment) -> Path:
    """The file of a segment."""
    return path / f"{segment.segment_id()}{EXTENSION}"


class Writer:
    """The one writer of an index. Use as a context manager: leaving it gives the lock back.

    segments  those of the next commit: change the list, and delete documents in its segments
    Raises IndexLockedError while another process or thread writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._storage = _DurableStorage(str(path))
        self._lock = self._storage.lock(NAME + "_WRITELOCK")
        until = time.monotonic() + LOCK_SECONDS
        while not self._lock.acquire():
            if time.monotonic() > until:
                raise IndexLockedError(f"{path} is being written by another process: try again when it is done")
            time.sleep(0.05)
        try:
            commit = read_commit(path)
        except BaseException:
            self._lock.release()
            raise
        self._schema = commit.schema
        self.generation = commit.generation
        self.segments = list(commit.segments)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def new_segment(self, doc_count: int = 0) -> ColumnarSegment:
        """A segment that is not yet part of the commit; its file is to be written at `segment_path`."""
        return ColumnarSegment(NAME, doc_count)

    def commit(self) -> None:
        """Make the segments the index's, and sweep the files that no commit needs any more."""
        self.segments = [s for s in self.segments if s.deleted_count() < s.doc_count_all()]
        self.generation += 1
        whoosh_index.TOC(self._schema, self.segments, self.generation).write(self._storage, NAME)
        whoosh_index.clean_files(self._storage, NAME, self.generation, self.segments)
