"""Dates as pages say them: machine-readable, in prose, or in the address. What is not said is not made up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from indexer.article import DatePrecision
from indexer.cleaning import words

_FIRST_YEAR = 1500
_LAST_PERSIAN_YEAR = 1499
_PERSIAN_EPOCH = 226142  # days from the first of Gregorian year 1
_LABEL = 8  # letters of a label before a month ("Issue 4", "Ausgabe")
_LONGEST_KEPT = 300  # characters; what is remembered of other lines must stay small
_CLOCK_SLACK = timedelta(days=1)  # a page without a time zone may seem up to a day ahead
# The digits of Arabic, Persian, Hindi, Bengali and Thai, and those as wide as a Chinese character.
_DIGITS = {zero + digit: str(digit) for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10) for digit in range(10)}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, aware UTC, and how exactly the page gave it. A whole day or month is its first instant."""

    when: datetime
    precision: DatePrecision


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in prose: where it stands in the text (`text[start:end]`) and what it says."""

    start: int
    end: int
    moment: Moment


# Zones that mean one offset in practice, in hours; ambiguous abbreviations (IST, CST of China) are left out.
_ZONE_HOURS = {
    "Z": 0,
    "GMT": 0,
    "UTC": 0,
    "WET": 0,
    "BST": 1,
    "CET": 1,
    "MEZ": 1,
    "WEST": 1,
    "CEST": 2,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "ET": -5,
    "EST": -5,
    "EDT": -4,
    "CT": -6,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PT": -8,
    "PST": -8,
    "PDT": -7,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
}
_MONTH = words.one_of(words.MONTHS)
# Dumps glue words together ("staffJanuary 6, 20261 Views"): a capital may follow a letter, a digit a year.
_NAMED_MONTH = rf"(?:(?<![^\W\d_])|(?=(?-i:[A-ZА-Я])))(?:{_MONTH})(?![^\W\d_])\.?"
_PERSIAN_MONTH = words.one_of(words.PERSIAN_MONTHS)
_PERSIAN_YEAR = r"1(?:3[5-9]|4[0-4])\d"
_ERA = words.one_of(words.ERAS)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_DATE = re.compile(
    rf"""
      (?<!\d)(?P<iso_year>{_YEAR}|{_PERSIAN_YEAR})(?P<sep>[-/.])\s?(?P<iso_month>1[0-2]|0?[1-9])
      (?P=sep)\s?(?P<iso_day>{_DAY})(?!\d)
    | (?:(?<!\d)|(?<=20\d\d))(?P<day>{_DAY})(?:st|nd|rd|th|er|[ºª.])?[\s,-]*(?:(?:de|of|di)\s+)?
      (?P<month>{_NAMED_MONTH})(?:/{_MONTH})?[\s,،-]*(?:del?\s+)?(?P<year>{_YEAR}|(?<=[-.])\d\d(?!\d))
    | (?P<month_first>{_NAMED_MONTH})\s*(?P<day_second>{_DAY})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(?P<year_last>{_YEAR})
    | (?<![\d./])(?<!\d-)(?P<left>\d\d?)(?P<numeric_sep>[./-])\s?(?P<right>\d\d?)(?P=numeric_sep)\s?
      (?P<numeric_year>{_YEAR}|\d\d(?![\d_.:/-]))
    | (?<!\d)(?P<persian_day>{_DAY})\s+(?P<persian_month>{_PERSIAN_MONTH})(?:\s+ماه)?[\s,،-]+
      (?P<persian_year>{_PERSIAN_YEAR})(?!\d)
    | (?P<cjk_year>{_YEAR}|(?:{_ERA})\s?\d{{1,3}})\s?[年년]\s?(?P<cjk_month>1[0-2]|0?[1-9])\s?[月월]\s?
      (?P<cjk_day>{_DAY})\s?[日일]
    """,
    re.I | re.X,
)
_HINT = re.compile(rf"{_YEAR}|{_PERSIAN_YEAR}|[-./]\s?\d|\d年")  # without, there is none
_TWO_NUMBERS = re.compile(r"\d\D+\d")  # a day and a year at least; "© 2024" is no date
_MONTH_ONLY = re.compile(rf"(?<![\w.])(?P<month>{_NAMED_MONTH})\s+(?:del?\s+)?(?P<year>{_YEAR})(?!\d)", re.I)
_ZONES = words.one_of(_ZONE_HOURS)
_CLOCK = rf"""
    (?:(?:(?P<morning>午前|上午|오전)|(?P<afternoon>午後|下午|오후))\s?)?
    (?P<hour>2[0-3]|[01]?\d)(?!\d)
    (?:[:h](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?
      |\.(?P<dotted_minute>[0-5]\d)(?!\d)|\s?[時时시]\s?(?P<cjk_minute>[0-5]?\d)[分분])?
    (?:\s*(?P<half>[ap])\.?\s?m\b\.?)?(?P<uhr>\s*(?:Uhr|uur|h)\b)?
    (?:\s*\(?(?:(?P<zone>(?-i:{_ZONES}))(?![^\W_]|[+-]\d)|(?:GMT|UTC)?(?P<offset>[+-]\d\d:?\d\d)))?
"""
_TIME_AFTER = re.compile(
    rf"""
    (?:\s?[(（]\w{{1,3}}[)）])?[.]?[\s,،;|/·•–—T(-]*(?:(?P<said>{words.alternatives("clock")})\b[.:]?[\s,،|-]+)?{_CLOCK}
    """,
    re.I | re.X,
)
_TIME_BEFORE = re.compile(rf"(?<![\d:.]){_CLOCK}\)?[\s,;|/·•–—-]*(?:on\s+)?(?:\w{{3,9}}\.?,?\s*)?$", re.I | re.X)
_ISO = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:[T\s]+(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?)?",
    re.I,
)
# "Tue Dec 3 19:17:05 CET 2024", as C and Java write it.
_YEAR_LAST = re.compile(r"([a-z]{3} +\d\d?) +(\d\d:\d\d:\d\d(?: +\S+)?) +(\d{4})\Z", re.I)
_EPOCH = re.compile(r"([0-9]{10})(?:[0-9]{3})?")
_URL_DAY = re.compile(rf"(?<!\d)({_YEAR})[/_-]?(1[0-2]|0[1-9])[/_-]?(3[01]|[12]\d|0[1-9])(?!\d)")
_URL_LOOSE_DAY = re.compile(rf"/({_YEAR})/(1[0-2]|0?[1-9]|[a-z]{{3}})/(3[01]|[12]\d|0?[1-9])(?=/|$)")
_URL_DAY_FIRST = re.compile(rf"(?<!\d)(3[01]|[12]\d|0[1-9])[-_.](1[0-2]|0[1-9])[-_.]({_YEAR})(?!\d)")
_URL_MONTH = re.compile(rf"/({_YEAR})[/-](1[0-2]|0[1-9])(?=/|$)")


def parse_timestamp(value: str) -> Moment | None:
    """The moment that a machine-readable `value` gives (ISO 8601, RFC 2822, epoch seconds or milliseconds, prose).

    A time without a zone is taken as UTC. Midnight sharp is how publishing systems write "a day": it counts as a day.
    """
    value = value.strip()[:80]
    if match := _ISO.match(value):
        year, month, day, hour, minute, second, zone = match.groups()
        if day is None:
            return _moment(int(year), int(month), 1, precision="month") if match.end() == len(value) else None
        if hour is None or (hour, minute, second or "00") == ("00", "00", "00"):
            return _moment(int(year), int(month), int(day))
        return _moment(
            int(year), int(month), int(day), (int(hour), int(minute), int(second or 0)), zone=zone,
            precision="second" if second else "minute",
        )  # fmt: skip
    if match := _EPOCH.fullmatch(value):
        return Moment(datetime.fromtimestamp(int(match[1]), UTC), "second")
    if match := _URL_DAY.fullmatch(value):
        return _moment(int(match[1]), int(match[2]), int(match[3]))
    found = next(find_dates(_YEAR_LAST.sub(r"\1 \3 \2", value)), None)
    return found.moment if found else None


def find_dates(text: str, *, month_first: bool = False) -> Iterator[FoundDate]:
    """The dates in a short text (a line), from left to right, each with the time of day beside it.

    month_first  read 3/4/2024 as March 4
    """
    return iter((_dates_of_line if len(text) <= _LONGEST_KEPT else _dates)(text, month_first))


def _dates(text: str, month_first: bool) -> tuple[FoundDate, ...]:
    found: list[FoundDate] = []
    text = text if text.isascii() else text.translate(_DIGITS)
    if not _HINT.search(text) or not _TWO_NUMBERS.search(text):
        return ()
    for match in _DATE.finditer(text):
        ymd = _ymd(match, month_first)
        if ymd is None:
            continue
        clock = _TIME_AFTER.match(text, match.end())
        end = match.end()
        if clock and _is_clock(clock):
            end = clock.end()
        else:
            clock = _TIME_BEFORE.search(text, 0, match.start())
        moment = _with_clock(ymd, clock) if clock and _is_clock(clock) else _moment(*ymd)
        if moment:
            found.append(FoundDate(match.start(), end, moment))
    return tuple(found)


# Whoever looks for the date, the authors or the kind of a line asks again for the same one.
_dates_of_line = lru_cache(maxsize=1 << 8)(_dates)


def find_month(text: str) -> Moment | None:
    """The month that a line such as "Issue 4 · March 2024" names; only where no day is given."""
    match = _MONTH_ONLY.search(text)
    if not match or sum(map(str.isalpha, text)) > sum(map(str.isalpha, match[0])) + _LABEL:
        return None  # "In the team since May 2022"
    number = words.month_number(match["month"])
    return _moment(int(match["year"]), number, 1, precision="month") if number else None


def from_url(url: str) -> Moment | None:
    """The day (or else the month) that an address names, as in /2024/12/03/."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0].lower()
    path = "/" + path
    for pattern in (_URL_DAY, _URL_LOOSE_DAY):
        if match := pattern.search(path):
            year, month, day = match.groups()
            number = int(month) if month.isdigit() else words.MONTHS.get(month)
            if number and (moment := _moment(int(year), number, int(day))):
                return moment
    if match := _URL_DAY_FIRST.search(path):
        return _moment(int(match[3]), int(match[2]), int(match[1]))
    if match := _URL_MONTH.search(path):
        return _moment(int(match[1]), int(match[2]), 1, precision="month")
    return None


def is_possible(moment: Moment, fetched: datetime | None) -> bool:
    """Whether a page fetched then (None: now) can have been published at `moment`."""
    return moment.when <= (fetched or datetime.now(UTC)) + _CLOCK_SLACK


def _ymd(match: re.Match[str], month_first: bool) -> tuple[int, int, int] | None:
    """Year, month and day of a match of `_DATE`."""
    part = match.groupdict()
    if part["iso_year"]:
        year, month, day = int(part["iso_year"]), int(part["iso_month"]), int(part["iso_day"])
        return (year, month, day) if year > _LAST_PERSIAN_YEAR else _from_persian(year, month, day)
    if part["persian_year"]:
        return _from_persian(
            int(part["persian_year"]), words.PERSIAN_MONTHS[part["persian_month"]], int(part["persian_day"])
        )
    if part["cjk_year"]:
        era = part["cjk_year"][:2]
        year = words.ERAS[era] + int(part["cjk_year"][2:]) if era in words.ERAS else int(part["cjk_year"])
        return year, int(part["cjk_month"]), int(part["cjk_day"])
    if part["left"]:
        left, right = int(part["left"]), int(part["right"])
        swap = right > 12 or (month_first and left <= 12 and part["numeric_sep"] != ".")
        day, month = (right, left) if swap else (left, right)
        return (_full_year(part["numeric_year"]), month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None
    number = words.month_number(part["month"] or part["month_first"])
    text, day_text = part["year"] or part["year_last"], part["day"] or part["day_second"]
    return (_full_year(text), number, int(day_text)) if number else None


def _from_persian(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    """Year, month and day of a date in the calendar of Iran: of 33 years, eight are leap years."""
    if day > 30 and month > 6:
        return None
    number = _days_before_persian(year) + (month - 1) * 31 - max(0, month - 7) + day
    if number > _days_before_persian(year + 1):
        return None  # the 30th of the last month, in a year that is no leap year
    found = date.fromordinal(number)
    return found.year, found.month, found.day


def _days_before_persian(year: int) -> int:
    leap_days = (year + 1595) // 33 * 8 + ((year + 1595) % 33 + 3) // 4
    return _PERSIAN_EPOCH + 365 * year + leap_days


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _is_clock(match: re.Match[str]) -> bool:
    """Whether a match of `_CLOCK` is a time of day and no bare number."""
    dotted = match["dotted_minute"] and (match["zone"] or match.groupdict().get("said"))
    return bool(match["minute"] or match["cjk_minute"] or match["half"] or match["uhr"] or dotted)


def _with_clock(ymd: tuple[int, int, int], clock: re.Match[str]) -> Moment | None:
    hour = int(clock["hour"])
    if (clock["half"] or clock["morning"] or clock["afternoon"]) and 1 <= hour <= 12:
        hour = hour % 12 + (12 if clock["afternoon"] or (clock["half"] or "") in ("p", "P") else 0)
    minute = int(clock["minute"] or clock["dotted_minute"] or clock["cjk_minute"] or 0)
    second = int(clock["second"] or 0)
    return _moment(
        *ymd, (hour, minute, second), zone=clock["zone"] or clock["offset"],
        precision="second" if clock["second"] else "minute",
    )  # fmt: skip


def _moment(
    year: int,
    month: int,
    day: int,
    clock: tuple[int, int, int] = (0, 0, 0),
    *,
    zone: str | None = None,
    precision: DatePrecision = "day",
) -> Moment | None:
    """The moment, or None where the calendar has no such day."""
    if year < _FIRST_YEAR:
        return None
    try:
        return Moment(datetime(year, month, day, *clock, tzinfo=_zone(zone)).astimezone(UTC), precision)
    except (ValueError, OverflowError):
        return None


def _zone(zone: str | None) -> timezone:
    if not zone:
        return UTC
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-offset if zone[0] == "-" else offset) if offset < timedelta(days=1) else UTC
    return timezone(timedelta(hours=_ZONE_HOURS.get(zone.upper(), 0)))
