"""The text blocks of an HTML page, in document order, with what the tree says of each.

A block is the text between two borders of block elements: a paragraph, a heading, a list item, a line of the menu.
What a publisher calls an element (its class and id) is read by a table of the words that web pages use for their parts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SKIPPED = frozenset(
    [
        *("audio", "canvas", "datalist", "embed", "head", "iframe", "math", "noscript", "object", "option", "script"),
        *("select", "style", "svg", "template", "textarea", "video"),
    ]
)
INLINE = frozenset(
    [
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("img", "ins", "kbd", "label", "mark", "nobr", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small"),
        *("source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    ]
)
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_DEEPEST = 400  # levels; a hostile page must not exhaust the stack
_NAMING = ("class", "id", "data-testid", "data-component", "data-module", "role")

# What pages call their parts, one group a kind of part; a word counts from the start of a part of the name.
VOCABULARY = {
    "related": "relat|recirc|recomm|more-?(?:stor|news|from|on|article|link)|read-?(?:more|next|also)|outbrain|taboola"
    "|most-?(?:read|pop|view)|trend|link-?list|see-?also|suggest|popular|latest|next|prev|further|also|weitere|lire"
    "|similar|lees|upnext",
    "teaser": "teaser|card|rail|river|feed|list|item|grid|stream|block-?link|carousel|slider|swiper|tile|collection",
    "social": "share|sharing|social|follow|twitter|facebook|whatsapp|tool|action|button|btn|icon|print|bookmark|like",
    "comment": "comment|disqus|discuss|respond|repl(?:y|ies)|forum|reaction|rating|vote|poll|kommentar",
    "picture": "caption|credit|photo|image|picture|img|media|figure|galler|video|player|slide|legend|copyright|thumb"
    "|foto|bild|audio|podcast",
    "author": "author|byline|bio|contributor|writer|autor|profile|person|signature",
    "meta": "meta|date|time|tags?(?![a-z])|topic|keyword|breadcrumb|kicker|categor|label|info|published|source|rubric",
    "appeal": "newsletter|subscri|sign-?up|email|donat|paywall|regist|login|log-?in|member|promo|support|offer"
    "|abo(?![a-z])|cta|piano|gate|premium|call-?to|alert|notice|optin",
    "advert": "ad(?:s|vert\\w*)?(?![a-z])|sponsor|banner|commercial|affiliate|anzeige|werbung|dfp|gpt|partner|shop"
    "|product|deal|price|coupon",
    "page": "nav|menu|foot(?!note)|header|masthead|side-?bar|aside|cookie|consent|gdpr|cmp|onetrust|didomi|modal|popup"
    "|overlay|widget|search|skip|secondary|complement|bottom|top-?bar|ticker|legal|disclaim|toast|dialog|dropdown",
    "hidden": "sr-?only|screen-?reader|visually-?hidden|hidden|hide|invisible|a11y|offscreen|collapsed",
    "box": "box|inset|pull|quote|fact|toc|index|glossar|highlight|key-?point|bullet|sidenote|explainer|timeline|faq"
    "|table",
    "lead": "standfirst|lead(?!er)|lede|intro|summary|deck|dek|sub-?title|sub-?head|sub-?line|excerpt|descript|chapo"
    "|abstract|vorspann|sapo|perex|bajada|entradilla|preamble|ingress",
    "title": "title|headline|heading|hed(?![a-z])|titel|titulo",
    "body": "(?:article|story)-*body|article-?text|story-?(?:content|text)|article-*content|entry-?content"
    "|post-?(?:content|body|text)|body|main-?content|rich-?text|paragraph|article-?(?:main|copy)"
    "|news-?(?:text|content)|content-?(?:body|text)|single-?content|prose|wysiwyg|ck-?content|p(?![a-z])",
    "text": "text|content|copy|story|article|post|entry|main|single|detail|inhalt|artikel|texto|corps|cuerpo|corpo"
    "|testo",
}
MARKS = {name: 1 << place for place, name in enumerate(VOCABULARY)}
_NAMES = re.compile("(?:^|[-_ .:])(?:" + "|".join(f"(?P<{name}>{words})" for name, words in VOCABULARY.items()) + ")")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Names that style an element say nothing of what it is: "relative", "md:hidden", "text-center", "p-4", "__next".
_STYLING = re.compile(
    r"(?<!\S)(?:\S+:\S+|(?:[\w-]+-)?relative|overflow-\S+"
    r"|text-(?:center|left|right|justify|xs|sm|base|lg|\d*xl|white|black)"
    r"|(?:grid|justify|align|bottom|border|list|p|col)-(?:content-\S+|cols\S*|items\S*|bottom\S*|none|disc|\d\S*|\[\S*)"
    r"|no-sidebars?|has-post-thumbnail|__next)(?!\S)"
)
# WordPress puts the categories and tags of an article into the name of its element.
_LABELS = re.compile(r"(?<!\S)(?:category|(?:post_)?tag)-\S+")
_LABELLED = re.compile(r"(?<!\S)(?:hentry|type-post|status-publish)(?!\S)")
_MOST_NAMES = 50_000

# Elements around a block that say what it belongs to.
CONTAINERS = (
    *("article", "main", "aside", "nav", "footer", "header", "form", "figure", "figcaption", "table", "ul", "ol"),
    *("blockquote", "section", "li"),
)
WITHIN = {tag: 1 << place for place, tag in enumerate(CONTAINERS)} | {"hidden": 1 << len(CONTAINERS)}
_HIDDEN = WITHIN["hidden"]

_marks_of_names: dict[str, int] = {}


@dataclass(slots=True)
class Block:
    """One piece of text and its place in the tree.

    text    on one line
    tag     of the element whose border opens it; of the heading that it is a part of
    linked  characters within links
    strong  characters set in bold
    near    marks (see MARKS) of the element and of the two around it
    far     marks of the elements around these
    within  the containers (see WITHIN) around it
    chain   the block elements around it, the outermost first, its own element last
    kind    tags and classes of the last three of these: blocks of one kind look alike on the page
    """

    text: str
    tag: str
    linked: int
    strong: int
    near: int
    far: int
    within: int
    chain: tuple[Any, ...]
    kind: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Place:
    """A block element on the way down the tree."""

    tag: str
    marks: tuple[int, int, int]
    far: int
    within: int
    chain: tuple[Any, ...]
    kind: tuple[tuple[str, str], ...]


def blocks_of(tree: Any) -> list[Block]:
    """The blocks of a parsed page (an lxml element), in document order."""
    body = tree.find(".//body") if tree.tag != "body" else tree
    root = tree if body is None else body
    reader = _Reader()
    reader.read(root, _Place("body", (0, 0, _marks(root.attrib)), 0, 0, (root,), (("body", ""),)), False, False)
    return reader.blocks


def marks_in(name: str) -> int:
    """The marks in an element's name ("article-body__teaser related-links")."""
    marks = _marks_of_names.get(name)
    if marks is None:
        marks = 0
        telling = _STYLING.sub("", name)
        if _LABELLED.search(name):
            telling = _LABELS.sub("", telling)
        for match in _NAMES.finditer(_CAMEL.sub("-", telling).lower()):
            marks |= MARKS[match.lastgroup or ""]
        if len(_marks_of_names) > _MOST_NAMES:
            _marks_of_names.clear()
        _marks_of_names[name] = marks
    return marks


