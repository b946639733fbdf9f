"""The second pass of ranking: exact forms, headlines, near words and whole phrases, among the best of the first.

To the first pass's score (see `scoring`) of each of the CANDIDATES best matches is added:

    exact     EXACT * q * W * S(w, n)                               for each bare word, w of the word as written
    headline  q * W * (S(f + t, n) - S(f + TITLE_BONUS, n))         for each bare word's stem that the title holds
    near      NEAR * c * (V1 + V2) / 2 * S(x, NEAR_K)               for each two neighbouring bare words' stems
    phrase    PHRASE * sum of q * (1 + W)                           where the bare words of a group stand in a row
    related   q * W * S(f, n)                                       for each stem of the best hits, see `feedback`

    S(w, n)  w * (n + 1) / (w + n), many places being worth little more than a few; n is BM25's norm of the length
    q        the word's importance in the query (see `importance`), the sum over its repeats
    W, V     the stem's weight in the index (see `scoring`); V is at least 1: near is near, however common the words
    f        the stem's frequency, at most MAX_FREQUENCY
    t        TITLE_BONUS / (1 - TITLE_B + TITLE_B * length / average length) of the title: the first pass only
             knows that the title holds the stem, not how short it is
    c        the product of how often the query says each of the two
    x        the sum of 1 / d ** 2 over the places where the one follows the other, d <= NEAR_WORDS words apart,
             with neither between them (as in Büttcher, Clarke and Lushman 2006,
             https://doi.org/10.1145/1148170.1148285)

Function words play no part but in phrases: the words around them are each other's neighbours. The rest of the
matches follow in the order of the first pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.analysis import Stemmer
from indexer.query.importance import FUNCTION_WEIGHT, importances
from indexer.query.places import OWNER_SHIFT, POSITION_MASK, Located, Word
from indexer.query.scoring import share
from indexer.schema import BODY_START, MAX_FREQUENCY, TITLE_BONUS
from indexer.segment.format import TITLE_FLAG, length_bytes
from indexer.segment.reader import SegmentReader

Array = npt.NDArray[Any]

CANDIDATES: Final = 200
EXACT: Final = 0.2
TITLE_B: Final = 0.8
NEAR: Final = 0.4
NEAR_K: Final = 1.2
NEAR_WORDS: Final = 8
PHRASE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the parts know of the whole index.

    weight        stem → its weight, see `scoring`
    table         posting key → its share, see `scoring.share_table`
    norms         length byte → BM25's norm, see `scoring.norms`
    title_length  words of the average title
    """

    weight: Callable[[str], float]
    table: Array
    norms: Array
    title_length: float


class _Candidates:
    """Some documents of a segment, ascending."""

    def __init__(self, segment: SegmentReader, docs: Array, statistics: Statistics) -> None:
        self.segment = segment
        self.docs = docs
        self.located = Located(segment, docs)
        self._postings: dict[int, tuple[Array, Array]] = {}
        self.weight, self.table = statistics.weight, statistics.table
        self.norms, self.title_length = statistics.norms, statistics.title_length

    def postings(self, word: Word) -> tuple[Array, Array]:
        """Which of the documents hold the word's stem, and the keys of its postings there (of others: any)."""
        found = self._postings.get(word.stem)
        if found is None:
            docs = self.segment.docs[word.first : word.stop]
            where = self.segment.places_in(docs, self.docs)
            there = docs.take(where, mode="clip") == self.docs
            keys = self.segment.keys[word.first : word.stop].take(where, mode="clip")
            found = self._postings[word.stem] = there, keys
        return found

    def shares(self, word: Word) -> Array:
        """BM25's share of a word in each of the documents."""
        if word.stem < 0:
            return np.zeros(len(self.docs))
        if word.form < 0:
            # Its stem has no other form: the postings say it all.
            there, keys = self.postings(word)
            alone: Array = there * self.table[keys]
            return alone
        places = self.located.keys(word)
        owners = places >> OWNER_SHIFT
        counts = np.bincount(owners, minlength=len(self.docs))
        keys = np.minimum(counts, MAX_FREQUENCY).astype(np.uint16) << np.uint16(8)
        keys |= length_bytes(self.segment.lengths[self.docs])
        keys[owners[places & POSITION_MASK < BODY_START]] |= TITLE_FLAG
        shares: Array = (counts > 0) * self.table[keys]
        return shares


@dataclass(frozen=True, slots=True)
class _Exact:
    """A bare word as it was written."""

    word: str
    stem: str
    importance: float

    def __str__(self) -> str:
        return f"text:{self.word}"

    def scores(self, candidates: _Candidates) -> Array:
        factor = EXACT * self.importance * candidates.weight(self.stem)
        return factor * candidates.shares(Word(candidates.segment, self.word, "text"))


@dataclass(frozen=True, slots=True)
class _Headline:
    """A bare word's stem in a title, by the title's length."""

    stem: str
    importance: float

    def __str__(self) -> str:
        return f"title_stem:{self.stem}"

    def scores(self, candidates: _Candidates) -> Array:
        segment, docs = candidates.segment, candidates.docs
        word = Word(segment, self.stem, "text_stem")
        added = np.zeros(len(docs))
        if word.stem < 0:
            return added
        there, keys = candidates.postings(word)
        held = (there & (keys >= TITLE_FLAG)).nonzero()[0]
        if len(held):
            keys = keys[held]
            lengths = segment.title_lengths[docs[held]] / candidates.title_length
            bonus = TITLE_BONUS / (1 - TITLE_B + TITLE_B * lengths)
            shares = share((keys >> 8 & MAX_FREQUENCY) + bonus, candidates.norms[keys & 0xFF])
            added[held] = self.importance * candidates.weight(self.stem) * (shares - candidates.table[keys])
        return added


