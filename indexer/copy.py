"""Copy: all articles of one index into another, from a directory to a cluster or back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from indexer.article import Article
from indexer.engine import Engine
from indexer.export import encode
from indexer.report import IndexStats

# Articles that become visible together in the target; a copy that was broken off has lost no more than these.
BATCH: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """What a copy did.

    articles                   read from the source
    added, updated, unchanged  what became of them in the target
    problems                   where the two do not add up, see `copy`
    """

    articles: int
    added: int
    updated: int
    unchanged: int
    problems: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return {
            "articles": self.articles,
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "problems": list(self.problems),
        }


def copy(source: Engine, target: Engine, on_progress: Callable[[int], None] | None = None) -> CopyReport:
    """Copy one consistent state of `source` into `target`, oldest article first, and count both afterwards.

    A copy that was broken off is completed by the same call: what the target has is compared and left as it is.

    on_progress  called with the number of articles read so far

    The report's problems say which articles the target refused, and where its counts are not those of the source: in
    all, and by outlet and by month unless the target holds articles that the source has not.
    """
    before = target.stats().articles
    articles = (hit.article for hit in source.search_all(sort="oldest", snippets=0))
    read = added = updated = unchanged = 0
    problems: list[str] = []
    for batch in _batches(articles):
        lines = io.BytesIO(b"".join(encode(batch, "ndjson")))
        report = target.ingest(["-"], format="jsonl", workers=1, stdin=lines)
        read += len(batch)
        added += report.added
        updated += report.updated
        unchanged += report.unchanged
        problems += [f"{reject.place}: {reject.reason}" for reject in report.rejects]
        if on_progress:
            on_progress(read)
    problems += _differences(source.stats(), target.stats(), read, before + added)
    return CopyReport(articles=read, added=added, updated=updated, unchanged=unchanged, problems=tuple(problems))


def _batches(articles: Iterator[Article]) -> Iterator[list[Article]]:
    while batch := list(islice(articles, BATCH)):
        yield batch


def _differences(source: IndexStats, target: IndexStats, read: int, expected: int) -> Iterator[str]:
    """What does not add up.

    read      articles that were read
    expected  articles that the target should have
    """
    if source.articles != read:
        yield f"the source has {source.articles:,} articles and {read:,} were read: has it been written to meanwhile?"
    if target.articles != expected:
        yield f"the target has {target.articles:,} articles, not {expected:,}: has it been written to meanwhile?"
    if target.articles != read:
        return
    for one, other in zip(source.sources, target.sources, strict=False):
        if one != other:
            yield f"of {one.source!r} there are {one.articles:,} in the source, {other.source!r} has {other.articles:,}"
            break
    if (source.months, source.undated) != (target.months, target.undated):
        yield "the articles by month differ"
