"""What a dump says about where its article appeared: the site's name, the section, the topics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from indexer.article import host_of
from indexer.cleaning import metadata, words
from indexer.cleaning.explanation import Found
from indexer.cleaning.headline import BREADCRUMB, TRAIL
from indexer.cleaning.lines import Dump, Line
from indexer.cleaning.region import Region

_BETWEEN_TOPICS = re.compile(r"[,;#|]|\s/\s")
_HOST = re.compile(r"(?:^|[\s@/.(])([a-z0-9-]{3,30})\.(?:com|net|org|news|[a-z]{2})(?:\.[a-z]{2})?(?![\w.-])", re.I)
_SITE_VOTES = 2.5  # below, a name is nobody's
# "Daily Herald on Facebook", "Follow Daily Herald"
_NETWORK_NAMES = (
    *("facebook", "twitter", "x", "instagram", "whatsapp", "youtube", "tiktok", "telegram", "linkedin", "bluesky"),
    "threads",
)
_NETWORKS = "|".join(_NETWORK_NAMES)
_ON_NETWORK = re.compile(rf"(?P<name>\S.{{1,30}}?)\s+(?:on|auf|sur|en|su|op|no|i|na|w)\s+(?:{_NETWORKS})", re.I)
_OWN_WORDS = (
    *("about", "über", "search", "suche", "suivez", "follow", "working at", "careers at", "jobs at", "jobs bei"),
    *("contact", "kontakt", "inside", "om", "sobre", "chi siamo", "download", "subscribe to", "join", "more from"),
    *("back to", "quiénes somos", "mehr über", "frag", "sections on"),
)
_OWN = re.compile(rf"(?:{'|'.join(_OWN_WORDS)})\s+(?:the\s+)?(?P<name>(?-i:[^\W\d_a-zß-ÿ]).{{1,30}})", re.I)
_LOGO = re.compile(r"(?i)\b(?:site |image )?logo(?:type)?\b|\.(?:png|svg|jpg)\b")
_LOGO_MARK = re.compile(r"[lL][oO][gG][oO]|\.")
_LOGO_LINE = re.compile(
    r"(?:site |image )?logo(?:type)?[\s:-]+(?P<after>\S.{1,30})|(?P<before>\S.{1,30}?)[\s-]+(?:site )?logo(?:type)?",
    re.I,
)
_ARTICLES = "the|der|die|das|le|la|les|el|los|las|il|o|os|de|het"
_NO_NAME = re.compile(rf"{_ARTICLES}|us|uns|{words.alternatives('topics')}", re.I)
_ARTICLE = re.compile(rf"(?:{_ARTICLES})\s+(?=\S)", re.I)
# Between the letters of a name, where its address has none; not the end of a sentence, nor a hyphen at a line's end.
_JOINTS = " .'’-"
_VARIANTS = {"ae": "a", "oe": "o", "ue": "u", "ss": "ß"}  # of a host's spelling; the page's accents are taken off
_PLAIN = dict(zip("àáâãäåçèéêëìíîïıñòóôõöøşùúûüý", "aaaaaaceeeeiiiiinoooooosuuuuy", strict=True))
_PLAIN_SIZE = 0x3100  # beyond, scripts have neither capitals nor accents
_INSIDE = re.compile(r"[\w@/.]")
_GOES_ON = re.compile(r"[\w@]|\.\w|-\w+\.")
_CAPITAL_ARTICLES = "|".join(f"{word.title()}|{word.upper()}" for word in _ARTICLES.split("|"))
_ARTICLE_BEFORE = re.compile(rf"(?<!\w)(?:{_CAPITAL_ARTICLES})\s$")
# Hosts that are everybody's.
_FOREIGN = frozenset(
    [
        *("facebook", "twitter", "instagram", "whatsapp", "youtube", "tiktok", "telegram", "linkedin", "bluesky"),
        *(
            "google",
            "apple",
            "gmail",
            "outlook",
            "yahoo",
            "hotmail",
            "bit",
            "pinterest",
            "reddit",
            "wordpress",
            "blogspot",
        ),
        *("mail", "web", "gmx", "wikipedia", "wikimedia", "amazon", "spotify", "microsoft", "addthis", "disqus"),
    ]
)
_COMPOUND = re.compile(r"[^\W\d_][\w.]+")
_OWNER = re.compile(r"verlag|gmbh|m\.b\.h|subsidiary|companies|publishing|\bcorp|group", re.I)
_FULL_VOTES = 3.0
_MOST_NAMES = 30
_ENTRY = 6  # words of a menu's entry
_TAIL = 10  # lines after the text that may hold topics


def site(lines: Sequence[Line], title_at: int | None, region: Region, url: str | None) -> Found:
    """The site's name: what the page's edges, its copyright line and its addresses agree on.

    With the page's address known, only a name that agrees with it will do; else the host name is the honest answer.
    """
    top = region.start if title_at is None else title_at
    edges = [*lines[:top], *lines[region.stop :]]
    entries = list(dict.fromkeys([line.text for line in edges if line.size <= _ENTRY]))
    whole = "\n".join([line.text for line in lines])
    votes = _said(lines, top, region, entries, whole)
    labels = [metadata.domain_label(url)] if url else _labels_in(edges)
    spelled: set[str] = set()
    for label in labels:
        if name := _as_spelled(label, whole):
            votes.add(name, 2.0)
            spelled.add(metadata.squeeze(name))
    full = {key for key, weight in votes.weights.items() if weight >= _FULL_VOTES}
    if not url:
        for name, times in _openings(entries):
            votes.add(name, 0.3 * min(times, 8))
    agreeing = {key for key, name in votes.spelling.items() if any(metadata.agree(name, label) for label in labels)}
    for key in agreeing:
        name = votes.spelling[key]
        own = any(
            key == label or (_ARTICLE.sub("", name, count=1) != name and key.endswith(label))
            for label in map(metadata.squeeze, labels)
        )
        votes.weights[key] += 6.0 + 4.0 * (own or key in spelled)
        votes.weights[key] -= 4.0 if name.count(" ") > 3 else 0.0
    # The rest has no prospects, and each takes a search of the page.
    weights = dict(sorted(votes.weights.items(), key=lambda item: -item[1])[:_MOST_NAMES])
    page = "\n".join([line.folded for line in edges if line.size <= 12])
    whole_lines = Counter([line.folded for line in edges])
    for key in weights:
        name = words.fold(votes.spelling[key])
        # A site names itself all over its pages ("Subscribe to ...", "About ...").
        weights[key] += min(3, page.count(name) - whole_lines[name]) * (0.5 if " " in name else 0.2)
    if url:
        weights = {key: weight for key, weight in weights.items() if key in agreeing}
    key, weight = max(weights.items(), key=lambda item: item[1], default=("", 0.0))
    if key in spelled:
        longer = [name for name in sorted(full & agreeing) if _is_full(votes.spelling[name], votes.spelling[key])]
        key = max(longer, key=lambda name: weights.get(name, 0.0), default=key)
    if weight >= _SITE_VOTES:
        return Found(votes.spelling[key], "masthead", min(0.95, 0.4 + weight / 20))
    host = host_of(url)
    return Found(host, "url", 0.5) if host else Found("", "", 0.0)


def _said(lines: Sequence[Line], top: int, region: Region, entries: Sequence[str], whole: str) -> _Votes:
    """The names that stand where a page names its site.

    top      the first line of the article
    entries  the short lines around the article
    whole    the page
    """
    votes = _Votes()
    masthead = 0
    for i, line in enumerate(lines[:top]):
        if line.size <= 10 and (once := metadata.undoubled(line.text)) != line.text:
            votes.add(once, 4.0)  # a logo's alternative text and its caption
        elif line.size <= 5 and line.role == "short" and not line.bullet:
            votes.add(line.text, 2.0 if masthead < 3 and (i < 3 or whole.count(line.text) > 1) else 0.5)
            masthead += 1
        elif i < 5 and (parts := metadata.title_parts(line.text))[1:] and parts[0].count(" ") < 3:
            votes.add(parts[0], 1.5)  # "Daily Herald - news and sport"
    for line in lines[region.stop :]:
        if line.size <= 5 and line.role == "short" and not line.bullet and metadata.squeeze(line.text) in votes.weights:
            votes.add(line.text, 1.0)
    for line in lines[max(0, region.stop - 1) :]:
        if holder := metadata.copyright_holder(line.text):
            votes.add(holder, 1.5 if _OWNER.search(holder) else 4.0)
    for text in entries:
        small = text.lower()
        if small.endswith(_NETWORK_NAMES) and (match := _ON_NETWORK.fullmatch(text)):
            votes.add(match["name"], 2.0)
        elif small.startswith(_OWN_WORDS) and (match := _OWN.fullmatch(text)):
            votes.add(match["name"], 1.0)
        if "logo" in small and (match := _LOGO_LINE.fullmatch(text)):
            votes.add(match["after"] or match["before"], 3.0)
    return votes


def _can_name(text: str) -> bool:
    """Whether the text can be a site's name at all."""
    return (
        "@" not in text
        and not text.replace(" ", "").isdigit()
        and not _NO_NAME.fullmatch(text)
        and not words.is_furniture(words.fold(text))
    )


