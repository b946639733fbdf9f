"""Text for HTML: marked, dated and counted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from markupsafe import Markup, escape

from indexer.article import DatePrecision
from indexer.response import Snippet, Warning

# Characters of the query shown on each side of what a warning is about.
_CONTEXT: Final = 40
# Words that a link to an article asks the browser to point out there.
_POINTED_OUT: Final = 4


def marked(text: str, ranges: Iterable[tuple[int, int]]) -> Markup:
    """`text` as HTML, with a <mark> around each range of code points; ranges ascend and do not overlap.

    Those with only space between them become one.
    """
    pieces = []
    end = 0
    for start, stop in _united(text, ranges):
        pieces += [escape(text[end:start]), Markup("<mark>"), escape(text[start:stop]), Markup("</mark>")]
        end = stop
    return Markup("").join([*pieces, escape(text[end:])])


def _united(text: str, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    united: list[tuple[int, int]] = []
    for start, stop in ranges:
        if united and text[united[-1][1] : start].isspace():
            united[-1] = (united[-1][0], stop)
        else:
            united.append((start, stop))
    return united


def marked_title(title: str, snippets: Iterable[Snippet]) -> Markup:
    """A headline as HTML: what is marked in the snippets is marked in it too."""
    texts = {s.text[start:stop] for s in snippets for start, stop in _united(s.text, s.ranges)}
    if not texts:
        return escape(title)
    # The longest first: "peace talks" before "peace".
    words = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
    return marked(title, (found.span() for found in re.finditer(rf"\b(?:{words})\b", title, re.IGNORECASE)))


def offending(query: str, warning: Warning) -> Markup:
    """The part of a query that a warning is about, marked, with what stands around it."""
    start, stop = warning.offset, warning.offset + warning.length
    first, last = max(start - _CONTEXT, 0), min(stop + _CONTEXT, len(query))
    around = marked(query[first:last], [(start - first, stop - first)])
    return Markup("{}{}{}").format("…" if first else "", around, "…" if last < len(query) else "")


def text_fragment(snippets: Iterable[Snippet]) -> str:
    """The end of a link that makes browsers show the marked words where they stand in the article."""
    words: dict[str, str] = {}
    for snippet in snippets:
        for start, stop in snippet.ranges:
            word = snippet.text[start:stop]
            words.setdefault(word.casefold(), word)
    texts = [quote(word) for word in list(words.values())[:_POINTED_OUT]]
    return "#:~:" + "&".join(f"text={text}" for text in texts) if texts else ""


def day(when: date) -> str:
    """A day as people write it: "3 December 2024"."""
    return f"{when.day} {when:%B} {when.year}"


def moment(when: datetime, precision: DatePrecision | None) -> str:
    """A time as exactly as it is known: "December 2024", "3 December 2024, 19:17 UTC"."""
    if precision == "month":
        return f"{when:%B} {when.year}"
    if precision == "day":
        return day(when)
    return f"{day(when)}, {when:%H:%M:%S} UTC" if precision == "second" else f"{day(when)}, {when:%H:%M} UTC"


def machine_moment(when: datetime, precision: DatePrecision | None) -> str:
    """The same for <time datetime>: "2024-12", "2024-12-03T19:17Z"."""
    text = when.replace(tzinfo=None).isoformat()
    lengths = {"month": 7, "day": 10, "minute": 16}
    length = lengths.get(precision or "", 19)
    return text[:length] + ("Z" if length > 10 else "")


def period(start: date, interval: str) -> str:
    """The name of a stretch of days: "2024", "March 2024", "Week of 4 March 2024", "4 March 2024"."""
    if interval == "year":
        return f"{start.year}"
    if interval == "month":
        return f"{start:%B} {start.year}"
    return f"Week of {day(start)}" if interval == "week" else day(start)


def short_period(start: date, interval: str) -> str:
    """The same where there is little room: "2024", "Mar 2024", "4 Mar 2024"."""
    if interval == "year":
        return f"{start.year}"
    return f"{start:%b} {start.year}" if interval == "month" else f"{start.day} {start:%b} {start.year}"


def share(part: int, whole: int) -> str:
    """What part of a whole, as a percentage that is never rounded to nothing."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    return "< 0.1 %" if 0 < percent < 0.1 else f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 article", "12,345 articles"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
