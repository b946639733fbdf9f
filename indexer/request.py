"""SearchRequest: what every door asks the core, with one set of names, defaults and checks.

The Python keywords, the HTTP parameters and the command options are the fields of this class; a door
only renames `_` to `-` where its custom wants that. The class knows no engine.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final, Literal, cast, get_args

from indexer.errors import ParameterError

Match = Literal["all", "any"]
Sort = Literal["relevance", "newest", "oldest"]
Interval = Literal["auto", "day", "week", "month", "year"]

FILTERS: Final = ("source", "author", "section", "topic", "language")
FACETS: Final = ("source", "date", "author", "section", "topic", "language")
DEFAULT_FACETS: Final = ("source", "date")
MAX_LIMIT: Final = 1000
MAX_SNIPPETS: Final = 5
MAX_FACET_SIZE: Final = 1000
MAX_QUERY_LENGTH: Final = 10_000
MAX_TIMEOUT_MS: Final = 600_000

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search, checked.

    q            query text in Broadsheet's query language; "" matches every article
    match        "all": every bare word must occur; "any": one is enough and the best come first
    source, author, section, topic, language
                 filters by whole value, folded: any of the plain values, none of those written "-value"
    since,until  first and last publication day (UTC), inclusive
    sort         "relevance", "newest" or "oldest"
    limit        hits a page, 0 to 1000
    cursor       `next_cursor` of the page before
    facets       which of FACETS to count
    interval     width of the date facet's buckets; "auto" fits it to the span of the matches
    facet_size   buckets a facet, largest first, 1 to 1000
    snippets     snippets a hit, 0 to 5
    timeout_ms   stop after so many milliseconds and answer with what there is (`partial`)
    explain      add to every hit what each part of the query gave to its score

    Make one with :meth:`of` (Python values) or :meth:`from_parameters` (texts).
    """

    q: str = ""
    match: Match = "all"
    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    sort: Sort = "relevance"
    limit: int = 10
    cursor: str | None = None
    facets: tuple[str, ...] = DEFAULT_FACETS
    interval: Interval = "auto"
    facet_size: int = 20
    snippets: int = 1
    timeout_ms: int | None = None
    explain: bool = False

    @classmethod
    def of(cls, q: str = "", **options: Any) -> SearchRequest:
        """A request from Python values. Raises ParameterError for an unknown name or a bad value.

        Filters and facets take one string or several; days take a date, a datetime or "2024[-12[-03]]".
        """
        values: dict[str, Any] = {"q": _query(q)}
        for name, value in options.items():
            if name not in _CHECKS:
                raise unknown_parameter(name)
            if value is not None:
                values[name] = _CHECKS[name](name, value)
        request = cls(**values)
        if request.since and request.until and request.since > request.until:
            raise ParameterError("since", f"{request.since} is after until={request.until}", "swap the two days")
        return request

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Sequence[str]]) -> SearchRequest:
        """A request from texts, as a query string has them: each name with its values in order.

        A name that takes one value must have one; `facets` is a comma list, empty for none. Raises
        ParameterError.
        """
        options: dict[str, Any] = {}
        for name, texts in parameters.items():
            if name != "q" and name not in _CHECKS:
                raise unknown_parameter(name)
            if name in FILTERS:
                options[name] = tuple(texts)
            elif name == "facets":
                options[name] = ",".join(texts)
            elif len(texts) != 1:
                raise ParameterError(name, "given more than once", "give it once")
            else:
                options[name] = texts[0]
        return cls.of(options.pop("q", ""), **options)


PARAMETERS: Final = tuple(field.name for field in fields(SearchRequest))


def unknown_parameter(name: str) -> ParameterError:
    """The error for a parameter that does not exist, with the nearest one that does."""
    near = get_close_matches(name, PARAMETERS, 1)
    hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(PARAMETERS)
    return ParameterError(name, "unknown parameter", hint)


def _query(value: Any) -> str:
    if not isinstance(value, str):
        raise ParameterError("q", f"must be text, not {type(value).__name__}")
    if len(value) > MAX_QUERY_LENGTH:
        raise ParameterError(
            "q",
            f"{len(value):,} characters are too many",
            f"at most {MAX_QUERY_LENGTH:,}; for similar-text search pass the article's first paragraphs with match=any",
        )
    # A lone surrogate is no text and could not be echoed; "?" keeps the offsets.
    return value.encode("utf-8", "replace").decode("utf-8")


