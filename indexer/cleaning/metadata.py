"""Names in the text around an article: authors, credited outlets, the site's own name."""

from __future__ import annotations

import re
from functools import lru_cache

from indexer.article import host_of
from indexer.cleaning import dates, words

_LONGEST_NAME = 60
# Lower-case words inside names ("Ludwig van Beethoven", "Ursula von der Leyen").
_PARTICLES = frozenset(
    [
        *("al", "and", "bin", "ben", "bint", "da", "dal", "de", "del", "della", "den", "der", "des", "di", "do", "dos"),
        *("du", "el", "ibn", "la", "le", "lo", "of", "the", "ter", "ten", "van", "von", "vom", "y", "zu", "zur"),
    ]
)
_ARTICLES = frozenset(["der", "den", "dem", "des"])  # after "von"
_ROLES = frozenset(words.every("role"))
_BYLINE = re.compile(rf"(?:{words.alternatives('byline')})(?:\s*[:：|]\s*|\s+|(?=(?-i:[A-Z][a-z])))(?=\S)", re.I)
_KIND_BYLINE = re.compile(r"\w+\s+(?:by|von|par|por|door)\s+(?=\S)", re.I)  # "Analysis by Ann Lee"
# Names have three syllables, seldom four; those of two are left out, for so have "a photo reporter" and "the reporter".
_KOREAN_REPORTER = re.compile(r"([\uac00-\ud7a3]{3,4})\s*기자(?:\s.*)?")
_BYLINE_LABEL = re.compile(rf"(?:{words.alternatives('byline')})\s*[:：]?", re.I)
_CREDIT = re.compile(rf"(?:{words.alternatives('credit')})\s*[:：]\s*(?=\S)", re.I)
# The label of a date, glued to a name or not ("Ann LeePublished May 3").
_DATE_LABEL = re.compile(
    rf"(?:\b|(?<=[a-z])(?-i:(?=[A-Z])))(?:{words.alternatives('updated')}|{words.alternatives('published')})\b", re.I
)
_BETWEEN_NAMES = re.compile(
    rf"\s*[,;|/•·&+]\s*(?:(?:{words.alternatives('conjunction')})\s+)?|\s+(?:{words.alternatives('conjunction')})\s+"
    r"|\s+[-–—]\s+|\s{3,}|\n",
    re.I,
)
# Before the article's tags, or alone on the line above them.
TOPIC_LABEL = re.compile(rf"(?:{words.alternatives('topics')})\s*(?:[:：]\s*|$)", re.I)
_LABELLED = re.compile(r"[^\W\d][\w ]*[:：]")  # "Views: 21" beside the credit
_BETWEEN_CREDITS = re.compile(rf"\s*[,;|/+&()]\s*|\s+(?:{words.alternatives('conjunction')})\s+", re.I)
_DOUBLED = re.compile(r"(\S.{1,80}?)\s*\1")
_TITLE_SEPARATOR = re.compile(r"\s+(?:--?|[–—|»«›‹·•~:]|::|//)\s+|\s*[|｜]\s*|\s+：\s*|(?<=[^\x00-\x7f])_+(?=\S)")
_RIGHTS = re.compile(rf"[\s.,|–-]*(?:{words.alternatives('rights')}).*", re.I | re.S)
_COPYRIGHT = re.compile(r"(?:[©ⓒ]|\(c\)|\bcopyright\b)", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_COPYRIGHT_NOISE = re.compile(
    r"[©ⓒ]|\(c\)(?!\w)|\bcopyright\b|\b(?:19|20)\d\d(?:\s*[-–/]\s*(?:(?:19|20)?\d\d|present|heute))?(?!\d)", re.I
)
_LEADING_BY = re.compile(r"^\W*(?:by|vom|von|par)\s", re.I)
_LEGAL_FORM = re.compile(
    r"[\s,]+(?:inc|llc|ltd|limited|gmbh|ag|s\.?a\.?|s\.?r\.?l\.?|corp|corporation|plc|pty|bv|co|company|group)"
    r"\.?$",
    re.I,
)
_COMPANY = re.compile(
    r"\b(?:newspapers|media|group|network|publish\w+|publications|communications|broadcasting|holdings?|verlag\w*)\b",
    re.I,
)
# Capitalised words of the Latin alphabet in a row, whatever script stands around them.
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ](?:[A-Za-zÀ-ɏ0-9&'’-]|\.(?=[A-Z]))*"
_LATIN_NAME = re.compile(rf"(?<![\w@/.]){_CAPITALISED}(?: (?:{_CAPITALISED}|&|of|and))*")
_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "go", "gob", "gov", "gv", "ne", "net", "or", "org"])
_GLUED = re.compile(r"^([A-Z][^\W\d_A-Z]+)(?=[A-Z][^\W\d_A-Z]{3})")
_PREPOSITION = re.compile(r"\b(?:by|von|par|por|door)\s+$", re.I)
_MAIL = re.compile(r"\w@\w")
_PSEUDONYM = re.compile(r"[^\W_][\w.-]{2,20}")
_NAME_PREFIXES = frozenset(["Mc", "Mac", "De", "Di", "Da", "La", "Le", "Du", "Fitz", "Von", "Van", "Des", "Del"])
_FIRST_NAMES = frozenset(["Jan", "April", "May", "June", "August", "Mai", "Marta", "Avril", "Ara"])  # months, too
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "á": "a", "í": "i", "ó": "o"})
_NOT_IN_NAME = re.compile(r"[,:：/\u2e80-\u9fff]")  # Chinese and Japanese names have no spaces
_AROUND_NAME = ".,:()"
_NOT_WORDS = re.compile(r"[\W_]+")


