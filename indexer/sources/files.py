"""Paths to files: folders are walked in the order of their names, hidden files left out."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from indexer.errors import SourceError
from indexer.report import Reject

STDIN = "-"
_PAGES = (".html", ".htm", ".xhtml")
_SAVED_ALONG = "_files"
# Whoosh's tables of contents: what lies beside one is an index.
_TABLE = re.compile(r"_[^/]+_[0-9]+\.toc")


def check(paths: Iterable[str]) -> None:
    """Raise SourceError for the first path that does not exist or cannot be opened."""
    for path in paths:
        if path == STDIN:
            continue
        if not path:
            # To Path it is the current folder.
            raise SourceError("no such file or folder: a path is empty")
        try:
            mode = Path(path).stat().st_mode
            if stat.S_ISDIR(mode):
                os.scandir(path).close()
            elif stat.S_ISREG(mode):
                Path(path).open("rb").close()
        except FileNotFoundError:
            raise SourceError(f"no such file or folder: {shown(path)}") from None
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            detail = getattr(error, "strerror", None) or error
            raise SourceError(f"{shown(path)} cannot be read: {detail}") from None


def walk(paths: Iterable[str]) -> Iterator[str | Reject]:
    """The files that the paths name, and those in the folders that they name, at any depth.

    In a folder, hidden files and folders, indexes, what browsers saved along with a page ("page_files" beside
    "page.html") and whatever is no regular file are skipped. A folder that is reached twice, through links, is walked
    once. What cannot be looked at and an index that is named is a Reject.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if path == STDIN or not Path(path).is_dir():
            yield path
        else:
            yield from _files_in(Path(path), seen)


def _files_in(folder: Path, seen: set[tuple[int, int]]) -> Iterator[str | Reject]:
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                # A file of that name in the current folder.
                yield str(path) if str(path) != STDIN else os.path.join(os.curdir, path)  # noqa: PTH118
            elif stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                visible = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
                along = {f"{entry.stem}{_SAVED_ALONG}" for entry in visible if entry.suffix.lower() in _PAGES}
                visible = [entry for entry in visible if not (entry.name in along and entry.is_dir())]
                if not any(_TABLE.fullmatch(entry.name) for entry in visible):
                    waiting.extend(sorted(visible, key=lambda entry: entry.name, reverse=True))
                elif path == folder:
                    yield Reject(place=shown(path), reason="an index, no pages; `indexer export` writes its articles")
        except OSError as error:
            yield Reject(place=shown(path), reason=f"cannot be read: {error.strerror}")


def size(paths: Iterable[str]) -> int | None:
    """Bytes of all the files, compressed as they are; None where standard input or a pipe is among them."""
    total = 0
    for path in walk(paths):
        if path == STDIN:
            return None
        if isinstance(path, Reject):
            continue
        try:
            status = Path(path).stat()
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


def shown(path: str | Path) -> str:
    """A path as text that can be printed, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "replace")
