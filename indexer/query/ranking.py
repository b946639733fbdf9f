"""Which matches come first: a total order, the same however the index is cut into segments.

Within a segment the documents stand newest first, then by id, so that their numbers break ties.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.query.closeness import CANDIDATES
from indexer.query.filters import DAY_SECONDS
from indexer.request import Sort
from indexer.view import LiveSegment, View

Array = npt.NDArray[Any]

# From so many scores on, the highest are sought among those that reach the highest maxima of so many groups.
_MANY: Final = 20_000
_GROUPS: Final = 2048

# The second pass: what it adds to the scores of some documents (ascending, u4) of a segment.
Closer = Callable[[LiveSegment, Array], Array]


class Matches(NamedTuple):
    """What a query matches in one segment.

    docs    (n,) ascending
    scores  (n,) float32, or one number for all, of the first pass
    """

    segment: LiveSegment
    docs: Array
    scores: Array | float

    def scores_at(self, places: Array) -> Array:
        """The scores of the matches at `places`, as an array."""
        if isinstance(self.scores, np.ndarray):
            return self.scores.take(places)
        return np.full(len(places), self.scores, np.float32)


class _Part(NamedTuple):
    """Some matches of one segment: their places (ascending) among all of it, and their scores."""

    matches: Matches
    places: Array
    scores: Array


class Ranked(NamedTuple):
    """One ranked match."""

    segment: LiveSegment
    doc: int
    score: float


def ranked(found: list[Matches], sort: Sort, count: int, closer: Closer | None = None) -> list[Ranked]:
    """The first `count` matches, best first.

    relevance  score, then newest, then id; `closer` ranks the first CANDIDATES of them anew
    newest     newest first, undated last, then by id
    oldest     oldest first, undated last, then by id
    """
    if count == 0:
        return []
    if sort != "relevance":
        order = [_by_date(matches, sort, min(count, len(matches.docs))) for matches in found]
        return _merged([_listed(m, places, m.scores_at(places)) for m, places in zip(found, order, strict=True)], sort)[
            :count
        ]
    if closer is None:
        return _in_order([_best(matches, count) for matches in found], count)
    parts = [_best(matches, max(count, CANDIDATES)) for matches in found]
    head, tail = _cut(parts, CANDIDATES)
    closest = [
        part._replace(scores=part.scores + closer(part.matches.segment, part.matches.docs[part.places]))
        for part in head
        if len(part.places)
    ]
    if sum(len(matches.docs) for matches in found) > CANDIDATES:
        # A long headline can cost a little: not so much that a match would fall behind those not looked at. Every page
        # must see it alike, also one that needs none of those.
        least = min(part.scores.min(initial=np.inf) for part in head)
        closest = [part._replace(scores=np.maximum(part.scores, least)) for part in closest]
    first = _in_order(closest, count)
    return first + _in_order(tail, count - len(first)) if count > len(first) else first


def freshness(view: View, segment: LiveSegment, docs: Array, half_life: int) -> Array:
    """What is left of the scores of `docs`: 1 of the newest article's, a half of those without a date."""
    older = (segment.reader.ages[docs] - np.float64(view.newest)) / (half_life * DAY_SECONDS)
    factors: Array = (0.5 + 0.5 * 0.5**older).astype(np.float32)
    return factors


def _listed(matches: Matches, places: Array, scores: Array) -> list[Ranked]:
    docs = matches.docs[places].tolist()
    return [Ranked(matches.segment, doc, score) for doc, score in zip(docs, scores.tolist(), strict=True)]


def _merged(lists: list[list[Ranked]], sort: Sort) -> list[Ranked]:
    """The ranked matches of all segments in one order."""
    if len(lists) == 1:
        return lists[0]
    return sorted((hit for some in lists for hit in some), key=_key(sort))


def _in_order(parts: list[_Part], count: int) -> list[Ranked]:
    """The `count` highest of the parts, highest first."""
    lists = []
    for matches, places, scores in parts:
        # Documents stand newest first, then by id: a stable sort leaves those of one score in their order.
        order = (-scores).argsort(kind="stable")[:count]
        lists.append(_listed(matches, places[order], scores[order]))
    return _merged(lists, "relevance")[:count]


def _best(matches: Matches, count: int) -> _Part:
    """The `count` highest of one segment's matches."""
    total = len(matches.docs)
    if count >= total or not isinstance(matches.scores, np.ndarray):
        places = np.arange(min(count, total))
        return _Part(matches, places, matches.scores_at(places))
    places = highest(matches.scores, count)
    return _Part(matches, places, matches.scores.take(places))


def highest(scores: Array, count: int) -> Array:
    """The places (ascending) of the `count` highest of at least so many scores; of equal ones the first."""
    places: Array
    total = len(scores)
    if total >= _MANY and count <= _GROUPS:
        # At least so many scores reach the count-th highest of the groups' maxima. Few others do.
        maxima = scores[: total - total % _GROUPS].reshape(-1, _GROUPS).max(axis=0)
        near = (scores >= np.partition(maxima, -count)[-count]).nonzero()[0]
        if len(near) < total // 2:
            places = near.take(highest(scores.take(near), count))
            return places
    least = np.partition(scores, -count)[-count]
    places = (scores >= least).nonzero()[0]
    if len(places) > count:
        tied = (scores.take(places) == least).nonzero()[0]
        places = np.delete(places, tied[count - len(places) :])
    return places


def _cut(parts: list[_Part], count: int) -> tuple[list[_Part], list[_Part]]:
    """The `count` highest of all parts, and the rest."""
    total = sum(len(part.places) for part in parts)
    if total <= count:
        return parts, []
    if len(parts) == 1:
        inside = [np.isin(parts[0].places, _best(parts[0].matches, count).places, assume_unique=True)]
    else:
        scores = np.concatenate([part.scores for part in parts])
        least = np.partition(scores, total - count)[total - count]
        inside = [part.scores > least for part in parts]
        left = count - sum(int(mask.sum()) for mask in inside)
        tied = [
            (hit, number, place)
            for number, part in enumerate(parts)
            for place in (part.scores == least).nonzero()[0].tolist()
            for hit in _listed(part.matches, part.places[[place]], part.scores[[place]])
        ]
        tied.sort(key=lambda item: _key("relevance")(item[0]))
        for _, number, place in tied[:left]:
            inside[number][place] = True
    cut = [
        [_Part(part.matches, part.places[mask], part.scores[mask]) for part, mask in zip(parts, masks, strict=True)]
        for masks in (inside, [~mask for mask in inside])
    ]
    return cut[0], cut[1]


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


def _by_date(matches: Matches, sort: Sort, count: int) -> Array:
    """Where in the matches of one segment the `count` newest or oldest stand, in order."""
    return np.arange(count) if sort == "newest" else _oldest(matches, count)


def _oldest(matches: Matches, count: int) -> Array:
    reader = matches.segment.reader
    dated = int(matches.docs.searchsorted(np.uint32(reader.dated)))
    dates = -reader.ages[matches.docs[:dated]]
    # Documents of one moment stand by id: their groups are turned around, not their members.
    places = dates.argsort(kind="stable")
    return np.concatenate((places, np.arange(dated, len(matches.docs))))[:count]
