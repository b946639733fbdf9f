"""Which index a command is about, and what it says where there is none."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from pathlib import Path

import pytest
from articles import ARTICLES, write_jsonl
from processes import one_line, run

import indexer


def test_the_index_may_come_from_the_environment(index: Path) -> None:
    done = run("search", "--count", env={"BROADSHEET_INDEX": str(index)})
    assert (done.stdout, done.stderr) == (f"{len(ARTICLES)}\n", "")


def test_the_sample_is_read_and_said_when_no_index_is_named(index: Path, tmp_path: Path) -> None:
    shutil.copytree(index, tmp_path / "sample_index" / "index")
    done = run("search", "--count", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["total"] == len(ARTICLES)
    assert "sample" in one_line(done.stderr)
    assert run("indexer", "delete", "harbour-1", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("command", [["search", "x"], ["indexer", "stats"], ["indexer", "export"], ["server", "run"]])
def test_without_any_index_the_error_says_how_to_make_one(tmp_path: Path, command: list[str]) -> None:
    done = run(*command, cwd=tmp_path)
    assert done.returncode == 1
    assert "indexer ingest" in one_line(done.stderr)


@pytest.mark.parametrize(
    "command",
    [
        ["search", "x"],
        ["indexer", "get", "x"],
        ["indexer", "stats"],
        ["indexer", "check"],
        ["indexer", "optimize"],
        ["indexer", "delete", "x"],
        ["server", "run"],
    ],
)
def test_a_missing_index_is_one_line_and_exit_1(tmp_path: Path, command: list[str]) -> None:
    done = run(*command, "--index", tmp_path / "none.index")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "none.index" in one_line(done.stderr)
    assert not (tmp_path / "none.index").exists()


def test_a_name_of_two_lines_makes_an_error_of_one(tmp_path: Path) -> None:
    assert "two lines" in one_line(run("indexer", "get", "--index", tmp_path / "two\nlines", "x").stderr)


@pytest.mark.parametrize("command", [["search", "x"], ["indexer", "check"]])
def test_the_command_that_makes_a_missing_index_can_be_pasted(tmp_path: Path, command: list[str]) -> None:
    missing = tmp_path / "two words.index"
    error = one_line(run(*command, "--index", missing).stderr)
    program, *args = shlex.split(error.partition("Build one: ")[2])
    assert run(program, *args[:-1], write_jsonl(tmp_path / "a.jsonl")).returncode == 0
    assert indexer.open_index(missing).stats().articles == len(ARTICLES)


@pytest.mark.parametrize("command", [["search", "x"], ["indexer", "ingest", os.devnull], ["indexer", "check"]])
def test_a_file_that_is_no_index_is_one_line_and_exit_1(tmp_path: Path, command: list[str]) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear editor")
    done = run(*command, "--index", other)
    assert done.returncode == 1
    assert "letter.txt" in one_line(done.stderr)
    assert other.read_text() == "Dear editor"


def test_ingest_leaves_a_folder_of_other_things_alone(tmp_path: Path) -> None:
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("Dear editor")
    done = run("indexer", "ingest", "--index", other, write_jsonl(tmp_path / "a.jsonl"))
    assert done.returncode == 1
    assert "letters" in one_line(done.stderr)
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