@dataclass(frozen=True, slots=True)
class _Near:
    """The stems of two neighbouring bare words near each other; `count` times in the query."""

    first: str
    second: str
    count: int

    def __str__(self) -> str:
        return f"text_stem:({self.first} {self.second})~{NEAR_WORDS}"

    def scores(self, candidates: _Candidates) -> Array:
        one, other = (
            candidates.located.keys(Word(candidates.segment, stem, "text_stem")) for stem in (self.first, self.second)
        )
        if not len(one) or not len(other):
            return np.zeros(len(candidates.docs))
        # The places of both in one order; the last bit says whose a place is.
        places = np.concatenate((one << 1, other << 1 | 1))
        places.sort()
        distances = np.diff(places >> 1)
        near = ((distances <= NEAR_WORDS) & (np.diff(places & 1) != 0)).nonzero()[0]
        sums = np.bincount(places[near] >> OWNER_SHIFT + 1, distances[near] ** -2.0, len(candidates.docs))
        weights = max(1.0, candidates.weight(self.first)) + max(1.0, candidates.weight(self.second))
        scores: Array = NEAR * self.count * weights / 2 * (NEAR_K + 1) * sums / (sums + NEAR_K)
        return scores


@dataclass(frozen=True, slots=True)
class _Row:
    """Bare words that stand in a row, as they were written."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    importances: tuple[float, ...]

    def __str__(self) -> str:
        return f'text:"{" ".join(self.words)}"'

    def scores(self, candidates: _Candidates) -> Array:
        # Even of words that every article holds, a row tells something.
        said = zip(self.importances, map(candidates.weight, self.stems), strict=True)
        factor = PHRASE * sum(importance * (1 + weight) for importance, weight in said)
        return factor * candidates.located.mask(wq.Phrase("text", list(self.words)))


@dataclass(frozen=True, slots=True)
class _Related:
    """A stem of the best hits, see `feedback`."""

    stem: str
    importance: float

    def __str__(self) -> str:
        return f"related:{self.stem}"

    def scores(self, candidates: _Candidates) -> Array:
        factor = self.importance * candidates.weight(self.stem)
        return factor * candidates.shares(Word(candidates.segment, self.stem, "text_stem"))


_Part = _Exact | _Headline | _Near | _Row | _Related


@dataclass(frozen=True, slots=True)
class Closeness:
    """What the second pass looks for."""

    parts: tuple[_Part, ...]

    def with_related(self, importances: Mapping[str, float]) -> Closeness:
        """The same, and stems with their importance that need not be the query's."""
        return Closeness((*self.parts, *(_Related(stem, importance) for stem, importance in importances.items())))

    def every_stem(self) -> frozenset[str]:
        """The stems whose weights its parts ask for."""
        found: set[str] = set()
        for part in self.parts:
            match part:
                case _Near():
                    found |= {part.first, part.second}
                case _Row():
                    found.update(part.stems)
                case _:
                    found.add(part.stem)
        return frozenset(found)

    def stems(self) -> frozenset[str]:
        """The stems of the query that are more than function words."""
        return frozenset(part.stem for part in self.parts if isinstance(part, _Headline))

    def added(self, segment: SegmentReader, docs: Array, statistics: Statistics) -> Array:
        """What it adds to the scores of `docs` (ascending, u4) of a segment, as (parts, docs) float64."""
        candidates = _Candidates(segment, docs, statistics)
        return np.array([part.scores(candidates) for part in self.parts])


def closeness(runs: Sequence[Sequence[str]], stemmer: Stemmer) -> Closeness | None:
    """The second pass of a query; None for one without bare words.

    runs  the bare words of each group of the query, in the order they were written
    """
    weights: dict[str, float] = {}
    stemmed: dict[str, float] = {}
    pairs: Counter[tuple[str, str]] = Counter()
    rows: dict[_Row, None] = {}
    for run in runs:
        own = importances(run, stemmer.language)
        stems = stemmer.stems(list(run))
        for word, stem, weight in zip(run, stems, own, strict=True):
            if weight != FUNCTION_WEIGHT:
                weights[word] = weights.get(word, 0.0) + weight
                stemmed[stem] = stemmed.get(stem, 0.0) + weight
        telling = [stem for stem, weight in zip(stems, own, strict=True) if weight != FUNCTION_WEIGHT]
        said = Counter(telling)
        for first, second in {tuple(sorted(pair)): None for pair in pairwise(telling)}:
            if first != second:
                pairs[first, second] += said[first] * said[second]
        if len(run) > 1:
            rows[_Row(tuple(run), tuple(stems), tuple(own))] = None
    exact = [_Exact(word, stemmer.stem(word), weight) for word, weight in weights.items()]
    near = [_Near(first, second, count) for (first, second), count in pairs.items()]
    headlines = [_Headline(stem, weight) for stem, weight in stemmed.items()]
    parts: tuple[_Part, ...] = (*exact, *headlines, *near, *rows)
    return Closeness(parts) if parts else None
