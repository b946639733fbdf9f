"""Where the words of a query stand in an article that a search has returned, and the snippets around them.

The cluster returns whole articles, so the places are read from the text; the pieces are cut by `snippets`, which
both engines share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh import query as wq

from indexer.analysis import Stemmer, word_spans
from indexer.article import Article
from indexer.query.edits import within_edits
from indexer.query.matching import glob
from indexer.query.snippets import MAX_MARKS, Marks, Wanted, beside_others, snippets
from indexer.response import Snippet
from indexer.schema import BODY_START, MAX_TITLE_WORDS
from indexer.segment.format import STRIDE


@dataclass(frozen=True, slots=True)
class _Anchors:
    """The byte offset of every STRIDE-th word of one text, as a segment keeps them of many."""

    anchors: npt.NDArray[Any]
    anchor_offsets: npt.NDArray[Any]


def cut(article: Article, wanted: list[Wanted | wq.Query], stemmer: Stemmer, count: int) -> tuple[Snippet, ...]:
    """At most `count` snippets of an article that matched.

    wanted  what the query looks for, see `snippets.wanted_of`
    """
    if not count:
        return ()
    title = [word for word, _, _ in word_spans(article.title)][:MAX_TITLE_WORDS]
    in_body = word_spans(article.body)
    encoded = article.body.encode()
    bytes_before = _bytes_before(article.body, encoded)
    anchors = np.array([bytes_before(start) for _, start, _ in in_body[::STRIDE]], np.uint32)
    places = _marks(title, [word for word, _, _ in in_body], wanted, stemmer)
    text = _Anchors(anchors, np.array([0, len(anchors)]))
    return snippets(text, 0, article.title, encoded, places, count)


def _bytes_before(text: str, encoded: bytes) -> Callable[[int], int]:
    """A function from code points (asked for in order) to the bytes before them."""
    if len(text) == len(encoded):
        return lambda place: place
    known = (0, 0)

    def before(place: int) -> int:
        nonlocal known
        known = (place, known[1] + len(text[known[0] : place].encode()))
        return known[1]

    return before


def _marks(title: list[str], body: list[str], wanted: list[Wanted | wq.Query], stemmer: Stemmer) -> Marks:
    """The marked places: title words are numbered from 0, those of the body from BODY_START."""
    strong: Marks = {}
    weak: Marks = {}
    runs = {"title": (0, title), "body": (BODY_START, body)}
    stems = {part: (base, stemmer.stems(found)) for part, (base, found) in runs.items()}
    for number, item in enumerate(wanted):
        whole, _, stem = (item.field if isinstance(item, Wanted) else str(item.fieldname)).partition("_")
        parts = ("title", "body") if whole == "text" else (whole,)
        accepts = _accepting(item)
        size = len(item.words) if isinstance(item, Wanted) else 1
        starts = [
            base + at
            for base, found in (stems[part] if stem else runs[part] for part in parts)
            for at in range(len(found) - size + 1)
            if accepts(found, at)
        ]
        marks = weak if isinstance(item, Wanted) and item.common else strong
        for offset in range(size):
            marks.update(dict.fromkeys([start + offset for start in starts[:MAX_MARKS]], number))
    return beside_others(strong, weak)


def _accepting(item: Wanted | wq.Query) -> Callable[[list[str], int], bool]:
    """Whether an item stands at a place of a run of words."""
    if isinstance(item, Wanted):
        first, size, wanted = item.words[0], len(item.words), list(item.words)
        if size == 1:
            return lambda found, at: found[at] == first
        return lambda found, at: found[at] == first and found[at : at + size] == wanted
    if isinstance(item, wq.Prefix):
        return lambda found, at: found[at].startswith(item.text)
    if isinstance(item, wq.FuzzyTerm):
        known: dict[str, bool] = {}

        def near(found: list[str], at: int) -> bool:
            word = found[at]
            if word not in known:
                known[word] = bool(within_edits([word.encode()], item.text, item.maxdist))
            return known[word]

        return near
    matches = glob(item.text).fullmatch
    return lambda found, at: matches(found[at]) is not None
