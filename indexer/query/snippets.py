"""Snippets: the pieces of a hit's text that show why it matched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log
from typing import Final, NamedTuple

from whoosh import query as wq

from indexer.analysis import Stemmer, word_spans
from indexer.article import Article
from indexer.query.nearness import Within
from indexer.response import Snippet
from indexer.view import View

LENGTH: Final = 240
ELLIPSIS: Final = "…"
# A stem that more than this share of the articles hold is marked only beside another marked word.
COMMON: Final = 0.25
_SPACES: Final = re.compile(r"\s+")
_TEXT_FIELDS: Final = ("text", "title", "body")


@dataclass(slots=True)
class Marks:
    """What to mark in the text of hits.

    weights   stem or surface word → how telling it is
    stems     the keys of `weights` that are stems; the others are surface words
    common    the stems among them that most articles hold
    phrases   runs of surface words
    patterns  regular expressions that a whole surface word must match
    """

    stems: dict[str, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    common: set[str] = field(default_factory=set)
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    patterns: list[re.Pattern[str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.stems or self.words or self.phrases or self.patterns)


class _Mark(NamedTuple):
    """One marked word: the code points it spans, what it stands for and how telling that is."""

    start: int
    end: int
    key: str
    weight: float


def marks_of(tree: wq.Query, view: View) -> Marks:
    """Collect what the wanted parts of a query tree look for in title and body."""
    marks = Marks()
    for leaf in _wanted(tree):
        if isinstance(leaf, wq.Term) and leaf.fieldname.endswith("_stem"):
            share = view.document_frequency("text_stem", leaf.text) / max(1, view.doc_count_all)
            marks.stems[leaf.text] = 1.0 - log(share + 1e-6)
            if share > COMMON:
                marks.common.add(leaf.text)
        elif isinstance(leaf, Within):
            marks.words.update({term.text: 2.0 for term in leaf.qs if term.fieldname in _TEXT_FIELDS})
        elif getattr(leaf, "fieldname", None) not in _TEXT_FIELDS:
            continue
        elif isinstance(leaf, wq.Term):
            marks.words[leaf.text] = 2.0
        elif isinstance(leaf, wq.Phrase):
            marks.phrases.append(tuple(leaf.words))
        elif isinstance(leaf, wq.FuzzyTerm):
            marks.words.update({term: 2.0 for term in view.expanded(leaf)})
        elif isinstance(leaf, (wq.Prefix, wq.Wildcard)):
            glob = leaf.text + "*" if isinstance(leaf, wq.Prefix) else leaf.text
            marks.patterns.append(re.compile(re.escape(glob).replace(r"\*", r"\w*").replace(r"\?", r"\w")))
    if not (marks.stems.keys() - marks.common or marks.words or marks.phrases or marks.patterns):
        marks.common.clear()
    return marks


def snippets(article: Article, marks: Marks, stemmer: Stemmer, count: int) -> tuple[Snippet, ...]:
    """At most `count` pieces of an article, in the order of the text.

    The body's best pieces; where only the title matches, the title; where nothing is to be marked, the
    body's beginning.
    """
    if count == 0:
        return ()
    for name, text in (("body", article.body), ("title", article.title)):
        found = _marked(text, marks, stemmer) if marks else []
        if found:
            pieces = [(0, len(text))] if name == "title" else _best_pieces(text, found, count)
            return tuple(_snippet(name, text, piece, found) for piece in pieces)
    if article.body:
        return (_snippet("body", article.body, _grown(article.body, 0, 0), []),)
    return (_snippet("title", article.title, (0, len(article.title)), []),)


def _wanted(tree: wq.Query) -> Iterator[wq.Query]:
    """The leaves that decide what matches: no exclusions, no bonuses, no mere scores."""
    if isinstance(tree, (wq.AndMaybe, wq.AndNot)):
        yield from _wanted(tree.a)
    elif isinstance(tree, wq.Require):
        yield from _wanted(tree.b)
    elif isinstance(tree, wq.ConstantScoreQuery):
        yield from _wanted(tree.child)
    elif isinstance(tree, (wq.And, wq.Or)):
        for query in tree.subqueries:
            yield from _wanted(query)
    else:
        yield tree


def _marked(text: str, marks: Marks, stemmer: Stemmer) -> list[_Mark]:
    """The marked words of a text, in order."""
    spans = word_spans(text)
    keys: list[tuple[str, float] | None] = [None] * len(spans)
    weak: list[int] = []
    for place, (word, _, _) in enumerate(spans):
        if word in marks.words:
            keys[place] = (word, marks.words[word])
        elif any(pattern.fullmatch(word) for pattern in marks.patterns):
            keys[place] = (word, 2.0)
        elif marks.stems:
            stem = stemmer.stem(word)
            if stem in marks.stems:
                if stem in marks.common:
                    weak.append(place)
                else:
                    keys[place] = (stem, marks.stems[stem])
    for phrase in marks.phrases:
        for place, (word, _, _) in enumerate(spans):
            if word == phrase[0] and tuple(w for w, _, _ in spans[place : place + len(phrase)]) == phrase:
                for offset, part in enumerate(phrase):
                    keys[place + offset] = (" ".join(phrase) + part, 2.0)
    for places in (weak, weak[::-1]):
        for place in places:
            beside = keys[place - 1 : place + 2 : 2] if place else keys[1:2]
            if keys[place] is None and any(beside):
                stem = stemmer.stem(spans[place][0])
                keys[place] = (stem, marks.stems[stem])
    return [_Mark(start, end, *key) for (_, start, end), key in zip(spans, keys, strict=True) if key]


def _best_pieces(text: str, found: list[_Mark], count: int) -> list[tuple[int, int]]:
    """The `count` pieces (start, end) that hold the most telling marks; they do not overlap."""
    scored: list[tuple[float, int, int]] = []
    for first, mark in enumerate(found):
        weights: dict[str, float] = {}
        repeats = 0
        end = mark.end
        for other in found[first:]:
            if other.end - mark.start > LENGTH * 0.8:
                break
            repeats += other.key in weights
            weights[other.key] = other.weight
            end = other.end
        scored.append((-(sum(weights.values()) + 0.1 * repeats), mark.start, end))
    pieces: list[tuple[int, int]] = []
    for _, start, end in sorted(scored):
        piece = _grown(text, start, end)
        if len(pieces) < count and all(piece[1] <= begin or stop <= piece[0] for begin, stop in pieces):
            pieces.append(piece)
    return sorted(pieces)


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    """A piece around text[start:end], about LENGTH long, cut between words, from its sentence's beginning
    where that is near."""
    room = max(0, LENGTH - (end - start))
    earliest = max(0, start - room * 2 // 3)
    if earliest:
        sentence = max(text.rfind(stop, earliest, start) + len(stop) for stop in (". ", "\n", "? ", "! ")) \
            if any(stop in text[earliest:start] for stop in (". ", "\n", "? ", "! ")) else 0
        begin = sentence or text.find(" ", max(0, start - room // 3) - 1, start) + 1 or start
    else:
        begin = 0
    latest = begin + max(LENGTH, end - begin)
    if latest >= len(text):
        return begin, len(text)
    last_space = max(text.rfind(" ", end, latest + 1), text.rfind("\n", end, latest + 1))
    return begin, last_space if last_space > end else max(end, latest)


def _snippet(name: str, text: str, piece: tuple[int, int], found: list[_Mark]) -> Snippet:
    """The piece as one line with the marks inside it, ellipses where it was cut."""
    begin, end = piece
    parts: list[str] = [ELLIPSIS + " " if text[:begin].strip() else ""]
    length = len(parts[0])
    ranges: list[tuple[int, int]] = []
    at = begin

    def add(part: str) -> None:
        nonlocal length
        parts.append(part)
        length += len(part)

    for mark in found:
        if begin <= mark.start and mark.end <= end:
            add(_SPACES.sub(" ", text[at : mark.start]))
            ranges.append((length, length + mark.end - mark.start))
            add(text[mark.start : mark.end])
            at = mark.end
    add(_SPACES.sub(" ", text[at:end]))
    if text[end:].strip():
        add(" " + ELLIPSIS if not parts[-1].endswith(" ") else ELLIPSIS)
    return Snippet(field=name, text="".join(parts), ranges=tuple(ranges))
