"""Exports on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from articles import ARTICLES
from processes import run

import indexer


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
