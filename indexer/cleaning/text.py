"""Plain-text dumps of rendered pages: menus, tickers, boxes and footers around one article.

The way through a dump:

1. every line gets a role and a score (see `lines`); the run of lines with the highest sum is the provisional region;
2. the headline is the line that fits best before it: near, alone, repeated, followed by a byline or a date, sharing its
   words with the text, agreeing with the address;
3. the region is found again after the headline, nearer text first; comments end it, boxes of other articles end it
   once most of the text is in;
4. inside the region, paragraphs, their subheadings and lists stay, everything else goes;
5. around headline and region stand date, authors, credits, section and topics; at the page's edges the site's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from indexer.article import Article
from indexer.cleaning import asides, dates, metadata, words
from indexer.cleaning.language import detect
from indexer.cleaning.lines import Line, read_lines
from indexer.errors import PageError

_WORD = re.compile(r"[^\W_]{4,}")
_ANY_WORD = re.compile(r"[^\W_]+")
_BREADCRUMB = re.compile(rf"(?:{words.alternatives('home')})\s*[»›>/|→:]\s*(?P<trail>.*)", re.I)
_TRAIL = re.compile(r"\s*[»›>→]\s*|\s+/\s+")
_PUBLISHED = re.compile(rf"\b(?:{words.alternatives('published')})\b", re.I)
_UPDATED = re.compile(rf"\b(?:{words.alternatives('updated')})\b", re.I)
_NAME_BAR = re.compile(r"\s*\|\s*")
_TOPIC_LABEL = re.compile(rf"(?:{words.alternatives('topics')})\s*(?::\s*|$)", re.I)
_BETWEEN_TOPICS = re.compile(r"[,;#|]|\s/\s")
_HALF_DAY_CLOCK = re.compile(r"\d\s?[ap]\.?m\b|\b[ECMP][SD]?T\b")
_DAY_FIRST_HOST = re.compile(r"\.(?:uk|au|nz|ie|in|za|ng|ke|pk|eu)$")

_HOST = re.compile(r"(?:^|[\s@/.(])([a-z0-9-]{3,30})\.(?:com|net|org|news|[a-z]{2})(?:\.[a-z]{2})?(?![\w.-])", re.I)

_SITE_VOTES = 2.5  # below, a name is nobody's
_LONGEST_TITLE = 40  # words
_TITLE_REACH = 30  # lines; how far above the text a headline may stand and still gain by nearness
_HEAD = 10  # lines around the headline that may hold date and byline
_TAIL = 10  # lines after the text that may hold topics
_RESUME_REACH = 12  # lines; a longer box of other articles has no article after it
_MOST = 0.7  # share of the text after which a box ends the article
_TEASER = 15.0  # what a date in the midst of the text costs
_SMALL_BOX = 3  # lines, its heading included; the text goes on after such a box even near its end
_OPENING = 6  # words
_PARAGRAPH = 15  # words of a paragraph that surely belongs to the article
_ENOUGH = 40  # words after which a heading of comments ends the article


@dataclass(frozen=True, slots=True)
class Region:
    """The lines that hold the article: `lines[start:stop]`."""

    start: int
    stop: int


def clean_dump(text: str, *, url: str | None, source: str | None, fetched: datetime | None) -> Article:
    """The article of a plain-text dump.

    url      where the page was fetched from, if known
    source   the outlet's name, if the caller knows better than the page
    fetched  when the page was fetched: nothing on it can be younger

    Raises PageError when the dump holds no article text.
    """
    lines = read_lines(text)
    provisional = _best_region(lines, 0, len(lines))
    site_hint = " ".join((source or "", metadata.domain_label(url)))
    title_at = _title_line(lines, provisional, url, site_hint)
    region, kept = _article_lines(lines, title_at, provisional)
    body = [lines[i].text for i in kept]
    if not any(any(map(str.isalpha, paragraph)) for paragraph in body):
        raise PageError("the page has no article text; check that it is an article and not a menu or an empty dump")
    site = source or _site(lines, title_at, region, url)
    title = "" if title_at is None else metadata.without_site(lines[title_at].text, site, metadata.domain_label(url))
    head = range(max(0, (region.start if title_at is None else title_at) - _HEAD), min(len(lines), region.start + 3))
    moment, method = _date(lines, head, title_at, region, url, fetched)
    authors = _authors(lines, head, title_at, region)
    # "By Ann Lee | Daily Herald"
    others = [name for name in authors if metadata.squeeze(name) != metadata.squeeze(site)]
    authors = others if any(map(metadata.is_person, others)) else authors
    topics = _topics(lines, region)
    return Article.build(
        url=url,
        title=title,
        body="\n\n".join(asides.without_asides(body, authors)),
        source=site,
        date=moment.when if moment else None,
        date_precision=moment.precision if moment else None,
        date_method=method,
        authors=authors,
        credits=next((found for i in head if (found := metadata.credited(lines[i].text))), []),
        section=_section(lines, title_at, site, topics),
        topics=topics,
        language=detect("\n".join(body)),
    )


# ---------------------------------------------------------------------------------------------- region


def _best_region(lines: Sequence[Line], start: int, stop: int, *, nearest: bool = False) -> Region:
    """The run of lines with the highest sum of scores within `lines[start:stop]`.

    A run of lines that are not text costs more with every line. With `nearest`, so does each line before the run.
    """
    best, best_region = 0.0, Region(start, start)
    total, run_start, idle, mass = 0.0, start, 0, 0
    for i in range(start, stop):
        line = lines[i]
        if line.role == "prose":
            mass += line.size
        if line.score > 0:
            idle = 0
            total += line.score
        else:
            idle += 1
            total += line.score - min(idle, 20)
            if nearest and line.role == "date" and mass >= _ENOUGH:
                total -= _TEASER  # after the text, a date is that of another article
        if total <= 0:
            total, run_start = 0.0, i + 1
        value = total - (2.0 * (run_start - start) if nearest else 0.0)
        if value > best:
            best, best_region = value, Region(run_start, i + 1)
    return best_region


def _article_lines(lines: Sequence[Line], title_at: int | None, provisional: Region) -> tuple[Region, list[int]]:
    """The article's region, and the indices of its lines that belong to the body."""
    start = provisional.start if title_at is None else title_at + 1
    stop = _end(lines, start)
    region = _best_region(lines, start, stop, nearest=True)
    if region.start == region.stop:
        # Nothing reads like a paragraph: what is left of the page is all there is.
        kept = [i for i in range(start, stop) if lines[i].role in ("short", "prose")]
        return Region(start, stop), kept
    region = _cut_at_boxes(lines, region)
    if title_at is not None and region.start > title_at + 1 and _is_opening_line(lines, region.start - 1):
        region = Region(region.start - 1, region.stop)
    return region, _kept(lines, region, None if title_at is None else lines[title_at])


