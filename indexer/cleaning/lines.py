"""The lines of a plain-text dump, each with its role on the page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from indexer.cleaning import dates, words
from indexer.cleaning.language_tables import PICTURE_AGENCIES
from indexer.cleaning.marks import unmarked
from indexer.cleaning.vocabulary import Vocabulary
from indexer.cleaning.wrapping import unwrapped

Role = Literal["prose", "short", "caption", "date", "furniture", "legal", "related", "end"]

# A number is one of a list only if indented; "28. April" is a date.
_BULLET = re.compile(rf"\s*(?:[•‣◦▪●·*+–-]\s+)+|\s+\d{{1,2}}\.\s+(?!{words.one_of(words.MONTHS)}\b)", re.I)
# Of those who write with emoji many end a sentence with one.
_EMOJI = map(chr, (*range(0x2600, 0x2700), 0x2764, *range(0x1F300, 0x1FB00)))
_SENTENCE_ENDS = frozenset((*".!?…:;。！？।", *_EMOJI))
_CLOSINGS = " \"'”’»“«)]\ufe0f"
_PICTURE = rf"(?:{words.alternatives('picture')})\s*[:：]|fot\."
_PICTURED = re.compile(_PICTURE, re.I)
_AGENCIES = words.one_of(PICTURE_AGENCIES)
_AGENCY_END = 2  # letters by which most lines are told from those that end in an agency
_AGENCY_ENDS = frozenset(agency[-_AGENCY_END:] for agency in PICTURE_AGENCIES)
_CAPTION = re.compile(
    rf"\([^()]{{0,40}}\b(?:{_AGENCIES}|photo|picture|foto|bild)\b[^()]{{0,40}}\)\W*$"
    rf"|(?:^|\W)(?:{_PICTURE})\s*\S.{{0,40}}$"
    rf"|(?:[/|©:–-]|[.。]\s|\bvia|\bby)\s*(?:[\w .]{{0,30}}[/\s])?(?:{_AGENCIES})\W*$|^\W*(?:{_AGENCIES})\s*:\s*\S",
    re.I,
)
# A whole sentence below a picture, however long: by how picture agencies open it, or by whose picture it is.
_PICTURE_OPENS = re.compile(r"FILE(?: PHOTO)?\s?[:–-]\s|[A-Z][A-Z .,'’-]{2,40} [–-] [A-Z]{3,9} \d\d?(?:, \d{4})?:")
_PICTURE_ENDS = re.compile(
    r"\([^()]{0,20}\b(?:photo|foto|picture)\b[^()]{0,70}\)\W*$|\b(?:reuters|afp|epa|dpa|ansa)\s?/\s?\w[^.]{0,50}$"
    r"|\bgetty images\W*$|\bCC[ -]BY\b",
    re.I,
)
# A day without a year, or a number: not a browser's own of an entry ("1. "), nor a part of one ("1,5", "1:30").
_MONTH = words.one_of(words.MONTHS)
_ORDINAL = re.compile(
    rf"(?P<month>{_MONTH})\b\.?\s(?P<day>\d\d?)(?!\d|,? (?:19|20)\d\d)"
    rf"|(?P<number>\d{{1,3}})(?:\.?\s(?:de\s)?(?P<later_month>{_MONTH})\b(?! (?:de )?(?:19|20)\d\d)|(?![\d.,:)]))",
    re.I,
)
_ENTRIES = 6
_CJK_LETTER = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_CJK = re.compile(f"[{_CJK_LETTER}]")
_LONG_WORD = re.compile(r"(?<!\S)[^\W_]{4,}")


class _Phrases:
    """Phrases to be looked for in a whole page: only where it has their longer words."""

    def __init__(self, phrases: Iterable[str], before: str) -> None:
        """before: what a phrase follows, where a script parts words at all"""
        self._by_word: dict[str, list[tuple[frozenset[str], str]]] = {}
        self._always, self._unparted = [], []
        for phrase in phrases:
            if _CJK.match(phrase):
                self._unparted.append(phrase)
                continue
            words_of = list(_LONG_WORD.finditer(phrase))
            # The page's word may go on where the phrase ends ("Datenschutzerklärung").
            open_end = words_of.pop()[0] if words_of and words_of[-1].end() == len(phrase) else ""
            needed = {word[0] for word in words_of} | ({open_end[:_START]} if len(open_end) >= _START else set())
            if needed:
                self._by_word.setdefault(max(needed, key=len), []).append((frozenset(needed), before + phrase))
            else:
                self._always.append(before + phrase)

    def possible(self, said: Set[str], unparted: bool) -> list[str]:
        """Those that a page can hold which has these words, and words that start so.

        unparted  whether it has a script that parts no words
        """
        known = self._by_word.keys() & said
        found = [phrase for word in known for needed, phrase in self._by_word[word] if needed <= said]
        return [*found, *self._always, *(self._unparted if unparted else ())]


_START = 5  # letters
_LEGAL = _Phrases(words.every("legal"), " ")  # it may end within a word ("Datenschutzerklärung")
_APPEAL = _Phrases(words.every("appeal"), "")
_DIGIT = re.compile(r"[\d年년]")
_DATE_HINT = re.compile(r"(?:19|20|1[34])\d\d|\d\d?[./-]\d\d?[./-]\d\d|[年년]|(?![0-9])\d")

_COUNT = "0123456789.,+ "
_SHORT = 30  # words; longer lines are no labels
_LONGEST_KEPT = 300  # characters; what is remembered of the lines of other pages must stay small
_LONG = 20  # words: prose even without a full stop
_PARAGRAPH = 25  # words: too long for a button or a footer line
_SENTENCE = 8  # words: prose if it ends like a sentence
_QUOTE = 4  # words: prose if it ends like a sentence and stands alone
_INSISTENT = 2  # an article may speak of newsletters or of donations; only an appeal of both
_PAGE = 8  # lines; fewer tell nothing by how they stand
_FEW_BLOCKS = 0.03
_ALL_ALONE = 0.95
_MONTH_LINE = 5  # words of a line that gives a month as its date
_MOST = 80  # words of one line that count; a consent notice in one line must not outweigh an article
_LONGEST_LABEL = 30  # characters
_TAIL = 120  # characters


@dataclass(slots=True)
class Line:
    """One line of a dump.

    text    without indent, bullet and doubled spaces
    folded  as phrases are compared
    bullet  an item of a list
    alone   with nothing directly above or below it
    block   which run of lines without a blank line between it is in, from 0
    size    in words (in scripts without spaces: two characters a word)
    ends_sentence  whether it ends in the punctuation of a sentence
    role    what it is on the page
    """

    text: str
    folded: str
    bullet: bool
    alone: bool
    block: int
    size: int
    ends_sentence: bool
    role: Role = "short"

    @property
    def is_link(self) -> bool:
        """Whether it is a label with the one link that it announces ("Read more: ..."): the text goes on below."""
        label, colon, linked = self.text.partition(":")
        return bool(colon) and self.alone and len(label) <= _LONGEST_LABEL and bool(linked.strip())


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump as lines.

    lines       those that are not blank, with roles
    repeats     how often each folded line stands on the page
    spaced      whether paragraphs stand alone: then text glued to other lines is a teaser, a ticker or a caption
    bare        whether blank lines part nothing: there are none, or there is one after every line
    vocabulary  the words of the lines
    counting    the numbers of lines below each other that count up or go through a calendar, as no menu does
    """

    lines: list[Line]
    repeats: Counter[str]
    spaced: bool
    bare: bool
    vocabulary: Vocabulary
    counting: list[int]


