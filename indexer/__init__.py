"""Broadsheet's library: clean news pages, index them, search them.

index = indexer.open_index("news.index", create=True)
index.ingest(["pages/", "feed.jsonl.gz"])
result = index.search("coalition of the willing", facets=["source", "date"])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.article import Article
    from indexer.cleaning import clean
    from indexer.errors import BroadsheetError
    from indexer.index import NewsIndex, open_index
    from indexer.report import IngestReport
    from indexer.request import SearchRequest
    from indexer.response import Hit, SearchResult, Snippet

__all__ = [
    "Article",
    "BroadsheetError",
    "Hit",
    "IngestReport",
    "NewsIndex",
    "SearchRequest",
    "SearchResult",
    "Snippet",
    "clean",
    "open_index",
]

# Public name → its module, imported on first use: `import indexer` stays quick.
_HOMES = {
    "Article": "indexer.article",
    "BroadsheetError": "indexer.errors",
    "Hit": "indexer.response",
    "IngestReport": "indexer.report",
    "NewsIndex": "indexer.index",
    "SearchRequest": "indexer.request",
    "SearchResult": "indexer.response",
    "Snippet": "indexer.response",
    "clean": "indexer.cleaning",
    "open_index": "indexer.index",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
