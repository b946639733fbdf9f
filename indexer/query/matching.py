"""Which documents of a segment a plan matches, and with which scores: whole arrays at a time.

Two questions are asked of a node: all its documents with their scores (`found`), or which of some given
documents it matches (`mask`). Conjunctions ask the first of their rarest part and the second of the rest,
so that phrases and values are only looked at where everything else already matches.

Documents are always u4, as the postings are: NumPy would copy a whole posting list to another type to search it.
To pick by such numbers, `take` needs two thirds of the time of brackets; to put, int64 needs half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.analysis import words
from indexer.fields import BODY_START, TEXT_FIELDS, VALUE_FIELDS
from indexer.native.docs import Share, common, scores_of, summed
from indexer.query import plan
from indexer.query.budget import affordable, check_time
from indexer.query.edits import within_edits
from indexer.query.filters import published
from indexer.query.listed import Listed
from indexer.query.places import Located, docs_of_any, words_of
from indexer.query.plan import Pattern, Plan
from indexer.segment.format import TITLE_FLAG
from indexer.segment.reader import SegmentReader, Word

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

# Words that a wildcard is compared with between two looks at the clock.
_WORDS_AT_ONCE: Final = 8192
# Fuzzy words whose expansions are kept.
_KNOWN_NEAR: Final = 100
_NONE: Final = np.empty(0, np.uint32)


class SegmentMatcher:
    """Evaluates plans over one segment.

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

    def found(self, node: Plan) -> Listed:
        """The documents (ascending) that a node matches, with their scores."""
        if isinstance(node, plan.Term) and node.field == "text_stem":
            return self._stem(node)
        check_time()
        if isinstance(node, plan.And):
            return self._and(node.parts)
        if isinstance(node, plan.AndNot):
            matched = self.found(node.wanted)
            return matched.at(np.flatnonzero(~self.mask(node.unwanted, matched.docs)))
        if isinstance(node, plan.Require):
            matched = self.found(node.scored)
            if isinstance(node.required, (plan.Phrase, plan.Within)):
                # The scored part has narrowed the documents down to those with all the words.
                return matched.at(Located(self.segment, matched.docs, matched.shares).mask(node.required).nonzero()[0])
            return matched.at(self.mask(node.required, matched.docs).nonzero()[0])
        if isinstance(node, plan.Or):
            return self._or(node.parts)
        if isinstance(node, plan.Constant):
            return Listed(self._docs(node.part), node.score)
        return Listed(self._docs(node), 1.0)

    def scores(self, listed: Listed) -> Array | float:
        """The scores of documents listed (float32); one number where all are alike."""
        if not listed.shares:
            return listed.constant
        return scores_of(self.segment.native, self.table, listed.shares, listed.constant, len(listed.docs))

    def _stem(self, node: plan.Term) -> Listed:
        word = self.segment.word(node.text, "text_stem")
        if word.stem < 0:
            return Listed(_NONE)
        return Listed(self._holding(word), 0.0, [Share(word.first, word.stop, self.factor(node.text) * node.boost)])

    def _and(self, nodes: Sequence[Plan]) -> Listed:
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

    def _is_checked(self, node: Plan) -> bool:
        """Whether a part of a conjunction is better asked about documents than listed."""
        return isinstance(node, plan.Constant) and not isinstance(node.part, Pattern)

    def _constant(self, node: Plan) -> float:
        return node.score if isinstance(node, plan.Constant) else 0.0

    def _size(self, node: Plan) -> int:
        """A guess at the number of documents, to begin with the smallest."""
        part = node.part if isinstance(node, plan.Constant) else node
        if isinstance(part, plan.Days):
            first, stop = published(self.segment, *part)
            return stop - first
        return self.segment.doc_count

    def _or(self, nodes: Sequence[Plan]) -> Listed:
        parts = [part for part in map(self.found, nodes) if len(part.docs)]
        if len(parts) < 2:
            return parts[0] if parts else Listed(_NONE)
        lists = [(part.docs, part.shares, part.constant) for part in parts]
        docs, sums = summed(self.segment.native, self.table, lists, self.segment.doc_count)
        return Listed(docs, 0.0, [Share(0, len(sums), 1.0, sums)])

    def _docs(self, node: Plan) -> Array:
        """The documents of a node whose scores nobody asks for."""
        if isinstance(node, plan.Every):
            return self.segment.every_doc
        if isinstance(node, plan.Days):
            return self.segment.every_doc[slice(*published(self.segment, *node))]
        if isinstance(node, plan.Term) and node.field in TEXT_FIELDS:
            word = self.segment.words.find(node.text.encode())
            return docs_of_any(self.segment, np.array([word] if word >= 0 else [], np.uint32), node.field)
        if isinstance(node, plan.Term) and node.field in ("title_stem", "body_stem"):
            docs = self._holding(self.segment.word(node.text, node.field))
            return docs[self.mask(node, docs)]
        if isinstance(node, Pattern) and node.field in TEXT_FIELDS:
            return docs_of_any(self.segment, np.array(self.expanded(node), np.uint32), node.field)
        if isinstance(node, (plan.Phrase, plan.Within)) and node.field in TEXT_FIELDS:
            docs = self._docs_with_all_words(node)
            return docs[Located(self.segment, docs).mask(node)]
        if isinstance(node, (plan.And, plan.Or, plan.AndNot, plan.Require, plan.Constant)):
            return self.found(node).docs
        every = self.segment.every_doc
        return every[self.mask(node, every)]

    # Which of some documents a node matches

    def mask(self, node: Plan, docs: Array) -> Mask:
        """Which of `docs` (ascending) a node matches."""
        check_time()
        if isinstance(node, plan.Constant):
            return self.mask(node.part, docs)
        if isinstance(node, plan.Every):
            return np.ones(len(docs), np.bool_)
        if isinstance(node, plan.Days):
            first, stop = published(self.segment, *node)
            return (docs >= first) & (docs < stop)
        if isinstance(node, plan.And):
            every: Mask = np.logical_and.reduce([self.mask(part, docs) for part in node.parts])
            return every
        if isinstance(node, plan.Or):
            some: Mask = np.logical_or.reduce([self.mask(part, docs) for part in node.parts])
            return some
        if isinstance(node, plan.AndNot):
            return self.mask(node.wanted, docs) & ~self.mask(node.unwanted, docs)
        if isinstance(node, plan.Require):
            return self.mask(node.scored, docs) & self.mask(node.required, docs)
        name = node.field
        if name == "author":
            return self._author_mask(node, docs)
        if isinstance(node, (plan.Phrase, plan.Within)):
            return Located(self.segment, docs).mask(node)
        if name in VALUE_FIELDS:
            return self._value_mask(node, docs)
        if isinstance(node, Pattern):
            return self.segment.among(docs, self._docs(node))
        if name == "id":
            named: Mask = docs == self.segment.find(node.text)
            return named
        if name == "text_stem":
            return self.segment.among(docs, self._stem(node).docs)
        if name in ("title_stem", "body_stem"):
            return self._part_mask(node, docs)
        return Located(self.segment, docs).mask(node)

    # Values

    def _value_mask(self, node: plan.Term | Pattern, docs: Array) -> Mask:
        column = self.segment.column(node.field)
        if isinstance(node, plan.Term):
            return column.holds(column.numbers([node.text]), docs)
        accepts = _accepts(node)
        return column.holds([number for number, value in enumerate(column.folded) if accepts(value)], docs)

    def _author_mask(self, node: plan.Worded, docs: Array) -> Mask:
        column = self.segment.column("author_name")
        accepts = _accepts_words(node)
        return column.holds([number for number, name in enumerate(column.values) if accepts(words(name))], docs)

    # Words and positions

    def _part_mask(self, node: plan.Term, docs: Array) -> Mask:
        """Which of `docs` hold a stem in their title, or in their body."""
        word = self.segment.word(node.text, node.field)
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

    def _docs_with_all_words(self, node: plan.Phrase | plan.Within) -> Array:
        parts = sorted(words_of(self.segment, node), key=lambda word: word.stop - word.first)
        docs = self._holding(parts[0])
        for part in parts[1:]:
            docs = docs[self.segment.among(docs, self._holding(part))]
        return docs

    def _holding(self, word: Word) -> Array:
        """The documents that hold the word's stem."""
        return self.segment.docs[word.first : word.stop]

    def expanded(self, node: Pattern) -> list[int]:
        """The numbers of the words that a prefix, wildcard or fuzzy query stands for."""
        vocabulary = self.segment.words
        if isinstance(node, plan.Prefix):
            first, stop = vocabulary.starting(node.text.encode())
            return list(range(first, first + affordable(stop - first)))
        if isinstance(node, plan.Fuzzy):
            return self._near(node.text, node.edits)
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
    """The regular expression of a wildcard's text. It takes no longer for many stars than for one."""
    pieces = re.split(r"\*+", pattern)
    first, *rest = (re.escape(piece).replace(r"\?", ".") for piece in pieces)
    if rest:
        # The first place where a piece fits is as good as any later one, so no other needs to be tried.
        first += "".join(f"(?>.*?{piece})" for piece in rest[:-1]) + ".*" + rest[-1]
    return re.compile(first, re.DOTALL)


