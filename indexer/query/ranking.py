"""Which matches come first: a total order, the same however the index is cut into segments.

Within a segment the documents stand newest first, then by id, so that their numbers break ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.request import Sort
from indexer.view import LiveSegment

Array = npt.NDArray[Any]


# So many matches are given their bonuses without asking first which of them can reach the top.
_ALL_AT_ONCE: Final = 200
# Else so many of the highest are given theirs first, to learn what it takes to reach the top.
_FIRST: Final = 64


@dataclass(slots=True)
class Matches:
    """What a query matches in one segment.

    docs    (n,) ascending
    scores  (n,) float32, or one number for all; without the bonuses
    bonus   the optional part of the query, added only to what can reach the top
    """

    segment: LiveSegment
    docs: Array
    scores: Array | float
    bonus: wq.Query | None

    def full_scores(self, places: Array) -> Array:
        """The scores, bonuses included, of the matches at `places` (ascending)."""
        base = (
            self.scores[places]
            if isinstance(self.scores, np.ndarray)
            else np.full(len(places), self.scores, np.float32)
        )
        if self.bonus is None:
            return base
        return base + self.segment.matcher.bonus(self.bonus, self.docs[places])


class Ranked(NamedTuple):
    """One ranked match."""

    segment: LiveSegment
    doc: int
    score: float


def ranked(found: list[Matches], sort: Sort, count: int) -> list[Ranked]:
    """The first `count` matches, best first.

    relevance  score, then newest, then id
    newest     newest first, undated last, then by id
    oldest     oldest first, undated last, then by id
    """
    candidates: list[Ranked] = []
    for matches in found:
        places, scores = _best(matches, sort, count)
        docs = matches.docs[places].tolist()
        candidates += [Ranked(matches.segment, doc, score) for doc, score in zip(docs, scores.tolist(), strict=True)]
    if len(found) > 1:
        candidates.sort(key=_key(sort))
    return candidates[:count]


def _key(sort: Sort) -> Any:
    """The sort key that merges the ranked matches of several segments."""

    def by_relevance(hit: Ranked) -> tuple[float, int, str]:
        return -hit.score, int(hit.segment.reader.ages[hit.doc]), hit.segment.reader.article_id(hit.doc)

    def by_newest(hit: Ranked) -> tuple[int, str]:
        return int(hit.segment.reader.ages[hit.doc]), hit.segment.reader.article_id(hit.doc)

    def by_oldest(hit: Ranked) -> tuple[bool, int, str]:
        reader = hit.segment.reader
        return hit.doc >= reader.dated, -int(reader.ages[hit.doc]), reader.article_id(hit.doc)

    return {"relevance": by_relevance, "newest": by_newest, "oldest": by_oldest}[sort]


def _best(matches: Matches, sort: Sort, count: int) -> tuple[Array, Array]:
    """Where in the matches of one segment its first `count` stand, in order, and their scores."""
    count = min(count, len(matches.docs))
    if sort == "relevance":
        return _most_relevant(matches, count)
    places = np.arange(count) if sort == "newest" else _oldest(matches, count)
    ascending = np.sort(places)
    return places, matches.full_scores(ascending)[ascending.searchsorted(places)]


def _oldest(matches: Matches, count: int) -> Array:
    reader = matches.segment.reader
    dated = int(matches.docs.searchsorted(np.uint32(reader.dated)))
    dates = -reader.ages[matches.docs[:dated]]
    # Documents of one moment stand by id: their groups are turned around, not their members.
    places = dates.argsort(kind="stable")
    return np.concatenate((places, np.arange(dated, len(matches.docs))))[:count]


def _most_relevant(matches: Matches, count: int) -> tuple[Array, Array]:
    total = len(matches.docs)
    scores = matches.scores
    if count == 0:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    if matches.bonus is None and not isinstance(scores, np.ndarray):
        return np.arange(count), np.full(count, scores, np.float32)
    if total <= _ALL_AT_ONCE or count * 8 >= total or not isinstance(scores, np.ndarray):
        return _top(matches.full_scores(np.arange(total)), np.arange(total), count)
    if matches.bonus is None:
        return _top(scores, None, count)
    # Only what can still pass the count-th best, were it given every bonus, is looked at.
    few = min(total - 1, max(_FIRST, count * 4))
    first = np.sort(scores.argpartition(total - few)[total - few :])
    reached = matches.full_scores(first)
    least = np.partition(reached, len(reached) - count)[len(reached) - count]
    able = scores >= least - _most(matches.bonus)
    able[first] = False
    more = able.nonzero()[0]
    if not len(more):
        return _top(reached, first, count)
    places = np.concatenate((first, more))
    order = places.argsort()
    return _top(np.concatenate((reached, matches.full_scores(more)))[order], places[order], count)


def _top(scores: Array, places: Array | None, count: int) -> tuple[Array, Array]:
    """The places of the `count` highest scores, highest first, ties by place; and the scores.

    places  of the scores, ascending; None where they are 0, 1, 2, ...
    """
    if 0 < count < len(scores):
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        able = (scores >= least).nonzero()[0]
        scores = scores[able]
        places = able if places is None else places[able]
    order = (-scores).argsort(kind="stable")[:count]
    return order if places is None else places[order], scores[order]


def _most(bonus: wq.Query) -> float:
    """The most that the optional part of a query can add."""
    if isinstance(bonus, wq.Or):
        return sum(map(_most, bonus.subqueries))
    if isinstance(bonus, wq.AndMaybe):
        return _most(bonus.a) + _most(bonus.b)
    return float(bonus.score) if isinstance(bonus, wq.ConstantScoreQuery) else float("inf")
