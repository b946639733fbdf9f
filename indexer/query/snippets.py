"""Snippets: the pieces of a hit's text that show why it matched.

Where the words stand is read from the postings: only the pieces that are shown are cut out of the text,
from the nearest anchor, and looked at character by character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.characters import SHAPES, learn
from indexer.native.marks import Item, Rules, pieces_of_hits
from indexer.query.budget import check_time
from indexer.query.matching import SegmentMatcher
from indexer.query.nearness import Within
from indexer.query.places import POSITIONS, Located
from indexer.response import Snippet, records
from indexer.schema import BODY_START

Array = npt.NDArray[Any]

# Words of a snippet, and how many of them stand before its first marked word.
WORDS: Final = 40
LEAD: Final = 10
# A stem that more than this share of the articles hold is marked only beside another marked word.
COMMON: Final = 0.25
# The best pieces are sought among so many marks: a very common word has hundreds.
MAX_MARKS: Final = 40
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


def snippets(
    matcher: SegmentMatcher,
    wanted: Sequence[Wanted | wq.Query],
    docs: Sequence[int],
    titles: Sequence[str],
    bodies: Sequence[bytes],
    count: int,
) -> list[tuple[Snippet, ...]]:
    """At most `count` pieces of each of some articles, in the order of the text.

    The body's best pieces: those that hold the most of what is wanted, then the most of it altogether. Where only the
    title matches, the title; where nothing does, the body's beginning.

    docs    ascending
    bodies  in UTF-8
    count   at least 1
    """
    native = matcher.segment.native
    items = _items(matcher, wanted, np.array(docs, np.uint32))
    headings = [title.encode() for title in titles]
    rules = Rules(MAX_MARKS, BODY_START, WORDS - LEAD, WORDS, LEAD, count)
    shown = pieces_of_hits(native, SHAPES, docs, headings, bodies, items, rules)
    if shown is None:
        learn(b"\n".join((*headings, *bodies)))
        shown = pieces_of_hits(native, SHAPES, docs, headings, bodies, items, rules)
        assert shown is not None
    fields = [field for pieces in shown.pieces for field in (["body"] * pieces or ["title"])]
    every = records(Snippet, zip(fields, shown.texts, shown.ranges, strict=True))
    return [tuple([piece for piece in islice(every, pieces or 1) if piece.text]) for pieces in shown.pieces]


def _items(matcher: SegmentMatcher, wanted: Sequence[Wanted | wq.Query], docs: Array) -> list[Item]:
    """What is looked for in some documents of a segment, as far as the segment knows its words."""
    check_time()
    items = []
    for item in wanted:
        if isinstance(item, Wanted):
            words = [matcher.segment.word(word, item.field) for word in item.words]
            if all(word.stem >= 0 for word in words):
                span = POSITIONS[words[0].part]
                items.append(Item([word.asked for word in words], None, *span, weak=item.common))
        else:
            numbers = np.array(matcher.expanded(item), np.uint32)
            items.append(Item(keys=Located(matcher.segment, docs).places_of_any(numbers, item.fieldname)))
    return items
