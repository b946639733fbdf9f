"""The publication date of an HTML page: what it says for machines, its address, what a reader sees."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from indexer.cleaning import dates, metadata, words
from indexer.cleaning.blocks import MARKS, WITHIN, Block
from indexer.cleaning.explanation import Found
from indexer.cleaning.page_parts import PageParts, around_headline, headline_place, text_of

_LONGEST_BYLINE = 80  # characters
_LONGEST_SIGNED = 120  # characters of a line that has author, paper and date
_AFTER_LABEL = 60  # blocks after the headline among which a date that is labelled as the publication stands
_LISTED = 4  # dates in blocks that look alike: those of a list
_BESIDE_DATE = 15  # letters on the line of a date that stands alone: the day of the week, the time
_MODIFIED = re.compile(r"modif|update|revis|last")
_NAMED_PUBLISHED = re.compile(r"publi[sc]|posted|created|erstellt|veröffentlicht")
_UPDATED = re.compile(rf"\b(?:{words.alternatives('updated')})\b", re.I)
_LABEL = re.compile(rf"\b(?:{words.alternatives('published')})\W*(?:on|at|am|le|el|il|em)?\W*$", re.I)
_SLASHED = re.compile(r"\s*(\d\d?)/(\d\d?)/((?:19|20)\d\d)")
_POSTED = re.compile(
    r"(?:this (?:entry|post|article) was (?:posted|published|written)|dieser (?:artikel|beitrag|eintrag) wurde"
    r"|(?:cet article|ce billet) a été publié)\b",
    re.I,
)
_OWN_NAME = re.compile(r"(?:^|\s)(?:date-?)?publi(?:sh|c)", re.I)  # of an element that holds the publication date
_OF_COMMENTS = "ancestor-or-self::*[contains(@class, 'comment') or contains(@id, 'comment')]"
_OF_OTHERS = f"{_OF_COMMENTS}|ancestor::blockquote"
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished"),
    *("date.published", "publishdate", "publish-date", "publish_date", "pubdate", "publication_date", "published_time"),
    *("parsely-pub-date", "sailthru.date", "citation_publication_date", "citation_online_date", "rnews:datepublished"),
    *("dc.date.issued", "dcterms.issued", "cxenseparse:recs:publishtime", "article.published", "bt:pubdate"),
    "og:pubdate",
)  # fmt: skip
_DATED = ("dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "date", "datecreated")
# What the state that a page's scripts start from calls the publication; quotes are escaped where it is a string.
_IN_SCRIPT = re.compile(
    r"""\\?["'](?:date_?published|(?:published|publish|publication|pub)_?date|published_?at|publication_?time)\\?["']"""
    r"""\s*:\s*\\?["'](?P<stamp>(?:19|20)\d\d-\d\d-\d\d[^"'\\]{0,20})""",
    re.I,
)
_OF_PICTURE = WITHIN["figure"] | WITHIN["figcaption"]
_Claim = tuple[dates.Moment | None, str, float]
_Visible = Callable[[], Sequence[_Claim]]


def find_date(page: PageParts, title: str, fetched: datetime | None) -> tuple[dates.Moment | None, Found]:
    """The publication date and where it was found; dates of changes are never looked at."""
    visible = cache(lambda: list(_visible_dates(page, title)))  # most pages need not be searched for them
    for moment, method, confidence in _dates(page, visible):
        if moment is not None and dates.is_possible(moment, fetched):
            moment = _day_of_midnight(moment, visible)
            return moment, Found(moment.when, method, confidence)
    return None, Found(None, "", 0.0)


def _dates(page: PageParts, seen: _Visible) -> Iterator[_Claim]:
    structured = page.structured
    for value in structured.property("datePublished"):
        yield _stamp(str(value), seen), "json-ld", 0.98
    for value in structured.first(_PUBLISHED):
        yield _stamp(value, seen), "meta", 0.95
    for element in page.tree.xpath(f"//*[@itemprop='datePublished' or @pubdate][not({_OF_COMMENTS})]"):
        stamp = element.get("datetime") or element.get("content") or element.get("title") or text_of(element)
        yield _stamp(stamp, seen), "microdata", 0.95
    # "date" does not say of what: with a time of day it is the publication, a bare day may be that of a printed issue.
    dated = [moment for value in structured.first(_DATED) if (moment := _stamp(value, seen))]
    yield from ((moment, "meta", 0.95) for moment in dated if moment.precision in ("minute", "second"))
    for value in structured.property("dateCreated"):
        yield _stamp(str(value), seen), "json-ld", 0.9
    if page.url and (moment := dates.from_url(page.url)) and moment.precision == "day":
        yield moment, "url", 0.9
    times = list(_time_elements(page))
    yield from (_as_stamped(claim, times) for claim in seen() if claim[1] == "byline")
    yield from ((moment, "meta", 0.7) for moment in dated)
    yield from (_as_stamped(claim, times) for claim in seen() if claim[1] != "byline")
    yield from ((_stamp(stamp or text, seen), "time", 0.75) for text, stamp in times)
    yield _in_scripts(page), "script", 0.6
    if page.url:
        yield dates.from_url(page.url), "url", 0.7


def _time_elements(page: PageParts) -> Iterator[tuple[str, str]]:
    """Text and stamp ("" if it has none) of each <time> that is not of a change, a comment or an embedded post.

    Older pages give the stamp as the title of an <abbr>.
    """
    for element in page.tree.iter("time", "abbr"):
        stamp = element.get("datetime") or element.get("title") or ""
        if element.tag == "abbr" and not _STAMP.match(stamp):
            continue
        marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
        changed = _MODIFIED.search(marks) and not _NAMED_PUBLISHED.search(marks)
        if not changed and not element.xpath(_OF_OTHERS):
            yield text_of(element), stamp if element.tag == "abbr" else element.get("datetime") or ""


