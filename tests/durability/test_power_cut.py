"""A power cut at every step, with every step that was not synced before it done, undone or torn."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from acts import THOROUGH, Act, State, expected, ingest, left_over, numbered, sound, state
from disk import Disk, after_power_cut

import indexer
from indexer.errors import IndexNotFoundError

SAMPLES = 4 * THOROUGH


def test_after_a_power_cut_the_index_is_at_the_last_commit_or_the_one_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts: list[tuple[Act, State]] = [
        (ingest(tmp_path, numbered(range(12), 1)), expected(numbered(range(12), 1))),
        # Merges, as it is as large as what is there.
        (
            ingest(tmp_path, numbered(range(8, 20), 2)),
            expected(numbered(range(8), 1) | numbered(range(8, 20), 2)),
        ),
        (
            lambda index: index.delete(["0", "10", "19"]),
            expected(numbered(range(1, 8), 1) | numbered([8, 9, *range(11, 19)], 2)),
        ),
        (
            ingest(tmp_path, numbered([30], 1)),
            expected(numbered([*range(1, 8), 30], 1) | numbered([8, 9, *range(11, 19)], 2)),
        ),
        (
            lambda index: index.optimize(),
            expected(numbered([*range(1, 8), 30], 1) | numbered([8, 9, *range(11, 19)], 2)),
        ),
        (
            lambda index: index.delete(map(str, range(8))),
            expected(numbered([30], 1) | numbered([8, 9, *range(11, 19)], 2)),
        ),
    ]
    folder = tmp_path / "news.index"
    disk = Disk(folder)
    # For each act: after how many steps it had begun and ended, and what the index held then.
    history: list[tuple[int, State | None]] = [(0, None)]
    with monkeypatch.context() as patch:
        disk.install(patch)
        index = indexer.open_index(folder, create=True)
        history.append((len(disk.steps), {}))
        for act, after in acts:
            act(index)
            assert state(index) == after
            history.append((len(disk.steps), after))
    kinds = {step.kind for step in disk.steps}
    assert kinds == {"create", "write", "sync", "rename", "unlink", "sync names"}
    chance = random.Random(6)
    for cut in range(len(disk.steps) + 1):
        begun = max(number for number, (steps, _) in enumerate(history) if steps <= cut)
        allowed = [after for _, after in history[begun : begun + 2]]
        if cut == history[begun][0]:
            # It had returned, and nothing had happened since.
            allowed = allowed[:1]
        for sample in range(SAMPLES):
            files = after_power_cut(disk.steps[:cut], chance if sample else None)
            copy = tmp_path / f"{cut}-{sample}"
            copy.mkdir()
            for name, data in files.items():
                (copy / name).write_bytes(data)
            assert _found(copy) in allowed, f"after step {cut} of {len(disk.steps)}"


def _found(path: Path) -> State | None:
    """What an index holds that must be whole and take a change; None where none has been made yet."""
    try:
        found = state(sound(path))
    except IndexNotFoundError:
        return None if state(indexer.open_index(path, create=True)) == {} else {}
    index = indexer.open_index(path)
    with index.writer() as writer:
        writer.commit()
    assert state(sound(path)) == found
    assert left_over(path) == set()
    return found
