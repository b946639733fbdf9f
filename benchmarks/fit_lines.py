"""Fit the weights by which the cleaner finds an article in a text dump, from a folder of pages.

    python -m benchmarks.fit_lines CASES --silver HTML.jsonl --write        write the tables of the package
    python -m benchmarks.fit_lines CASES --silver HTML.jsonl --folds 5 --predictions OUT.jsonl

CASES holds cases.jsonl: one page a line with `id`, `domain`, `url`, `text` (the path of a gzipped file) and `gold`
(`body`, `title`, where known). Where gold is missing, what --silver says stands for it, with half the weight: JSON
lines with `id`, `title` and `body`, as the HTML cleaner finds them: a page's markup teaches how to do without. The same
pages without blank lines, and with one after every line, make the tables for dumps whose blank lines part nothing. With
--folds, each page is cleaned by weights that no page of its site had a part in, with its address and, into
OUT.nourl.jsonl, without. Wants scikit-learn (extra `bench`) for the headline's trees.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import trees
from benchmarks.cleaning_score import RUN, runs
from indexer.cleaning import features, headline, metadata, region, text, words
from indexer.cleaning.forest import Forest
from indexer.cleaning.lines import Dump, read_dump
from indexer.cleaning.weights import BIAS, Weights
from indexer.errors import PageError

Floats = NDArray[np.float64]
# The candidates of a page, which of them are right, and the weight of the page.
_Page = tuple[headline.Candidates, NDArray[np.bool_], float]

_WORD = re.compile(r"\w+")
_LONG = 8  # words; shorter lines stand in too many texts to be judged alone
_NEAR = 12  # lines
_SILVER = 0.5
_TREES = {"max_iter": 150, "max_depth": 3, "learning_rate": 0.08, "max_features": 0.3, "min_samples_leaf": 20,
          "l2_regularization": 1.0}  # fmt: skip
_WRONG = 3
_LEAST = 0.03  # standardised weight; what weighs less is left out
_BARE = ("\n", "\n\n")
_TABLES = Path(__file__).parents[1] / "indexer" / "cleaning" / "line_weights.py"


@dataclass(slots=True)
class Case:
    """One page, its lines, and which of them are the article."""

    record: dict[str, Any]
    dump: Dump
    title: str
    is_text: NDArray[np.bool_]
    weights: Floats
    headline_weight: float
    columns: features.Columns
    properties: features.Table
    candidates: list[tuple[headline.Candidates, NDArray[np.bool_]]]


def main() -> None:
    """Fit and write, or cross-validate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--silver", type=Path)
    parser.add_argument("--write", action="store_true", help="write the fitted tables into the package")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--predictions", type=Path)
    arguments = parser.parse_args()
    cases = list(_read(arguments.cases, arguments.silver))
    print(f"{len(cases)} pages, {sum(len(case.dump.lines) for case in cases):,} lines")
    if arguments.folds:
        _cross_validate(cases, arguments.folds, arguments.cases, arguments.predictions)
    if arguments.write:
        fitted = _fit(cases)
        bare = _fit([case for layout in _BARE for case in _read(arguments.cases, arguments.silver, layout)])
        _TABLES.write_text(_module(fitted, bare), encoding="utf-8")
        _TABLES.with_name("headline_forest.json").write_bytes(fitted.trees)
        _TABLES.with_name("bare_headline_forest.json").write_bytes(bare.trees)


def _read(folder: Path, silver_file: Path | None, between: str | None = None) -> Iterator[Case]:
    """The pages. between: what stands between all of their lines, in place of what stands there"""
    silver: dict[str, dict[str, Any]] = {}
    if silver_file:
        silver = {made["id"]: made for made in map(json.loads, silver_file.read_text(encoding="utf-8").splitlines())}
    with (folder / "cases.jsonl").open(encoding="utf-8") as file:
        for record in map(json.loads, file):
            gold = record["gold"]
            known = {**silver.get(record["id"], {}), **gold}
            page = _page(folder, record["text"])
            dump = read_dump(page if between is None else between.join(filter(str.strip, page.split("\n"))))
            columns = features.Columns.of(dump)
            sizes = np.sqrt(np.minimum([line.size for line in dump.lines], features.MOST))
            yield Case(
                record=record,
                dump=dump,
                title=known.get("title", ""),
                is_text=_is_text([line.text for line in dump.lines], known.get("body", "")),
                weights=sizes / sizes.sum() * 100 * (1.0 if "body" in gold else _SILVER),
                headline_weight=1.0 if "title" in gold else _SILVER,
                columns=columns,
                properties=features.line_properties(dump, columns),
                candidates=[],
            )


def _page(folder: Path, name: str) -> str:
    with gzip.open(folder / name, "rt", encoding="utf-8", newline="") as file:
        return file.read()


# What is right


