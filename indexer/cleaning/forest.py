"""Forests: what many small decision trees say of the rows of a matrix, by its columns.

`block_forest.json` tells which blocks of a page are its article, and is fitted by `benchmarks/fit_blocks.py`; the other
two tell which line of a dump is its headline, and are fitted by `benchmarks/fit_lines.py`. Arrays run over the nodes of
all trees:

    properties  the columns that the trees ask for, by name
    roots       where each tree begins
    property    the column that a node asks for
    threshold   up to it the way goes left, above it right
    left, right the nodes that follow; a leaf follows itself
    value       what a leaf adds to the log-odds
    base        the log-odds before any tree
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Forest:
    """A fitted forest; see the module for its arrays."""

    properties: tuple[str, ...]
    roots: Numbers
    property: Numbers
    threshold: Floats
    left: Numbers
    right: Numbers
    value: Floats
    base: float
    depth: int

    @classmethod
    def from_json(cls, data: bytes) -> Forest:
        """The forest that `benchmarks/trees.py` wrote."""
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

    def odds(self, names: Sequence[str], matrix: Floats) -> Floats:
        """The log-odds of each row.

        names   of the columns
        matrix  (rows, columns)
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
        odds: Floats = self.base + self.value.take(nodes).sum(axis=1)
        return odds

    def likelihoods(self, names: Sequence[str], matrix: Floats) -> Floats:
        """The probability of each row; takes what `odds` does."""
        return np.asarray(1 / (1 + np.exp(-self.odds(names, matrix))), np.float32)


@cache
def fitted(name: Literal["block", "headline", "bare_headline"]) -> Forest:
    """A forest that comes with the package."""
    return Forest.from_json(Path(__file__).with_name(f"{name}_forest.json").read_bytes())
