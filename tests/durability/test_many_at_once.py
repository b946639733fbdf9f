"""Many readers and one writer, in several processes; who waits, and who is told why."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from acts import THOROUGH, expected, ingest, numbered, sound, state
from indexes import add, built, paged
from processes import run

import indexer
from indexer import NewsIndex, store
from indexer.check import check
from indexer.errors import CursorGoneError
from indexer.response import DateFacet
from indexer.segment.blocks import BlockFile

HOLD = """
import sys, indexer
with indexer.open_index(sys.argv[1]).writer():
    print("writing", flush=True)
    sys.stdin.read()
"""
# Each commit replaces all articles of an index by those of its own version.
READ = """
import sys, indexer
from indexer.response import DateFacet
index = indexer.open_index(sys.argv[1])
seen = set()
print("reading", flush=True)
while "20" not in seen:
    result = index.search("harbour OR -harbour", limit=1000)
    versions = {hit.article.body.split()[4].strip(".") for hit in result.hits}
    assert len(versions) == 1, versions
    ids = [hit.article.id for hit in result.hits]
    assert len(ids) == len(set(ids)) == result.total == 30, (len(ids), result.total)
    months = result.facets["date"]
    assert sum(bucket.count for bucket in months.buckets) + months.missing == result.total
    every = list(index.search_all("harbour OR -harbour"))
    assert len(every) == 30 and len({hit.article.body.split()[4] for hit in every}) == 1
    seen |= versions
