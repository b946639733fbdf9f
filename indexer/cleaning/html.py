"""HTML pages: the body by trafilatura, the metadata from structured data first and the visible page after it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from indexer.article import Article, one_line
from indexer.cleaning import asides, boxes, dates, metadata, words
from indexer.cleaning.language import detect, primary_tag
from indexer.cleaning.structured import Structured, names_in, read_structured, unescaped
from indexer.errors import PageError

_SHORT_BODY = 300  # characters; below, the structured data's articleBody is asked too
_MOST_TOPICS = 40
_IDENTIFIER = re.compile(r"[0-9a-f-]{20,}", re.I)
_MODIFIED = re.compile(r"modif|update|revis|last")
_UPDATED = re.compile(rf"\b(?:{words.alternatives('updated')})\b", re.I)
_CRUMB = re.compile(r"[>»›/]\s*([^>»›/]{2,40})$")
_HEAD = 4  # lines of the extracted text among which the headline may stand again
_LONGEST_BYLINE = 80  # characters
_LONGEST_SECTION = 60  # characters
_TEXTS_AROUND = 12  # texts before and after a headline among which a byline stands
_LONGEST_PSEUDONYM = 30  # characters
_MARKED_AUTHORS = (
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'author') or contains(@class, 'byline')]"
    "[not(ancestor-or-self::*[contains(@class, 'comment')])]"
)
_BYLINE_TAGS = ("p", "span", "div", "li", "a", "address", "i", "em", "b", "strong", "font", "small", "td")
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
    site = source or _site(tree, structured, found, own_url)
    title = _title(tree, structured, found, site, own_url)
    when, method = _date(tree, structured, found, own_url, fetched)
    authors = _authors(tree, structured, found, site)
    credits = _credits(tree)
    section = _section(tree, structured, found, site, title)
    topics = _topics(tree, structured, found)
    language = _language(tree)
    body = _body(tree, structured, own_url, title, authors)  # from here on the tree is spoilt
    if not any(map(str.isalpha, body)):
        raise PageError("the page has no article text; check that it is an article and not a listing or an app shell")
    return Article.build(
        url=own_url,
        title=title,
        body=body,
        source=site,
        date=when.when if when else None,
        date_precision=when.precision if when else None,
        date_method=method,
        authors=authors,
        credits=credits,
        section=section,
        topics=topics,
        language=language or detect(body),
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


def _body(tree: Any, structured: Structured, url: str | None, title: str, authors: list[str]) -> str:
    import trafilatura

    boxes.make_plain(tree)
    subheadings = {_text_of(element) for element in tree.iter("h2", "h3", "h4", "h5", "h6")}
    document = _third_party(
        lambda: trafilatura.bare_extraction(tree, url=url, include_comments=False, with_metadata=False)
    )
    body = (document.text or "") if document is not None else ""
    if len(body) < _SHORT_BODY:
        for text in structured.property("articleBody"):
            if isinstance(text, str) and len(text) > 2 * len(body):
                body = _TAGS.sub(" ", text)
    lines = [line for line in map(str.strip, body.split("\n")) if line]
    heading = words.fold(title)
    for i, line in enumerate(lines[:_HEAD]):
        if words.fold(line) == heading:
            del lines[: i + 1]
            break
    while lines and _is_leader(lines[0], authors):
        del lines[0]
    while lines and (_is_trailer(lines[-1]) or asides.is_note_on(lines[-1], authors)):
        del lines[-1]
    return "\n\n".join(asides.without_asides(lines, authors, subheadings))


def _is_leader(line: str, authors: list[str]) -> bool:
    """Whether a first line of the extracted text is the byline."""
    if len(line) > _LONGEST_BYLINE or line.endswith((".", ":", "?", "!")):
        return False
    named = any(author in line for author in authors)
    return named and (metadata.opens_byline(line) or next(dates.find_dates(line), None) is not None)


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
    candidates = [stripped for text in candidates if (stripped := metadata.without_site(unescaped(text), *sites))]
    for heading in headings:
        folded = words.fold(heading)
        # A heading that structured data confirms is the headline as readers see it.
        if any(folded == words.fold(candidate) for candidate in candidates):
            return heading
    return next(iter([*candidates, *headings]), "")


def _text_of(element: Any) -> str:
    return one_line("".join(element.itertext()))


def _site(tree: Any, structured: Structured, found: Any, url: str | None) -> str:
    publishers = [name for value in structured.property("publisher") for name in names_in(value)]
    named = [*structured.first(_SITES), *publishers, *structured.sites, found.sitename or ""]
    named.extend(_sites_in_title(tree))
    candidates = [name for name in (one_line(name.replace("_", " ")) for name in named) if _is_site_name(name)]
    label = metadata.domain_label(url)
    # A name that agrees with the address is surely the outlet's, not a section's or a template's.
    agreeing = [name for name in candidates if metadata.agree(name, label)]
    return next(iter([*agreeing, *candidates]), metadata.host(url))


def _sites_in_title(tree: Any) -> list[str]:
    """What the page's title adds to the headline: the site's name."""
    title = one_line(next((_text_of(element) for element in tree.iter("title")), ""))
    return [
        name
        for heading in map(_text_of, tree.iter("h1"))
        if len(heading) >= 3 and title.startswith(heading) and (name := metadata.after_separator(title[len(heading) :]))
    ]


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
    yield _visible_date(tree), "byline"
    if found.date and (moment := dates.parse_timestamp(str(found.date))) and _is_said(tree, moment):
        yield moment, "page"
    if url:
        yield dates.from_url(url), "url"


def _visible_date(tree: Any) -> dates.Moment | None:
    """The date of the first short text around the headline that has one, and no label of a change."""
    for heading in tree.iter("h1"):
        for text in [*_texts_after(heading), *_texts_before(heading)]:
            if len(text) <= _LONGEST_BYLINE and any(map(str.isdigit, text)) and not _UPDATED.search(text):
                found = next(dates.find_dates(text), None)
                if found:
                    return found.moment
    return None


def _texts_after(heading: Any) -> list[str]:
    texts = heading.xpath(f"following::text()[normalize-space()][position() <= {_TEXTS_AROUND}]")
    return [text for text in map(one_line, texts) if text]


def _texts_before(heading: Any) -> list[str]:
    """The texts before a heading, the nearest first."""
    texts = heading.xpath(f"preceding::text()[normalize-space()][position() <= {_TEXTS_AROUND}]")
    return [text for text in map(one_line, reversed(texts)) if text]


def _is_said(tree: Any, moment: dates.Moment) -> bool:
    """Whether the page says the whole date: a search that finds but a year answers with its first day."""
    if (moment.when.month, moment.when.day) != (1, 1):
        return True
    page = tree.text_content()
    return any(found.moment.when.date() == moment.when.date() for found in dates.find_dates(page))


def _authors(tree: Any, structured: Structured, found: Any, site: str) -> list[str]:
    """The authors: those that structured data names, else the visible byline; the outlet itself only if nobody else."""
    listed = [name for value in structured.property("author") for name in names_in(value)]
    outlet: list[str] = []
    marked = structured.items.get("author", [])
    for group in (listed, list(structured.first(_AUTHORS)), marked, (found.author or "").split(";"), _bylines(tree)):
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
    """The first visible byline: an element that is marked as one, a short text that reads like one or has a date."""
    for element in tree.xpath(_MARKED_AUTHORS)[:10]:
        text = _text_of(element)
        linked = element.get("rel") == "author" and len(text) <= _LONGEST_PSEUDONYM and text
        if len(text) <= _LONGEST_BYLINE and (people := metadata.byline(text)) and metadata.is_person(people[0]):
            return people
        if metadata.is_person(text) or linked:
            return [text]
    for element in tree.iter(*_BYLINE_TAGS):
        text = element.text
        if text and len(text) <= _LONGEST_BYLINE:
            people = metadata.byline(text := one_line(text))
            if not people and metadata.is_byline_label(text):  # the names stand in the elements within
                people = metadata.byline(_text_of(element)[:_LONGEST_BYLINE])
            if people and metadata.is_person(people[0]):
                return people
    for heading in tree.xpath("(//h1)[1]"):
        for text in [*_texts_after(heading)[:4], *_texts_before(heading)[:2]]:
            if len(text) <= _LONGEST_BYLINE and (people := metadata.names_beside_date(text)):
                return people
    return []


def _credits(tree: Any) -> list[str]:
    """Credited outlets of a "Source: ..." line near the byline."""
    for element in tree.iter("li", "p", "span", "div"):
        text = (element.text or "").strip()
        if text and len(text) <= 80 and metadata.credited(text):
            return metadata.credited(text)
    return []


def _section(tree: Any, structured: Structured, found: Any, site: str, title: str) -> str | None:
    """The section: as structured data names it, else from the breadcrumbs, else the words above the headline."""
    listed = (value for value in structured.property("articleSection") if isinstance(value, str))
    named = [*listed, *structured.first(_SECTIONS), *structured.items.get("articleSection", [])]
    categories = [_text_of(link) for link in tree.xpath("//a[contains(@rel, 'category')]")[:1]]
    trail = [name for name in structured.breadcrumbs if not words.is_home(words.fold(name))]
    own = {metadata.squeeze(title), metadata.squeeze(site)}
    crumbs = [name for name in trail if metadata.squeeze(name) not in own][:1]
    for value in (*named, *categories, *(found.categories or [])[:1], *crumbs, *_kickers(tree)):
        if 1 < len(section := unescaped(value)) <= _LONGEST_SECTION and metadata.squeeze(section) not in own:
            return section
    return None


def _kickers(tree: Any) -> list[str]:
    """What stands directly above the headline: the end of a breadcrumb trail, or an entry of the menu."""
    for heading in tree.xpath("(//h1)[1]"):
        above = _texts_before(heading)[:1]
        if above and (crumb := _CRUMB.match(above[0])):
            return [crumb[1]]
        if above and not heading.xpath("(preceding::text()[normalize-space()][1])[1][ancestor::nav or ancestor::ul]"):
            links = {words.fold(_text_of(link)) for link in tree.iter("a")}
            return above if words.fold(above[0]) in links and not words.is_home(words.fold(above[0])) else []
    return []


def _topics(tree: Any, structured: Structured, found: Any) -> list[str]:
    listed = [value for value in structured.property("keywords") if isinstance(value, str)]
    tags = structured.meta.get("article:tag", [])
    items = structured.items.get("keywords", [])
    links = [_text_of(link) for link in tree.xpath("//a[@rel='tag']")]
    for group in (listed, tags, items, list(structured.first(_TOPICS))[:1], links, found.tags or []):
        topics = [topic for text in group for part in text.split(",") if 1 < len(topic := unescaped(part)) <= 60]
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