def _is_full(name: str, short: str) -> bool:
    """Whether a name is the long form of a short one: "Northern Daily Herald" of "Herald", or of "NDH"."""
    tokens, wanted = metadata.squeeze(short), name.split()
    if not 1 < len(wanted) <= 4 or (name[0].islower() and not short[0].islower()):
        return False
    initials = "".join(word[0] for word in wanted).lower()
    before, named, after = f" {words.fold(name)} ".partition(f" {words.fold(short)} ")
    return initials == tokens or (
        bool(named)
        and len(wanted) <= short.count(" ") + 3
        and not any(words.is_furniture(part.strip()) for part in (before, after))
    )


class _Votes:
    """Names that the site may go by, spellings of one name counted together."""

    def __init__(self) -> None:
        self.weights: dict[str, float] = {}
        self.spelling: dict[str, str] = {}

    def add(self, name: str, weight: float) -> None:
        """Count `weight` for the name, unless it cannot be a site's."""
        name = _LOGO.sub("", name).strip(" -–|:_") if _LOGO_MARK.search(name) else name.strip(" -–|:_")
        key = metadata.squeeze(name)
        if len(key) >= 2 and len(name) <= 50 and _can_name(name):
            self.weights[key] = self.weights.get(key, 0.0) + weight
            if key not in self.spelling or (self.spelling[key].isupper() and not name.isupper()):
                self.spelling[key] = name  # a logo in capitals is no spelling


