"""Text of HTML fragments, as feeds and content systems store articles."""

from __future__ import annotations

from typing import Any

_BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5"
    " h6 header hr li main nav ol p pre section table tbody td th thead tr ul".split()
)
_WITHOUT_TEXT = frozenset("audio canvas embed head iframe noscript object script style svg template video".split())


def text_of(markup: str) -> str:
    """The text of an HTML fragment, with a blank line between blocks; text without markup stays as it is."""
    if "<" not in markup and "&" not in markup:
        return markup
    from lxml import etree, html

    try:
        root = html.fromstring(f"<div>{markup.translate(_NO_CONTROLS)}</div>")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    pieces: list[str] = []
    _collect(root, pieces)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(lines).strip("\n")


_NO_CONTROLS = {code: None for code in (*range(9), *range(11, 32)) if code != 13}


def _collect(root: Any, pieces: list[str]) -> None:
    """Append the text below `root`, "\\n\\n" at the borders of blocks. Iterative: markup may be nested very deep."""
    waiting: list[Any] = [root]
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


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ")
