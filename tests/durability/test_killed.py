"""SIGKILL at any moment of ingest, merge, delete and optimize."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

from acts import THOROUGH, expected, left_over, sound, state

import indexer

RUNS = 20 * THOROUGH
LONGEST = 0.4  # seconds until the kill


def test_killed_at_any_moment_loses_nothing_acknowledged_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path, journal = tmp_path / "news.index", tmp_path / "journal"
    indexer.open_index(path, create=True)
    chance = random.Random()
    held: dict[str, int] = {}
    caught = {"ingest": 0, "delete": 0, "optimize": 0}
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("victim.py"), path, journal],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)},
        text=True,
    ) as victims:
        assert victims.stdin is not None
        assert victims.stdout is not None
        for seed in range(RUNS):
            journal.write_bytes(b"")
            victims.stdin.write(f"{seed}\n")
            victims.stdin.flush()
            child = int(victims.stdout.readline())
            # Waits for its end, which does not come.
            assert not select.select([victims.stdout], [], [], chance.uniform(0, LONGEST))[0]
            os.kill(child, signal.SIGKILL)
            assert victims.stdout.readline() == "\n"
            under_way = held
            for entry in map(json.loads, journal.read_bytes().splitlines()):
                if entry == "done":
                    held = under_way
                else:
                    under_way = applied(held, entry)
                    kind = entry["kind"]
            if under_way is not held:
                caught[kind] += 1
            # The next writer is let in as soon as the workers have noticed, and sweeps.
            with indexer.open_index(path, lock_timeout=10).writer():
                pass
            found = state(sound(path))
            assert found in (expected(held), expected(under_way))
            held = held if found == expected(held) else under_way
            assert left_over(path) == set()
        victims.stdin.close()
    assert sum(caught.values()) > RUNS / 2


def applied(held: dict[str, int], entry: dict[str, object]) -> dict[str, int]:
    versions = entry["versions"]
    assert isinstance(versions, dict)
    if entry["kind"] == "ingest":
        return held | versions
    if entry["kind"] == "delete":
        return {id: version for id, version in held.items() if id not in versions}
    return dict(held)
