"""Any sequence of operations against a dictionary, the counting rules of the answers checked after each."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from acts import THOROUGH, expected, left_over, line, record, sound, state
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from whoosh.index import open_dir

import indexer
from indexer.errors import CursorGoneError
from indexer.index import KEPT_VIEWS
from indexer.response import DateFacet

ids = st.integers(0, 25).map(str)


class Archive(RuleBasedStateMachine):
    """An index, and the dictionary it must equal."""

    @initialize()
    def create(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.index = indexer.open_index(self.folder / "news.index", create=True)
        self.held: dict[str, int] = {}
        # Pages that are being turned: the cursor, what is still to come, and the commit that it is of.
        self.cursor: str | None = None
        self.to_come: list[str] = []
        self.generation = 0

    @rule(some=st.dictionaries(ids, st.integers(0, 3), min_size=1, max_size=8))
    def ingest(self, some: dict[str, int]) -> None:
        feed = self.folder / "feed.jsonl"
        feed.write_bytes(b"".join(line(record(id, version)) for id, version in some.items()))
        report = self.index.ingest([feed], workers=1)
        changed = {id for id, version in some.items() if id in self.held and self.held[id] != version}
        assert report.added == len(some.keys() - self.held.keys())
        assert report.updated == len(changed)
        assert report.unchanged == len(some) - report.added - report.updated
        self.held |= some

    @rule(some=st.sets(ids, min_size=1, max_size=8))
    def delete(self, some: set[str]) -> None:
        assert self.index.delete(some) == len(some & self.held.keys())
        for id in some:
            self.held.pop(id, None)

    @rule()
    def optimize(self) -> None:
        self.index.optimize()
        assert self.index.stats().segments == (1 if self.held else 0)

    @rule()
    def reopen(self) -> None:
        self.index.close()
        self.index = indexer.open_index(self.folder / "news.index")
        self.cursor = None

    @rule()
    def restore_a_snapshot(self) -> None:
        self.index.snapshot(self.folder / "copy")
        self.index.close()
        shutil.rmtree(self.folder / "news.index")
        shutil.move(self.folder / "copy", self.folder / "news.index")
        self.reopen()

    @rule(limit=st.integers(1, 5))
    def first_page(self, limit: int) -> None:
        page = self.index.search("harbour OR ferry", limit=limit, match="any")
        every = [hit.article.id for hit in self.index.search_all("harbour OR ferry", match="any")]
        assert [hit.article.id for hit in page.hits] == every[:limit]
        self.cursor, self.to_come, self.generation = page.next_cursor, every[limit:], page.generation

    @precondition(lambda self: self.cursor is not None)
    @rule(limit=st.integers(1, 5))
    def next_page(self, limit: int) -> None:
        try:
            page = self.index.search("harbour OR ferry", limit=limit, match="any", cursor=self.cursor)
        except CursorGoneError:
            assert self.index.generation >= self.generation + KEPT_VIEWS
            self.cursor = None
            return
        assert [hit.article.id for hit in page.hits] == self.to_come[:limit]
        self.cursor, self.to_come = page.next_cursor, self.to_come[limit:]
        assert (self.cursor is None) == (self.to_come == [])

    @invariant()
    def everything_adds_up(self) -> None:
        if not hasattr(self, "index"):
            return
        everything = expected(self.held)
        assert state(self.index) == everything
        assert state(sound(self.index.path)) == everything
        assert left_over(self.index.path) == set()
        for q in ("", "harbour", "ferry -storm", '"article 1"'):
            result = self.index.search(q, limit=1000)
            exported = [hit.article.id for hit in self.index.search_all(q)]
            assert [hit.article.id for hit in result.hits] == exported
            assert result.total == len(set(exported)) == len(exported)
            assert result.indexed == len(self.held)
            date, source = result.facets["date"], result.facets["source"]
            assert isinstance(date, DateFacet)
            assert sum(bucket.count for bucket in date.buckets) + date.missing == result.total
            assert sum(bucket.count for bucket in source.buckets) + source.missing == result.total  # type: ignore[union-attr, attr-defined]
        with open_dir(str(self.index.path)).searcher() as searcher:
            assert searcher.doc_count() == len(self.held)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


TestArchive = Archive.TestCase
TestArchive.settings = settings(max_examples=12 * THOROUGH, stateful_step_count=15, deadline=None)
