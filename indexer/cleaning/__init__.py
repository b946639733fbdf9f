"""From a raw page to an Article: HTML pages and plain-text dumps of rendered pages.

__init__.py   clean, clean_page: which kind of page it is, and whether it is text at all
html.py       HTML pages
structured.py what an HTML page says about itself for machines
boxes.py      what has to go from an HTML page before its text is taken
text.py       plain-text dumps: which lines are the article
lines.py      the lines of a dump and their roles
asides.py     pull quotes and notes on the author
dates.py      dates as pages write them
metadata.py   names: authors, credits, the site
language.py   the article's language
words.py      the words of each language by which all of them know their way about a page
"""

from __future__ import annotations

import re
from datetime import datetime

from indexer.article import Article
from indexer.errors import PageError
from indexer.page import Page, PageKind

__all__ = ["clean", "clean_page"]

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

    Raises PageError when the page holds no article text (it is empty, or binary), and nothing else.
    """
    return clean_page(Page(data=data, place=url or "page", kind=kind, url=url, source=source))


def clean_page(page: Page) -> Article:
    """The article of a page as a source delivered it; its charset and time of fetching are used.

    Raises PageError when the page holds no article text (it is empty, or binary), and nothing else.
    """
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
    if kind == "html":
        from indexer.cleaning.html import clean_html as clean_text
    else:
        from indexer.cleaning.text import clean_dump as clean_text
    return clean_text(text, url=page.url or None, source=page.source or None, fetched=_aware(page.fetched))


def _aware(moment: datetime | None) -> datetime | None:
    from datetime import UTC

    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
