"""Which line of a dump is the article's headline: every candidate's clues, weighed.

The weights are fitted by `benchmarks/fit_lines.py` so that the right line of a page comes before its others.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import asides, metadata, words
from indexer.cleaning.features import Matrix
from indexer.cleaning.lines import Dump, Line

BREADCRUMB: Final = re.compile(rf"(?:{words.alternatives('home')})\s*[»›>/|→:]\s*(?P<trail>.*)", re.I)
TRAIL: Final = re.compile(r"\s*[»›>→]\s*|\s+/\s+")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_LONGEST: Final = 40  # words
_REACH: Final = 30  # lines; farther above the text is as far
_NAMED: Final = 16  # characters
_STANDFIRST: Final = 12  # words
_QUOTES: Final = frozenset("\"'“„«»‘’「『《¿¡(")
_NOTHING: Final[frozenset[str]] = frozenset()
_ENOUGH: Final = 40  # words of text after which a quotation is a pull quote

CLUES: Final = (
    *("one word", "4 to 16 words", "17 to 24 words", "25 words or more", "alone", "bullet", "reads like prose"),
    *("caption", "full stop", "colon or comma", "words in the text", "shares the text's frequent words"),
    *("words of the address", "the address's words", "end of the breadcrumbs", "first line", "repeated"),
    *("repeated below", "lines to the text", "text passed", "in the text", "date below", "byline below", "date above"),
    *("person", "site", "block length", "score", "score below", "pull quote"),
    *("date or byline between it and the text", "headline above", "headline below"),
    *("shorter than the one above", "shorter than the one below"),
    *("part of another line", "share of capitalised words", "standfirst below", "words of the first paragraph"),
    *("menu between it and the text", "box between it and the text", "copied in the next line", "no letters first"),
    *("name below", "frequent words of the text"),
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The lines of a page that can be its headline, each with its CLUES."""

    at: list[int]
    clues: Matrix

    def best(self, weights: NDArray[np.float32]) -> tuple[int | None, float]:
        """The index of the headline by the clues' weights, None where no line can be one, and how likely it is."""
        if not self.at:
            return None, 0.0
        scores = self.clues @ weights
        best = int(np.argmax(scores))
        return self.at[best], float(1 / np.exp(scores - scores[best]).sum())


