"""The examples of the tutorial, the how-to pages and the explanations run as written and print what is said.

The convention, in fenced blocks:

    console   after "$ " what is typed, below it what that prints (both streams), where "..." stands for anything, and
              for any lines where it is alone. A command must succeed, unless it is said to print an error. One that
              ends in "&" runs on, and gets a Ctrl-C at the end of its page. Port 8000 stands for a free one.
    any other a first line "# NAME.EXTENSION" (after a "#!") makes it a file of that name; else it is not run, as it
              needs what a test has not: nginx, a cron, another search engine

All blocks of a page share a folder, with a copy of the sample index.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from processes import SECONDS, environment
from test_docs import COMMANDS, options

ROOT = Path(__file__).parents[1]
PAGES = ("tutorial.md", "howto.md", "counting.md")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str


class Example(NamedTuple):
    """A command and what it is said to print; nothing is said where that is empty."""

    command: str
    printed: str


def blocks(page: str) -> list[Block]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)]


def examples(block: Block) -> Iterator[Example]:
    assert block.text.startswith("$ "), block.text
    for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        command, _, printed = part.partition("\n")
        yield Example(command, printed)


def pattern(printed: str) -> re.Pattern[str]:
    """What a stated output matches."""
    lines = printed.rstrip("\n").split("\n")
    return re.compile(
        "".join(
            r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line).replace(r"\.\.\.", ".*").rstrip() + r" *\n"
            for line in lines
        )
    )


class Shell:
    """Runs the commands of one page in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[str]] = []
        self.exported = environment({"COLUMNS": "100", "NO_COLOR": "1"})
        self.exported["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{self.exported['PATH']}"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])

    def run(self, example: Example) -> None:
        command = example.command.replace("8000", self.port)
        if exported := re.fullmatch(r"export (\w+)=(\S+)", command):
            self.exported[exported[1]] = exported[2]
            return
        printed = self.first_line(command) if command.endswith(" &") else self.output(command, example.printed)
        printed = printed.replace(self.port, "8000")
        if example.printed:
            assert pattern(example.printed).fullmatch(printed), f"$ {example.command}\n{printed}"

    def output(self, command: str, expected: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.exported,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode == 0) != ("Error: " in expected), f"$ {command}\n{done.stdout}"
        return done.stdout if done.stdout.endswith("\n") else done.stdout + "\n"

    def first_line(self, command: str) -> str:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command.removesuffix(' &')}"],
            cwd=self.folder,
            env=self.exported,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.running.append(process)
        assert process.stdout is not None
        return process.stdout.readline()

    def close(self) -> None:
        for process in self.running:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shutil.copytree(ROOT / "sample_index", tmp_path / "sample_index")
    shell = Shell(tmp_path)
    yield shell
    shell.close()
    assert [process.returncode for process in shell.running] == [0] * len(shell.running)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples ask the server with curl")
@pytest.mark.parametrize("page", PAGES)
def test_every_example_prints_what_its_page_says(page: str, shell: Shell) -> None:
    ran = 0
    for block in blocks(page):
        named = re.match(r"(?:#!.*\n)?# (\w[\w.-]*\.\w+)\n", block.text)
        if block.language == "console":
            for example in examples(block):
                shell.run(example)
                ran += 1
        elif named:
            (shell.folder / named[1]).write_text(block.text, encoding="utf-8")
    assert ran >= 5


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_cannot_be_run_here_have_the_options_that_they_are_given(page: str) -> None:
    for block in blocks(page):
        if block.language == "console":
            continue
        for name, rest in re.findall(r"\b(search|indexer \w+|server \w+)\b(.* --.*)", block.text):
            assert set(re.findall(r" (--[a-z-]+)", rest)) <= options(COMMANDS[name]), rest


def test_an_output_that_differs_is_noticed(shell: Shell) -> None:
    shell.run(Example("echo 5 of 50 articles", "5 of ... articles\n"))
    shell.run(Example("printf 'a\\nb\\nc\\n'", "a\n...\nc\n"))
    for printed in ("6 of 50 articles\n", "5 of 50\n", "5 of 50 articles\nmore\n"):
        with pytest.raises(AssertionError, match="5 of 50 articles"):
            shell.run(Example("echo 5 of 50 articles", printed))
    with pytest.raises(AssertionError, match="false"):
        shell.run(Example("false", ""))
