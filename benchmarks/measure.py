"""What is measured, and how: engines take turns within each round, so that the machine's moods hit all alike."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Final

from benchmarks.corpus import Corpus
from benchmarks.draw import SEED
from benchmarks.engines import ENGINES, load
from benchmarks.query import Query

ROOT: Final = Path(__file__).parents[1]
SERVED: Final = 200
FRESH_PROCESSES: Final = 3
START_UPS: Final = 7
# An engine that has used this up in one kind of measurement sits out the further rounds of it.
PATIENCE_SECONDS: Final = 120.0

Results = dict[str, Any]


class EngineFailed(Exception):
    """An engine's process ended with an error; the message has its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much of everything: rounds of the warm requests, ingests, and threads of an ingest."""

    repeat: int
    ingests: int
    threads: int


class _Server:
    """A `worker serve` process."""

    def __init__(self, engine: str, directory: Path, queries: Sequence[Query]) -> None:
        self.engine = engine
        self._process = subprocess.Popen(
            _command("serve", engine, str(directory)),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.can: list[bool] = self.ask(do="queries", queries=[query.to_dict() for query in queries])["can"]

    def __enter__(self) -> _Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, **command: Any) -> dict[str, Any]:
        """Send one command and wait for its reply. Raises EngineFailed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(json.dumps(command), file=self._process.stdin, flush=True)
            reply = self._process.stdout.readline()
        except BrokenPipeError:
            reply = ""
        if not reply:
            raise EngineFailed(f"{self.engine}: {self._process.communicate()[1].strip()[-2000:]}")
        answer: dict[str, Any] = json.loads(reply)
        return answer

    def times(self, verb: str, places: list[int]) -> list[int]:
        """Nanoseconds of each query, by place."""
        nanoseconds: list[int] = self.ask(do="time", verb=verb, places=places)["nanoseconds"]
        return nanoseconds


def absent(names: Sequence[str]) -> dict[str, str]:
    """The engines that cannot run here, each with the reason."""
    reasons = {}
    for name in names:
        try:
            load(name).version()
        except ImportError as error:
            reasons[name] = str(error)
    return reasons


def measure(
    corpus: Corpus, queries: dict[str, list[Query]], engines: Sequence[str], effort: Effort, directory: Path
) -> Results:
    """Measure everything; the keys of what it returns are explained in the report's text."""
    built = {name: directory / (_index_of(name) or name) for name in engines}
    results: Results = {name: {} for name in engines}
    _say(f"{corpus.name}: {corpus.articles:,} articles, {corpus.bytes / 1e6:,.1f} MB")
    for name, ingest in _ingests(corpus, list(dict.fromkeys(_index_of(n) or n for n in engines)), effort,
                                 directory).items():  # fmt: skip
        for reader in engines:
            if (_index_of(reader) or reader) == name:
                results[reader] |= ingest
                results[reader]["differs"] = load(reader).differs
    classes = [name for name, members in queries.items() for _ in members]
    flat = [query for members in queries.values() for query in members]
    _say("first calls, each in a fresh process")
    for name, first in _first_calls(engines, built, flat, classes).items():
        results[name] |= first
    _say("new processes")
    for name, seconds in _start_ups(engines, built, queries).items():
        results[name]["new_process_seconds"] = seconds
    with ExitStack() as stack:
        servers = [stack.enter_context(_Server(name, built[name], flat)) for name in engines]
        _say("equal hits")
        answers = {server.engine: server.ask(do="answers")["answers"] for server in servers}
        for verb in ("request", "top10"):
            _say(f"warm: {verb}")
            for name, by_class in _warm(servers, verb, classes, effort.repeat).items():
                results[name][f"{verb}_ms"] = by_class
    for name in engines:
        results[name]["equality"] = _equality(answers[engines[0]], answers[name], classes)
        results[name]["largest_totals"] = _by_class(classes, [a["total"] if a else None for a in answers[name]], max)
    return results


def _ingests(corpus: Corpus, engines: Sequence[str], effort: Effort, directory: Path) -> dict[str, Results]:
    """Seconds from the start of a process to the first search of the committed index, and to its end."""
    found: dict[str, Results] = {name: {"ingest_seconds": [], "ingest_process_seconds": []} for name in engines}
    for _ in range(effort.ingests):
        for name in _patient(engines, {name: sum(found[name]["ingest_process_seconds"]) for name in engines}):
            _say(f"ingest: {name}")
            shutil.rmtree(directory / name, ignore_errors=True)
            (directory / name).mkdir()
            start = time.monotonic_ns()
            reply = _run("build", name, str(corpus.path), str(directory / name), str(effort.threads))
            end = time.monotonic_ns()
            found[name]["ingest_seconds"].append((reply["searchable"] - start) / 1e9)
            found[name]["ingest_process_seconds"].append((end - start) / 1e9)
            found[name] |= {"bytes": reply["bytes"], "version": reply["version"]}
    return found


