"""What ingests learned of the sites whose pages they cleaned, kept beside the index.

`learned.json` holds, after a line with its CRC-32, which names the pages of each host give their outlet and which
lines recur over the pages of a source. It is evidence, not data: where it is lost or damaged, the next ingest learns
anew. `outlets.toml`, which only the operator writes, names outlets by host and has the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import orjson

from indexer import store
from indexer.article import Article, host_of
from indexer.cleaning import clean_page, dump_lines
from indexer.cleaning.outlets import Outlets
from indexer.cleaning.template import Template
from indexer.errors import PageError
from indexer.page import Page
from indexer.report import Reject


class Learned:
    """Names and furniture of sites. Picklable and mergeable."""

    def __init__(self, outlets: Outlets | None = None, template: Template | None = None) -> None:
        self.outlets = outlets or Outlets()
        self.template = template or Template()

    @classmethod
    def load(cls, directory: Path) -> Learned:
        """What is known beside an index. Raises SourceError for an operator's file that cannot be used."""
        named = directory / store.OUTLETS_FILE
        names = Outlets.read_names(named) if named.exists() else {}
        content = store.read_learned(directory)
        try:
            values = orjson.loads(content or b"{}")
            template = Template.from_dict(values["template"])
            return cls(Outlets.from_dict(values["outlets"], names), template)
        except (ValueError, KeyError, TypeError, AttributeError):
            # Nothing is known, or not what we wrote.
            return cls(Outlets(names))

    def save(self, directory: Path) -> None:
        """Keep it beside an index. Raises OSError."""
        values = {"outlets": self.outlets.to_dict(), "template": self.template.to_dict()}
        store.write_learned(directory, orjson.dumps(values, option=orjson.OPT_SORT_KEYS))

    def merge(self, other: Learned) -> None:
        """Take in what another ingest process learned."""
        self.outlets.merge(other.outlets)
        self.template.merge(other.template)

    def cleaned(self, pages: Sequence[Page]) -> tuple[list[Article | Reject], Learned]:
        """The articles of some pages, and what was learned of their sites.

        What recurs on a source's pages is known before the first of them is cleaned: from earlier ingests, else
        from these pages. So the same pages come out the same in the next ingest.
        """
        heard = Learned()
        dumps = [dump_lines(page) for page in pages]
        for page, lines in zip(pages, dumps, strict=True):
            if lines:
                heard.template.observe(_source_of(page), lines)
        furniture: dict[str, frozenset[str]] = {}
        articles: list[Article | Reject] = []
        for page, lines in zip(pages, dumps, strict=True):
            key = _source_of(page)
            if key not in furniture:
                furniture[key] = (self if self.template.knows(key) else heard).template.furniture(key)
            try:
                article = clean_page(page, furniture=furniture[key])
            except PageError as error:
                articles.append(Reject(place=page.place, reason=str(error)))
                continue
            except Exception as error:
                articles.append(Reject.of_failure(page.place, error))
                continue
            articles.append(article)
            # A dump has no structured data: its site's name is read off the page's edges.
            method = "input" if page.source else "title" if lines else "meta"
            heard.outlets.observe(host_of(article.url), article.source, method)
        outlets = deepcopy(self.outlets)
        outlets.merge(heard.outlets)
        return [_named(article, outlets) for article in articles], heard


def _named(article: Article | Reject, outlets: Outlets) -> Article | Reject:
    if isinstance(article, Reject) or not article.url:
        return article
    return replace(article, source=outlets.name_of(host_of(article.url), article.source))


def _source_of(page: Page) -> str:
    return host_of(page.url) or page.source or ""
