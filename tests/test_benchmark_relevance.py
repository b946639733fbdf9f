"""`python -m benchmarks.relevance` on a judged collection small enough to rank by hand."""

from __future__ import annotations

import gzip
import json
import math
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks.judgments import quality, randomisation, read

ROOT = Path(__file__).parents[1]
PEERS = {"whoosh3": "whoosh", "tantivy": "tantivy", "bm25s": "bm25s"}

ARTICLES = [
    {"id": "ferry", "title": "Ferry halted by fog", "body": "The island ferry stayed in port until noon."},
    {"id": "bridge", "title": "Bridge toll to rise", "body": "Drivers will pay more from May. The ferry stays free."},
    {"id": "baker", "title": "Baker wins prize", "body": "Her rye loaf beat forty others at the county fair."},
    {"id": "fair", "title": "County fair opens", "body": "Rides, loaves and a prize pig draw crowds."},
    {"id": "chess", "title": "Chess final drawn", "body": "Neither side found a way through in six hours."},
]
QUERIES = [
    {"id": "1", "text": "Is the FERRY running in fog?"},
    {"id": "2", "text": "prize loaf -fair"},
    {"id": "3", "text": "a query that nobody judged"},
]
QRELS = "query-id\tcorpus-id\tscore\n1\tferry\t2\n1\tbridge\t1\n1\tchess\t0\n2\tbaker\t1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "harbour"
    place.mkdir()
    with gzip.open(place / "corpus.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(article) + "\n" for article in ARTICLES)
    (place / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query in QUERIES))
    (place / "qrels.tsv").write_text(QRELS)
    return place


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.relevance", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def table(report: str, title: str) -> dict[str, list[str]]:
    """The rows of the table with that title, by their first cell; its own cells under "engines"."""
    lines = report[report.index(f"| {title} |") :].split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "--" not in line]
    return {"engines": rows[0][2:]} | {row[0]: row[1:] for row in rows[1:]}


def test_measures_are_those_computed_by_hand() -> None:
    grades = {"a": 3, "b": 1, "c": 2, "elsewhere": 1}
    found = quality(["x", "a", "y", "b", "c"], grades)
    gain = 3 / math.log2(3) + 1 / math.log2(5) + 2 / math.log2(6)
    best = 3 / 1 + 2 / math.log2(3) + 1 / 2 + 1 / math.log2(5)
    assert found.ndcg == pytest.approx(gain / best)
    assert found.average == pytest.approx((1 / 2 + 2 / 4 + 3 / 5) / 4)
    assert found.recall == pytest.approx(3 / 4)


def test_measures_stop_at_their_depths() -> None:
    others = [f"x{number}" for number in range(100)]
    eleventh = quality([*others[:10], "a", *others[10:]], {"a": 1})
    assert eleventh == pytest.approx((0, 1 / 11, 1))
    last = quality([*others, "a"], {"a": 1})
    assert last == pytest.approx((0, 1 / 101, 0))
    assert quality([], {"a": 1}) == pytest.approx((0, 0, 0))


def test_ideal_order_is_perfect_even_with_more_relevant_articles_than_the_cut() -> None:
    grades = {f"a{number}": number % 3 + 1 for number in range(15)}
    assert quality(sorted(grades, key=lambda article: -grades[article]), grades) == pytest.approx((1, 1, 1))


def test_randomisation_counts_the_signs_that_reach_as_far() -> None:
    # Of the 2 ** 3 choices of signs two reach the mean: all as they are, and all turned round.
    exact = randomisation([np.array([0.1, 0.2, 0.3])])
    assert exact == pytest.approx(2 / 8, abs=0.01)
    assert exact == randomisation([np.array([-0.1, -0.2, -0.3])])
    assert randomisation([np.zeros(5)]) == 1
    assert randomisation([np.full(40, 0.1), np.full(10, 0.1)]) < 0.001


def test_collections_weigh_alike_however_many_queries_they_have() -> None:
    # The means 0.5 and -0.5 cancel out; pooled, the queries would be far from even.
    assert randomisation([np.full(2, 0.5), np.full(100, -0.5)]) == pytest.approx(1, abs=0.01)


def test_reads_queries_that_were_judged_and_only_relevant_articles(folder: Path) -> None:
    collection = read(folder)
    assert collection.queries == {"1": "Is the FERRY running in fog?", "2": "prize loaf -fair"}
    assert collection.grades == {"1": {"ferry": 2, "bridge": 1}, "2": {"baker": 1}}
    assert [document.id for document in collection.documents] == [article["id"] for article in ARTICLES]


def test_beir_names_and_four_column_judgments_do_as_well(folder: Path) -> None:
    (folder / "corpus.jsonl.gz").unlink()
    (folder / "corpus.jsonl").write_text('{"_id": "7", "title": "Ferry halted", "text": "Fog."}\n')
    (folder / "queries.jsonl").write_text('{"_id": "1", "text": "ferry"}\n')
    (folder / "qrels.tsv").write_text("1 0 7 1\n")
    collection = read(folder)
    assert collection.documents == [("7", "Ferry halted", "Fog.")]
    assert (collection.queries, collection.grades) == ({"1": "ferry"}, {"1": {"7": 1}})


def test_report_compares_broadsheet_with_every_peer_that_is_installed(folder: Path, tmp_path: Path) -> None:
    done = run(folder, folder, "--out", tmp_path / "runs")
    assert done.returncode == 0, done.stderr
    installed = ["broadsheet", *(name for name, module in PEERS.items() if find_spec(module))]
    for title in ("nDCG@10", "MAP", "Recall@100"):
        rows = table(done.stdout, title)
        assert rows["engines"] == installed
        # No article matches but the relevant ones and, for the second query, one that says less of it.
        assert rows["harbour"] == ["2", *["1.000"] * len(installed)]
        assert rows["mean"] == ["", *["1.000"] * len(installed)]
    for name in installed:
        lines = (tmp_path / "runs" / f"harbour.{name}.run").read_text().splitlines()
        assert next(line.split()[:4] for line in lines if line.startswith("1 ")) == ["1", "Q0", "ferry", "1"]
    if len(installed) > 1:
        assert "| nDCG@10 against | best peer |" in done.stdout


def test_match_all_asks_broadsheet_for_all_words(folder: Path, tmp_path: Path) -> None:
    done = run(folder, "--match", "all", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    # No article holds "is" and "running"; "-fair" is a word like the others.
    assert [line.split()[2] for line in (tmp_path / "harbour.broadsheet.run").read_text().splitlines()] == ["baker"]


@pytest.mark.parametrize("missing", ["corpus.jsonl.gz", "queries.jsonl", "qrels.tsv"])
def test_folder_without_one_of_the_files_is_refused_by_its_name(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    done = run(folder)
    assert done.returncode == 2
    assert missing.removesuffix(".gz") in done.stderr
    assert "Traceback" not in done.stderr


def test_collection_without_relevant_articles_is_refused(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("1\tferry\t0\n")
    done = run(folder)
    assert done.returncode == 2
    assert "qrels.tsv" in done.stderr
