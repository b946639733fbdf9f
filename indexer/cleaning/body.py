"""Which blocks of an HTML page are its article.

Each block gets a probability (see `forest`); what is likely enough is kept, and then read once more in order for
what can be told only from the text itself: the headline and byline at the top, notes on the author and links at the
end, quotations set out of the text, texts that stand twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indexer.cleaning import asides, dates, metadata, words
from indexer.cleaning.block_features import Hints, describe, size_in_words
from indexer.cleaning.blocks import HEADINGS, MARKS, WITHIN, Block
from indexer.cleaning.forest import fitted

_LIKELY = 0.45
_HARDLY = 0.03
_LONGEST_BYLINE = 80  # characters
_HEAD = 4  # kept blocks among which the headline may stand again
_COPIED = 0.8  # share of a text's words in a row that stand elsewhere already
_SHORTEST_COPY = 12  # words
_OPENING = 40  # characters by which a text is looked for elsewhere
_GRAM = 4  # words
_LARGEST_BOX = 60  # words
_LONGEST_LABEL = 30  # characters
_LONGEST_NAME = 5  # words
_LEAST_READ = 60  # words of the text before comments can begin
_CLOCKED = 5  # times of day in one block of a transcript
_FILM_CLOCK = re.compile(r"(?<!\S)(\d\d?):\d\d(?!\S)")
_LONGEST_TRAILER = 200  # characters
_TOKENS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|[^\s\u2e80-\u9fff\uf900-\ufaff]+")
_SIGNED = re.compile(r"[©ⓒ]|^.{0,60}\w@\w.{0,40}$|^[\[(【（]?(?:责任)?(?:编辑|編輯|责编|責編|校对)\s*[:：]")
_COUNT = re.compile(r"^\d+\s|\s\(?\d+\)?$")

# What a block is on the page by the first container around it or mark near it that says so, and why it is dropped then.
_ROLES = (
    *(((WITHIN[tag], 0), "navigation", "is part of the site's navigation") for tag in ("nav", "footer", "header")),
    ((WITHIN["form"], 0), "form", "is part of a form"),
    ((WITHIN["figcaption"], 0), "caption", "belongs to a picture"),
    ((0, MARKS["comment"]), "comment", "belongs to the comments"),
    ((0, MARKS["related"]), "related", "leads to other articles"),
    ((0, MARKS["appeal"]), "appeal", "asks the reader to subscribe, join or sign in"),
    ((0, MARKS["advert"]), "advertisement", "is an advertisement or an offer"),
    ((0, MARKS["picture"]), "caption", "belongs to a picture or a video"),
    ((0, MARKS["author"]), "byline", "is about the author"),
    ((0, MARKS["social"]), "tools", "is a button or a link for sharing"),
    ((0, MARKS["page"]), "navigation", "is part of the page's frame"),
    ((WITHIN["aside"], 0), "aside", "stands beside the article"),
    ((0, MARKS["meta"]), "metadata", "says something about the article"),
    ((0, MARKS["teaser"]), "teaser", "is an entry of a list of articles"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one block: whether it is kept, how likely that looked, and the reason where it was overruled."""

    block: Block
    kept: bool
    score: float
    overruled: str = ""


def judge(blocks: Sequence[Block], hints: Hints, authors: Sequence[str]) -> list[Verdict]:
    """The verdict on each block of a page, in order.

    hints    what the page says of itself for machines
    authors  the article's authors, as far as known
    """
    if not blocks:
        return []
    likely = fitted("block").likelihoods(*describe(blocks, hints))
    return decide(blocks, likely.tolist(), hints.title, authors)


def decide(blocks: Sequence[Block], scores: Sequence[float], title: str, authors: Sequence[str]) -> list[Verdict]:
    """The verdict on each block, given how likely each is."""
    best = max(scores, default=0.0)
    # A page of a sentence or two has nothing that looks much like an article, and yet is one.
    least = _LIKELY if best > _LIKELY else max(_HARDLY, best / 2)
    # Where it has nothing at all, its address at the foot must not be taken for one.
    likely = [i for i, score in enumerate(scores) if score > least and (best > _LIKELY or not _is_framed(blocks[i]))]
    overruled = {
        **_boxes(blocks, likely),
        **_copies(blocks, likely),
        **_transcripts(blocks, likely),
        **_comments(blocks, likely),
    }
    left = [i for i in likely if i not in overruled]
    overruled |= _headings_of_boxes(blocks, left)
    left = [i for i in left if i not in overruled]
    overruled |= _read_again(blocks, left, title, authors)
    kept = set(likely)
    return [
        Verdict(block, i in kept and i not in overruled, score, overruled.get(i, ""))
        for i, (block, score) in enumerate(zip(blocks, scores, strict=True))
    ]


