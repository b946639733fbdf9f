"""Snippets: the pieces of a hit's text that show why it matched.

Where the words stand is read from the postings: only the pieces that are shown are cut out of the text,
from the nearest anchor, and looked at character by character.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.characters import SHAPES, learn
from indexer.fields import BODY_START, TEXT_FIELDS
from indexer.native.marks import Item, Rules, pieces_of_hits
from indexer.query import plan
from indexer.query.budget import check_time
from indexer.query.matching import SegmentMatcher
from indexer.query.places import POSITIONS, Located
from indexer.query.plan import Pattern, Plan
from indexer.response import Snippet, records

Array = npt.NDArray[Any]

# Words of a snippet, and how many of them stand before its first marked word.
WORDS: Final = 40
LEAD: Final = 10
# A stem that more than this share of the articles hold is marked only beside another marked word.
COMMON: Final = 0.25
# The best pieces are sought among so many marks: a very common word has hundreds.
MAX_MARKS: Final = 40


class Wanted(NamedTuple):
    """A word, stem or phrase that a query asks for.

    field   "text", "title", "body", or one of them with "_stem"
    words   one, or those of a phrase
    common  too frequent to be marked alone
    """

    field: str
    words: tuple[str, ...]
    common: bool = False


def wanted_of(asked: Plan, share: Callable[[str], float]) -> list[Wanted | Pattern]:
    """What the deciding parts of a plan look for in title and body; patterns stay as they are.

    share  function from a stem to the share of all articles that hold it
    """
    found: dict[Wanted | Pattern, None] = {}
    for leaf in _deciding(asked):
        if isinstance(leaf, plan.Term) and leaf.field.endswith("_stem"):
            found[Wanted(leaf.field, (leaf.text,), share(leaf.text) > COMMON)] = None
        elif isinstance(leaf, (plan.Every, plan.Days)) or leaf.field not in TEXT_FIELDS:
            continue
        elif isinstance(leaf, plan.Term):
            found[Wanted(leaf.field, (leaf.text,))] = None
        elif isinstance(leaf, plan.Phrase):
            found[Wanted(leaf.field, leaf.words)] = None
        elif isinstance(leaf, plan.Within):
            found.update((Wanted(leaf.field, (word,)), None) for word in leaf.words)
        else:
            found[leaf] = None
    if all(isinstance(item, Wanted) and item.common for item in found):
        return [item._replace(common=False) if isinstance(item, Wanted) else item for item in found]
    return list(found)


def _deciding(node: Plan) -> Iterator[plan.Leaf]:
    """The leaves that decide what matches: no exclusions, no mere scores."""
    if isinstance(node, plan.AndNot):
        yield from _deciding(node.wanted)
    elif isinstance(node, plan.Require):
        yield from _deciding(node.required)
    elif isinstance(node, plan.Constant):
        yield from _deciding(node.part)
    elif isinstance(node, (plan.And, plan.Or)):
        for part in node.parts:
            yield from _deciding(part)
    else:
        yield node


def snippets(
    matcher: SegmentMatcher,
    wanted: Sequence[Wanted | Pattern],
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


def _items(matcher: SegmentMatcher, wanted: Sequence[Wanted | Pattern], docs: Array) -> list[Item]:
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
            items.append(Item(keys=Located(matcher.segment, docs).places_of_any(numbers, item.field)))
    return items
