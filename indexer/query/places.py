"""Where words stand: the places of words in some documents, and the phrases and nearness they form.

A key of a place is one integer, the number of its document among those asked for, then its position, so that
arrays of keys sort and compare as places do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.native.places import rows_of_words
from indexer.query.budget import check_time
from indexer.query.nearness import Within
from indexer.schema import BODY_START
from indexer.segment.format import TITLE_FLAG
from indexer.segment.reader import SegmentReader, Word, ranges

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

OWNER_SHIFT: Final = 32
POSITION_MASK: Final = (1 << OWNER_SHIFT) - 1
_NOWHERE: Final = np.iinfo(np.int64).max // 2
_NO_KEYS: Final = np.empty(0, np.int64)
# Documents that are looked at between two looks at the clock.
_DOCS_AT_ONCE: Final = 50_000
# The positions of each part of a text: the first, and the first that is not any more.
_POSITIONS: Final = {"text": (0, POSITION_MASK), "title": (0, BODY_START), "body": (BODY_START, POSITION_MASK)}
# Postings of the words that a pattern stands for, looked through at a time: all of them may be too many for the memory.
_POSTINGS_AT_ONCE: Final = 500_000


class Located:
    """Where words stand in some documents (ascending).

    A key of a place is the number of its document among these, then its position.
    """

    __slots__ = ("docs", "segment")

    def __init__(self, segment: SegmentReader, docs: Array) -> None:
        self.segment = segment
        self.docs = docs

    def mask(self, node: wq.Term | wq.Phrase | Within) -> Mask:
        """Which of the documents hold the words where a term, phrase or nearness asks for them."""
        words = words_of(self.segment, node)
        if len(words) == 1 and words[0].form < 0 and words[0].part == "text":
            # Every place of the stem will do.
            return self.segment.among(self.docs, self.segment.docs[words[0].first : words[0].stop])
        found = np.zeros(len(self.docs), np.bool_)
        if isinstance(node, Within):
            where = within_keys([self.rows([word]) for word in words], node.slop)
        else:
            where = self.rows(words)
        found[where >> OWNER_SHIFT] = True
        return found

    def rows(self, words: Sequence[Word]) -> Array:
        """The places of the first of some words where the others follow it one by one, ascending."""
        if any(word.stem < 0 for word in words):
            return _NO_KEYS
        low, high = _POSITIONS[words[0].part]
        asked = [word.asked for word in words]
        found = []
        for start in range(0, len(self.docs), _DOCS_AT_ONCE):
            check_time()
            docs = self.docs[start : start + _DOCS_AT_ONCE]
            found.append(rows_of_words(self.segment.native, docs, asked, low, high) + (start << OWNER_SHIFT))
        return found[0] if len(found) == 1 else np.concatenate([_NO_KEYS, *found])

    def keys_of_any(self, words: Array, part: str) -> Iterator[Array]:
        """The places of any of some words (numbers, ascending) in the text or a part of it, a part at a time."""
        segment = self.segment
        stems = segment.word_stems[words]
        stems.sort()
        stems = stems[np.diff(stems, prepend=stems[:1] ^ np.uint32(1)) != 0]
        for postings, of_stem in postings_of(segment, stems):
            docs = segment.docs[postings]
            owners = docs if len(self.docs) == segment.doc_count else self.docs.searchsorted(docs)
            here = (self.docs.take(owners, mode="clip") == docs).nonzero()[0]
            if part == "title":
                here = here[segment.keys[postings[here]] >= TITLE_FLAG]
            if not len(here):
                continue
            found = segment.places(postings[here])
            of_place = segment.words_of_places(of_stem[here][found.owners], found.numbers)
            keys = (owners[here].astype(np.int64)[found.owners] << OWNER_SHIFT) + found.positions
            yield in_part(keys[words.take(words.searchsorted(of_place), mode="clip") == of_place], part)


def postings_of(segment: SegmentReader, stems: Array) -> Iterator[tuple[Array, Array]]:
    """The postings (int64) of some stems (ascending) and the stem of each, a part at a time."""
    firsts = segment.stem_postings[stems].astype(np.int64)
    lengths = segment.stem_postings[stems + 1] - firsts
    for first, stop in ranges(lengths, _POSTINGS_AT_ONCE):
        check_time()
        sizes = lengths[first:stop]
        starts = firsts[first:stop] - (sizes.cumsum() - sizes)
        yield np.repeat(starts, sizes) + np.arange(sizes.sum()), np.repeat(stems[first:stop], sizes)


def words_of(segment: SegmentReader, node: wq.Term | wq.Phrase | Within) -> list[Word]:
    """The words that a term, phrase or nearness asks for, in its order."""
    if isinstance(node, wq.Phrase):
        return [segment.word(text, node.fieldname) for text in node.words]
    return [segment.word(term.text, term.fieldname) for term in (node.qs if isinstance(node, Within) else (node,))]


def in_part(keys: Array, part: str) -> Array:
    """Those of the places that are in the title, in the body, or anywhere in the text."""
    if part == "title":
        return keys[keys & POSITION_MASK < BODY_START]
    return keys[keys & POSITION_MASK >= BODY_START] if part == "body" else keys


def within_keys(keys: list[Array], slop: int) -> Array:
    """The places of the last word where each is at most `slop` before or after one of the word named before."""
    reached = keys[0]
    for here in keys[1:]:
        check_time()
        padded = np.concatenate(([-_NOWHERE], reached, [_NOWHERE]))
        before = padded[padded.searchsorted(here, "left") - 1]
        after = padded[padded.searchsorted(here, "right")]
        reached = here[(here - before <= slop) | (after - here <= slop)]
    return reached
