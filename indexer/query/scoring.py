"""BM25F: what a posting is worth.

    score = idf * w * (K1 + 1) / (w + K1 * (1 - B + B * length / average length))
    idf   = ln(documents / (document frequency + 1)) + 1

with the weight w of `schema` (frequency, more in the title) and Whoosh's constants and one-byte lengths,
so that plain Whoosh scores alike (Robertson and Zaragoza 2009, https://doi.org/10.1561/1500000019).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.schema import MAX_FREQUENCY, TITLE_BONUS
from indexer.segment.format import LENGTH_OF_BYTE, TITLE_FLAG

K1: Final = 1.2
B: Final = 0.75


def share_table(average_length: float) -> npt.NDArray[Any]:
    """(65536,) float32: every possible posting key (see segment.format) → its score before idf."""
    lengths = LENGTH_OF_BYTE.astype(np.float64)
    norms = K1 * (1 - B + B * lengths / average_length)
    frequencies = np.arange(MAX_FREQUENCY + 1)
    weights = np.concatenate((frequencies, frequencies + TITLE_BONUS))
    assert len(weights) << 8 == TITLE_FLAG << 1
    shares = weights[:, None] * (K1 + 1) / (weights[:, None] + norms[None, :])
    return shares.reshape(-1).astype(np.float32)