print(len(seen))
"""


@contextmanager
def python(program: str, *args: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has said its first word."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        ingest(tmp_path, numbered(range(30), 0))(index)
    return tmp_path / "news.index"


def test_a_report_tells_of_its_own_commit_and_not_of_one_that_came_right_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = built(tmp_path, [{"id": "1", "title": "First"}])
    release = store.Lock.release

    def release_and_let_another_write(lock: store.Lock) -> None:
        monkeypatch.undo()
        release(lock)
        with indexer.open_index(index.path) as other:
            add(other, tmp_path, [{"id": f"after {index.generation}", "title": "Another"}])

    monkeypatch.setattr(store.Lock, "release", release_and_let_another_write)
    report = add(index, tmp_path, [{"id": "2", "title": "Second"}])
    assert (report.generation, index.generation) == (2, 3)
    monkeypatch.setattr(store.Lock, "release", release_and_let_another_write)
    assert (add(index, tmp_path, [{"id": "2", "title": "Second"}]).generation, index.generation) == (3, 4)
    assert index.delete(["1"]) == 1
    monkeypatch.setattr(store.Lock, "release", release_and_let_another_write)
    assert (index.optimize(), index.generation) == (6, 7)


def test_a_second_writer_is_told_who_writes_and_since_when(path: Path) -> None:
    with python(HOLD, path) as holder:
        began = time.monotonic()
        done = run("indexer", "delete", "1", "--lock-timeout", "0.1", "--index", path)
        assert done.returncode == 1
        assert re.search(rf"is being written by process {holder.pid} since 20\d\d-[-0-9T:]+Z: try again", done.stderr)
        assert time.monotonic() - began < 30
        assert len(state(indexer.open_index(path))) == 30
        holder.communicate("")
    assert indexer.open_index(path, lock_timeout=0).delete(["1"]) == 1


def test_a_second_writer_waits_for_the_first(path: Path) -> None:
    with python(HOLD, path) as holder:
        waiting = subprocess.Popen(
            [sys.executable, "-c", "import sys, indexer; print(indexer.open_index(sys.argv[1]).delete(['1']))", path],
            stdout=subprocess.PIPE,
            text=True,
        )
        holder.communicate("")
        assert waiting.communicate(timeout=60)[0] == "1\n"
    assert len(state(sound(path))) == 29


def test_the_lock_of_a_killed_writer_is_free_and_its_note_forgotten(path: Path) -> None:
    with python(HOLD, path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    index = indexer.open_index(path, lock_timeout=0)
    assert index.delete(["1"]) == 1
    assert (path / "MAIN_WRITELOCK").read_bytes() == b""


def test_readers_in_other_processes_never_see_half_a_commit(path: Path, tmp_path: Path) -> None:
    acts = [ingest(tmp_path, numbered(range(30), version)) for version in range(1, 21)]
    with python(READ, path) as first, python(READ, path) as second:
        index = indexer.open_index(path)
        for act in acts:
            act(index)
        assert [int(reader.communicate(timeout=60)[0]) >= 1 for reader in (first, second)] == [True, True]
        assert [first.returncode, second.returncode] == [0, 0]
    assert state(sound(path)) == expected(numbered(range(30), 20))


def test_the_counts_agree_while_another_thread_commits(path: Path, tmp_path: Path) -> None:
    acts = [ingest(tmp_path, numbered(range(30 + version), version)) for version in range(1, 15 * THOROUGH)]

    def write() -> None:
        writing = indexer.open_index(path)
        for act in acts:
            act(writing)

    writer = threading.Thread(target=write)
    writer.start()
    index = indexer.open_index(path)
    while writer.is_alive():
        first = index.search("harbour", limit=0)
        date = first.facets["date"]
        assert isinstance(date, DateFacet)
        assert sum(bucket.count for bucket in date.buckets) + date.missing == first.total
        try:
            ids = paged(index, "", limit=7, sort="newest")
        except CursorGoneError:
            # More commits than are kept while it was paged through.
            continue
        assert len(ids) == len(set(ids))
        assert len(ids) >= 30
    writer.join()
    assert len(state(sound(path))) == 30 + len(acts)


def test_many_may_make_the_same_index_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def make(path: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            assert indexer.open_index(path, create=True).generation == 0
        except BaseException as error:
            failures.append(error)

    for number in range(10 * THOROUGH):
        start = threading.Barrier(4)
        makers = [threading.Thread(target=make, args=(tmp_path / str(number), start)) for _ in range(4)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
    assert failures == []


def test_a_check_finds_nothing_wrong_while_another_thread_commits(path: Path, tmp_path: Path) -> None:
    acts = [ingest(tmp_path, numbered(range(10), version)) for version in range(1, 30 * THOROUGH)]

    def write() -> None:
        writing = indexer.open_index(path)
        for act in acts:
            act(writing)

    writer = threading.Thread(target=write)
    writer.start()
    problems: list[str] = []
    while writer.is_alive():
        problems += check(path).problems
    writer.join()
    assert problems == []


def test_a_search_goes_on_with_the_commit_before_while_another_thread_reads_a_large_new_one(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = indexer.open_index(path)
    index = indexer.open_index(path, verify=True)
    before = index.search(limit=0).total
    is_reading, has_read = threading.Event(), threading.Event()

    def verify(file: BlockFile) -> None:
        is_reading.set()
        assert has_read.wait(60)

    monkeypatch.setattr(BlockFile, "verify", verify)
    with ThreadPoolExecutor(3) as threads:
        try:
            # No merge, which would read what it merges.
            monkeypatch.setattr(NewsIndex, "merge_small", lambda *_, **__: None)
            ingest(tmp_path, {"new": 1})(writing)
            opening = threads.submit(index.search, limit=0)
            assert is_reading.wait(60)
            assert threads.submit(index.search, limit=0).result(60).total == before
        finally:
            has_read.set()
        assert opening.result(60).total == before + 1
    assert index.search(limit=0).total == before + 1


def test_who_has_written_sees_it_also_while_another_thread_reads_the_large_new_commit(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = indexer.open_index(path)
    before = index.search(limit=0).total
    is_reading, has_read = threading.Event(), threading.Event()
    plain = store.last_commit

    def last_commit(*args: Any) -> store.Commit:
        commit = plain(*args)
        if threading.current_thread() is not threading.main_thread():
            is_reading.set()
            assert has_read.wait(60)
        return commit

    monkeypatch.setattr(store, "last_commit", last_commit)
    index.delete(["1"])
    with ThreadPoolExecutor(3) as threads:
        try:
            opening = threads.submit(index.search, limit=0)
            assert is_reading.wait(60)
            waiting = threads.submit(index.search, limit=0)
            with pytest.raises(TimeoutError):
                waiting.result(1)
        finally:
            has_read.set()
        assert [opening.result(60).total, waiting.result(60).total] == [before - 1, before - 1]
