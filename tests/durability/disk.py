"""A disk that writes down every step that is done to the files of one folder, that can fail, and lose its power.

It stands between Python and the operating system: everything that reaches the folder through files, syncs and names
is done as ever, and recorded in order.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Step:
    """One thing done to the folder.

    kind   "create", "write", "sync" a file; "rename", "unlink" a name; "sync names" of the folder
    file   the number of the file, as an inode has one; names come and go, the file stays
    """

    kind: str
    file: int = -1
    name: str = ""
    to: str = ""
    offset: int = 0
    data: bytes = b""


class Disk:
    """Records the steps done below `folder`; `failing` is asked before each and may return an error to raise."""

    def __init__(self, folder: Path, failing: Callable[[int, Step], BaseException | None] | None = None) -> None:
        self.folder = str(folder)
        self.steps: list[Step] = []
        self._failing = failing
        self._files: dict[str, int] = {}
        self._count = 0

    def step(self, step: Step) -> None:
        error = self._failing(len(self.steps), step) if self._failing else None
        self.steps.append(step)
        if error is not None:
            raise error

    def name(self, path: Any) -> str | None:
        """The name of a file of the folder."""
        folder, name = os.path.split(os.fspath(path))
        return name if folder == self.folder else None

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand between from now on."""
        plain_open, fsync, rename, unlink = io.open, os.fsync, os.rename, os.unlink

        def open_recorded(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
            name = None if isinstance(file, int) else self.name(file)
            if name is None or not set(mode) & set("wxa+"):
                return plain_open(file, mode, buffering, *rest, **options)
            self.step(Step("create", self._count, name))
            raw = _Recorded(self, self._count, os.fspath(file), mode.replace("b", ""))
            self._files[name] = self._count
            self._count += 1
            return io.BufferedWriter(raw, buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE)

        def fsync_recorded(descriptor: int) -> None:
            path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
            if path == self.folder:
                self.step(Step("sync names"))
            elif (name := self.name(path)) is not None:
                self.step(Step("sync", self._files[name], name))
            fsync(descriptor)

        def rename_recorded(source: Any, target: Any) -> None:
            old, new = self.name(source), self.name(target)
            if old is not None and new is not None:
                self.step(Step("rename", self._files[old], old, new))
                self._files[new] = self._files.pop(old)
            rename(source, target)

        def unlink_recorded(path: Any) -> None:
            name = self.name(path)
            if name is not None and Path(path).exists():
                self.step(Step("unlink", self._files.get(name, -1), name))
            unlink(path)

        patch.setattr(io, "open", open_recorded)
        patch.setattr(os, "fsync", fsync_recorded)
        patch.setattr(os, "rename", rename_recorded)
        patch.setattr(os, "unlink", unlink_recorded)


class _Recorded(io.FileIO):
    def __init__(self, disk: Disk, number: int, path: str, mode: str) -> None:
        super().__init__(path, mode)
        self._disk = disk
        self._number = number

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        try:
            self._disk.step(Step("write", self._number, str(self.name), offset=self.tell(), data=piece))
        except OSError:
            # A full disk takes what still fits.
            super().write(piece[: len(piece) // 2])
            raise
        return super().write(piece)


def after_power_cut(steps: Sequence[Step], chance: random.Random | None) -> dict[str, bytes]:
    """The files that a disk may hold when its power fails after `steps`, by name.

    What was synced is there. Of what was not, each write may be there, be lost, be torn or be zeros, and each
    change of a name may have happened or not, in any combination; without `chance` all of it is there.
    """
    synced: dict[int, int] = {}
    names_synced = -1
    for number, step in enumerate(steps):
        if step.kind == "sync":
            synced[step.file] = number
        elif step.kind == "sync names":
            names_synced = number
    contents: dict[int, bytearray] = {}
    names: dict[str, int] = {}
    for number, step in enumerate(steps):
        if step.kind == "write":
            data = step.data
            if chance and number > synced.get(step.file, -1):
                data = chance.choice([data, b"", data[: chance.randrange(len(data) + 1)], bytes(len(data))])
            content = contents.setdefault(step.file, bytearray())
            content.extend(bytes(max(0, step.offset + len(data) - len(content))))
            content[step.offset : step.offset + len(data)] = data
        elif step.kind in ("create", "rename", "unlink"):
            if chance and number > names_synced and chance.random() < 0.5:
                continue
            if step.kind != "create":
                names.pop(step.name, None)
            if step.kind != "unlink":
                names[step.to or step.name] = step.file
    return {name: bytes(contents.get(file, b"")) for name, file in names.items()}