def squeeze(text: str) -> str:
    """`text` in lower case, letters and digits only: two spellings of one name become equal."""
    text = text.lower().replace(" ", "")
    return text if text.isalnum() else _NOT_WORDS.sub("", text)


def undoubled(text: str) -> str:
    """A text that a page shows twice in a row ("US Times MirrorUS Times Mirror"), once."""
    if text.find(text[:2], 2) < 0:
        return text
    match = _DOUBLED.fullmatch(text)
    return match[1] if match else text


def byline(line: str) -> list[str]:
    """The names in a line that opens like a byline ("By Ann Lee and Bo Chen, World Editor"), or none."""
    if match := _BYLINE.match(line):
        rest = line[match.end() :]
        if rest.partition(" ")[0] in _ARTICLES:  # "von der Regierung"
            return []
        # A pseudonym needs no capital ("by delta201").
        alone = (
            _PREPOSITION.search(match[0]) and _PSEUDONYM.fullmatch(rest) and not words.is_furniture(words.fold(rest))
        )
        return names(rest) or ([rest] if alone else [])
    match = _KIND_BYLINE.match(line)
    people = names(line[match.end() :]) if match else []
    return people if people and is_person(people[0]) else []


def korean_reporter(line: str) -> str:
    """The name that stands before the word for a reporter ("홍길동 기자 hong@harbour.example"), or ""."""
    match = _KOREAN_REPORTER.fullmatch(line)
    return match[1] if match else ""


def opens_byline(line: str) -> bool:
    """Whether the line opens like a byline, whatever follows."""
    return _BYLINE.match(line) is not None


def is_byline_label(line: str) -> bool:
    """Whether the line is nothing but "By" or "Author:"; the names stand in the next one."""
    return _BYLINE_LABEL.fullmatch(line) is not None


def names(text: str) -> list[str]:
    """The names that a list of authors holds; roles, places and everything after them are dropped."""
    found: list[str] = []
    for part in _BETWEEN_NAMES.split(text[:400]):
        name = _leading_name(without_byline(part.strip(" \t.:()[]\"'“”")))
        if not name or _DATE_LABEL.match(name):
            if found:
                break
            continue
        name = undoubled(name)
        if " " in name or not any(
            " " in other for other in found
        ):  # after full names, single words are places and desks
            found.append(name)
    return list(dict.fromkeys(found))


def joins(text: str) -> bool:
    """Whether the text joins names ("Ann Lee and Bo Chen")."""
    return _BETWEEN_NAMES.search(text) is not None


