"""Which matches come first: a total order, the same however the index is cut into segments.

Within a segment the documents stand newest first, then by id, so that their numbers break ties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.docs import Share, highest
from indexer.query.closeness import CANDIDATES
from indexer.query.filters import DAY_SECONDS
from indexer.request import Sort
from indexer.response import records
from indexer.segment.format import UNDATED
from indexer.view import LiveSegment, View

Array = npt.NDArray[Any]


class Matches(NamedTuple):
    """What a query matches in one segment.

    docs    (n,) ascending
    scores  (n,) float32, or one number for all, of the first pass
    shares  what their scores are the sum of, as far as it is known
    """

    segment: LiveSegment
    docs: Array
    scores: Array | float
    shares: Sequence[Share] = ()

    def scores_at(self, places: Array) -> Array:
        """The scores of the matches at `places`, as an array."""
        if isinstance(self.scores, np.ndarray):
            return self.scores.take(places)
        return np.full(len(places), self.scores, np.float32)


# The second pass: what it adds to the scores of some matches, given by their places.
Closer = Callable[[Matches, Array], Array]


class _Part(NamedTuple):
    """Some matches of one segment: their places among all of it, which rise or are in the order asked for; scores."""

    matches: Matches
    places: Array
    scores: Array


class Ranked(NamedTuple):
    """One ranked match."""

    segment: LiveSegment
    doc: int
    score: float


class Ranking:
    """Ranked matches, best first: arrays, of which only what is asked for becomes objects. So a late page costs little.

    segments  those of the matches
    owners    (n,) of which segment each match is
    docs      (n,)
    scores    (n,)
    """

    __slots__ = ("docs", "owners", "scores", "segments")

    def __init__(self, segments: list[LiveSegment], owners: Array, docs: Array, scores: Array) -> None:
        self.segments = segments
        self.owners = owners
        self.docs = docs
        self.scores = scores

    def __len__(self) -> int:
        return len(self.docs)

    def __getitem__(self, some: slice) -> list[Ranked]:
        segments = map(self.segments.__getitem__, self.owners[some].tolist())
        return list(records(Ranked, zip(segments, self.docs[some].tolist(), self.scores[some].tolist(), strict=True)))

    def __iter__(self) -> Iterator[Ranked]:
        return iter(self[:])

    def followed_by(self, other: Ranking) -> Ranking:
        """The matches of both."""
        return Ranking(
            self.segments + other.segments,
            np.concatenate((self.owners, other.owners + len(self.segments))),
            np.concatenate((self.docs, other.docs)),
            np.concatenate((self.scores, other.scores)),
        )


_NOTHING: Final = Ranking([], np.empty(0, np.int64), np.empty(0, np.uint32), np.empty(0, np.float32))


def ranked(found: list[Matches], sort: Sort, count: int, closer: Closer | None = None) -> Ranking:
    """The first `count` matches, best first.

    relevance  score, then newest, then id; `closer` ranks the first CANDIDATES of them anew
    newest     newest first, undated last, then by id
    oldest     oldest first, undated last, then by id
    """
    if count == 0:
        return _NOTHING
    if sort != "relevance":
        return _in_order([_by_date(matches, sort, count) for matches in found], sort, count)
    if closer is None:
        return _in_order([_best(matches, count) for matches in found], sort, count)
    parts = [_best(matches, max(count, CANDIDATES)) for matches in found]
    head, tail = _cut(parts, CANDIDATES)
    closest = [
        _Part(part.matches, part.places, part.scores + closer(part.matches, part.places))
        for part in head
        if len(part.places)
    ]
    if sum([len(matches.docs) for matches in found]) > CANDIDATES:
        # A long headline can cost a little: not so much that a match would fall behind those not looked at. Every page
        # must see it alike, also one that needs none of those.
        least = min([part.scores.min(initial=np.inf) for part in head])
        closest = [_Part(part.matches, part.places, np.maximum(part.scores, least)) for part in closest]
    first = _in_order(closest, sort, count)
    return first.followed_by(_in_order(tail, sort, count - len(first))) if count > len(first) else first


def freshness(view: View, segment: LiveSegment, docs: Array, half_life: int) -> Array:
    """What is left of the scores of `docs`: 1 of the newest article's, a half of those without a date."""
    older = (segment.reader.ages[docs] - np.float64(view.newest)) / (half_life * DAY_SECONDS)
    factors: Array = (0.5 + 0.5 * 0.5**older).astype(np.float32)
    return factors


