"""What the lines of a dump look like, as numbers.

The properties say nothing yet about the article; the weights by which they speak for or against a line are in
`line_weights`, fitted by `benchmarks/fit_lines.py`. A table holds one row a property, one column a line; characters,
words and lines are counted over the whole page at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from operator import eq
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning.lines import Dump, Line

Table: TypeAlias = NDArray[np.float32]
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
    *("credit below", "escaped characters", "opens the line below", "goes on from the line above", "said twice"),
    "tail after the sentence",
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
LINE: Final = (*OWN, *BLOCK, *AROUND)
FIRST: Final = (*LINE, *(f"{name} at {d:+}" for d in DISTANCES for name in NEIGHBOUR))

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
_NEIGHBOUR_AT: Final = [LINE.index(name) for name in NEIGHBOUR]
_CREDITS: Final = (
    *("photo:", "photo by", "photo credit", "foto:", "bild:", "image:", "picture:", "photograph:", "credit:"),
)
_TELLING: Final = 16  # characters; shorter lines are alike by chance
_BETWEEN_COPIES: Final = " .!?"
_SENTENCE: Final = 8  # words
_LONGEST_TAIL: Final = 30  # characters
_SIZES: Final = np.array(SIZES)[:, None]
_ROLES: Final = np.arange(len(ROLES))[:, None]
_SHORT_WORD: Final = 3  # letters
_EMPTY: Final = -6.0  # the score of what is beyond the page


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

    size      in words, at most MOST
    role      its place in ROLES, else -1
    block     counted from 0
    opens     the first line of each block
    capitals  the share of its words that open with a capital
    own       the properties OWN
    """

    size: Column
    role: NDArray[np.intp]
    bullet: NDArray[np.bool_]
    alone: NDArray[np.bool_]
    block: NDArray[np.intp]
    opens: NDArray[np.intp]
    capitals: Column
    own: Table

    @classmethod
    def of(cls, dump: Dump) -> Columns:
        """The arrays of the lines."""
        lines = dump.lines
        count = len(lines)
        size = np.minimum(np.fromiter([line.size for line in lines], np.float32, count), MOST)
        role = np.fromiter([_ROLE_AT.get(line.role, -1) for line in lines], np.intp, count)
        bullet, alone = truths([line.bullet for line in lines]), truths([line.alone for line in lines])
        opens = turns(np.fromiter([line.block for line in lines], np.intp, count))
        texts, folded = [line.text for line in lines], [line.folded for line in lines]
        page = "\n".join(texts) + "\n"
        words, characters = _read(page)
        address = ["http" in text or "@" in text or "www." in text for text in texts]
        escaped = truths(["&#" in text or "&quot;" in text for text in texts]) if "&" in page else False
        repeated = [times > 1 for times in map(dump.repeats.__getitem__, folded)]
        copies = [False, *map(eq, folded[1:], folded)]
        credit = [line.startswith(_CREDITS) for line in folded]
        lengths = list(map(len, folded))
        opens_next = [
            _TELLING <= length < length_below and below.startswith(line)
            for line, length, below, length_below in zip(folded, lengths, folded[1:], lengths[1:], strict=False)
        ]
        said_twice = [
            length >= 2 * _TELLING and _is_said_twice(line) for line, length in zip(folded, lengths, strict=True)
        ]
        tail = [line.size >= _SENTENCE and not line.ends_sentence and _has_tail(line.text) for line in lines]
        own = _table(
            len(OWN),
            count,
            [
                *(size >= _SIZES),
                *characters[:6],
                *(alone, bullet),
                *characters[6:],
                *(truths(address), truths(repeated), ~alone & dump.spaced, truths(copies)),
                *(truths([*credit[1:], False]), escaped),
                *(truths([*opens_next, False]), truths([False, *opens_next]), truths(said_twice), truths(tail)),
                *(role == _ROLES),
            ],
        )
        return cls(size, role, bullet, alone, np.cumsum(opens) - 1, opens.nonzero()[0], words, own)


def truths(values: Sequence[bool]) -> NDArray[np.bool_]:
    """The values as an array, not to be written to; `np.array` looks at each of them, and takes ten times as long."""
    return np.frombuffer(bytes(values), np.bool_)


