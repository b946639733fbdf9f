"""Snippets: the pieces of a hit's text that show why it matched.

Where the words stand is read from the postings: only the pieces that are shown are cut out of the text,
from the nearest anchor, and looked at word by word.
"""

from __future__ import annotations

import re

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.analysis import word_spans
from indexer.query.matching import SegmentMatcher, Word, phrase_keys
from indexer.query.nearness import Within
from indexer.response import Snippet
from indexer.schema import BODY_START
from indexer.segment.format import STRIDE
from indexer.segment.reader import SegmentReader

Array = npt.NDArray[Any]

# Words of a snippet, and how many of them stand before its first marked word.
WORDS: Final = 40
LEAD: Final = 10
ELLIPSIS: Final = "…"
# A stem that more than this share of the articles hold is marked only beside another marked word.
COMMON: Final = 0.25
# A pattern that stands for more words than this is not marked: finding them would cost more than the search.
MAX_EXPANDED: Final = 2_000
_SPACES: Final = re.compile(r"\s+")
_SENTENCE_END: Final = re.compile(r"[.!?][\"'”’)]*\s+|\n\s*")
_TEXT_FIELDS: Final = ("text", "title", "body")


class Wanted(NamedTuple):
    """A word, stem or phrase that a query asks for.

    field   "text", "title", "body", or one of them with "_stem"
    words   one, or those of a phrase
    common  too frequent to be marked alone
    """

    field: str
    words: tuple[str, ...]
    common: bool = False


class Mark(NamedTuple):
    """One marked place of a document: a position in `text` and the number of the Wanted it stands for."""

    position: int
    wanted: int


def wanted_of(tree: wq.Query, share: Any) -> list[Wanted | wq.Query]:
    """What the deciding parts of a query tree look for in title and body; patterns stay query nodes.

    share  function from a stem to the share of all articles that hold it
    """
    found: dict[Wanted | wq.Query, None] = {}
    for leaf in _deciding(tree):
        if isinstance(leaf, Within):
            found.update(
                (Wanted(term.fieldname, (term.text,)), None) for term in leaf.qs if term.fieldname in _TEXT_FIELDS
            )
        elif isinstance(leaf, wq.Term) and leaf.fieldname.endswith("_stem"):
            found[Wanted(leaf.fieldname, (leaf.text,), share(leaf.text) > COMMON)] = None
        elif getattr(leaf, "fieldname", None) not in _TEXT_FIELDS:
            continue
        elif isinstance(leaf, wq.Term):
            found[Wanted(leaf.fieldname, (leaf.text,))] = None
        elif isinstance(leaf, wq.Phrase):
            found[Wanted(leaf.fieldname, tuple(leaf.words))] = None
        elif isinstance(leaf, (wq.Prefix, wq.Wildcard, wq.FuzzyTerm)):
            found[leaf] = None
    if all(isinstance(item, Wanted) and item.common for item in found):
        return [item._replace(common=False) if isinstance(item, Wanted) else item for item in found]
    return list(found)


def _deciding(tree: wq.Query) -> Iterator[wq.Query]:
    """The leaves that decide what matches: no exclusions, no bonuses, no mere scores."""
    if isinstance(tree, (wq.AndMaybe, wq.AndNot)):
        yield from _deciding(tree.a)
    elif isinstance(tree, wq.Require):
        yield from _deciding(tree.b)
    elif isinstance(tree, wq.ConstantScoreQuery):
        yield from _deciding(tree.child)
    elif isinstance(tree, (wq.And, wq.Or)):
        for query in tree.subqueries:
            yield from _deciding(query)
    else:
        yield tree


def marks_of(matcher: SegmentMatcher, wanted: list[Wanted | wq.Query], docs: Array) -> list[list[Mark]]:
    """The marked places of each of `docs` (ascending), in order of position."""
    marks: list[dict[int, int]] = [{} for _ in range(len(docs))]
    weak: list[dict[int, int]] = [{} for _ in range(len(docs))]
    for number, item in enumerate(wanted):
        for words, field, common in _expansions(matcher, item):
            owners, positions = _places(matcher.segment, words, field, docs)
            into = weak if common else marks
            for owner, position in zip(owners, positions, strict=True):
                for offset in range(len(words)):
                    into[owner][position + offset] = number
    for strong, others in zip(marks, weak, strict=True):
        for places in (sorted(others), sorted(others, reverse=True)):
            strong.update((p, others[p]) for p in places if p - 1 in strong or p + 1 in strong)
    return [[Mark(position, found[position]) for position in sorted(found)] for found in marks]


def _expansions(matcher: SegmentMatcher, item: Wanted | wq.Query) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    if isinstance(item, Wanted):
        yield item.words, item.field, item.common
        return
    numbers = matcher.expanded(item)
    for number in numbers if len(numbers) <= MAX_EXPANDED else ():
        yield (matcher.segment.words[number].decode(),), item.fieldname, False