def _is_text(lines: Sequence[str], body: str) -> NDArray[np.bool_]:
    """Which lines are the body: most of their runs of words are in it, once, and short lines stand near others."""
    whole = Counter(" ".join(_WORD.findall(paragraph)) for paragraph in body.split("\n"))
    known = runs(body)
    keys = [" ".join(_WORD.findall(line)) for line in lines]
    sizes = [key.count(" ") + 1 if key else 0 for key in keys]
    shared = [0.0] * len(lines)
    for i, line in enumerate(lines):
        if sizes[i] >= RUN:
            own = runs(line)
            shared[i] = sum((own & known).values()) / sum(own.values())
    found = np.zeros(len(lines), bool)
    long = [i for i in range(len(lines)) if sizes[i] >= _LONG and shared[i] > 0.5]
    if long:
        masses = np.cumsum([len(lines[i]) for i in long])
        middle = long[int(np.searchsorted(masses, masses[-1] / 2))]
        seen: set[str] = set()
        for i in sorted(long, key=lambda i: abs(i - middle)):  # of copies, the one amid the text
            found[i] = keys[i] not in seen
            seen.add(keys[i])
    anchors = np.flatnonzero(found)
    used = Counter(keys[i] for i in anchors)
    short = []
    for i, key in enumerate(keys):
        if not found[i] and 0 < sizes[i] < _LONG and (key in whole or shared[i] > 0.5):
            distance = int(np.abs(anchors - i).min()) if len(anchors) else 0
            if distance <= (_NEAR if key in whole else RUN):
                short.append((distance, i))
    for _, i in sorted(short):
        if keys[i] not in whole or used[keys[i]] < whole[keys[i]]:
            used[keys[i]] += 1
            found[i] = True
    return found


def _is_title(line: str, title: str, domain: str) -> bool:
    line = metadata.without_site(line, metadata.domain_label(f"https://{domain}/"))
    wanted, given = _WORD.findall(words.fold(title)), _WORD.findall(words.fold(line))
    both = len(set(wanted) & set(given))
    return bool(wanted) and (
        both >= 0.8 * len(set(wanted) | set(given))
        or (" ".join(wanted) in " ".join(given) and len(given) - len(wanted) <= 6)
    )


# Fitting


class _Fitted(NamedTuple):
    """The tables of the first, the second and the headline's weights, and the headline's forest."""

    first: dict[str, float]
    second: dict[str, float]
    headline: dict[str, float]
    trees: bytes

    def weights(self) -> Weights:
        return Weights.of(self.first, self.second, self.headline, Forest.from_json(self.trees))


def _fit(cases: Sequence[Case]) -> _Fitted:
    right = np.concatenate([case.is_text for case in cases])
    weights = np.concatenate([case.weights for case in cases])
    rows = [features.with_neighbours(case.properties) for case in cases]
    first = _logistic(features.FIRST, np.hstack(rows).T, right, weights)
    known = Weights.of(first, {}, {})
    readings = [
        region.Reading(case.columns, case.properties, known.first @ row + known.first_bias)
        for case, row in zip(cases, rows, strict=True)
    ]
    for case, reading in zip(cases, readings, strict=True):
        case.candidates = [_candidates(case, reading, url) for url in (case.record.get("url"), None)]
    pages = [(*found, case.headline_weight) for case in cases for found in case.candidates if found[1].any()]
    found = _Fitted(first, {}, _ranking(pages), _forest(pages))
    known = found.weights()
    titles = [case.candidates[0][0].best(known.headline, known.forest)[0] for case in cases]
    second = [
        np.vstack([row, features.belonging(case.dump, case.columns, reading.scores, title_at)])
        for case, row, reading, title_at in zip(cases, rows, readings, titles, strict=True)
    ]
    return found._replace(second=_logistic(features.SECOND, np.hstack(second).T, right, weights))


def _candidates(case: Case, reading: region.Reading, url: str | None) -> tuple[headline.Candidates, NDArray[np.bool_]]:
    found = headline.candidates(
        case.dump, case.columns, reading.scores, region.provisional(reading.scores), url,
        metadata.domain_label(url),
    )  # fmt: skip
    lines, domain = case.dump.lines, case.record["domain"]
    return found, np.array([_is_title(lines[i].text, case.title, domain) for i in found.at], bool)


def _logistic(
    names: Sequence[str], rows: features.Table, right: NDArray[np.bool_], weights: Floats
) -> dict[str, float]:
    """Logistic regression by Newton's method; columns that turn out to weigh little are left out."""
    chosen = np.arange(len(names))
    for _ in range(2):
        scaled, unscaled = _newton(rows[:, chosen], right, weights)
        keep = np.append(np.abs(scaled) >= _LEAST, True)
        table = dict(zip([names[int(i)] for i in chosen], unscaled[:-1], strict=True))
        chosen = chosen[keep[:-1]]
    return {name: _rounded(weight) for name, weight in table.items()} | {BIAS: _rounded(float(unscaled[-1]))}