def _is_opening_line(lines: Sequence[Line], i: int) -> bool:
    """Whether the line before the first paragraph is a standfirst without a full stop, or the result of a match."""
    line = lines[i]
    return line.role == "short" and line.alone and not line.bullet and line.size >= _OPENING and lines[i + 1].alone


def _end(lines: Sequence[Line], start: int) -> int:
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


def _cut_at_boxes(lines: Sequence[Line], region: Region) -> Region:
    """The region up to the first box of other articles after which the article does not go on."""
    whole = _prose(lines, region.start, region.stop)
    for i in range(region.start, region.stop):
        if lines[i].role != "related":
            continue
        resumed = _resumes(lines, i, region.stop)
        if resumed == i + 1 and lines[i].is_link and not _TOPIC_LABEL.match(lines[i].text) and lines[resumed].alone:
            continue
        late = _prose(lines, region.start, i) >= _MOST * whole
        if resumed is None or (late and (resumed - i > _SMALL_BOX or lines[resumed].size < _PARAGRAPH)):
            return Region(region.start, i)
    return region


def _prose(lines: Sequence[Line], start: int, stop: int) -> int:
    return sum(line.size for line in lines[start:stop] if line.role == "prose")


def _resumes(lines: Sequence[Line], box: int, stop: int) -> int | None:
    """The line at which paragraphs go on after the box that opens at `box`."""
    for i in range(box + 1, min(stop, box + 1 + _RESUME_REACH)):
        if lines[i].role == "prose" and lines[i].score > 0 and not lines[i].bullet:
            return i
    return None


