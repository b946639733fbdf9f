"""Where the article stands in a dump, and which of its lines are the text.

Two linear models look at every line. The first knows only the line and its neighbours: how much does this look like
article text? The run of lines with the highest sum is the provisional region, which finds the headline (see
`headline`). The second also knows the first scores, the headline and the words they share, and decides. A score is the
logarithm of the odds: above zero, a line rather belongs to the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import features
from indexer.cleaning.features import Column, Columns, Table
from indexer.cleaning.lines import Dump, Line
from indexer.cleaning.weights import Weights

KEPT_FROM: Final = -0.2  # score; both kinds of error cost the same
_GAP_COST: Final = 0.2  # for each line that is no text between two that are
_MOST_GAP_COST: Final = 4.0
_ENOUGH: Final = 40  # words after which a heading of comments ends the article
_NEVER: Final = -6.0
_IN_BOX: Final = -2.0
_SMALL_BOX: Final = 3  # lines, its heading included
_PARAGRAPH: Final = 15  # words
_RESUMED: Final = 2.5
_AFTER_LINK: Final = 3.0
_OPENING: Final = 6  # words
_LONG_CAPTION: Final = 30  # words
_DOUBLED_CAPTION: Final = 8  # words
_SURE: Final = 2.0
_RELATED, _FURNITURE, _CAPTION = map(features.ROLES.index, ("related", "furniture", "caption"))
_SAID_TWICE: Final = features.OWN.index("said twice")


class Region(NamedTuple):
    """The lines that hold the article: `lines[start:stop]`."""

    start: int
    stop: int


class Reading(NamedTuple):
    """What the first model sees: the lines' properties, and their scores."""

    columns: Columns
    properties: Table
    scores: Column


def read(dump: Dump, weights: Weights) -> Reading:
    """Score every line by itself and its neighbours."""
    columns = Columns.of(dump)
    properties = features.line_properties(dump, columns)
    return Reading(columns, properties, features.weighed(properties, weights.first) + weights.first_bias)


def belonging(dump: Dump, reading: Reading, title_at: int | None, weights: Weights) -> Column:
    """Score every line, the headline known; lines up to it, and from the comments on, are out of the question."""
    properties = features.belonging(dump, reading.columns, reading.scores, title_at)
    scores = features.weighed(reading.properties, weights.second) + weights.second_bias
    scores += weights.second[len(features.FIRST) :] @ properties
    if title_at is not None:
        scores[: title_at + 1] = _NEVER
        _amend_opening(dump.lines, scores, title_at)
    scores[dump.counting] = np.maximum(scores[dump.counting], _SURE)
    _amend_boxes(dump.lines, scores, reading.columns.role)
    _amend_labels(scores, reading.columns)
    scores[end(dump.lines, best_run(scores).start if title_at is None else title_at + 1) :] = _NEVER
    return scores


def _amend_boxes(lines: Sequence[Line], scores: Column, role: NDArray[np.intp]) -> None:
    """Short lines below a heading such as "Related news" are links; after a small box, the text goes on."""
    for heading in (role == _RELATED).nonzero()[0].tolist():
        is_link = lines[heading].is_link
        for i in range(heading + 1, len(lines)):
            line = lines[i]
            if line.role == "short":
                if not is_link:
                    scores[i] = min(scores[i], _IN_BOX)
            elif line.role == "related":
                break
            elif line.role == "prose":
                if i - heading <= _SMALL_BOX and line.size >= _PARAGRAPH and line.ends_sentence and line.alone:
                    scores[i] += _AFTER_LINK if is_link and i == heading + 1 else _RESUMED
                break


def _amend_labels(scores: Column, columns: Columns) -> None:
    """What its own words give away is no text, wherever it stands: furniture, captions by their form or said twice."""
    role = columns.role
    label = (role == _FURNITURE) | ((role == _CAPTION) & (columns.size > _LONG_CAPTION))
    label |= (columns.own[_SAID_TWICE] > 0) & (columns.size >= _DOUBLED_CAPTION)
    scores[label] = np.minimum(scores[label], _IN_BOX)


def _amend_opening(lines: Sequence[Line], scores: Column, title_at: int) -> None:
    """The line before the first paragraph is a standfirst without a full stop, or the result of a match."""
    i = best_run(scores).start - 1
    if i <= title_at or i + 1 >= len(lines):
        return
    line = lines[i]
    if line.role == "short" and line.alone and not line.bullet and line.size >= _OPENING and lines[i + 1].alone:
        scores[i] = max(scores[i], -KEPT_FROM)


def best_run(scores: Column) -> Region:
    """The run of lines with the highest sum of scores; lines that are no text cost a little, a long gap no more."""
    gains = scores - KEPT_FROM
    costs = np.cumsum(np.where(gains > 0, 0, np.minimum(_GAP_COST, -gains * _GAP_COST)))
    places = (gains > 0).nonzero()[0]
    passed = costs[places]
    passed[1:] -= passed[:-1].copy()
    gaps = np.minimum(_MOST_GAP_COST, passed)
    best, best_start, best_stop = 0.0, 0, 0
    total, start = 0.0, 0
    for i, gain, gap in zip(places.tolist(), gains[places].tolist(), gaps.tolist(), strict=True):
        total -= gap
        if total <= 0:
            total, start = 0.0, i
        total += gain
        if total > best:
            best, best_start, best_stop = total, start, i + 1
    return Region(best_start, best_stop)


def from_headline(region: Region, scores: Column, title_at: int | None) -> Region:
    """The region with what is surely text between the headline and it, however large the box that parts them."""
    if title_at is None or region.start == region.stop:
        return region
    above = (scores[title_at + 1 : region.start] > _SURE).nonzero()[0]
    return Region(title_at + 1 + int(above[0]), region.stop) if len(above) else region


def provisional(scores: Column) -> Region:
    """The run of lines that finds the headline; the likeliest line where none reads like a paragraph."""
    found = best_run(scores)
    if found.start < found.stop:
        return found
    at = int(scores.argmax())
    return Region(at, at + 1)


def end(lines: Sequence[Line], start: int) -> int:
    """The first line after `start` at which, some text having passed, comments or the like begin."""
    mass = 0
    for i in range(start, len(lines)):
        if lines[i].role == "prose":
            mass += lines[i].size
        elif mass >= _ENOUGH and (lines[i].role == "end" or _opens_comment(lines, i)):
            return i
    return len(lines)


def _opens_comment(lines: Sequence[Line], i: int) -> bool:
    """Whether a reader's comment starts at line `i`: a name with a colon, and a date below."""
    return lines[i].size <= 6 and lines[i].text.endswith(":") and i + 1 < len(lines) and lines[i + 1].role == "date"