def _as_stamped(claim: _Claim, times: Sequence[tuple[str, str]]) -> _Claim:
    """A visible date as the stamp of the <time> that shows it: the text has the local time, the stamp says its zone."""
    seen, _, confidence = claim
    for text, stamp in times:
        shown = next(dates.find_dates(text[:_LONGEST_BYLINE]), None) if stamp and seen else None
        if shown and seen and shown.moment == seen:
            moment = dates.parse_timestamp(stamp)
            if moment and moment.precision != "day" and abs(moment.when - seen.when) <= timedelta(days=1):
                return moment, "time", confidence
    return claim


def _in_scripts(page: PageParts) -> dates.Moment | None:
    """The publication in the data that a page's scripts work with, where all of them name one day."""
    stamps = [
        moment
        for element in page.tree.iter("script")
        for match in _IN_SCRIPT.finditer(element.text or "")
        if (moment := dates.parse_timestamp(match["stamp"]))
    ]
    return stamps[0] if len({moment.when.date() for moment in stamps}) == 1 else None


def _stamp(text: str, seen: _Visible) -> dates.Moment | None:
    """A timestamp of structured data; 3/4/2024 is read as the page shows it, else the American way, else the other."""
    if match := _SLASHED.match(text):
        month_first = f"{match[3]}-{match[1]:0>2}-{match[2]:0>2}"
        day_first = f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}"
        stamps = [stamp + text[match.end() :] for stamp in (month_first, day_first)]
        readings = [moment for moment in map(dates.parse_timestamp, stamps) if moment]
        days = {moment.when.date() for moment, _, _ in seen() if moment}
        return next((moment for moment in readings if moment.when.date() in days), readings[0] if readings else None)
    return dates.parse_timestamp(text)


def _day_of_midnight(moment: dates.Moment, visible: _Visible) -> dates.Moment:
    """A day where a stamp in UTC is a local midnight: the page shows the day that begins then."""
    if moment.precision in ("minute", "second") and moment.when.minute == 0 and moment.when.second == 0:
        for seen, _, _ in visible():
            if seen and seen.precision == "day" and timedelta(0) < seen.when - moment.when <= timedelta(hours=2):
                return seen
    return moment


def _visible_dates(page: PageParts, title: str) -> Iterator[_Claim]:
    """Dates that a reader sees: labelled as the publication, close to the headline, alone on their line, or signed."""
    at = headline_place(page.blocks, title)
    below = [block for block in page.blocks[(at or 0) + 1 :] if _can_date(block)]
    near = [(block, found) for block in around_headline(page, title) if _can_date(block) and (found := _date_in(block))]
    dated = [(place, block, found) for place, block in enumerate(below) if (found := _date_in(block))]
    soon = [(block, found) for place, block, found in dated if place < _AFTER_LABEL]
    alike = Counter(block.kind for _, block, _ in dated)

    @cache
    def listed(kind: tuple[tuple[str, str], ...]) -> bool:
        """Whether blocks that look like this have many dates all over the page: those of other articles."""
        same = (block for block in page.blocks if block.kind == kind and len(block.text) < _LONGEST_BYLINE)
        return len({found.moment.when.date() for block in same if (found := _date_in(block))}) >= _LISTED

    for group in (near, soon):
        for block, found in group:
            if found.labelled and alike[block.kind] < _LISTED:  # a list of other texts, each "of 3 May"
                yield found.moment, "byline", 0.85
        yield from ((found.moment, "byline", 0.8) for block, found in near if found.alone and not listed(block.kind))
    yield from ((found.moment, "byline", 0.7) for block, found in near if found.beside and not listed(block.kind))
    for _, block, found in dated:
        signed = found.beside and bool(metadata.names_beside_date(block.text))
        if (found.alone or signed) and block.linked < len(block.text) / 2 and alike[block.kind] < _LISTED:
            yield found.moment, "text", 0.4


@dataclass(frozen=True, slots=True)
class _SeenDate:
    """A date in a text: whether it is labelled as the publication, alone on its line, or beside few other words."""

    moment: dates.Moment
    labelled: bool
    alone: bool
    beside: bool


def _can_date(block: Block) -> bool:
    of_others = block.near & (MARKS["comment"] | MARKS["related"]) and not _OWN_NAME.search(block.kind[-1][1])
    return not of_others and not block.within & _OF_PICTURE


def _date_in(block: Block) -> _SeenDate | None:
    """The first date of a block, if it isn't that of a change."""
    text = block.text
    head = text[:_LONGEST_BYLINE]
    if not any(map(str.isdigit, head)) or _UPDATED.match(head):
        return None
    found = next(dates.find_dates(head), None)
    if not found or _UPDATED.search(head[: found.start]):
        return None
    label = _LABEL.search(head[: found.start])
    posted = _POSTED.match(head) is not None
    signed = metadata.opens_byline(head) or " by " in head[: found.start].lower()
    if found.start > _LONGEST_BYLINE / 2 and not (label or posted or signed):
        return None
    changed = _UPDATED.search(text, found.end)  # what is said of a change does not count
    size = changed.start() if changed else len(text)
    return _SeenDate(
        moment=found.moment,
        labelled=posted or (label is not None and (label.start() == 0 or size <= _LONGEST_BYLINE)),
        alone=size - (found.end - found.start) <= _BESIDE_DATE,
        beside=size <= (_LONGEST_SIGNED if signed else _LONGEST_BYLINE) or found.start < 3,
    )
