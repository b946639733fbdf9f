"""What the blocks of an HTML page look like, as numbers: one row a block, one column a property.

The properties say nothing yet about the article. Which of them speak for or against a block is learned from pages
whose article is known: `block_forest.json` holds what `benchmarks/fit_blocks.py` found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import words
from indexer.cleaning.blocks import HEADINGS, MARKS, WITHIN, Block

Matrix: TypeAlias = NDArray[np.float32]
Column: TypeAlias = NDArray[np.float32]

_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")  # scripts without spaces: two characters a word
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?…。！？।:][\"”’»“)\]']*$")
_SENTENCE_ENDS = re.compile(r"[.!?…。！？।][\"”’»“)\]']*(?:\s|$)")
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\d\d:\d\d")
_CREDIT = re.compile(
    r"©|\(c\)|(?:photo|foto|image|bild|credit|quelle|source|picture)s?\b.{0,3}[:/(©]|\((?:photo|foto)"
    r"|.*(?:getty|reuters|afp|dpa|imago|shutterstock|\bap photo|/ap\b|photograph)[^.]{0,30}$",
    re.I,
)
_LEGAL = words.every("legal")
_APPEAL = words.every("appeal")
_DIGITS = re.compile(r"\d")
_ENDS = frozenset(".!?…。！？।:\"”’»“)]'")
_PROSE_TAGS = frozenset(
    ["p", "div", "td", "section", "article", "blockquote", "li", "main", "body", "dd", "center", "pre"]
)
_TAG_NUMBERS = {tag: number for number, tag in enumerate(("p", "li", "div", "h2", "h3", "td", "figcaption"))}
# What is asked of the neighbours too, and what stands for it where the page begins or ends.
_LOOKED_AT = {"prose in the core": 0.0, "share of links": 0.0, "steps out of the core": 5.0, "words": 0.0}
_OUTSIDE = MARKS["related"] | MARKS["comment"] | MARKS["page"] | MARKS["appeal"] | MARKS["advert"] | MARKS["author"]
_OUTSIDE_TAGS = sum(WITHIN[tag] for tag in ("nav", "footer", "aside", "form", "header", "figcaption", "figure"))
_HEAVIEST = 100  # words of one paragraph that weigh
_OF_NOTICE = 0.25  # of its weight that a paragraph on cookies, rights and the like has
_OF_NEXT = 0.5  # of its weight that a paragraph has after another headline: it may be of the next article
_FADING = 0.75  # of a paragraph's weight that the element around its element gets, and so on
_WIDENED = 6  # levels up to which the text is looked for around its densest element
_GOES_ON = 1.25  # times as much text as is known that has to be there
_SHORT_LEGAL = 60  # words
_LEAD = 60  # characters by which a standfirst is known again
_GRAM = 3  # words


@dataclass(frozen=True, slots=True)
class Hints:
    """What the page says for machines of the article's text.

    title        the headline
    description  what the page says of itself in a sentence or two, or ""
    body         the words of the article, or "" where it isn't said
    """

    title: str
    description: str
    body: str


def size_in_words(text: str) -> int:
    """The number of words; of scripts without spaces, what would be words."""
    size = text.count(" ") + 1
    return size if text.isascii() else size + len(_WIDE.findall(text)) // 2


class _Page:
    """What has to be known of all blocks before one can be described."""

    def __init__(self, blocks: Sequence[Block], hints: Hints) -> None:
        self.sizes = [size_in_words(block.text) for block in blocks]
        self.folded = [words.fold(block.text) for block in blocks]
        self.prose = [_is_prose(block, size) for block, size in zip(blocks, self.sizes, strict=True)]
        self.kinds: dict[Any, float] = {}
        self.mass = 0.0
        weights: dict[Any, float] = {}
        text: list[tuple[Block, float]] = []
        self.legal = _saying(_LEGAL, self.folded)
        headline, headlines = self._headline(blocks, words.fold(hints.title)), 0
        for i, (block, size, prose) in enumerate(zip(blocks, self.sizes, self.prose, strict=True)):
            headlines += block.tag == "h1" and headline is not None and i > headline
            if prose:
                trust = (_OF_NOTICE if self.legal[i] else 1) * (_OF_NEXT if headlines else 1)
                weight = self._weigh(block, size, trust, weights)
                if trust == 1:
                    text.append((block, weight))
        core = max(weights, key=weights.__getitem__) if weights else blocks[0].chain[0]
        chain = next((block.chain[: block.chain.index(core) + 1] for block in blocks if core in block.chain), (core,))
        self.core_chain = _widened(chain, text)
        depth = len(self.core_chain)
        self.shared = [_shared(block.chain, self.core_chain) for block in blocks]
        self.in_core = [shared == depth for shared in self.shared]
        self.core_words = sum(
            size for size, prose, inside in zip(self.sizes, self.prose, self.in_core, strict=True) if prose and inside
        )
        first = (i for i, (p, inside) in enumerate(zip(self.prose, self.in_core, strict=True)) if p and inside)
        self.anchor = next(first, 0) if headline is None else headline
        self._contain(blocks)
        self.said = _grams(hints.body) if hints.body else None
        self.description = words.fold(hints.description)

    def _weigh(self, block: Block, size: int, trust: float, weights: dict[Any, float]) -> float:
        """Add a paragraph's weight to what stands around it."""
        weight = own = min(size, _HEAVIEST) * trust * (1 - block.linked / len(block.text)) ** 2
        if block.near & _OUTSIDE or block.within & _OUTSIDE_TAGS:
            weight = own = weight / 4
        self.mass += weight
        self.kinds[block.kind] = self.kinds.get(block.kind, 0) + weight
        chain = block.chain if block.tag in ("div", "td", "article", "section", "body") else block.chain[:-1]
        for element in chain[:-9:-1]:
            weights[element] = weights.get(element, 0) + weight
            weight *= _FADING
        return own

    def _headline(self, blocks: Sequence[Block], title: str) -> int | None:
        """Where the headline stands, if it is a heading."""
        headings = [i for i, block in enumerate(blocks) if block.tag in ("h1", "h2")]
        for i in headings:
            if title and self.folded[i] == title:
                return i
        for i in headings:
            if blocks[i].tag == "h1" and len(blocks[i].text) > 10:
                return i
        return None

    def _contain(self, blocks: Sequence[Block]) -> None:
        """Find the element that holds each block with others, and the two around that, and what they hold."""
        own: dict[Any, int] = {}
        for block in blocks:
            own[block.chain[-1]] = own.get(block.chain[-1], 0) + 1
        self.containers: list[tuple[Any, Any, Any]] = []
        self.letters: dict[Any, int] = {}
        self.linked: dict[Any, int] = {}
        self.prose_words: dict[Any, int] = {}
        self.paragraphs: dict[Any, int] = {}
        for block, size, prose in zip(blocks, self.sizes, self.prose, strict=True):
            chain = block.chain if own[block.chain[-1]] > 1 else block.chain[:-1] or block.chain
            held = chain[-1], chain[max(-2, -len(chain))], chain[max(-3, -len(chain))]
            self.containers.append(held)
            for element in dict.fromkeys(held):
                self.letters[element] = self.letters.get(element, 0) + len(block.text)
                self.linked[element] = self.linked.get(element, 0) + block.linked
                if prose:
                    self.prose_words[element] = self.prose_words.get(element, 0) + size
                    self.paragraphs[element] = self.paragraphs.get(element, 0) + 1
        self.all_prose = sum(size for size, prose in zip(self.sizes, self.prose, strict=True) if prose) or 1


