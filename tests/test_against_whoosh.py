"""The engine against plain Whoosh's own searcher over the same index: same documents, order and scores."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import index as whoosh_index
from whoosh import query as wq
from whoosh.scoring import BM25F
from whoosh.searching import SearchContext

from indexer.analysis import stemmer
from indexer.index import NewsIndex, open_index
from indexer.query.syntax import parse
from indexer.query.whoosh_form import whoosh_query

WORDS = ["oil", "oils", "price", "prices", "the", "of", "will", "willing", "coalition", "Café", "AT&T", "ferry"]
texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
articles = st.fixed_dictionaries(
    {
        "id": st.integers(0, 30).map(str),
        "title": texts,
        "body": texts,
        "source": st.sampled_from(["", "Harbour Post", "Evening Star", "Gazette [x] Late"]),
        "authors": st.lists(st.sampled_from(["Ada Quill", "Bo Quill Ray"]), max_size=2),
        "topics": st.lists(st.sampled_from(["Trade", "Trade Winds"]), max_size=2),
        "date": st.none()
        | st.integers(0, 40).map(lambda n: str(datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(days=n))),
    }
)
archives = st.lists(st.lists(articles, min_size=1, max_size=8), min_size=1, max_size=3)

bare = st.sampled_from([word.lower() for word in WORDS])
atoms = st.one_of(
    bare,
    bare,
    st.lists(bare, min_size=2, max_size=4).map(lambda some: '"' + " ".join(some) + '"'),
    st.tuples(st.lists(bare, min_size=2, max_size=3), st.integers(1, 6)).map(lambda p: f'"{" ".join(p[0])}"~{p[1]}'),
    st.sampled_from(
        [
            "pric*",
            "w?ll*",
            "*il",
            "prise~1",
            "coalitoin~2",
            "title:oil",
            "body:prices",
            'title:"the oil"',
            'body:"oil price"~3',
            "title:pric*",
            "author:quill",
            'author:"bo quill"',
            "source:harbour*",
            'source:"*[x]*"',
            'source:"*[har]*"',
            'source:"evening star"',
            'topic:"trade winds"',
            "date:2024-01",
            "since:2024-01-20",
            "until:2024-01-05",
            "date:[2024-01-03 TO 2024-01-20]",
            "date:[* TO *]",
            "author:*",
            "*",
        ]
    ),
)
queries = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" OR ".join),
        inner.map(lambda some: f"({some})"),
        inner.map(lambda some: f"oil -({some})"),
    ),
    max_leaves=6,
)


class Oracle:
    """Plain Whoosh over one directory. Its matchers decide everything but exclusion.

    Whoosh 3.54's AndNotMatcher may keep the first document it should exclude, so AndNot, and what contains
    one, is put together here from the parts.
    """

    def __init__(self, path: Path) -> None:
        self._searcher = whoosh_index.open_dir(str(path)).searcher(weighting=BM25F())

    def scores(self, tree: wq.Query) -> dict[str, float]:
        found: dict[str, float] = {}
        for searcher, _ in self._searcher.leaf_searchers():
            for doc, score in self._matched(searcher, tree).items():
                if not searcher.reader().is_deleted(doc):
                    found[searcher.stored_fields(doc)["id"]] = score
        return found

    def close(self) -> None:
        self._searcher.close()

    def _matched(self, searcher: Any, tree: wq.Query) -> dict[int, float]:
        if not any(isinstance(node, wq.AndNot) for node in nodes(tree)):
            matcher = tree.matcher(searcher, SearchContext(weighting=searcher.weighting))
            found = {}
            while matcher.is_active():
                found[matcher.id()] = matcher.score()
                matcher.next()
            return found
        if isinstance(tree, wq.ConstantScoreQuery):
            return dict.fromkeys(self._matched(searcher, tree.child), tree.score)
        if isinstance(tree, (wq.AndNot, wq.AndMaybe, wq.Require)):
            wanted, other = self._matched(searcher, tree.a), self._matched(searcher, tree.b)
            if isinstance(tree, wq.AndNot):
                return {doc: score for doc, score in wanted.items() if doc not in other}
            if isinstance(tree, wq.Require):
                return {doc: score for doc, score in wanted.items() if doc in other}
            return {doc: score + other.get(doc, 0.0) for doc, score in wanted.items()}
        parts = [self._matched(searcher, part) for part in tree.subqueries]
        every = set.intersection(*map(set, parts)) if isinstance(tree, wq.And) else set().union(*parts)
        return {doc: sum(part.get(doc, 0.0) for part in parts) for doc in every}


def nodes(tree: wq.Query) -> list[wq.Query]:
    inner = [tree.child] if isinstance(tree, wq.ConstantScoreQuery) else list(tree.children())
    if isinstance(tree, (wq.AndNot, wq.AndMaybe, wq.Require)):
        inner = [tree.a, tree.b]
    return [tree, *(found for part in inner for found in nodes(part))]


def ingested(folder: Path, archive: list[list[dict[str, Any]]], deleted: set[str]) -> NewsIndex:
    index = open_index(folder / "news.index", create=True)
    for number, batch in enumerate(archive):
        file = folder / f"{number}.jsonl"
        file.write_text("\n".join(map(json.dumps, batch)), "utf-8")
        index.ingest([file], workers=1)
    index.delete(deleted)
    return index


@settings(max_examples=100, deadline=None)
@given(
    archives, st.sets(st.integers(0, 30).map(str), max_size=4), st.lists(queries, min_size=3, max_size=6), st.booleans()
)
def test_documents_scores_and_order_are_those_of_plain_whoosh(
    archive: list[list[dict[str, Any]]], deleted: set[str], texts: list[str], optimized: bool
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        index = ingested(folder, archive, deleted)
        if optimized:
            index.optimize()
        oracle = Oracle(folder / "news.index")
        try:
            for text in texts:
                for match in ("all", "any"):
                    weight = index._view().boost
                    parsed = parse(text, stemmer=stemmer("en"), match=match, weight=weight)  # type: ignore[arg-type]
                    expected = oracle.scores(whoosh_query(parsed.plan))
                    # Ordered by date, hits have the scores of the first pass; the second has an oracle of its own.
                    first = index.search(text, match=match, sort="newest", limit=1000, facets=[], snippets=0).hits
                    found = {hit.article.id: hit.score for hit in first}
                    assert found == pytest.approx(expected, rel=1e-4, abs=1e-6), text
                    hits = index.search(text, match=match, limit=1000, facets=[], snippets=0).hits
                    assert {hit.article.id for hit in hits} == expected.keys()
                    dates = {hit.article.id: hit.article.date for hit in hits}
                    ranked = [(hit.article.id, hit.score) for hit in hits]
                    for (first, high), (second, low) in pairwise(ranked):
                        assert high >= low
                        if high == low:
                            newer = (
                                dates[first] or datetime.min.replace(tzinfo=UTC),
                                dates[second] or datetime.min.replace(tzinfo=UTC),
                            )
                            assert newer[0] > newer[1] or (newer[0] == newer[1] and first.encode() < second.encode())
        finally:
            oracle.close()
