"""Which line of a dump is the article's headline: every candidate's clues, weighed.

The weights, and a forest that is added to them, are fitted by `benchmarks/fit_lines.py` so that the right line of a
page comes before its others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import asides, metadata, words
from indexer.cleaning.features import OWN, ROLES, Column, Columns, Table, running, shifted
from indexer.cleaning.forest import Forest
from indexer.cleaning.lines import Dump, Line

BREADCRUMB: Final = re.compile(rf"(?:{words.alternatives('home')})\s*[»›>/|→:]\s*(?P<trail>.*)", re.I)
TRAIL: Final = re.compile(r"\s*[»›>→]\s*|\s+/\s+")
# A line on a picture: it ends "(Daily Herald photo)", or "Photo: Daily Herald".
_CREDITED: Final = re.compile(r"\)$|\W(?:photo|picture|image|foto|bild)s?\s*:\s*\S.{0,40}$", re.I)
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_LIKELY: Final = 8  # candidates, the best by their weights: between them the forest decides
_LONGEST: Final = 40  # words
_SHORTEST: Final = 4  # words of a line that is a headline by its place alone; fewer may be the site's name
_HEAD: Final = 3  # lines that an article has above its text: headline, standfirst, byline or date
_OF_PAGES: Final = frozenset(("furniture", "legal", "related", "end"))
_REACH: Final = 30  # lines; farther above the text is as far
_NEAR: Final = 3  # lines
_NAMED: Final = 16  # characters
_STANDFIRST: Final = 12  # words
_QUOTES: Final = frozenset("\"'“„«»‘’「『《¿¡(")
_HOME_INITIALS: Final = frozenset(letter for phrase in words.every("home") for letter in (phrase[0], phrase[0].upper()))
_ROLES: Final = np.array([role in ("prose", "caption", "legal") for role in ROLES] + [True])  # the last is "short"
_BYLINE: Final = 12  # words
_SHORT_BYLINE: Final = 6  # words; "By our own correspondent"
_NAME: Final = 4  # words
_BELOW: Final = 5  # lines below the text that count
_FREQUENT: Final = 12  # words
_MOST_SAID: Final = 5  # words
_CREDIT_BELOW: Final = OWN.index("credit below")
_ENOUGH: Final = 40  # words of text after which a quotation is a pull quote

CLUES: Final = (
    *("one word", "4 to 16 words", "25 words or more", "alone", "reads like prose"),
    *("full stop", "colon or comma", "words in the text", "shares the text's frequent words"),
    *("words of the address", "the address's words", "end of the breadcrumbs", "first line"),
    *("lines to the text", "text passed", "in the text", "date below", "byline below", "date above"),
    *("person", "site", "block length", "score", "score below", "pull quote"),
    *("date or byline between it and the text", "headline above", "shorter than the one below"),
    *("part of another line", "share of capitalised words", "standfirst below", "words of the first paragraph"),
    *("menu between it and the text", "box between it and the text", "copied in the next line", "no letters first"),
    *("name below", "frequent words of the text", "in another script"),
    *("longer than the heading right above", "shorter than the heading right above"),
    *("date right below", "credit below", "opens like a label or holds a date"),
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The lines of a page that can be its headline, and their CLUES, one row a clue."""

    at: list[int]
    clues: Table

    def best(self, weights: NDArray[np.float32], forest: Forest | None) -> tuple[int | None, float]:
        """The index of the headline, None where no line can be one, and how likely it is.

        weights  of the clues
        forest   what clues tell together that none tells by itself
        """
        if not self.at:
            return None, 0.0
        scores = weights @ self.clues
        likely = (-scores).argsort(kind="stable")[:_LIKELY]
        scores = scores[likely]
        if forest:
            scores += forest.odds(CLUES, self.clues[:, likely].T)
        best = int(np.argmax(scores))
        return self.at[likely[best]], float(1 / np.exp(scores - scores[best]).sum())


