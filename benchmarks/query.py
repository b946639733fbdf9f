"""Query: one question in no engine's language; each engine's adapter puts it into its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal

Kind = Literal["all-words", "any-word", "phrase", "prefix", "everything"]

CLASSES: Final = (
    "rare term",
    "middling term",
    "common term",
    "two-word AND",
    "three-word AND",
    "OR",
    "phrase",
    "phrase with common words",
    "prefix",
    "date filter",
    "source filter",
    "match-all",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question.

    kind          what the words mean together
    words         lower-case ASCII words; of a prefix the one beginning; none for "everything"
    source        only articles of this outlet
    since, until  only articles of these days (UTC), inclusive; both or none
    """

    kind: Kind
    words: tuple[str, ...] = ()
    source: str | None = None
    since: date | None = None
    until: date | None = None

    def to_dict(self) -> dict[str, Any]:
        """The query as JSON-ready values."""
        values = {name: value for name, value in asdict(self).items() if value}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Query:
        """The inverse of :meth:`to_dict`."""
        days = {name: date.fromisoformat(values[name]) for name in ("since", "until") if name in values}
        return cls(**(values | days | {"words": tuple(values.get("words", ()))}))
