"""Snapshots while an ingest runs, and restoring them by copying."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from acts import expected, ingest, numbered, sound, state
from processes import run

import indexer
from indexer.errors import CorruptSegmentError, NotAnIndexError, ResourceError
from indexer.segment.entry import ColumnarSegment
from indexer.snapshot import snapshot


def test_snapshots_taken_while_commits_go_on_are_each_one_commit(tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    index = indexer.open_index(path, create=True)
    commits = 25
    acts = [ingest(tmp_path, numbered(range(10), version)) for version in range(1, commits + 1)]
    acts[0](index)
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for act in acts[1:]:
                act(index)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    taken = 0
    while writer.is_alive() or taken < 3:
        target = tmp_path / f"copy{taken}"
        generation = indexer.open_index(path).snapshot(target)
        copy = sound(target)
        assert copy.generation == generation
        assert state(copy) == expected(numbered(range(10), generation))
        taken += 1
    writer.join()
    assert failures == []
    assert indexer.open_index(path).generation == commits


def test_a_commit_that_is_swept_while_it_is_copied_gives_way_to_the_last(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(99), 1))(index)
    # The large segment stays, the small one is written anew.
    first, *later = (ingest(tmp_path, numbered(range(99, 100), version)) for version in (1, 2, 3, 4))
    first(index)
    assert index.stats().segments == 2
    writing = iter(later)

    def meanwhile(segment: ColumnarSegment) -> object:
        found = index.reader(segment)
        # What another process may do between the choice of a commit and the copy of its files.
        for act in writing:
            act(index)
        return found

    target = tmp_path / "copy"
    assert snapshot(index.path, target, meanwhile) == index.generation == 5
    assert state(sound(target)) == expected(numbered(range(99), 1) | numbered(range(99, 100), 4))
    assert len(list(target.glob("*.bsc"))) == 2


def test_a_snapshot_takes_along_what_was_learned_and_what_outlets_are_called(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(10), 1))(index)
    for name in ("learned.json", "outlets.toml"):
        (index.path / name).write_text(f"{name} as it was")
    index.snapshot(tmp_path / "copy")
    for name in ("learned.json", "outlets.toml"):
        (index.path / name).write_text("later")
        assert (tmp_path / "copy" / name).read_text() == f"{name} as it was"


def test_a_snapshot_is_restored_by_copying_it(tmp_path: Path) -> None:
    path, copy, restored = tmp_path / "news.index", tmp_path / "backup" / "today", tmp_path / "restored.index"
    with indexer.open_index(path, create=True) as index:
        ingest(tmp_path, numbered(range(10), 1))(index)
        committed_at = index.committed_at
    done = run("indexer", "snapshot", copy, "--index", path)
    assert (done.returncode, done.stdout) == (0, f"{copy} holds generation 1.\n")
    with indexer.open_index(path) as index:
        ingest(tmp_path, numbered(range(5, 20), 2))(index)
        index.optimize()
    shutil.rmtree(path)
    shutil.copytree(copy, restored)
    index = sound(restored)
    assert state(index) == expected(numbered(range(10), 1))
    assert index.committed_at == committed_at
    index.delete(["1"])
    assert len(state(sound(restored))) == 9
    assert len(state(sound(copy))) == 10


def test_an_open_index_follows_another_that_takes_its_place_at_the_same_generation(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(10), 1))(index)
    rebuilt = indexer.open_index(tmp_path / "rebuilt.index", create=True)
    ingest(tmp_path, numbered(range(5), 2))(rebuilt)
    assert index.generation == rebuilt.generation == 1
    assert state(index) == expected(numbered(range(10), 1))
    index.path.rename(tmp_path / "old.index")
    rebuilt.path.rename(index.path)
    assert state(index) == expected(numbered(range(5), 2))


def test_a_snapshot_on_another_file_system_is_a_copy(tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system to write to")
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        ingest(tmp_path, numbered(range(10), 1))(index)
        target = other / f"broadsheet-{tmp_path.name}"
        try:
            index.snapshot(target)
            assert state(sound(target)) == expected(numbered(range(10), 1))
        finally:
            shutil.rmtree(target)


def test_a_file_that_is_missing_is_said_by_a_process_that_has_it_open(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(10), 1))(index)
    assert index.search("harbour", limit=0).indexed == 10
    [file] = index.path.glob("*.bsc")
    file.unlink()
    with pytest.raises(CorruptSegmentError, match=rf"{file.name} is missing"):
        index.snapshot(tmp_path / "copy")


def test_a_snapshot_overwrites_nothing(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").write_text("dear reader")
    with pytest.raises(NotAnIndexError, match="is not empty"):
        index.snapshot(full)
    with pytest.raises(NotAnIndexError, match="is not empty"):
        index.snapshot(index.path)
    with pytest.raises(ResourceError, match=r"letter\.txt"):
        index.snapshot(full / "letter.txt")
    assert [file.name for file in full.iterdir()] == ["letter.txt"]
