"""Reports: what became of records, how far an ingest is, and what an index holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from indexer.article import iso_utc


class Reject(NamedTuple):
    """An input record that was not indexed: where it stands and why."""

    place: str
    reason: str

    @classmethod
    def of_failure(cls, place: str, error: Exception) -> Reject:
        """A record on which the code that reads it fails. An error of memory or disk, not its own, is raised."""
        if isinstance(error, (MemoryError, OSError)):
            raise error
        return cls(place, f"reading it failed ({type(error).__name__}: {error}): please report it with the record")

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {"place": self.place, "reason": self.reason}


class IngestReport(NamedTuple):
    """What one ingest did.

    rejects     the first 100 rejected records; `rejected` counts them all
    seconds     wall time
    generation  the commit that made it visible
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejects: tuple[Reject, ...] = ()
    seconds: float = 0.0
    generation: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form of the contract."""
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "rejects": [reject.to_dict() for reject in self.rejects],
            "seconds": round(self.seconds, 3),
            "generation": self.generation,
        }


class Progress(NamedTuple):
    """How far an ingest has come: records seen and input bytes read so far, of `bytes_total` if known."""

    seen: int
    rejected: int
    bytes_read: int
    bytes_total: int | None


class SourceStats(NamedTuple):
    """One outlet: its articles and the days of its first and last dated one."""

    source: str
    articles: int
    first: date | None
    last: date | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return {
            "source": self.source,
            "articles": self.articles,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
        }


class IndexStats(NamedTuple):
    """What is in an index.

    articles  live articles; undated of them have no date
    sources   by number of articles, largest first
    months    (first day of the month, articles), ascending, gaps filled with zero up to 1,000 months
    segments  number of segments; bytes their size on disk
    """

    articles: int
    undated: int
    sources: tuple[SourceStats, ...]
    months: tuple[tuple[date, int], ...]
    segments: int
    bytes: int
    generation: int
    committed_at: datetime
    language: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return {
            "articles": self.articles,
            "undated": self.undated,
            "sources": [source.to_dict() for source in self.sources],
            "months": [{"start": start.isoformat(), "articles": count} for start, count in self.months],
            "segments": self.segments,
            "bytes": self.bytes,
            "generation": self.generation,
            "committed_at": iso_utc(self.committed_at),
            "language": self.language,
        }


class CheckReport(NamedTuple):
    """What `check` found: the articles it read and every problem, each naming the file concerned."""

    articles: int
    segments: int
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return {
            "ok": self.ok,
            "articles": self.articles,
            "segments": self.segments,
            "problems": list(self.problems),
        }
