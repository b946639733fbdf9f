"""The date that a dump gives its article.

It stands near the headline, seldom after the text; it says more if "published" stands before it, less if "updated"
does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from indexer.article import host_of
from indexer.cleaning import dates, metadata, words
from indexer.cleaning.explanation import NOTHING, Found
from indexer.cleaning.lines import Line
from indexer.cleaning.region import Region

_PUBLISHED = re.compile(rf"\b(?:{words.alternatives('published')})\b", re.I)
_UPDATED = re.compile(rf"\b(?:{words.alternatives('updated')})\b", re.I)
_DIGIT = re.compile(r"\d")
_HALF_DAY_CLOCK = re.compile(r"\d\s?[ap]\.?m\b|\b[ECMP][SD]?T\b")
_DAY_FIRST_HOST = re.compile(r"\.(?:uk|au|nz|ie|in|za|ng|ke|pk|eu)$")
_HEAD_SCORE = {"published": 4.0, "updated": -6.0, "": 0.0}
_LONGEST = 250  # characters; in longer lines, only a date at the start counts
_OPENING = 4  # lines; so far from the headline is at least what stands in the text
_TAIL = 10  # lines after the text
_HEADLINE = 20  # characters; shorter headlines are found in too many lines
_SENTENCE = 5  # words beside the date
_LISTED = 5.0
_MONTH = 45  # days; the month in an address may be the one before
_SEPARATED = re.compile(r"\s*[|·•/]\s*|\s+[–—-]\s+")
_DASHES = frozenset('–—-:|/„“"«')
_SURE = 0.95
_LIKELY = 0.8
_GUESS = 0.5


def date(
    lines: Sequence[Line],
    head: range,
    title_at: int | None,
    region: Region,
    url: str | None,
    fetched: datetime | None,
) -> tuple[dates.Moment | None, Found]:
    """The publication date and where it was found: near the headline, after the text, or in the address."""
    in_url = dates.from_url(url) if url else None
    month_first = _month_first(lines, head, url)
    best, best_moment, best_label = float("-inf"), None, ""
    for i, place in _places(lines, head, title_at, region):
        line = lines[i]
        opening = line.text[:_LONGEST]
        if not _DIGIT.search(opening):
            continue
        start = 0
        short = len(line.text) <= _LONGEST
        for found in dates.find_dates(opening, month_first=month_first):
            if not (short or found.start <= 1 or metadata.opens_byline(line.text)):
                break
            before = line.text[start : found.start] or (lines[i - 1].text if i and lines[i - 1].size <= 3 else "")
            start = found.end
            label = "updated" if _UPDATED.search(before) else "published" if _PUBLISHED.search(before) else ""
            score = place + _date_score(line, label, found) - _LISTED * _is_listed(lines, i)
            if in_url and abs((found.moment.when - in_url.when).days) > (1 if in_url.precision == "day" else _MONTH):
                score -= 20
            if score > best and dates.is_possible(found.moment, fetched):
                best, best_moment, best_label = score, found.moment, label
    if best_moment is None and title_at is not None:
        months = (dates.find_month(line.text) for line in lines[title_at : region.start] if line.role == "date")
        best_moment = next((month for month in months if month and dates.is_possible(month, fetched)), None)
    if in_url and dates.is_possible(in_url, fetched) and (best_moment is None or best < -15):
        return in_url, Found(in_url.when, "url", _LIKELY if in_url.precision == "day" else _GUESS)
    if best_moment is None:
        return None, NOTHING
    sure = best_label == "published" or (in_url is not None and best > -15)
    confidence = _SURE if sure else _GUESS if best_label == "updated" or best < -5 else _LIKELY
    return best_moment, Found(best_moment.when, "byline", confidence)


def _places(lines: Sequence[Line], head: range, title_at: int | None, region: Region) -> Iterator[tuple[int, float]]:
    """The lines that may hold the date, each with what its place says for or against it."""
    anchor = region.start if title_at is None else title_at
    title = "" if title_at is None else lines[title_at].folded
    telling = len(title) > _HEADLINE
    for i, line in enumerate(lines[: region.stop + _TAIL]):
        if i in head:
            below = min(i - anchor, i - region.start + _OPENING if i >= region.start else region.start - i + 1)
            yield i, -0.5 * below if i >= anchor else 1.2 * (i - anchor)
        elif i >= region.stop:
            if line.role == "date" or _PUBLISHED.search(line.text):
                yield i, -6.0 - 0.5 * (i - region.stop)
        elif i >= region.start:
            if line.role == "date" or metadata.opens_byline(line.text):
                yield i, -10.0
        elif telling and title in line.folded:
            yield i, -3.0  # "Flood warning | Daily Herald | 3 May 2024"


def _date_score(line: Line, label: str, found: dates.FoundDate) -> float:
    """What a date's line says for or against it."""
    score = _HEAD_SCORE[label] + (found.moment.precision != "day")
    if line.role == "prose":
        # "29.11.2022 – Several times ..."
        opens = found.start <= 1 and line.text[found.end :].lstrip()[:1] in _DASHES
        score -= 2.0 if opens else 8.0
    elif not label and not metadata.opens_byline(line.text):
        beside = _SEPARATED.split(line.text[: found.start])[-1]
        if beside.count(" ") >= _SENTENCE:
            score -= 5.0  # a picture's caption
    return score


def _is_listed(lines: Sequence[Line], i: int) -> bool:
    """Whether line `i` is an entry of a list of dates."""
    near = lines[max(0, i - 2) : i + 3]
    return lines[i].bullet and sum(line.bullet and line.role == "date" for line in near) > 2


def _month_first(lines: Sequence[Line], head: range, url: str | None) -> bool:
    """Whether 3/4/2024 on this page is March 4: clocks and zones of the United States say so."""
    if _DAY_FIRST_HOST.search(host_of(url)):
        return False
    return any(_HALF_DAY_CLOCK.search(lines[i].text) for i in head if lines[i].size <= 20)