def _in_order(parts: list[_Part], sort: Sort, count: int) -> Ranking:
    """The first `count` matches of the parts."""
    if not parts:
        return _NOTHING
    if len(parts) == 1:
        matches, places, scores = parts[0]
        if sort == "relevance":
            # Documents stand newest first, then by id: a stable sort leaves those of one score in their order.
            rows = (-scores).argsort(kind="stable")[:count]
            places, scores = places.take(rows), scores.take(rows)
        return Ranking([matches.segment], np.zeros(len(places), np.int64), matches.docs.take(places), scores)
    every = _together(parts)
    rows = _order(every, sort, count)
    return Ranking(every.segments, every.owners.take(rows), every.docs.take(rows), every.scores.take(rows))


def _together(parts: list[_Part]) -> Ranking:
    """The matches of some parts, one part after the other."""
    return Ranking(
        [part.matches.segment for part in parts],
        np.arange(len(parts)).repeat([len(part.places) for part in parts]),
        np.concatenate([part.matches.docs.take(part.places) for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def _order(matches: Ranking, sort: Sort, count: int) -> Array:
    """The rows of the first `count` of matches that stand segment by segment, by doc or in the order asked for."""
    ages = np.concatenate(
        [
            segment.reader.ages.take(matches.docs[matches.owners == owner])
            for owner, segment in enumerate(matches.segments)
        ]
    )
    keys: tuple[Array, ...] = (ages,)
    if sort == "oldest":
        keys = (np.where(ages == UNDATED, UNDATED, -ages),)
    elif sort == "relevance":
        keys = (ages, -matches.scores)
    rows = np.lexsort(keys)
    # What is alike stands by id: only matches of several segments can be out of order.
    alike = np.logical_and.reduce([np.diff(key.take(rows)) == 0 for key in keys])
    mixed = (alike & (np.diff(matches.owners.take(rows)) != 0)).nonzero()[0]
    if len(mixed):
        starts = np.concatenate(([0], (~alike).nonzero()[0] + 1, [len(rows)]))
        for number in np.unique(starts.searchsorted(mixed, "right")).tolist():
            if starts[number - 1] >= count:
                break
            run = rows[starts[number - 1] : starts[number]]
            ids = [
                matches.segments[owner].reader.article_id(doc)
                for owner, doc in zip(matches.owners.take(run).tolist(), matches.docs.take(run).tolist(), strict=True)
            ]
            run[:] = run[sorted(range(len(ids)), key=ids.__getitem__)]
    return rows[:count]


def _best(matches: Matches, count: int) -> _Part:
    """The `count` highest of one segment's matches."""
    total = len(matches.docs)
    if count >= total or not isinstance(matches.scores, np.ndarray):
        places = np.arange(min(count, total))
        return _Part(matches, places, matches.scores_at(places))
    places = highest(matches.scores, count)
    return _Part(matches, places, matches.scores.take(places))


def _cut(parts: list[_Part], count: int) -> tuple[list[_Part], list[_Part]]:
    """The `count` highest of all parts, and the rest."""
    total = sum([len(part.places) for part in parts])
    if total <= count:
        return parts, []
    if len(parts) == 1:
        inside = [np.isin(parts[0].places, _best(parts[0].matches, count).places, assume_unique=True)]
    else:
        scores = np.concatenate([part.scores for part in parts])
        least = np.partition(scores, total - count)[total - count]
        inside = [part.scores > least for part in parts]
        left = count - sum(int(mask.sum()) for mask in inside)
        tied = [(part.scores == least).nonzero()[0] for part in parts]
        tied_parts = [
            _Part(part.matches, part.places[rows], part.scores[rows]) for part, rows in zip(parts, tied, strict=True)
        ]
        chosen = np.zeros(sum(map(len, tied)), np.bool_)
        chosen[_order(_together(tied_parts), "relevance", left)] = True
        for mask, rows in zip(inside, tied, strict=True):
            mask[rows], chosen = chosen[: len(rows)], chosen[len(rows) :]
    cut = [
        [_Part(part.matches, part.places[mask], part.scores[mask]) for part, mask in zip(parts, masks, strict=True)]
        for masks in (inside, [~mask for mask in inside])
    ]
    return cut[0], cut[1]


def _by_date(matches: Matches, sort: Sort, count: int) -> _Part:
    """The `count` newest or oldest of one segment's matches, in order."""
    places = np.arange(min(count, len(matches.docs))) if sort == "newest" else _oldest(matches, count)
    return _Part(matches, places, matches.scores_at(places))


def _oldest(matches: Matches, count: int) -> Array:
    reader = matches.segment.reader
    dated = int(matches.docs.searchsorted(np.uint32(reader.dated)))
    dates = -reader.ages[matches.docs[:dated]]
    # Documents of one moment stand by id: their groups are turned around, not their members.
    places = dates.argsort(kind="stable")
    return np.concatenate((places, np.arange(dated, len(matches.docs))))[:count]