def _is_framed(block: Block) -> bool:
    """Whether a block is of what stands around every page of a site."""
    return bool(block.within & (WITHIN["nav"] | WITHIN["footer"]) or block.near & MARKS["page"])


def text_of(verdicts: Sequence[Verdict]) -> str:
    """The kept blocks as paragraphs."""
    return "\n\n".join([verdict.block.text for verdict in verdicts if verdict.kept])


def explained(verdict: Verdict, title: str) -> tuple[str, str]:
    """What a block is on the page, in a word or two, and in plain words why it was kept or dropped."""
    block = verdict.block
    role, reason = _role(block)
    if words.fold(block.text) == words.fold(title):
        role, reason = "headline", "is the headline"
    if verdict.kept:
        return _shape(block), "reads and stands like the article's text"
    return role, verdict.overruled or reason


def _role(block: Block) -> tuple[str, str]:
    for (within, near), role, reason in _ROLES:
        if block.within & within or block.near & near:
            return role, reason
    if block.linked > 0.9 * len(block.text):
        return "link", "is nothing but a link"
    return _shape(block), "does not read or stand like the article's text"


def _shape(block: Block) -> str:
    if block.tag in HEADINGS:
        return "heading"
    return "list item" if block.tag == "li" else "table cell" if block.tag in ("td", "th") else "paragraph"


def _read_again(blocks: Sequence[Block], likely: Sequence[int], title: str, authors: Sequence[str]) -> dict[int, str]:
    """Which of the likely blocks are not of the text, and why."""
    left = list(likely)
    gone: dict[int, str] = {}
    heading = words.fold(title)
    for place, i in enumerate(left[:_HEAD]):
        if words.fold(blocks[i].text) == heading:
            gone |= dict.fromkeys(left[: place + 1], "stands above the text: the headline and what is over it")
            del left[: place + 1]
            break
    for i in left[:_HEAD]:
        if _is_leader(blocks[i].text, authors):
            gone[i] = "opens the text as its byline"
            left.remove(i)
    while left and (
        _is_trailer(blocks[left[-1]]) or (len(left) > 1 and asides.is_note_on(blocks[left[-1]].text, authors))
    ):
        gone[left.pop()] = "closes the text and is of the page or a note on the author"
    return gone | _pull_quotes(blocks, left)


def _boxes(blocks: Sequence[Block], likely: Sequence[int]) -> dict[int, str]:
    """The likely blocks that are but a link to another article, a box's name, or of one that asks to join or give."""
    gone = {
        i: "a link to another article"
        for i in likely
        if blocks[i].linked and _is_link_to_article(blocks[i]) and blocks[i].tag not in ("h2", "h3")
    }
    gone |= {i: "names a box" for i in likely if i not in gone and _is_label(blocks[i].text)}
    wanted = {element for i in likely for element in blocks[i].chain[-2:]}
    held: dict[object, list[int]] = {}
    for i, block in enumerate(blocks):
        for element in block.chain[-2:]:
            if element in wanted:
                held.setdefault(element, []).append(i)
    for members in held.values():
        if len(members) < _LARGEST_BOX and any(_is_control(blocks[i]) for i in members):
            texts = [blocks[i].text for i in members]
            small = sum(map(size_in_words, texts)) <= _LARGEST_BOX
            if small and any(words.appeals(words.fold(text)) for text in texts):
                gone |= dict.fromkeys(set(members) & set(likely), "of a box that asks its reader to join or give")
    return gone


def _headings_of_boxes(blocks: Sequence[Block], left: Sequence[int]) -> dict[int, str]:
    """The headings in `left` of boxes that are left out but for them."""
    own = {id(blocks[i].chain[-2]): i for i in left if blocks[i].tag in HEADINGS and len(blocks[i].chain) > 1}
    inside: dict[int, list[int]] = {container: [] for container in own}
    for i, block in enumerate(blocks):
        for element in block.chain[:-1]:
            if id(element) in own:
                inside[id(element)].append(i)
    kept = set(left)
    return {
        i: "heads a box that is left out"
        for container, i in own.items()
        if len(inside[container]) > 1 and kept.isdisjoint(set(inside[container]) - {i})
    }


