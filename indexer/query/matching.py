"""Which documents of a segment a query tree matches, and with which scores: whole arrays at a time.

Two questions are asked of a node: all its documents with their scores (`found`), or which of some given
documents it matches (`mask`). Conjunctions ask the first of their rarest part and the second of the rest,
so that phrases and values are only looked at where everything else already matches.

Documents are always u4, as the postings are: NumPy would copy a whole posting list to another type to search it.
To pick by such numbers, `take` needs two thirds of the time of brackets; to put, int64 needs half.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.analysis import words
from indexer.native.docs import Share, common, scores_of, summed
from indexer.query.budget import affordable, check_time
from indexer.query.edits import within_edits
from indexer.query.listed import Listed
from indexer.query.nearness import Within
from indexer.query.places import Located, docs_of_any, words_of
from indexer.schema import BODY_START
from indexer.segment.format import TITLE_FLAG
from indexer.segment.reader import SegmentReader, Word

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

# Words that a wildcard is compared with between two looks at the clock.
_WORDS_AT_ONCE: Final = 8192
# Fuzzy words whose expansions are kept.
_KNOWN_NEAR: Final = 100
_NONE: Final = np.empty(0, np.uint32)
_TEXT_FIELDS: Final = ("text", "title", "body")
_VALUE_FIELDS: Final = ("source", "author_name", "section", "topic", "language")


class SegmentMatcher:
    """Evaluates query trees over one segment.

    segment  the arrays
    factor   stem → its weight in the whole index (idf); the same for every segment
    table    (65536,) float32: posting key → BM25 share before idf
    """

    def __init__(self, segment: SegmentReader, factor: Callable[[str], float], table: Array) -> None:
        self.segment = segment
        self.factor = factor
        self.table = table
        self._known_near: dict[tuple[str, int], list[int]] = {}

    # All the documents of a node

    def found(self, node: wq.Query) -> Listed:
        """The documents (ascending) that a node matches, with their scores."""
        if isinstance(node, wq.Term) and node.fieldname == "text_stem":
            return self._stem(node)
        check_time()
        if isinstance(node, wq.And):
            return self._and(list(node.subqueries))
        if isinstance(node, wq.AndNot):
            matched = self.found(node.a)
            return matched.at(np.flatnonzero(~self.mask(node.b, matched.docs)))
        if isinstance(node, wq.Require):
            matched = self.found(node.a)
            if isinstance(node.b, (wq.Phrase, Within)):
                # The scored part has narrowed the documents down to those with all the words.
                return matched.at(Located(self.segment, matched.docs, matched.shares).mask(node.b).nonzero()[0])
            return matched.at(self.mask(node.b, matched.docs).nonzero()[0])
        if isinstance(node, wq.Or):
            return self._or(list(node.subqueries))
        if isinstance(node, wq.ConstantScoreQuery):
            return Listed(self._docs(node.child), float(node.score))
        return Listed(self._docs(node), 1.0)

    def scores(self, listed: Listed) -> Array | float:
        """The scores of documents listed (float32); one number where all are alike."""
        if not listed.shares:
            return listed.constant
        return scores_of(self.segment.native, self.table, listed.shares, listed.constant, len(listed.docs))

    def _stem(self, node: wq.Term) -> Listed:
        word = self.segment.word(node.text, "text_stem")
        if word.stem < 0:
            return Listed(_NONE)
        return Listed(self._holding(word), 0.0, [Share(word.first, word.stop, self.factor(node.text) * node.boost)])

    def _and(self, nodes: list[wq.Query]) -> Listed:
        """Intersect what lists its documents cheaply, smallest first; then ask the rest about those left."""
        listed = [self.found(node) for node in nodes if not self._is_checked(node)]
        checked = [node for node in nodes if self._is_checked(node)]
        if not listed:
            checked.sort(key=self._size)
            listed = [self.found(checked.pop(0))]
        smallest, *others = sorted(range(len(listed)), key=lambda number: len(listed[number].docs))
        docs = listed[smallest].docs
        places: dict[int, Array | None] = {smallest: None}
        for number in others:
            other = listed[number].docs
            if not len(docs) or not len(other):
                return Listed(_NONE)
            kept, where = common(docs, other, self.segment.doc_count)
            if len(kept) < len(docs):
                docs = docs.take(kept)
                places = {known: kept if place is None else place.take(kept) for known, place in places.items()}
            places[number] = where
        shares: list[Share] = []
        # In the order of the query, not of the sizes, which every segment has of its own: sums in another order are
        # rounded otherwise, and articles alike would not score alike.
        for number, own in enumerate(listed):
            place = places[number]
            shares += own.shares if place is None else [share.at(place) for share in own.shares]
        found = Listed(docs, sum([own.constant for own in listed]), shares)
        for node in checked:
            mask = self.mask(node, found.docs)
            if not mask.all():
                found = found.at(mask.nonzero()[0])
            found.constant += self._constant(node)
        return found

    def _is_checked(self, node: wq.Query) -> bool:
        """Whether a part of a conjunction is better asked about documents than listed."""
        return isinstance(node, wq.ConstantScoreQuery) and not isinstance(
            node.child, (wq.Prefix, wq.Wildcard, wq.FuzzyTerm)
        )

    def _constant(self, node: wq.Query) -> float:
        return float(node.score) if isinstance(node, wq.ConstantScoreQuery) else 0.0

    def _size(self, node: wq.Query) -> int:
        """A guess at the number of documents, to begin with the smallest."""
        child = node.child if isinstance(node, wq.ConstantScoreQuery) else node
        if isinstance(child, wq.DateRange):
            first, stop = self._date_slice(child)
            return stop - first
        return self.segment.doc_count

    def _or(self, nodes: list[wq.Query]) -> Listed:
        parts = [part for part in map(self.found, nodes) if len(part.docs)]
        if len(parts) < 2:
            return parts[0] if parts else Listed(_NONE)
        docs, sums = summed([(part.docs, self.scores(part)) for part in parts], self.segment.doc_count)
        return Listed(docs, 0.0, [Share(0, len(sums), 1.0, sums)])

    def _docs(self, node: wq.Query) -> Array:
        """The documents of a node whose scores nobody asks for."""
        if isinstance(node, wq.Every):
            return self.segment.every_doc
        if isinstance(node, wq.DateRange):
            return self.segment.every_doc[slice(*self._date_slice(node))]
        if isinstance(node, wq.Term) and node.fieldname in _TEXT_FIELDS:
            word = self.segment.words.find(node.text.encode())
            return docs_of_any(self.segment, np.array([word] if word >= 0 else [], np.uint32), node.fieldname)
        if isinstance(node, wq.Term) and node.fieldname in ("title_stem", "body_stem"):
            docs = self._holding(self.segment.word(node.text, node.fieldname))
            return docs[self.mask(node, docs)]
        if isinstance(node, (wq.Prefix, wq.Wildcard, wq.FuzzyTerm)) and node.fieldname in _TEXT_FIELDS:
            return docs_of_any(self.segment, np.array(self.expanded(node), np.uint32), node.fieldname)
        if isinstance(node, (wq.Phrase, Within)) and _field_of(node) in _TEXT_FIELDS:
            docs = self._docs_with_all_words(node)
            return docs[Located(self.segment, docs).mask(node)]
        if isinstance(node, (wq.And, wq.Or, wq.AndNot, wq.Require, wq.ConstantScoreQuery)):
            return self.found(node).docs
        every = self.segment.every_doc
        return every[self.mask(node, every)]

    # Which of some documents a node matches

    def mask(self, node: wq.Query, docs: Array) -> Mask:
        """Which of `docs` (ascending) a node matches."""
        check_time()
        if isinstance(node, wq.ConstantScoreQuery):
            return self.mask(node.child, docs)
        if isinstance(node, wq.Every):
            return np.ones(len(docs), np.bool_)
        if isinstance(node, wq.DateRange):
            first, stop = self._date_slice(node)
            return (docs >= first) & (docs < stop)
        if isinstance(node, wq.And):
            every: Mask = np.logical_and.reduce([self.mask(part, docs) for part in node.subqueries])
            return every
        if isinstance(node, wq.Or):
            some: Mask = np.logical_or.reduce([self.mask(part, docs) for part in node.subqueries])
            return some
        if isinstance(node, wq.AndNot):
            return self.mask(node.a, docs) & ~self.mask(node.b, docs)
        if isinstance(node, wq.Require):
            return self.mask(node.a, docs) & self.mask(node.b, docs)
        name = _field_of(node)
        if name in _VALUE_FIELDS:
            return self._value_mask(name, node, docs)
        if name == "author":
            return self._author_mask(node, docs)
        if name == "id":
            named: Mask = docs == self.segment.find(node.text)
            return named
        if isinstance(node, wq.Term) and name == "text_stem":
            return self.segment.among(docs, self._stem(node).docs)
        if isinstance(node, wq.Term) and name in ("title_stem", "body_stem"):
            return self._part_mask(node, docs)
        if isinstance(node, (wq.Term, wq.Phrase, Within)) and name in _TEXT_FIELDS:
            return Located(self.segment, docs).mask(node)
        return self.segment.among(docs, self._docs(node))

    # Dates and values

    def _date_slice(self, node: wq.DateRange) -> tuple[int, int]:
        """The documents (first, stop) published in a range: they lie together, newest first."""
        first, stop = 0, self.segment.dated
        if node.enddate:
            first = int(self.segment.ages.searchsorted(-_seconds(node.enddate), "left"))
        if node.startdate:
            stop = int(self.segment.ages.searchsorted(-_seconds(node.startdate), "right"))
        return first, max(first, min(stop, self.segment.dated))

    def _value_mask(self, name: str, node: wq.Query, docs: Array) -> Mask:
        column = self.segment.column(name)
        if isinstance(node, wq.Term):
            return column.holds(column.numbers([node.text]), docs)
        accepts = _accepts(node)
        return column.holds([number for number, value in enumerate(column.folded) if accepts(value)], docs)

    def _author_mask(self, node: wq.Query, docs: Array) -> Mask:
        column = self.segment.column("author_name")
        accepts = _accepts_words(node)
        return column.holds([number for number, name in enumerate(column.values) if accepts(words(name))], docs)

    # Words and positions

    def _part_mask(self, node: wq.Term, docs: Array) -> Mask:
        """Which of `docs` hold a stem in their title, or in their body."""
        word = self.segment.word(node.text, node.fieldname)
        here, where = common(docs, self._holding(word), self.segment.doc_count)
        mask = np.zeros(len(docs), np.bool_)
        mask[here] = self._in_part(where + word.first, word.part)
        return mask

    def _in_part(self, postings: Array, part: str) -> Mask:
        """Which of some postings (numbers, ascending) have a place in the title, or in the body."""
        in_title: Mask = self.segment.keys[postings] >= TITLE_FLAG
        if part == "title":
            return in_title
        kept = ~in_title
        if in_title.any():
            # In the title, and in the body too if its last place is there.
            found = self.segment.places(postings[in_title])
            in_body = np.zeros(int(in_title.sum()), np.bool_)
            in_body[found.owners[found.positions >= BODY_START]] = True
            kept[in_title] = in_body
        return kept

    def _docs_with_all_words(self, node: wq.Phrase | Within) -> Array:
        parts = sorted(words_of(self.segment, node), key=lambda word: word.stop - word.first)
        docs = self._holding(parts[0])
        for part in parts[1:]:
            docs = docs[self.segment.among(docs, self._holding(part))]
        return docs

    def _holding(self, word: Word) -> Array:
        """The documents that hold the word's stem."""
        return self.segment.docs[word.first : word.stop]

    def expanded(self, node: wq.Prefix | wq.Wildcard | wq.FuzzyTerm) -> list[int]:
        """The numbers of the words that a prefix, wildcard or fuzzy query stands for."""
        vocabulary = self.segment.words
        if isinstance(node, wq.Prefix):
            first, stop = vocabulary.starting(node.text.encode())
            return list(range(first, first + affordable(stop - first)))
        if isinstance(node, wq.FuzzyTerm):
            return self._near(node.text, node.maxdist)
        literal = re.split(r"[*?]", node.text, maxsplit=1)[0]
        first, stop = vocabulary.starting(literal.encode())
        matches = glob(node.text).fullmatch
        found: list[int] = []
        for start in range(first, stop, _WORDS_AT_ONCE):
            check_time()
            some = vocabulary.between(start, min(stop, start + _WORDS_AT_ONCE))
            found += [start + n for n, word in enumerate(some) if matches(word.decode())]
        return found[: affordable(len(found))]

    def _near(self, text: str, distance: int) -> list[int]:
        # A search asks twice, to match and to mark what matched.
        known = self._known_near.get((text, distance))
        if known is None:
            known = list(within_edits(self.segment.words, text, distance))
            if len(self._known_near) >= _KNOWN_NEAR:
                self._known_near.clear()
            self._known_near[text, distance] = known
        return known


