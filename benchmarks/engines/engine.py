"""Engine: the verbs every adapter has, and the answer they all give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from benchmarks.query import Query

HITS = 10
SOURCES = 20


class Hit(NamedTuple):
    """One of the top ten, as a page of results shows it."""

    title: str
    source: str
    date: str
    snippet: str


class Answer(NamedTuple):
    """What a whole request gives.

    total    matching articles, exact
    sources  the SOURCES largest outlets and their matches
    months   "2024-12" → matches published in it; none for undated articles
    """

    total: int
    hits: list[Hit]
    sources: dict[str, int]
    months: dict[str, int]


class TopTen(NamedTuple):
    """What a bare search gives: the exact total, and how many hits came with their scores and doc ids."""

    total: int
    hits: int


class Engine(ABC):
    """An adapter: one engine, set up as its users would for this work.

    Words are lower-case `\\w+`, no stop words, English Snowball stems: as far as the engine can. What it cannot is in
    `differs`, and the check of equal hits has the numbers.

    differs       what it does otherwise than the rest, in one sentence, or ""
    distribution  whose version stands in the reports, or ""
    index_of      the engine whose index it searches; its own where ""
    """

    differs: ClassVar[str] = ""
    distribution: ClassVar[str] = ""
    index_of: ClassVar[str] = ""

    def version(self) -> str:
        """The version that is running."""
        from importlib.metadata import version

        return version(self.distribution)

    @abstractmethod
    def build(self, jsonl: Path, directory: Path, threads: int) -> None:
        """Index a corpus' file in an empty directory; when it returns, all of it is committed and can be searched."""

    def settle(self) -> None:  # noqa: B027 - most have nothing running
        """Wait for what `build` left running in the background."""

    @abstractmethod
    def open(self, directory: Path) -> None:
        """Make ready to search a built index."""

    @abstractmethod
    def translate(self, query: Query) -> Any:
        """The query in the engine's own language, not yet parsed; None where it cannot express it."""

    @abstractmethod
    def request(self, query: Any) -> Answer:
        """The whole request: parse, exact total, top ten with a snippet each, source counts, month histogram."""

    @abstractmethod
    def top10(self, query: Any) -> TopTen:
        """Parse, exact total and the top ten, with nothing read of them."""


def disk(directory: Path) -> int:
    """Bytes of all files in an index' directory."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
