"""`python -m benchmarks.run`, as a user types it, on a small corpus with every engine that is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]
CLASSES = {
    *("rare term", "middling term", "common term", "two-word AND", "three-word AND", "OR"),
    *("phrase", "phrase with common words", "prefix", "date filter", "source filter", "match-all"),
}
# The module each engine needs; SQLite's FTS5 stems otherwise than the rest, so its hits need not agree.
MODULES = {
    "broadsheet": "indexer",
    "tantivy": "tantivy",
    "fts5": "sqlite3",
    "xapian": "xapian",
    "bm25s": "bm25s",
    "whoosh3": "whoosh",
}
TIMES = ("request_ms", "first_ms", "top10_ms")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.run", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def document(out: Path, name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((out / f"{name}.json").read_text())
    return parsed


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    done = run("generated:300", "--repeat", "1", "--ingests", "1", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(params=MODULES)
def engine(request: pytest.FixtureRequest, results: Path) -> dict[str, Any]:
    """What the report says of one engine."""
    name = request.param
    if find_spec(MODULES[name]) is None:
        assert name in document(results, "generated-300")["absent"]
        pytest.skip(f"{MODULES[name]} is not installed")
    values: dict[str, Any] = document(results, "generated-300")["engines"][name]
    return {"name": name, **values}


def test_every_engine_answers_every_class_that_it_can_express(engine: dict[str, Any]) -> None:
    assert "error" not in engine
    expected = {"rare term", "middling term", "common term", "OR"} if engine["name"] == "bm25s" else CLASSES
    for key in TIMES:
        assert set(engine[key]) == expected
        assert all(value > 0 for value in engine[key].values())
    assert engine["bytes"] > 0
    assert engine["new_process_seconds"] > 0
    assert len(engine["ingest_seconds"]) == 1


def test_engines_with_the_same_stems_find_equally_many(engine: dict[str, Any]) -> None:
    if engine["name"] == "fts5":
        pytest.skip("FTS5 has another stemmer; the report says how far apart its hits are")
    rows = engine["equality"].values()
    compared = sum(row["compared"] for row in rows)
    assert compared >= (40 if engine["name"] == "bm25s" else 120)
    for counts in ("totals", "months"):
        assert sum(row[counts] for row in rows) == compared
    # Broadsheet's source counts ignore the request's own source filter, as a page of choices needs it.
    assert all(row["sources"] == row["compared"] for name, row in engine["equality"].items() if name != "source filter")


def test_queries_of_every_class_but_match_all_are_twelve_and_find_something(results: Path) -> None:
    queries = document(results, "generated-300")["queries"]
    assert {name: len(members) for name, members in queries.items()} == {
        name: 1 if name == "match-all" else 12 for name in CLASSES
    }
    totals = document(results, "generated-300")["engines"]["broadsheet"]["median_total"]
    assert all(totals[name] > 0 for name in CLASSES)


def test_tables_and_charts_show_every_class(results: Path) -> None:
    tables = (results / "README.md").read_text()
    charts = {path.name: path.read_text() for path in results.glob("*.svg")}
    assert set(charts) == {f"generated-300-{kind}.svg" for kind in ("request", "first", "top10")}
    for name, chart in charts.items():
        ElementTree.fromstring(chart)
        assert f"({name})" in tables
        assert all(class_name in chart for class_name in CLASSES)
    assert all(f"\n| {class_name} |" in tables for class_name in CLASSES)


def test_an_unknown_engine_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    done = run("generated:300", "--engines", "broadsheet,lucid", "--out", tmp_path)
    assert done.returncode == 2
    assert "no engine 'lucid': there are broadsheet, tantivy" in done.stderr


@pytest.mark.parametrize(
    ("lines", "reason"),
    [(None, "No such file"), ('{"id": "a", "title": "Ferry late", "date": "2024-05-06"}\n', "too few")],
)
def test_a_corpus_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, lines: str | None, reason: str
) -> None:
    if lines is not None:
        (tmp_path / "news.jsonl").write_text(lines)
    done = run(tmp_path / "news.jsonl", "--engines", "fts5", "--out", tmp_path / "results")
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_lines_that_engines_would_treat_differently_are_left_out(tmp_path: Path) -> None:
    generated = tmp_path / "all.jsonl"
    command = [sys.executable, "-m", "benchmarks.generate", "300", str(generated)]
    subprocess.run(command, cwd=ROOT, check=True)
    bad = ["{", '["a list"]', '{"id": "x", "title": "", "body": ""}', '{"id": "y", "title": "T", "date": "someday"}']
    with generated.open("a") as file:
        file.write("\n".join([*bad, generated.read_text().splitlines()[0], ""]))
    done = run(generated, "--engines", "fts5", "--repeat", "1", "--ingests", "1", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    corpus = document(tmp_path, "all")["corpus"]
    assert (corpus["articles"], corpus["skipped"]) == (300, 5)


def test_the_generator_makes_the_same_articles_from_the_same_seed(tmp_path: Path) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        command = [sys.executable, "-m", "benchmarks.generate", "50", str(tmp_path / name), "--seed", seed]
        subprocess.run(command, cwd=ROOT, check=True)
    first, again, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == again
    assert first != other
    articles = [json.loads(line) for line in first.splitlines()]
    assert len({article["id"] for article in articles}) == 50
    assert all(article["title"] and article["body"] and article["source"] and article["date"] for article in articles)
