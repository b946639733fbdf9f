"""The service under load: `python -m benchmarks.serving INDEX` (needs `wrk` and `server` of this environment).

`server run` with two workers answers searches with facets and snippets, drawn from a list of queries, and beside it the
same server, application and hooks answer a constant JSON body of the same size. The ratio of their throughputs is what
a search leaves of what the server could do: once with every request another one, so that each is searched anew, and
once with the queries as they are, of which the server keeps the answers until the next commit. Then searches go on
while another process ingests and commits: none may fail.

The two take turns, and the median of the turns' ratios counts, so that other work on the machine touches both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

WORKERS: Final = 2
CONNECTIONS: Final = 16
_CONSTANT: Final = "/benchmark/constant"

# The same server with one resource more: a body of fixed bytes that passes all the hooks.
_WITH_CONSTANT: Final = """
import sys
from flask import Response
import server
from server import cli, process

original = server.create_app
body = b'{"constant":"' + b"x" * (int(sys.argv.pop(1)) - 16) + b'"}\\n'


def create_app(*args, **kwargs):
    app = original(*args, **kwargs)
    app.add_url_rule("/benchmark/constant", view_func=lambda: Response(body, content_type="application/json"))
    return app


server.create_app = create_app
cli.main()
"""

# One query after the other; `fresh` makes each request another one.
_SCRIPT: Final = """
local addresses = {}
for line in io.lines("%s") do addresses[#addresses + 1] = line end
local place, number = 0, 0
request = function()
  place = place %% #addresses + 1
  number = number + 1
  return wrk.format("GET", addresses[place] .. (%s and "&timeout_ms=" .. 5000 + number %% 4000 or ""))
end
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests":%%d,"microseconds":%%d,"median_ms":%%.3f,"p99_ms":%%.3f,"failed":%%d}\\n',
    summary.requests, summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw; `cpu_ms` is processor time of all workers a request."""

    a_second: float
    median_ms: float
    p99_ms: float
    failed: int
    cpu_ms: float


@contextmanager
def serving(index: Path, size: int) -> Iterator[tuple[str, int]]:
    """The address and process id of a server over `index`, whose constant body has `size` bytes."""
    command = [sys.executable, "-c", _WITH_CONSTANT, str(size), "run", "--index", str(index)]
    process = subprocess.Popen(
        [*command, "--port", "0", "--workers", str(WORKERS)],
        stdout=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")},
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        if found is None:
            raise SystemExit("the server did not start")
        yield found[0], process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def load(url: str, process_id: int, addresses: list[str], seconds: int, folder: Path, *, fresh: bool = False) -> Load:
    """Ask the addresses over and over for so many seconds; `fresh`: each time with another time limit, to no effect."""
    listed, script = folder / "addresses.txt", folder / "load.lua"
    listed.write_text("\n".join(addresses) + "\n", encoding="utf-8")
    script.write_text(_SCRIPT % (listed, "true" if fresh else "false"), encoding="utf-8")
    before = _processor_seconds(process_id)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--timeout", "30s", "-s", str(script), url],
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    used = _processor_seconds(process_id) - before
    return Load(
        a_second=round(said["requests"] / said["microseconds"] * 1e6, 1),
        median_ms=said["median_ms"],
        p99_ms=said["p99_ms"],
        failed=said["failed"],
        cpu_ms=round(used * 1000 / said["requests"], 3),
    )


def _processor_seconds(process_id: int) -> float:
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    ticks = 0
    for child in children:
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def mean_size(url: str, addresses: list[str]) -> int:
    """The mean size of the answers, in bytes."""
    sizes = []
    for address in addresses:
        with urlopen(url + address) as response:
            sizes.append(len(response.read()))
    return round(statistics.mean(sizes))


def commits_meanwhile(index: Path, stop: threading.Event) -> int:
    """Add an article and commit, again and again, in processes of their own, until told to stop; how often."""
    number = 0
    while not stop.is_set():
        line = json.dumps({"id": f"benchmark-{number}", "title": "Benchmark", "text": f"Commit number {number}."})
        command = [sys.executable, "-c", "from indexer.cli import main; main()", "ingest", "--index", str(index), "-"]
        subprocess.run(command, input=line.encode(), capture_output=True, check=True)
        number += 1
    return number


def main() -> None:
    """Run it and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="an index; the runs that commit use a copy of it")
    parser.add_argument("--queries", type=Path, help="a file with a query a line")
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    queries = arguments.queries.read_text(encoding="utf-8").splitlines() if arguments.queries else ["the", "a OR b"]
    addresses = ["/v1/search?" + urlencode({"q": query}) for query in queries if query]

    with tempfile.TemporaryDirectory(prefix="broadsheet-serving-") as name:
        folder = Path(name)
        with serving(arguments.index, 100) as (url, _):
            size = mean_size(url, addresses)
        searches: list[Load] = []
        repeated: list[Load] = []
        constants: list[Load] = []
        with serving(arguments.index, size) as (url, process_id):
            load(url, process_id, addresses, 2, folder)
            for _ in range(arguments.turns):
                constants.append(load(url, process_id, [_CONSTANT], arguments.seconds, folder))
                searches.append(load(url, process_id, addresses, arguments.seconds, folder, fresh=True))
                repeated.append(load(url, process_id, addresses, arguments.seconds, folder))
        copy = folder / "copy.index"
        subprocess.run(["cp", "-r", str(arguments.index), str(copy)], check=True)
        stop = threading.Event()
        commits: list[int] = []
        committer = threading.Thread(target=lambda: commits.append(commits_meanwhile(copy, stop)))
        with serving(copy, size) as (url, process_id):
            committer.start()
            under_commits = load(url, process_id, addresses, arguments.seconds, folder, fresh=True)
            stop.set()
            committer.join()

    def ratio(runs: list[Load]) -> float:
        return round(statistics.median(r.a_second / c.a_second for r, c in zip(runs, constants, strict=True)), 3)

    result = {
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "workers": WORKERS,
        "connections": CONNECTIONS,
        "queries": len(addresses),
        "body_bytes": size,
        "ratio_fresh": ratio(searches),
        "ratio_repeated": ratio(repeated),
        "p99_over_median": round(statistics.median(search.p99_ms / search.median_ms for search in searches), 2),
        "fresh": [asdict(run) for run in searches],
        "repeated": [asdict(run) for run in repeated],
        "constant": [asdict(run) for run in constants],
        "search_during_commits": asdict(under_commits) | {"commits": commits[0]},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
