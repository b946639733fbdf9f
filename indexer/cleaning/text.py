"""Plain-text dumps of rendered pages: menus, tickers, boxes and footers around one article.

The way through a dump:

1. every line gets a role (see `lines`) and a score: how much it looks like article text (see `region`);
2. the run of lines with the highest sum is the provisional region, which finds the headline (see `headline`);
3. with the headline known, every line is scored again; the best run after the headline is the article, and within it
   the lines whose score speaks for them; comments end it;
4. around headline and region stand date and authors (see `dateline`), credits, section and topics; at the page's edges
   the site's name (see `masthead`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from indexer.article import Article
from indexer.cleaning import asides, dateline, headline, masthead, metadata, words
from indexer.cleaning import region as regions
from indexer.cleaning.authors import authors as authors_of
from indexer.cleaning.explanation import Explanation, Found, LineVerdict
from indexer.cleaning.language import detect
from indexer.cleaning.lines import Dump, Line, read_dump
from indexer.cleaning.region import Region
from indexer.cleaning.weights import Weights, fitted
from indexer.errors import PageError

_HEAD: Final = 10  # lines around the headline that may hold date and byline
_KICKER: Final = 6  # words
_PARAGRAPH: Final = 25  # words; so long a line is no furniture, however often it recurs
_ROLE_NAMES: Final = {
    "prose": "a paragraph",
    "short": "a short line",
    "caption": "a caption",
    "date": "a date",
    "furniture": "page furniture",
    "legal": "a notice or an appeal",
    "related": "the heading of a box",
    "end": "the end of the article",
}


def clean_dump(
    text: str,
    *,
    url: str | None,
    source: str | None,
    fetched: datetime | None,
    furniture: Collection[str] = (),
    weights: Weights | None = None,
) -> Article:
    """The article of a plain-text dump.

    url        where the page was fetched from, if known
    source     the outlet's name, if the caller knows better than the page
    fetched    when the page was fetched: nothing on it can be younger
    furniture  folded lines that recur over the pages of this source (see `template`)
    weights    of the lines; those that Broadsheet ships, if None

    Raises PageError when the dump holds no article text.
    """
    return _clean(text, url, source, fetched, furniture, weights)[0]


def explain_dump(
    text: str,
    *,
    url: str | None,
    source: str | None,
    fetched: datetime | None,
    furniture: Collection[str] = (),
    weights: Weights | None = None,
) -> Explanation:
    """The article of a plain-text dump, and why each line is in it or not. Takes and raises what `clean_dump` does."""
    article, decision, fields = _clean(text, url, source, fetched, furniture, weights)
    kept = set(decision.kept)
    certain = [_likelihood(decision.scores[i]) for i in decision.kept]
    methods = {
        "url": ("input", 1.0),
        "title": ("headline", decision.title_confidence),
        "body": ("lines", sum(certain) / max(len(certain), 1)),
        "credits": ("credit line", 0.9),
        "section": ("above the headline", 0.7),
        "topics": ("below the text", 0.7),
        "language": ("text", 0.8),
    }
    found = {
        name: Found(value, *methods[name]) if (value := getattr(article, name)) else Found(value, "", 0.0)
        for name in methods
    } | {name: replace(field, value=getattr(article, name)) for name, field in fields.items()}
    verdicts = [
        LineVerdict(line.text, i in kept, *_role_and_reason(decision, i, i in kept), decision.scores[i])
        for i, line in enumerate(decision.dump.lines)
    ]
    flags = [] if article.title else ["no-headline"]
    return Explanation(article, "text", found, tuple(verdicts), tuple(flags))


def _likelihood(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def _role_and_reason(decision: _Decision, i: int, kept: bool) -> tuple[str, str]:
    line, region = decision.dump.lines[i], decision.region
    if i == decision.title_at:
        return "title", "the headline"
    if kept:
        return line.role, "reads like the text" if line.role == "prose" else f"{_ROLE_NAMES[line.role]}, amid the text"
    if i in decision.dropped:
        return line.role, decision.dropped[i]
    what = _ROLE_NAMES[line.role]
    if decision.title_at is not None and i < decision.title_at:
        return line.role, f"{what}, above the headline"
    if i < region.start:
        return line.role, f"{what}, before the text"
    if i >= region.stop:
        return line.role, f"{what}, after the text"
    return line.role, f"{what}, unlike the text around it"


@dataclass(frozen=True, slots=True)
class _Decision:
    """Which lines of a dump are what.

    title_confidence  from 0 to 1
    dropped  the lines within the region that fell for another reason than their score, with the reason
    """

    dump: Dump
    title_at: int | None
    title_confidence: float
    region: Region
    scores: Sequence[float]
    kept: list[int]
    dropped: dict[int, str]


def _headline(lines: Sequence[Line], at: int | None) -> str:
    """The headline's text, with the kicker that it goes on from (": the city of superlatives").

    Near it, the page may say both in one ("Night at the harbour: Ferry runs aground" beside "Ferry runs aground").
    """
    if at is None:
        return ""
    text, folded = lines[at].text, lines[at].folded
    if at and text.startswith(":"):
        return lines[at - 1].text + text
    for line in lines[max(0, at - _HEAD) : at + _HEAD]:
        kicker, colon, rest = line.folded.partition(": ")
        if colon and rest == folded and 1 <= kicker.count(" ") < _KICKER and not words.is_related(kicker):
            return line.text
    return text


def _clean(
    text: str,
    url: str | None,
    source: str | None,
    fetched: datetime | None,
    furniture: Collection[str],
    weights: Weights | None,
) -> tuple[Article, _Decision, dict[str, Found]]:
    dump = read_dump(text)
    weights = weights or fitted(dump.bare)
    decision = _decide(dump, url, source, furniture, weights)
    lines, title_at, region = decision.dump.lines, decision.title_at, decision.region
    site = Found(source, "input", 1.0) if source else masthead.site(lines, title_at, region, url)
    name = str(site.value)
    if title_at is not None and metadata.squeeze(lines[title_at].text) == metadata.squeeze(name):
        decision = _decide(dump, url, name, furniture, weights)  # the site's name is no headline
        title_at, region = decision.title_at, decision.region
    if not any(any(map(str.isalpha, lines[i].text)) for i in decision.kept):
        raise PageError("the page has no article text; check that it is an article and not a menu or an empty dump")
    title = metadata.without_site(_headline(lines, title_at), name, metadata.domain_label(url))
    anchor = region.start if title_at is None else title_at
    head = range(max(0, anchor - _HEAD), min(len(lines), max(region.start + 3, anchor + _HEAD)))
    moment, dated = dateline.date(lines, head, title_at, region, url, fetched)
    people = authors_of(decision.dump, title_at, region, name)
    authors = people.value if isinstance(people.value, tuple) else ()
    body = [lines[i].text for i in decision.kept]
    text_proper = asides.without_asides(body, authors)
    if len(text_proper) < len(body):
        whole = set(text_proper)
        gone = [i for i in decision.kept if lines[i].text not in whole]
        decision.dropped.update(dict.fromkeys(gone, "a pull quote, or a note on the author"))
        decision.kept[:] = [i for i in decision.kept if lines[i].text in whole]
    topics = masthead.topics(decision.dump, region)
    article = Article.build(
        url=url,
        title=title,
        body="\n\n".join(text_proper),
        source=name,
        date=moment.when if moment else None,
        date_precision=moment.precision if moment else None,
        date_method=dated.method,
        authors=authors,
        credits=next((found for i in head if (found := metadata.credited(lines[i].text))), []),
        section=masthead.section(lines, title_at, name, topics),
        topics=topics,
        language=detect("\n".join(body)),
    )
    return article, decision, {"source": site, "date": dated, "authors": people}


def _decide(dump: Dump, url: str | None, source: str | None, furniture: Collection[str], weights: Weights) -> _Decision:
    lines = dump.lines
    if not lines:
        return _Decision(dump, None, 0.0, Region(0, 0), [], [], {})
    reading = regions.read(dump, weights)
    provisional = regions.provisional(reading.scores)
    found = headline.candidates(
        dump,
        reading.columns,
        reading.scores,
        provisional,
        url,
        " ".join((source or "", metadata.domain_label(url))),
    )
    title_at, confidence = found.best(weights.headline, weights.forest)
    if headline.opens(lines, provisional):
        title_at = 0
    scores = regions.belonging(dump, reading, title_at, weights)
    dropped: dict[int, str] = {}
    if furniture:
        for i, line in enumerate(lines):
            if line.folded in furniture and line.size < _PARAGRAPH and scores[i] > regions.KEPT_FROM:
                scores[i] = regions.KEPT_FROM
                dropped[i] = "recurs over the pages of this source"
    region = regions.from_headline(regions.best_run(scores), scores, title_at)
    if region.start == region.stop:
        # Nothing reads like a paragraph: what is left of the page is all there is.
        start = 0 if title_at is None else title_at + 1
        region = Region(start, regions.end(lines, start))
        kept = [i for i in range(*region) if lines[i].role in ("short", "prose")]
        if kept or title_at is None:
            return _Decision(dump, title_at, confidence, region, scores.tolist(), kept, dropped)
    else:
        kept = []
    seen = {"" if title_at is None else lines[title_at].folded}
    for i, score in enumerate(scores[region.start : region.stop].tolist(), region.start):
        if score > regions.KEPT_FROM:
            if lines[i].folded in seen:
                dropped[i] = "says again what a line above says"
            else:
                kept.append(i)
            if lines[i].size > 2:  # a table says the same twice
                seen.add(lines[i].folded)
    if not kept and title_at is not None:  # what seemed to be the headline is all the text there is
        return _Decision(dump, None, 0.0, Region(title_at, title_at + 1), scores.tolist(), [title_at], dropped)
    return _Decision(dump, title_at, confidence, region, scores.tolist(), kept, dropped)
