"""Kinds of parameters: what may be written for one, in words, as a check, and as a JSON Schema.

Each check takes a Python value or its text, as a query string or a command line has it, and says in its
ParameterError what would have been right. The schema describes the same values for programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple, Protocol

from indexer.errors import ParameterError

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)
_TRUE: Final = ("true", "1", "yes", "on", "")
_FALSE: Final = ("false", "0", "no", "off")


class Parameter(Protocol):
    """What one parameter takes."""

    @property
    def description(self) -> str:
        """One sentence for people."""

    def check(self, name: str, value: Any) -> Any:
        """`value` in its proper type. Raises ParameterError."""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the values that `check` takes."""


class Text(NamedTuple):
    """A text, of at most `longest` characters if that is given; `hint` helps who has more."""

    description: str
    longest: int | None = None
    hint: str = ""

    def check(self, name: str, value: Any) -> str:
        """See Parameter."""
        if not isinstance(value, str):
            raise ParameterError(name, f"must be text, not {type(value).__name__}")
        if self.longest is not None and len(value) > self.longest:
            hint = f"at most {self.longest:,}" + (f"; {self.hint}" if self.hint else "")
            raise ParameterError(name, f"{len(value):,} characters are too many", hint)
        # A lone surrogate is no text and could not be echoed; "?" keeps the offsets.
        return value.encode("utf-8", "replace").decode("utf-8")

    def schema(self) -> dict[str, Any]:
        """See Parameter."""
        return {"type": "string"} | ({} if self.longest is None else {"maxLength": self.longest})


class Choice(NamedTuple):
    """One of some names."""

    description: str
    choices: tuple[str, ...]

    def check(self, name: str, value: Any) -> str:
        """See Parameter."""
        if isinstance(value, str) and value in self.choices:
            return value
        from difflib import get_close_matches

        near = get_close_matches(str(value), self.choices, 1)
        raise ParameterError(
            name,
            f"unknown value {str(value)[:80]!r}",
            (f"did you mean {near[0]}? " if near else "") + "one of " + ", ".join(self.choices),
        )

    def schema(self) -> dict[str, Any]:
        """See Parameter."""
        return {"type": "string", "enum": list(self.choices)}


class Choices(NamedTuple):
    """Several of some names: a list, or a text with commas between them, empty for none."""

    description: str
    choices: tuple[str, ...]

    def check(self, name: str, value: Any) -> tuple[str, ...]:
        """See Parameter."""
        one = Choice(self.description, self.choices)
        values: Iterable[Any] = value.split(",") if isinstance(value, str) else _several(name, value)
        return tuple(dict.fromkeys(one.check(name, str(item).strip()) for item in values if str(item).strip()))

    def schema(self) -> dict[str, Any]:
        """See Parameter."""
        return {"type": "array", "items": {"type": "string", "enum": list(self.choices)}}


class Values(NamedTuple):
    """Values of a field, any of them; those written with a leading dash are excluded."""

    description: str

    def check(self, name: str, value: Any) -> tuple[str, ...]:
        """See Parameter."""
        values: Iterable[Any] = (value,) if isinstance(value, str) else _several(name, value)
        checked = []
        for item in values:
            if not isinstance(item, str):
                raise ParameterError(name, f"must be text, not {type(item).__name__}")
            if not item.removeprefix("-").strip():
                raise ParameterError(name, "empty value", f"{name}=NAME, or {name}=-NAME to exclude")
            checked.append(item)
        return tuple(checked)

    def schema(self) -> dict[str, Any]:
        """See Parameter."""
        # As Python's strip: a value has something in it beside white space and the dash.
        return {"type": "array", "items": {"type": "string", "pattern": r"^-?.*[^\s-]"}}


class Integer(NamedTuple):
    """A whole number in a range, both ends included."""

    description: str
    low: int
    high: int

    def check(self, name: str, value: Any) -> int:
        """See Parameter."""
        try:
            if isinstance(value, bool) or (
                isinstance(value, str) and not re.fullmatch(r"[+-]?\d{1,18}", value.strip(), re.ASCII)
            ):
                raise ValueError
            number = int(value)
            if number != value and not isinstance(value, str):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise ParameterError(
                name, f"not a whole number: {str(value)[:80]!r}", f"{self.low} to {self.high}"
            ) from None
        if not self.low <= number <= self.high:
            raise ParameterError(name, f"{number} is out of range", f"{self.low} to {self.high}")
        return number

    def schema(self) -> dict[str, Any]:
        """See Parameter."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class Flag(NamedTuple):
    """Yes or no."""

    description: str

    def check(self, name: str, value: Any) -> bool:
        """See Parameter."""
        if isinstance(value, bool):
            return value
        if str(value).lower() in _TRUE:
            return True
        if str(value).lower() in _FALSE:
            return False
        raise ParameterError(name, f"not a yes or no: {str(value)[:80]!r}", "true or false")

    def schema(self) -> dict[str, Any]:
        """See Parameter."""
        return {"type": "boolean"}


class Day(NamedTuple):
    """A day, or the first or last one of a month or a year."""

    description: str
    last: bool = False

    def check(self, name: str, value: Any) -> date:
        """See Parameter."""
        return day_span(name, value)[1 if self.last else 0]

    def schema(self) -> dict[str, Any]:
        """See Parameter."""
        return {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": r"^[12]\d{3}(-(0[1-9]|1[0-2]))?$"},
            ]
        }


def day_span(name: str, value: Any) -> tuple[date, date]:
    """The first and last day (UTC) that `value` ("2024", "2024-12", "2024-12-03", a date or datetime) names."""
    if isinstance(value, datetime):
        # Beyond the calendar's ends there is no other day.
        with suppress(OverflowError):
            value = value.astimezone(UTC) if value.tzinfo else value
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
            return first, date(year, last_month, day or _last_day(year, last_month))
        except ValueError:
            pass
    raise ParameterError(name, f"no such day: {str(value)[:80]!r}", "write YYYY-MM-DD, as in 2024-12-03")


def _last_day(year: int, month: int) -> int:
    # Here, because it also imports what knows the languages of the system.
    from calendar import monthrange

    return monthrange(year, month)[1]


def unknown(name: str, known: Sequence[str]) -> ParameterError:
    """The error for a parameter that is none of the `known` ones, with the nearest of them."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(known) if known else "this takes none"
    return ParameterError(name, "unknown parameter", hint)


def from_texts(texts: Mapping[str, Sequence[str]], known: Mapping[str, Parameter]) -> dict[str, Any]:
    """Checked values of texts, as a query string has them: each name with its values in order.

    A name that takes one value must have one; of `Choices` all the texts count. Raises ParameterError.
    """
    values: dict[str, Any] = {}
    for name, given in texts.items():
        parameter = known.get(name)
        if parameter is None:
            raise unknown(name, tuple(known))
        value: Any = given[0]
        if isinstance(parameter, Values):
            value = tuple(given)
        elif isinstance(parameter, Choices):
            value = ",".join(given)
        elif len(given) != 1:
            raise ParameterError(name, "given more than once", "give it once")
        values[name] = parameter.check(name, value)
    return values


def _several(name: str, value: Any) -> Iterable[Any]:
    # Asking for an abstract class takes long.
    if not isinstance(value, (list, tuple)) and (not isinstance(value, Iterable) or isinstance(value, Mapping)):
        raise ParameterError(name, f"neither text nor a list of texts: {str(value)[:80]!r}")
    return value
