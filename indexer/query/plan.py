"""The plan of a query: what is to match and to score, in nodes that know nothing of how.

Each is one of Whoosh's query classes, under its name or nearly (see `whoosh_form`): plain Whoosh finds the same
articles with the same scores. Whoosh's own take longer to import than a search takes. Being tuples, nodes that hold
the same are equal, whatever their kinds.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Term(NamedTuple):
    """Articles with one word, stem or whole value in a field. Only stems of ``text_stem`` score, times `boost`."""

    field: str
    text: str
    boost: float = 1.0


class Phrase(NamedTuple):
    """Articles where a field has the words one after the other."""

    field: str
    words: tuple[str, ...]


class Within(NamedTuple):
    """Articles where each word stands at most `slop` positions before or after the one named before it."""

    field: str
    words: tuple[str, ...]
    slop: int


class Prefix(NamedTuple):
    """Articles with a word or value that begins so."""

    field: str
    text: str


class Wildcard(NamedTuple):
    """Articles with a word or value like this one, where ``*`` stands for any characters and ``?`` for one."""

    field: str
    text: str


class Fuzzy(NamedTuple):
    """Articles with a word or value that is at most so many edits away."""

    field: str
    text: str
    edits: int


class Days(NamedTuple):
    """Articles published within whole days (UTC), inclusive; None is open."""

    first: date | None
    last: date | None


class Every(NamedTuple):
    """All articles, also those without a date."""


class Constant(NamedTuple):
    """What the part matches, each scored alike."""

    part: Plan
    score: float


class And(NamedTuple):
    """What all parts match; the scores are added."""

    parts: tuple[Plan, ...]


class Or(NamedTuple):
    """What any part matches; the scores are added."""

    parts: tuple[Plan, ...]


class AndNot(NamedTuple):
    """What the one part matches and the other does not, with the scores of the one."""

    wanted: Plan
    unwanted: Plan


class Require(NamedTuple):
    """What both parts match, with the scores of the first."""

    scored: Plan
    required: Plan


Pattern = Prefix | Wildcard | Fuzzy
# What says words or values of a field.
Worded = Term | Phrase | Within | Pattern
Leaf = Worded | Days | Every
Plan = Leaf | Constant | And | Or | AndNot | Require
