"""The weights of the models that find an article in a dump, as arrays in the order of the properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import features, headline
from indexer.cleaning.forest import Forest
from indexer.cleaning.forest import fitted as fitted_forest

BIAS: Final = "bias"


class Weights(NamedTuple):
    """Weights of the lines' first and second properties (see `features`), and of the headline's clues.

    forest  what the headline's clues tell together; None where it is not fitted yet
    """

    first: NDArray[np.float32]
    first_bias: float
    second: NDArray[np.float32]
    second_bias: float
    headline: NDArray[np.float32]
    forest: Forest | None

    @classmethod
    def of(
        cls,
        first: Mapping[str, float],
        second: Mapping[str, float],
        headline_clues: Mapping[str, float],
        forest: Forest | None = None,
    ) -> Weights:
        """From tables by name; a property that a table lacks has no weight."""
        return cls(
            _array(features.FIRST, first),
            first.get(BIAS, 0.0),
            _array(features.SECOND, second),
            second.get(BIAS, 0.0),
            _array(headline.CLUES, headline_clues),
            forest,
        )


def _array(names: Sequence[str], table: Mapping[str, float]) -> NDArray[np.float32]:
    return np.array([table.get(name, 0.0) for name in names], np.float32)


@cache
def fitted(bare: bool) -> Weights:
    """The weights that Broadsheet ships, for dumps whose blank lines part something, or nothing (see `Dump.bare`)."""
    from indexer.cleaning import line_weights as tables

    if bare:
        return Weights.of(tables.BARE_FIRST, tables.BARE_SECOND, tables.BARE_HEADLINE, fitted_forest("bare_headline"))
    return Weights.of(tables.FIRST, tables.SECOND, tables.HEADLINE, fitted_forest("headline"))
