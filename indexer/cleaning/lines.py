"""The lines of a plain-text dump, each with its role on the page."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from indexer.cleaning import dates, words

Role = Literal["prose", "short", "caption", "date", "furniture", "legal", "related", "end"]

# A number is one of a list only if indented; "28. April" is a date.
_BULLET = re.compile(rf"\s*(?:[•‣◦▪●·*+–-]\s+)+|\s+\d{{1,2}}\.\s+(?!(?:{'|'.join(words.MONTHS)})\b)", re.I)
_SENTENCE_ENDS = frozenset(".!?…:;。！？।")
_CLOSINGS = " \"'”’»“«)]"
_AGENCIES = "|".join(map(re.escape, words.PICTURE_AGENCIES))
_CAPTION = re.compile(
    rf"\([^()]{{0,40}}\b(?:{_AGENCIES}|photo|picture|foto|bild)\b[^()]{{0,40}}\)\W*$"
    rf"|(?:^|\W)(?:photo|picture|image|foto|bild)s?\s*:\s*\S.{{0,40}}$"
    rf"|(?:[/|©:–-]|\bvia|\bby)\s*(?:[\w .]{{0,30}}[/\s])?(?:{_AGENCIES})\W*$|^\W*(?:{_AGENCIES})\s*:\s*\S",
    re.I,
)
_CJK_LETTER = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_CJK = re.compile(f"[{_CJK_LETTER}]")
# A phrase starts a word (ends it or not: "Datenschutzerklärung"), where a script parts words at all.
# Beside it stand its first word, where the page must have that word for itself, and its first letters, where it has
# as many: they are sooner looked up than the phrase.
_START = 4
_LEGAL = tuple(
    ("", "", phrase)
    if re.match(f"[{_CJK_LETTER}]", phrase)
    else (
        phrase.split()[0] if " " in phrase else "",
        start if len(start := phrase.split()[0][:_START]) == _START else "",
        f" {phrase}",
    )
    for phrase in words.every("legal")
)
_DATE_HINT = re.compile(r"(?:19|20)\d\d|\d\d?[./-]\d\d?[./-]\d\d|[年년]")

_COUNT = "0123456789.,+ "
_LONG = 20  # words: prose even without a full stop
_PARAGRAPH = 25  # words: too long for a button or a footer line
_SENTENCE = 8  # words: prose if it ends like a sentence
_QUOTE = 4  # words: prose if it ends like a sentence and stands alone
_INSISTENT = 2  # an article may speak of newsletters or of donations; only an appeal of both
_MONTH_LINE = 5  # words of a line that gives a month as its date
_MOST = 80  # words of one line that count; a consent notice in one line must not outweigh an article
_LONGEST_LABEL = 30  # characters
_WRAP_WIDTH = 100  # characters; terminals and mails break lines below it


@dataclass(slots=True)
class Line:
    """One line of a dump.

    text    without indent, bullet and doubled spaces
    folded  as phrases are compared
    bullet  an item of a list
    alone   with nothing directly above or below it
    block   which run of lines without a blank line between it is in, from 0
    size    in words (in scripts without spaces: two characters a word)
    role    what it is on the page
    """

    text: str
    folded: str
    bullet: bool
    alone: bool
    block: int
    size: int
    role: Role = "short"

    @property
    def is_link(self) -> bool:
        """Whether it is a label with the one link that it announces ("Read more: ..."): the text goes on below."""
        label, colon, linked = self.text.partition(":")
        return bool(colon) and self.alone and len(label) <= _LONGEST_LABEL and bool(linked.strip())

    @property
    def ends_sentence(self) -> bool:
        """Whether it ends in the punctuation of a sentence."""
        return self.text.rstrip(_CLOSINGS)[-1:] in _SENTENCE_ENDS


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump as lines.

    lines    those that are not blank, with roles
    repeats  how often each folded line stands on the page
    spaced   whether paragraphs stand alone: then text glued to other lines is a teaser, a ticker or a caption
    """

    lines: list[Line]
    repeats: Counter[str]
    spaced: bool


