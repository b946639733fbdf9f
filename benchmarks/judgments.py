"""A judged collection, and how good a ranking of it is: nDCG@10, MAP, Recall@100, and the randomisation test.

A collection is a folder of three files, the form in which BEIR hands out test collections:

    corpus.jsonl, or .gz, .zst   {"id": "6", "title": "...", "body": "..."} a line; "_id" and "text" do as well
    queries.jsonl                {"id": "1", "text": "..."} a line
    qrels.tsv                    query, article, grade (0 is not relevant); a line that ends in no number is a heading
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from benchmarks.corpus import opened

Grades = Mapping[str, int]

CUT: Final = 10
DEPTH: Final = 100


class Document(NamedTuple):
    """One article of a collection."""

    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Articles, queries and judgments.

    name       of the folder
    corpus     the articles' file
    documents  the same read
    queries    query id → text, of those with a relevant article
    grades     query id → article id → grade above 0
    """

    name: str
    corpus: Path
    documents: list[Document]
    queries: dict[str, str]
    grades: dict[str, dict[str, int]]


def read(folder: Path) -> Collection:
    """The collection in a folder. Raises OSError or ValueError where it is none."""
    found = sorted(path for path in folder.glob("corpus.jsonl*") if path.suffix in (".jsonl", ".gz", ".zst"))
    if not found:
        raise ValueError(f"{folder} holds no corpus.jsonl, corpus.jsonl.gz or corpus.jsonl.zst")
    with opened(found[0]) as file:
        documents = [_document(orjson.loads(line)) for line in file if line.strip()]
    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines():
        columns = line.split()
        # The four columns of TREC have a constant second.
        if len(columns) in (3, 4) and columns[-1].lstrip("-").isdigit() and int(columns[-1]) > 0:
            grades.setdefault(columns[0], {})[columns[-2]] = int(columns[-1])
    lines = (folder / "queries.jsonl").read_bytes().splitlines()
    texts = {_id(values): str(values["text"]) for values in map(orjson.loads, filter(None, lines))}
    queries = {query: text for query, text in texts.items() if query in grades}
    if not queries:
        raise ValueError(f"no query of {folder} has a relevant article in qrels.tsv")
    return Collection(name=folder.name, corpus=found[0], documents=documents, queries=queries, grades=grades)


def _document(values: dict[str, Any]) -> Document:
    return Document(_id(values), values.get("title") or "", values.get("body") or values.get("text") or "")


def _id(values: dict[str, Any]) -> str:
    return str(values["id"] if "id" in values else values["_id"])


class Quality(NamedTuple):
    """How good one ranking is, each from 0 to 1. Articles that nobody judged count as not relevant.

    ndcg     discounted cumulative gain of the first CUT, the grade being the gain, over that of the best order
             (Järvelin and Kekäläinen 2002, https://doi.org/10.1145/582415.582418)
    average  average precision: the mean, over all relevant articles, of the precision where each stands
    recall   the share of the relevant articles among the first DEPTH
    """

    ndcg: float
    average: float
    recall: float


def quality(ranking: Sequence[str], grades: Grades) -> Quality:
    """The quality of article ids, best first, for a query with at least one relevant article."""
    best = _gain(sorted(grades.values(), reverse=True))
    ranks = [rank for rank, article in enumerate(ranking, 1) if article in grades]
    return Quality(
        _gain([grades.get(article, 0) for article in ranking]) / best,
        sum(found / rank for found, rank in enumerate(ranks, 1)) / len(grades),
        sum(rank <= DEPTH for rank in ranks) / len(grades),
    )


def _gain(grades: Sequence[int]) -> float:
    return float(sum(grade / np.log2(rank + 1) for rank, grade in enumerate(grades[:CUT], 1)))


def randomisation(differences: Sequence[npt.NDArray[np.float64]], rounds: int = 20_000, seed: int = 1) -> float:
    """How likely a mean difference as large as this, either way, is between two rankers that are equally good.

    differences  for each collection, query by query, the measure of one ranker less that of the other

    Were they equally good, each difference could as well have had the other sign. So signs are drawn at random and
    it is counted how often the mean of the collections' means is as far from 0 (Smucker, Allan and Carterette 2007,
    https://doi.org/10.1145/1321440.1321528).
    """
    random = np.random.default_rng(seed)
    means = np.zeros(rounds)
    for part in differences:
        signs = random.integers(0, 2, (rounds, len(part)), np.int8) * 2 - 1
        means += signs @ part / len(part)
    observed = sum(float(part.mean()) for part in differences)
    # What differs by less is the rounding of the sums.
    as_far = np.count_nonzero(np.abs(means) >= abs(observed) - 1e-12)
    return (int(as_far) + 1) / (rounds + 1)