def is_person(text: str) -> bool:
    """Whether the whole text looks like the full name of a person: two to four capitalised words."""
    tokens = text.split()
    if not 2 <= len(tokens) <= 4 or _NOT_IN_NAME.search(text):
        return False
    if tokens[0][0].islower() and len(tokens) == 2:  # "von Ann"
        return False
    for token in tokens:
        if not token[0].isalpha() or (token[0].islower() and token.strip(_AROUND_NAME).lower() not in _PARTICLES):
            return False
    return (
        _leading_name(text) == text
        and not words.is_furniture(folded := words.fold(text))
        and not words.is_related(folded)
    )


# A staff writes many articles.
@lru_cache(maxsize=1 << 12)
def is_full_name(text: str) -> bool:
    """Whether the whole text looks like the full name of a person, and not like that of a company."""
    return is_person(text) and not _LEGAL_FORM.search(text)


def leading_person(text: str) -> str:
    """The full name of a person that opens the text, whatever follows ("Ann LeeStaff Writer"), or ""."""
    name = _leading_name(text)
    return name if is_person(name) else ""


def names_beside_date(line: str) -> list[str]:
    """The names before or after the date of a line."""
    found = list(dates.find_dates(line))
    if not found:
        return []
    before, after = _DATE_LABEL.split(line[: found[0].start])[0], line[found[-1].end :].strip(" ,|·•–—-/~")
    # "staffstaffJanuary 6, 2026": picture text and name glued to the date.
    glued = bool(before) and before[-1].isalpha() and " " not in before
    name = undoubled(without_byline(before.strip(" ,|·•–—-/")))
    if name and (glued or is_person(name)):
        return [name]
    _, by, signed = name.rpartition(" by ")  # "Avatar photo by Ann Lee"
    if by and is_person(signed):
        return [signed]
    return byline(after) or ([_LEADING_BY.sub("", after)] if is_person(after) else [])


def credited(line: str) -> list[str]:
    """The outlets in a line such as "Source: Mirror + FT", or none."""
    match = _CREDIT.match(line)
    if not match or len(line) > 120:
        return []
    text = line[match.end() :]
    # When it was published there is no name: "Source: The Herald, October 25, 2019".
    for found in reversed(list(dates.find_dates(text))):
        text = text[: found.start] + "," + text[found.end :]
    parts = (part.strip(" .") for part in _BETWEEN_CREDITS.split(text))
    return [
        part
        for part in parts
        if part and len(part) <= _LONGEST_NAME and not part.startswith("http") and not _LABELLED.match(part)
    ]


def copyright_holder(line: str) -> str:
    """The name in a copyright line ("2026 © US Times Mirror. All Rights Reserved."), or ""."""
    small = line.lower()
    signed = "©" in small or "copyright" in small or "(c)" in small or "ⓒ" in small
    if not signed or len(line) > 200 or not _COPYRIGHT.search(line):
        return ""
    holder = _RIGHTS.sub("", line)
    holder = _LEADING_BY.sub("", _COPYRIGHT_NOISE.sub(" ", holder))
    holder = re.split(r"\s*[|•·]\s*|\.\s|,\s", holder.strip(" .,:-–|<>&"))[0]
    holder = _LEGAL_FORM.sub("", " ".join(holder.split())).strip(" .,:-–|")
    return holder if 2 <= len(holder) <= _LONGEST_NAME and any(map(str.isalpha, holder)) else ""


def named_like_host(line: str, label: str) -> str:
    """The name in a copyright line that spells the site's part of the host name in full ("The Eddy", "eddy"), or "".

    That a company holds the rights ("Eddy Media Group") is no name of the outlet.
    """
    if len(line) > 200 or len(label) < 3 or not _COPYRIGHT.search(line):
        return ""
    for match in _LATIN_NAME.finditer(_RIGHTS.sub("", _COPYRIGHT_NOISE.sub(" ", line))):
        name = _LEGAL_FORM.sub("", match[0]).strip(" &-")
        spellings = (squeeze(name), squeeze(name.lower().translate(_UMLAUTS)))
        if any(squeeze(label) in spelling for spelling in spellings) and not _COMPANY.search(name):
            return name if name.count(" ") < 4 else ""
    return ""


