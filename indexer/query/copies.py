"""Near-copies: articles that are the same text, give or take a sentence, as wire copy in many outlets is.

Two texts are near-copies where the shorter one's runs of words are nearly all in the other: its containment
(Broder 1997, https://doi.org/10.1109/SEQUEN.1997.666900).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from indexer.analysis import words
from indexer.article import Article
from indexer.response import SearchResult

RUN: Final = 5
CONTAINMENT: Final = 0.8

Runs = frozenset[tuple[str, ...]]


def runs_of(article: Article) -> Runs:
    """The runs of RUN words of an article's body, or of all it has where it is shorter."""
    said = words(article.body) or words(article.title)
    return frozenset(tuple(said[at : at + RUN]) for at in range(max(1, len(said) - RUN + 1)))


def is_copy(one: Runs, other: Runs) -> bool:
    """Whether two articles are near-copies of each other."""
    return len(one & other) >= CONTAINMENT * min(len(one), len(other))


def marked(result: SearchResult, article: Article) -> SearchResult:
    """The same result, its hits marked that are near-copies of an article."""
    own = runs_of(article)
    return replace(result, hits=tuple(hit._replace(copy=is_copy(own, runs_of(hit.article))) for hit in result.hits))