def _first_calls(
    engines: Sequence[str], built: dict[str, Path], queries: list[Query], classes: list[str]
) -> dict[str, Results]:
    """Each query's first execution, of several fresh processes; then the memory of such a process."""
    order = list(range(len(queries)))
    random.Random(SEED).shuffle(order)
    times: dict[str, list[dict[int, int]]] = {name: [] for name in engines}
    memory: dict[str, list[int]] = {name: [] for name in engines}
    for _ in range(FRESH_PROCESSES):
        spent = {name: sum(sum(round_.values()) for round_ in times[name]) / 1e9 for name in engines}
        for name in _patient(engines, spent):
            with _Server(name, built[name], queries) as server:
                places = [place for place in order if server.can[place]]
                times[name].append(dict(zip(places, server.times("request", places), strict=True)))
                again = (places * (SERVED // len(places) + 1))[len(places) : SERVED]
                server.times("request", again)
                anonymous = server.ask(do="memory")["anonymous_bytes"]
                if anonymous is not None:
                    memory[name].append(anonymous)
    return {
        name: {
            "first_ms": _by_class(classes, _medians(times[name], len(queries)), median),
            "anonymous_bytes": median(memory[name]) if memory[name] else None,
        }
        for name in engines
    }


def _start_ups(engines: Sequence[str], built: dict[str, Path], queries: dict[str, list[Query]]) -> dict[str, float]:
    """Seconds from the start of a Python process to the end of it, one whole answer printed."""
    query = json.dumps(queries["middling term"][0].to_dict())
    found: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(START_UPS):
        for name in _patient(engines, {name: sum(seconds) for name, seconds in found.items()}):
            start = time.monotonic_ns()
            _run("answer", name, str(built[name]), query)
            found[name].append((time.monotonic_ns() - start) / 1e9)
    return {name: median(seconds) for name, seconds in found.items()}


def _warm(servers: list[_Server], verb: str, classes: list[str], repeat: int) -> dict[str, dict[str, float]]:
    """Milliseconds by class: the median over its queries of the median over the rounds."""
    rounds: dict[str, list[dict[int, int]]] = {server.engine: [] for server in servers}
    by_name = {server.engine: server for server in servers}
    for _ in range(repeat):
        spent = {name: sum(sum(one.values()) for one in ones) / 1e9 for name, ones in rounds.items()}
        waiting = _patient(list(by_name), spent)
        new: dict[str, dict[int, int]] = {name: {} for name in waiting}
        for class_name in dict.fromkeys(classes):
            members = [place for place, name in enumerate(classes) if name == class_name]
            for name in waiting:
                places = [place for place in members if by_name[name].can[place]]
                new[name].update(zip(places, by_name[name].times(verb, places), strict=True))
        for name in waiting:
            rounds[name].append(new[name])
    return {name: _by_class(classes, _medians(ones, len(classes)), median) for name, ones in rounds.items()}


def _medians(rounds: list[dict[int, int]], count: int) -> list[float | None]:
    """Milliseconds of each query, the median over the rounds."""
    return [
        median(one[place] for one in rounds) / 1e6 if rounds and place in rounds[0] else None for place in range(count)
    ]


def _by_class(classes: list[str], values: Sequence[float | None], choose: Any) -> dict[str, Any]:
    grouped: dict[str, list[float]] = {}
    for name, value in zip(classes, values, strict=True):
        if value is not None:
            grouped.setdefault(name, []).append(value)
    return {name: choose(group) for name, group in grouped.items()}


def _equality(reference: list[Results | None], own: list[Results | None], classes: list[str]) -> Results:
    """By class: how many queries both engines can express, how many agree, and the farthest totals."""
    found: Results = {}
    for name, theirs, ours in zip(classes, reference, own, strict=True):
        row = found.setdefault(
            name, {"compared": 0, "totals": 0, "sources": 0, "months": 0, "snippets": 0, "hits": 0, "farthest": None}
        )
        if ours is not None:
            row["hits"] += ours["hits"]
            row["snippets"] += ours["snippets"]
        if theirs is None or ours is None:
            continue
        row["compared"] += 1
        row["totals"] += theirs["total"] == ours["total"]
        # Which of several outlets with one count comes last is the engine's choice.
        row["sources"] += sorted(theirs["sources"].values()) == sorted(ours["sources"].values())
        row["months"] += theirs["months"] == ours["months"]
        pair = (ours["total"], theirs["total"])
        if pair[0] != pair[1] and (row["farthest"] is None or _distance(pair) > _distance(row["farthest"])):
            row["farthest"] = pair
    return found


def _distance(pair: tuple[int, int]) -> float:
    return abs(pair[0] - pair[1]) / max(pair)


def _patient(engines: Sequence[str], spent: dict[str, float]) -> list[str]:
    return [name for name in engines if spent[name] < PATIENCE_SECONDS]


def _index_of(engine: str) -> str:
    return load(engine).index_of


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.worker", *arguments]


def _run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineFailed(f"{arguments[1]}: {done.stderr.strip()[-2000:]}")
    reply: dict[str, Any] = json.loads(done.stdout)
    return reply


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def known(names: str) -> Iterator[str]:
    """The engines of a comma list. Raises ValueError for an unknown one."""
    for name in names.split(","):
        if name not in ENGINES:
            raise ValueError(f"no engine {name!r}: there are {', '.join(ENGINES)}")
        yield name
