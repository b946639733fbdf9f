"""Where words stand: the places of words in some documents, and the phrases and nearness they form.

A key of a place is one integer, the number of its document among those asked for, then its position, so that
arrays of keys sort and compare as places do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.fields import BODY_START
from indexer.native.docs import Share, marked
from indexer.native.places import EVERYWHERE, mark_docs_of_any, places_of_any, rows_of_words
from indexer.query.budget import check_time
from indexer.query.listed import known
from indexer.query.plan import Phrase, Term, Within
from indexer.segment.reader import SegmentReader, Word

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

OWNER_SHIFT: Final = 32
_NOWHERE: Final = np.iinfo(np.int64).max // 2
_NO_KEYS: Final = np.empty(0, np.int64)
# Documents, and words that a pattern stands for, that are looked at between two looks at the clock.
_DOCS_AT_ONCE: Final = 50_000
_WORDS_AT_ONCE: Final = 1000
# The positions of each part of a text: the first, and the first that is not any more.
POSITIONS: Final = {"text": (0, EVERYWHERE), "title": (0, BODY_START), "body": (BODY_START, EVERYWHERE)}


class Located:
    """Where words stand in some documents (ascending).

    shares  what the documents' scores are made of, if that is known: it tells where some postings are

    A key of a place is the number of its document among these, then its position.
    """

    __slots__ = ("docs", "segment", "shares")

    def __init__(self, segment: SegmentReader, docs: Array, shares: Sequence[Share] = ()) -> None:
        self.segment = segment
        self.docs = docs
        self.shares = shares

    def mask(self, node: Term | Phrase | Within) -> Mask:
        """Which of the documents hold the words where a term, phrase or nearness asks for them."""
        words = words_of(self.segment, node)
        if len(words) == 1 and words[0].form < 0 and words[0].part == "text":
            # Every place of the stem will do.
            return self.segment.among(self.docs, self.segment.docs[words[0].first : words[0].stop])
        found = np.zeros(len(self.docs), np.bool_)
        if isinstance(node, Within):
            where = within_keys([self.rows([word]) for word in words], node.slop)
        else:
            where = self.rows(words, most=1)
        found[where >> OWNER_SHIFT] = True
        return found

    def rows(self, words: Sequence[Word], most: int = EVERYWHERE) -> Array:
        """The places of the first of some words where the others follow it one by one, ascending.

        most  places of each document, the first of them
        """
        if any(word.stem < 0 for word in words):
            return _NO_KEYS
        low, high = POSITIONS[words[0].part]
        asked = [word.asked for word in words]
        found = []
        for start in range(0, len(self.docs), _DOCS_AT_ONCE):
            check_time()
            docs = self.docs[start : start + _DOCS_AT_ONCE]
            postings = [known(self.shares, word) for word in words]
            if len(docs) < len(self.docs):
                postings = [one.of(start, len(docs)) for one in postings]
            rows = rows_of_words(self.segment.native, docs, asked, low, high, postings, most)
            found.append(rows + (start << OWNER_SHIFT))
        return found[0] if len(found) == 1 else np.concatenate([_NO_KEYS, *found])

    def places_of_any(self, words: Array, part: str) -> Array:
        """The places of any of some words (numbers) in the text or a part of it, ascending."""
        check_time()
        return places_of_any(self.segment.native, self.docs, words, *POSITIONS[part])


def docs_of_any(segment: SegmentReader, words: Array, part: str) -> Array:
    """The documents that hold any of some words (numbers) in the text or a part of it."""
    seen = np.zeros(segment.doc_count, np.bool_)
    for start in range(0, len(words), _WORDS_AT_ONCE):
        check_time()
        some = words[start : start + _WORDS_AT_ONCE]
        mark_docs_of_any(segment.native, some, *POSITIONS[part], seen.view(np.uint8))
    return marked(seen)


def words_of(segment: SegmentReader, node: Term | Phrase | Within) -> list[Word]:
    """The words that a term, phrase or nearness asks for, in its order."""
    texts = (node.text,) if isinstance(node, Term) else node.words
    return [segment.word(text, node.field) for text in texts]


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
