"""Snippets: the pieces of a hit's text that show why it matched.

Where the words stand is read from the postings: only the pieces that are shown are cut out of the text,
from the nearest anchor, and looked at word by word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.analysis import spans_of
from indexer.native.marks import Item, Marked, Rules, pieces_of_hits
from indexer.query.matching import SegmentMatcher
from indexer.query.nearness import Within
from indexer.query.places import Located
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


# Where nothing is looked for.
UNMARKED: Final = Marked([], [], [])


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


def pieces_of(matcher: SegmentMatcher, wanted: list[Wanted | wq.Query], docs: Array, count: int) -> list[Marked]:
    """What is marked of each of some documents (ascending), and where the body's `count` best pieces are.

    Best are those that hold the most of what is wanted, then the most of it altogether.
    """
    segment = matcher.segment
    located = Located(segment, docs)
    items = []
    for item in wanted:
        if isinstance(item, Wanted):
            words = [segment.word(word, item.field) for word in item.words]
            items.append(Item(located.rows(words), len(words), item.common))
        else:
            numbers = np.array(matcher.expanded(item), np.uint32)
            items.append(Item(located.places_of_any(numbers, item.fieldname), 1, weak=False))
    # A piece that begins with its lead ends before the word so many behind its first mark.
    return pieces_of_hits(len(docs), items, Rules(MAX_MARKS, BODY_START, WORDS - LEAD, WORDS, count))


def snippets(
    reader: SegmentReader, doc: int, title: str, body: bytes, found: Marked, count: int
) -> tuple[Snippet, ...]:
    """At most `count` pieces of an article, in the order of the text.

    The body's best pieces; where only the title matches, the title; where nothing is marked, the body's
    beginning.

    body   in UTF-8
    found  see `pieces_of`
    """
    if count == 0:
        return ()
    if found.body:
        return tuple([_body_piece(reader, doc, body, first, found.body) for first in found.starts])
    if found.title or not body:
        ranges = _apart(spans_of(title, found.title))
        return (Snippet(field="title", text=title, ranges=tuple(ranges)),) if title else ()
    return (_body_piece(reader, doc, body, 0, []),)


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