def _newton(
    rows: features.Table, right: NDArray[np.bool_], weights: Floats, penalty: float = 20.0
) -> tuple[Floats, Floats]:
    """The weights of the standardised columns, and those of the columns as they are with the bias at the end."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    deviation[deviation < 1e-6] = 1
    standard = np.hstack([(rows - mean) / deviation, np.ones((len(rows), 1), np.float32)])
    found = np.zeros(standard.shape[1])
    penalties = np.full(len(found), penalty)
    penalties[-1] = 0
    for _ in range(12):
        odds = np.clip(standard @ found.astype(np.float32), -30, 30)
        likely = 1 / (1 + np.exp(-odds))
        slope = standard.T @ (weights * (likely - right)).astype(np.float32) + penalties * found
        bend = (standard * (weights * likely * (1 - likely) + 1e-9)[:, None].astype(np.float32)).T @ standard
        step = np.linalg.solve(bend.astype(float) + np.diag(penalties), slope.astype(float))
        found -= step
        if np.abs(step).max() < 1e-3:
            break
    unscaled = found[:-1] / deviation
    return found[:-1], np.append(unscaled, found[-1] - (unscaled * mean).sum())


def _forest(pages: Sequence[_Page]) -> bytes:
    """A forest that tells the right candidates from the others; all the wrong ones of a page weigh three right ones."""
    weights = [weight * np.where(right, 1 / right.sum(), _WRONG / max(1, (~right).sum())) for _, right, weight in pages]
    rows = np.hstack([found.clues for found, _, _ in pages]).T
    right = np.concatenate([right for _, right, _ in pages])
    return trees.fit(headline.CLUES, rows, right, np.concatenate(weights), **_TREES)


def _ranking(pages: Sequence[_Page], penalty: float = 12.0) -> dict[str, float]:
    """Weights by which a page's right candidates come before the others (softmax over each page, Adam)."""
    rows = np.hstack([found.clues for found, _, _ in pages]).T.astype(float)
    right = np.concatenate([marks for _, marks, _ in pages]).astype(float)
    lengths = [len(marks) for _, marks, _ in pages]
    opens = np.cumsum([0, *lengths])[:-1]
    of_page = np.repeat(np.arange(len(pages)), lengths)
    weights = np.array([weight for _, _, weight in pages])[of_page]
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    deviation[deviation < 1e-6] = 1
    rows = (rows - mean) / deviation
    found = np.zeros(rows.shape[1])
    slow, fast = np.zeros_like(found), np.zeros_like(found)
    for step in range(1, 401):
        scores = rows @ found
        odds = np.exp(scores - np.maximum.reduceat(scores, opens)[of_page])
        likely = odds / np.add.reduceat(odds, opens)[of_page]
        wanted = odds * right
        wanted /= np.add.reduceat(wanted, opens)[of_page]
        slope = (rows.T @ ((likely - wanted) * weights) + penalty * found) / len(pages)
        slow = 0.9 * slow + 0.1 * slope
        fast = 0.999 * fast + 0.001 * slope * slope
        found -= 0.05 * (slow / (1 - 0.9**step)) / (np.sqrt(fast / (1 - 0.999**step)) + 1e-8)
    return {
        name: _rounded(weight / deviation[i])
        for i, (name, weight) in enumerate(zip(headline.CLUES, found, strict=True))
        if abs(weight) >= _LEAST
    }


def _rounded(weight: float) -> float:
    return float(f"{weight:.3g}")


# What comes out


def _cross_validate(cases: Sequence[Case], folds: int, folder: Path, out: Path | None) -> None:
    found: dict[bool, list[str]] = {True: [], False: []}
    for fold in range(folds):
        learned = _fit([case for case in cases if _fold(case, folds) != fold]).weights()
        for case in (case for case in cases if _fold(case, folds) == fold):
            page = _page(folder, case.record["text"])
            for with_url, predictions in found.items():
                try:
                    article = text.clean_dump(
                        page, url=case.record.get("url") if with_url else None, source=None, fetched=None,
                        weights=learned,
                    )  # fmt: skip
                except PageError:
                    continue
                predictions.append(json.dumps({**article.to_dict(), "id": case.record["id"]}, ensure_ascii=False))
        print(f"fold {fold + 1} of {folds}")
    if out:
        out.write_text("\n".join(found[True]) + "\n", encoding="utf-8")
        out.with_suffix(".nourl.jsonl").write_text("\n".join(found[False]) + "\n", encoding="utf-8")


def _fold(case: Case, folds: int) -> int:
    return zlib.crc32(case.record["domain"].encode()) % folds


def _module(*of_layouts: _Fitted) -> str:
    parts = ['"""Fitted by benchmarks/fit_lines.py; the names are those of `features` and `headline`."""']
    parts.append("from __future__ import annotations")
    for prefix, tables in zip(("", "BARE_"), of_layouts, strict=True):
        for name, table in zip(("FIRST", "SECOND", "HEADLINE"), tables[:3], strict=True):
            rows = "".join(f'    "{key}": {value:g},\n' for key, value in table.items())
            parts.append(f"{prefix}{name}: dict[str, float] = {{\n{rows}}}")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
