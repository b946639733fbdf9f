"""HTML pages: the body from the blocks of text, the metadata from what the page says for machines and what is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from indexer.article import Article, host_of
from indexer.cleaning import body, html_authors, html_date, html_metadata, html_topics
from indexer.cleaning.block_features import Hints
from indexer.cleaning.blocks import blocks_of
from indexer.cleaning.explanation import Explanation, Found, LineVerdict
from indexer.cleaning.language import of_body
from indexer.cleaning.page_flags import flags_of
from indexer.cleaning.page_parts import PageParts
from indexer.cleaning.structured import Structured, read_structured
from indexer.errors import PageError

_SHORT_BODY = 250  # characters; below, the text that structured data holds is asked too
_LONGEST_SAID = 600  # characters of an articleBody from which on it is a witness, no teaser
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32)))
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_CLOSED_DOCTYPE = re.compile(rb"\s*< ?! ?doctype[^<>]*/[^<>]*>(?=\s*<)", re.I)
_CLOSED_ROOT = re.compile(rb"([^\n]{0,2000}?(?:\n[^\n]{0,2000}?){0,3}<html\b[^<>]{0,2000}?)\s*/>", re.I)
# What Internet Explorer, Edge and Chrome write at the head of a page that they save, and what SingleFile writes.
_SAVED_FROM = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:)\s*(https?://[^\s<>]+)", re.I
)
_HEAD = 4096  # characters
_TAGS = re.compile(r"<[^>]{0,2000}>")


def clean_html(text: str, *, url: str | None, source: str | None, fetched: datetime | None) -> Article:
    """The article of an HTML page.

    url      where the page was fetched from, if known; else the page's own canonical address is used
    source   the outlet's name, if the caller knows better than the page
    fetched  when the page was fetched: nothing on it can be younger

    Raises PageError when the page holds no article text.
    """
    return _read(text, url, source, fetched).article


def explain_html(text: str, *, url: str | None, source: str | None, fetched: datetime | None) -> Explanation:
    """The article as `clean_html` gives it, with how each field was found and what became of each block of text.

    Raises PageError when the page holds no article text.
    """
    read = _read(text, url, source, fetched)
    return Explanation(
        article=read.article,
        kind="html",
        fields=read.fields,
        lines=tuple(_line(verdict, read.article.title) for verdict in read.verdicts),
        flags=flags_of(read.page, read.article),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """An article and what led to it."""

    article: Article
    page: PageParts
    fields: dict[str, Found]
    verdicts: list[body.Verdict]


def _read(text: str, url: str | None, source: str | None, fetched: datetime | None) -> _Reading:
    tree = parsed(text)
    if tree is None:
        raise PageError("the page has no HTML elements; pass kind='text' if it is plain text")
    page, address = _parts(tree, url, _saved_from(text))
    site = Found(source, "input", 1.0) if source else html_metadata.find_site(page)
    title = html_metadata.find_title(page, str(site.value))
    headline = str(title.value)
    moment, date = html_date.find_date(page, headline, fetched)
    authors = html_authors.find_authors(page, headline, str(site.value))
    names = authors.value if isinstance(authors.value, tuple) else ()
    verdicts = body.judge(page.blocks, _hints(page, headline), names)
    found_body = _body(page.structured, verdicts)
    if not any(map(str.isalpha, str(found_body.value))):
        raise PageError("the page has no article text; check that it is an article and not a listing or an app shell")
    language = html_metadata.find_language(page)
    spoken = of_body(str(found_body.value), language.value if isinstance(language.value, str) else None)
    if spoken != language.value:
        language = Found(spoken, "text", 0.8)
    fields = {
        "url": address,
        "title": title,
        "body": found_body,
        "source": site,
        "date": date,
        "authors": authors,
        "credits": html_metadata.find_credits(page),
        "section": html_metadata.find_section(page, str(site.value), headline),
        "topics": html_topics.find_topics(page),
        "language": language,
    }
    values: dict[str, Any] = {name: found.value for name, found in fields.items()}
    article = Article.build(**values, date_precision=moment.precision if moment else None, date_method=date.method)
    fields = {name: replace(found, value=getattr(article, name)) for name, found in fields.items()}
    return _Reading(article, page, fields, verdicts)


def parsed(text: str) -> Any:
    """The tree of a page, or None where there is nothing to parse."""
    from lxml import etree

    # libxml2 gives up at a control character, and takes a closed document type or root for the whole document.
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    for code in _NO_CHARACTERS:
        data = data.replace(code, b"")
    if match := _CLOSED_DOCTYPE.match(data):
        data = data[match.end() :]
    if match := _CLOSED_ROOT.match(data):
        data = match[1] + b">" + data[match.end() :]
    parser = etree.HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def hints_of(tree: Any, url: str | None) -> Hints:
    """What a parsed page says for machines of its article's text, with the headline as it would be found."""
    page, _ = _parts(tree, url)
    return _hints(page, str(html_metadata.find_title(page, str(html_metadata.find_site(page).value)).value))


def _parts(tree: Any, url: str | None, saved_from: str | None = None) -> tuple[PageParts, Found]:
    structured = read_structured(tree)
    address = Found(url, "input", 1.0) if url else _canonical_link(tree, structured)
    if saved_from and not address.value:
        address = Found(saved_from, "saved from", 0.9)
    own = str(address.value) if address.value else None
    return PageParts(tree, structured, blocks_of(tree), own), address


def _hints(page: PageParts, title: str) -> Hints:
    said = _said_body(page.structured)
    return Hints(
        title=title,
        description=next(page.structured.first(("og:description", "description")), ""),
        body=said if len(said) > _LONGEST_SAID else "",
    )


def _said_body(structured: Structured) -> str:
    texts = (text for text in structured.property("articleBody") if isinstance(text, str))
    return _TAGS.sub(" ", max(texts, key=len, default=""))


def _body(structured: Structured, verdicts: list[body.Verdict]) -> Found:
    text = body.text_of(verdicts)
    if len(text) < _SHORT_BODY and len(said := _said_body(structured)) > 2 * len(text):
        return Found(said, "json-ld", 0.8)
    kept = [verdict for verdict in verdicts if verdict.kept]
    letters = sum(len(verdict.block.text) for verdict in kept) or 1
    confidence = sum(verdict.score * len(verdict.block.text) for verdict in kept) / letters
    return Found(text, "blocks", confidence)


def _canonical_link(tree: Any, structured: Structured) -> Found:
    for link, method in _own_links(tree, structured):
        if host_of(link):
            return Found(link, method, 0.9)
    return Found(None, "", 0.0)


def _saved_from(text: str) -> str | None:
    match = _SAVED_FROM.search(text, 0, _HEAD)
    return match[1] if match else None


def _own_links(tree: Any, structured: Structured) -> Iterator[tuple[str, str]]:
    for element in tree.iter("link"):
        if (element.get("rel") or "").lower() == "canonical" and element.get("href"):
            yield str(element.get("href")), "canonical link"
    for link in structured.first(("og:url",)):
        yield link, "opengraph"


def _line(verdict: body.Verdict, title: str) -> LineVerdict:
    role, reason = body.explained(verdict, title)
    return LineVerdict(verdict.block.text, verdict.kept, role, reason, verdict.score)
