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
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.analysis import Stemmer
from indexer.query.importance import FUNCTION_WEIGHT, importances
from indexer.query.places import OWNER_SHIFT, POSITION_MASK, Located
from indexer.query.scoring import share
from indexer.schema import BODY_START, MAX_FREQUENCY, TITLE_BONUS
from indexer.segment.format import TITLE_FLAG, length_bytes
from indexer.segment.reader import Word

Array = npt.NDArray[Any]

CANDIDATES: Final = 200
EXACT: Final = 0.2
TITLE_B: Final = 0.8
NEAR: Final = 0.4
NEAR_K: Final = 1.2
NEAR_WORDS: Final = 8
PHRASE: Final = 1.0


class Said(NamedTuple):
    """A bare word, or a stem, with its importance in the query."""

    text: str
    stem: str
    importance: float


class Pair(NamedTuple):
    """The stems of two neighbouring words, and the product of how often the query says each."""

    first: str
    second: str
    times: int


class Statistics(NamedTuple):
    """What is known of the whole index.

    weight        stem → its weight, see `scoring`
    table         posting key → its share, see `scoring.share_table`
    norms         length byte → BM25's norm, see `scoring.norms`
    title_length  words of the average title
    """

    weight: Callable[[str], float]
    table: Array
    norms: Array
    title_length: float


class Closeness(NamedTuple):
    """What the second pass looks for.

    words    the bare words that are more than function words
    stems    their stems
    pairs    neighbours among them
    rows     the bare words of each group, function words included
    related  stems of the best hits, see `feedback`
    """

    words: tuple[Said, ...]
    stems: tuple[Said, ...]
    pairs: tuple[Pair, ...]
    rows: tuple[tuple[Said, ...], ...]
    related: tuple[Said, ...] = ()

    def with_related(self, importances: Mapping[str, float]) -> Closeness:
        """The same, and stems with their importance that need not be the query's."""
        return self._replace(related=tuple(Said(stem, stem, importance) for stem, importance in importances.items()))

    def every_stem(self) -> frozenset[str]:
        """The stems whose weights are asked for."""
        said = (*self.words, *self.stems, *self.related, *(said for row in self.rows for said in row))
        return frozenset(one.stem for one in said)

    def parts(self) -> list[str]:
        """What each row of `added` is, in words."""
        return [
            *(f"text:{word.text}" for word in self.words),
            *(f"title_stem:{stem.text}" for stem in self.stems),
            *(f"text_stem:({pair.first} {pair.second})~{NEAR_WORDS}" for pair in self.pairs),
            *(f'text:"{" ".join(said.text for said in row)}"' for row in self.rows),
            *(f"related:{stem.text}" for stem in self.related),
        ]

    def added(self, located: Located, statistics: Statistics) -> Array:
        """What it adds to the scores of the documents of `located`, as (parts, docs) float64."""
        candidates = _Candidates(located, statistics, self.words, self.pairs)
        return np.concatenate(
            (
                candidates.exact(self.words),
                candidates.headlines(self.stems),
                candidates.near(self.pairs),
                candidates.in_rows(self.rows),
                candidates.related(self.related),
            )
        )


def closeness(runs: Sequence[Sequence[str]], stemmer: Stemmer) -> Closeness | None:
    """The second pass of a query; None for one without bare words.

    runs  the bare words of each group of the query, in the order they were written
    """
    words: dict[str, float] = {}
    stems: dict[str, float] = {}
    pairs: Counter[tuple[str, str]] = Counter()
    rows: dict[tuple[Said, ...], None] = {}
    for run in runs:
        said = list(map(Said, run, stemmer.stems(list(run)), importances(run, stemmer.language)))
        telling = [word for word in said if word.importance != FUNCTION_WEIGHT]
        for word in telling:
            words[word.text] = words.get(word.text, 0.0) + word.importance
            stems[word.stem] = stems.get(word.stem, 0.0) + word.importance
        counts = Counter(word.stem for word in telling)
        neighbours = (sorted((left.stem, right.stem)) for left, right in pairwise(telling))
        for first, second in {(first, second): None for first, second in neighbours if first != second}:
            pairs[first, second] += counts[first] * counts[second]
        if len(said) > 1:
            rows[tuple(said)] = None
    if not words and not rows:
        return None
    return Closeness(
        tuple(Said(word, stemmer.stem(word), importance) for word, importance in words.items()),
        tuple(Said(stem, stem, importance) for stem, importance in stems.items()),
        tuple(Pair(*pair, count) for pair, count in pairs.items()),
        tuple(rows),
    )