def domain_label(url: str | None) -> str:
    """The part of the host name that names the site ("example" of https://www.example.co.uk/x), or ""."""
    labels = host_of(url).split(".")
    suffix = 2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 1
    return labels[-suffix - 1] if len(labels) > suffix else labels[0]


def agree(name: str, label: str) -> bool:
    """Whether a name and the label of a host name can be the same site's ("Süddeutsche Zeitung", "sueddeutsche")."""
    label, plain_name = squeeze(label), squeeze(name)
    if not label:
        return False
    if label == plain_name or _in_each_other(plain_name, label):
        return True
    if not name.isascii() and _in_each_other(squeeze(name.lower().translate(_UMLAUTS)), label):
        return True
    return len(label) <= name.count(" ") + 1 and label == "".join(
        word[0] for word in name.lower().split() if word[0].isalnum()
    )


def _in_each_other(name: str, label: str) -> bool:
    return len(name) >= 3 and len(label) >= 3 and (name in label or label in name)


def without_site(title: str, *sites: str) -> str:
    """`title` without a leading or trailing part that names the site ("Flood warning | Daily Herald")."""
    known = {squeezed for site in sites if len(squeezed := squeeze(site)) >= 2}
    while known:
        parts = [match.span() for match in _TITLE_SEPARATOR.finditer(title)]
        if not parts:
            return title
        (first_end, rest_start), (rest_end, last_start) = parts[0], parts[-1]
        if _names_site(title[last_start:], known):
            title = title[:rest_end]
        elif _names_site(title[:first_end], known):
            title = title[rest_start:]
        else:
            return title
    return title


def title_parts(title: str) -> list[str]:
    """The parts of a page's title between separators ("Flood warning | Daily Herald")."""
    return [part for part in _TITLE_SEPARATOR.split(title) if part]


def after_separator(text: str) -> str:
    """What follows a separator that opens the text (" | Daily Herald"), or ""."""
    match = _TITLE_SEPARATOR.match(text)
    return text[match.end() :].strip() if match else ""


def _names_site(text: str, known: set[str]) -> bool:
    squeezed = squeeze(text)
    if not squeezed or len(text.split()) > 6:
        return False
    if squeezed in known:
        return True
    numbered = _YEAR.search(text) is not None  # "Harbour Days 2024" is what the site speaks of
    return any(
        min(len(squeezed), len(site)) >= 4 and (squeezed in site or (site in squeezed and not numbered))
        for site in known
    )


def without_byline(text: str) -> str:
    """`text` without what opens a byline ("By Ann Lee")."""
    match = _BYLINE.match(text)
    return text[match.end() :] if match else text


def _leading_name(text: str) -> str:
    """The capitalised words at the start of the text, if they can be a name."""
    if len(text) > 4 * _LONGEST_NAME or _MAIL.search(text) or "//" in text:
        return ""
    kept: list[str] = []
    tokens = text.split()
    for at, token in enumerate(tokens):
        bare = token.strip(_AROUND_NAME)
        small = bare.lower()
        if not bare or bare[0] == "@" or small in _ROLES or (not bare.isalpha() and any(map(str.isdigit, bare))):
            break
        if bare[0].islower() and small not in _PARTICLES:
            break
        if "：" in bare:
            break  # the label of another name
        if bare == "The" and len(kept) > 1:  # "Ann Lee The Associated Press"
            break
        if small in words.MONTHS and len(kept) != 1:
            named = at == 0 and tokens[1:] and tokens[1].isalpha() and tokens[1].istitle()
            if not (named and bare in _FIRST_NAMES):
                break  # a date follows; but "Theresa May"
        kept.append(token)
        within = token[1:]
        if at and not within.islower() and (glued := _GLUED.search(token)) and glued[1] not in _NAME_PREFIXES:
            kept[-1] = token[: glued.end(1)]  # "Ann LeePublished": what follows is no name
            break
    while kept and kept[-1].lower() in _PARTICLES:
        kept.pop()
    name = " ".join(kept).rstrip(",:;")
    return name if kept and len(kept) <= 5 and 2 <= len(name) <= _LONGEST_NAME and any(map(str.isalpha, name)) else ""