def _choice(name: str, value: Any, choices: Sequence[str]) -> str:
    if value in choices:
        return cast("str", value)
    near = get_close_matches(str(value), choices, 1)
    raise ParameterError(
        name,
        f"unknown value {str(value)[:80]!r}",
        (f"did you mean {near[0]}? " if near else "") + "one of " + ", ".join(choices),
    )


def _match(name: str, value: Any) -> str:
    return _choice(name, value, get_args(Match))


def _sort(name: str, value: Any) -> str:
    return _choice(name, value, get_args(Sort))


def _interval(name: str, value: Any) -> str:
    return _choice(name, value, get_args(Interval))


def _filter(name: str, value: Any) -> tuple[str, ...]:
    values: Iterable[Any] = (value,) if isinstance(value, str) else _several(name, value)
    checked = []
    for item in values:
        if not isinstance(item, str) or not item.removeprefix("-").strip():
            raise ParameterError(name, "empty value", f"{name}=NAME, or {name}=-NAME to exclude")
        checked.append(item)
    return tuple(checked)


def _several(name: str, value: Any) -> Iterable[Any]:
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise ParameterError(name, f"neither text nor a list of texts: {str(value)[:80]!r}")
    return value


def _facets(name: str, value: Any) -> tuple[str, ...]:
    values: Iterable[Any] = value.split(",") if isinstance(value, str) else _several(name, value)
    return tuple(dict.fromkeys(_choice(name, str(item).strip(), FACETS) for item in values if str(item).strip()))


def _integer(name: str, value: Any, low: int, high: int) -> int:
    try:
        if isinstance(value, bool) or (
            isinstance(value, str) and not re.fullmatch(r"[+-]?\d{1,18}", value.strip(), re.ASCII)
        ):
            raise ValueError
        number = int(value)
        if number != value and not isinstance(value, str):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(name, f"not a whole number: {str(value)[:80]!r}", f"{low} to {high}") from None
    if not low <= number <= high:
        raise ParameterError(name, f"{number} is out of range", f"{low} to {high}")
    return number


def _limit(name: str, value: Any) -> int:
    return _integer(name, value, 0, MAX_LIMIT)


def _facet_size(name: str, value: Any) -> int:
    return _integer(name, value, 1, MAX_FACET_SIZE)


def _snippets(name: str, value: Any) -> int:
    return _integer(name, value, 0, MAX_SNIPPETS)


def _timeout(name: str, value: Any) -> int:
    return _integer(name, value, 1, MAX_TIMEOUT_MS)


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "1", "yes", "on", ""):
        return True
    if str(value).lower() in ("false", "0", "no", "off"):
        return False
    raise ParameterError(name, f"not a yes or no: {str(value)[:80]!r}", "true or false")


def _cursor(name: str, value: Any) -> str | None:
    if not isinstance(value, str):
        raise ParameterError(name, "must be text", "pass `next_cursor` of the page before as it is")
    return value or None


def _since(name: str, value: Any) -> date:
    return day_span(name, value)[0]


def _until(name: str, value: Any) -> date:
    return day_span(name, value)[1]


def day_span(name: str, value: Any) -> tuple[date, date]:
    """The first and last day that `value` ("2024", "2024-12", "2024-12-03", a date or datetime) names."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value, value
    found = _DAY.match(value.strip()) if isinstance(value, str) else None
    if found:
        year, month, day = (int(part) if part else None for part in found.groups())
        assert year is not None
        try:
            first = date(year, month or 1, day or 1)
            last_month = month or 12
            return first, date(year, last_month, day or calendar.monthrange(year, last_month)[1])
        except ValueError:
            pass
    raise ParameterError(name, f"no such day: {str(value)[:80]!r}", "write YYYY-MM-DD, as in 2024-12-03")


_CHECKS: Final = {
    "match": _match,
    **dict.fromkeys(FILTERS, _filter),
    "since": _since,
    "until": _until,
    "sort": _sort,
    "limit": _limit,
    "cursor": _cursor,
    "facets": _facets,
    "interval": _interval,
    "facet_size": _facet_size,
    "snippets": _snippets,
    "timeout_ms": _timeout,
    "explain": _boolean,
}
