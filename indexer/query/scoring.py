"""BM25F: what a posting is worth in the first pass of ranking.

    score = idf * boost * w * (K1 + 1) / (w + K1 * (1 - B + B * length / average length))

with the weight w of `schema` (frequency, more in the title) and Whoosh's idf, constants and one-byte lengths,
so that plain Whoosh scores alike (Robertson and Zaragoza 2009, https://doi.org/10.1561/1500000019). What
Whoosh's idf lacks is in the boost that a query gives each stem: its importance (see `importance`) * weight / idf

    weight = ln(1 + (all articles - articles + 0.5) / (articles + 0.5)) * (places / articles) ** BURST

over the articles that hold the stem and its places in them. A stem that comes in bursts tells what an article
is about, one that is spread thinly does not (Church and Gale 1995, https://aclanthology.org/W95-0110).
"""

from __future__ import annotations

from math import log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.fields import MAX_FREQUENCY, TITLE_BONUS
from indexer.segment.format import LENGTH_OF_BYTE, TITLE_FLAG

K1: Final = 1.2
B: Final = 0.75
BURST: Final = 0.3


def idf(documents: int, frequency: int) -> float:
    """Whoosh's inverse document frequency of a stem that `frequency` of `documents` hold."""
    return log(documents / (frequency + 1)) + 1 if documents else 0.0


def weight(documents: int, frequency: int, places: int) -> float:
    """How much a stem tells that has `places` places in `frequency` of `documents`: above 0."""
    rarity = log(1 + (documents - frequency + 0.5) / (frequency + 0.5))
    return rarity * float((places / frequency) ** BURST) if frequency else rarity


def share(weights: Any, norms: Any) -> Any:
    """BM25's saturation: what a weight is worth before idf."""
    return weights * (K1 + 1) / (weights + norms)


def norms(average_length: float) -> npt.NDArray[np.float64]:
    """(256,): Whoosh's length byte → BM25's norm of the length."""
    return K1 * (1 - B + B * LENGTH_OF_BYTE.astype(np.float64) / average_length)


def share_table(average_length: float) -> npt.NDArray[Any]:
    """(65536,) float32: every possible posting key (see segment.format) → its share, its score before idf."""
    frequencies = np.arange(MAX_FREQUENCY + 1)
    weights = np.concatenate((frequencies, frequencies + TITLE_BONUS))
    assert len(weights) << 8 == TITLE_FLAG << 1
    table: npt.NDArray[Any] = share(weights[:, None], norms(average_length)[None, :]).astype(np.float32)
    return table.reshape(-1)