def _accepts(node: plan.Term | Pattern) -> Callable[[str], bool]:
    """Whether a node on a value field accepts a folded value."""
    if isinstance(node, plan.Prefix):
        return lambda value: value.startswith(node.text)
    if isinstance(node, plan.Wildcard):
        return lambda value: glob(node.text).fullmatch(value) is not None
    if isinstance(node, plan.Fuzzy):
        return lambda value: bool(within_edits([value.encode()], node.text, node.edits))
    return lambda value: value == node.text


def _accepts_words(node: plan.Worded) -> Callable[[list[str]], bool]:
    """Whether a node on the author field accepts the words of a name."""
    if isinstance(node, plan.Phrase):
        size = len(node.words)
        return lambda name: any(name[at : at + size] == list(node.words) for at in range(len(name)))
    if isinstance(node, plan.Within):
        return lambda name: _name_within(name, node.words, node.slop)
    accepts = _accepts(node)
    return lambda name: any(map(accepts, name))


def _name_within(name: list[str], wanted: Sequence[str], slop: int) -> bool:
    reached = [place for place, word in enumerate(name) if word == wanted[0]]
    for text in wanted[1:]:
        reached = [
            place
            for place, word in enumerate(name)
            if word == text and any(0 < abs(place - other) <= slop for other in reached)
        ]
    return bool(reached)
