"""What is done to indexes in these tests, and what they must hold afterwards."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import indexer
from indexer import NewsIndex

# How many times as many runs, faults and inputs as in continuous integration.
THOROUGH = int(os.environ.get("THOROUGH", "1"))

State = dict[str, str]
Act = Callable[[NewsIndex], Any]

WORDS = ("harbour", "ferry", "storm", "council", "budget", "bridge", "island", "winter", "dividend", "library")


def record(id: str, version: int) -> dict[str, Any]:
    """An article of which the body tells id and version."""
    chance = random.Random(f"{id} {version}")
    return {
        "id": id,
        "title": f"Number {id}, {chance.choice(WORDS)}",
        "body": f"Article {id} in version {version}.\n\n" + " ".join(chance.choices(WORDS, k=40)),
        "source": chance.choice(["Daily Harbour", "Hill & Valley"]),
        "date": f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
    }


def line(record: Mapping[str, Any]) -> bytes:
    import orjson

    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def ingest(folder: Path, versions: Mapping[str, int], workers: int = 1) -> Act:
    path = folder / f"{abs(hash(tuple(versions.items())))}.jsonl"
    path.write_bytes(b"".join(line(record(id, version)) for id, version in versions.items()))
    return lambda index: index.ingest([path], workers=workers)


def state(index: NewsIndex) -> State:
    """Every article by its first paragraph; each is found once."""
    found: State = {}
    for hit in index.search_all():
        assert hit.article.id not in found
        found[hit.article.id] = hit.article.body.partition("\n")[0]
    assert index.search(limit=0).total == len(found)
    return found


def expected(versions: Mapping[str, int]) -> State:
    return {id: f"Article {id} in version {version}." for id, version in versions.items()}


def left_over(path: Path, commits: int = 2) -> set[str]:
    """The files that none of the last commits needs."""
    from indexer import store

    kept = {store.LOCK}
    for generation in store.generations(path)[:commits]:
        kept.add(store.toc_path(path, generation).name)
        kept.update(store.segment_path(path, segment).name for segment in store.read_commit(path, generation).segments)
    return {entry.name for entry in path.iterdir()} - kept


def numbered(numbers: Iterable[int], version: int) -> dict[str, int]:
    return {str(number): version for number in numbers}


def sound(path: Path) -> NewsIndex:
    """An index of which nothing is damaged."""
    index = indexer.open_index(path)
    report = index.check()
    assert report.problems == ()
    return index