def _widened(core: tuple[Any, ...], text: Sequence[tuple[Block, float]]) -> tuple[Any, ...]:
    """The way to the core, or to an element around it where the text goes on in paragraphs that look the same."""
    depth = len(core)
    levels = [(_shared(block.chain, core), block.kind, weight) for block, weight in text]
    kinds = {kind for level, kind, _ in levels if level == depth}
    held = [0.0] * (depth + 1)
    for level, kind, weight in levels:
        if kind in kinds:
            held[level] += weight
    widest, inside = depth, held[depth]
    around = inside
    for level in range(depth - 1, max(0, depth - _WIDENED), -1):
        if core[level].tag == "article":  # another one may follow
            break
        around += held[level]
        if around > _GOES_ON * inside:
            widest, inside = level, around
    return core[:widest]


def describe(blocks: Sequence[Block], hints: Hints) -> tuple[list[str], Matrix]:
    """The names of the properties, and their values, a row a block. There is at least one block."""
    page = _Page(blocks, hints)
    columns = {**_of_text(blocks, page), **_of_element(blocks), **_of_place(blocks, page)}
    arrays = {name: np.asarray(values, np.float32) for name, values in columns.items()}
    for name, beyond in _LOOKED_AT.items():
        for distance in (-2, -1, 1, 2):
            arrays[f"{name} at {distance:+}"] = _shifted(arrays[name], distance, beyond)
    return list(arrays), np.stack(list(arrays.values()), axis=1)


