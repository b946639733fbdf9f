"""Fuzz one target of `targets`, led by the code it covers:

    pip install atheris
    PYTHONPATH=tests:tests/durability python tests/durability/fuzz.py TARGET [SECONDS]

What reaches new code is kept in corpus/TARGET, which `test_hostile_input` replays and mutates; an input that makes it
fail is written to crash-* in the current folder.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=["indexer"]):
        from targets import TARGETS
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "60"
    corpus = Path(__file__).with_name("corpus") / name
    corpus.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=20", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
