"""The installed commands as real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECONDS = 60


def script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
    return kept | {"COLUMNS": "80", "NO_COLOR": ""} | dict(extra or {})


def run(
    name: str,
    *args: str | bytes | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [script(name), *args],
        cwd=cwd,
        env=environment(env),
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


@contextmanager
def serving(index: Path) -> Iterator[str]:
    """The address of `server run` on a free port; it must end cleanly on Ctrl-C."""
    process = subprocess.Popen(
        [script("server"), "run", "--port", "0", "--workers", "1", "--index", index],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://[\w.:]+", line)
        if found is None:
            raise AssertionError(f"no address in {line!r}; {process.communicate()[1]}")
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors
    assert errors == ""