def _of_text(blocks: Sequence[Block], page: _Page) -> dict[str, Any]:
    texts, sizes, folded = [block.text for block in blocks], page.sizes, page.folded
    lead = page.description[:_LEAD]
    short = [text if size < _SHORT_LEGAL else "" for text, size in zip(folded, sizes, strict=True)]
    appeal = _saying(_APPEAL, short)
    return {
        "share of links": [min(1.0, block.linked / len(block.text)) for block in blocks],
        "words": np.log1p(sizes),
        "ends a sentence": [text[-1] in _ENDS and _SENTENCE_END.search(text) is not None for text in texts],
        "sentences": [
            min(len(_SENTENCE_ENDS.findall(text)), 4) if size > 4 else 0
            for text, size in zip(texts, sizes, strict=True)
        ],
        "share of digits": [len(_DIGITS.findall(text)) / len(text) for text in texts],
        "opens in lower case": [text[0].islower() for text in texts],
        "bold": [block.strong > 0.8 * len(block.text) for block in blocks],
        "words related": list(map(words.is_related, folded)),
        "words furniture": list(map(words.is_furniture, folded)),
        "words appeal": [said and bool(words.appeals(text)) for said, text in zip(appeal, short, strict=True)],
        "words legal": [said and size < _SHORT_LEGAL for said, size in zip(page.legal, sizes, strict=True)],
        "is the headline": [text == folded[page.anchor] for text in folded],
        "dated": [size < 14 and _DATED.search(text) is not None for text, size in zip(texts, sizes, strict=True)],
        "credit": [size < 40 and _CREDIT.match(text) is not None for text, size in zip(texts, sizes, strict=True)],
        "is the description": [
            size > 5 and bool(lead) and (lead in text or text[:_LEAD] in page.description)
            for text, size in zip(folded, sizes, strict=True)
        ],
        "share said for machines": [-1.0 if page.said is None else _share(text, page.said) for text in texts],
    }


def _saying(phrases: Sequence[str], texts: Sequence[str]) -> list[bool]:
    """Whether each text holds one of the phrases. Few of them stand on a page at all, so the page is asked first."""
    page = "\n".join(texts)
    said = [phrase for phrase in phrases if phrase in page]
    return [any(map(text.__contains__, said)) for text in texts] if said else [False] * len(texts)


def _of_element(blocks: Sequence[Block]) -> dict[str, Any]:
    tags = np.array([_TAG_NUMBERS.get(block.tag, -1) for block in blocks])
    within, near, far = (
        np.array([getattr(block, name) for block in blocks]) for name in ("within", "near", "far")
    )  # fmt: skip
    columns: dict[str, Any] = {f"is {tag}": tags == number for tag, number in _TAG_NUMBERS.items()}
    columns["is a heading"] = [block.tag in HEADINGS for block in blocks]
    columns |= {f"within {tag}": within & bit != 0 for tag, bit in WITHIN.items()}
    columns |= {f"near {name}": near & bit != 0 for name, bit in MARKS.items()}
    columns |= {f"far {name}": far & bit != 0 for name, bit in MARKS.items()}
    return columns


