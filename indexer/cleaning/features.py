"""What the lines of a dump look like, as numbers: one row a line, one column a property.

The properties say nothing yet about the article; the weights by which they speak for or against a line are in
`line_weights`, fitted by `benchmarks/fit_lines.py`. Characters are counted over the whole page at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning.lines import Dump, Line

Matrix: TypeAlias = NDArray[np.float32]
Column: TypeAlias = NDArray[np.float32]

SIZES: Final = (2, 3, 5, 8, 12, 18, 25, 40, 80)  # words
ROLES: Final = ("prose", "caption", "date", "furniture", "legal", "related", "end")
WINDOWS: Final = (3, 8, 20)  # lines
MOST: Final = 80  # words of one line that count
_GAP: Final = 15  # lines; farther is as far

# Of the line itself.
OWN: Final = (
    *(f"at least {size} words" for size in SIZES),
    *("ends a sentence", "ends in a colon", "ends in a question or call", "ends in an ellipsis"),
    *("sentences within", "commas", "alone", "bullet", "opens in lower case", "opens with a digit", "opens a quote"),
    *("share of capitalised words", "all in capitals", "share of short words", "share of digits", "bars", "address"),
    *("repeated", "glued where others stand alone", "repeats the line above"),
    *(f"role {role}" for role in ROLES),
)
# Of its block: the lines around it without a blank line between.
BLOCK: Final = (
    *("block length", "block mean", "block prose", "block bullets", "first of block", "last of block"),
    *("mean of the others", "prose mass of the block above", "prose mass of the block below"),
    *("long block of lines", "long list", "long block of labels", "block after a colon"),
)
# Of the lines near it.
AROUND: Final = (
    *(f"prose in {window} lines {where}" for window in WINDOWS for where in ("above", "below")),
    *("share of prose above", "share of prose below", "lines since prose", "lines to prose"),
    *("after the end", "just after a box", "soon after a box", "late box above", "place on the page"),
    *(
        "length of the run of prose",
        "mass of the run of prose",
        "prose near by",
        "run of prose above",
        "run of prose below",
    ),
)
# These of its neighbours count too, each by its distance.
NEIGHBOUR: Final = (
    *("at least 3 words", "at least 8 words", "at least 18 words", "ends a sentence", "ends in a colon", "alone"),
    *("bullet", "commas", "opens in lower case", "share of capitalised words", "repeated"),
    *(f"role {role}" for role in ROLES),
)
DISTANCES: Final = (-3, -2, -1, 1, 2, 3)
FIRST: Final = (*OWN, *BLOCK, *AROUND, *(f"{name} at {d:+}" for d in DISTANCES for name in NEIGHBOUR))

# With the first score, and the headline, known.
BELONGING: Final = (
    *("score", *(f"score at {d:+}" for d in DISTANCES)),
    *(f"mass in {window} lines {where}" for window in WINDOWS for where in ("above", "below")),
    *("share of mass above", "share of mass below", "late", "early", "score of the block", "best of the block"),
    *("lines since text", "lines to text", "between text", "in a gap of", "shares words", "shares words by size"),
    *("breaks above", "after the headline", "is the headline", "nearness to the headline", "text since the headline"),
    *(
        "lines since the headline",
        "shares the headline's words",
        "copies the headline",
        "shares words with the text above",
    ),
    "headline's words by size",
)
SECOND: Final = (*FIRST, *BELONGING)

_UPPER, _LOWER, _DIGIT, _SPACE, _ENDING, _CLOSING, _BAR, _QUOTE = (1 << bit for bit in range(8))
_TABLE_SIZE: Final = 0x3100  # beyond, scripts have no capitals
_ROLE_AT: Final = {role: at for at, role in enumerate(ROLES)}
_NEIGHBOUR_AT: Final = [OWN.index(name) for name in NEIGHBOUR]


@cache
def _classes() -> NDArray[np.uint8]:
    """The classes of the characters below `_TABLE_SIZE`, as bits."""
    table = np.zeros(_TABLE_SIZE + 1, np.uint8)
    characters = list(map(chr, range(_TABLE_SIZE)))
    for bit, test in ((_UPPER, str.isupper), (_LOWER, str.islower), (_DIGIT, str.isdigit), (_SPACE, str.isspace)):
        table[:-1] |= np.fromiter(map(test, characters), bool, _TABLE_SIZE).astype(np.uint8) * np.uint8(bit)
    for bit, members in ((_ENDING, ".!?…。।؟"), (_CLOSING, " \"'”’“»«)]"), (_BAR, "|›»·•"), (_QUOTE, "\"'“”„«»‘’「")):
        for member in members:
            table[ord(member)] |= bit
    return table


class Columns(NamedTuple):
    """The lines' own fields as arrays.

    size   in words, at most MOST
    role   its place in ROLES, else -1
    block  counted from 0
    """

    size: Column
    role: NDArray[np.intp]
    bullet: NDArray[np.bool_]
    alone: NDArray[np.bool_]
    block: NDArray[np.intp]

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Columns:
        """The arrays of the lines."""
        rows = [(line.size, _ROLE_AT.get(line.role, -1), line.bullet, line.alone, line.block) for line in lines]
        size, role, bullet, alone, block = np.array(rows, np.intp).T
        opens = np.diff(block, prepend=block[0]) != 0
        return cls(np.minimum(size, MOST).astype(np.float32), role, bullet > 0, alone > 0, np.cumsum(opens))


def first(dump: Dump, columns: Columns) -> Matrix:
    """The properties FIRST of every line."""
    lines = dump.lines
    prose = np.where(columns.role == 0, columns.size, 0).astype(np.float32)
    own = _own(dump, columns)
    near = own[:, _NEIGHBOUR_AT]
    parts = [own, _block(lines, columns, prose), _around(columns, prose), *(shifted(near, d) for d in DISTANCES)]
    return np.hstack(parts)


def shifted(columns: Matrix, distance: int, fill: float = 0.0) -> Matrix:
    """The rows `distance` lines below each line (above, if negative); `fill` beyond the page."""
    result = np.full_like(columns, fill)
    if abs(distance) < len(columns):
        if distance > 0:
            result[:-distance] = columns[distance:]
        else:
            result[-distance:] = columns[:distance]
    return result


def _own(dump: Dump, columns: Columns) -> Matrix:
    lines, repeats = dump.lines, dump.repeats
    count = len(lines)
    codes = np.frombuffer("\n".join([line.text for line in lines]).encode("utf-32-le") + b"\n\0\0\0", np.uint32)
    table = _classes()
    kinds = table[np.minimum(codes, _TABLE_SIZE)]
    stops = np.flatnonzero(codes == 10)
    starts = np.concatenate([[0], stops[:-1] + 1])
    length = (stops - starts).astype(np.float32)
    space = kinds & _SPACE > 0
    openings = np.empty(len(kinds), bool)  # where a word starts
    openings[0], openings[1:] = True, space[:-1]
    openings &= ~space
    capital = openings & (kinds & _UPPER > 0)
    lower = openings & (kinds & _LOWER > 0)
    within = np.zeros(len(kinds), bool)
    within[:-2] = (kinds[:-2] & _ENDING > 0) & space[1:-1] & (kinds[2:] & (_UPPER | _QUOTE) > 0)
    within |= codes == 0x3002
    word_starts = np.flatnonzero(openings)
    word_stops = np.flatnonzero(space[1:] & ~space[:-1]) + 1
    short = np.zeros(len(kinds), bool)
    short[word_starts] = (word_stops - word_starts) <= 3
    short &= lower

    def per_line(mask: NDArray[Any]) -> Column:
        return np.add.reduceat(mask, starts, dtype=np.float32)

    capitals, lowers = per_line(capital), per_line(lower)
    named = capitals + lowers
    words = np.maximum(per_line(openings), 1)
    heads, tails = kinds[starts], codes[stops - 1]
    last = kinds[stops - 1]
    for back in (2, 3):
        at = np.maximum(stops - back, starts)
        # What closes a quotation or a bracket may follow the full stop.
        last = np.where((last & _CLOSING > 0) & (last & _ENDING == 0), kinds[at], last)
        tails = np.where(table[np.minimum(tails, _TABLE_SIZE)] & _CLOSING > 0, codes[at], tails)
    colon = (tails == ord(":")) | (tails == 0xFF1A)
    ends = (last & _ENDING > 0) | colon | (tails == ord(";")) | (tails == 0xFF01) | (tails == 0xFF1F)
    call = (tails == ord("?")) | (tails == ord("!")) | (tails == 0xFF01) | (tails == 0xFF1F)
    dots = (tails == ord("…")) | ((tails == ord(".")) & (codes[np.maximum(stops - 2, starts)] == ord(".")))
    repeated = np.fromiter((repeats[line.folded] > 1 for line in lines), np.float32, count)
    copies = np.fromiter(
        (i > 0 and line.folded == lines[i - 1].folded for i, line in enumerate(lines)), np.float32, count
    )
    address = np.fromiter(
        ("http" in line.text or "@" in line.text or "www." in line.text for line in lines), np.float32, count
    )
    found = [
        *(columns.size >= least for least in SIZES),
        *(ends, colon, call, dots),
        *(np.minimum(per_line(within), 3), np.minimum(per_line((codes == 44) | (codes == 0x3001)), 4)),
        *(columns.alone, columns.bullet),
        *(heads & _LOWER > 0, heads & _DIGIT > 0, heads & _QUOTE > 0),
        np.where(named >= 3, capitals / np.maximum(named, 1), np.float32(0.5)),
        (per_line(kinds & _UPPER > 0) > 3) & (per_line(kinds & _LOWER > 0) == 0),
        per_line(short) / words,
        per_line(kinds & _DIGIT > 0) / np.maximum(length, 1),
        per_line(kinds & _BAR > 0) > 0,
        *(address, repeated, ~columns.alone & dump.spaced, copies),
        *(columns.role == at for at in range(len(ROLES))),
    ]
    return np.stack(found, axis=1).astype(np.float32)


def _block(lines: Sequence[Line], columns: Columns, prose: Column) -> Matrix:
    index, size = columns.block, columns.size
    opens = np.flatnonzero(np.diff(index, prepend=-1))
    length = np.diff(np.append(opens, len(lines))).astype(np.float32)
    total = np.add.reduceat(size, opens)
    mean = total / length
    mass = np.add.reduceat(prose, opens)
    share = np.add.reduceat((prose > 0).astype(np.float32), opens) / length
    listed = np.add.reduceat(columns.bullet.astype(np.float32), opens) / length
    place = np.arange(len(lines)) - opens[index]
    above = np.concatenate([[0], mass[:-1]]).astype(np.float32)
    below = np.concatenate([mass[1:], [0]]).astype(np.float32)
    colon = np.array([start > 0 and lines[start - 1].text[-1] == ":" for start in opens.tolist()])
    many = length >= 3
    return np.stack(
        [
            *(np.log(length)[index], np.log1p(mean)[index], share[index], listed[index]),
            *(place == 0, place == length[index] - 1),
            np.where(length[index] > 1, np.log1p((total[index] - size) / np.maximum(length[index] - 1, 1)), 0),
            *(np.log1p(above)[index], np.log1p(below)[index]),
            *((many & (listed == 0))[index], (many & (listed > 0.5))[index], (many & (mean < 4))[index], colon[index]),
        ],
        axis=1,
    ).astype(np.float32)


def _around(columns: Columns, prose: Column) -> Matrix:
    size, count = columns.size, len(columns.size)
    at = np.arange(count)
    sums = np.concatenate([[0], np.cumsum(prose)])
    total = max(float(sums[-1]), 1.0)
    since, to = distances(at, (prose > 0) & (size >= 8))
    box = columns.role == ROLES.index("related")
    after_box = at - _last(at, box, -99)
    last_box = _last(at, box, -1)
    late = (last_box >= 0) & (sums[last_box] > 0.7 * total)
    flowing = (prose > 0) & (size >= 8)
    turns = np.flatnonzero(np.diff(flowing.astype(np.int8), prepend=-1) != 0)
    run = np.cumsum(np.diff(flowing.astype(np.int8), prepend=flowing[0]) != 0)
    run_length = np.log1p(np.add.reduceat(flowing.astype(np.float32), turns))
    run_mass = np.log1p(np.add.reduceat(prose, turns))
    run_above = np.concatenate([[0, 0], run_length])[run]
    run_below = np.concatenate([run_length, [0, 0]])[run + 2]
    smoothed = np.concatenate([[0], np.cumsum(flowing)])
    near_by = (smoothed[np.minimum(at + 7, count)] - smoothed[np.maximum(at - 6, 0)]) / 13
    ended = (columns.role == ROLES.index("end")) & (sums[:-1] > 0.3 * total)
    return np.stack(
        [
            *window_sums(sums),
            *(sums[:-1] / total, (total - sums[1:]) / total, np.minimum(since, 10), np.minimum(to, 10)),
            np.concatenate([[False], np.logical_or.accumulate(ended)[:-1]]),
            *((after_box > 0) & (after_box <= 3), (after_box > 0) & (after_box <= 10), late, at / count),
            *(run_length[run], run_mass[run], near_by, run_above, run_below),
        ],
        axis=1,
    ).astype(np.float32)


def window_sums(sums: NDArray[Any]) -> list[NDArray[Any]]:
    """The logarithms of the sums over the WINDOWS above and below each line. sums: running, with a leading zero."""
    count = len(sums) - 1
    at = np.arange(count)
    found = []
    for window in WINDOWS:
        found.append(np.log1p(np.maximum(sums[at] - sums[np.maximum(at - window, 0)], 0)))
        found.append(np.log1p(np.maximum(sums[np.minimum(at + window + 1, count)] - sums[at + 1], 0)))
    return found


def distances(at: NDArray[Any], marked: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """How many lines each line is after, and before, the nearest other marked one; at most 15."""
    before = np.concatenate([[-99], _last(at, marked, -99)[:-1]])
    after = np.full(len(at), 10**6)
    after[marked] = at[marked]
    after = np.minimum.accumulate(after[::-1])[::-1]
    after = np.concatenate([after[1:], [10**6]])
    return np.minimum(at - before, _GAP), np.minimum(after - at, _GAP)


def _last(at: NDArray[Any], marked: NDArray[np.bool_], none: int) -> NDArray[Any]:
    """The last marked line up to each line, or `none`."""
    return np.maximum.accumulate(np.where(marked, at, none))


def second(
    lines: Sequence[Line],
    columns: Columns,
    properties: Matrix,
    scores: Column,
    title_at: int | None,
    vocabulary: Sequence[frozenset[str]],
) -> Matrix:
    """The properties SECOND of every line.

    properties  FIRST
    scores      of the first weights
    vocabulary  the words of each line
    """
    count = len(lines)
    at = np.arange(count)
    size, index = columns.size, columns.block
    score = np.clip(scores, -6, 6)
    likely = 1 / (1 + np.exp(-score))
    sums = np.concatenate([[0], np.cumsum(likely * size)])
    total = float(sums[-1]) + 1e-6
    opens = np.flatnonzero(np.diff(index, prepend=-1))
    block_score = (np.add.reduceat(score * size, opens) / np.add.reduceat(size, opens))[index]
    block_best = np.maximum.reduceat(score, opens)[index]
    since, to = distances(at, (likely > 0.6) & (size >= 8))
    core: Counter[str] = Counter()
    sure = likely > 0.7
    for i in np.flatnonzero(sure).tolist():
        core.update(vocabulary[i])
    often = {word for word, times in core.items() if times > 1}
    shared = np.fromiter(
        (
            (len(words & (often if own else core.keys())) + 0.5) / (len(words) + 3)
            for words, own in zip(vocabulary, sure.tolist(), strict=True)
        ),
        np.float32,
        count,
    )
    anchor = -1 if title_at is None else title_at
    since_title = sums[:-1] - sums[max(anchor, 0)]
    role = columns.role
    breaks = ((role == ROLES.index("date")) + 2 * (role == ROLES.index("end"))) * (since_title > 60)
    after = (at > anchor) if anchor >= 0 else np.zeros(count, bool)
    title = lines[anchor].folded if anchor >= 0 else ""
    title_words = vocabulary[anchor] if anchor >= 0 else frozenset()
    overlap = np.fromiter((len(words & title_words) for words in vocabulary), np.float32, count)
    share_above = sums[:-1] / total
    above: set[str] = set(title_words)
    echo = np.zeros(count, np.float32)
    for i in range(anchor + 1, count):
        if words := vocabulary[i]:
            echo[i] = (len(words & above) + 0.5) / (len(words) + 3)
            if sure[i]:
                above |= words
    found = [
        score,
        *(shifted(score, d, -6.0) for d in DISTANCES),
        *window_sums(sums),
        *(share_above, (total - sums[1:]) / total),
        *(np.maximum(share_above - 0.7, 0), np.maximum(0.1 - share_above, 0) * 10),
        *(block_score, block_best, since, to, (since < _GAP) & (to < _GAP), np.minimum(since + to, 20)),
        *(shared, shared * np.log1p(size)),
        np.minimum(np.concatenate([[0], np.cumsum(breaks)[:-1]]), 4),
        after,
        at == anchor,
        np.where(after, 1 / (1 + np.maximum(at - anchor - 1, 0) / 3), 0),
        np.where(after, np.log1p(np.maximum(since_title, 0)), 0),
        np.where(after, np.log1p(np.maximum(at - anchor, 0)), 0),
        overlap / max(4, len(title_words)),
        np.fromiter((anchor >= 0 and line.folded == title for line in lines), np.float32, count),
        echo,
        overlap / max(4, len(title_words)) * np.log1p(size),
    ]
    return np.hstack([properties, np.stack(found, axis=1).astype(np.float32)])
