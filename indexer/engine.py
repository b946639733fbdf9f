"""Engine: what every index can do, wherever it is: in a directory (`index`) or on a cluster (`opensearch`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, Self

from indexer.article import Article
from indexer.request import SearchRequest
from indexer.response import Hit, SearchResult, Suggestion

if TYPE_CHECKING:
    from indexer.report import CheckReport, IndexStats, IngestReport, Progress, Reject, SourceStats
    from indexer.sources import Format

# Megabytes that each process of an ingest may take, about.
WORKER_MEMORY: Final = 500


def is_address(path: object) -> bool:
    """Whether an index is named by the address of a cluster, not by a path."""
    return isinstance(path, str) and "://" in path


class Engine(Protocol):
    """An open index. `NewsIndex` says what each method does; the answers are the same from every engine."""

    language: str

    @property
    def generation(self) -> int:
        """The number of the latest commit."""

    @property
    def committed_at(self) -> datetime:
        """The time of the latest commit."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """Let go of files and connections."""

    def search(self, q: str = "", **options: Any) -> SearchResult:
        """Search; the options are the fields of SearchRequest."""

    def answer(self, request: SearchRequest) -> SearchResult:
        """Answer a checked request."""

    def search_all(self, q: str = "", **options: Any) -> Iterator[Hit]:
        """Every match in order, from one consistent view."""

    def get(self, id: str) -> Article:
        """The article with an id."""

    def similar(self, id: str, **options: Any) -> SearchResult:
        """Articles that share the distinctive words of the one with an id."""

    def suggest(self, typed: str, limit: int = 10) -> tuple[Suggestion, ...]:
        """Words and sources that begin with what was typed."""

    def sources(self) -> tuple[SourceStats, ...]:
        """The outlets."""

    def stats(self) -> IndexStats:
        """What is in the index."""

    def check(self) -> CheckReport:
        """Read everything and report what is damaged or does not add up."""

    def ingest(
        self,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        format: Format = "auto",
        source: str | None = None,
        workers: int | None = None,
        memory: int = WORKER_MEMORY,
        stdin: BinaryIO | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_reject: Callable[[Reject], None] | None = None,
    ) -> IngestReport:
        """Add the articles of a path or several: files, folders, archives and feeds."""

    def delete(self, ids: Iterable[str]) -> int:
        """Delete articles by id and commit; returns how many there were."""

    def optimize(self) -> int:
        """Merge what can be merged; returns the generation."""

    def snapshot(self, directory: str | os.PathLike[str]) -> int:
        """Copy the index into a folder; returns the generation."""