def candidates(
    dump: Dump,
    columns: Columns,
    scores: Column,
    region: tuple[int, int],
    url: str | None,
    site: str,
) -> Candidates:
    """The candidates for the headline of the text that stands at `lines[region[0]:region[1]]`.

    scores  how much each line looks like article text
    site    what the site may be called
    """
    lines, repeats, vocabulary = dump.lines, dump.repeats, dump.vocabulary
    start, stop = region
    count = len(lines)
    size, role = columns.size, columns.role
    # A menu has few lines of more than two words, and few that stand alone.
    likely = _ROLES[role] & ((size > 2) | columns.alone)
    # "Search for missing diver goes on" opens like a button, "The papers on May 3, 2024" holds a date.
    likely = (likely | (columns.alone & ~columns.bullet & (size > 1))) & (size <= _LONGEST)
    found = [i for i in likely[:stop].nonzero()[0].tolist() if _can_be(lines[i])]
    if not found:
        return Candidates([], np.zeros((len(CLUES), 0), np.float32))
    places = np.arange(count)
    inside = (places >= start) & (places < stop) & (scores > 0)
    text = inside.nonzero()[0].tolist()
    read = np.where(inside, size, 0)
    passed = np.cumsum(read) - read
    whole = float(read.sum()) or 1.0

    spoken = vocabulary.counts(inside)
    counts = np.sort(spoken)
    often = (spoken >= counts[-_FREQUENT:][:1].max(initial=2)).nonzero()[0].tolist()
    # Among equals by the alphabet: the order of the words on the page says nothing.
    often.sort(key=lambda word: (-spoken[word], vocabulary.words[word]))
    frequent = np.zeros(len(spoken))
    frequent[often[:_FREQUENT]] = 1
    most_said = int(counts[-_MOST_SAID:].sum()) or 1
    own = np.maximum(vocabulary.sizes, 4)

    near = lines[: stop + _BELOW]
    dated = role == ROLES.index("date")
    signed = np.zeros(count, bool)
    signed[: len(near)] = [line.size <= _BYLINE and _is_byline(line) for line in near]
    short = (role < 0) & ~columns.bullet
    persons = (likely | short) & (size >= 2) & (size <= _NAME) & (columns.alone | (size > 2) | ~columns.bullet)
    persons[len(near) :] = False
    may_name = persons.nonzero()[0].tolist()
    persons[may_name] = [metadata.is_person(lines[i].text) for i in may_name]
    heading = columns.alone & short & (size >= 3) & (size <= 24)
    up_to = np.maximum.accumulate(np.where(heading, places, -1))
    from_on = np.minimum.accumulate(np.where(heading, places, 2 * count)[::-1])[::-1]
    above, below = shifted(up_to, -1, -1), shifted(from_on, 1, 2 * count)
    has_above, has_below = (above >= 0) & (above >= places - _NEAR), below <= places + _NEAR
    # A line right below the headline is the standfirst, one right below a kicker the headline.
    whole_heading = columns.alone & _ROLES[role] & ~columns.bullet & (size >= _SHORTEST) & (size <= _LONGEST) & ~persons
    below_heading = shifted(whole_heading, -1, False)
    entries, boxes = running(columns.bullet), running(role >= ROLES.index("legal"))
    dates, bylines, introduced = running(dated), running(signed), running(dated | signed)
    best_below = np.maximum(shifted(scores, 1, -np.inf), shifted(scores, 2, -np.inf))
    best_below = np.maximum(best_below, shifted(scores, 3, -np.inf))

    slug = slug_words(url)
    trails = {
        words.fold(TRAIL.split(match["trail"])[-1])
        for line in lines
        if line.text[0] in _HOME_INITIALS and (match := BREADCRUMB.match(line.text))
    }
    site = metadata.squeeze(site)
    joined = "\n".join([lines[i].folded for i in text])
    far_script = 2 * len(joined.encode("ascii", "ignore")) < len(joined)
    page = "\n".join([line for line in repeats if len(line) >= _NAMED])
    passed_before = passed.tolist()
    rows: list[tuple[float, ...]] = []
    for i in found:
        line = lines[i]
        folded, last = line.folded, line.text[-1]
        both, spelled = _shared(slug, folded) if slug and line.size > 1 else (0, 3)
        rows.append(
            (
                *(last in ".。।", last in ":,;"),
                *(both / len(slug) if slug else 0.0, both / spelled, folded in trails),
                line.size <= 6 and bool(site) and metadata.squeeze(line.text) in site,
                passed_before[i] >= _ENOUGH and asides.is_quoted(line.text) and folded in joined,
                len(folded) >= _NAMED and page.count(folded) > 1,
                i + 1 < count and lines[i + 1].folded == folded,
                not line.text[0].isalnum() and line.text[0] not in _QUOTES,
                far_script and line.text.isascii(),
            )
        )
    seen = np.array(rows, np.float32).T
    stops, commas, slugs, spelling, trail, named_site, pull_quote, part, copied, letterless, another_script = seen
    at = np.array(found)
    to_text = np.maximum(start, at + 1)
    own_size, next_at = size[at], np.minimum(at + 1, count - 1)
    is_inside = inside[at]
    clues = [
        *(own_size == 1, (own_size >= 4) & (own_size <= 16), own_size >= 25),
        *(columns.alone[at], role[at] == ROLES.index("prose"), stops, commas),
        np.where(is_inside, vocabulary.sums(spoken > 1)[at], vocabulary.sums(spoken > 0)[at]) / own[at],
        vocabulary.sums(frequent)[at] / 4,
        *(slugs, spelling, trail, at == 0),
        *(np.minimum(np.maximum(start - at, 0), _REACH) / 10, passed[at] / whole, is_inside),
        *(_any(dates, at + 1, at + 5), _any(bylines, at + 1, at + 5), _any(dates, at - 2, at)),
        *(persons[at], named_site, np.log(np.bincount(columns.block)[columns.block[at]])),
        *(scores[at] / 5, np.where(at + 1 < count, best_below[at], -6.0) / 5, pull_quote),
        introduced[to_text] > introduced[at + 1],
        has_above[at],
        has_below[at] & (own_size < size[np.minimum(below[at], count - 1)]),
        *(part, np.where(own_size > 3, columns.capitals[at], 0.5)),
        (at + 1 < count) & (size[next_at] >= _STANDFIRST) & (role[next_at] <= 0),
        vocabulary.sums(vocabulary.of_line(text[0] if text else None))[at] / own[at],
        np.minimum(entries[to_text] - entries[at + 1], 10) / 10,
        np.minimum(boxes[to_text] - boxes[at + 1], 3) / 3,
        *(copied, letterless, _any(running(persons & short), at + 1, at + 4)),
        vocabulary.sums(spoken)[at] / most_said,
        another_script,
        below_heading[at] & (own_size > size[at - 1]),
        below_heading[at] & (own_size <= size[at - 1]),
        *(_any(dates, at + 1, at + 2), columns.own[_CREDIT_BELOW, at], ~_ROLES[role[at]]),
    ]
    return Candidates(found, np.array(clues, np.float32))