def _kept(lines: Sequence[Line], region: Region, title: Line | None) -> list[int]:
    """The lines of the region that belong to the body: paragraphs, lists, single subheadings between paragraphs."""
    kept: list[int] = []
    seen: set[str] = {title.folded} if title else set()
    i = region.start
    while i < region.stop:
        line = lines[i]
        if line.role == "related":
            i = _resumes(lines, i, region.stop) or i + 1
            continue
        if line.folded not in seen and (
            line.role == "prose" or _is_subheading(lines, i, region) or _is_item(lines, i) or i == region.start
        ):
            kept.append(i)
            seen.add(line.folded)
        i += 1
    return kept


def _is_subheading(lines: Sequence[Line], i: int, region: Region) -> bool:
    line = lines[i]
    if line.role != "short" or line.bullet or not line.alone or line.size > 16 or i == region.start:
        return False
    return (
        lines[i - 1].role in ("prose", "caption", "furniture") and i + 1 < region.stop and lines[i + 1].role == "prose"
    )


def _is_item(lines: Sequence[Line], i: int) -> bool:
    """Whether a short list item belongs to the text: its list stands between paragraphs, or follows a colon."""
    if not lines[i].bullet or lines[i].role != "short":
        return False
    first, last = i, i
    while first and lines[first].bullet:
        first -= 1
    while last < len(lines) - 1 and lines[last].bullet:
        last += 1
    if lines[first].role == "prose" and lines[first].text.endswith(":"):
        return True
    items = lines[first + 1 : last]
    wordy = sum(item.size >= 5 for item in items) > len(items) / 2
    return wordy and lines[first].role in ("prose", "short") and lines[last].role == "prose" and lines[last].score > 0


# ---------------------------------------------------------------------------------------------- headline


def _title_line(lines: Sequence[Line], region: Region, url: str | None, site: str) -> int | None:
    """The index of the headline, or None where no line can be one."""
    prose = [line for line in lines[region.start : region.stop] if line.role == "prose"]
    text = "\n".join(line.folded for line in prose)
    vocabulary = set(_WORD.findall(text))
    repeats = Counter(line.folded for line in lines)
    trails = {words.fold(_TRAIL.split(match["trail"])[-1]) for line in lines if (match := _BREADCRUMB.match(line.text))}
    page = _PageClues(vocabulary, _slug_words(url), repeats, trails, metadata.squeeze(site))
    introductions = [line.role == "date" or (line.size <= 12 and metadata.opens_byline(line.text)) for line in lines]
    whole = sum(line.size for line in prose) or 1
    passed = 0  # words of the region above the line
    best, best_at = 0.0, None
    for i, line in enumerate(lines[: region.stop]):
        if _can_be_title(line):
            score = _title_score(line, page) - 30.0 * passed / whole
            score += 3.0 if any(introductions[i + 1 : i + 5]) else 0.0
            if passed >= _ENOUGH and asides.is_quoted(line.text) and line.folded in text:
                score -= 10.0  # a pull quote
            if score > best:  # what follows takes time, and can only lower the score
                score -= 0.1 * _gap(lines, i, region.stop) + _title_doubts(line, page)
            if score > best:
                best, best_at = score, i
        if line.role == "prose" and i >= region.start:
            passed += line.size
    return best_at


@dataclass(frozen=True, slots=True)
class _PageClues:
    """What the rest of a page says about its headline: words of the text and of the address, repeats, breadcrumbs."""

    vocabulary: set[str]
    slug: set[str]
    repeats: Counter[str]
    trails: set[str]
    site: str


def _title_score(line: Line, page: _PageClues) -> float:
    """How much a line reads like this page's headline, its place apart."""
    own = set(_WORD.findall(line.folded))
    score = 9.0 * sum(word in page.vocabulary for word in own) / max(len(own), 4)
    if page.slug:
        score += 10.0 * len(page.slug.intersection(_ANY_WORD.findall(line.folded))) / len(page.slug)
    score += 8.0 if line.folded in page.trails else 0.0
    score += 5.0 if line.alone else 0.0
    score += 5.0 if 4 <= line.size <= 16 else 1.0 if line.size <= 24 else 0.0
    score += 2.0 if line.size >= 4 and page.repeats[line.folded] > 1 else 0.0
    score -= 5.0 if line.role == "prose" else 0.0
    score -= 4.0 if line.bullet else 0.0
    score -= 3.0 if line.text.endswith((".", ":", ",", ";")) else 0.0
    return score


