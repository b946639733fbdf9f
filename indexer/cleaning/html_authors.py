"""The authors of an HTML page: whom it names for machines, else its visible byline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from indexer.article import one_line
from indexer.cleaning import metadata
from indexer.cleaning.explanation import Found
from indexer.cleaning.page_parts import PageParts, headline_place, lines_of
from indexer.cleaning.structured import Structured, names_in

_LONGEST_BYLINE = 80  # characters
_LONGEST_PSEUDONYM = 30  # characters
_BYLINES_SEEN = 12  # elements marked as bylines that are read
_NOBODY = re.compile(
    r"(?:(?:super|site|web|user|wp)?\W?(?:admin(?:istrator)?|user|master)|no author|unknown|anonymous|guest|null|none"
    r"|未知|佚名)",
    re.I,
)
_ADDRESS = re.compile(r"\s*\((?:www\.|https?:)[^()]*\)")
_NAME_ON_CARD = "self::*[contains(concat(' ', @class, ' '), ' vcard ')]//*[contains(concat(' ', @class, ' '), ' fn ')]"
_MARKED_AUTHORS = (
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'uthor') or contains(@class, 'yline')]"  # or "Author"
    "[not(ancestor-or-self::*[contains(@class, 'comment') or contains(@id, 'comment')])]"
)
_BYLINE_TAGS = ("p", "span", "div", "li", "a", "address", "i", "em", "b", "strong", "font", "small", "td")
_AUTHORS = (
    *("author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "byl", "byline"),
    *("dc.creator", "dcterms.creator", "citation_author", "article:author_name", "cxenseparse:author"),
    *("article:byline", "articleauthor"),
)


def find_authors(page: PageParts, title: str, site: str) -> Found:
    """The authors: whom structured data names, else the visible byline; the outlet itself only if nobody else."""
    structured = page.structured
    marked = next(_marked_bylines(page), [])
    outlets = _outlets(page, site)
    meta = _people(structured.first(_AUTHORS), outlets)
    groups: tuple[tuple[list[str], str, float], ...] = (
        (_listed_authors(structured), "json-ld", 0.95),
        (meta, "meta", 0.9),
        (_people(structured.items.get("author", []), outlets), "microdata", 0.9),
        (marked, "byline", 0.85),
    )
    outlet: Found | None = None
    for people, method, confidence in groups:
        if people and all(_is_outlet(name, outlets) for name in people):
            outlet = outlet or Found(tuple(people), method, 0.6)
        elif people:
            if method != "json-ld":
                people = [name for name in people if not _is_outlet(name, outlets)]
            others = ([name for name in other if not _is_outlet(name, outlets)] for other in (meta, marked))
            return _completed(Found(tuple(people), method, confidence), others)
    if outlet is None or outlet.method != "json-ld":
        for people in (_byline_in_text(page), [] if outlet else _names_near_headline(page, title)):
            if people:
                return Found(tuple(people), "byline", 0.7)
    return outlet or Found((), "", 0.0)


def _outlets(page: PageParts, site: str) -> set[str]:
    """The names of the page's outlet, squeezed."""
    structured = page.structured
    publishers = [name for value in structured.property("publisher") for name in names_in(value)]
    names = (site, *publishers, *structured.first(("publisher", "og:site_name")), metadata.domain_label(page.url))
    return {squeezed for name in names if len(squeezed := metadata.squeeze(name)) >= 2}


def _is_outlet(name: str, outlets: set[str]) -> bool:
    squeezed = metadata.squeeze(name)
    return any(
        squeezed == outlet or (len(squeezed) >= 3 and squeezed in outlet) or (len(outlet) >= 4 and outlet in squeezed)
        for outlet in outlets
    )


def _completed(found: Found, others: Iterable[list[str]]) -> Found:
    """The longer list where another place names the same people and more, and the better spelling of a login."""
    names = found.value if isinstance(found.value, tuple) else ()
    known = {metadata.squeeze(name) for name in names}
    for other in others:
        squeezed = {metadata.squeeze(name) for name in other}
        opening = {metadata.squeeze(name) for name in other[: len(known)]}
        more = opening == known and len(known) < len(other) <= 6 and all(" " in name for name in other)
        spelled = squeezed == known and sum(" " in name for name in other) > sum(" " in name for name in names)
        if more or spelled:
            return Found(tuple(other), found.method, found.confidence)
    return found


