"""Snippets: the pieces of a hit's text that show why it matched.

Where the words stand is read from the postings: only the pieces that are shown are cut out of the text,
from the nearest anchor, and looked at word by word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.analysis import spans_of
from indexer.query.matching import SegmentMatcher
from indexer.query.nearness import Within
from indexer.query.places import OWNER_SHIFT, POSITION_MASK, Located
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
# The best pieces are sought among so many marks: a very common word has hundreds.
MAX_MARKS: Final = 40
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


# The marked places of a document: position in `text` → the number of the Wanted it stands for, ascending.
Marks = dict[int, int]


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
    """The leaves that decide what matches: no exclusions, no mere scores."""
    if isinstance(tree, wq.AndNot):
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


def marks_of(matcher: SegmentMatcher, wanted: list[Wanted | wq.Query], docs: Array) -> list[Marks]:
    """The marked places of each of some documents (ascending)."""
    segment = matcher.segment
    marks: list[Marks] = [{} for _ in docs]
    weak: list[Marks] = [{} for _ in docs]
    located = Located(segment, docs)
    for number, item in enumerate(wanted):
        if isinstance(item, Wanted):
            keys = located.rows([segment.word(word, item.field) for word in item.words])
            size = len(item.words)
        else:
            keys = located.places_of_any(np.array(matcher.expanded(item), np.uint32), item.fieldname)
            size = 1
        positions = keys & POSITION_MASK
        into = weak if isinstance(item, Wanted) and item.common else marks
        bounds = keys.searchsorted(np.arange(len(docs) + 1) << OWNER_SHIFT).tolist()
        for found, (first, stop) in zip(into, pairwise(bounds), strict=True):
            if first < stop:
                places = positions[first : min(stop, first + MAX_MARKS)].tolist()
                for offset in range(size):
                    found.update(dict.fromkeys([place + offset for place in places] if offset else places, number))
    return list(map(_beside_others, marks, weak))


def _beside_others(strong: Marks, weak: Marks) -> Marks:
    """The marks of a document: the strong ones, and the weak ones in a row with them; without any strong, the weak."""
    if not strong:
        return dict(sorted(weak.items()))
    for places in (sorted(weak), sorted(weak, reverse=True)) if weak else ():
        strong.update((p, weak[p]) for p in places if p - 1 in strong or p + 1 in strong)
    return dict(sorted(strong.items()))


def snippets(reader: SegmentReader, doc: int, title: str, body: bytes, marks: Marks, count: int) -> tuple[Snippet, ...]:
    """At most `count` pieces of an article, in the order of the text.

    The body's best pieces; where only the title matches, the title; where nothing is marked, the body's
    beginning.

    body   in UTF-8
    marks  see `marks_of`
    """
    if count == 0:
        return ()
    positions = list(marks)
    in_body = bisect_left(positions, BODY_START)
    if in_body < len(positions):
        places = [position - BODY_START for position in positions[in_body : in_body + MAX_MARKS]]
        starts = _best_starts(places, list(marks.values())[in_body:], count)
        return tuple([_body_piece(reader, doc, body, first, places) for first in starts])
    if marks or not body:
        ranges = _apart(spans_of(title, positions))
        return (Snippet(field="title", text=title, ranges=tuple(ranges)),) if title else ()
    return (_body_piece(reader, doc, body, 0, []),)


def _best_starts(places: list[int], wanted: list[int], count: int) -> list[int]:
    """The first words of the `count` pieces that hold the most of what is wanted, ascending.

    places, wanted  the marked words of the body, ascending, and what each stands for
    """
    # A piece that begins with its lead ends before the word so many behind its first mark.
    reach = WORDS - LEAD
    if count == 1 and places[-1] - places[0] < reach:
        return places[:1]
    scored: list[tuple[float, int]] = []
    # A window over the marks: how often it holds each thing that is wanted.
    inside: dict[int, int] = {}
    stop = 0
    for number, place in enumerate(places):
        while stop < len(places) and places[stop] - place < reach:
            inside[wanted[stop]] = inside.get(wanted[stop], 0) + 1
            stop += 1
        scored.append((-len(inside) - 0.05 * (stop - number), place))
        left = inside[wanted[number]] - 1
        if left:
            inside[wanted[number]] = left
        else:
            del inside[wanted[number]]
    if count == 1:
        return [min(scored)[1]]
    starts: list[int] = []
    for _, place in sorted(scored):
        if len(starts) < count and all(abs(place - other) > WORDS for other in starts):
            starts.append(place)
    return sorted(starts)


def _body_piece(reader: SegmentReader, doc: int, body: bytes, first: int, marked: list[int]) -> Snippet:
    """The piece of the body around the word number `first`."""
    offset = int(reader.anchor_offsets[doc])
    anchors = reader.anchors[offset : int(reader.anchor_offsets[doc + 1])]
    # Cut the text from the anchor before the piece to one behind it; `base` is its first word's number.
    base = max(0, first - LEAD) // STRIDE * STRIDE
    begin = int(anchors[base // STRIDE]) if base else 0
    behind = base // STRIDE + WORDS // STRIDE + 2
    end = int(anchors[behind]) if behind < len(anchors) else len(body)
    text = body[begin:end].decode()
    start = max(0, first - LEAD) - base
    shown = marked[bisect_left(marked, base + start) : bisect_left(marked, base + start + WORDS)]
    spans = spans_of(text, [start, *[place - base for place in shown], start + WORDS])
    left = spans[0][0] if base + start else 0
    cut_right = len(spans) == len(shown) + 2
    ranges = _apart(spans[1 : 1 + len(shown)])
    right = spans[-1][0] if cut_right else len(text)
    if cut_right:
        right = len(text[:right].rstrip())
    if left and ranges:
        # Let the piece begin with its sentence where one begins before the first marked word.
        sentence = _SENTENCE_END.search(text, left, ranges[0][0])
        left = sentence.end() if sentence else left
    return _one_line(text, left, right, ranges, begin + left > 0, cut_right)


def _apart(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges (ascending) with those joined that share a character: "½" alone is two words."""
    if all(map(int.__le__, [stop for _, stop in ranges], [start for start, _ in ranges[1:]])):
        return ranges
    apart = ranges[:1]
    for start, stop in ranges[1:]:
        if start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(stop, apart[-1][1]))
        else:
            apart.append((start, stop))
    return apart


def _one_line(
    text: str, left: int, right: int, ranges: list[tuple[int, int]], cut_left: bool, cut_right: bool
) -> Snippet:
    """text[left:right] on one line, its marks moved along, ellipses where it was cut.

    The only white space in a body is single spaces, line ends, and the two line ends between paragraphs.
    """
    piece = text[left:right]
    moved = (len(ELLIPSIS) + 1 if cut_left else 0) - left
    if "\n" in piece:
        piece = piece.replace("\n\n", " ").replace("\n", " ")
        placed = []
        for start, end in ranges:
            # Each end of a paragraph before it has lost one character.
            shift = moved - text.count("\n\n", left, start)
            placed.append((start + shift, end + shift))
    else:
        placed = [(start + moved, end + moved) for start, end in ranges]
    piece = f"{ELLIPSIS} {piece}" if cut_left else piece
    return Snippet(field="body", text=f"{piece} {ELLIPSIS}" if cut_right else piece, ranges=tuple(placed))
