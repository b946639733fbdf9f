"""The commands that make an index, look after it and look into it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from articles import ARTICLES, write_jsonl
from processes import SECONDS, environment, on_terminal, one_line, run, script

from indexer.sources import Format


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


def test_names_of_outlets_that_cannot_be_read_are_wrong_usage_and_change_nothing(own_index: Path) -> None:
    (own_index / "outlets.toml").write_text("[outlets")
    done = run("indexer", "ingest", "--index", own_index, write_jsonl(own_index.parent / "a.jsonl"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "outlets.toml is not valid TOML" in one_line(done.stderr)


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
    assert re.search(r"^  Daily Har… 4$", plain, re.M)
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
