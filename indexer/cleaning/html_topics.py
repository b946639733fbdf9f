"""The topics of an HTML page: the tags of its article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from indexer.article import one_line
from indexer.cleaning import metadata
from indexer.cleaning.explanation import Found
from indexer.cleaning.page_parts import PageParts, text_of
from indexer.cleaning.structured import unescaped

_MOST = 40
_LONGEST = 60  # characters
_LONGEST_LINE = 400  # characters
_MOST_WORDS = 5
# Among the tags, what a publishing system notes for itself: "Category: Travel", "@front-page", "8ae9ab2d-fe1b-...".
_NOTE = re.compile(r".*[:<].*|[@/].*|[0-9a-f-]{20,}", re.I | re.S)
_BETWEEN = re.compile(r"[;，、；]")  # where there is no comma
_META = ("news_keywords", "og:article:tag", "parsely-tags", "sailthru.tags", "keywords", "cxenseparse:keywords")
# The address of all articles with a tag: "/tag/rivers", "/thema-rivers".
_ADDRESS = re.compile(
    r"""/(?:
        tags? | topics? | keywords? | labels? | categor(?:y|ies) | themen? | themes? | schlagw(?:o|oe)rte?r?
        | kategorien? | sujets? | mots?-cles? | etiquetas? | temas? | assuntos? | argoment[io] | temi | etiket(?:ler)?
        | tagi | tematy? | trefwoord(?:en)? | onderwerp(?:en)? | emner?
    )[/=,-][^/]""",
    re.I | re.X,
)
_FRAME = ("nav", "header", "footer", "aside")
_COUNT = re.compile(r"\s*\(\d[^()]*\)$")  # "Rivers (14 posts)"
_WITHIN_LINE = ("li", "span", "button", "b", "strong")
_LINKED = 0.7  # of the text of a list of tags is that of its links


def find_topics(page: PageParts) -> Found:
    """The article's tags: as the page shows them, where it does; what it tells search engines names much else too."""
    for group, method, confidence in _tags(page):
        texts = map(unescaped, group)
        parts = [part for text in texts for part in (text.split(",") if "," in text else _BETWEEN.split(text))]
        topics = [topic for part in parts if 1 < len(topic := one_line(part.strip("# "))) <= _LONGEST]
        topics = [topic for topic in topics if not _NOTE.fullmatch(topic)]
        if topics:
            return Found(tuple(topics[:_MOST]), method, confidence)
    return Found((), "", 0.0)


def _tags(page: PageParts) -> Iterator[tuple[list[str], str, float]]:
    structured = page.structured
    yield structured.meta.get("article:tag", []), "opengraph", 0.9
    yield [text_of(link) for link in page.tree.xpath("//a[@rel='tag']")], "link", 0.8
    yield _linked_list(page), "link", 0.7
    yield [value for value in structured.property("keywords") if isinstance(value, str)], "json-ld", 0.9
    yield structured.items.get("keywords", []), "microdata", 0.9
    yield list(structured.first(_META))[:1], "meta", 0.8
    yield _labelled(page), "label", 0.6


def _linked_list(page: PageParts) -> list[str]:
    """The first list of links to articles with some tag that stands below the headline and in no menu."""
    lists: dict[Any, list[str]] = {}
    below = page.tree.find(".//h1") is None
    for element in page.tree.iter("h1", "a"):
        below = below or element.tag == "h1"
        if not below or element.tag == "h1" or not _ADDRESS.search(element.get("href") or ""):
            continue
        if any(ancestor.tag in _FRAME for ancestor in element.iterancestors()):
            continue
        around = element.getparent()
        while around.getparent() is not None and (around.tag in _WITHIN_LINE or _holds_one(around)):
            around = around.getparent()
        lists.setdefault(around, []).append(text_of(element))
    for around, tags in lists.items():
        if sum(map(len, tags)) >= _LINKED * len(text_of(around)):
            return [_COUNT.sub("", tag) for tag in tags]
    return []


def _holds_one(element: Any) -> bool:
    """Whether an element is but a wrapping of another one."""
    return len(element) == 1 and not any(map(str.strip, (element.text or "", element[0].tail or "")))


def _labelled(page: PageParts) -> list[str]:
    """What stands behind a label ("Tags:") below the headline, or in the list under it."""
    first = next((place for place, block in enumerate(page.blocks) if block.tag == "h1"), 0)
    for place, block in enumerate(page.blocks[first:], first):
        label = metadata.TOPIC_LABEL.match(block.text) if len(block.text) <= _LONGEST_LINE else None
        if not label:
            continue
        rest = block.text[label.end() :]
        under = page.blocks[place + 1 : place + 1 + _MOST]
        entries = list(takewhile(lambda entry: entry.tag == "li" and entry.text.count(" ") < _MOST_WORDS, under))
        found: list[str] = []
        for entry in [block] if rest else entries:
            # The text of a line glues its links together.
            links = [text_of(link) for link in entry.chain[-1].iter("a")]
            found += links or [rest or entry.text]
        if found:
            return found
    return []
