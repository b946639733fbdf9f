"""Changes an index until it is killed, and writes down what it begins and what was acknowledged.

    python victim.py INDEX JOURNAL

For each line on stdin, a seed, a child does the work, so that killing one costs no new start of Python. The child's
number goes to stdout, and after its end an empty line. A line of the journal is an operation as JSON, or "done".
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from pathlib import Path

from acts import line, record

import indexer
from indexer.segment import builder, merger  # noqa: F401 - so that the children need not

IDS = 120


def work(path: Path, journal: int, seed: int) -> None:
    chance = random.Random(seed)
    index = indexer.open_index(path)
    with tempfile.TemporaryDirectory() as folder:
        for version in range(1000):
            kind = chance.choice(["ingest", "ingest", "delete", "delete", "optimize", "optimize"])
            some = [str(number) for number in chance.sample(range(IDS), 40)]
            versions = dict.fromkeys(some, seed * 1000 + version)
            os.write(journal, line({"kind": kind, "versions": versions}))
            if kind == "ingest":
                feed = Path(folder, f"{version}.jsonl")
                feed.write_bytes(b"".join(line(record(id, version)) for id, version in versions.items()))
                index.ingest([feed], workers=chance.choice([1, 1, 1, 2]))
            elif kind == "delete":
                index.delete(some)
            else:
                index.optimize()
            os.write(journal, b'"done"\n')


def main() -> None:
    path, journal = Path(sys.argv[1]), sys.argv[2]
    for seed in sys.stdin:
        child = os.fork()
        if not child:
            work(path, os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND), json.loads(seed))
            os._exit(0)
        os.write(1, b"%d\n" % child)
        os.waitpid(child, 0)
        os.write(1, b"\n")


if __name__ == "__main__":
    main()
