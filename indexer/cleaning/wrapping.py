"""The rows of a dump as they were before a program broke them at a fixed width.

A program that breaks rows puts a word into the next row only where it had no room left. So each pair of rows of a
broken paragraph tells between which widths the limit was, and where most of them agree, it is known. Two rows are
then one where the word that opens the second would not have fitted into the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

_NARROWEST: Final = 40  # columns
_WIDEST: Final = 160
_FREE: Final = 0.2  # share of the text in rows that no program has broken; more, and none has
_FEWEST: Final = 4  # pairs of rows
_CAPITALS: Final = 0.8  # share of the words that open a row; more than in running German
_SLACK: Final = 6  # columns; headings and lists may have a wider margin than paragraphs
_WIDE: Final = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
_WIDE_LETTER: Final = re.compile(f"[{_WIDE}]")
# A no-break space holds words together, such as a number and its unit.
_FIRST_WORD: Final = re.compile(rf"\s*([{_WIDE}]|[^\s{_WIDE}]+(?:\xa0[^\s{_WIDE}]+){{,2}})")
_ITEM: Final = re.compile(r"\s*(?:[•‣◦▪●·*+]\s|[–-]\s+(?=[^\Wa-z])|\d{1,2}\.\s)")


class _Pair(NamedTuple):
    """Two rows, one below the other.

    columns  what the first takes
    wanted   what it would with the word that opens the second
    capital  whether that word opens with a capital
    """

    columns: int
    wanted: int
    capital: bool


def unwrapped(rows: Sequence[str]) -> Sequence[str]:
    """The rows, those that were one before joined again."""
    lengths = [0 if "://" in row else len(row) for row in rows]  # an address has no place to break it
    if sum([length for length in lengths if length > _WIDEST]) > _FREE * sum(lengths):
        return rows
    readings = [_pairs(rows, len)]
    if any(map(_WIDE_LETTER.search, rows)):
        readings.append(_pairs(rows, _columns))
    limits = [_limit(lengths, list(pairs.values())) for pairs in readings]
    (agreeing, limit), pairs = max(zip(limits, readings, strict=True), key=lambda found: found[0])
    if not agreeing:
        return rows
    paragraphs: list[list[str]] = []
    goes_on = False
    for i, row in enumerate(rows):
        if goes_on:
            paragraphs[-1].append(row)
        else:
            paragraphs.append([row])
        goes_on = i in pairs and pairs[i].columns <= limit + _SLACK and pairs[i].wanted > limit
    return [paragraph[0] if len(paragraph) == 1 else _joined(paragraph) for paragraph in paragraphs]


def _pairs(rows: Sequence[str], columns: Callable[[str], int]) -> dict[int, _Pair]:
    """The pairs by the number of their first row.

    columns  what a text takes; programs count characters (Lynx), or two columns for a wide one (w3m)
    """
    return {i: pair for i in range(len(rows) - 1) if (pair := _pair(rows[i], rows[i + 1], columns))}


def _pair(row: str, below: str, columns: Callable[[str], int]) -> _Pair | None:
    """The pair of two rows, None where the second starts something new, or the first is too short to tell anything."""
    row = row.rstrip()
    word = _FIRST_WORD.match(below)
    if len(row) * 2 < _NARROWEST or not word or _ITEM.match(below):
        return None
    taken = columns(row)
    if taken < _NARROWEST:
        return None
    gap = not _WIDE_LETTER.match(row[-1])
    return _Pair(taken, taken + gap + columns(word[1]), word[1][0].isupper())


def _columns(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_WIDE_LETTER.findall(text))


def _limit(lengths: Sequence[int], pairs: Sequence[_Pair]) -> tuple[int, int]:
    """How many pairs agree on a width at which the rows were broken, and that width; (0, 0) if they were not."""
    changes = [0] * (_WIDEST + 2)
    for pair in pairs:
        if pair.columns <= _WIDEST:
            changes[pair.columns] += 1
            changes[min(pair.wanted, _WIDEST + 1)] -= 1
    votes = list(accumulate(changes))
    limit = votes.index(max(votes))
    agreeing = [pair for pair in pairs if pair.columns <= limit < pair.wanted]
    others = sum(limit < 2 * pair.columns <= 2 * limit for pair in pairs) - len(agreeing)
    longer = sum(length > limit + _SLACK for length in lengths)
    # Headlines below each other may be of much the same length, but each opens with a capital.
    capitals = sum(pair.capital for pair in agreeing)
    if len(agreeing) < max(_FEWEST, others / 2, 4 * longer) or capitals > _CAPITALS * len(agreeing):
        return 0, 0
    return len(agreeing), limit


def _joined(rows: Sequence[str]) -> str:
    parts = [rows[0].rstrip()]
    for row in rows[1:]:
        part = row.strip()
        if not (_WIDE_LETTER.match(parts[-1][-1]) and _WIDE_LETTER.match(part)):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)
