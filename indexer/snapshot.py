"""Snapshot: a copy of one commit that is an index of its own. Restoring is copying the directory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from indexer import store, toc
from indexer.errors import CorruptSegmentError, NotAnIndexError
from indexer.segment.blocks import sync
from indexer.segment.entry import ColumnarSegment


def snapshot(path: Path, target: Path, open_segment: Callable[[ColumnarSegment], object]) -> int:
    """See NewsIndex.snapshot."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise NotAnIndexError(f"{target} is not empty: a snapshot is made in an empty or a new directory")
        try:
            return _copied(path, target, open_segment)
        except BaseException:
            # A disk that is full shall not keep it, nor it the next attempt from the same directory.
            for file in target.iterdir():
                file.unlink()
            raise
    except OSError as error:
        raise store.resource_error(target, error, "there is no copy in it") from error


def _copied(path: Path, target: Path, open_segment: Callable[[ColumnarSegment], object]) -> int:
    """Copy the latest commit into an empty directory; returns its generation."""
    while True:
        commit = store.last_commit(path, open_segment)
        files = [store.segment_path(path, segment) for segment in commit.segments]
        table = store.toc_path(path, commit.generation)
        try:
            for file in files:
                _copy(file, target / file.name)
            contents, made = table.read_bytes(), table.stat().st_mtime_ns
            break
        except FileNotFoundError as error:
            # Later commits have swept this one.
            for file in files:
                (target / file.name).unlink(missing_ok=True)
            if commit.generation in store.generations(path):
                raise CorruptSegmentError(f"{error.filename} is missing: {toc.REPAIR}") from error
    for name in (store.LEARNED_FILE, store.OUTLETS_FILE):
        if (path / name).exists():
            shutil.copyfile(path / name, target / name)
    # Last, so that what is broken off is no index.
    copy = target / table.name
    toc.write(copy, contents, list(target.iterdir()))
    os.utime(copy, ns=(made, made))
    sync(target.resolve().parent)
    return commit.generation


def _copy(file: Path, copy: Path) -> None:
    try:
        copy.hardlink_to(file)
    except FileNotFoundError:
        raise
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(file, copy)
