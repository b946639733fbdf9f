"""Pseudo-relevance feedback: the words that the best hits share, and that the query did not say.

How much a stem tells of the best hits is Bo1 (Amati 2003, https://theses.gla.ac.uk/1570/):

    w = places * log2((1 + P) / P) + log2(1 + P)

with its places in these articles, and P its places in all articles for each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from math import log2
from typing import Final

from indexer.analysis import Stemmer, words
from indexer.article import Article
from indexer.view import View

ARTICLES: Final = 10
STEMS: Final = 20
# What the most telling stem counts beside a word of the query.
IMPORTANCE: Final = 0.1


def related(view: View, articles: Sequence[Article], stemmer: Stemmer, said: Collection[str]) -> dict[str, float]:
    """The STEMS stems that tell most of some articles, with their importance; none of those that were `said`."""
    places: Counter[str] = Counter()
    for article in articles:
        places.update(stemmer.stems(words(article.title) + words(article.body)))
    telling: dict[str, float] = {}
    for stem, count in places.items():
        everywhere = view.places(stem)
        if stem not in said and everywhere > count and len(stem) > 1:
            expected = everywhere / view.doc_count_all
            telling[stem] = count * log2((1 + expected) / expected) + log2(1 + expected)
    best = sorted(telling, key=lambda stem: (-telling[stem], stem))[:STEMS]
    return {stem: IMPORTANCE * telling[stem] / telling[best[0]] for stem in best}