def _listed_authors(structured: Structured) -> list[str]:
    people: list[str] = []
    for value in structured.property("author"):
        for text in names_in(value):
            text = metadata.without_byline(text)
            if "//" in text or not text or _NOBODY.fullmatch(text):
                continue
            split = metadata.names(text)
            # A name of its own ("The Eddy and wires") is split only into names that can stand alone.
            whole = isinstance(value, dict) and not set(text) & set(",(|") and _is_one_name(text, split)
            # What JSON-LD calls an author is one, even in a form that no name has ("dpa/lno").
            people.extend([text] if len(text) <= 40 and (whole or not split) else split)
    return list(dict.fromkeys(people))


def _is_one_name(text: str, split: Sequence[str]) -> bool:
    if metadata.joins(text):
        return sum(len(name.split()) + 1 for name in split) <= len(text.split())
    return " " in text and not any(" " in name for name in split)


def _people(texts: Iterable[str], outlets: set[str]) -> list[str]:
    """The names in the texts; one that names the outlet ("The Eddy, Riverside") is one name up to the comma."""
    people: dict[str, bool] = {}
    for text in (one_line(_ADDRESS.sub("", text)) for text in texts):
        if not text or "//" in text or "@" in text or _NOBODY.fullmatch(text):
            continue
        first = text.split(",")[0].strip()
        of_outlet = _is_outlet(first, outlets)
        names = [first] if of_outlet else metadata.names(text)
        people |= {name: of_outlet for name in names if ":" not in name}
    return [name for name, of_outlet in people.items() if not of_outlet] or list(people)


def _marked_bylines(page: PageParts) -> Iterator[list[str]]:
    """The names in elements that are marked as a byline."""
    for element in page.tree.xpath(_MARKED_AUTHORS)[:_BYLINES_SEEN]:
        if card := element.xpath(_NAME_ON_CARD):
            element = card[0]
        lines = lines_of(element)
        text = " ".join(lines)
        if not text or len(text) > _LONGEST_BYLINE or _NOBODY.fullmatch(text):
            continue
        pieces = [piece for piece in map(one_line, element.itertext()) if any(map(str.isalpha, piece))]
        people = _byline_of(lines)
        bare = metadata.without_byline(text)
        if people and metadata.is_person(people[0]):
            yield people
        elif reporter := metadata.korean_reporter(text):
            yield [reporter]
        elif (
            len(pieces) > 1
            and "byline" in (element.get("class") or "").lower()
            and all(map(metadata.is_person, pieces))
        ):
            yield list(dict.fromkeys(pieces))
        elif metadata.is_person(bare):
            yield [bare]
        elif (named := metadata.names(bare)) and metadata.is_person(named[0]) and card:
            yield named
        elif _is_named(element) and len(bare) <= _LONGEST_PSEUDONYM and not any(map(str.isdigit, bare)):
            yield named or [bare]
        elif bare != text and named == [bare] and len(bare) <= _LONGEST_PSEUDONYM:
            yield named


def _byline_of(lines: Sequence[str]) -> list[str]:
    """The names in a byline: in its first line, unless that is a label; the others say what the people are."""
    return metadata.byline(lines[0]) or metadata.byline("\n".join(lines)[:_LONGEST_BYLINE]) if lines else []


def _is_named(element: Any) -> bool:
    """Whether the element holds nothing but an author's name: a link to the author, a name in a visiting card."""
    marks = (element.get("class") or "").split()
    return element.get("rel") == "author" or "vcard" in marks or "fn" in marks


def _byline_in_text(page: PageParts) -> list[str]:
    """The first short text that reads like a byline."""
    for element in page.tree.iter(*_BYLINE_TAGS):
        text = element.text
        if text and len(text) <= _LONGEST_BYLINE:
            people = metadata.byline(text := one_line(text))
            if not people and metadata.is_byline_label(text):  # the names stand in the elements within
                people = _byline_of(lines_of(element))
            if people and metadata.is_person(people[0]):
                return people
    return []


def _names_near_headline(page: PageParts, title: str) -> list[str]:
    """Names beside a date, close to the headline."""
    at = headline_place(page.blocks, title)
    if at is None:
        return []
    for block in [*page.blocks[at + 1 : at + 5], *reversed(page.blocks[max(0, at - 2) : at])]:
        if len(block.text) <= _LONGEST_BYLINE and (people := metadata.names_beside_date(block.text)):
            return people
    return []
