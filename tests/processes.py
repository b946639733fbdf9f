"""The installed commands as real processes."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SECONDS = 60


def script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    # What a command leaves in its buffers is part of how it ends.
    dropped = ("BROADSHEET_", "PYTHONUNBUFFERED")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
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


def on_terminal(*args: str, columns: int = 80, **env: str) -> str:
    """What a command prints on a terminal of that width."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        args,
        env=environment({"TERM": "xterm-256color", "COLUMNS": str(columns), **env}),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    printed = b""
    try:
        while piece := os.read(controller, 65536):
            printed += piece
    except OSError:
        pass  # Linux says so when the last writer has gone.
    os.close(controller)
    assert process.wait(timeout=SECONDS) == 0, printed
    return printed.decode("utf-8").replace("\r\n", "\n")


def one_line(errors: str) -> str:
    """What a command says on stderr where it says one line."""
    assert errors.count("\n") == 1
    assert "Traceback" not in errors
    return errors.strip()


class Service(NamedTuple):
    """A running `server run`."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def serving(index: Path, *options: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of `server run` on a free port; it must end cleanly on Ctrl-C."""
    with service(index, *options, env=env) as running:
        yield running.url
        running.process.send_signal(signal.SIGINT)
        _, errors = running.process.communicate(timeout=SECONDS)
    assert running.process.returncode == 0, errors
    assert errors == ""


@contextmanager
def service(index: Path, *options: str, env: Mapping[str, str] | None = None) -> Iterator[Service]:
    """`server run` on a free port, with one worker unless the options say otherwise; it is gone afterwards."""
    process = subprocess.Popen(
        [script("server"), "run", "--port", "0", "--workers", "1", "--index", index, *options],
        env=environment(env),
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
        yield Service(found[0], process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS)
