"""What a dump says about where its article appeared: the site's name, the section, the topics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from indexer.cleaning import metadata, words
from indexer.cleaning.explanation import Found
from indexer.cleaning.headline import BREADCRUMB, TRAIL
from indexer.cleaning.lines import Line
from indexer.cleaning.region import Region

_TOPIC_LABEL = re.compile(rf"(?:{words.alternatives('topics')})\s*(?::\s*|$)", re.I)
_BETWEEN_TOPICS = re.compile(r"[,;#|]|\s/\s")
_HOST = re.compile(r"(?:^|[\s@/.(])([a-z0-9-]{3,30})\.(?:com|net|org|news|[a-z]{2})(?:\.[a-z]{2})?(?![\w.-])", re.I)
_SITE_VOTES = 2.5  # below, a name is nobody's
# "Daily Herald on Facebook", "Follow Daily Herald"
_NETWORKS = "facebook|twitter|x|instagram|whatsapp|youtube|tiktok|telegram|linkedin|bluesky|threads"
_ON_NETWORK = re.compile(rf"(?P<name>\S.{{1,30}}?)\s+(?:on|auf|sur|en|su|op|no|i|na|w)\s+(?:{_NETWORKS})", re.I)
_OWN = re.compile(
    r"(?:about|über|search|suche|suivez|follow|working at|jobs bei|contact|kontakt|inside|om|sobre|chi siamo|download"
    r"|subscribe to|join|more from|back to|quiénes somos)\s+(?P<name>(?-i:[^\W\d_a-zß-ÿ]).{1,30})",
    re.I,
)
_LOGO = re.compile(r"(?i)\b(?:site |image )?logo(?:type)?\b|\.(?:png|svg|jpg)\b")
_ARTICLES = frozenset(["the", "der", "die", "das", "les", "los", "las"])
_MOST_NAMES = 30
_TAIL = 10  # lines after the text that may hold topics


def site(lines: Sequence[Line], title_at: int | None, region: Region, url: str | None) -> Found:
    """The site's name: what the page's edges, its copyright line and its addresses agree on.

    With the page's address known, only a name that agrees with it will do; else the host name is the honest answer.
    """
    top = region.start if title_at is None else title_at
    edges = [*lines[:top], *lines[region.stop :]]
    votes: dict[str, float] = {}
    spelling: dict[str, str] = {}

    def vote(name: str, weight: float) -> None:
        name = _LOGO.sub("", name).strip(" -–|:")
        key = metadata.squeeze(name)
        if len(key) >= 2 and "@" not in name and len(name) <= 50 and not words.is_furniture(words.fold(name)):
            votes[key] = votes.get(key, 0.0) + weight
            if key not in spelling or (spelling[key].isupper() and not name.isupper()):
                spelling[key] = name  # a logo in capitals is no spelling

    for i, line in enumerate(lines[:top]):
        once = metadata.undoubled(line.text)
        if line.size <= 10 and once != line.text:
            vote(once, 4.0)  # a logo's alternative text and its caption
        elif line.size <= 5 and line.role == "short" and not line.bullet:
            vote(line.text, 2.0 if i < 3 else 0.5)
    for line in edges[top:]:
        if line.size <= 5 and line.role == "short" and not line.bullet and metadata.squeeze(line.text) in votes:
            vote(line.text, 1.0)
    for line in lines[max(0, region.stop - 1) :]:
        if holder := metadata.copyright_holder(line.text):
            vote(holder, 4.0)
    for text in {line.text for line in edges if line.size <= 6}:
        if match := _ON_NETWORK.fullmatch(text):
            vote(match["name"], 2.0)
        elif match := _OWN.fullmatch(text):
            vote(match["name"], 1.0)
    labels = [metadata.domain_label(url)] if url else _labels_in(edges)
    agreeing = {key for key in votes if any(metadata.agree(spelling[key], label) for label in labels)}
    page = "\n".join(line.folded for line in edges if line.size <= 12)
    whole_lines = Counter(line.folded for line in edges)
    for key in agreeing:
        votes[key] += 6.0 + 4.0 * any(key in (squeezed, f"the{squeezed}") for squeezed in map(metadata.squeeze, labels))
        votes[key] -= 4.0 if spelling[key].count(" ") > 3 or key in _ARTICLES else 0.0
    # The rest has no prospects, and each takes a search of the page.
    votes = dict(Counter(votes).most_common(_MOST_NAMES))
    for key in votes:
        name = words.fold(spelling[key])
        # A site names itself all over its pages ("Subscribe to ...", "About ...").
        votes[key] += min(3, page.count(name) - whole_lines[name]) * (0.5 if " " in name else 0.2)
    if url:
        votes = {key: weight for key, weight in votes.items() if key in agreeing}
    key, weight = max(votes.items(), key=lambda item: item[1], default=("", 0.0))
    if weight >= _SITE_VOTES:
        return Found(spelling[key], "masthead", min(0.95, 0.4 + weight / 20))
    host = metadata.host(url)
    return Found(host, "url", 0.5) if host else Found("", "", 0.0)


def _labels_in(lines: Sequence[Line]) -> list[str]:
    """The names of the hosts that a page writes out (in mail addresses, links, footers), most frequent first."""
    hosts = Counter(match[1].lower() for line in lines if "." in line.text for match in _HOST.finditer(line.text))
    return [label for label, _ in hosts.most_common(2)]


def section(lines: Sequence[Line], title_at: int | None, site: str, topics: Sequence[str]) -> str | None:
    """The section, as the menu spells it.

    It is a breadcrumb before the headline, a word above it that is also an entry of the menu, a few words that stand
    alone directly above it, or the first of the article's topics that the menu has.
    """
    if title_at is None:
        return None
    title = lines[title_at].folded
    menu = {line.folded: line.text for line in lines[:title_at] if line.bullet}
    entries = Counter(line.folded for line in lines[:title_at])
    for line in reversed(lines[max(0, title_at - 4) : title_at]):
        if match := BREADCRUMB.match(line.text):
            parts = [part for part in TRAIL.split(match["trail"]) if part and not words.is_home(words.fold(part))]
            if parts and words.fold(parts[0]) != title and len(parts[0].split()) <= 3:
                return parts[0]
        elif line.size <= 3 and line.role in ("short", "furniture") and not words.is_home(line.folded):
            named = line.folded in menu and (not line.bullet or (line.role == "short" and entries[line.folded] > 1))
            kicker = line is lines[title_at - 1] and line.role == "short" and line.alone and not line.bullet
            if (named or (kicker and _is_kicker(line))) and metadata.squeeze(line.text) != metadata.squeeze(site):
                return menu.get(line.folded, line.text)
    return next((menu[folded] for topic in topics if (folded := words.fold(topic)) in menu), None)


def _is_kicker(line: Line) -> bool:
    """Whether a line directly above the headline can name its section."""
    return line.text[0].isupper() and not metadata.is_person(line.text) and not any(map(str.isdigit, line.text))


def topics(lines: Sequence[Line], region: Region) -> list[str]:
    """The tags after the text: a labelled line, or a list of short entries that stand nowhere else on the page."""
    tail = range(region.stop, min(len(lines), region.stop + _TAIL))
    for i in tail:
        if match := _TOPIC_LABEL.match(lines[i].text):
            rest = lines[i].text[match.end() :]
            return (
                [part.strip() for part in _BETWEEN_TOPICS.split(rest) if part.strip()] if rest else _run(lines, i + 1)
            )
    repeats = Counter(line.folded for line in lines)
    for i in tail:
        if lines[i].bullet:
            topics = _run(lines, i)
            alone = [topic for topic in topics if repeats[words.fold(topic)] == 1]
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