def read_dump(dump: str) -> Dump:
    """A dump as lines with roles."""
    raw = dump.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\xa0", " ").split("\n")
    lines: list[Line] = []
    blank_above = True
    block = -1
    for row, blank_below in zip(raw, [*(not row.strip() for row in raw[1:]), True], strict=True):
        if not row.strip():
            blank_above = True
            continue
        bullet = None if row[0].isalnum() else _BULLET.match(row)
        text = " ".join((row[bullet.end() :] if bullet else row).split())
        block += blank_above
        if text:
            alone = blank_above and blank_below
            lines.append(Line(text, words.fold(text), bullet is not None, alone, block, _size(text)))
        blank_above = False
    lines = _unwrapped(lines, raw)
    repeats = Counter([line.folded for line in lines])
    sentences = [line.alone for line in lines if line.size >= _LONG and line.ends_sentence]
    spaced = sum(sentences) >= 0.6 * len(sentences)
    _assign_roles(lines, repeats, spaced)
    return Dump(lines, repeats, spaced)


def _size(text: str) -> int:
    size = text.count(" ") + 1
    return size if text.isascii() or len(text) < 8 * size else max(size, len(_CJK.findall(text)) // 2)


def _unwrapped(lines: list[Line], raw: list[str]) -> list[Line]:
    """The lines with paragraphs joined again where the dump broke them at a fixed width."""
    width = max(map(len, raw), default=0)
    full = sum(len(row) > 0.75 * width for row in raw)
    if width > _WRAP_WIDTH or full < 5 or full < 0.3 * len(lines):
        return lines
    paragraphs: list[list[Line]] = []
    open_paragraph = False
    below = iter(raw)
    for line in lines:
        above_blank = False
        for row in below:
            if row.strip():
                break
            above_blank = True
        if open_paragraph and not above_blank and not line.bullet:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
        open_paragraph = len(row) > 0.6 * width
    return [paragraph[0] if len(paragraph) == 1 else _one(paragraph) for paragraph in paragraphs]


def _one(paragraph: list[Line]) -> Line:
    first, text = paragraph[0], " ".join([line.text for line in paragraph])
    size = sum(line.size for line in paragraph)
    return Line(text, words.fold(text), first.bullet, True, first.block, size)


def _assign_roles(lines: list[Line], repeats: Counter[str], spaced: bool) -> None:
    """Give every line its role, which depends on the page as a whole."""
    page = " " + "\n ".join(repeats)
    tokens = set(page.split())
    starts = {token[:_START] for token in tokens}
    legal = [
        phrase
        for opening, start, phrase in _LEGAL
        if (not start or start in starts) and (not opening or opening in tokens) and phrase in page
    ]
    appeals = words.appeals(page)
    above = ""
    for line in lines:
        line.role = _role(line, spaced, legal, appeals)
        if line.folded == above and line.size >= 3 and not line.alone:
            line.role = "caption"  # an image's alternative text with its caption
        above = line.folded


def _role(line: Line, spaced: bool, legal: list[str], appeals: set[str]) -> Role:
    size = line.size
    ends = line.ends_sentence
    if size <= 30 and (role := _role_by_words(line.text, line.folded, size, ends)):
        return role
    # A paragraph may speak of subscribers; only a notice speaks of several such things.
    if legal:
        enough = 1 if size < _PARAGRAPH or not ends else 2
        opened = f" {line.folded}"
        if sum([phrase in opened for phrase in legal]) >= enough:
            return "legal"
    if appeals and size <= _MOST and sum([phrase in line.folded for phrase in appeals]) >= _INSISTENT:
        return "legal"
    if size >= _LONG and (ends or line.alone or not spaced):
        return "prose"
    if ends and (size >= _SENTENCE or (size >= _QUOTE and line.alone)) and (line.alone or not spaced):
        return "prose"
    return "short"


@lru_cache(maxsize=1 << 16)
def _role_by_words(text: str, folded: str, size: int, ends: bool) -> Role | None:
    """The role that the words of a short line give away. Cached: the pages of a site share menus and footers."""
    folded = folded.lstrip(_COUNT)  # "12 Comments", "5 min read"
    if words.is_end(folded):
        return "end"
    if words.is_related(folded):
        if size <= 6 or not ends or ":" in text[:40]:
            return "related"
    elif (size <= 6 or not ends) and (words.is_furniture(folded) or not any(map(str.isalpha, folded))):
        return "furniture"
    if size >= 3 and _CAPTION.search(text[-80:]):
        return "caption"
    return "date" if size <= 12 and len(text) <= 120 and _says_date(text, size, ends) else None


def _says_date(text: str, size: int, ends: bool) -> bool:
    if not _DATE_HINT.search(text):
        return False
    return any(dates.find_dates(text)) or (size <= _MONTH_LINE and not ends and dates.find_month(text) is not None)
