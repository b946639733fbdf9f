"""`python -m benchmarks.cleaning`, as a user types it, on a few pages of our own."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cleaning_score import Cleaned, author_f1, body_shares, is_near, is_source, score

ROOT = Path(__file__).parents[1]
TEXT = [
    "The ferry of the lower village carried its last passengers on Sunday, after ninety years on the same rope.",
    "A footbridge will open in its place next month, and the ferryman has already bought the first pair of skates.",
    "Some forty people stood on the bank and sang while the old boat was pulled up the meadow by two horses.",
]
HTML = (
    "<html lang='en'><head><title>Last ferry | Eddy Notes</title><meta property='og:site_name' content='Eddy Notes'>"
    "<meta property='article:published_time' content='2019-05-02T09:00:00Z'><meta name='author' content='Liv Sommerau'>"
    "</head><body><nav><a href='/'>Home</a> <a href='/n'>News</a></nav><article><h1>Last ferry</h1>{text}</article>"
    "<footer>© 2019 Eddy Notes</footer></body></html>"
)
DUMP = "Home\nNews\nLast ferry\nBy Liv Sommerau\n2 May 2019\n\n{text}\n\nComments\nEddy Notes\n© 2019 Eddy Notes\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    lines: list[str] = []
    for number in range(3):
        paragraphs = [f"{paragraph} That was told {number + 2} times." for paragraph in TEXT]
        pages = {
            "html": HTML.format(text="".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)),
            "text": DUMP.format(text="\n\n".join(paragraphs)),
        }
        case: dict[str, Any] = {
            "id": f"ferry-{number}",
            "url": f"https://eddynotes.example/{number}",
            "domain": "eddynotes.example",
            "gold": {
                "body": "\n\n".join(paragraphs),
                "title": "Last ferry",
                "date": "2019-05-02",
                "authors": ["Liv Sommerau"],
                "source": "Eddy Notes",
            },
            "visible_in_text": {"source": False},
        }
        for kind, page in pages.items():
            case[kind] = f"{number}.{kind}.gz"
            (folder / case[kind]).write_bytes(gzip.compress(page.encode()))
        lines.append(json.dumps(case))
    (folder / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def run(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.cleaning", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def rows(table: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines[1:]}


def test_benchmark_of_html_writes_one_table_with_broadsheet_and_its_peers(folder: Path, tmp_path: Path) -> None:
    printed = run(str(folder), "--out", str(tmp_path))
    found = rows(printed)
    assert found["Broadsheet"][:5] == ["1.000"] * 5
    for package, name in {
        "trafilatura": "trafilatura default",
        "newspaper": "newspaper4k",
        "justext": "jusText",
    }.items():
        assert any(row.startswith(name) for row in found) == (find_spec(package) is not None), name
    assert all(cells[-1] == "0" for cells in found.values())
    written = (tmp_path / "cleaning-html.md").read_text(encoding="utf-8")
    assert printed.strip() in written
    assert "3 pages of 1 sites" in written


def test_benchmark_of_dumps_scores_only_what_they_show(folder: Path) -> None:
    found = rows(run(str(folder), "--kind", "text", "--limit", "2"))
    assert list(found) == ["Broadsheet", "the whole text", "longest run of long lines"]
    assert found["Broadsheet"][4] == "–"
    assert float(found["longest run of long lines"][0]) > float(found["the whole text"][0])


def test_missing_prediction_counts_as_empty() -> None:
    cases = [{"id": "a", "gold": {"body": " ".join(TEXT), "title": "x"}}, {"id": "b", "gold": {"body": TEXT[0]}}]
    half = score(cases, {"b": Cleaned(body=TEXT[0])})
    assert (half.precision, half.recall, half.title, half.date) == (1.0, 0.5, 0.0, None)


def test_body_is_scored_by_runs_of_four_words() -> None:
    right, wrong, missed = body_shares("one two three four five", "one two three four six")
    assert (right, wrong, missed) == (1 / 3, 1 / 3, 1 / 3)


def test_titles_names_and_sources_are_compared_in_their_plain_form() -> None:
    assert is_near("Späte Fähre", "SPATE FAHRE – Eddy Notes")
    assert not is_near("Late ferry", "Early bridge")
    assert author_f1(["Sommerau, Liv"], ["By Liv Sommerau", "Ole Tamm"]) == pytest.approx(2 / 3)
    assert is_source("The Eddy Notes", "Eddy Notes", "x.example")
    assert is_source("Anything", "eddynotes", "eddynotes.example")
    assert not is_source("The Eddy Notes", "", "eddynotes.example")
