"""The date that a dump gives its article.

It stands near the headline, seldom after the text; it says more if "published" stands before it, less if "updated"
does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from indexer.cleaning import dates, metadata, words
from indexer.cleaning.explanation import NOTHING, Found
from indexer.cleaning.lines import Line
from indexer.cleaning.region import Region

_PUBLISHED = re.compile(rf"\b(?:{words.alternatives('published')})\b", re.I)
_UPDATED = re.compile(rf"\b(?:{words.alternatives('updated')})\b", re.I)
_HALF_DAY_CLOCK = re.compile(r"\d\s?[ap]\.?m\b|\b[ECMP][SD]?T\b")
_DAY_FIRST_HOST = re.compile(r"\.(?:uk|au|nz|ie|in|za|ng|ke|pk|eu)$")
_HEAD_SCORE = {"published": 4.0, "updated": -6.0, "": 0.0}
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
    anchor = region.start if title_at is None else title_at
    tail = range(region.stop, min(len(lines), region.stop + 4))
    for i in (*head, *tail):
        line = lines[i]
        if len(line.text) > 250 or not any(map(str.isdigit, line.text)):
            continue
        start = 0
        for found in dates.find_dates(line.text, month_first=month_first):
            before = line.text[start : found.start] or (lines[i - 1].text if i and lines[i - 1].size <= 3 else "")
            start = found.end
            label = "updated" if _UPDATED.search(before) else "published" if _PUBLISHED.search(before) else ""
            score = _date_score(i - anchor, line, label, found.moment)
            if in_url and abs((found.moment.when - in_url.when).days) > (1 if in_url.precision == "day" else 31):
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


def _date_score(distance: int, line: Line, label: str, moment: dates.Moment) -> float:
    score = -0.5 * distance if distance >= 0 else 1.2 * distance
    score += _HEAD_SCORE[label]
    if line.role == "prose":
        score -= 8
    return score + (1 if moment.precision != "day" else 0)


def _month_first(lines: Sequence[Line], head: range, url: str | None) -> bool:
    """Whether 3/4/2024 on this page is March 4: clocks and zones of the United States say so."""
    if _DAY_FIRST_HOST.search(metadata.host(url)):
        return False
    return any(_HALF_DAY_CLOCK.search(lines[i].text) for i in head if lines[i].size <= 20)