class _Candidates:
    """Some documents of a segment. What is counted in them is counted at once in cells: row * documents + document."""

    def __init__(self, located: Located, statistics: Statistics, words: Sequence[Said], pairs: Sequence[Pair]) -> None:
        self._located = located
        self._segment, self._docs = located.segment, located.docs
        self._weight, self._table = statistics.weight, statistics.table
        self._norms, self._title_length = statistics.norms, statistics.title_length
        asked = [self._segment.word(said.text, "text") for said in words]
        # Of a word that is its stem's only form, the postings say it all.
        sought = [word for word in asked if word.form >= 0]
        sought += [self._stem(stem) for pair in pairs for stem in (pair.first, pair.second)]
        located.look_up(word for word in sought if word.stem >= 0)

    def _stem(self, stem: str) -> Word:
        return self._segment.word(stem, "text_stem")

    def _there(self, stem: str) -> Array:
        return self._located.postings(self._stem(stem)).there

    def _shares(self, word: Word) -> Array:
        """The first pass's share of a stem in each document."""
        there, postings = self._located.postings(word)
        shares: Array = there * self._table[self._segment.keys.take(postings, mode="clip")]
        return shares

    def exact(self, words: Sequence[Said]) -> Array:
        """The gain of each word as it was written."""
        size = len(self._docs)
        rows = np.zeros((len(words), size))
        places: list[Array] = []
        several: list[int] = []
        for row, said in enumerate(words):
            word = self._segment.word(said.text, "text")
            if word.stem < 0:
                continue
            rows[row] = EXACT * said.importance * self._weight(said.stem)
            if word.form < 0:
                rows[row] *= self._shares(word)
                continue
            places.append(self._located.keys(word) + (len(several) * size << OWNER_SHIFT))
            several.append(row)
        if several:
            together = np.concatenate(places)
            cells = together >> OWNER_SHIFT
            counts = np.bincount(cells, minlength=len(several) * size)
            keys = np.minimum(counts, MAX_FREQUENCY).astype(np.uint16) << np.uint16(8)
            keys[cells[together & POSITION_MASK < BODY_START]] |= TITLE_FLAG
            keys.reshape(len(several), size)[:] |= length_bytes(self._segment.lengths.take(self._docs))
            rows[several] *= ((counts > 0) * self._table.take(keys)).reshape(len(several), size)
        return rows

    def headlines(self, stems: Sequence[Said]) -> Array:
        """The gain of each stem in a title of another length than the average."""
        rows = np.zeros((len(stems), len(self._docs)))
        if not stems:
            return rows
        found = [self._located.postings(self._stem(stem.text)) for stem in stems]
        keys = self._segment.keys.take([postings.numbers for postings in found], mode="clip")
        held = (keys >= TITLE_FLAG) & np.array([postings.there for postings in found])
        if held.any():
            factors = np.array([stem.importance * self._weight(stem.stem) for stem in stems])
            row, doc = held.nonzero()
            keys = keys[row, doc]
            lengths = self._segment.title_lengths[self._docs[doc]] / self._title_length
            bonus = TITLE_BONUS / (1 - TITLE_B + TITLE_B * lengths)
            shares = share((keys >> 8 & MAX_FREQUENCY) + bonus, self._norms[keys & 0xFF])
            rows[row, doc] = factors[row] * (shares - self._table[keys])
        return rows

    def near(self, pairs: Sequence[Pair]) -> Array:
        """The gain of each pair."""
        size = len(self._docs)
        places = []
        for row, pair in enumerate(pairs):
            sides = [self._located.keys(self._stem(stem)) for stem in (pair.first, pair.second)]
            if all(map(len, sides)):
                own = row * size << OWNER_SHIFT + 1
                places += [(keys << 1) + (own + side) for side, keys in enumerate(sides)]
        if not places:
            return np.zeros((len(pairs), size))
        together = np.concatenate(places)
        together.sort()
        # Of two places of different cells the distance is more than any text is long.
        keys = together >> 1
        distances = keys[1:] - keys[:-1]
        near = ((distances <= NEAR_WORDS) & ((together[1:] ^ together[:-1]) & 1)).nonzero()[0]
        cells = keys.take(near) >> OWNER_SHIFT
        sums = np.bincount(cells, distances.take(near) ** -2.0, len(pairs) * size).reshape(len(pairs), size)
        weights = [max(1.0, self._weight(pair.first)) + max(1.0, self._weight(pair.second)) for pair in pairs]
        factors = np.array([NEAR * pair.times / 2 for pair in pairs]) * weights
        rows: Array = factors[:, None] * (NEAR_K + 1) * sums / (sums + NEAR_K)
        return rows

    def in_rows(self, rows: Sequence[Sequence[Said]]) -> Array:
        """The gain where bare words stand in a row, as they were written."""
        gains = np.zeros((len(rows), len(self._docs)))
        for number, row in enumerate(rows):
            telling = [self._there(said.stem) for said in row if said.importance != FUNCTION_WEIGHT]
            if telling and not np.logical_and.reduce(telling).any():
                continue
            # Even of words that every article holds, a row tells something.
            factor = PHRASE * sum(said.importance * (1 + self._weight(said.stem)) for said in row)
            gains[number] = factor * self._located.mask(wq.Phrase("text", [said.text for said in row]))
        return gains

    def related(self, stems: Sequence[Said]) -> Array:
        """The gain of each stem that the best hits share."""
        rows = np.zeros((len(stems), len(self._docs)))
        for row, stem in enumerate(stems):
            rows[row] = stem.importance * self._weight(stem.stem) * self._shares(self._stem(stem.text))
        return rows
