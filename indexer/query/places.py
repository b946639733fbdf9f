"""Where words stand: the places of words in some documents, and the phrases and nearness they form.

A key of a place is one integer, the number of its document among those asked for, then its position, so that
arrays of keys sort and compare as places do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

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
# From so many places of a word a candidate on, seeking the candidates costs less than reading all places.
_SOUGHT: Final = 8
# Postings of the words that a pattern stands for, looked through at a time: all of them may be too many for the memory.
_POSTINGS_AT_ONCE: Final = 500_000


class Postings(NamedTuple):
    """The postings of a stem in some documents.

    there    (docs,) bool: which hold it
    numbers  (docs,) the posting of each; any where it is not there
    """

    there: Mask
    numbers: Array


class Located:
    """Where words stand in some documents (ascending). What was looked up once is kept.

    A key of a place is the number of its document among these, then its position.

    stems  stems that all the documents hold, and where among the stem's postings they stand (None: they are all of
           those)
    """

    __slots__ = ("_keys", "_places", "_postings", "docs", "segment")

    def __init__(self, segment: SegmentReader, docs: Array, stems: Iterable[tuple[Word, Array | None]] = ()) -> None:
        self.segment = segment
        self.docs = docs
        everywhere = np.ones(len(docs), np.bool_)
        self._postings = {
            word.stem: Postings(everywhere, (np.arange(len(docs)) if places is None else places) + word.first)
            for word, places in stems
        }
        self._places: dict[int, tuple[Array, Array]] = {}
        self._keys: dict[tuple[int, int, str], Array] = {}

    def holds(self, docs: Array) -> bool:
        """Whether some documents (ascending) are all among these."""
        return bool((self.docs.take(self.docs.searchsorted(docs), mode="clip") == docs).all())

    def knows(self, words: Iterable[Word]) -> bool:
        """Whether the places of some words have been looked up."""
        return self._places.keys() >= {word.stem for word in words}

    def postings(self, word: Word) -> Postings:
        """The postings of the word's stem."""
        found = self._postings.get(word.stem)
        if found is None:
            docs = self.segment.docs[word.first : word.stop]
            where = self.segment.places_in(docs, self.docs)
            there = docs.take(where, mode="clip") == self.docs if len(docs) else np.zeros(len(where), np.bool_)
            found = self._postings[word.stem] = Postings(there, where + word.first)
        return found

    def look_up(self, words: Iterable[Word]) -> None:
        """Look all places of the words' stems up together: that takes little longer than for one of them."""
        # Postings are numbered by stem, then by document.
        new = dict(sorted((word.stem, word) for word in words if word.stem not in self._places))
        if not new:
            return
        postings, owners = [], []
        for word in new.values():
            there, numbers = self.postings(word)
            own = there.nonzero()[0]
            owners.append(own)
            postings.append(numbers.take(own))
        found = self.segment.places(np.concatenate(postings))
        keys = (np.concatenate(owners)[found.owners] << OWNER_SHIFT) + found.positions
        bounds = found.owners.searchsorted(np.cumsum([0, *map(len, owners)])).tolist()
        for stem, (first, stop) in zip(new, pairwise(bounds), strict=True):
            self._places[stem] = keys[first:stop], found.numbers[first:stop]

    def mask(self, node: wq.Term | wq.Phrase | Within) -> Mask:
        """Which of the documents hold the words where a term, phrase or nearness asks for them."""
        words = words_of(self.segment, node)
        if len(words) == 1 and words[0].form < 0 and words[0].part == "text":
            # Every place of the stem will do.
            return self.postings(words[0]).there
        found = np.zeros(len(self.docs), np.bool_)
        if isinstance(node, Within):
            where = within_keys([self.keys(word) for word in words], node.slop)
        else:
            where = self._phrase(words)
        found[where >> OWNER_SHIFT] = True
        return found

    def keys(self, word: Word) -> Array:
        """The places of a word, ascending."""
        name = (word.stem, word.form, word.part)
        found = self._keys.get(name)
        if found is None:
            found = self._keys[name] = self._looked_up(word)
        return found

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

    def _phrase(self, words: list[Word]) -> Array:
        """The places of the first of some words where the others follow it one by one.

        All places of the rarest word are read. Of a word that has many more than there are candidates left,
        only those are sought that would complete one, but where its places are known anyway.
        """
        if self.knows(words):
            return phrase_keys([self.keys(word) for word in words])
        (before, rarest), *others = sorted(enumerate(words), key=lambda item: _expected(item[1], len(self.docs)))
        keys = self.keys(rarest)
        starts = keys[keys & POSITION_MASK >= before] - before if before else keys
        for offset, word in others:
            check_time()
            if not len(starts):
                break
            wanted = starts + offset
            if _expected(word, len(self.docs)) > _SOUGHT * len(starts):
                starts = starts[self._holds(word, wanted)]
            else:
                keys = self.keys(word)
                starts = starts[keys.take(keys.searchsorted(wanted), mode="clip") == wanted] if len(keys) else keys
        return starts

    def _holds(self, word: Word, keys: Array) -> Mask:
        """At which of some places (ascending) a word stands, by binary search among its own."""
        segment = self.segment
        owners = keys >> OWNER_SHIFT
        new = np.diff(owners, prepend=-1) != 0
        docs = self.docs[owners[new]]
        stem_docs = segment.docs[word.first : word.stop]
        where = segment.places_in(stem_docs, docs)
        there = stem_docs.take(where, mode="clip") == docs if len(stem_docs) else np.zeros(len(docs), np.bool_)
        group = new.cumsum() - 1
        held: Mask = there[group]
        if not held.all():
            keys, group = keys[held], (there.cumsum() - 1)[group[held]]
        positions = keys & POSITION_MASK
        numbers, found = segment.sought(word.first + where[there], group, positions)
        if word.form >= 0:
            numbers = numbers.take(found.nonzero()[0])
            found[found] = segment.has_form(word.stem, word.form, numbers)
        if word.part != "text":
            found &= (positions < BODY_START) == (word.part == "title")
        held[held] = found
        return held

    def _looked_up(self, word: Word) -> Array:
        if word.stem < 0:
            return _NO_KEYS
        if word.stem not in self._places:
            self._places[word.stem] = self._expanded(word)
        keys, numbers = self._places[word.stem]
        if word.form >= 0:
            keys = keys[self.segment.has_form(word.stem, word.form, numbers)]
        return in_part(keys, word.part)

    def _expanded(self, word: Word) -> tuple[Array, Array]:
        """The keys of all places of the word's stem, and their numbers."""
        docs = self.segment.docs[word.first : word.stop]
        if len(self.docs) == len(docs) and self.docs is not docs and (self.docs == docs).all():
            found = self.segment.places(slice(word.first, word.stop))
            return (found.owners << OWNER_SHIFT) + found.positions, found.numbers
        there, postings = self.postings(word)
        own = there.nonzero()[0]
        found = self.segment.places(postings[own])
        return (own[found.owners] << OWNER_SHIFT) + found.positions, found.numbers


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


def _expected(word: Word, docs: int) -> float:
    """A guess at how many places the word's stem has in some number of the documents that hold it."""
    return docs * word.places / (word.stop - word.first) if word.stem >= 0 else 0.0


def in_part(keys: Array, part: str) -> Array:
    """Those of the places that are in the title, in the body, or anywhere in the text."""
    if part == "title":
        return keys[keys & POSITION_MASK < BODY_START]
    return keys[keys & POSITION_MASK >= BODY_START] if part == "body" else keys


def phrase_keys(keys: list[Array]) -> Array:
    """The places of the first word where the n-th word stands n places after it."""
    if len(keys) == 1:
        return keys[0]
    together = np.concatenate([part - n for n, part in enumerate(keys)])
    together.sort()
    run = len(keys) - 1
    # Every word's places are distinct, so a full run of equal keys is one phrase.
    return together[:-run][together[:-run] == together[run:]] if len(together) > run else together[:0]


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
