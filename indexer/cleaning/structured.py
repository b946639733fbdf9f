"""What an HTML page says about itself for machines: meta elements, JSON-LD, microdata."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from indexer.article import one_line

_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|HowTo|CreativeWork|WebPage)$")
_READ_ITEMS = frozenset(["headline", "author", "articleSection", "keywords", "datePublished"])
_LONGEST_ITEM = 200  # characters


@dataclass(slots=True)
class Structured:
    """What a page says about itself for machines.

    meta         <meta> contents by lower-case name, in document order
    articles     JSON-LD nodes of an article type, the most specific first
    sites        names of JSON-LD nodes that are organisations or web sites
    breadcrumbs  names of the first JSON-LD breadcrumb trail, from the root to the page
    items        texts of elements marked with `itemprop`, by property
    types        the types of all JSON-LD nodes
    """

    meta: dict[str, list[str]] = field(default_factory=dict)
    articles: list[dict[str, Any]] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    breadcrumbs: list[str] = field(default_factory=list)
    items: dict[str, list[str]] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    _nodes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def first(self, names: tuple[str, ...]) -> Iterator[str]:
        """The contents of the named meta elements, in the order of the names."""
        for name in names:
            yield from self.meta.get(name, ())

    def property(self, name: str) -> Iterator[Any]:
        """The values of one property over the JSON-LD articles, best article first.

        Lists are flattened; a reference to another node of the page (`{"@id": ...}`) gives that node.
        """
        for node in self.articles:
            for value in _as_list(node.get(name)):
                yield self._resolved(value)

    def _resolved(self, value: Any) -> Any:
        if not isinstance(value, dict) or "name" in value:
            return value
        return self._nodes.get(str(value.get("@id")), value)


def read_structured(tree: Any) -> Structured:
    """The structured data of a parsed page; broken pieces are passed over."""
    result = Structured()
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if name == "author" and element.get("itemprop") and next(element.iterancestors("body"), None) is not None:
            continue  # of any work that the page cites; the microdata know which
        content = one_line(element.get("content") or "")
        if name and content:
            result.meta.setdefault(name.strip().lower(), []).append(content)
    for element in tree.iter("script"):
        if "ld+json" in (element.get("type") or "").lower():
            _read_json_ld("".join(element.itertext()), result)
    result.articles.sort(key=lambda node: not ("datePublished" in node or "headline" in node))
    _read_microdata(tree, result)
    return result


def names_in(value: Any) -> list[str]:
    """The names in a JSON-LD value: a string, a thing with a name, or a list of them."""
    if isinstance(value, dict):
        value = value.get("name")
    return [
        name
        for item in _as_list(value)
        for name in ([unescaped(item)] if isinstance(item, str) else names_in(item) if isinstance(item, dict) else [])
        if name
    ]


def unescaped(text: str) -> str:
    """A string of structured data on one line; some publishers escape it twice."""
    return one_line(html.unescape(text))


def _read_json_ld(text: str, result: Structured) -> None:
    text = text.strip().removeprefix("<!--").removeprefix("//<![CDATA[").removesuffix("-->").removesuffix("//]]>")
    try:
        pending = [json.loads(text.strip().rstrip(";"), strict=False)]
    except (ValueError, RecursionError):
        return
    while pending:
        node = pending.pop(0)
        if isinstance(node, list):
            pending[:0] = node
        if not isinstance(node, dict):
            continue
        if "@id" in node and "name" in node:
            result._nodes.setdefault(str(node["@id"]), node)
        types = [str(kind).rpartition("/")[2] for kind in _as_list(node.get("@type"))]
        result.types.update(types)
        if any(map(_ARTICLE_TYPE.search, types)):
            result.articles.append(node)
        elif any(kind.endswith(("Organization", "WebSite")) for kind in types):
            result.sites.extend(names_in(node))
        elif "BreadcrumbList" in types and not result.breadcrumbs:
            result.breadcrumbs.extend(_trail(node))
        pending.extend(_as_list(node.get("@graph")))
        pending.extend(_as_list(node.get("mainEntity")))
        pending.extend(_as_list(node.get("breadcrumb")))


def _trail(node: dict[str, Any]) -> list[str]:
    entries = [entry for entry in _as_list(node.get("itemListElement")) if isinstance(entry, dict)]
    return [name for entry in entries for name in names_in(entry if "name" in entry else entry.get("item"))[:1]]


def _read_microdata(tree: Any, result: Structured) -> None:
    author_of: Any = None
    for element in tree.xpath("//body//*[@itemprop][not(ancestor::*[contains(@itemtype, 'Comment')])]"):
        for name in element.get("itemprop").split():
            if name not in _READ_ITEMS:
                continue
            if name == "author":  # those of other articles on the page stand in other places
                scope = next(element.iterancestors(), None)
                author_of = scope if author_of is None else author_of
                if scope is not author_of:
                    continue
            named = element.xpath(".//*[@itemprop='name']") or [element]
            text = one_line(named[0].get("content") or "".join(named[0].itertext()))
            if 0 < len(text) <= _LONGEST_ITEM:
                result.items.setdefault(name, []).append(text)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
