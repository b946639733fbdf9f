"""What is measured, and how: engines take turns within each round, so that the machine's moods hit all alike."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from compileall import compile_dir
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Final

from benchmarks.corpus import Corpus
from benchmarks.draw import SEED
from benchmarks.engines import load
from benchmarks.query import Query

ROOT: Final = Path(__file__).parents[1]
SERVED: Final = 200
FRESH_PROCESSES: Final = 3
START_UPS: Final = 7
# An engine that has used this up in one kind of measurement sits out the rest of it.
PATIENCE_SECONDS: Final = 120.0
LAST_WORDS: Final = 2000

Results = dict[str, Any]
# Nanoseconds of each query, by its place in the list of all.
_Round = dict[int, int]


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
        self._errors = TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            _command("serve", engine, str(directory)),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.can: list[bool] = self.ask(do="queries", queries=[query.to_dict() for query in queries])["can"]

    def __enter__(self) -> _Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._errors.close()

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
            self._process.wait()
            self._errors.seek(0)
            raise EngineFailed(self._errors.read().strip()[-LAST_WORDS:])
        answer: dict[str, Any] = json.loads(reply)
        return answer

    def times(self, verb: str, places: list[int]) -> _Round:
        """Nanoseconds of each query, by place, as far as the engine gets before the patience with it ends."""
        reply = self.ask(do="time", verb=verb, places=places, patience=PATIENCE_SECONDS)
        return dict(zip(places, reply["nanoseconds"], strict=False))


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
    """Measure everything: engine → what `benchmarks.report` explains. An engine that fails has only its "error"."""
    # As pip leaves a package it installs: else, where Python may not write bytecode, each process compiles our sources.
    for package in ("indexer", "benchmarks"):
        compile_dir(ROOT / package, quiet=1)
    run = _Run(corpus, queries, engines, effort, directory)
    _say(f"{corpus.name}: {corpus.articles:,} articles, {corpus.bytes / 1e6:,.1f} MB")
    run.ingest()
    run.first_calls()
    run.new_processes()
    run.warm()
    return run.results | {name: {"error": error} for name, error in run.failed.items()}


class _Run:
    """The measurements of one corpus, in the order they are made.

    results  by engine; failed are those whose process ended with an error, with its last words
    """

    def __init__(
        self, corpus: Corpus, queries: dict[str, list[Query]], engines: Sequence[str], effort: Effort, directory: Path
    ) -> None:
        self._corpus = corpus
        self._queries = [query for members in queries.values() for query in members]
        self._classes = [name for name, members in queries.items() for _ in members]
        # Shuffled, so that an engine that gets only through some has some of every class.
        self._order = list(range(len(self._queries)))
        random.Random(SEED).shuffle(self._order)
        self._effort = effort
        self._index_of = {name: load(name).index_of or name for name in engines}
        self._built = {name: directory / self._index_of[name] for name in engines}
        self.results: Results = {name: {"differs": load(name).differs} for name in engines}
        self.failed: dict[str, str] = {}

    def ingest(self) -> None:
        """Seconds from the start of a process to the first search of the committed index, and to its end."""
        found: Results = {name: {"ingest_seconds": [], "ingest_process_seconds": []} for name in self.results}

        builders: dict[str, str] = {}
        for name, index in self._index_of.items():
            builders.setdefault(index, name)

        def turn(name: str) -> float:
            if builders[self._index_of[name]] != name:
                return PATIENCE_SECONDS
            shutil.rmtree(self._built[name], ignore_errors=True)
            self._built[name].mkdir()
            start = time.monotonic_ns()
            reply = _reply("build", name, str(self._corpus.path), str(self._built[name]), str(self._effort.threads))
            seconds = (time.monotonic_ns() - start) / 1e9
            found[name]["ingest_seconds"].append((reply["searchable"] - start) / 1e9)
            found[name]["ingest_process_seconds"].append(seconds)
            found[name] |= {"bytes": reply["bytes"], "version": reply["version"]}
            return seconds

        self._take_turns("ingest", self._effort.ingests, turn)
        for name, index in self._index_of.items():
            self.results[name] |= found[builders[index]]

    def first_calls(self) -> None:
        """Each query's first execution in a fresh process, then the memory of that process; several processes."""
        rounds: dict[str, list[_Round]] = {name: [] for name in self.results}
        memory: dict[str, list[int]] = {name: [] for name in self.results}

        def turn(name: str) -> float:
            with _Server(name, self._built[name], self._queries) as server:
                places = self._askable(server)
                rounds[name].append(server.times("request", places))
                server.times("request", (places * (SERVED // len(places) + 1))[len(places) : SERVED])
                anonymous = server.ask(do="memory")["anonymous_bytes"]
            if anonymous is not None:
                memory[name].append(anonymous)
            return sum(rounds[name][-1].values()) / 1e9

        self._take_turns("first calls", FRESH_PROCESSES, turn)
        for name in self._working():
            self._keep(name, "first_ms", rounds[name])
            self.results[name]["anonymous_bytes"] = median(memory[name]) if memory[name] else None

    def new_processes(self) -> None:
        """Seconds from the start of a Python process to its end, one whole answer printed."""
        query = json.dumps(self._queries[self._classes.index("middling term")].to_dict())
        found: dict[str, list[float]] = {name: [] for name in self.results}

        def turn(name: str) -> float:
            start = time.monotonic_ns()
            _reply("answer", name, str(self._built[name]), query)
            found[name].append((time.monotonic_ns() - start) / 1e9)
            return found[name][-1]

        self._take_turns("new processes", START_UPS, turn)
        for name in self._working():
            self.results[name]["new_process_seconds"] = median(found[name])

    def warm(self) -> None:
        """Whether the answers agree, and the milliseconds of requests whose index and queries are warm."""
        with ExitStack() as stack:
            servers: dict[str, _Server] = {}
            answers: dict[str, list[Results | None]] = {}

            def start(name: str) -> float:
                servers[name] = stack.enter_context(_Server(name, self._built[name], self._queries))
                replies = servers[name].ask(
                    do="answers", places=self._askable(servers[name]), patience=PATIENCE_SECONDS
                )
                by_place = dict(zip(self._askable(servers[name]), replies["answers"], strict=False))
                answers[name] = [by_place.get(place) for place in range(len(self._queries))]
                return 0.0

            self._take_turns("equal hits", 1, start)
            for verb in ("request", "top10"):
                rounds: dict[str, list[_Round]] = {name: [] for name in self.results}

                def turn(name: str, verb: str = verb, rounds: dict[str, list[_Round]] = rounds) -> float:
                    server = servers[name]
                    rounds[name].append(server.times(verb, self._askable(server)))
                    return sum(rounds[name][-1].values()) / 1e9

                self._take_turns(f"warm {verb}", self._effort.repeat, turn)
                for name in self._working():
                    self._keep(name, f"{verb}_ms", rounds[name])
        working = self._working()
        for name in working:
            totals = [answer["total"] if answer else None for answer in answers[name]]
            self.results[name]["median_total"] = self._by_class(totals, median)
            self.results[name]["equality"] = _equality(answers[working[0]], answers[name], self._classes)

    def _askable(self, server: _Server) -> list[int]:
        return [place for place in self._order if server.can[place]]

    def _working(self) -> list[str]:
        return [name for name in self.results if name not in self.failed]

    def _take_turns(self, what: str, rounds: int, turn: Callable[[str], float]) -> None:
        """One turn an engine in each round; `turn` says how many seconds of the engine's patience it took."""
        _say(what)
        spent = dict.fromkeys(self.results, 0.0)
        for _ in range(rounds):
            for name in self._working():
                if spent[name] < PATIENCE_SECONDS:
                    try:
                        spent[name] += turn(name)
                    except EngineFailed as error:
                        _say(f"{name} failed: {error}")
                        self.failed[name] = str(error)

    def _keep(self, name: str, key: str, rounds: list[_Round]) -> None:
        """Keep the median of each query over the rounds, in milliseconds, and of each class over its queries."""
        by_query = [[one[place] for one in rounds if place in one] for place in range(len(self._queries))]
        medians = [round(median(times) / 1e6, 5) if times else None for times in by_query]
        self.results[name][key] = self._by_class(medians, median)
        self.results[name][f"{key}_by_query"] = medians

    def _by_class(self, values: Sequence[float | None], choose: Callable[[list[float]], float]) -> dict[str, float]:
        grouped: dict[str, list[float]] = {}
        for name, value in zip(self._classes, values, strict=True):
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


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.worker", *arguments]


def _reply(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineFailed(done.stderr.strip()[-LAST_WORDS:])
    reply: dict[str, Any] = json.loads(done.stdout)
    return reply


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
