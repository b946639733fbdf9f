"""Whether a line, or a part of it, is one of the phrases that `language_tables` holds, of whatever language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from indexer.cleaning.language_tables import LANGUAGES

_NO_SIGNS: frozenset[str] = frozenset()
_FIRST_WORD = re.compile(r"[\w']+")
_PUNCTUATION = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~–—•·…«»“”„‘’›‹→©"  # the commonest, for speed


def fold(text: str) -> str:
    """`text` in lower case with plain apostrophes and without punctuation around it."""
    text = text.lower()
    if not text.isascii():
        text = text.replace("’", "'").replace("‘", "'")
    return trimmed(text)


def folded_lines(lines: Sequence[str]) -> list[str]:
    """The lines, each folded."""
    text = "\n".join(lines).lower()
    if not text.isascii():
        text = text.replace("’", "'").replace("‘", "'")
    return [line if line[0].isalnum() and line[-1].isalnum() else trimmed(line) for line in text.split("\n")]


def trimmed(text: str) -> str:
    """`text` without what is neither letter nor digit around it."""
    text = text.strip(_PUNCTUATION)
    start, stop = 0, len(text)
    while start < stop and not text[start].isalnum():
        start += 1
    while stop > start and not text[stop - 1].isalnum():
        stop -= 1
    return text[start:stop]


class Phrases:
    """A set of phrases of all languages; `phrases(folded_line)` says whether the line is or opens with one."""

    def __init__(self, phrases: Collection[str]) -> None:
        self._whole = frozenset(phrase.rstrip("*") for phrase in phrases)
        self._openings: dict[str, tuple[str, ...]] = {}
        for phrase in phrases:
            if phrase.endswith("*"):
                word = _FIRST_WORD.match(phrase)
                key = word[0] if word else ""
                self._openings[key] = (*self._openings.get(key, ()), phrase[:-1])

    def __call__(self, folded: str) -> bool:
        """Whether the folded line is one of the phrases or opens with one."""
        if folded in self._whole:
            return True
        word = _FIRST_WORD.match(folded)
        if word is None or (openings := self._openings.get(word[0])) is None:
            return False
        return any(
            folded.startswith(opening) and not folded[len(opening) : len(opening) + 1].isalnum() for opening in openings
        )


class LineSigns:
    """The phrases of several fields in one table; `signs(folded_line)` says of which of them the line is a phrase."""

    def __init__(self, *fields: str) -> None:
        self._whole: dict[str, frozenset[str]] = {}
        self._openings: dict[str, tuple[tuple[str, str], ...]] = {}
        for field in fields:
            for phrase in every(field):
                whole = phrase.rstrip("*")
                self._whole[whole] = self._whole.get(whole, _NO_SIGNS) | {field}
                if whole != phrase and (word := _FIRST_WORD.match(phrase)):
                    self._openings[word[0]] = (*self._openings.get(word[0], ()), (whole, field))

    def __call__(self, folded: str) -> frozenset[str]:
        """The fields one of whose phrases the folded line is or opens with."""
        found = self._whole.get(folded, _NO_SIGNS)
        word = _FIRST_WORD.match(folded)
        if word and (openings := self._openings.get(word[0])):
            for opening, field in openings:
                if folded.startswith(opening) and not folded[len(opening) : len(opening) + 1].isalnum():
                    found |= {field}
        return found


def every(field: str) -> list[str]:
    """The phrases of one field over all languages, longest first."""
    phrases = {phrase for language in LANGUAGES for phrase in _parts(getattr(language, field))}
    return sorted(phrases, key=lambda phrase: (-len(phrase), phrase))


def alternatives(field: str) -> str:
    """The phrases of one field as a regular expression (to be matched without regard to case)."""
    return one_of(every(field))


def one_of(phrases: Iterable[str]) -> str:
    """A regular expression for the longest of the phrases that fits: a tree by letters, for a list is tried in full."""
    tree: dict[str, Any] = {}
    for phrase in phrases:
        node = tree
        for letter in phrase:
            node = node.setdefault(letter, {})
        node[""] = {}
    return f"(?:{_branches(tree)})"


def _branches(node: dict[str, Any]) -> str:
    branches = [re.escape(letter) + _branches(below) for letter, below in node.items() if letter]
    if "" in node:
        return f"(?:{'|'.join(branches)})?" if branches else ""
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _parts(phrases: str) -> list[str]:
    return [phrase for part in phrases.split(";") if (phrase := " ".join(part.split()))]


MONTHS: dict[str, int] = {
    name.replace("_", " "): number
    for language in reversed(LANGUAGES)  # where two languages disagree, the first listed wins
    for number, names in enumerate(_parts(language.months), start=1)
    for name in names.split()
}

# Of the calendar of Iran, whose year begins in March.
PERSIAN_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        _parts(
            "فروردین فروردين; اردیبهشت ارديبهشت; خرداد; تیر تير; مرداد امرداد; شهریور شهريور; مهر; آبان; آذر; دی دي; "
            "بهمن; اسفند"
        ),
        start=1,
    )
    for name in names.split()
}
# The years before the first of an era.
ERAS = {"民國": 1911, "民国": 1911, "令和": 2018, "平成": 1988}


def month_number(name: str) -> int | None:
    """The number of a month by one of its names, whose capitals may be those of Turkish ("KASIM")."""
    name = name.rstrip(".")
    return MONTHS.get(name.lower()) or MONTHS.get(name.replace("İ", "i").replace("I", "ı").lower())


line_signs = LineSigns("end", "related", "furniture")
is_related = Phrases(every("related"))
is_end = Phrases(every("end"))
is_furniture = Phrases(every("furniture"))
is_home = Phrases(every("home"))

# Beside each stand its words but the last, which the text must have for themselves.
_APPEALS = [(frozenset(phrase.split()[:-1]), phrase) for phrase in every("appeal")]


def appeals(folded: str) -> set[str]:
    """The phrases in a folded text that ask its reader to subscribe, join or give."""
    tokens = set(folded.split())
    return {phrase for before, phrase in _APPEALS if before <= tokens and holds(folded, phrase)}


def holds(text: str, phrase: str) -> bool:
    """Whether the text holds the phrase as whole words."""
    at = text.find(phrase)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(phrase) : at + len(phrase) + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            return True
        at = text.find(phrase, at + 1)
    return False
