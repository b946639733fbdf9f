"""Soak: ingest, search, page, export, delete, optimize, snapshot and check at once for some minutes, in real processes.

    python -m benchmarks.soak --minutes 30

Articles come in batches that are added, replaced and deleted as a whole, each in one commit. So whatever an answer
says of a batch, it must say of all its articles alike, whenever it is asked; else it is wrong. Memory and open files
of the server are watched. Fails on a wrong answer, a failed request, or growth.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

BATCHES: Final = 30
SIZE: Final = 100
WORDS: Final = ("harbour", "ferry", "storm", "council", "budget", "bridge", "island", "winter", "dividend", "library")
WATCH_SECONDS: Final = 5.0
# Between two requests of a client, so that the writer has its share of few cores.
_PAUSE_SECONDS: Final = 0.02
# What the last third of the run may hold more than the second one.
_GROWTH: Final = 1.15
_MORE_FILES: Final = 20


class Soak:
    """One run: what it does, counts and finds wrong."""

    def __init__(self, folder: Path, seconds: float, searchers: int) -> None:
        self.index = folder / "news.index"
        self._folder = folder
        self._until = time.monotonic() + seconds
        self._searchers = searchers
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self._lock = threading.Lock()
        self.samples: list[tuple[float, float, int]] = []
        self._host = ""

    def run(self) -> None:
        """Serve, and let everything loose."""
        self._ingest(random.Random(0), batch=0, version=0)
        with subprocess.Popen(
            [_script("server"), "run", "--port", "0", "--workers", "2", "--index", self.index],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stdout is not None
            assert server.stderr is not None
            found = re.search(r"http://([\w.:]+)", server.stdout.readline())
            if found is None:
                raise SystemExit(f"the server did not start: {server.communicate()[1]}")
            self._host = found[1]
            # A full pipe would stop the server.
            threading.Thread(target=self._drain, args=(server.stderr,), daemon=True).start()
            jobs: list[Callable[[random.Random], None]] = [self._write, *[self._search] * self._searchers, self._export]
            threads = [
                threading.Thread(target=self._repeat, args=(job, random.Random(number)))
                for number, job in enumerate(jobs)
            ]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                time.sleep(WATCH_SECONDS)
                self._sample(server.pid)
            server.terminate()
            server.wait()
        self._command("check", "--index", self.index)

    def _repeat(self, job: Callable[[random.Random], None], chance: random.Random) -> None:
        while time.monotonic() < self._until and len(self.problems) < 20:
            try:
                job(chance)
            except Exception as error:
                self._wrong(f"{job.__name__}: {type(error).__name__}: {error}")
            time.sleep(_PAUSE_SECONDS)

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def _wrong(self, what: str) -> None:
        with self._lock:
            self.problems.append(what)
        print(f"WRONG {what}", flush=True)

    def _drain(self, lines: Any) -> None:
        for line in lines:
            if "WARNING" in line or "ERROR" in line or "Traceback" in line:
                self._wrong(f"the server says: {line.strip()}")

    # The writer

    def _write(self, chance: random.Random) -> None:
        batch = chance.randrange(BATCHES)
        match chance.randrange(20):
            case 0:
                self._command("optimize", "--index", self.index)
            case 1:
                with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                    self._command("snapshot", f"{folder}/copy", "--index", self.index)
                    self._command("check", "--index", f"{folder}/copy")
            case 2 | 3 | 4:
                ids = [f"{batch}-{number}" for number in range(SIZE)]
                self._command("delete", *ids, "--index", self.index, codes=(0, 1))
            case _:
                self._ingest(chance, batch, self.counts["ingest"] + 1)

    def _ingest(self, chance: random.Random, batch: int, version: int) -> None:
        feed = self._folder / "feed.jsonl"
        with feed.open("w", encoding="utf-8") as out:
            for number in range(SIZE):
                article = {
                    "id": f"{batch}-{number}",
                    "title": f"batch{batch} {chance.choice(WORDS)}",
                    "body": f"version{version} " + " ".join(chance.choices(WORDS, k=chance.randint(20, 400))),
                    "source": chance.choice(["Daily Harbour", "Hill and Valley", "Tidemark"]),
                    "date": None if number % 10 == 0 else f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
                }
                out.write(json.dumps(article) + "\n")
        self._command("ingest", feed, "--index", self.index)

    def _command(self, name: str, *args: str | Path, codes: tuple[int, ...] = (0,)) -> None:
        done = subprocess.run([_script("indexer"), name, *args], capture_output=True, text=True, check=False)
        self._count(name)
        if done.returncode not in codes or "Traceback" in done.stderr:
            self._wrong(f"indexer {name}: {done.returncode} {done.stdout}{done.stderr}")

    # The readers

    def _get(self, path: str, **parameters: Any) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            connection.request("GET", f"{path}?{urlencode(parameters, quote_via=quote)}")
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _found(self, **parameters: Any) -> dict[str, Any] | None:
        status, body = self._get("/v1/search", **parameters)
        self._count("search")
        if status == 410 and "cursor" in parameters:
            self._count("gone cursor")
            return None
        if status != 200:
            self._wrong(f"{parameters}: {status} {body[:300]!r}")
            return None
        result: dict[str, Any] = json.loads(body)
        date, source = result["facets"]["date"], result["facets"]["source"]
        dated = sum(bucket["count"] for bucket in date["buckets"]) + date["missing"]
        named = sum(bucket["count"] for bucket in source["buckets"]) + source["missing"] + source["other"]
        if {dated, named} != {result["total"]}:
            self._wrong(f"{parameters}: total {result['total']}, by date {dated}, by source {named}")
        return result

    def _search(self, chance: random.Random) -> None:
        if chance.random() < 0.5:
            self._found(q=" ".join(chance.sample(WORDS, 2)), match=chance.choice(["all", "any"]))
            return
        batch = chance.randrange(BATCHES)
        ids: list[str] = []
        versions: set[str] = set()
        page = self._found(q=f"title:batch{batch}", limit=chance.choice([30, 1000]), snippets=1)
        total = page["total"] if page else 0
        while page is not None:
            ids += [hit["id"] for hit in page["hits"]]
            if page["total"] != total:
                self._wrong(f"batch {batch}: a later page has the total {page['total']} instead of {total}")
            if page["next_cursor"] is None:
                self._all_alike(f"batch {batch} paged", ids, versions)
                return
            page = self._found(q=f"title:batch{batch}", limit=30, cursor=page["next_cursor"])

    def _export(self, chance: random.Random) -> None:
        status, body = self._get("/v1/export", q="", format="ndjson")
        self._count("export")
        if status != 200:
            self._wrong(f"export: {status} {body[:300]!r}")
            return
        batches: dict[str, list[dict[str, Any]]] = {}
        for line in body.splitlines():
            article = json.loads(line)
            batches.setdefault(article["id"].partition("-")[0], []).append(article)
        for batch, articles in batches.items():
            versions = {article["body"].split()[0] for article in articles}
            self._all_alike(f"batch {batch} exported", [article["id"] for article in articles], versions)

    def _all_alike(self, what: str, ids: list[str], versions: set[str]) -> None:
        if len(ids) not in (0, SIZE) or len(set(ids)) != len(ids) or len(versions) > 1:
            self._wrong(f"{what}: {len(ids)} articles, {len(set(ids))} distinct, versions {versions}")

    # The watch

    def _sample(self, pid: int) -> None:
        processes = [pid, *_children(pid)]
        memory = sum(_memory(process) for process in processes) / 1e6
        files = sum(_open_files(process) for process in processes)
        at = time.monotonic()
        self.samples.append((at, memory, files))
        print(
            f"{max(0, self._until - at):6.0f} s to go  {memory:7.1f} MB  {files:4} files  {dict(self.counts)}",
            flush=True,
        )

    def growth(self) -> str:
        """Memory and files in the last third of the run against the second; what grew is a problem."""
        third = len(self.samples) // 3
        if not third:
            return "too short to tell growth"
        before, after = self.samples[third : 2 * third], self.samples[2 * third :]
        memory = [statistics.median(sample[1] for sample in part) for part in (before, after)]
        files = [statistics.median(sample[2] for sample in part) for part in (before, after)]
        if memory[1] > memory[0] * _GROWTH or files[1] > files[0] + _MORE_FILES:
            self.problems.append("memory or open files grew")
        return f"memory {memory[0]:.0f} → {memory[1]:.0f} MB, open files {files[0]:.0f} → {files[1]:.0f}"


def _script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _children(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in found.split()]


def _memory(pid: int) -> int:
    """Bytes of a process that are its own: mapped files of the index are the page cache's."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+)", lines)
    return int(found[1]) * 1024 if found else 0


def _open_files(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--searchers", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(Path(folder), options.minutes * 60, options.searchers)
        soak.run()
    growth = soak.growth()
    print(f"{options.minutes:g} minutes, {dict(soak.counts)}, {growth}, {len(soak.problems)} problems")
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
