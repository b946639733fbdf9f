"""Measure engines side by side on corpora and write the tables and charts.

    python -m benchmarks.run CORPUS... [--engines broadsheet,tantivy] [--repeat N] [--out benchmarks/results]

Each corpus gets CORPUS.json (all medians, machine, versions, command) and its charts (SVG) in the folder, and README.md
there is made anew from all JSON documents in it, so corpora can be measured one at a time.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from benchmarks.corpus import prepare
from benchmarks.draw import draw
from benchmarks.engines import DEFAULT, ENGINES
from benchmarks.measure import Effort, absent, measure
from benchmarks.report import charts, markdown


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit code: 1 where an engine failed, 2 for a corpus that cannot be used."""
    options = _parser().parse_args(arguments)
    missing = absent(options.engines)
    engines = [name for name in options.engines if name not in missing]
    effort = Effort(repeat=options.repeat, ingests=options.ingests, threads=options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    failed = False
    for place in options.corpora:
        with TemporaryDirectory(prefix="benchmarks-", dir=options.work and options.work.resolve()) as directory:
            load = f"{os.getloadavg()[0]:.1f}"
            try:
                corpus = prepare(place, Path(directory))
                queries = draw(corpus)
            except (OSError, ValueError) as error:
                print(f"{place}: {error}", file=sys.stderr)
                return 2
            results = measure(corpus, queries, engines, effort, Path(directory))
        document = {
            "corpus": {name: getattr(corpus, name) for name in ("name", "articles", "skipped", "bytes")},
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "command": shlex.join(["python", "-m", "benchmarks.run", *(arguments or sys.argv[1:])]),
            "machine": _machine() | {"load": load},
            "effort": asdict(effort),
            "queries": {name: [query.to_dict() for query in members] for name, members in queries.items()},
            "absent": missing,
            "engines": results,
        }
        failed |= any("error" in values for values in results.values())
        _write(options.out, document)
    return int(failed)


def _write(out: Path, document: dict[str, Any]) -> None:
    text = orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
    (out / f"{document['corpus']['name']}.json").write_bytes(text)
    for name, chart in charts(document).items():
        (out / name).write_text(chart)
    documents = [orjson.loads(path.read_bytes()) for path in out.glob("*.json")]
    documents.sort(key=lambda one: one["corpus"]["articles"])
    (out / "README.md").write_text(markdown(documents))


def _machine() -> dict[str, Any]:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "corpora",
        nargs="+",
        metavar="CORPUS",
        help="JSONL (.jsonl, .gz, .zst) with the fields id, title, body, source, date; or generated:ARTICLES[:SEED]",
    )
    parser.add_argument(
        "--engines",
        type=_engines,
        default=list(DEFAULT),
        help=f"comma list, in the order of the columns; the first is what equal hits are compared with"
        f" (default: {','.join(DEFAULT)}; there is also {', '.join(ENGINES.keys() - set(DEFAULT))};"
        " what is not installed is left out and named in the report)",
    )
    parser.add_argument("--repeat", type=int, default=7, help="rounds of the warm requests (default: 7)")
    parser.add_argument("--ingests", type=int, default=3, help="ingests an engine (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="threads or workers of an ingest (default: 2)")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), help="default: benchmarks/results")
    parser.add_argument("--work", type=Path, help="where corpora and indexes are made (default: the temporary folder)")
    return parser


def _engines(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in ENGINES:
            raise argparse.ArgumentTypeError(f"no engine {name!r}: there are {', '.join(ENGINES)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