def _places(segment: SegmentReader, words: tuple[str, ...], field: str, docs: Array) -> tuple[list[int], list[int]]:
    """Where a word or phrase stands in `docs`: numbers of docs and positions, ascending."""
    parts = [Word(segment, word, field) for word in words]
    here = np.arange(len(docs))
    for part in parts:
        here = here[part.among(docs[here])]
        if not len(here):
            return [], []
    keys = phrase_keys([part.keys(docs[here]) for part in parts])
    return here[keys >> 32].tolist(), (keys & 0xFFFFFFFF).tolist()


def snippets(
    reader: SegmentReader, doc: int, title: str, body: bytes, marks: list[Mark], count: int
) -> tuple[Snippet, ...]:
    """At most `count` pieces of an article, in the order of the text.

    The body's best pieces; where only the title matches, the title; where nothing is marked, the body's
    beginning.
    """
    if count == 0:
        return ()
    in_body = [Mark(mark.position - BODY_START, mark.wanted) for mark in marks if mark.position >= BODY_START]
    if in_body:
        return tuple(_body_piece(reader, doc, body, first, in_body) for first in _best_starts(in_body, count))
    if marks or not body:
        spans = word_spans(title)
        ranges = [spans[mark.position][1:] for mark in marks if mark.position < len(spans)]
        return (Snippet(field="title", text=title, ranges=tuple(ranges)),) if title else ()
    return (_body_piece(reader, doc, body, 0, []),)


def _best_starts(marks: list[Mark], count: int) -> list[int]:
    """The first marked positions of the `count` pieces that hold the most of what is wanted, ascending."""
    scored: list[tuple[float, int]] = []
    for place, first in enumerate(marks):
        kinds: set[int] = set()
        inside = 0
        for mark in marks[place:]:
            if mark.position - first.position > WORDS - LEAD:
                break
            kinds.add(mark.wanted)
            inside += 1
        scored.append((-len(kinds) - 0.05 * inside, first.position))
    starts: list[int] = []
    for _, position in sorted(scored):
        if len(starts) < count and all(abs(position - other) > WORDS for other in starts):
            starts.append(position)
    return sorted(starts)


def _body_piece(reader: SegmentReader, doc: int, body: bytes, first: int, marks: list[Mark]) -> Snippet:
    """The piece of the body around the word number `first`."""
    start = max(0, first - LEAD)
    anchors = reader.anchors[reader.anchor_offsets[doc] : reader.anchor_offsets[doc + 1]]
    anchor = min(start // STRIDE, max(0, len(anchors) - 1))
    begin = int(anchors[anchor]) if anchor else 0
    past = (start + WORDS) // STRIDE + 2
    end = int(anchors[past]) if past < len(anchors) else len(body)
    text = body[begin:end].decode()
    spans = word_spans(text)
    number = anchor * STRIDE
    start, stop = _trimmed(text, spans, start - number, first - number)
    left = spans[start][1] if number + start and spans else 0
    last = min(stop, len(spans)) - 1
    whole = end == len(body) and stop >= len(spans)
    right = len(text) if whole or last < 0 else spans[last][2]
    ranges = (
        spans[mark.position - number][1:] for mark in marks if start <= mark.position - number < min(stop, len(spans))
    )
    return _one_line(text, left, right, ranges, begin + left > 0, not whole)


def _trimmed(text: str, spans: list[tuple[str, int, int]], start: int, first: int) -> tuple[int, int]:
    """Let a piece begin with its sentence where one begins between `start` and the first marked word."""
    if 0 < start < len(spans) and first < len(spans):
        found = _SENTENCE_END.search(text, spans[start - 1][2], spans[first][1])
        if found:
            start = next(n for n in range(start, first + 1) if spans[n][1] >= found.end())
    return start, start + WORDS


def _one_line(
    text: str, left: int, right: int, ranges: Iterable[tuple[int, int]], cut_left: bool, cut_right: bool
) -> Snippet:
    """text[left:right] with single spaces, its marks moved along, ellipses where it was cut."""
    parts: list[str] = [ELLIPSIS + " "] if cut_left else []
    length = len(parts[0]) if parts else 0
    moved: list[tuple[int, int]] = []
    at = left
    for start, end in ranges:
        before = _SPACES.sub(" ", text[at:start])
        parts += (before, text[start:end])
        length += len(before) + end - start
        moved.append((length - (end - start), length))
        at = end
    parts.append(_SPACES.sub(" ", text[at:right]))
    if cut_right:
        parts.append(" " + ELLIPSIS)
    return Snippet(field="body", text="".join(parts), ranges=tuple(moved))