def _as_spelled(label: str, page: str) -> str:
    """The name of a host as the page mostly writes it ("The Daily Herald" for "dailyherald"), or ""."""
    if len(metadata.squeeze(label)) < 2:
        return ""
    codes = np.frombuffer(page.encode("utf-32-le"), np.uint32)
    plain = np.where(codes < _PLAIN_SIZE, _plain().take(codes, mode="clip"), codes)
    places = plain.nonzero()[0]
    squeezed = plain[places].tobytes().decode("utf-32-le")
    found: Counter[str] = Counter()
    for variant in _variants(metadata.squeeze(label)):
        at = squeezed.find(variant)
        while at >= 0:
            letters = places[at : at + len(variant)]
            start, end = int(letters[0]), int(letters[-1]) + 1
            name = page[start:end]
            if (
                # One joint at most between two letters.
                (end - start == len(variant) or int(np.diff(letters).max()) <= 2)
                and not _INSIDE.search(page[max(0, start - 1) : start])
                and not _GOES_ON.match(page, end)
                and (name[0].isdigit() or any(map(str.isupper, name)))
            ):
                article = _ARTICLE_BEFORE.search(page, max(0, start - 4), start)
                found[(article[0] if article else "") + name] += 1
            at = squeezed.find(variant, at + len(variant))
    return max(found, key=lambda text: (found[text], len(text))) if found else ""


@cache
def _plain() -> NDArray[np.uint32]:
    """The characters below `_PLAIN_SIZE` in lower case and without accents; none for the joints."""
    table = np.arange(_PLAIN_SIZE + 1, dtype=np.uint32)
    for code in range(_PLAIN_SIZE):
        small = chr(code).lower()
        table[code] = ord(_PLAIN.get(small[0], small[0]))  # the small letter of İ is two characters
    table[[ord(joint) for joint in _JOINTS]] = 0
    return table


