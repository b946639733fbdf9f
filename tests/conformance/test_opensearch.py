"""The contract on OpenSearch: the tests of the index on disk, once more on a cluster.

Every behaviour is written down once, in the modules named here. Whatever test is added there runs here too, unless it
is about directories and then listed below with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest
import test_budget
import test_facets
import test_opening
import test_paging
import test_reuters
import test_search
import test_snippets
import test_suggest
import test_writing
from conftest import NEWS, BuildIndex
from indexes import Record, add
from opensearch_cluster import Cluster

import indexer
from indexer.engine import Engine

ABOUT_DIRECTORIES = {
    "test_a_cursor_whose_view_is_gone_is_refused_and_says_so": "processes of a cluster share their views",
    "test_a_cursor_of_an_index_that_was_made_anew_is_refused": "makes directories",
    "test_the_same_records_again_leave_no_files_behind": "looks at files",
    "test_an_index_that_is_added_to_often_keeps_few_segments": "counts segments of one machine",
    "test_after_every_ingest_each_segment_is_twice_as_large_as_all_smaller_together": "counts segments of a directory",
    "test_outlets_have_their_articles_and_days_over_all_segments": "looks at segments of one machine",
    "test_a_cursor_pages_on_in_a_process_that_opened_the_index_after_a_commit": "opens a directory",
    "test_paging_through_an_old_commit_keeps_other_threads_on_the_newest": "opens a directory",
    "test_a_single_path_is_one_path": "makes a directory",
    "test_a_report_counts_every_record_once": "makes a directory",
    "test_optimizing_merges_what_is_not_one_whole_segment_and_else_does_nothing": "counts segments",
    "test_snippets_are_cut_at_words_mark_all_there_is_and_say_where_they_were_cut": "makes directories",
    "test_a_better_spelling_counts_its_articles_over_all_segments": "counts segments",
    "test_what_tells_an_article_is_said_often_there_and_seldom_elsewhere": "looks at the words of one machine",
    "test_a_selected_value_that_no_match_has_is_shown_as_it_was_asked_for_in_any_cut": "counts segments",
    "test_a_pattern_that_stands_for_too_many_words_is_cut_off_and_says_so": "a cluster has no such limit",
    "test_a_search_that_would_take_long_is_cut_off": "a cluster stops between articles, not between words",
    "test_a_long_phrase_of_common_words_is_cut_off": "a cluster stops between articles, not between words",
    "test_a_pattern_finds_the_same_however_many_postings_are_looked_through_at_a_time": "about one machine's memory",
    "test_a_pattern_of_many_words_takes_memory_for_some_of_their_postings_only": "about one machine's memory",
    "test_the_last_page_makes_objects_of_no_page_before": "measures the memory of one process",
    "test_words_are_completed_where_there_is_no_time_to_look_for_phrases": "a cluster counts phrases by itself",
    "test_an_index_without_articles_answers": "makes a directory; see test_a_new_index_answers",
    "test_writing_while_another_process_writes_says_to_try_again": "any number of processes write to a cluster",
    "test_a_missing_index_says_how_to_make_one": "about a path; see test_a_missing_index_says_how_to_make_one_there",
    "test_an_empty_folder_is_no_index_until_one_is_created_there": "about a folder",
    "test_a_file_or_a_folder_of_other_things_is_not_an_index_and_stays_as_it_is": "about a folder",
    "test_the_language_of_a_new_index_chooses_its_stemmer": "makes directories; see test_the_language_of_a_new_index",
    "test_an_index_of_another_whoosh_schema_is_refused": "about Whoosh",
    "test_the_compressed_corpus_is_read_as_it_is": "makes a directory",
}

for _module in (
    test_search,
    test_facets,
    test_snippets,
    test_paging,
    test_writing,
    test_opening,
    test_budget,
    test_suggest,
    test_reuters,
):
    for _name, _value in vars(_module).items():
        if _name.startswith("test_") and _name not in ABOUT_DIRECTORIES:
            globals()[_name] = _value

NewIndex = Callable[..., Engine]


@pytest.fixture(scope="module")
def new_engine(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewIndex]:
    """Builds an index of batches of records on the cluster, each batch in a run of its own."""
    numbers = count()
    folder = tmp_path_factory.mktemp("batches")
    made: list[Engine] = []

    def build(*batches: Sequence[Record], language: str = "en") -> Engine:
        index = indexer.open_index(
            cluster.url(f"t{next(numbers)}", "?shards=2&replicas=0"), create=True, language=language
        )
        made.append(index)
        for records in filter(None, batches):
            add(index, folder, records)
        return index

    yield build
    cluster.remove(made)


@pytest.fixture
def new_index(new_engine: NewIndex) -> BuildIndex:
    return lambda *records: new_engine(records)


@pytest.fixture(scope="module")
def news(new_engine: NewIndex) -> Engine:
    return new_engine(NEWS)


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(test_reuters.articles())


@pytest.fixture(scope="module")
def scan(records: list[dict[str, Any]]) -> Any:
    return test_reuters.Archive(records)


@pytest.fixture(scope="module")
def reuters(records: list[dict[str, Any]], new_engine: NewIndex) -> Engine:
    return new_engine(records[:900], records[900:1700], records[1700:])


def test_deleted_articles_have_no_part_in_how_bursty_a_word_is(new_engine: NewIndex) -> None:
    kept = [{"id": f"kept-{n}", "title": "Tide", "body": "The tide came in."} for n in range(20)]
    gone = [{"id": f"gone-{n}", "title": "Tide", "body": "The tide came in."} for n in range(40)]
    index = new_engine([*kept, *gone])
    index.delete([record["id"] for record in gone])
    # Lucene's own counts still hold the deleted ones, which moves a score a little.
    expected = new_engine(kept).search("tide").hits[0].score
    assert index.search("tide").hits[0].score == pytest.approx(expected, rel=0.08)
