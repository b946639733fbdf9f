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

import numpy.typing as npt

from indexer.analysis import Stemmer
from indexer.fields import BODY_START, TITLE_BONUS
from indexer.native import closeness as native
from indexer.native.closeness import Part, Sought
from indexer.native.docs import Share
from indexer.query.importance import FUNCTION_WEIGHT, importances
from indexer.query.listed import known
from indexer.query.scoring import K1
from indexer.segment.reader import SegmentReader, Word

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

    weight  stem → its weight, see `scoring`
    rules   the rest, and the constants of the formulas
    """

    weight: Callable[[str], float]
    rules: native.Rules


def statistics(weight: Callable[[str], float], table: Array, norms: Array, title_length: float) -> Statistics:
    """The statistics of an index.

    table         posting key → its share, see `scoring.share_table`
    norms         length byte → BM25's norm, see `scoring.norms`
    title_length  words of the average title
    """
    rules = native.Rules(
        table,
        norms,
        title_length,
        title_bonus=TITLE_BONUS,
        title_b=TITLE_B,
        near_k=NEAR_K,
        k1=K1,
        near_words=NEAR_WORDS,
        body_start=BODY_START,
    )
    return Statistics(weight, rules)


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

    def added(
        self,
        segment: SegmentReader,
        docs: Array,
        statistics: Statistics,
        places: Array,
        shares: Sequence[Share] = (),
    ) -> Array:
        """What it adds to the scores of some documents of a segment, as (parts + 1, places) float64.

        The last is the sum of the parts.

        docs    ascending
        places  (n,) i8 ascending: which of them
        shares  what the scores of all of them are made of: so it is known where the postings of some stems are
        """
        weight = statistics.weight
        sought = _StemNumbers(segment, shares)
        parts: list[Part] = []
        row_words: list[tuple[int, int]] = []
        for said in self.words:
            word = segment.word(said.text, "text")
            parts.append(
                Part(native.EXACT, sought.number(word), word.form, EXACT * said.importance * weight(said.stem))
            )
        for said in self.stems:
            parts.append(Part(native.HEADLINE, sought.number_of(said.stem), 0, said.importance * weight(said.stem)))
        for pair in self.pairs:
            sides = sought.number_of(pair.first), sought.number_of(pair.second)
            weights = max(1.0, weight(pair.first)) + max(1.0, weight(pair.second))
            parts.append(Part(native.NEAR, *sides, NEAR * pair.times / 2 * weights))
        for row in self.rows:
            words = [segment.word(said.text, "text") for said in row]
            # Even of words that every article holds, a row tells something.
            factor = PHRASE * sum(said.importance * (1 + weight(said.stem)) for said in row)
            parts.append(Part(native.ROW, len(row_words), len(words), factor))
            row_words += [(sought.number(word), word.form) for word in words]
        for said in self.related:
            parts.append(Part(native.RELATED, sought.number_of(said.stem), 0, said.importance * weight(said.stem)))
        return native.added(segment.native, statistics.rules, docs, places, sought.stems, parts, row_words)


class _StemNumbers:
    """The stems that are sought in a segment, by number.

    stems  each with what is known of where its postings are
    """

    def __init__(self, segment: SegmentReader, shares: Sequence[Share]) -> None:
        self._segment = segment
        self._shares = shares
        self._numbers: dict[int, int] = {-1: -1}
        self.stems: list[Sought] = []

    def number(self, word: Word) -> int:
        """The number of the word's stem; -1 where the segment has it not."""
        found = self._numbers.get(word.stem)
        if found is None:
            found = self._numbers[word.stem] = len(self.stems)
            self.stems.append(Sought(word.asked[0], known(self._shares, word)))
        return found

    def number_of(self, stem: str) -> int:
        """The same for a stem."""
        return self.number(self._segment.word(stem, "text_stem"))


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
