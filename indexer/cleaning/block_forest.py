"""How much each block of a page looks like its article: boosted decision trees over the properties of `block_features`.

`block_forest.json` is fitted by `benchmarks/fit_blocks.py` to pages whose article is known. Arrays run over the nodes
of all trees:

    properties  the columns that the trees ask for, by name
    roots       where each tree begins
    property    the column that a node asks for
    threshold   up to it the way goes left, above it right
    left, right the nodes that follow; a leaf follows itself
    value       what a leaf adds to the log-odds
    base        the log-odds before any tree
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.cleaning.block_features import Matrix

Scores: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.intp]

_FITTED = Path(__file__).with_name("block_forest.json")


@dataclass(frozen=True, slots=True)
class BlockForest:
    """A fitted forest; see the module for its arrays."""

    properties: tuple[str, ...]
    roots: Numbers
    property: Numbers
    threshold: Scores
    left: Numbers
    right: Numbers
    value: Scores
    base: float
    depth: int

    @classmethod
    def from_json(cls, data: bytes) -> BlockForest:
        """The forest that `benchmarks/fit_blocks.py` wrote."""
        read: dict[str, Any] = orjson.loads(data)
        return cls(
            properties=tuple(read["properties"]),
            roots=np.array(read["roots"], np.intp),
            property=np.array(read["property"], np.intp),
            threshold=np.array(read["threshold"], np.float32),
            left=np.array(read["left"], np.intp),
            right=np.array(read["right"], np.intp),
            value=np.array(read["value"], np.float32),
            base=float(read["base"]),
            depth=int(read["depth"]),
        )

    def scores(self, names: list[str], matrix: Matrix) -> Scores:
        """The probability, by block, that it is article text.

        names, matrix  as `block_features.describe` gives them
        """
        asked = matrix[:, [names.index(name) for name in self.properties]]
        count = len(asked)
        # Row by row the values lie one after another: one flat index finds the value that a node asks for.
        flat = np.ascontiguousarray(asked).ravel()
        rows = (np.arange(count) * asked.shape[1])[:, None]
        nodes = np.broadcast_to(self.roots, (count, len(self.roots)))
        for _ in range(self.depth):
            goes_left = flat.take(rows + self.property.take(nodes)) <= self.threshold.take(nodes)
            nodes = np.where(goes_left, self.left.take(nodes), self.right.take(nodes))
        odds = self.base + self.value.take(nodes).sum(axis=1)
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


@cache
def fitted() -> BlockForest:
    """The forest that comes with the package."""
    return BlockForest.from_json(_FITTED.read_bytes())
