"""The engines by name, each in a module of its own that is imported only where it runs."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from benchmarks.engines.engine import Engine

# Name → its class, in the order of the reports. The last takes minutes where a corpus spans many years.
ENGINES: Final = {
    "broadsheet": "benchmarks.engines.broadsheet:Broadsheet",
    "tantivy": "benchmarks.engines.tantivy:Tantivy",
    "fts5": "benchmarks.engines.fts5:Fts5",
    "xapian": "benchmarks.engines.xapian:Xapian",
    "bm25s": "benchmarks.engines.bm25s:Bm25s",
    "whoosh3": "benchmarks.engines.whoosh3:Whoosh3",
    "whoosh3-datefacet": "benchmarks.engines.whoosh3:Whoosh3DateFacet",
}

DEFAULT: Final = tuple(name for name in ENGINES if name != "whoosh3-datefacet")


def load(name: str) -> Engine:
    """A new adapter. Raises ImportError where what it needs is not installed, KeyError for an unknown name."""
    module, _, class_name = ENGINES[name].partition(":")
    engine: Engine = getattr(import_module(module), class_name)()
    return engine