def _transcripts(blocks: Sequence[Block], likely: Sequence[int]) -> dict[int, str]:
    """The likely blocks that are what is said in a film, with its clock ("00:01 Good evening 00:04 ...")."""
    return {
        i: "the transcript of a film"
        for i in likely
        if (times := _FILM_CLOCK.findall(blocks[i].text)) and len(times) >= _CLOCKED and int(times[0]) == 0
    }


def _comments(blocks: Sequence[Block], likely: Sequence[int]) -> dict[int, str]:
    """The likely blocks below a heading that says that comments follow ("35 Comments")."""
    read = 0
    kept = set(likely)
    for i, block in enumerate(blocks):
        if block.tag in HEADINGS and read >= _LEAST_READ and size_in_words(block.text) <= _LONGEST_NAME:
            folded = words.fold(block.text)
            if folded != (uncounted := words.trimmed(_COUNT.sub("", folded))) and words.is_end(uncounted):
                return {j: "belongs to the comments" for j in likely if j >= i}
        read += size_in_words(block.text) if i in kept else 0
    return {}


def _is_link_to_article(block: Block) -> bool:
    """Whether a block holds nothing but a link and a label of related articles."""
    size = size_in_words(block.text)
    unlinked = len(block.text) - block.linked
    if size > _LARGEST_BOX or unlinked > _LONGEST_LABEL:
        return False
    label = block.text[:unlinked] if unlinked > 0 else block.text
    return words.is_related(words.fold(block.text)) or words.is_related(words.fold(label))


def _is_label(text: str) -> bool:
    """Whether a text is but the name of a box ("You may also like", "Advertisement")."""
    folded = words.fold(text)
    return size_in_words(text) <= _LONGEST_NAME and (words.is_related(folded) or words.is_furniture(folded))


def _is_control(block: Block) -> bool:
    """Whether a block is a button, or nothing but a link."""
    return block.tag in ("button", "form") or 0 < block.linked >= len(block.text) - 1


def _pull_quotes(blocks: Sequence[Block], left: Sequence[int]) -> dict[int, str]:
    subheadings: Collection[str] = {blocks[i].text for i in left if blocks[i].tag[0] == "h"}
    texts = [blocks[i].text for i in left]
    remaining = set(asides.without_asides(texts, (), subheadings))
    return {
        i: "a quotation that stands in the text, too"
        for i, text in zip(left, texts, strict=True)
        if text not in remaining
    }


def _copies(blocks: Sequence[Block], likely: Sequence[int]) -> dict[int, str]:
    """The likely blocks whose text the others hold already: copies for other devices or for machines."""
    whole = "\n".join([blocks[i].text for i in likely])
    if all(whole.count(blocks[i].text[:_OPENING]) == 1 for i in likely if len(blocks[i].text) >= _OPENING):
        return {}
    grams = {i: _grams(blocks[i].text) for i in likely if size_in_words(blocks[i].text) >= _SHORTEST_COPY}
    holders: dict[tuple[str, ...], list[int]] = {}
    for i, own in grams.items():
        for gram in own:
            holders.setdefault(gram, []).append(i)
    gone: dict[int, str] = {}
    # The longest first: a copy of the whole text in one piece goes, not its paragraphs.
    for i in sorted(grams, key=lambda i: (-len(grams[i]), -i)):
        own = grams[i]
        elsewhere = sum(any(j != i and j not in gone for j in holders[gram]) for gram in own)
        if own and elsewhere > _COPIED * len(own):
            gone[i] = "stands on the page twice"
    return gone


def _grams(text: str) -> set[tuple[str, ...]]:
    tokens, size = text.split(), _GRAM
    if not text.isascii() and len(wide := _TOKENS.findall(text)) > 2 * len(tokens):  # no spaces between words
        tokens, size = wide, 2 * _GRAM
    return set(zip(*(tokens[i:] for i in range(size)), strict=False))


def _is_leader(line: str, authors: Sequence[str]) -> bool:
    """Whether a first line is the byline."""
    if len(line) > _LONGEST_BYLINE or line.endswith((".", ":", "?", "!")):
        return False
    named = any(author in line for author in authors)
    return named and (metadata.opens_byline(line) or next(dates.find_dates(line), None) is not None)


def _is_trailer(block: Block) -> bool:
    """Whether a last block belongs to the page rather than the article, or leads to what isn't there."""
    line, folded = block.text, words.fold(block.text)
    if len(line) >= _LONGEST_TRAILER:
        return False
    if words.is_end(folded) or words.is_related(folded) or words.is_furniture(folded):
        return True
    return block.tag in HEADINGS or line.endswith((":", "：")) or _SIGNED.search(line) is not None