def opens(lines: Sequence[Line], region: tuple[int, int]) -> bool:
    """Whether the first line is the headline, the lines being nothing but an article: no menu, no box and no footer."""
    start, stop = region
    first = lines[0]
    return (
        0 < start <= _HEAD
        and stop >= len(lines) - 1
        and first.role in ("short", "prose", "caption")
        and _SHORTEST <= first.size <= _LONGEST
        and first.text[-1] not in ".:"
        and not BREADCRUMB.match(first.text)
        and not metadata.is_person(first.text)
        and not metadata.opens_byline(first.text)
        and all(line.role not in _OF_PAGES for line in lines)
    )


def _is_byline(line: Line) -> bool:
    """Whether a line reads like a byline; "By 2030, half of all ferries will be electric" only opens like one."""
    return metadata.opens_byline(line.text) and (
        line.size <= _SHORT_BYLINE or any(map(metadata.is_person, metadata.byline(line.text)))
    )


def _any(sums: NDArray[np.intp], start: NDArray[np.intp], stop: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether any of the lines from `start` up to `stop` is one of those whose running sums are given."""
    count = len(sums) - 1
    return sums[np.minimum(stop, count)] > sums[np.minimum(np.maximum(start, 0), count)]


def _shared(slug: set[str], folded: str) -> tuple[int, int]:
    """How many words of the address a line has, and how many words it has (3 at least)."""
    letters = _bare(folded)
    if not any(map(letters.__contains__, slug)):
        return 0, 3
    found = set(_LETTERS.findall(letters))
    return len(slug & found), max(len(found), 3)


def _can_be(line: Line) -> bool:
    return 4 <= len(line.text) <= 300 and not (line.role == "caption" and _CREDITED.search(line.text))


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
