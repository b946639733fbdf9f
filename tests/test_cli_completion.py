"""Completion by the shell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from indexes import built, story
from processes import environment, on_terminal, run, script

BASH = shutil.which("bash")


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["search", "--so"], ["--source", "--sort"]),
        (["search", "--sort", "n"], ["newest"]),
        (["search", "--facets", "source,d"], ["source,date"]),
        (["search", "--facets", "source,s"], ["source,section"]),
        (["search", "--source", "'dai"], ["Daily Harbour"]),
        (["search", "--source", "küs"], ["Küstenkurier"]),
        (["search", "--section", "lo"], ["Local", "Lokales"]),
        (["indexer", "su"], ["suggest"]),
        (["indexer", "ingest", "--format", "w"], ["warc"]),
        (["search", "--index", "news"], ["dir,news"]),
        (["indexer", "copy", "--to", "news"], ["dir,news"]),
        (["server", "run", "--index", "news"], ["dir,news"]),
    ],
)
def test_the_shell_completes_commands_options_and_values(index: Path, words: list[str], completed: list[str]) -> None:
    env = {
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": str(len(words) - 1),
        f"_{words[0].upper()}_COMPLETE": "bash_complete",
        "BROADSHEET_INDEX": str(index),
    }
    lines = run(words[0], env=env).stdout.splitlines()
    assert [line.removeprefix("plain,") for line in lines] == completed


@pytest.mark.skipif(BASH is None, reason="there is no bash on this machine to complete anything")
@pytest.mark.parametrize("opened", ["", "'", '"'], ids=["unquoted", "single quotes", "double quotes"])
def test_bash_inserts_a_name_of_the_index_as_one_word(tmp_path: Path, opened: str) -> None:
    names = ["Daily Harbour", 'Tom\'s "Tides" & $ons', "What now?", "a\\b", "Straße (Köln)", "x*", "k`id`;!"]
    built(tmp_path, [story(name, source=name) for name in names])
    (tmp_path / "what now!").touch()
    complete = """
        eval "$(_SEARCH_COMPLETE=bash_source search)"
        for typed in "$@"; do
            COMP_WORDS=(search --source "$typed") COMP_CWORD=2 COMPREPLY=()
            _search_completion search
            printf '%s\\n' "${COMPREPLY[@]}"
        done
    """
    typed = [opened + name[0] for name in names]
    path = f"{Path(script('search')).parent}:{os.environ['PATH']}"
    env = environment({"BROADSHEET_INDEX": "news.index", "PATH": path})
    command = [str(BASH), "--norc", "-c", complete, "bash", *typed]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True, text=True)
    inserted = [f"{opened}{line}{opened}" for line in done.stdout.splitlines()]
    printed = subprocess.run(
        [str(BASH), "--norc", "-c", f"printf '%s\\n' {' '.join(inserted)}"], capture_output=True, check=True, text=True
    )
    assert printed.stdout.splitlines() == names


def test_an_outlet_that_begins_with_a_dash_is_completed_found_and_charted(own_index: Path) -> None:
    record = json.dumps({"id": "last", "title": "The wire closes", "source": "-30-", "date": "2024-01-20"}).encode()
    assert run("indexer", "ingest", "--index", own_index, "-", stdin=record).returncode == 0
    env = {"COMP_WORDS": "search\n--source\n'\\-'", "COMP_CWORD": "2", "_SEARCH_COMPLETE": "bash_complete"}
    completed = run("search", env={**env, "BROADSHEET_INDEX": str(own_index)}).stdout.strip()
    assert completed == r"plain,\\-30-"
    assert run("search", "--index", own_index, "--count", r"--source=\-30-").stdout == "1\n"
    [line] = [
        line
        for line in on_terminal(script("indexer"), "stats", "--index", str(own_index)).split("\n")
        if "-30-" in line
    ]
    assert "█" in line


def test_the_shell_completes_nothing_without_an_index(tmp_path: Path) -> None:
    env = {"COMP_WORDS": "search --source d", "COMP_CWORD": "2", "_SEARCH_COMPLETE": "bash_complete"}
    done = run("search", env=env, cwd=tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("", "")
