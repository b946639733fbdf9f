"""Random archives and random queries on a cluster: the properties of `test_against_naive`, with fewer examples.

An index of a cluster takes a moment to make, so all examples use one, emptied in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import test_against_naive as naive_tests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from indexes import Record, add
from opensearch_cluster import Cluster

import indexer
from indexer.engine import Engine

EXAMPLES = settings(
    max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True, deadline=None
)
IndexOf = Callable[..., AbstractContextManager[Engine]]


@pytest.fixture(scope="module")
def index_of(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexOf]:
    """Stands for `test_against_naive.index_of`: an index of batches of records."""
    folder: Path = tmp_path_factory.mktemp("batches")
    with indexer.open_index(cluster.url("scanned", "?shards=2"), create=True) as index:

        @contextmanager
        def of(*batches: Sequence[Record]) -> Iterator[Engine]:
            index.delete([hit.article.id for hit in index.search_all(snippets=0)])
            for records in filter(None, batches):
                add(index, folder, records)
            yield index

        yield of
        cluster.remove([index])


@pytest.fixture(autouse=True)
def on_the_cluster(index_of: IndexOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naive_tests, "index_of", index_of)


def rerun(test: Callable[..., None], *strategies: st.SearchStrategy[object]) -> Callable[..., None]:
    """A property of the index on disk with other strategies."""
    return EXAMPLES(given(*strategies)(test.hypothesis.inner_test))  # type: ignore[attr-defined]


ARCHIVES = naive_tests.records(min_size=6)
QUERIES = naive_tests.QUERIES

test_a_query_of_any_kind_finds_what_a_scan_finds = rerun(
    naive_tests.test_a_query_of_any_kind_finds_what_a_scan_finds,
    ARCHIVES,
    st.lists(QUERIES, min_size=12, max_size=12),
)
test_with_match_any_one_of_the_words_is_enough_and_the_rest_still_holds = rerun(
    naive_tests.test_with_match_any_one_of_the_words_is_enough_and_the_rest_still_holds,
    ARCHIVES,
    st.lists(naive_tests.TEXT_QUERIES, min_size=2, max_size=5),
    st.lists(naive_tests.values() | naive_tests.days(), max_size=2),
)
test_filters_facets_and_the_histogram_count_what_a_scan_counts = rerun(
    naive_tests.test_filters_facets_and_the_histogram_count_what_a_scan_counts,
    ARCHIVES,
    st.one_of(st.just(naive_tests.EVERYTHING), QUERIES),
    naive_tests.filters(),
)
test_order_by_date_pages_and_search_all_agree_with_a_scan = rerun(
    naive_tests.test_order_by_date_pages_and_search_all_agree_with_a_scan,
    ARCHIVES,
    st.one_of(st.just(naive_tests.EVERYTHING), QUERIES),
    naive_tests.filters(),
    st.integers(2, 4),
)
test_updates_and_deletions_leave_what_a_scan_of_the_rest_finds = rerun(
    naive_tests.test_updates_and_deletions_leave_what_a_scan_of_the_rest_finds,
    ARCHIVES,
    ARCHIVES,
    st.sets(st.integers(0, 9).map(str), max_size=3),
    QUERIES,
)
