"""The commands, run as a user runs them."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from articles import ARTICLES, build_index, write_jsonl
from processes import SECONDS, environment, run, script

import indexer
from indexer.request import SearchRequest
from indexer.sources import Format

CONTROL_CODES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def own_index(index: Path, tmp_path: Path) -> Path:
    """An index that the test may change."""
    return Path(shutil.copytree(index, tmp_path / "own.index"))


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
    assert errors.count("\n") == 1
    assert "Traceback" not in errors
    return errors.strip()


# search


def test_search_in_a_pipe_prints_readable_text_without_control_codes(index: Path) -> None:
    done = run("search", "--index", index, "breakwater")
    assert done.returncode == 0
    assert done.stderr == ""
    assert not CONTROL_CODES.search(done.stdout)
    lines = done.stdout.splitlines()
    assert lines[0] == "1. Harbour council votes for a longer breakwater"
    assert lines[1] == "   Daily Harbour · 2024-01-15 08:30 UTC · Local"
    assert "to lengthen the breakwater" in lines[2]
    assert "https://daily-harbour.example/breakwater?id=1" in done.stdout
    assert re.search(r"^Sources$", done.stdout, re.M)
    assert re.search(r"^  Daily Harbour 1 █+$", done.stdout, re.M)
    assert re.search(rf"^1 of {len(ARTICLES)} articles, [\d.]+ ms$", done.stdout, re.M)


def test_search_on_a_terminal_highlights_the_words_that_matched(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "breakwater")
    title, _, rest = printed.partition("\n")
    assert "\x1b[1;33mbreakwater\x1b[0m" in title
    assert "\x1b[1;33mbreakwater\x1b[0m" in rest


def test_no_color_leaves_colours_out_on_a_terminal(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "breakwater", NO_COLOR="1")
    assert "\x1b[1mbreakwater\x1b[0m" in printed
    assert not re.search(r"\x1b\[[\d;]*3\d", printed)


def test_hits_fit_a_narrow_terminal(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "storm", columns=32)
    plain = re.sub(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", printed)
    assert "Storm closes the" in plain
    assert max(map(len, plain.splitlines())) <= 32


def test_control_sequences_in_articles_do_not_reach_the_terminal(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "herring", NO_COLOR="1")
    assert "red" in printed
    assert "owned" in printed
    assert not CONTROL_CODES.search(re.sub(r"\x1b\[[012]m", "", printed))


def test_json_is_one_document_and_nothing_else(index: Path) -> None:
    done = run("search", "--index", index, "--json", "nosuchfield:x", "harbour")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["query"]["raw"] == "nosuchfield:x harbour"
    assert document["query"]["warnings"]
    assert done.stderr == ""


def test_ndjson_is_one_hit_a_line(index: Path) -> None:
    done = run("search", "--index", index, "--ndjson", "harbour", "--sort", "oldest")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    document = json.loads(run("search", "--index", index, "--json", "harbour", "--sort", "oldest").stdout)
    assert hits == document["hits"]
    assert len(hits) >= 3


def test_count_prints_only_the_total(index: Path) -> None:
    assert run("search", "--index", index, "--count", "dividend").stdout == "2\n"


def test_no_words_match_every_article(index: Path) -> None:
    assert run("search", "--index", index, "--count").stdout == f"{len(ARTICLES)}\n"
    assert run("search", "--index", index, "--count", "").stdout == f"{len(ARTICLES)}\n"


def test_no_hits_are_no_failure(index: Path) -> None:
    done = run("search", "--index", index, "zeppelin")
    assert done.returncode == 0
    assert f"0 of {len(ARTICLES)} articles" in done.stdout


@pytest.mark.parametrize("args", [["-shares dividend"], ["-shares", "dividend"], ["--", "-shares", "dividend"]])
def test_a_leading_dash_excludes_a_word(index: Path, args: list[str]) -> None:
    done = run("search", "--index", index, "--ndjson", *args)
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["Dividend doubled at the dairy"]


def test_options_may_follow_the_words(index: Path) -> None:
    done = run("search", "harbour", "--source=-Daily Harbour", "--count", "--index", index)
    assert done.returncode == 0
    assert done.stdout == "0\n"


def test_a_filter_with_a_dash_excludes_and_repeats(index: Path) -> None:
    done = run("search", "--index", index, "--count", "--source=-Daily Harbour", "--source", "-Küstenkurier")
    assert done.stdout == "3\n"


def test_warnings_of_the_query_go_to_stderr(index: Path) -> None:
    done = run("search", "--index", index, "--count", "nosuchfield:harbour")
    assert done.returncode == 0
    assert re.fullmatch(r"Warning: .*nosuchfield.* \(at character 1\)", one_line(done.stderr))


def test_the_printed_command_shows_the_next_page(index: Path) -> None:
    command = [script("search"), "--index", str(index), "--limit", "4", "--sort", "newest", "--facets", "", "-zeppelin"]
    titles: list[str] = []
    for _ in range(len(ARTICLES)):
        printed = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
        titles += re.findall(r"^\d+\. (.*)$", printed, re.M)
        hint = re.search(r"^Next page: search (.*)$", printed, re.M)
        if hint is None:
            break
        command = [script("search"), *shlex.split(hint[1])]
    assert len(titles) == len(set(titles)) == len(ARTICLES)


def test_a_cursor_of_a_commit_that_is_gone_fails_instead_of_showing_a_wrong_page(own_index: Path) -> None:
    page = ["--index", str(own_index), "--json", "--limit", "2", "--sort", "newest"]
    cursor = json.loads(run("search", *page).stdout)["next_cursor"]
    assert run("search", *page, "--cursor", cursor).returncode == 0
    # The commit before the latest is still there.
    expected = run("search", *page, "--cursor", cursor).stdout
    run("indexer", "delete", "--index", own_index, "harbour-1")
    assert json.loads(run("search", *page, "--cursor", cursor).stdout)["hits"] == json.loads(expected)["hits"]
    run("indexer", "optimize", "--index", own_index)
    done = run("search", *page, "--cursor", cursor)
    assert (done.returncode, done.stdout) == (1, "")
    assert one_line(done.stderr).startswith("Error: ")


def test_every_field_of_a_search_is_an_option_with_its_default() -> None:
    text = run("search", "--help").stdout
    for field in fields(SearchRequest):
        if field.name != "q":
            assert "--" + field.name.replace("_", "-") in text
    assert "[default: source,date]" in text
    assert "[default: 10]" in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--since", "2024-13-01"], "--since: no such day: '2024-13-01'"),
        (["--limit", "-1"], "--limit: -1 is out of range (0 to 1000)"),
        (["--limit=ten"], "--limit: not a whole number: 'ten'"),
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
    ("command", "names"),
    [
        (("indexer", "ingst"), "ingest"),
        (("indexer", "ingest", "--worker", "2", "x"), "--workers"),
        (("indexer", "ingest", "--workers", "0", "x"), "--workers"),
        (("indexer", "get"), "ID"),
        (("indexer", "export", "--json", "--trailer"), "--trailer"),
        (("search", "--sources", "Wire", "x"), "--source"),
        (("server", "run", "--port", "x"), "--port"),
    ],
)
def test_wrong_usage_is_one_line_that_names_what_is_wrong(command: tuple[str, ...], names: str) -> None:
    done = run(*command)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert names in done.stderr
    assert done.stderr.endswith("--help)\n")


def test_a_wrong_value_is_said_before_a_missing_index(tmp_path: Path) -> None:
    assert run("search", "--index", tmp_path / "none", "--limit", "x").returncode == 2


@pytest.mark.parametrize("args", [["--limt", "5", "harbour"], ["--ndjson", "--json"], ["--limit"]])
def test_wrong_options_exit_2(index: Path, args: list[str]) -> None:
    done = run("search", "--index", index, *args)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


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


def test_an_unknown_option_names_the_nearest() -> None:
    assert "--limit" in run("search", "--limt", "5", "harbour").stderr


def test_control_characters_and_broken_bytes_in_a_query_are_harmless(index: Path) -> None:
    done = run("search", "--index", index, "--json", b"harbour\x1b[31m \xff\xfe")
    assert done.returncode == 0
    assert "harbour" in json.loads(done.stdout)["query"]["raw"]


@pytest.mark.parametrize("command", [("search", "--ndjson", "--limit", "1000"), ("search",), ("indexer", "export")])
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
    assert not imported & {"rich", "flask", "trafilatura", "gunicorn", "feedparser", "warcio", "dateparser", "pyarrow"}


@pytest.mark.parametrize("name", ["search", "indexer", "server"])
def test_version(name: str) -> None:
    assert re.fullmatch(rf"{name}, version \d+\.\d+\.\d+\n", run(name, "--version").stdout)


# which index


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


# indexer


def test_ingest_makes_the_index_and_reports(tmp_path: Path) -> None:
    path, articles = tmp_path / "new.index", write_jsonl(tmp_path / "a.jsonl")
    done = run("indexer", "ingest", "--index", path, articles)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith(f"Added {len(ARTICLES)}, updated 0, unchanged 0, rejected 0 in ")
    again = json.loads(run("indexer", "ingest", "--json", "--index", path, articles).stdout)
    assert (again["added"], again["unchanged"]) == (0, len(ARTICLES))


def test_ingest_makes_an_index_of_another_language(tmp_path: Path) -> None:
    articles = write_jsonl(tmp_path / "a.jsonl", ({"title": "Der Hafen", "text": "Die Häuser am Hafen."},))
    path = tmp_path / "new.index"
    unknown = run("indexer", "ingest", "--index", path, "--language", "xx", articles)
    assert (unknown.returncode, path.exists()) == (2, False)
    assert unknown.stderr.startswith("Error: --language: no stemmer for 'xx'")
    assert run("indexer", "ingest", "--index", path, "--language", "de", articles).returncode == 0
    assert run("search", "--count", "--index", path, "haus").stdout == "1\n"
    assert run("indexer", "ingest", "--index", path, articles).returncode == 0
    other = run("indexer", "ingest", "--index", path, "--language", "fr", articles)
    assert other.returncode == 2
    assert other.stderr.startswith("Error: --language: ")


def test_ingest_reads_stdin(tmp_path: Path) -> None:
    line = json.dumps({"title": "Lighthouse sold", "body": "A keeper bought it.", "source": "Daily Harbour"})
    done = run("indexer", "ingest", "--json", "--format", "jsonl", "--index", tmp_path / "i", "-", stdin=line.encode())
    assert json.loads(done.stdout)["added"] == 1


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


def test_rejects_are_reported_and_kept_in_a_file(tmp_path: Path) -> None:
    mixed = write_jsonl(tmp_path / "mixed.jsonl", ARTICLES[:1])
    mixed.write_text(mixed.read_text() + "{broken\n" * 7)
    rejects = tmp_path / "rejects.ndjson"
    done = run("indexer", "ingest", "--index", tmp_path / "i", "--reject-file", rejects, mixed)
    assert done.returncode == 0
    assert "rejected 7 in" in done.stdout
    assert done.stdout.count("  rejected ") == 5
    assert "and 2 more" in done.stdout
    kept = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert len(kept) == 7
    assert set(kept[0]) == {"place", "reason"}
    assert "mixed.jsonl" in kept[0]["place"]


def test_ingest_of_nothing_but_rejects_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{broken\n")
    done = run("indexer", "ingest", "--json", "--index", tmp_path / "i", broken)
    assert done.returncode == 1
    assert json.loads(done.stdout)["rejected"] == 1


@pytest.mark.parametrize("command", ["ingest", "clean"])
def test_a_path_that_does_not_exist_is_wrong_usage_and_makes_no_index(tmp_path: Path, command: str) -> None:
    index = ["--index", str(tmp_path / "i")] if command == "ingest" else []
    done = run("indexer", command, *index, tmp_path / "nowhere.jsonl")
    assert done.returncode == 2
    assert "nowhere.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "i").exists()


def test_a_reject_file_that_cannot_be_written_makes_no_index(tmp_path: Path) -> None:
    articles = write_jsonl(tmp_path / "a.jsonl")
    done = run("indexer", "ingest", "--index", tmp_path / "i", "--reject-file", tmp_path / "no" / "file", articles)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "i").exists()


def test_ctrl_c_during_an_ingest_leaves_the_last_commit_intact(own_index: Path) -> None:
    process = subprocess.Popen(
        [script("indexer"), "ingest", "--format", "jsonl", "--index", own_index, "-"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    # More than a pipe holds: when all is written, the ingest has begun to read.
    for number in range(2000):
        line = {"title": f"Ferry number {number} sails", "body": "It sails. " * 20, "source": "Daily Harbour"}
        process.stdin.write(json.dumps(line).encode() + b"\n")
    process.stdin.flush()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 130, errors.decode()
    assert errors.decode().strip() == "Interrupted."
    assert json.loads(run("indexer", "check", "--json", "--index", own_index).stdout)["articles"] == len(ARTICLES)
    assert run("indexer", "ingest", "--index", own_index, write_jsonl(own_index.parent / "a.jsonl")).returncode == 0


def test_ingest_shows_a_progress_bar_only_on_a_terminal(tmp_path: Path) -> None:
    articles = str(write_jsonl(tmp_path / "a.jsonl"))
    command = (script("indexer"), "ingest", "--index", str(tmp_path / "i"), articles)
    printed = on_terminal(*command)
    assert "\x1b[?25h" in printed
    assert f"Added {len(ARTICLES)}," in printed


def test_copy_shows_its_progress_on_a_terminal_on_a_line_of_its_own(index: Path, tmp_path: Path) -> None:
    printed = on_terminal(script("indexer"), "copy", "--from", str(index), "--to", str(tmp_path / "copy"))
    assert printed.startswith(f"\r{len(ARTICLES)} articles\r\x1b[KRead {len(ARTICLES)} articles: ")


def test_clean_prints_articles_on_stdout_and_rejects_on_stderr(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    sentences = "The bridge opened on Saturday after nine years of building. Hundreds of people walked across it. "
    page.write_text(
        "<html><head><title>Bridge opens at last</title></head><body><article><h1>Bridge opens at last</h1>"
        + f"<p>{sentences}</p>" * 4
        + "</article></body></html>"
    )
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{broken\n")
    done = run("indexer", "clean", "--source", "Daily Harbour", page, broken)
    assert done.returncode == 0
    (article,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert article["title"] == "Bridge opens at last"
    assert article["source"] == "Daily Harbour"
    assert "broken.jsonl" in one_line(done.stderr)
    assert json.loads(run("indexer", "clean", "--json", page).stdout)[0]["title"] == "Bridge opens at last"
    assert run("indexer", "clean", broken).returncode == 1


def test_addresses_in_an_archive_do_not_reach_the_terminal(tmp_path: Path) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>Fog.</p></body></html>"
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://north.example/ \x1b[31mred\r\n"
    archive = tmp_path / "crawl.warc"
    archive.write_bytes(head + b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
    assert "\x1b" not in run("indexer", "clean", archive).stderr


def test_ingest_and_clean_take_every_format_of_the_sources() -> None:
    for command in ("ingest", "clean"):
        assert f"[{'|'.join(get_args(Format))}]" in "".join(run("indexer", command, "--help").stdout.split())


def test_get_prints_the_article(index: Path) -> None:
    done = run("indexer", "get", "--index", index, "http://hill.example//5/")
    assert done.stdout.startswith("Dividend doubled at the dairy\nHill & Valley · 2024-03-01 · Business\n")
    assert done.stdout.endswith("The cooperative dairy doubles its dividend.\n\nMembers cheered in the village hall.\n")
    document = json.loads(run("indexer", "get", "--json", "--index", index, "hill/valley/4").stdout)
    assert document["authors"] == ["Jon Abiola"]


def test_get_of_an_unknown_id_fails_in_one_line(index: Path) -> None:
    done = run("indexer", "get", "--index", index, "nobody\x1b[31m")
    assert done.returncode == 1
    assert "nobody" in one_line(done.stderr)
    # The hits on a terminal do not show their ids.
    assert "search --json" in done.stderr
    assert "\x1b" not in done.stderr


def test_delete_takes_articles_out_for_every_later_command(own_index: Path) -> None:
    done = run("indexer", "delete", "--index", own_index, "harbour-1", "nobody")
    assert (done.returncode, done.stdout) == (0, "Deleted 1 of 2.\n")
    assert run("search", "--index", own_index, "--count").stdout == f"{len(ARTICLES) - 1}\n"
    again = run("indexer", "delete", "--json", "--index", own_index, "harbour-1")
    assert (again.returncode, json.loads(again.stdout)) == (1, {"deleted": 0})


def test_stats_show_sources_months_and_totals(index: Path) -> None:
    done = run("indexer", "stats", "--index", index)
    assert re.search(r"^  Daily Harbour 4  2024-01-15 2024-03-20  ▄█▄$", done.stdout, re.M)
    assert re.search(r"^  Hill & Valley 3  2024-02-21 2024-03-09  ·▄█$", done.stdout, re.M)
    assert re.search(r"^  2024-02 4 █+$", done.stdout, re.M)
    assert f"{len(ARTICLES)} articles, 1 without a date" in done.stdout
    document = json.loads(run("indexer", "stats", "--json", "--index", index).stdout)
    assert document["articles"] == len(ARTICLES)


def test_stats_fit_a_narrow_terminal(index: Path) -> None:
    printed = on_terminal(script("indexer"), "stats", "--index", str(index), columns=30, NO_COLOR="1")
    plain = re.sub(r"\x1b\[[\d;]*m", "", printed)
    assert re.search(r"^  Daily Har\w* +4$", plain, re.M)
    assert max(map(len, plain.splitlines())) <= 30


def test_stats_show_months_without_any_article(tmp_path: Path) -> None:
    lines = ({"id": day, "title": "x", "date": day} for day in ("2024-01-05", "2024-05-05", "2024-07-05"))
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("indexer", "ingest", "--index", tmp_path / "x.index", tmp_path / "a.jsonl").returncode == 0
    printed = run("indexer", "stats", "--index", tmp_path / "x.index").stdout
    assert re.search(r"^  2024-02 to 2024-04 +0 *$", printed, re.M)
    assert "Nothing from 2024-02 to 2024-04 (3 months), 2024-06\n" in printed


def test_gaps_are_shown_in_an_archive_of_a_century(tmp_path: Path) -> None:
    days = [f"{year}-{month:02}-05" for year in (*range(1925, 1940), *range(1950, 2025)) for month in (3, 9)]
    articles = write_jsonl(tmp_path / "a.jsonl", tuple({"id": day, "title": "x", "date": day} for day in days))
    assert run("indexer", "ingest", "--index", tmp_path / "x.index", articles).returncode == 0
    printed = run("indexer", "stats", "--index", tmp_path / "x.index").stdout
    assert re.search(r"^  1939-10 to 1950-02 +0 *$", printed, re.M)
    assert "1939-10 to 1950-02 (125 months)" in printed
    printed = run("search", "--index", tmp_path / "x.index", "--limit=0", "--interval=month", "--facets=date").stdout
    bars = re.findall(r"^  (\d{4})-\d\d +(\d+)", printed, re.M)
    assert sum(int(count) for _, count in bars) == len(days)
    assert {int(later) - int(former) for (former, _), (later, _) in pairwise(bars)} <= {3, 4}
    assert "0" in [count for year, count in bars if "1940" <= year < "1950"]


# similar, suggest, sources


def test_similar_articles_are_shown_like_hits(index: Path) -> None:
    done = run("indexer", "similar", "--index", index, "harbour-1", "--limit", "2")
    assert done.returncode == 0
    assert done.stdout.startswith("1. ")
    assert "Harbour council votes" not in done.stdout
    document = json.loads(run("indexer", "similar", "--json", "--index", index, "harbour-1", "--limit=2").stdout)
    assert len(document["hits"]) == 2


def test_the_printed_command_shows_more_similar_articles(own_index: Path) -> None:
    more = write_jsonl(own_index.parent / "more.jsonl", ({**ARTICLES[0], "id": "-x y"},))
    assert run("indexer", "ingest", "--index", own_index, more).returncode == 0
    command = ["indexer", "similar", "--index", str(own_index), "--limit", "1", "--", "-x y"]
    titles: list[str] = []
    while command and len(titles) <= len(ARTICLES):
        printed = run(*command).stdout
        titles += re.findall(r"^1\. (.*)$", printed, re.M)
        hint = re.search(r"^Next page: (.*)$", printed, re.M)
        command = shlex.split(hint[1]) if hint else []
    total = json.loads(run("indexer", "similar", "--index", own_index, "--json", "--", "-x y").stdout)["total"]
    assert len(titles) == total > 1


def test_similar_to_an_unknown_article_is_a_failure(index: Path) -> None:
    done = run("indexer", "similar", "--index", index, "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody" in one_line(done.stderr)


def test_suggestions_are_a_table(index: Path) -> None:
    done = run("indexer", "suggest", "--index", index, "har")
    assert re.search(r"^4  word  harbour$", done.stdout, re.M)
    assert run("indexer", "suggest", "--index", index, "zzz").stdout == ""


def test_sources_are_a_table(index: Path) -> None:
    lines = run("indexer", "sources", "--index", index).stdout.splitlines()
    assert lines[0] == "4  2024-01-15  2024-03-20  Daily Harbour"
    assert len(lines) == 3


# completion by the shell


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["search", "--so"], ["--source", "--sort"]),
        (["search", "--sort", "n"], ["newest"]),
        (["search", "--facets", "source,d"], ["source,date"]),
        (["search", "--source", "dai"], ["Daily Harbour"]),
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
        "COMP_WORDS": shlex.join(words),
        "COMP_CWORD": str(len(words) - 1),
        f"_{words[0].upper()}_COMPLETE": "bash_complete",
        "BROADSHEET_INDEX": str(index),
    }
    lines = run(words[0], env=env).stdout.splitlines()
    assert [line.removeprefix("plain,") for line in lines] == completed


def test_facets_may_be_given_together_or_one_by_one(index: Path) -> None:
    together, apart = (
        json.loads(run("search", "--index", index, "--json", *options).stdout)["facets"]
        for options in (["--facets=source,topic"], ["--facets=source", "--facets", "topic"])
    )
    assert list(apart) == list(together) == ["source", "topic"]
    assert json.loads(run("search", "--index", index, "--json", "--facets=").stdout)["facets"] == {}


def test_an_outlet_that_begins_with_a_dash_is_completed_found_and_charted(own_index: Path) -> None:
    record = json.dumps({"id": "last", "title": "The wire closes", "source": "-30-", "date": "2024-01-20"}).encode()
    assert run("indexer", "ingest", "--index", own_index, "-", stdin=record).returncode == 0
    env = {"COMP_WORDS": r"search --source '\-'", "COMP_CWORD": "2", "_SEARCH_COMPLETE": "bash_complete"}
    completed = run("search", env={**env, "BROADSHEET_INDEX": str(own_index)}).stdout.strip()
    assert completed == r"plain,\-30-"
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


def test_titles_are_links_on_a_terminal_and_plain_in_a_pipe(index: Path) -> None:
    url = "https://daily-harbour.example/breakwater?id=1"
    printed = on_terminal(script("search"), "--index", str(index), "breakwater")
    assert re.search(rf"\x1b\]8;[^;]*;{re.escape(url)}\x1b", printed)
    assert "\x1b" not in run("search", "--index", index, "breakwater").stdout


def test_a_query_that_is_misspelt_asks_did_you_mean(index: Path) -> None:
    assert "Did you mean: breakwater\n" in run("search", "--index", index, "braekwater").stdout


def test_check_passes_a_sound_index_and_fails_a_damaged_one(own_index: Path) -> None:
    sound = run("indexer", "check", "--index", own_index)
    assert sound.returncode == 0
    assert f"{len(ARTICLES)} articles" in sound.stdout
    largest = max((path for path in own_index.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    damaged = bytearray(largest.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    largest.write_bytes(damaged)
    done = run("indexer", "check", "--json", "--index", own_index)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] is False
    assert largest.name in " ".join(document["problems"])


def test_optimize_keeps_what_is_found(own_index: Path) -> None:
    more = write_jsonl(own_index.parent / "more.jsonl", ({**ARTICLES[0], "id": "new", "title": "New breakwater"},))
    assert run("indexer", "ingest", "--index", own_index, more).returncode == 0
    before = json.loads(run("search", "--json", "--index", own_index, "breakwater").stdout)
    assert run("indexer", "optimize", "--json", "--index", own_index).returncode == 0
    after = json.loads(run("search", "--json", "--index", own_index, "breakwater").stdout)
    assert [hit["id"] for hit in after["hits"]] == [hit["id"] for hit in before["hits"]]
    assert json.loads(run("indexer", "stats", "--json", "--index", own_index).stdout)["segments"] == 1


def test_export_writes_every_match_once_in_every_format(index: Path, tmp_path: Path) -> None:
    query = ["--index", str(index), "--sort", "oldest", "--source", "Daily Harbour", "harbour"]
    ids = ["harbour-1", "harbour-2", "harbour-3", "escape-9"]
    ndjson = [json.loads(line) for line in run("indexer", "export", *query).stdout.splitlines()]
    assert [article["id"] for article in ndjson] == ids
    assert json.loads(run("indexer", "export", "--json", *query).stdout) == ndjson
    output = tmp_path / "harbour.csv"
    done = run("indexer", "export", "--format", "csv", "--output", output, *query)
    assert done.stdout == ""
    rows = list(csv.DictReader(io.StringIO(output.read_text(encoding="utf-8"), newline="")))
    assert [row["id"] for row in rows] == ids
    assert rows[1]["authors"] == "Mara Lindqvist; Jon Abiola"
    assert rows[0]["body"] == ndjson[0]["body"]
    assert run("search", "--count", *query).stdout == f"{len(ids)}\n"


def test_export_says_what_of_the_query_was_not_understood(index: Path) -> None:
    done = run("indexer", "export", "--index", index, "auther:vale harbour")
    assert done.returncode == 0
    assert done.stderr.startswith("Warning: ")
    assert "author" in done.stderr.splitlines()[0]
    assert done.stderr.endswith("Exported 0 articles.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_export_to_a_full_disk_does_not_say_that_it_is_done(index: Path) -> None:
    done = run("indexer", "export", "--index", index, "--output", "/dev/full", "breakwater")
    assert (done.returncode, done.stderr) == (1, "Error: No space left on device\n")


def test_export_without_a_match_is_empty_but_whole(index: Path) -> None:
    query = ["--index", str(index), "zeppelin"]
    assert run("indexer", "export", *query).stdout == ""
    assert json.loads(run("indexer", "export", "--json", *query).stdout) == []
    header = run("indexer", "export", "--format", "csv", *query).stdout
    assert header.startswith("id,url,title,")
    assert header.count("\n") == 1


def test_exported_articles_build_the_same_index_again(index: Path, tmp_path: Path) -> None:
    exported = tmp_path / "all.ndjson"
    run("indexer", "export", "--index", index, "--output", exported)
    with indexer.open_index(tmp_path / "copy", create=True) as copy, indexer.open_index(index) as original:
        copy.ingest([exported], format="jsonl")
        for article in ARTICLES:
            assert copy.get(article["id"]) == original.get(article["id"])
