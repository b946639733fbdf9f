"""The parsed tree of an HTML page made plain for text extraction.

Pages put boxes between the paragraphs (appeals to subscribe, links to other articles), lay themselves out by tables,
and give the element that holds the story no name. The extraction of text knows none of this by itself.
"""

from __future__ import annotations

from typing import Any

from indexer.cleaning import words

_BOXES = frozenset(["div", "section", "aside", "form", "p", "ul", "blockquote", "figure"])
_CONTROLS = frozenset(["a", "button", "input", "form"])
_TABLE_PARTS = frozenset(["table", "tbody", "thead", "tfoot", "tr", "td", "th", "center", "font"])
_LARGEST_BOX = 60  # words
_LONGEST_LABEL = 6  # words
_PARAGRAPH = 15  # words
_CAPTION = 40  # words
_STORY = 0.93  # share of the page's paragraphs that its story holds


def make_plain(tree: Any) -> None:
    """Take appeals and links to other articles out of `tree`, and name the element that holds the story."""
    _drop_appeals(tree)
    _drop_links_to_articles(tree)
    _dissolve_layout_tables(tree)
    _name_story(tree)


def _drop_appeals(tree: Any) -> None:
    """Drop small boxes that ask readers to subscribe, join or give; they have a button or link of their own."""
    for element in list(tree.iter("p", "h2", "h3", "h4", "h5", "div", "span", "strong", "a", "button")):
        text = element.text
        if not text or len(text) > 400 or not words.appeals(words.fold(text)):
            continue
        box = _box_around(element)
        if box is not None and box.getparent() is not None:
            box.drop_tree()


def _box_around(element: Any) -> Any:
    """The largest small box around an element that has a control of its own, or None."""
    box = None
    for ancestor in (element, *element.iterancestors()):
        if ancestor.tag not in _BOXES and ancestor is not element:
            continue
        if _words(ancestor) > _LARGEST_BOX or ancestor.find(".//h1") is not None:
            break
        if any(_stands_alone(control) for control in ancestor.iter(*_CONTROLS)):
            box = ancestor
    return box


def _stands_alone(control: Any) -> bool:
    """Whether a link or button is no part of a sentence."""
    before = control.getprevious()
    parent = control.getparent()
    text_before = before.tail if before is not None else parent.text if parent is not None else None
    return not (control.tail or "").strip() and not (text_before or "").strip()


def _drop_links_to_articles(tree: Any) -> None:
    """Drop paragraphs that hold nothing but links and a label ("Read more: ...", "RELATED: ...")."""
    for element in list(tree.iter("p")):
        links = list(element.iter("a"))
        if not links:
            continue
        linked = " ".join(" ".join(link.itertext()) for link in links).split()
        whole = " ".join(element.itertext()).split()
        label = whole[: len(whole) - len(linked)]
        if whole[len(label) :] != linked or len(label) > _LONGEST_LABEL or len(whole) > _LARGEST_BOX:
            continue
        if words.is_related(words.fold(" ".join(label or whole))):
            element.drop_tree()


def _dissolve_layout_tables(tree: Any) -> None:
    """Turn tables that hold a page's text, not data, into plain divisions; drop their pictures with captions."""
    layout = {
        table
        for heading in tree.iter("h1", "p")
        if heading.tag == "h1" or _words(heading) >= _PARAGRAPH
        for cell in heading.iterancestors("td")
        if heading.tag == "h1" or len(cell.findall("p")) >= 3
        for table in cell.iterancestors("table")
    }
    for table in layout:
        for inner in list(table.iter("table")):
            if inner not in layout and inner.find(".//img") is not None and _words(inner) <= _CAPTION:
                inner.drop_tree()
    for table in layout:
        for part in list(table.iter(*_TABLE_PARTS)):
            owner = next(part.iterancestors("table"), None) if part.tag != "table" else part
            if owner in layout or owner is None:
                part.tag = "span" if part.tag == "font" else "div"


def _name_story(tree: Any) -> None:
    """Mark as article the smallest element that holds nearly all paragraphs, where the page marks none."""
    if next(tree.iter("article"), None) is not None or tree.find(".//*[@itemprop='articleBody']") is not None:
        return
    held: dict[Any, int] = {}
    total = 0
    for paragraph in tree.iter("p"):
        size = _words(paragraph)
        if size >= _PARAGRAPH:
            total += size
            for ancestor in paragraph.iterancestors("div", "section"):
                held[ancestor] = held.get(ancestor, 0) + size
    story = [element for element, size in held.items() if size >= _STORY * total]
    if story:
        max(story, key=lambda element: sum(1 for _ in element.iterancestors())).tag = "article"


def _words(element: Any) -> int:
    return sum(len(text.split()) for text in element.itertext() if text)