def _marks(attributes: Mapping[str, str]) -> int:
    name = " ".join([attributes[key] for key in _NAMING if key in attributes])
    return marks_in(name) if name else 0


class _Reader:
    """Collects blocks while it walks the tree once."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._linked = self._strong = self._depth = 0

    def read(self, element: Any, place: _Place, linked: bool, strong: bool) -> None:
        """Read an element; its text belongs to `place`, the block element it stands in."""
        if element.text:
            self._add(element.text, linked, strong)
        if self._depth == _DEEPEST:
            return
        self._depth += 1
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or tag in SKIPPED:
                pass
            elif tag == "br":
                following = child.getnext()
                if following is not None and following.tag == "br" and not (child.tail or "").strip():
                    self._close(place)
                else:
                    self._parts.append("\n")
            elif tag in INLINE:
                self.read(child, place, linked or tag == "a", strong or tag in ("b", "strong"))
            else:
                if self._parts:
                    self._close(place)
                inner = self._inner(child, tag, place)
                self.read(child, inner, linked, strong)
                if self._parts:
                    self._close(inner)
            if tail := child.tail:
                self._add(tail, linked, strong)
        self._depth -= 1
        if self._depth == 0:
            self._close(place)

    def _inner(self, element: Any, tag: str, place: _Place) -> _Place:
        within = place.within | WITHIN.get(tag, 0)
        attributes = dict(element.items())  # asking lxml for each one takes longer
        marks = 0
        if attributes:
            marks = _marks(attributes)
            style = attributes.get("style")
            if (
                "hidden" in attributes
                or attributes.get("aria-hidden") == "true"
                or (style and "display" in style and "none" in style)
            ):
                within |= _HIDDEN
        a, b, c = place.marks
        return _Place(
            place.tag if place.tag in HEADINGS else tag,
            (b, c, marks),
            place.far | a,
            within,
            (*place.chain, element),
            (*place.kind[-2:], (tag, attributes.get("class", ""))),
        )

    def _add(self, text: str, linked: bool, strong: bool) -> None:
        self._parts.append(text)
        if linked or strong:
            size = len(" ".join(text.split()))  # as much as will be left of it
            self._linked += linked * size
            self._strong += strong * size

    def _close(self, place: _Place) -> None:
        text = " ".join("".join(self._parts).split())
        if text:
            a, b, c = place.marks
            self.blocks.append(
                Block(text, place.tag, self._linked, self._strong, a | b | c, place.far, place.within, place.chain,
                      place.kind)
            )  # fmt: skip
        self._parts.clear()
        self._linked = self._strong = 0