def _variants(label: str) -> set[str]:
    """The spellings that a host's name can stand for ("muenchen": "munchen", as the page's accents are taken off)."""
    found = {""}
    at = 0
    while at < len(label):
        pair = label[at : at + 2]
        ways = (pair, _VARIANTS[pair]) if pair in _VARIANTS else (label[at],)
        found = {spelling + way for spelling in found for way in ways}
        at += len(ways[0])
    return found


def _openings(entries: Sequence[str]) -> list[tuple[str, int]]:
    """What many entries of menus open with, where it looks like a brand ("HERALD Live", "HERALD Jobs")."""
    rest: dict[str, set[str]] = {}
    for entry in entries:
        if match := _COMPOUND.match(entry):
            word = match[0].rstrip(".")
            if len(word) >= 3 and (word.isupper() or (not word[1:].islower() and word[1:] != word[1:].lower())):
                rest.setdefault(word, set()).add(entry)
    return [(name, len(found)) for name, found in rest.items() if len(found) >= 3]


def _labels_in(lines: Sequence[Line]) -> list[str]:
    """The names of the hosts that a page writes out (in mail addresses, links, footers), most frequent first."""
    hosts = Counter(match[1].lower() for line in lines if "." in line.text for match in _HOST.finditer(line.text))
    return [label for label, _ in hosts.most_common() if label not in _FOREIGN][:2]


def section(lines: Sequence[Line], title_at: int | None, site: str, topics: Sequence[str]) -> str | None:
    """The section, as the menu spells it.

    It is a breadcrumb before the headline, a word above it that is also an entry of the menu, a few words that stand
    alone directly above it, or the first of the article's topics that the menu has.
    """
    if title_at is None:
        return None
    title = lines[title_at].folded
    menu = {line.folded: line.text for line in lines[:title_at] if line.bullet}
    above = [line.folded for line in lines[:title_at]]
    for line in reversed(lines[max(0, title_at - 4) : title_at]):
        if match := BREADCRUMB.match(line.text):
            parts = [part for part in TRAIL.split(match["trail"]) if part and not words.is_home(words.fold(part))]
            if parts and words.fold(parts[0]) != title and len(parts[0].split()) <= 3:
                return parts[0]
        elif line.size <= 3 and line.role in ("short", "furniture") and not words.is_home(line.folded):
            named = line.folded in menu and (not line.bullet or (line.role == "short" and above.count(line.folded) > 1))
            kicker = line is lines[title_at - 1] and line.role == "short" and line.alone and not line.bullet
            if (named or (kicker and _is_kicker(line))) and metadata.squeeze(line.text) != metadata.squeeze(site):
                return menu.get(line.folded, line.text)
    return next((menu[folded] for topic in topics if (folded := words.fold(topic)) in menu), None)


def _is_kicker(line: Line) -> bool:
    """Whether a line directly above the headline can name its section."""
    return line.text[0].isupper() and not metadata.is_person(line.text) and not any(map(str.isdigit, line.text))


def topics(dump: Dump, region: Region) -> list[str]:
    """The tags after the text: a labelled line, or a list of short entries that stand nowhere else on the page."""
    lines = dump.lines
    tail = range(region.stop, min(len(lines), region.stop + _TAIL))
    for i in tail:
        if match := metadata.TOPIC_LABEL.match(lines[i].text):
            rest = lines[i].text[match.end() :]
            return (
                [part.strip() for part in _BETWEEN_TOPICS.split(rest) if part.strip()] if rest else _run(lines, i + 1)
            )
    for i in tail:
        if lines[i].bullet:
            topics = _run(lines, i)
            alone = [topic for topic in topics if dump.repeats[words.fold(topic)] == 1]
            return topics if len(topics) >= 2 and len(alone) > len(topics) / 2 else []
    return []


def _run(lines: Sequence[Line], start: int) -> list[str]:
    """The entries of the list of short lines that starts at `start`; nothing if it is a list of something else."""
    entries: list[str] = []
    for line in lines[start : start + 20]:
        if not line.bullet:
            break
        if line.size > 5 or line.role != "short":
            return []
        entries.append(line.text)
    return entries