def _title_doubts(line: Line, page: _PageClues) -> float:
    """How much a line reads like the site's name, a person's or a byline."""
    if page.site and metadata.squeeze(line.text) in page.site:
        return 100.0
    doubts = 2.0 if metadata.is_person(line.text) else 0.0
    byline = metadata.byline(line.text) if line.size <= 12 else []
    return doubts + (8.0 if byline and metadata.is_person(byline[0]) else 0.0)


def _can_be_title(line: Line) -> bool:
    return line.role in ("short", "prose") and line.size <= _LONGEST_TITLE and 6 <= len(line.text) <= 300


def _slug_words(url: str | None) -> set[str]:
    """The words of the longest hyphenated part of the address."""
    try:
        path = unquote(urlsplit(url or "").path)
    except ValueError:
        return set()
    parts = (re.findall(r"[^\W\d_]{2,}", part) for part in path.lower().split("/"))
    longest = max(parts, key=len, default=[])
    return set(longest) if len(longest) >= 3 else set()


def _gap(lines: Sequence[Line], i: int, stop: int) -> int:
    """How many lines stand between line `i` and the next paragraph."""
    for j in range(i + 1, min(stop, i + 1 + _TITLE_REACH)):
        if lines[j].role == "prose" and lines[j].score > 10:
            return j - i - 1
    return _TITLE_REACH


# ---------------------------------------------------------------------------------------------- date


def _date(
    lines: Sequence[Line],
    head: range,
    title_at: int | None,
    region: Region,
    url: str | None,
    fetched: datetime | None,
) -> tuple[dates.Moment | None, str]:
    """The publication date and where it was found: near the headline, after the text, or in the address."""
    in_url = dates.from_url(url) if url else None
    month_first = _month_first(lines, head, url)
    best, best_moment = float("-inf"), None
    anchor = region.start if title_at is None else title_at
    tail = range(region.stop, min(len(lines), region.stop + 4))
    for i in (*head, *tail):
        line = lines[i]
        if len(line.text) > 250 or not any(map(str.isdigit, line.text)):
            continue
        start = 0
        for found in dates.find_dates(line.text, month_first=month_first):
            label = line.text[start : found.start] or (lines[i - 1].text if i and lines[i - 1].size <= 3 else "")
            start = found.end
            score = _date_score(i - anchor, line, label, found.moment)
            if in_url and abs((found.moment.when - in_url.when).days) > (1 if in_url.precision == "day" else 31):
                score -= 20
            if score > best and dates.is_possible(found.moment, fetched):
                best, best_moment = score, found.moment
    if best_moment is None and title_at is not None:
        months = (dates.find_month(line.text) for line in lines[title_at : region.start] if line.role == "date")
        best_moment = next((month for month in months if month and dates.is_possible(month, fetched)), None)
    if in_url and dates.is_possible(in_url, fetched) and (best_moment is None or best < -15):
        return in_url, "url"
    return best_moment, "byline" if best_moment else ""


def _date_score(distance: int, line: Line, label: str, moment: dates.Moment) -> float:
    score = -0.5 * distance if distance >= 0 else 1.2 * distance
    if _UPDATED.search(label):
        score -= 6
    elif _PUBLISHED.search(label):
        score += 4
    if line.role == "prose":
        score -= 8
    return score + (1 if moment.precision != "day" else 0)


def _month_first(lines: Sequence[Line], head: range, url: str | None) -> bool:
    """Whether 3/4/2024 on this page is March 4: clocks and zones of the United States say so."""
    if _DAY_FIRST_HOST.search(metadata.host(url)):
        return False
    return any(_HALF_DAY_CLOCK.search(lines[i].text) for i in head if lines[i].size <= 20)


# ---------------------------------------------------------------------------------------------- names


