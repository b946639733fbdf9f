"""What the words of a query say: function words and single characters little, all others alike.

In English, so do the words by which a question is put as one ("I am interested in articles that deal with ..."):
where they stand between function words or others of their kind, or at an end of the query. So "information
retrieval" keeps its weight, "find information on" does not (Huston and Croft 2010,
https://doi.org/10.1145/1835449.1835499).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from whoosh.lang.stopwords import stoplists

from indexer.analysis import words

FUNCTION_WEIGHT: Final = 0.2
LETTER_WEIGHT: Final = 0.35
_APOSTROPHES: Final = ("d", "ll", "m", "re", "ve")
_REQUESTS: Final = frozenset(
    (
        *("article", "articles", "document", "documents", "paper", "papers", "report", "reports", "information"),
        *("find", "finding", "look", "looking", "search", "searching", "seek", "seeking", "list", "interested"),
        *("deal", "deals", "dealing", "dealt", "describe", "describes", "describing", "discuss", "discusses"),
        *("discussed", "discussing", "discussion", "concern", "concerns", "concerned", "concerning", "regarding"),
        *("relate", "relates", "related", "relating", "relevant", "include", "includes", "including"),
        *("description", "descriptions", "exist", "exists", "existing", "would", "could", "may", "might", "also"),
        *("available", "anything", "topic", "topics", "subject", "subjects", "please", "like", "want", "know", "see"),
    )
)


def importance(word: str, language: str) -> float:
    """The weight of a word by itself, 0 to 1: it counts for less, and is never left out.

    language  ISO 639-1 code of the index; of some there is no list of function words
    """
    if word in _function_words(language):
        return FUNCTION_WEIGHT
    return LETTER_WEIGHT if len(word) == 1 else 1.0


def importances(run: Sequence[str], language: str) -> list[float]:
    """The weight of each of the words that are said in one breath."""
    weights = [importance(word, language) for word in run]
    if language != "en" or _REQUESTS.isdisjoint(run):
        return weights
    said = list(zip(run, weights, strict=True))
    light = [True, *(weight == FUNCTION_WEIGHT or word in _REQUESTS for word, weight in said), True]
    return [
        FUNCTION_WEIGHT if word in _REQUESTS and light[place] and light[place + 2] else weight
        for place, (word, weight) in enumerate(said)
    ]


@lru_cache
def _function_words(language: str) -> frozenset[str]:
    """Snowball's stop words, as they are indexed, and what an apostrophe leaves of "I'm", "we'll", "they've"."""
    listed = (part for word in stoplists.get(language, ()) for part in words(word))
    return frozenset((*listed, *(_APOSTROPHES if language == "en" else ())))
