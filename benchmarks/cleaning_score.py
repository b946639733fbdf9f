"""How near a cleaned article comes to the known one: text, title, date, authors and source.

body    both texts as runs of four words: the share of the text's runs that are right (precision), the share of the
        article's that are there (recall), each averaged over the pages, and the harmonic mean of the two averages
title   near: four fifths of the words are the same, or the known title stands in the given one with at most six others
date    the day is the same
authors F1 over the sets of names, averaged over the pages that name an author
source  equal, one within the other, or the name in the host
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_WORD = re.compile(r"\w+")
RUN = 4  # words
_BY = re.compile(r"^(?:by|von|par|por|di) ")
_SUFFIX = re.compile(r"(?:com|net|org|de|co|www)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What a cleaner made of a page; a date is ISO 8601 or ""."""

    body: str = ""
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""


@dataclass(slots=True)
class Score:
    """The averages over some pages; None where no page has a known value.

    body, precision, recall  see the module
    title, date, authors, source
    """

    body: float | None = None
    precision: float | None = None
    recall: float | None = None
    title: float | None = None
    date: float | None = None
    authors: float | None = None
    source: float | None = None


@dataclass(slots=True)
class _Sums:
    shares: list[tuple[float, float, float]] = field(default_factory=list)
    title: list[float] = field(default_factory=list)
    date: list[float] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    source: list[float] = field(default_factory=list)


def score(cases: Iterable[Mapping[str, Any]], cleaned: Mapping[str, Cleaned], *, visible_only: bool = False) -> Score:
    """The score of what a cleaner made of the cases, by their ids; a case that is absent counts as empty.

    visible_only  count a field only where the case says that the text dump holds it
    """
    sums = _Sums()
    for case in cases:
        gold, made = case["gold"], cleaned.get(case["id"], Cleaned())
        seen = case.get("visible_in_text", {}) if visible_only else {}
        if "body" in gold:
            sums.shares.append(body_shares(gold["body"], made.body))
        if "title" in gold and seen.get("title", True):
            sums.title.append(is_near(gold["title"], made.title))
        if "date" in gold and seen.get("date", True):
            sums.date.append(_day(gold["date"]) == (_day(made.date) or date.min))
        if "authors" in gold and seen.get("authors", True):
            sums.authors.append(author_f1(gold["authors"], made.authors))
        if "source" in gold and seen.get("source", True):
            sums.source.append(is_source(gold["source"], made.source, case.get("domain", "")))
    precision = _mean([right / (right + wrong) for right, wrong, _ in sums.shares if right + wrong])
    recall = _mean([right / (right + missed) for right, _, missed in sums.shares if right + missed])
    return Score(
        body=_harmonic(precision or 0.0, recall or 0.0) if sums.shares else None,
        precision=precision,
        recall=recall,
        title=_mean(sums.title),
        date=_mean(sums.date),
        authors=_mean(sums.authors),
        source=_mean(sums.source),
    )


def body_shares(gold: str, made: str) -> tuple[float, float, float]:
    """Runs that are right, wrong and missed, as shares of their sum."""
    known, given = runs(gold), runs(made)
    right = sum((known & given).values())
    wrong, missed = sum(given.values()) - right, sum(known.values()) - right
    whole = right + wrong + missed or 1
    return right / whole, wrong / whole, missed / whole


def runs(text: str) -> Counter[tuple[str, ...]]:
    """The runs of four words in a text; the whole text where it has fewer."""
    tokens = _WORD.findall(text)
    return Counter(tuple(tokens[i : i + RUN]) for i in range(max(1, len(tokens) - RUN + 1)) if tokens)


def is_near(gold: str, made: str) -> bool:
    """Whether a title is as good as the known one."""
    known, given = _plain(gold).split(), _plain(made).split()
    both = set(known) | set(given)
    alike = len(set(known) & set(given)) / len(both) if both else 0.0
    inside = bool(known) and " ".join(known) in " ".join(given) and len(given) - len(known) <= 6
    return alike >= 0.8 or inside


def author_f1(gold: Sequence[str], made: Sequence[str]) -> float:
    """F1 of the names; the order of a name's words does not count."""
    known = {_plain(name) for name in gold} - {""}
    given = {_BY.sub("", _plain(name)) for name in made} - {""}
    if not given:
        return 0.0
    same = len({a for a in known for b in given if sorted(a.split()) == sorted(b.split())})
    return _harmonic(same / len(given), same / len(known)) if known else 0.0


def is_source(gold: str, made: str, domain: str) -> bool:
    """Whether a source is as good as the known one."""
    known, given = (_plain(name).replace(" ", "") for name in (gold, made))
    label = domain.split(".")[0].replace("-", "")
    if not given:
        return False
    within = min(len(known), len(given)) >= 4 and (given in known or known in given)
    return given in (known, label) or within or _SUFFIX.sub("", given) == label


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(_WORD.findall("".join(c for c in text if not unicodedata.combining(c))))


def _day(stamp: str) -> date | None:
    try:
        return date.fromisoformat(stamp[:10])
    except ValueError:
        return None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