def _authors(lines: Sequence[Line], head: range, title_at: int | None, region: Region) -> list[str]:
    """The authors: of a line that opens like a byline, of a name beside a date, of a name that stands alone."""
    anchor = region.start if title_at is None else title_at
    near = sorted(head, key=lambda i: abs(i - anchor) + (8 if i < anchor else 0))
    tail = range(region.stop, min(len(lines), region.stop + 4))
    for i in (*near, *tail):
        line = lines[i]
        if (
            line.size > 30
            or i == title_at
            or (line.role == "prose" and line.size > 6)
            or (line.role == "legal" and line.size > 15)
        ):
            continue
        if metadata.is_byline_label(line.text) and i + 1 < len(lines):
            if people := metadata.names(lines[i + 1].text):
                return people
        elif people := metadata.byline(line.text):
            return people
    for i in near:
        if i >= anchor - 3 and lines[i].role == "date" and (people := metadata.names_beside_date(lines[i].text)):
            return people
    first_half = lines[region.start : (region.start + region.stop + 1) // 2]  # a note on the author may end the text
    text = {word for line in first_half if line.role == "prose" for word in line.folded.split()}
    for i in range(anchor + 1, min(len(lines), region.start + 4)):
        name = metadata.undoubled(_NAME_BAR.split(lines[i].text)[0])
        dated = [line.role == "date" for line in lines[max(anchor, i - 2) : i + 3]]
        sure = name != lines[i].text or (i + 1 < len(lines) and lines[i + 1].role == "date")
        # Otherwise it may be somebody of whom the article speaks: the name under a picture.
        likely = (i <= anchor + 2 or any(dated)) and not text.issuperset(words.fold(name).split())
        beside = any(line.role == "date" and line.bullet == lines[i].bullet for line in lines[i - 1 : i + 2])
        if (sure or likely) and lines[i].role == "short" and (beside or not lines[i].bullet):
            if metadata.is_person(name):
                return [name]
            people = metadata.names(name) if "," in name else []
            if len(people) > 1 and all(map(metadata.is_person, people)):
                return people
    return []


def _site(lines: Sequence[Line], title_at: int | None, region: Region, url: str | None) -> str:
    """The site's name: what the page's edges, its copyright line and its addresses agree on.

    With the page's address known, only a name that agrees with it will do; else the host name is the honest answer.
    """
    top = region.start if title_at is None else title_at
    edges = [*lines[:top], *lines[region.stop :]]
    votes: dict[str, float] = {}
    spelling: dict[str, str] = {}

    def vote(name: str, weight: float) -> None:
        key = metadata.squeeze(name)
        if len(key) >= 2 and len(name) <= 50 and not words.is_furniture(words.fold(name)):
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
    labels = [metadata.domain_label(url)] if url else _labels_in(edges)
    agreeing = {key for key in votes if any(metadata.agree(spelling[key], label) for label in labels)}
    page = "\n".join(line.folded for line in edges if line.size <= 12)
    whole_lines = Counter(line.folded for line in edges)
    for key in votes:
        if key in agreeing:
            votes[key] += 6.0
        name = words.fold(spelling[key])
        # A site names itself all over its pages ("Subscribe to ...", "About ...").
        votes[key] += min(3, page.count(name) - whole_lines[name]) * (0.5 if " " in name else 0.2)
    if url:
        votes = {key: weight for key, weight in votes.items() if key in agreeing}
    key, weight = max(votes.items(), key=lambda item: item[1], default=("", 0.0))
    return spelling[key] if weight >= _SITE_VOTES else metadata.host(url)


def _labels_in(lines: Sequence[Line]) -> list[str]:
    """The names of the hosts that a page writes out (in mail addresses, links, footers), most frequent first."""
    hosts = Counter(match[1].lower() for line in lines if "." in line.text for match in _HOST.finditer(line.text))
    return [label for label, _ in hosts.most_common(2)]


# ---------------------------------------------------------------------------------------------- section, topics


def _section(lines: Sequence[Line], title_at: int | None, site: str, topics: Sequence[str]) -> str | None:
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
        if match := _BREADCRUMB.match(line.text):
            parts = [part for part in _TRAIL.split(match["trail"]) if part and not words.is_home(words.fold(part))]
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


def _topics(lines: Sequence[Line], region: Region) -> list[str]:
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
