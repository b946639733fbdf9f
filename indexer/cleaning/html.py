"""HTML pages: the body by trafilatura, the metadata from structured data first and the visible page after it."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from indexer.article import Article, one_line
from indexer.cleaning import dates, metadata, words
from indexer.cleaning.language import detect, primary_tag
from indexer.errors import PageError

_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|CreativeWork|WebPage)$")
_SHORT_BODY = 300  # characters; below, the structured data's articleBody is asked too
_MOST_TOPICS = 40
_IDENTIFIER = re.compile(r"[0-9a-f-]{20,}", re.I)
_MODIFIED = re.compile(r"modif|update|revis|last")
_TAGS = re.compile(r"<[^>]{0,2000}>")
_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished"),
    *("date.published", "publishdate", "publish-date", "publish_date", "pubdate", "publication_date", "published_time"),
    *("parsely-pub-date", "sailthru.date", "citation_publication_date", "citation_online_date", "rnews:datepublished"),
    *("dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "date"),
    *("cxenseparse:recs:publishtime", "article.published", "bt:pubdate", "og:pubdate", "datecreated"),
)  # fmt: skip
_AUTHORS = (
    *("author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "byl", "byline"),
    *("dc.creator", "dcterms.creator", "citation_author", "article:author_name", "cxenseparse:author"),
)
_TITLES = ("og:title", "twitter:title", "headline", "dc.title", "title", "parsely-title", "sailthru.title")
_SITES = ("og:site_name", "application-name", "article:publisher_name", "dc.publisher", "apple-mobile-web-app-title")
_TOPICS = (
    "article:tag",
    "news_keywords",
    "og:article:tag",
    "parsely-tags",
    "sailthru.tags",
    "keywords",
    "cxenseparse:keywords",
)
_SECTIONS = ("article:section", "og:article:section", "parsely-section", "section", "category", "dc.subject")


def clean_html(text: str, *, url: str | None, source: str | None, fetched: datetime | None) -> Article:
    """The article of an HTML page.

    url      where the page was fetched from, if known; else the page's own canonical address is used
    source   the outlet's name, if the caller knows better than the page
    fetched  when the page was fetched: nothing on it can be younger

    Raises PageError when the page holds no article text.
    """
    tree = _parsed(text)
    if tree is None:
        raise PageError("the page has no HTML elements; pass kind='text' if it is plain text")
    structured = read_structured(tree)
    own_url = url or _canonical_link(tree, structured)
    _drop_modification_dates(tree)
    found = _trafilatura_metadata(tree, own_url)
    site = source or _site(structured, found, own_url)
    title = _title(tree, structured, found, site, own_url)
    body = _body(tree, structured, own_url, title)
    if not any(map(str.isalpha, body)):
        raise PageError("the page has no article text; check that it is an article and not a listing or an app shell")
    when, method = _date(tree, structured, found, own_url, fetched)
    return Article.build(
        url=own_url,
        title=title,
        body=body,
        source=site,
        date=when.when if when else None,
        date_precision=when.precision if when else None,
        date_method=method,
        authors=_authors(tree, structured, found, site),
        credits=_credits(tree),
        section=_section(structured, found),
        topics=_topics(structured, found),
        language=_language(tree) or detect(body),
    )


def _parsed(text: str) -> Any:
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan"):
        # Without a handler their remarks on every odd page would reach the user's terminal.
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    return _third_party(lambda: trafilatura.load_html(text))


def _third_party(call: Callable[[], Any]) -> Any:
    """The call's result, or None: over hostile pages the libraries fail in ways they don't document."""
    try:
        return call()
    except Exception:
        return None


def _drop_modification_dates(tree: Any) -> None:
    """Take the dates of changes out of a tree whose structured data is read: the search for a date falls for them."""
    for element in list(tree.iter("meta", "time", "script")):
        marks = " ".join(filter(None, map(element.get, ("property", "name", "itemprop", "class")))).lower()
        text = element.text or ""
        if _MODIFIED.search(marks) or ("dateModified" in text and "datePublished" not in text):
            element.drop_tree()


def _trafilatura_metadata(tree: Any, url: str | None) -> Any:
    import trafilatura
    from trafilatura.settings import Document

    return _third_party(lambda: trafilatura.extract_metadata(tree, default_url=url)) or Document()


def _canonical_link(tree: Any, structured: Structured) -> str | None:
    for element in tree.iter("link"):
        if (element.get("rel") or "").lower() == "canonical" and metadata.host(element.get("href")):
            return str(element.get("href"))
    return next((link for link in structured.first(("og:url",)) if metadata.host(link)), None)


def _body(tree: Any, structured: Structured, url: str | None, title: str) -> str:
    import trafilatura

    document = _third_party(
        lambda: trafilatura.bare_extraction(tree, url=url, include_comments=False, with_metadata=False)
    )
    body = (document.text or "") if document is not None else ""
    if len(body) < _SHORT_BODY:
        for text in structured.property("articleBody"):
            if isinstance(text, str) and len(text) > 2 * len(body):
                body = _TAGS.sub(" ", text)
    lines = [line for line in map(str.strip, body.split("\n")) if line]
    while lines and words.fold(lines[0]) == words.fold(title):
        del lines[0]
    while lines and _is_trailer(lines[-1]):
        del lines[-1]
    return "\n\n".join(lines)


def _is_trailer(line: str) -> bool:
    """Whether a last line of the extracted text belongs to the page rather than the article."""
    folded = words.fold(line)
    return len(line) < 200 and (words.is_end(folded) or words.is_related(folded) or words.is_furniture(folded))


def _title(tree: Any, structured: Structured, found: Any, site: str, url: str | None) -> str:
    sites = (site, *structured.first(_SITES[:1]), metadata.domain_label(url), metadata.host(url))
    headings = [heading for element in tree.iter("h1") if 3 <= len(heading := _text_of(element)) <= 300]
    candidates = [
        *(value for value in structured.property("headline") if isinstance(value, str)),
        *structured.first(_TITLES),
        found.title or "",
        *(_text_of(element) for element in list(tree.iter("title"))[:1]),
    ]
    candidates = [stripped for text in candidates if (stripped := metadata.without_site(_clean(text), *sites))]
    for heading in headings:
        folded = words.fold(heading)
        # A heading that structured data confirms is the headline as readers see it.
        if any(folded == words.fold(candidate) for candidate in candidates):
            return heading
    return next(iter([*candidates, *headings]), "")


def _text_of(element: Any) -> str:
    return one_line("".join(element.itertext()))


def _site(structured: Structured, found: Any, url: str | None) -> str:
    publishers = [name for value in structured.property("publisher") for name in _names(value)]
    named = [*structured.first(_SITES), *publishers, *structured.sites, found.sitename or ""]
    candidates = [name for name in (one_line(name.replace("_", " ")) for name in named) if _is_site_name(name)]
    label = metadata.domain_label(url)
    # A name that agrees with the address is surely the outlet's, not a section's or a template's.
    agreeing = [name for name in candidates if metadata.agree(name, label)]
    return next(iter([*agreeing, *candidates]), metadata.host(url))


def _is_site_name(name: str) -> bool:
    return 2 <= len(name) <= 60 and not name.startswith("http")


def _date(
    tree: Any, structured: Structured, found: Any, url: str | None, fetched: datetime | None
) -> tuple[dates.Moment | None, str]:
    """The publication date and where it was found; dates of changes are never looked at."""
    for moment, method in _dates(tree, structured, found, url):
        if moment is not None and dates.is_possible(moment, fetched):
            return moment, method
    return None, ""


def _dates(tree: Any, structured: Structured, found: Any, url: str | None) -> Iterator[tuple[dates.Moment | None, str]]:
    for value in (*structured.property("datePublished"), *structured.property("dateCreated")):
        yield dates.parse_timestamp(str(value)), "json-ld"
    for value in structured.first(_PUBLISHED):
        yield dates.parse_timestamp(value), "meta"
    for element in tree.xpath("//*[@itemprop='datePublished' or @pubdate]"):
        stamp = element.get("datetime") or element.get("content") or element.get("title") or _text_of(element)
        yield dates.parse_timestamp(stamp), "microdata"
    if url and (moment := dates.from_url(url)) and moment.precision == "day":
        yield moment, "url"
    if found.date:
        yield dates.parse_timestamp(str(found.date)), "page"
    if url:
        yield dates.from_url(url), "url"


def _authors(tree: Any, structured: Structured, found: Any, site: str) -> list[str]:
    """The authors: those that structured data names, else the visible byline; the outlet itself only if nobody else."""
    listed = [name for value in structured.property("author") for name in _names(value)]
    outlet: list[str] = []
    for group in (listed, list(structured.first(_AUTHORS)), (found.author or "").split(";"), _bylines(tree)):
        texts = [text for text in map(one_line, group) if text and "//" not in text]
        people = list(dict.fromkeys(name for text in texts for name in metadata.names(text)))
        if not people and group is listed:
            # What JSON-LD calls an author is one, even in a form that no name has ("dpa/lno").
            people = [text for text in texts if len(text) <= 40]
        if people and all(metadata.squeeze(name) in metadata.squeeze(site) for name in people):
            outlet = outlet or people
        elif people:
            return people
    return outlet


def _bylines(tree: Any) -> list[str]:
    """The first visible byline: an element that is marked as one, or a short text that reads like one."""
    for element in tree.xpath("//*[@rel='author' or @itemprop='author']")[:5]:
        if metadata.is_person(text := _text_of(element)):
            return [text]
    for element in tree.iter("p", "span", "div", "li", "a", "address"):
        text = element.text
        if text and len(text) <= 80 and (people := metadata.byline(one_line(text))) and metadata.is_person(people[0]):
            return people
    return []


def _credits(tree: Any) -> list[str]:
    """Credited outlets of a "Source: ..." line near the byline."""
    for element in tree.iter("li", "p", "span", "div"):
        text = (element.text or "").strip()
        if text and len(text) <= 80 and metadata.credited(text):
            return metadata.credited(text)
    return []


def _section(structured: Structured, found: Any) -> str | None:
    listed = (value for value in structured.property("articleSection") if isinstance(value, str))
    found_first = (found.categories or [])[:1]
    return next((value for value in (*listed, *structured.first(_SECTIONS), *found_first) if len(value) <= 60), None)


def _topics(structured: Structured, found: Any) -> list[str]:
    listed = [value for value in structured.property("keywords") if isinstance(value, str)]
    tags = structured.meta.get("article:tag", [])
    for group in (listed, tags, list(structured.first(_TOPICS))[:1], found.tags or []):
        topics = [topic for text in group for part in text.split(",") if 1 < len(topic := _clean(part)) <= 60]
        # "Category: Travel", "8ae9ab2d-fe1b-...": notes of the publishing system to itself.
        topics = [topic for topic in topics if ":" not in topic and not _IDENTIFIER.fullmatch(topic)]
        if topics:
            return topics[:_MOST_TOPICS]
    return []


def _language(tree: Any) -> str | None:
    for element in tree.iter("html"):
        if tag := primary_tag(element.get("lang") or element.get("{http://www.w3.org/XML/1998/namespace}lang") or ""):
            return tag
    return None
