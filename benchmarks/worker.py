"""One engine in a process of its own.

    python -m benchmarks.worker build ENGINE JSONL DIRECTORY THREADS
    python -m benchmarks.worker answer ENGINE DIRECTORY QUERY
    python -m benchmarks.worker serve ENGINE DIRECTORY

`build` indexes and settles, `answer` gives one whole answer; each prints one JSON object. `serve` reads a JSON
object a line, {"do": "queries" | "answers" | "time" | "memory", ...}, and answers each with a line, until its input
ends. A command that runs queries stops early when its seconds of patience are over. Times are nanoseconds of the
monotonic clock, which all processes of the machine share.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.engines import load
from benchmarks.engines.engine import Engine, disk
from benchmarks.query import Query

_SEARCHABLE = Query(kind="everything")


def build(engine: Engine, jsonl: Path, directory: Path, threads: int) -> dict[str, Any]:
    """Index a corpus; `searchable` is the moment after the first search of the committed index."""
    engine.build(jsonl, directory, threads)
    # Not every engine can ask for everything; those search as soon as `build` returns.
    query = engine.translate(_SEARCHABLE)
    if query is not None:
        engine.top10(query)
    searchable = time.monotonic_ns()
    engine.settle()
    return {"searchable": searchable, "bytes": disk(directory), "version": engine.version(), "differs": engine.differs}


def serve(engine: Engine, lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    """Answer commands, one at a time."""
    queries: list[Any] = []
    for line in lines:
        command = json.loads(line)
        match command["do"]:
            case "queries":
                queries = [engine.translate(Query.from_dict(values)) for values in command["queries"]]
                yield {"can": [query is not None for query in queries]}
            case "answers":
                answers = (engine.request(queries[place]) for place in _while_patient(command))
                yield {
                    "answers": [
                        {
                            "total": answer.total,
                            "hits": len(answer.hits),
                            "sources": answer.sources,
                            "months": answer.months,
                            "snippets": sum(bool(hit.snippet) for hit in answer.hits),
                        }
                        for answer in answers
                    ]
                }
            case "time":
                run = engine.request if command["verb"] == "request" else engine.top10
                yield {"nanoseconds": [_timed(run, queries[place]) for place in _while_patient(command)]}
            case "memory":
                yield {"anonymous_bytes": _anonymous_bytes()}


def _while_patient(command: dict[str, Any]) -> Iterator[int]:
    """The command's places, until its seconds of patience are over."""
    until = time.monotonic() + command["patience"]
    for place in command["places"]:
        if time.monotonic() > until:
            return
        yield place


def _timed(run: Any, query: Any) -> int:
    start = time.perf_counter_ns()
    run(query)
    return time.perf_counter_ns() - start


def _anonymous_bytes() -> int | None:
    """Resident memory that is no mapped file; None where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields["RssAnon"].split()[0]) * 1024 if "RssAnon" in fields else None


def main(arguments: list[str]) -> None:
    """The command."""
    verb, name, *rest = arguments
    engine = load(name)
    if verb == "build":
        jsonl, directory, threads = rest
        print(json.dumps(build(engine, Path(jsonl), Path(directory), int(threads))))
        return
    engine.open(Path(rest[0]))
    if verb == "answer":
        query = engine.translate(Query.from_dict(json.loads(rest[1])))
        print(json.dumps({"total": engine.request(query).total}))
        return
    for reply in serve(engine, sys.stdin):
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
