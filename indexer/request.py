"""SearchRequest: what every door asks the core, with one set of names, defaults and checks.

The Python keywords, the HTTP parameters and the command options are the fields of this class; a door
only renames `_` to `-` where its custom wants that. The class knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any, Final, Literal, get_args
from zlib import crc32

from indexer.errors import ParameterError
from indexer.parameter import Choice, Choices, Day, Flag, Integer, Parameter, Text, Values, from_texts, unknown

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
MAX_FRESHNESS: Final = 36_500

# What each field of SearchRequest takes, for every door: the checks, the help of the commands and the OpenAPI document.
DEFINITIONS: Final[Mapping[str, Parameter]] = {
    "q": Text(
        "The query; empty matches every article.",
        MAX_QUERY_LENGTH,
        "for similar-text search pass the article's first paragraphs with match=any",
    ),
    "match": Choice("All words of the query, or any of them with the best first.", get_args(Match)),
    **{name: Values(f'Only this {name}; repeat for any of several; "-NAME" for none of.') for name in FILTERS[:-1]},
    "language": Values('Only this language, by its code: en, fr; repeat for any of several; "-CODE" for none of.'),
    "since": Day("First day of publication: 2024, 2024-12 or 2024-12-03."),
    "until": Day("Last day of publication, inclusive.", last=True),
    "sort": Choice("Order of the hits.", get_args(Sort)),
    "freshness": Integer(
        "Let newer articles rank higher: one older than the newest by so many days has three quarters of its score.",
        1,
        MAX_FRESHNESS,
    ),
    "expand": Flag("Rank higher what resembles the best hits, whatever its words."),
    "limit": Integer(f"Hits a page, 0 to {MAX_LIMIT}.", 0, MAX_LIMIT),
    "cursor": Text("Where the page before ended: its `next_cursor`."),
    "facets": Choices(f"Comma list of what to count: {', '.join(FACETS)}; empty for none.", FACETS),
    "interval": Choice("Width of the bars of the date histogram.", get_args(Interval)),
    "facet_size": Integer(f"Values a facet, 1 to {MAX_FACET_SIZE}.", 1, MAX_FACET_SIZE),
    "snippets": Integer(f"Snippets a hit, 0 to {MAX_SNIPPETS}.", 0, MAX_SNIPPETS),
    "timeout_ms": Integer("Answer with what there is after so many milliseconds.", 1, MAX_TIMEOUT_MS),
    "explain": Flag("Show what each part of the query gave to a hit's score."),
}
# Which articles match and in what order: what an export takes of a search, and what a cursor belongs to.
SELECTION: Final = ("q", "match", *FILTERS, "since", "until", "sort", "freshness", "expand")
_SELECTED: Final = attrgetter(*SELECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search, checked.

    q            query text in Broadsheet's query language; "" matches every article
    match        "all": every bare word must occur; "any": one is enough and the best come first
    source, author, section, topic, language
                 filters by whole value, folded: any of the plain values, none of those written "-value"; a value
                 that begins with a dash or a backslash is written with a backslash before it, see `filter_for`
    since,until  first and last publication day (UTC), inclusive
    sort         "relevance", "newest" or "oldest"
    freshness    half-life in days of the boost that newer articles get; None for none
    expand       rank by words of the best hits too (pseudo-relevance feedback)
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
    freshness: int | None = None
    expand: bool = False
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
        values: dict[str, Any] = {"q": DEFINITIONS["q"].check("q", q)}
        for name, value in options.items():
            if name not in DEFINITIONS:
                raise unknown(name, PARAMETERS)
            if value is not None:
                values[name] = DEFINITIONS[name].check(name, value)
        if values.get("cursor") == "":
            values["cursor"] = None
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
        return cls.of(**from_texts(parameters, DEFINITIONS))

    def selection(self) -> tuple[Any, ...]:
        """The values of SELECTION: two requests with the same have the same hits, and a cursor goes on with them."""
        values: tuple[Any, ...] = _SELECTED(self)
        return values

    def fingerprint(self, view: str = "") -> str:
        """What a cursor remembers of its search, to refuse going on with another: hits and order, and the view."""
        return f"{crc32(repr((view, self.selection())).encode('utf-8', 'backslashreplace')):08x}"


def filter_for(value: str) -> str:
    """How a filter asks for a value: as it is, with a backslash before a leading dash or backslash."""
    return "\\" + value if value.startswith(("-", "\\")) else value


def filtered(written: str) -> tuple[str, bool]:
    """The value that a filter asks for, and whether it asks for none of it."""
    if written.startswith("-"):
        return written[1:], True
    return written[1:] if written.startswith(("\\-", "\\\\")) else written, False


PARAMETERS: Final = tuple(field.name for field in fields(SearchRequest))
