"""Fit the forest by which the cleaner tells the article on an HTML page from the rest of the page.

    python -m benchmarks.fit_blocks FOLDER [--write]

FOLDER is a folder of cases as `benchmarks.cleaning` takes it. Prints the body's score on the pages themselves (fitted)
and on pages of sites that were left out of the fit (cross-validated over five groups of sites); --write puts the
forest in its place in the package. Wants scikit-learn (extra `bench`).
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import trees
from benchmarks.cleaning import Case, read_cases
from benchmarks.cleaning_score import Cleaned, runs, score
from indexer.cleaning import body
from indexer.cleaning.block_features import Matrix, describe, size_in_words
from indexer.cleaning.blocks import Block, blocks_of
from indexer.cleaning.forest import Forest
from indexer.cleaning.html import hints_of, parsed

_FOLDS = 5
_TREES = {"max_iter": 120, "max_leaf_nodes": 12, "learning_rate": 0.08, "max_features": 0.2, "min_samples_leaf": 60,
          "l2_regularization": 5.0, "max_bins": 63}  # fmt: skip
_HEAVIEST = 0.3  # of a page's words that one block may weigh
_LIGHTEST = 2e-4
_SEGMENT = 0.08  # weight of a block that is known to be in or out, on a page whose whole text is not known


@dataclass(slots=True)
class _Example:
    """One page: its blocks, their properties, and what is known of each (1 article, 0 not, -1 unknown)."""

    case: Case
    blocks: list[Block]
    names: list[str]
    matrix: Matrix
    known: Matrix
    weights: Matrix
    fold: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="put the forest in its place in the package")
    options = parser.parse_args(arguments)
    examples = [example for case in read_cases(options.folder, "html") if (example := _example(case))]
    forest = _fit(examples)
    print(f"fitted           body {_score(examples, [_likely(forest, example) for example in examples]):.4f}")
    texts: list[tuple[_Example, str]] = []
    for fold in range(_FOLDS):
        left_out = [example for example in examples if example.fold == fold]
        other = _fit([example for example in examples if example.fold != fold])
        texts.extend((example, _likely(other, example)) for example in left_out)
    print(f"cross-validated  body {_score([pair[0] for pair in texts], [pair[1] for pair in texts]):.4f}")
    if options.write:
        place = Path(body.__file__).with_name("block_forest.json")
        place.write_bytes(forest)
        print(f"{place}: {len(forest)} bytes")


def _example(case: Case) -> _Example | None:
    tree = parsed(case.page)
    blocks = blocks_of(tree) if tree is not None else []
    if not blocks:
        return None
    names, matrix = describe(blocks, hints_of(tree, case.url))
    if "body" in case.gold:
        known, weights = _known(blocks, case.gold["body"])
    else:
        known, weights = _partly_known(blocks, case.gold)
    fold = zlib.crc32(case.domain.encode()) % _FOLDS
    return _Example(case, blocks, names, matrix, known, weights, fold)


def _known(blocks: Sequence[Block], text: str) -> tuple[Matrix, Matrix]:
    """Which blocks the article's text holds; a block weighs as many of its words as it has."""
    left = runs(text)
    lines = {" ".join(line.casefold().split()) for line in text.split("\n")}
    size = max(1, len(text.split()))
    known, weights = [], []
    for block in blocks:
        own = runs(block.text)
        if sum(own.values()) > 1:
            known.append(sum((own & left).values()) / sum(own.values()))
            left -= own
        else:
            known.append(float(block.text.casefold() in lines))
        weights.append(min(size_in_words(block.text) / size, _HEAVIEST) + _LIGHTEST)
    return np.array(known, np.float32), np.array(weights, np.float32)


def _partly_known(blocks: Sequence[Block], gold: dict[str, Any]) -> tuple[Matrix, Matrix]:
    known = np.full(len(blocks), -1, np.float32)
    for name, value in (("segments_with", 1), ("segments_without", 0)):
        for segment in gold.get(name, ()):
            wanted = " ".join(segment.split())
            for i, block in enumerate(blocks):
                if wanted in block.text:
                    known[i] = value
    return known, np.full(len(blocks), _SEGMENT, np.float32)


def _fit(examples: Sequence[_Example]) -> bytes:
    """A forest as JSON."""
    ok = [example.known >= 0 for example in examples]
    matrix = np.concatenate([example.matrix[mask] for example, mask in zip(examples, ok, strict=True)])
    known = np.concatenate([example.known[mask] > 0.5 for example, mask in zip(examples, ok, strict=True)])
    weights = np.concatenate([example.weights[mask] for example, mask in zip(examples, ok, strict=True)])
    return trees.fit(examples[0].names, matrix, known, weights, **_TREES)


def _likely(forest: bytes, example: _Example) -> str:
    likely = Forest.from_json(forest).likelihoods(example.names, example.matrix)
    hints = hints_of(parsed(example.case.page), example.case.url)
    return body.text_of(body.decide(example.blocks, likely.tolist(), hints.title, ()))


def _score(examples: Sequence[_Example], texts: Sequence[str]) -> float:
    cases = [{"id": example.case.id, "gold": example.case.gold} for example in examples]
    cleaned = {example.case.id: Cleaned(body=text) for example, text in zip(examples, texts, strict=True)}
    return score(cases, cleaned).body or 0.0


if __name__ == "__main__":
    main()