def glob(pattern: str) -> re.Pattern[str]:
    """The regular expression of a Wildcard's text. It takes no longer for many stars than for one."""
    pieces = re.split(r"\*+", pattern.replace("[[]", "["))
    first, *rest = (re.escape(piece).replace(r"\?", ".") for piece in pieces)
    if rest:
        # The first place where a piece fits is as good as any later one, so no other needs to be tried.
        first += "".join(f"(?>.*?{piece})" for piece in rest[:-1]) + ".*" + rest[-1]
    return re.compile(first, re.DOTALL)


def _field_of(node: wq.Query) -> str:
    return str(node.qs[0].fieldname if isinstance(node, Within) else node.fieldname)


def _accepts(node: wq.Query) -> Callable[[str], bool]:
    """Whether a node on a value field accepts a folded value."""
    if isinstance(node, wq.Prefix):
        return lambda value: value.startswith(node.text)
    if isinstance(node, wq.Wildcard):
        return lambda value: glob(node.text).fullmatch(value) is not None
    if isinstance(node, wq.FuzzyTerm):
        return lambda value: bool(within_edits([value.encode()], node.text, node.maxdist))
    return lambda value: value == node.text


def _accepts_words(node: wq.Query) -> Callable[[list[str]], bool]:
    """Whether a node on the author field accepts the words of a name."""
    if isinstance(node, wq.Phrase):
        size = len(node.words)
        return lambda name: any(name[at : at + size] == list(node.words) for at in range(len(name)))
    if isinstance(node, Within):
        wanted = [term.text for term in node.qs]
        return lambda name: _name_within(name, wanted, node.slop)
    accepts = _accepts(node)
    return lambda name: any(map(accepts, name))


def _name_within(name: list[str], wanted: list[str], slop: int) -> bool:
    reached = [place for place, word in enumerate(name) if word == wanted[0]]
    for text in wanted[1:]:
        reached = [
            place
            for place, word in enumerate(name)
            if word == text and any(0 < abs(place - other) <= slop for other in reached)
        ]
    return bool(reached)


def _seconds(moment: datetime) -> int:
    return timegm(moment.timetuple())
