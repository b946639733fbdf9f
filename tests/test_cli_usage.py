"""What all commands share: options, help, wrong usage, exit codes, closed streams."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from articles import ARTICLES, write_jsonl
from processes import SECONDS, environment, one_line, run, script

from indexer.request import SearchRequest


def test_every_field_of_a_search_is_an_option_with_its_default() -> None:
    text = run("search", "--help").stdout
    for field in fields(SearchRequest):
        if field.name != "q":
            assert "--" + field.name.replace("_", "-") in text
    assert "[default: source,date]" in text
    assert "[default: 10]" in text


@pytest.mark.parametrize("command", [("search",), ("indexer", "export")])
def test_help_teaches_queries_that_are_understood(index: Path, command: tuple[str, ...]) -> None:
    text = run(*command, "--help").stdout
    assert max(map(len, text.splitlines())) <= 80
    _, _, lesson = text.partition("more than words:\n")
    queries = re.findall(r"^    (\S.*?)  ", lesson.partition("Examples:")[0], re.M)
    assert len(queries) == 7
    for query in queries:
        assert run("search", "--index", index, "--count", query).stderr == "", query


@pytest.mark.parametrize(
    "command", [("search",), ("indexer", "ingest"), ("indexer", "export")], ids=["search", "ingest", "export"]
)
def test_the_examples_of_the_help_work(index: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "pages").mkdir()
    for name in ("pages/a.jsonl", "feed.jsonl.gz", "harbour.warc.gz"):
        write_jsonl(tmp_path / name)
    shutil.copytree(index, tmp_path / "news.index")
    _, _, examples = run(*command, "--help").stdout.partition("Examples:\n")
    lines = [line.strip() for line in examples.splitlines()]
    assert len(lines) >= 2
    for line in lines:
        words = shlex.split(line.partition("|")[2] or line)
        env = {"BROADSHEET_INDEX": "news.index"}
        feed = (tmp_path / "pages/a.jsonl").read_bytes()
        done = run(*words, cwd=tmp_path, env=env, stdin=feed)
        assert done.returncode == 0, (line, done.stderr)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--since", "2024-13-01"], "--since: no such day: '2024-13-01'"),
        (["--limit", "-1"], "--limit: -1 is out of range (0 to 1000)"),
        (["--limit=ten"], "--limit: not a whole number: 'ten'"),
        (["--facet-size", "0"], "--facet-size: 0 is out of range"),
        (["--facets", "sauce"], "--facets: unknown value 'sauce' (did you mean source?"),
        (["--sort", "newst"], "--sort: unknown value 'newst' (did you mean newest?"),
        (["--since", "2024-03", "--until", "2024-02"], "--since: 2024-03-01 is after until=2024-02-29"),
        (["--source", ""], "--source: empty value"),
        (["x" * 100_000], "query: 100,000 characters are too many"),
    ],
)
def test_a_wrong_value_is_wrong_usage_said_in_one_line(index: Path, args: list[str], said: str) -> None:
    done = run("search", "--index", index, *args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert one_line(done.stderr).startswith(f"Error: {said}")


@pytest.mark.parametrize(
    ("command", "names", "help"),
    [
        (("indexer", "ingst"), "ingest", "indexer --help"),
        (("indexer", "ingest", "--worker", "2", "x"), "--workers", "indexer ingest --help"),
        (("indexer", "ingest", "--workers", "0", "x"), "--workers", "indexer ingest --help"),
        (("indexer", "get"), "ID", "indexer get --help"),
        (("indexer", "export", "--json", "--trailer"), "--trailer", "indexer export --help"),
        (("search", "--sources", "Wire", "x"), "--source", "search --help"),
        (("search", "--ndjson", "--json"), "--ndjson", "search --help"),
        (("search", "--limit"), "--limit", "search --help"),
        (("server", "run", "--port", "x"), "--port", "server run --help"),
    ],
)
def test_wrong_usage_is_one_line_that_names_what_is_wrong(command: tuple[str, ...], names: str, help: str) -> None:
    done = run(*command)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert names in done.stderr
    assert done.stderr.endswith(f" ({help})\n")


def test_a_wrong_value_is_said_before_a_missing_index(tmp_path: Path) -> None:
    assert run("search", "--index", tmp_path / "none", "--limit", "x").returncode == 2


@pytest.mark.parametrize("program", ["indexer", "server"])
def test_the_list_of_commands_says_what_each_does_to_the_end(program: str) -> None:
    _, _, commands = run(program, "--help").stdout.partition("Commands:\n")
    assert [line for line in commands.splitlines() if not line.endswith(".") or line.endswith("...")] == []


@pytest.mark.parametrize(
    "command", [("search",), ("indexer",), ("indexer", "export"), ("indexer", "stats"), ("server", "run")]
)
def test_a_lone_h_asks_for_help(command: tuple[str, ...]) -> None:
    done = run(*command, "-h")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: {' '.join(command)} ")


@pytest.mark.parametrize(
    "command",
    [
        ("search", "--ndjson", "--limit", "1000"),
        ("search",),
        ("search", "--json", "--limit", "0"),
        ("indexer", "export"),
    ],
)
def test_a_reader_that_leaves_early_is_no_error(index: Path, command: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [script(command[0]), *command[1:], "--index", index],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    # As a shell reports programs that SIGPIPE ends: a script can tell it from a failure.
    assert process.wait(timeout=SECONDS) == 141


def test_unexpected_errors_are_one_line_and_a_traceback_only_on_demand(index: Path) -> None:
    command = [script("search"), "--index", index, "--json"]
    for debug, traceback in (("", False), ("1", True)):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                command,
                env=environment({"BROADSHEET_DEBUG": debug}),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        assert done.returncode == 1
        assert ("Traceback" in done.stderr) is traceback
        assert "No space left on device" in done.stderr


@pytest.mark.parametrize("args", [["--help"], ["--json", "harbour"], ["--count", "harbour"]])
def test_search_starts_without_the_libraries_it_does_not_need(index: Path, args: list[str]) -> None:
    done = run("search", "--index", index, *args, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {"rich", "flask", "trafilatura", "gunicorn", "feedparser", "warcio", "dateparser"}


@pytest.mark.parametrize("program", ["indexer", "server"])
def test_a_program_alone_says_how_it_is_used_and_that_this_was_no_use_of_it(program: str) -> None:
    done = run(program)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == run(program, "--help").stdout


def test_what_the_terminal_cannot_show_is_a_question_mark(index: Path) -> None:
    done = run("search", "--index", index, "breakwater", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "Daily Harbour ? 2024-01-15" in done.stdout


@pytest.mark.parametrize("name", ["search", "indexer", "server"])
def test_version(name: str) -> None:
    assert re.fullmatch(rf"{name}, version \d+\.\d+\.\d+\n", run(name, "--version").stdout)


@pytest.mark.parametrize("name", ["indexer", "server"])
def test_a_package_is_its_command(name: str) -> None:
    done = subprocess.run([sys.executable, "-m", name, "--help"], env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, run(name, "--help").stdout, "")


@pytest.mark.parametrize("command", ["ingest --index index --workers 2", "clean"])
def test_files_are_read_where_there_is_no_stdin(tmp_path: Path, command: str) -> None:
    write_jsonl(tmp_path / "articles.jsonl", ARTICLES)
    line = f"{script('indexer')} {command} articles.jsonl <&-"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=environment(), capture_output=True, timeout=SECONDS)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_as_good_as_an_empty_one(tmp_path: Path, closed: str) -> None:
    command = [script("indexer"), "ingest", "--index", tmp_path / "news.index", write_jsonl(tmp_path / "a.jsonl")]
    done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {closed}', *command], env=environment(), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run("search", "--index", tmp_path / "news.index", "--count").stdout == f"{len(ARTICLES)}\n"


@pytest.mark.parametrize("program", ["indexer", "search"])
def test_ctrl_c_before_a_command_has_begun_ends_it_without_a_word(tmp_path: Path, program: str) -> None:
    # Stands for the first of the imports, in the midst of which the key is pressed.
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    before = os.environ.get("PYTHONPATH")
    done = run(program, "--help", env={"PYTHONPATH": os.pathsep.join(filter(None, (str(tmp_path), before)))})
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