def read_dump(dump: str) -> Dump:
    """A dump as lines with roles."""
    raw = unwrapped(dump.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").split("\n"))
    if "](" in dump or "[1]" in dump:
        raw = unmarked(raw)
    unparted = not dump.isascii() and _CJK.search(dump) is not None
    lines = _lines(raw, unparted)
    folded = [line.folded for line in lines]
    vocabulary = Vocabulary.of(folded, unparted)
    sentences = [line.alone for line in lines if line.size >= _LONG and line.ends_sentence]
    spaced = sum(sentences) >= 0.6 * len(sentences)
    found = Dump(lines, Counter(folded), spaced, _is_bare(lines), vocabulary, _counting(lines))
    _assign_roles(found, unparted)
    return found


def _is_bare(lines: Sequence[Line]) -> bool:
    if len(lines) < _PAGE:
        return False
    return lines[-1].block < _FEW_BLOCKS * len(lines) or sum(line.alone for line in lines) >= _ALL_ALONE * len(lines)


def _lines(raw: Sequence[str], unparted: bool) -> list[Line]:
    """The rows that are not blank, without roles. unparted: whether any is in a script that does not part words"""
    found: list[tuple[str, bool, bool, int]] = []
    block = -1
    blank = [not row or row.isspace() for row in raw]
    for row, is_blank, blank_above, blank_below in zip(raw, blank, [True, *blank], [*blank[1:], True], strict=False):
        if is_blank:
            continue
        block += blank_above
        bullet = None if row[0].isalnum() else _BULLET.match(row)
        text = " ".join((row[bullet.end() :] if bullet else row).split())
        if text:
            found.append((text, bullet is not None, blank_above and blank_below, block))
    if not found:
        return []
    texts, bullets, alone, blocks = zip(*found, strict=True)
    sizes = map(_size, texts) if unparted else [text.count(" ") + 1 for text in texts]
    return list(map(Line, texts, words.folded_lines(texts), bullets, alone, blocks, sizes, map(_ends_sentence, texts)))


def _ends_sentence(text: str) -> bool:
    last = text[-1]
    return last in _SENTENCE_ENDS or (last in _CLOSINGS and text.rstrip(_CLOSINGS)[-1:] in _SENTENCE_ENDS)


def _size(text: str) -> int:
    size = text.count(" ") + 1
    return max(size, len(_CJK.findall(text)) // 2) if len(text) >= 8 * size else size


def _assign_roles(dump: Dump, unparted: bool) -> None:
    """Give every line its role, which depends on the page as a whole."""
    page, said = " " + "\n ".join(dump.repeats), set(dump.vocabulary.words)
    said.update([word[:_START] for word in said if len(word) > _START])
    legal = _counted(_LEGAL.possible(said, unparted), page, dump.repeats)
    appealing = [phrase for phrase in _APPEAL.possible(said, unparted) if words.holds(page, phrase)]
    appeals = _counted(appealing, page, dump.repeats)
    above = ""
    for line in dump.lines:
        folded, size = line.folded, line.size
        if folded == above and size >= 3 and not line.alone:
            line.role = "caption"  # an image's alternative text with its caption
        elif size <= _SHORT and (role := _role_of_short(line)):
            line.role = role
        elif size >= _SENTENCE and _is_picture_text(line.text):
            line.role = "caption"
        else:
            line.role = _role_by_form(line, dump.spaced, legal.get(folded, 0), appeals.get(folded, 0))
        above = folded
    for i in dump.counting:
        dump.lines[i].role = "prose"


def _counting(lines: Sequence[Line]) -> list[int]:
    """See Dump."""
    found: list[int] = []
    entries: list[int] = []
    last: tuple[int, int] | None = None
    for i, line in enumerate(lines):
        # The numbers of a gallery's pictures stand alone.
        place = None if line.bullet or line.size == 1 else _place(line.text)
        if not (entries and _follows(place, last) and line.block == lines[entries[-1]].block):
            found += entries if len(entries) >= _ENTRIES else ()
            entries = []
        if place:
            entries.append(i)
        last = place
    return found + entries if len(entries) >= _ENTRIES else found


def _place(text: str) -> tuple[int, int] | None:
    """The month and day that a line begins with, or 0 and its number."""
    found = _ORDINAL.match(text)
    if not found:
        return None
    named = found["month"] or found["later_month"]
    month = words.month_number(named) if named else 0
    return None if month is None else (month, int(found["day"] or found["number"]))


def _follows(place: tuple[int, int] | None, last: tuple[int, int] | None) -> bool:
    if place is None or last is None:
        return False
    if place[0] and last[0]:
        return place > last or (last[0] - place[0]) > 6  # in the next year
    return place == (0, last[1] + 1) and not last[0]


def _counted(phrases: Iterable[str], page: str, lines: Iterable[str]) -> dict[str, int]:
    """How many of the phrases each of the lines that make up the page holds."""
    found: dict[str, int] = {}
    names: list[str] = []
    starts: list[int] = []
    for phrase in phrases:
        at = page.find(phrase)
        if at >= 0 and not names:  # most pages hold none
            names, starts = list(lines), list(accumulate([len(line) + 2 for line in lines], initial=0))
        while at >= 0:
            here = bisect_right(starts, at)
            found[names[here - 1]] = found.get(names[here - 1], 0) + 1
            at = page.find(phrase, starts[here])
    return found


def _role_by_form(line: Line, spaced: bool, notices: int, appeals: int) -> Role:
    """The role of a line that holds so many phrases of notices and of appeals."""
    size, ends = line.size, line.ends_sentence
    # A paragraph may speak of subscribers; only a notice speaks of several such things.
    if notices >= (1 if size < _PARAGRAPH or not ends else 2):
        return "legal"
    if appeals >= _INSISTENT and size <= _MOST:
        return "legal"
    if size >= _LONG and (ends or line.alone or not spaced):
        return "prose"
    if ends and (size >= _SENTENCE or (size >= _QUOTE and line.alone)) and (line.alone or not spaced):
        return "prose"
    return "short"


def _is_picture_text(text: str) -> bool:
    """Whether a sentence stands below a picture."""
    if _PICTURE_OPENS.match(text):
        return True
    tail = text[-_TAIL:]
    small = tail.lower()
    return (")" in tail or "/" in tail or "getty images" in small or "cc" in small) and _PICTURE_ENDS.search(
        tail
    ) is not None


def _role_of_short(line: Line) -> Role | None:
    role = _role_of_label if len(line.text) <= _LONGEST_KEPT else _role_by_words
    return role(line.text, line.folded, line.size, line.ends_sentence)


def _role_by_words(text: str, folded: str, size: int, ends: bool) -> Role | None:
    """The role that the words of a short line give away."""
    uncounted = folded.lstrip(_COUNT)  # "12 Comments", "5 min read"
    signs = words.line_signs(uncounted)
    if "end" in signs:
        return "end"
    if "related" in signs:
        if size <= 6 or not ends or ":" in text[:40]:
            return "related"
    elif (size <= 6 or not ends) and ("furniture" in signs or not any(map(str.isalpha, uncounted))):
        return "furniture"
    if size >= 3 and _may_be_caption(text, folded) and _CAPTION.search(text[-80:]):
        return "caption"
    return "date" if size <= 12 and len(text) <= 120 and _says_date(text, size, ends) else None


_role_of_label = lru_cache(maxsize=1 << 12)(_role_by_words)  # the pages of a site share menus and footers


def _may_be_caption(text: str, folded: str) -> bool:
    if (":" in text or "：" in text or "fot." in folded) and (
        folded.startswith(PICTURE_AGENCIES) or _PICTURED.search(text)
    ):
        return True
    return (")" in text and "(" in text) or (
        folded[-_AGENCY_END:] in _AGENCY_ENDS and folded.endswith(PICTURE_AGENCIES)
    )


def _says_date(text: str, size: int, ends: bool) -> bool:
    if not _DIGIT.search(text) or not _DATE_HINT.search(text):
        return False
    return any(dates.find_dates(text)) or (size <= _MONTH_LINE and not ends and dates.find_month(text) is not None)
