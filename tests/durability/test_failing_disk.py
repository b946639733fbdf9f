"""A disk that is full, fails or refuses at any step; too little memory. Injected at every step, and for real."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from acts import Act, expected, ingest, left_over, line, numbered, record, sound, state
from disk import Disk, Step
from processes import environment, script

import indexer
from indexer import store
from indexer.errors import NotAnIndexError, ResourceError

FAULTS: dict[str, Callable[[], BaseException]] = {
    "full": lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    "failing": lambda: OSError(errno.EIO, os.strerror(errno.EIO)),
    "refused": lambda: PermissionError(errno.EACCES, os.strerror(errno.EACCES)),
    "no memory": MemoryError,
}
BEFORE = numbered(range(10), 1)
ACTS: dict[str, tuple[Callable[[Path], Act], dict[str, int]]] = {
    "ingest with a merge": (lambda folder: ingest(folder, numbered(range(5, 15), 2)), numbered(range(5, 15), 2)),
    "delete": (lambda folder: lambda index: index.delete(["3", "4"]), {}),
    "optimize": (lambda folder: lambda index: index.optimize(), {}),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    with indexer.open_index(folder / "news.index", create=True) as index:
        ingest(folder, BEFORE)(index)
        ingest(folder, {"0": 3})(index)
    return folder / "news.index"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ACTS)
def test_a_fault_at_any_step_is_said_and_leaves_the_index_whole(
    original: Path, tmp_path: Path, name: str, fault: str
) -> None:
    make, changed = ACTS[name]
    act = make(tmp_path)
    before = expected(BEFORE | {"0": 3})
    after = expected(BEFORE | {"0": 3} | changed)
    if name == "delete":
        del after["3"], after["4"]
    failed = 0
    for place in range(1000):
        folder = tmp_path / str(place)
        shutil.copytree(original, folder)
        index = indexer.open_index(folder)

        def failing(number: int, step: Step, place: int = place) -> BaseException | None:
            # A disk that fails once goes on failing; one that is full takes removals.
            return FAULTS[fault]() if number >= place and step.kind != "unlink" else None

        disk = Disk(folder, failing)
        with pytest.MonkeyPatch.context() as patch:
            disk.install(patch)
            try:
                act(index)
            except ResourceError as error:
                message = str(error)
            else:
                message = ""
        if message:
            failed += 1
            assert str(folder) in message
            assert "\n" not in message
            assert state(index) in (before, after)
        else:
            assert state(index) == after
        # Where the fault came last, the commit is there and nothing swept yet.
        assert left_over(folder, commits=3) == set()
        assert state(sound(folder)) in (before, after)
        act(indexer.open_index(folder))
        assert state(sound(folder)) == after
        indexer.open_index(folder).delete(["9"])
        assert left_over(folder) == set()
        shutil.rmtree(folder)
        if len(disk.steps) <= place:
            break
    assert failed >= 6


def limited(kind: int, most: int, *command: str | os.PathLike[str]) -> subprocess.CompletedProcess[str]:
    """`indexer` as a process that may have so many bytes of a resource."""
    return subprocess.run(
        [script("indexer"), *command],
        # A thread for each core would take address space.
        env=environment({"OPENBLAS_NUM_THREADS": "1"}),
        preexec_fn=lambda: resource.setrlimit(kind, (most, most)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_file_that_may_not_grow_further_is_one_clear_line(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"".join(line(record(str(number), 1)) for number in range(300)))
    path = tmp_path / "news.index"
    indexer.open_index(path, create=True)
    for size in (0, 1000, 20_000):
        done = limited(resource.RLIMIT_FSIZE, size, "ingest", "--index", path, feed)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        assert "File too large" in done.stderr
        assert done.stderr.count("\n") == 1
        assert left_over(path) == set()
        assert state(sound(path)) == {}
    assert indexer.open_index(path).ingest([feed]).added == 300


@pytest.mark.parametrize(
    ("command", "said"), [("snapshot", "there is no copy in it"), ("check", "it is as damaged as before")]
)
def test_a_copy_or_a_repair_that_cannot_be_written_says_what_is_there(tmp_path: Path, command: str, said: str) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(20), 1))(index)
    argument: str | Path = tmp_path / "copy"
    if command == "check":
        argument = "--repair"
        segment = store.segment_files(index.path)[0]
        segment.write_bytes(segment.read_bytes()[:-1])
    done = limited(resource.RLIMIT_FSIZE, 0, command, argument, "--index", index.path)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert done.stderr.strip().endswith(said)


def test_a_copy_that_fails_leaves_its_folder_to_the_next(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(20), 1))(index)
    copy = tmp_path / "copy"
    assert limited(resource.RLIMIT_FSIZE, 0, "snapshot", copy, "--index", index.path).returncode == 1
    assert list(copy.iterdir()) == []
    assert index.snapshot(copy) == index.generation
    assert state(sound(copy)) == state(index)


def test_too_little_memory_is_one_clear_line(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(line({"id": "long", "title": "A long day", "body": "harbour ferry storm council " * 2_000_000}))
    path = tmp_path / "news.index"
    indexer.open_index(path, create=True)
    done = limited(resource.RLIMIT_AS, 700_000_000, "ingest", "--workers", "1", "--index", path, feed)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "memory" in done.stderr
    assert done.stderr.count("\n") == 1
    assert left_over(path) == set()
    assert state(sound(path)) == {}


def test_a_killed_worker_is_one_clear_line(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"".join(line(record(str(number), 1)) for number in range(10_000)))
    path = tmp_path / "news.index"
    indexer.open_index(path, create=True)
    with subprocess.Popen(
        [script("indexer"), "ingest", "--workers", "2", "--index", path, feed],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as ingesting:
        children = Path(f"/proc/{ingesting.pid}/task/{ingesting.pid}/children")
        while not (workers := children.read_text().split()):
            assert ingesting.poll() is None
        os.kill(int(workers[0]), signal.SIGKILL)
        _, said = ingesting.communicate(timeout=60)
    assert ingesting.returncode == 1
    assert said.startswith(f"Error: {path} cannot be written: a worker process was killed")
    assert said.count("\n") == 1
    assert left_over(path) == set()
    assert state(sound(path)) == {}


@pytest.mark.parametrize("attempt", range(5))
def test_ctrl_c_which_a_terminal_sends_to_the_workers_too_is_one_clear_line(tmp_path: Path, attempt: int) -> None:
    path = tmp_path / "news.index"
    indexer.open_index(path, create=True)
    with subprocess.Popen(
        [script("indexer"), "ingest", "--workers", "2", "--memory", "100", "--index", path, "--format", "jsonl", "-"],
        env=environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as ingesting:
        assert ingesting.stdin is not None
        workers = Path(f"/proc/{ingesting.pid}/task/{ingesting.pid}/children")
        for number in count():
            ingesting.stdin.write(line({"id": str(number), "title": "Fog", "body": "fog " * 10_000}))
            if len(workers.read_text().split()) == 2:
                break
        os.killpg(ingesting.pid, signal.SIGINT)
        said = ingesting.communicate(timeout=60)[1].decode()
    assert (ingesting.returncode, said.strip()) == (130, "Interrupted.")
    assert left_over(path) == set()
    assert state(sound(path)) == {}


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(10), 1))(index)
    [segment] = store.segment_files(index.path)
    # Nobody may follow a link to itself, root included.
    segment.rename(tmp_path / "kept")
    segment.symlink_to(segment.name)
    with pytest.raises(NotAnIndexError, match=rf"cannot be used: Too many levels of symbolic links \({segment}\)"):
        indexer.open_index(index.path)


def test_a_commit_that_could_not_be_opened_for_want_of_files_is_seen_as_soon_as_it_can(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, numbered(range(10), 1))(index)
    with indexer.open_index(index.path) as reader:
        assert reader.search(limit=0).total == 10
        ingest(tmp_path, numbered(range(20), 1))(index)
        # A look at a folder that has just changed is repeated anyway.
        os.utime(index.path, (1_700_000_000, 1_700_000_000))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with pytest.raises(ResourceError, match="Too many open files"):
                reader.search(limit=0)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert reader.search(limit=0).total == 20
