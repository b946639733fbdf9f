"""How much memory an ingest takes is bounded by the batch, not by the input, and can be set; and how much disk."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

import indexer
from indexer import ingest
from indexer.article import Article
from indexer.ingest import _batches, batch_bytes, bytes_of
from indexer.sources import jsonl

WORDS = [f"{first}{second}" for first in ("har", "lan", "mor", "sel", "tri", "vor") for second in "abcdefghijklmnop"]
ARTICLES = 12_000
# One process builds all; the most it ever held, in megabytes.
MEASURED = """
import resource, sys
import indexer
with indexer.open_index(sys.argv[2], create=True) as index:
    report = index.ingest([sys.argv[1]], workers=2, memory=int(sys.argv[3]))
print(report.added, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 45 MB of articles."""
    path = tmp_path_factory.mktemp("corpus") / "many.jsonl"
    chance = random.Random(11)
    with path.open("wb") as file:
        for number in range(ARTICLES):
            body = " ".join(chance.choices(WORDS, k=750))
            file.write(orjson.dumps({"id": str(number), "title": f"Report {number}", "body": body}) + b"\n")
    return path


@pytest.mark.parametrize("memory", [0, 100, 500, 10_000, 1_000_000])
def test_a_batch_is_worth_a_process_and_three_times_as_much_text_fits_the_builder(memory: int) -> None:
    assert 1_000_000 <= batch_bytes(memory) < 2**31 // 3


def test_headlines_without_text_fill_a_batch_too() -> None:
    headlines = (Article(id=str(number), title="Fog lifts") for number in range(100_000))
    assert max(map(len, _batches(iter(headlines), 1, batch_bytes(0), float))) < 20_000


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("known", [True, False])
def test_batches_hold_every_record_in_order_and_as_much_as_each_may(workers: int, known: bool) -> None:
    # Some 9 MB in all: more than each worker waits for, and a rest that is shared out.
    chance = random.Random(13)
    lines = [Article(id=str(number), title="Fog", body="x" * chance.randrange(20_000)) for number in range(900)]
    read, total = 0, sum(map(bytes_of, lines))

    def reading() -> Iterator[Article]:
        nonlocal read
        for line in lines:
            read += bytes_of(line)
            yield line

    batches = list(_batches(reading(), workers, 2_000_000, lambda: read / total if known else 0.0))
    assert [line for batch in batches for line in batch] == lines
    sizes = [sum(bytes_of(line) for line in batch) for batch in batches]
    assert all(size <= 2_000_000 + 21_000 for size in sizes[:-workers])
    assert max(sizes[-workers:]) <= max(1_000_000, 2_000_000) + 21_000
    assert min(sizes[:-1]) >= 1_000_000
    if known:
        # All workers come to their ends together.
        assert len(batches) % workers == 0
        assert max(sizes) - min(sizes) < 100_000
    assert batch_bytes(1_000) > batch_bytes(500) > batch_bytes(100)


@pytest.mark.parametrize("memory", [150, 300])
def test_workers_take_about_as_much_memory_as_they_may(corpus: Path, tmp_path: Path, memory: int) -> None:
    command = [sys.executable, "-c", MEASURED, str(corpus), str(tmp_path / "news.index"), str(memory)]
    added, held = map(int, subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert added == ARTICLES
    assert 0.5 * memory < held < 1.3 * memory


def test_what_an_ingest_has_merged_or_found_unchanged_leaves_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_SMALLEST_BATCH", 20_000)
    monkeypatch.setattr(jsonl, "_CHUNK", 4_000)
    monkeypatch.setattr(ingest, "_SEGMENTS_AT_ONCE", 16)
    index = indexer.open_index(tmp_path / "news.index", create=True)
    chance = random.Random(12)
    lines = [{"id": str(number), "title": " ".join(chance.choices(WORDS, k=200))} for number in range(1000)]
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    files: list[int] = []
    for added in (len(lines), 0):
        report = index.ingest(
            [path], workers=1, memory=0, on_progress=lambda _: files.append(len(list(index.path.glob("*.bsc"))))
        )
        assert report.added == added
    assert len(files) > 100
    assert max(files) <= 16 + 1