def _of_place(blocks: Sequence[Block], page: _Page) -> dict[str, Any]:
    sizes, prose = np.array(page.sizes), np.array(page.prose)
    shared, depth = np.array(page.shared), len(page.core_chain)
    in_core = shared == depth
    read = np.cumsum(sizes * (prose & in_core)) / max(1, page.core_words)
    place = np.arange(len(blocks))
    seen: set[str] = set()
    ends = np.array(list(map(words.is_end, page.folded))) & (read > 0.3)
    boxes = np.array(list(map(words.is_related, page.folded))) & (sizes < 8) & (read > 0.1)
    beside = [False, *(a.chain[-2:-1] == b.chain[-2:-1] for a, b in pairwise(blocks)), False]
    columns: dict[str, Any] = {
        "steps out of the core": np.minimum(depth - shared, 4),
        "levels below the core": np.where(
            in_core, np.minimum(np.array([len(block.chain) for block in blocks]) - shared, 4), -1
        ),
        "prose": prose,
        "prose in the core": prose & in_core,
        "share of its kind": [page.kinds.get(block.kind, 0) / (page.mass or 1) for block in blocks],
        "blocks from the headline": np.clip(place - page.anchor, -20, 20),
        "share of the core read": read,
        "repeated": [_is_repeated(text, size, seen) for text, size in zip(page.folded, page.sizes, strict=True)],
        "after the end": np.cumsum(ends) - ends > 0,
        "after a box": np.cumsum(boxes) - boxes > 0,
        "beside the one above": beside[:-1],
        "beside the one below": beside[1:],
    }
    for level, held in enumerate(zip(*page.containers, strict=True)):
        columns[f"share of prose in container {level}"] = [page.prose_words.get(e, 0) / page.all_prose for e in held]
        columns[f"share of links in container {level}"] = [page.linked[e] / page.letters[e] for e in held]
        if level == 0:
            columns["paragraphs in container"] = [min(page.paragraphs.get(e, 0), 6) for e in held]
            columns["letters in container"] = np.log([page.letters[e] for e in held])
    return columns


def _is_repeated(folded: str, size: int, seen: set[str]) -> bool:
    repeated = size > 3 and folded in seen
    seen.add(folded)
    return repeated


def _shifted(values: Column, distance: int, beyond: float) -> Column:
    """What stands so many rows below each row (above, where negative)."""
    result = np.full(len(values), beyond, np.float32)
    if distance < 0:
        result[-distance:] = values[:distance]
    else:
        result[: len(values) - distance] = values[distance:]
    return result if abs(distance) < len(values) else np.full(len(values), beyond, np.float32)


def _is_prose(block: Block, size: int) -> bool:
    return (
        size >= 8
        and block.linked < 0.4 * len(block.text)
        and block.tag in _PROSE_TAGS
        and (size >= 15 or _SENTENCE_END.search(block.text) is not None)
    )


def _shared(chain: tuple[Any, ...], other: tuple[Any, ...]) -> int:
    """How many elements two chains have in common."""
    for level, (a, b) in enumerate(zip(chain, other, strict=False)):
        if a is not b:
            return level
    return min(len(chain), len(other))


def _grams(text: str) -> set[str]:
    tokens = _WORD.findall(text)
    return {" ".join(tokens[i : i + _GRAM]) for i in range(max(1, len(tokens) - _GRAM + 1))}


def _share(text: str, grams: set[str]) -> float:
    tokens = _WORD.findall(text)
    if not tokens:
        return 0.0
    own = [" ".join(tokens[i : i + _GRAM]) for i in range(max(1, len(tokens) - _GRAM + 1))]
    return sum(gram in grams for gram in own) / len(own)
