"""Text of HTML fragments, as feeds and content systems store articles."""

from __future__ import annotations

from typing import Any

from indexer.article import plain

_BLOCKS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "td", "th", "thead", "tr", "ul"),
    ]
)
_WITHOUT_TEXT = frozenset(
    [
        *("audio", "canvas", "embed", "head", "iframe", "noscript", "object", "script", "style", "svg", "template"),
        *("title", "video"),
    ]
)


def text_of(markup: str) -> str:
    """The text of an HTML fragment, with line breaks between blocks; text without markup stays as it is."""
    if "<" not in markup and "&" not in markup:
        return markup
    from lxml import html

    pieces: list[str] = []
    # lxml's own parser of fragments fails on whole documents without a body.
    waiting: list[Any] = [html.document_fromstring("<body>" + plain(markup))]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        name = item.tag if isinstance(item.tag, str) else "script"  # comments have a function for a tag
        if name == "br":
            pieces.append("\n")
            continue
        border = "\n\n" if name in _BLOCKS else ""
        waiting.append(border)
        if name in _WITHOUT_TEXT:
            continue
        for child in reversed(item):
            waiting.append(_flat(child.tail))
            waiting.append(child)
        waiting.append(border + _flat(item.text))
    return "".join(pieces).strip()


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ")
