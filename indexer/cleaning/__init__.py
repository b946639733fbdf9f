"""From a raw page to an Article: HTML pages and plain-text dumps of rendered pages.

__init__.py   clean, clean_page, explain, explain_page: which kind of page it is, and whether it is text at all
explanation.py what was decided, and why

HTML pages:
html.py       the way of a page; structured.py: what it says about itself for machines
html_metadata.py, html_date.py, html_authors.py   what is read of that and of what is seen (page_parts.py)
body.py       which blocks are the text (blocks.py, block_features.py, forest.py); page_flags.py
outlets.py    one name for an outlet, whatever its pages call it

Text dumps:
text.py       the way of a dump
wrapping.py   its rows as they were before a program broke them; marks.py: without marks for links and headings
lines.py      its lines and their roles; features.py: the same as numbers; vocabulary.py: their words
region.py     where the text stands, by the weights of weights.py and line_weights.py
headline.py   which line is the headline
dateline.py, authors.py, masthead.py   date, authors, site and section around it
template.py   lines that recur over the pages of one source

Both:
asides.py     pull quotes and notes on the author
dates.py      dates as pages write them
metadata.py   names: authors, credits, the site
language.py   the article's language
words.py      the phrases by which all of them know their way about a page; language_tables.py: those of each language
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import get_args

from indexer.article import Article, one_line
from indexer.cleaning.explanation import Explanation
from indexer.errors import PageError
from indexer.invisible import markup_without_invisible, without_invisible
from indexer.page import Page, PageKind
from indexer.parameter import Choice

__all__ = ["clean", "clean_page", "dump_lines", "explain", "explain_page"]

_KIND = Choice("What a page is.", get_args(PageKind))
_LOOKS_LIKE_HTML = re.compile(
    r"\s*<(?:!doctype\s+html|html|head|body|article|div|meta|title|script|\?xml)\b"
    r"|[\s\S]{0,20000}?<(?:html|head|body|/p|/div|/h1|/article)\b[^<>]{0,500}>",
    re.I,
)
_WINDOW = 8192
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd\ue000-\uf8ff]")
_UNREADABLE_SHARE = 0.05
_LARGEST_PAGE = 20_000_000  # characters; no article is longer, and the parsers need many times the memory


def clean(
    data: bytes | str, *, kind: PageKind | None = None, url: str | None = None, source: str | None = None
) -> Article:
    """The article of one raw page.

    data    the bytes as fetched, or decoded text
    kind    "html", or "text" for a plain-text dump of a rendered page; None to detect it
    url     where the page was fetched from, if known
    source  the outlet's display name, if known better than from the page

    Raises PageError when the page holds no article text (it is empty, or binary), ParameterError for another kind.
    """
    return clean_page(_page(data, kind, url, source))


def explain(
    data: bytes | str, *, kind: PageKind | None = None, url: str | None = None, source: str | None = None
) -> Explanation:
    """The article of one raw page, and why: line by line what was kept, and where each field was found.

    Takes and raises what `clean` does, and comes to the same article.
    """
    return explain_page(_page(data, kind, url, source))


def _page(data: bytes | str, kind: PageKind | None, url: str | None, source: str | None) -> Page:
    if kind is not None:
        _KIND.check("kind", kind)
    return Page(data=data, place=url or "page", kind=kind, url=url, source=source)


def clean_page(page: Page, *, furniture: Collection[str] = ()) -> Article:
    """The article of a page as a source delivered it; its charset and time of fetching are used.

    furniture  folded lines that recur over the pages of its source (see `template.Template.furniture`)

    Raises PageError when the page holds no article text (it is empty, or binary), and nothing else.
    """
    text, kind = _decoded(page)
    url, source, fetched = page.url or None, page.source or None, _aware(page.fetched)
    if kind == "html":
        from indexer.cleaning.html import clean_html

        article = clean_html(text, url=url, source=source, fetched=fetched)
    else:
        from indexer.cleaning.text import clean_dump

        article = clean_dump(text, url=url, source=source, fetched=fetched, furniture=furniture)
    id = one_line(page.id) if page.id else ""
    return replace(article, id=id) if id else article


def dump_lines(page: Page) -> list[str]:
    """The lines of a page, where it is a plain-text dump: what `template.Template` learns from."""
    try:
        text, kind = _decoded(page)
    except PageError:
        return []
    return text.splitlines() if kind == "text" else []


def explain_page(page: Page, *, furniture: Collection[str] = ()) -> Explanation:
    """The article of a page as `clean_page` finds it, and why. Takes and raises what `clean_page` does."""
    text, kind = _decoded(page)
    url, source, fetched = page.url or None, page.source or None, _aware(page.fetched)
    if kind == "html":
        from indexer.cleaning.html import explain_html

        return explain_html(text, url=url, source=source, fetched=fetched)
    from indexer.cleaning.text import explain_dump

    return explain_dump(text, url=url, source=source, fetched=fetched, furniture=furniture)


def _decoded(page: Page) -> tuple[str, PageKind]:
    """The page as text, and what it is; raises PageError where there is no text."""
    if isinstance(page.data, str):
        text = page.data.encode("utf-8", "replace").decode("utf-8")
    else:
        from indexer.sources.charset import decode

        text = decode(page.data, page.charset)
    text = text.removeprefix("\ufeff")[:_LARGEST_PAGE]
    if not text.strip():
        raise PageError("the page is empty; fetch it again")
    window = text[:_WINDOW]
    if len(_UNREADABLE.findall(window)) > _UNREADABLE_SHARE * len(window):
        raise PageError("the page is binary data, not text; pass HTML or plain text")
    kind = page.kind or ("html" if _LOOKS_LIKE_HTML.match(text) else "text")
    return markup_without_invisible(text) if kind == "html" else without_invisible(text), kind


def _aware(moment: datetime | None) -> datetime | None:
    from datetime import UTC

    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
