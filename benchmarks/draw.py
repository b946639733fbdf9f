"""The queries of a corpus: twelve for each class, drawn from its own words with a fixed seed.

How common a word is is counted in a sample of the articles, by stem, since bare words match by stem. Phrases and
prefixes are drawn where reading them by surface words or by stems finds the same articles of the sample: the peers
index stems only, Broadsheet reads phrases and prefixes by surface words, and both shall have the same work.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

import Stemmer

from benchmarks.corpus import Corpus, Record, records
from benchmarks.query import CLASSES, Kind, Query

PER_CLASS: Final = 12
SEED: Final = 20_261
SAMPLE_BYTES: Final = 20_000_000
ATTEMPTS: Final = 4000

_WORD = re.compile(r"\w+")
_PLAIN = re.compile(r"[a-z]{2,}")
# Operators of some engine's query language, in any case.
_OPERATORS: Final = frozenset(("and", "or", "not", "near", "xor", "adj", "in", "to"))


class _Article(NamedTuple):
    """A sampled article: its record, and the words of its title and of its body."""

    record: Record
    title: list[str]
    body: list[str]


def draw(corpus: Corpus) -> dict[str, list[Query]]:
    """Up to PER_CLASS distinct queries for each of CLASSES; "match-all" has only the one there is.

    Raises ValueError for a corpus with too few articles to draw from.
    """
    sample = list(_sample(corpus))
    return _Drawer(sample).classes()


def _sample(corpus: Corpus) -> Iterator[_Article]:
    stride = max(1, corpus.bytes // SAMPLE_BYTES)
    for record in islice(records(corpus.path), 0, None, stride):
        yield _Article(record, _WORD.findall(record.title.lower()), _WORD.findall(record.body.lower()))


class _Drawer:
    """Draws from a sample."""

    def __init__(self, sample: list[_Article]) -> None:
        self._random = random.Random(SEED)
        self._sample = sample
        words = sorted({word for article in sample for word in (*article.title, *article.body)})
        self._words = words
        self._stems = dict(zip(words, Stemmer.Stemmer("english").stemWords(words), strict=True))
        by_word: Counter[str] = Counter()
        self._articles_with: Counter[str] = Counter()
        for article in sample:
            distinct = {*article.title, *article.body}
            by_word.update(distinct)
            self._articles_with.update({self._stems[word] for word in distinct})
        count = len(sample)
        self._common_from = count // 10
        self._middling_from = max(4, count // 200)
        self._plain = frozenset(word for word in words if _PLAIN.fullmatch(word) and word not in _OPERATORS)
        # Of the words with one stem the most usual stands for all.
        usual = {self._stems[word]: word for word in sorted(self._plain, key=lambda word: (by_word[word], word))}
        heads = sorted(usual.values())
        self._rare = [w for w in heads if 2 <= self._df(w) <= max(3, count // 1000)]
        self._middling = [w for w in heads if self._middling_from <= self._df(w) <= count // 20]
        self._common = [w for w in heads if self._df(w) >= self._common_from]
        if not (self._rare and self._middling and self._common):
            raise ValueError("too few articles to tell rare, middling and common words: give some hundreds in English")

    def classes(self) -> dict[str, list[Query]]:
        pick = self._random.choice
        makers: dict[str, Callable[[], Query | None]] = {
            "rare term": lambda: self._term(self._rare),
            "middling term": lambda: self._term(self._middling),
            "common term": lambda: self._term(self._common),
            "two-word AND": lambda: self._together(2),
            "three-word AND": lambda: self._together(3),
            "OR": lambda: self._query("any-word", self._distinct([pick(self._middling), pick(self._common)])),
            "prefix": self._prefix,
            "date filter": self._dated,
            "source filter": self._from_one_source,
            "match-all": lambda: Query(kind="everything"),
        }
        drawn = {name: self._several(maker) for name, maker in makers.items()}
        drawn["match-all"] = drawn["match-all"][:1]
        uncommon, all_common, common_between = self._phrases(
            lambda gram: len(gram) == 2 and not any(map(self._is_common, gram)),
            lambda gram: len(gram) == 2 and all(map(self._is_common, gram)),
            lambda gram: len(gram) == 3 and self._is_common(gram[1]) and not self._is_common(gram[2]),
        )
        drawn["phrase"] = uncommon[:PER_CLASS]
        # A third of them of common words alone: the longest posting lists there are.
        drawn["phrase with common words"] = [*all_common[: PER_CLASS // 3], *common_between][:PER_CLASS]
        return {name: drawn[name] for name in CLASSES}

    def _several(self, make: Callable[[], Query | None]) -> list[Query]:
        found: dict[Query, None] = {}
        for _ in range(ATTEMPTS):
            if query := make():
                found[query] = None
            if len(found) == PER_CLASS:
                break
        return list(found)

    def _df(self, word: str) -> int:
        return self._articles_with[self._stems[word]]

    def _is_common(self, word: str) -> bool:
        return self._df(word) >= self._common_from

    def _query(self, kind: Kind, words: tuple[str, ...] | None) -> Query | None:
        return Query(kind=kind, words=words) if words else None

    def _distinct(self, words: list[str]) -> tuple[str, ...] | None:
        return tuple(words) if len({self._stems[word] for word in words}) == len(words) else None

    def _term(self, pool: list[str]) -> Query | None:
        return Query(kind="all-words", words=(self._random.choice(pool),)) if pool else None

    def _word_of(self, article: _Article) -> str | None:
        """A word of an article that is not rare."""
        word = self._random.choice(article.body) if article.body else ""
        return word if word in self._plain and self._df(word) >= self._middling_from else None

    def _together(self, count: int) -> Query | None:
        """Words that stand in one article."""
        article = self._random.choice(self._sample)
        words = [word for _ in range(count) if (word := self._word_of(article))]
        return self._query("all-words", self._distinct(words) if len(words) == count else None)

    def _prefix(self) -> Query | None:
        word = self._random.choice(self._middling)
        beginning = word[: self._random.choice((3, 4, 5))]
        if len(word) < len(beginning) + 2 or Stemmer.Stemmer("english").stemWord(beginning) != beginning:
            return None
        own = self._words[bisect_left(self._words, beginning) : bisect_left(self._words, beginning + "\U0010ffff")]
        stems = {self._stems[w] for w in own}
        same = all(stem.startswith(beginning) for stem in stems) and 3 <= len(own) <= 500
        return Query(kind="prefix", words=(beginning,)) if same else None

    def _dated(self) -> Query | None:
        article = self._random.choice(self._sample)
        word = self._word_of(article)
        days = sorted(day for a in self._random.choices(self._sample, k=2) if (day := _day(a.record)))
        if word is None or len(days) < 2 or days[0] == days[1]:
            return None
        return Query(kind="all-words", words=(word,), since=days[0], until=days[1])

    def _from_one_source(self) -> Query | None:
        article = self._random.choice(self._sample)
        word, source = self._word_of(article), article.record.source
        # "-outlet" asks Broadsheet for none of it.
        if word is None or not source or source.startswith("-") or '"' in source:
            return None
        return Query(kind="all-words", words=(word,), source=source)

    def _phrases(self, *kinds: Callable[[tuple[str, ...]], bool]) -> list[list[Query]]:
        """The phrases of each kind that stand in two sampled articles or more."""
        candidates: list[dict[tuple[str, ...], None]] = [{} for _ in kinds]
        for _ in range(ATTEMPTS * 5):
            body = self._random.choice(self._sample).body
            start = self._random.randrange(len(body)) if body else 0
            for size in (2, 3):
                gram = tuple(body[start : start + size])
                if len(gram) == size and self._plain.issuperset(gram):
                    for found, wanted in zip(candidates, kinds, strict=True):
                        if wanted(gram):
                            found[gram] = None
        by_words, by_stems = self._count({gram for found in candidates for gram in found})
        return [
            [
                Query(kind="phrase", words=gram)
                for gram in found
                if by_words[gram] == by_stems[self._stemmed(gram)] and by_words[gram] >= 2
            ]
            for found in candidates
        ]

    def _stemmed(self, gram: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._stems[word] for word in gram)

    def _count(self, candidates: set[tuple[str, ...]]) -> tuple[Counter[tuple[str, ...]], ...]:
        """In how many sampled articles each candidate stands, by its words and by its stems."""
        by_words: Counter[tuple[str, ...]] = Counter()
        by_stems: Counter[tuple[str, ...]] = Counter()
        stemmed = {self._stemmed(gram) for gram in candidates}
        sizes = {len(gram) for gram in candidates}
        for article in self._sample:
            own: set[tuple[str, ...]] = set()
            own_stemmed: set[tuple[str, ...]] = set()
            for words in (article.title, article.body):
                stems = [self._stems[word] for word in words]
                for size in sizes:
                    own.update(zip(*(words[offset:] for offset in range(size)), strict=False))
                    own_stemmed.update(zip(*(stems[offset:] for offset in range(size)), strict=False))
            by_words.update(own & candidates)
            by_stems.update(own_stemmed & stemmed)
        return by_words, by_stems


def _day(record: Record) -> date | None:
    return record.date.date() if record.date else None