def candidates(
    dump: Dump,
    scores: Sequence[float],
    region: tuple[int, int],
    vocabulary: Sequence[frozenset[str]],
    url: str | None,
    site: str,
) -> Candidates:
    """The candidates for the headline of the text that stands at `lines[region[0]:region[1]]`.

    scores      how much each line looks like article text
    vocabulary  the words of each line
    site        what the site may be called
    """
    lines, repeats = dump.lines, dump.repeats
    start, stop = region
    count = len(lines)
    text = [i for i in range(start, stop) if scores[i] > 0]
    counted = Counter(word for i in text for word in vocabulary[i])
    # Among equals by the alphabet: the order of a set's words is another one in each process.
    commonest = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:12]
    frequent = {word for word, times in commonest if times > 1}
    counts = dict(counted)  # a Counter takes its time for what it lacks
    slug = slug_words(url)
    trails = {words.fold(TRAIL.split(match["trail"])[-1]) for line in lines if (match := BREADCRUMB.match(line.text))}
    site = metadata.squeeze(site)
    whole = sum(min(lines[i].size, 80) for i in text) or 1
    last_seen = {line.folded: i for i, line in enumerate(lines[:stop])}
    dated = [line.role == "date" for line in lines]
    signed = [line.size <= 12 and metadata.opens_byline(line.text) for line in lines]
    introduced = np.concatenate([[0], np.cumsum(np.logical_or(dated, signed))]).tolist()
    headings = [line.alone and not line.bullet and 3 <= line.size <= 24 and line.role == "short" for line in lines]
    blocks = Counter(line.block for line in lines)
    joined = "\n".join([lines[i].folded for i in text])
    entries = np.concatenate([[0], np.cumsum([line.bullet for line in lines])]).tolist()
    boxes = np.concatenate([[0], np.cumsum([line.role in ("related", "end", "legal") for line in lines])]).tolist()
    named = [
        2 <= line.size <= 4 and line.role == "short" and not line.bullet and metadata.is_person(line.text)
        for line in lines
    ]
    most_said = sum(sorted(counts.values(), reverse=True)[:5]) or 1
    opening = vocabulary[text[0]] if text else _NOTHING
    page = "\n".join(repeats)
    passed = 0.0
    found: list[int] = []
    rows: list[tuple[float, ...]] = []
    for i, line in enumerate(lines[:stop]):
        inside = i >= start and scores[i] > 0
        if _can_be(line):
            found.append(i)
            own, size, folded, last = vocabulary[i], line.size, line.folded, line.text[-1]
            most = 1 if inside else 0
            both, spelled = 0, 3
            if slug and size > 1:
                letters = set(_LETTERS.findall(_bare(folded)))
                both, spelled = len(slug & letters), max(len(letters), 3)
            above = _nearest(headings, range(i - 1, max(-1, i - 4), -1))
            below = _nearest(headings, range(i + 1, min(count, i + 4)))
            rows.append(
                (
                    *(size == 1, 4 <= size <= 16, 17 <= size <= 24, size >= 25, line.alone, line.bullet),
                    *(line.role == "prose", line.role == "caption", last in ".。।", last in ":,;"),
                    sum([counts.get(word, 0) > most for word in own]) / max(len(own), 4),
                    len(own & frequent) / 4,
                    *(both / len(slug) if slug else 0.0, both / spelled, folded in trails),
                    *(i == 0, repeats[folded] > 1, last_seen[folded] > i),
                    *(min(max(0, start - i), _REACH) / 10, passed / whole, inside),
                    *(True in dated[i + 1 : i + 5], True in signed[i + 1 : i + 5], True in dated[max(0, i - 2) : i]),
                    size <= 4 and metadata.is_person(line.text),
                    size <= 6 and bool(site) and metadata.squeeze(line.text) in site,
                    math.log(blocks[line.block]),
                    *(scores[i] / 5, max(scores[i + 1 : i + 4], default=-6.0) / 5),
                    passed >= _ENOUGH and asides.is_quoted(line.text) and folded in joined,
                    introduced[max(start, i + 1)] > introduced[i + 1],
                    *(above is not None, below is not None),
                    above is not None and size < lines[above].size,
                    below is not None and size < lines[below].size,
                    len(folded) >= _NAMED and page.count(folded) > 1,
                    sum([word[0].isupper() for word in line.text.split()]) / (line.text.count(" ") + 1)
                    if size > 3
                    else 0.5,
                    i + 1 < count and lines[i + 1].size >= _STANDFIRST and lines[i + 1].role in ("prose", "short"),
                    len(own & opening) / max(len(own), 4),
                    min(entries[max(start, i + 1)] - entries[i + 1], 10) / 10,
                    min(boxes[max(start, i + 1)] - boxes[i + 1], 3) / 3,
                    i + 1 < count and lines[i + 1].folded == folded,
                    not line.text[0].isalnum() and line.text[0] not in _QUOTES,
                    True in named[i + 1 : i + 4],
                    sum([counts[word] for word in own if word in counts]) / most_said,
                )
            )
        if inside:
            passed += min(line.size, 80)
    return Candidates(found, np.array(rows, np.float32).reshape(len(found), len(CLUES)))


def _nearest(headings: Sequence[bool], places: range) -> int | None:
    for i in places:
        if headings[i]:
            return i
    return None


def _can_be(line: Line) -> bool:
    return (
        line.role in ("short", "prose", "caption", "legal")
        and not (line.role == "caption" and line.text[-1] == ")")  # "... on Tuesday. (Daily Herald photo)"
        and line.size <= _LONGEST
        and 4 <= len(line.text) <= 300
        and (line.size > 2 or line.alone)  # a menu has few other lines
    )


def slug_words(url: str | None) -> set[str]:
    """The words of the longest hyphenated part of an address, without accents."""
    try:
        path = unquote(urlsplit(url or "").path)
    except ValueError:
        return set()
    parts = (_LETTERS.findall(part.replace("_", "-")) for part in _bare(path.lower()).split("/"))
    longest = max(parts, key=len, default=[])
    return set(longest) if len(longest) >= 2 else set()


def _bare(text: str) -> str:
    """`text` without accents, as addresses are spelled."""
    if text.isascii():
        return text
    text = text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
