"""Who wrote the article of a dump: every line near it that can be a byline, weighed.

A byline may open with "By", stand in the line of the date, be a name with a role, a portrait's alternative text, or a
bare name between headline and text or right after the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from indexer.cleaning import dates, metadata, words
from indexer.cleaning.explanation import NOTHING, Found
from indexer.cleaning.lines import Dump, Line
from indexer.cleaning.region import Region

_BY: Final = words.alternatives("by")
# "17 Nov 2019 by marc | 3 comments", "Erstellt von Fabian am Dienstag"
_INLINE: Final = re.compile(
    rf"(?:^|[\s|·•–—-])(?:{_BY})\s+(?P<name>[^\W\d_][^|·•–—\d]{{1,60}}?)"
    rf"(?=\s+(?:{words.alternatives('preposition')})\s|\s*[|·•–—\d]|\s+-\s|,|$)",
    re.I,
)
_LABEL: Final = re.compile(rf"[^\W\d_]+\s+(?:{_BY})\s*:?", re.I)  # "Comment by"
_PORTRAIT: Final = re.compile(rf"(?:{words.alternatives('portrait')})[\s:]+(?=\S)", re.I)
_PORTRAIT_END: Final = re.compile(r"(?:の写真|\s*기자(?:\s.*)?)$")
_SEPARATED: Final = re.compile(r"\s*[|·•~]\s*|\s+[–—-]\s+")
_ROLE: Final = re.compile(rf"\b(?:{words.alternatives('role')})\b", re.I)
_PREPOSITION: Final = re.compile(rf"(?:{words.alternatives('preposition')})\b", re.I)
_HANDLE_END: Final = re.compile(r"(?<=\w\w)\s*@\w+$")
_HANDLE: Final = re.compile(r"@\w+|\d")
_AGENCY: Final = frozenset(
    ["afp", "ap", "dpa", "reuters", "apa", "ansa", "efe", "jiji", "tass", "pti", "ians", "upi", "sda", "kna", "epd"]
)
_JOINED: Final = frozenset(words.every("conjunction"))
_IN_NAME: Final = frozenset(".'’-‐")
_GLUED: Final = re.compile(r"[a-zà-ÿ](?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bLe)(?<!\bFitz)[A-ZÀ-Þ]")
_BEFORE: Final = 3  # lines above the headline
_AFTER: Final = 4  # lines below the text
_INTO: Final = 3  # lines into the text
_HEAD: Final = 12  # lines below the headline
_STANDFIRST: Final = 70  # words; below more text than that, a bare name is somebody in a picture
_LONGEST: Final = 24  # words
_LEAD: Final = 2  # words before "by" within a line; after more, it says whose something is
_MOST: Final = 8  # lines of names below a label
_SURE: Final = {
    "byline": 0.95,
    "beside the date": 0.85,
    "role": 0.8,
    "name alone": 0.6,
    "after the text": 0.5,
    "agency": 0.5,
}


def authors(dump: Dump, title_at: int | None, region: Region, site: str) -> Found:
    """The authors of the text at `region`, with the way they were found.

    site  an outlet is no author beside people ("By Ann Lee | Daily Herald")
    """
    lines = dump.lines
    anchor = region.start - 1 if title_at is None else title_at
    head = min(len(lines), max(region.start + _INTO, anchor + _HEAD))
    passed = 0  # words of the text above the line
    found: dict[int, tuple[float, str, list[str]]] = {}
    places = [
        *range(max(0, anchor - _BEFORE), head),
        *range(max(head, region.stop - 1), min(len(lines), region.stop + _AFTER)),
    ]
    for i in places:
        line = lines[i]
        passed += line.size if line.role == "prose" and i > anchor else 0
        if title_at is not None and line.folded == lines[title_at].folded:
            continue
        method, people = _people(lines, i)
        if not people:
            continue
        score = {"byline": 8.0, "beside the date": 6.0, "role": 5.0, "name alone": 3.0, "agency": 1.5}[method]
        if method in ("name alone", "role"):
            dated = any(other.role == "date" for other in lines[max(0, i - 2) : i + 3])
            score += 1.5 * dated + (dump.repeats[line.folded] > 1) - line.bullet
            doubled = any(0 <= j < len(lines) and lines[j].folded == line.folded for j in (i - 1, i + 1))
            # Of whom the article speaks may be in its picture.
            if (doubled or not dated) and _mentions(lines, region, people):
                score -= 3.0
            if passed > _STANDFIRST and i < region.stop - 1:
                score -= 2.5
        elif method == "agency":
            score += 2.0 * any(other.role == "date" for other in lines[i : i + 2])
        elif not any(map(_is_name, people)):
            score -= 3.0
        if i < anchor:
            score -= 3.0
        elif i >= region.stop - 1:
            score -= 1.5 + 1.0 * max(0, i - region.stop) + line.bullet
            method = "after the text" if method == "name alone" else method
        else:
            score -= 0.15 * (i - anchor)
        found[i] = (score, method, people)
    if not found:
        return NOTHING
    best = max(found, key=lambda i: found[i][0])
    score, method, people = found[best]
    if score <= 0:
        return NOTHING
    people = list(people)
    # Several authors may stand one below the other.
    i = best + 1
    while method in ("name alone", "role") and i in found and found[i][1] == method and i < region.start:
        people += found[i][2]
        i += 1
    others = [name for name in people if metadata.squeeze(name) != metadata.squeeze(site)]
    people = others if any(map(metadata.is_person, others)) else people
    return Found(tuple(dict.fromkeys(people)), method, _SURE[method])


def _mentions(lines: Sequence[Line], region: Region, people: Sequence[str]) -> bool:
    """Whether the first half of the text at `region` speaks of all of them."""
    first_half = lines[region.start : (region.start + region.stop + 1) // 2]
    said = f" {' '.join([line.folded for line in first_half if line.role == 'prose'])} "
    return all(f" {word} " in said for name in people for word in words.fold(name).split())


def _people(lines: Sequence[Line], i: int) -> tuple[str, list[str]]:
    """The names that line `i` gives as a byline, and by which sign; ("", []) if it is none."""
    line = lines[i]
    text = line.text
    if line.size > _LONGEST or (line.role == "prose" and line.size > 6) or line.role in ("related", "end"):
        return "", []
    if line.role == "caption" and not metadata.opens_byline(text):
        return "", []
    if (metadata.is_byline_label(text) or _LABEL.fullmatch(text)) and i + 1 < len(lines):
        people = metadata.names(lines[i + 1].text)
        for below in range(i + 1, min(len(lines), i + _MOST)):  # several may stand one below the other
            method, more = _people(lines, below)
            if method not in ("name alone", "role"):
                break
            people = more if below == i + 1 else people + more
        return "byline", people
    if people := metadata.byline(text):
        return "byline", people
    if match := _INLINE.search(text):
        name = match["name"].strip(" ,.:")
        lead = _SEPARATED.split(text[: match.start()])[-1]
        if line.role == "date" or (_is_name(name) and lead.count(" ") < _LEAD):
            return "byline", metadata.names(name) or [name]
    if line.role == "date":
        return "beside the date", metadata.names_beside_date(text) or _beside(text)
    bare = _PORTRAIT.sub("", metadata.undoubled(text), count=1)
    portrait = bare != text
    bare = _HANDLE_END.sub("", _PORTRAIT_END.sub("", bare)).strip()
    if bare != text and len(bare.split()) <= 3 and (_is_name(bare) or not bare.isascii()):
        return "name alone", [metadata.undoubled(bare)]
    if line.size <= 3 and words.fold(text) in _AGENCY:
        return "agency", [text]
    parts = [part for part in _SEPARATED.split(bare) if part]
    if parts and len(parts) > 1 and _is_name(parts[0]):
        return "name alone", [part for part in parts if _is_name(part)] if len(parts) == 2 else [parts[0]]
    if _is_name(bare):
        return "name alone", [bare]
    people = metadata.names(bare) if "," in bare or " and " in bare or " und " in bare or " og " in bare else []
    if len(people) > 1 and all(map(metadata.is_person, people)):
        return "name alone", people
    name = metadata.leading_person(bare)
    if name and _is_name(name) and line.size <= 12:
        rest = bare[len(name) :]
        glued = rest[:1].isupper() and _ROLE.search(rest)  # "Ann LeeStaff Writer"
        role = rest.lstrip(" ,:|–-")
        if portrait or glued or (_ROLE.match(role) and not _PREPOSITION.match(role)) or _HANDLE.match(rest.strip()):
            return "role", [name]
    return "", []


def _is_name(text: str) -> bool:
    """Whether the text is a person's full name and nothing else: letters only, no two names glued together."""
    tokens = text.split()
    return (
        metadata.is_person(text)
        and not words.is_furniture(words.fold(text))
        and not words.is_home(words.fold(text))
        and sum(token[0].isupper() for token in tokens) >= 2
        and all(_IN_NAME.issuperset(mark for mark in token if not mark.isalpha()) for token in tokens)
        and not _GLUED.search(text)
        and _JOINED.isdisjoint(tokens)
    )


def _beside(text: str) -> list[str]:
    """The part of a date line that is a name by itself: "Redaktion - 31. Januar 2022", "mh 15. Oktober 2023"."""
    for part in _SEPARATED.split(text):
        if part and not any(dates.find_dates(part)) and _is_name(part):
            return [part]
    return []