def _is_said_twice(folded: str) -> bool:
    """Whether a long folded line says everything twice, as an image's alternative text with its caption does."""
    again = folded.find(folded[:_TELLING], len(folded) // 2 - 2)
    return again > 0 and folded[:again].rstrip(_BETWEEN_COPIES) == folded[again:].rstrip(_BETWEEN_COPIES)


def _has_tail(text: str) -> bool:
    """Whether a few words follow the last sentence, as the agency's name follows a caption."""
    rest = text[-_LONGEST_TAIL:]
    return ". " in rest or "。" in rest or "? " in rest or "! " in rest


def _table(height: int, width: int, rows: Iterable[Any]) -> Table:
    """The rows as one table."""
    table = np.empty((height, width), np.float32)
    for at, row in enumerate(rows):
        table[at] = row
    return table


def line_properties(dump: Dump, columns: Columns) -> Table:
    """The properties LINE of every line."""
    prose = np.where(columns.role == 0, columns.size, 0).astype(np.float32)
    return np.vstack([columns.own, _block(dump.lines, columns, prose), _around(columns, prose)])


def with_neighbours(properties: Table) -> Table:
    """The properties FIRST, from LINE."""
    near = properties[_NEIGHBOUR_AT]
    return np.vstack([properties, *(shifted(near, d) for d in DISTANCES)])


def weighed(properties: Table, weights: Column) -> Column:
    """The sum of the properties FIRST by their weights, from LINE: neighbours are weighed first, and then moved."""
    own, near = weights[: len(LINE)], weights[len(LINE) : len(FIRST)].reshape(len(DISTANCES), len(NEIGHBOUR))
    result: Column = own @ properties
    for distance, said in zip(DISTANCES, near @ properties[_NEIGHBOUR_AT], strict=True):
        if distance > 0:
            result[:-distance] += said[distance:]
        else:
            result[-distance:] += said[:distance]
    return result


def shifted(rows: NDArray[Any], distance: int, fill: float = 0.0) -> NDArray[Any]:
    """For each line, what stands `distance` lines below it (above, if negative); `fill` beyond the page."""
    result = np.full_like(rows, fill)
    if distance > 0:
        result[..., :-distance] = rows[..., distance:]
    else:
        result[..., -distance:] = rows[..., :distance]
    return result


def _read(page: str) -> tuple[Column, list[NDArray[Any]]]:
    """The share of capitalised words of each line, and those of the properties OWN that its characters tell."""
    codes = np.frombuffer(page.encode("utf-32-le"), np.uint32)
    table = _classes()
    kinds = table.take(codes, mode="clip")
    gaps = (kinds & _SPACE > 0).nonzero()[0]  # one after each word
    last_word = codes[gaps] == ord("\n")
    stops = gaps[last_word]
    starts = np.concatenate([[0], stops[:-1] + 1])
    count = len(starts)
    of_line = np.cumsum(last_word) - last_word
    openings = np.concatenate([[0], gaps[:-1] + 1])
    opening = kinds[openings]
    words = np.bincount(of_line, minlength=count).astype(np.float32)
    capital, lower = opening & _UPPER > 0, opening & _LOWER > 0

    def per_line(marked: NDArray[np.bool_]) -> Column:
        return np.bincount(of_line[marked], minlength=count).astype(np.float32)

    def of_characters(marked: NDArray[Any]) -> Column:
        return np.bincount(stops.searchsorted(marked.nonzero()[0]), minlength=count).astype(np.float32)

    capitals = per_line(capital)
    named = capitals + per_line(lower)
    ended = np.zeros(len(gaps), bool)
    ended[:-1] = (kinds[gaps[:-1] - 1] & _ENDING > 0) & (opening[1:] & (_UPPER | _QUOTE) > 0)
    within, commas = per_line(ended), of_characters(codes == ord(","))
    if not page.isascii():
        within += of_characters(codes == 0x3002)
        commas += of_characters(codes == 0x3001)
    some = np.bitwise_or.reduceat(kinds, starts)
    heads, tails = kinds[starts], codes[stops - 1]
    last = kinds[stops - 1]
    for back in (2, 3):
        at = np.maximum(stops - back, starts)
        # What closes a quotation or a bracket may follow the full stop.
        last = np.where((last & _CLOSING > 0) & (last & _ENDING == 0), kinds[at], last)
        tails = np.where(table.take(tails, mode="clip") & _CLOSING > 0, codes[at], tails)
    colon = (tails == ord(":")) | (tails == 0xFF1A)
    call = (tails == ord("?")) | (tails == ord("!")) | (tails == 0xFF01) | (tails == 0xFF1F)
    ends = (last & _ENDING > 0) | colon | (tails == ord(";")) | (tails == 0xFF01) | (tails == 0xFF1F)
    dots = (tails == ord("…")) | ((tails == ord(".")) & (codes[np.maximum(stops - 2, starts)] == ord(".")))
    return capitals / words, [
        *(ends, colon, call, dots, np.minimum(within, 3), np.minimum(commas, 4)),
        *(heads & _LOWER > 0, heads & _DIGIT > 0, heads & _QUOTE > 0),
        np.where(named >= 3, capitals / np.maximum(named, 1), np.float32(0.5)),
        (some & _LOWER == 0) & (of_characters(kinds & _UPPER > 0) > 3),
        per_line(lower & (gaps - openings <= _SHORT_WORD)) / words,
        of_characters(kinds & _DIGIT > 0) / (stops - starts),
        some & _BAR > 0,
    ]


def _block(lines: Sequence[Line], columns: Columns, prose: Column) -> Table:
    index, opens, size = columns.block, columns.opens, columns.size
    length = np.bincount(index).astype(np.float32)
    total = np.add.reduceat(size, opens)
    mean = total / length
    mass = np.log1p(np.add.reduceat(prose, opens))
    share = np.add.reduceat((prose > 0).astype(np.float32), opens) / length
    listed = np.add.reduceat(columns.bullet.astype(np.float32), opens) / length
    colon = truths([start > 0 and lines[start - 1].text[-1] == ":" for start in opens.tolist()])
    many = length >= 3
    of_blocks = [
        *(np.log(length), np.log1p(mean), share, listed, shifted(mass, -1), shifted(mass, 1)),
        *(many & (listed == 0), many & (listed > 0.5), many & (mean < 4), colon),
    ]
    spread = _table(len(of_blocks), len(opens), of_blocks)[:, index]
    place, long = np.arange(len(lines)) - opens[index], length[index]
    others = np.where(long > 1, np.log1p((total[index] - size) / np.maximum(long - 1, 1)), 0)
    return np.vstack([spread[:4], place == 0, place == long - 1, others, spread[4:]])


def _around(columns: Columns, prose: Column) -> Table:
    size, count = columns.size, len(columns.size)
    at = np.arange(count)
    sums = running(prose)
    total = max(float(sums[-1]), 1.0)
    flowing = (prose > 0) & (size >= 8)
    since, to = distances(at, flowing)
    box = columns.role == ROLES.index("related")
    after_box = at - _last(at, box, -99)
    last_box = _last(at, box, -1)
    late = (last_box >= 0) & (sums[last_box] > 0.7 * total)
    changes = turns(flowing)
    first, run = changes.nonzero()[0], np.cumsum(changes) - 1
    run_length = np.log1p(np.add.reduceat(flowing.astype(np.float32), first))
    run_mass = np.log1p(np.add.reduceat(prose, first))
    lengths = np.concatenate([[0, 0], run_length, [0, 0]])
    smoothed = running(flowing)
    near_by = (smoothed[np.minimum(at + 7, count)] - smoothed[np.maximum(at - 6, 0)]) / 13
    ended = (columns.role == ROLES.index("end")) & (sums[:-1] > 0.3 * total)
    return _table(
        len(AROUND),
        count,
        [
            *window_sums(sums),
            *(sums[:-1] / total, (total - sums[1:]) / total, np.minimum(since, 10), np.minimum(to, 10)),
            shifted(np.logical_or.accumulate(ended), -1),
            *((after_box > 0) & (after_box <= 3), (after_box > 0) & (after_box <= 10), late, at / count),
            *(run_length[run], run_mass[run], near_by, lengths[run], lengths[run + 4]),
        ],
    )


def turns(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which lines have another value than the line above."""
    found = np.ones(len(values), bool)
    found[1:] = values[1:] != values[:-1]
    return found


def running(values: NDArray[Any]) -> NDArray[Any]:
    """The sums of what stands above each line, and at the end, of all."""
    return np.concatenate([[0], values.cumsum()])


_WINDOW_STARTS: Final = np.array([start for window in WINDOWS for start in (-window, 1)])[:, None]
_WINDOW_STOPS: Final = np.array([stop for window in WINDOWS for stop in (0, window + 1)])[:, None]


def window_sums(sums: NDArray[Any]) -> NDArray[Any]:
    """The logarithms of the sums over the WINDOWS above and below each line. sums: running"""
    at = np.arange(len(sums) - 1)
    stops, starts = np.minimum(at + _WINDOW_STOPS, len(at)), np.maximum(at + _WINDOW_STARTS, 0)
    result: NDArray[Any] = np.log1p(np.maximum(sums[stops] - sums[starts], 0))
    return result


def distances(at: NDArray[Any], marked: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """How many lines each line is after, and before, the nearest other marked one; at most 15."""
    before = shifted(_last(at, marked, -99), -1, -99)
    after = np.where(marked, at, 10**6)
    after = shifted(np.minimum.accumulate(after[::-1])[::-1], 1, 10**6)
    return np.minimum(at - before, _GAP), np.minimum(after - at, _GAP)


def _last(at: NDArray[Any], marked: NDArray[np.bool_], none: int) -> NDArray[Any]:
    """The last marked line up to each line, or `none`."""
    return np.maximum.accumulate(np.where(marked, at, none))


def belonging(dump: Dump, columns: Columns, scores: Column, title_at: int | None) -> Table:
    """The properties BELONGING of every line. scores: of the first weights"""
    lines, vocabulary = dump.lines, dump.vocabulary
    count = len(lines)
    at = np.arange(count)
    size, index, opens = columns.size, columns.block, columns.opens
    score = np.minimum(np.maximum(scores, -6), 6)
    likely = 1 / (1 + np.exp(-score))
    sums = running(likely * size)
    total = float(sums[-1]) + 1e-6
    of_blocks = np.add.reduceat(score * size, opens) / np.add.reduceat(size, opens)
    since, to = distances(at, (likely > 0.6) & (size >= 8))
    sure = likely > 0.7
    said, kinds = vocabulary.counts(sure), vocabulary.sizes + 3.0
    shared = (np.where(sure, vocabulary.sums(said > 1), vocabulary.sums(said > 0)) + 0.5) / kinds
    anchor = -1 if title_at is None else title_at
    since_title = sums[:-1] - sums[max(anchor, 0)]
    role = columns.role
    breaks = ((role == ROLES.index("date")) + 2 * (role == ROLES.index("end"))) * (since_title > 60)
    after = (at > anchor) if anchor >= 0 else np.zeros(count, bool)
    copies = np.zeros(count, bool)
    if anchor >= 0:
        title = lines[anchor].folded
        copies = truths([line.folded == title for line in lines])
    in_title = vocabulary.of_line(title_at)
    overlap = vocabulary.sums(in_title) / max(4, int(in_title.sum()))
    share_above = sums[:-1] / total
    # A word is an echo from the line after the one that says it first, the headline or a line that is surely text.
    first_said = vocabulary.first(sure & (at > anchor))
    first_said[in_title] = anchor
    echoes = np.bincount(vocabulary.line[first_said[vocabulary.word] < vocabulary.line], minlength=count)
    echo = np.where((at > anchor) & (vocabulary.sizes > 0), (echoes + 0.5) / kinds, 0)
    return _table(
        len(BELONGING),
        count,
        [
            score,
            *(shifted(score, d, _EMPTY) for d in DISTANCES),
            *window_sums(sums),
            *(share_above, (total - sums[1:]) / total),
            *(np.maximum(share_above - 0.7, 0), np.maximum(0.1 - share_above, 0) * 10),
            *(of_blocks[index], np.maximum.reduceat(score, opens)[index]),
            *(since, to, (since < _GAP) & (to < _GAP), np.minimum(since + to, 20)),
            *(shared, shared * np.log1p(size)),
            np.minimum(running(breaks)[:-1], 4),
            after,
            at == anchor,
            np.where(after, 1 / (1 + np.maximum(at - anchor - 1, 0) / 3), 0),
            np.where(after, np.log1p(np.maximum(since_title, 0)), 0),
            np.where(after, np.log1p(np.maximum(at - anchor, 0)), 0),
            *(overlap, copies, echo, overlap * np.log1p(size)),
        ],
    )
