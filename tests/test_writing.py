"""What is written is what is there afterwards, also with several readers and writers at once."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import NEWS, BuildIndex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from indexes import add, histogram, ids, story, values, write_records
from whoosh.index import open_dir

import indexer
from indexer import IngestReport, NewsIndex
from indexer.errors import ArticleNotFoundError, IndexLockedError, ParameterError, SourceError
from indexer.report import SourceStats


def test_a_log_of_versions_that_ends_with_what_is_there_makes_no_commit(new_index: BuildIndex, tmp_path: Path) -> None:
    log = [{"id": "1", "title": "Ferry late"}, {"id": "1", "title": "Ferry later"}, {"id": "2", "title": "Fog"}]
    index = new_index(*log)
    generation = index.generation
    add(index, tmp_path, log)
    assert index.generation == generation
    assert index.get("1").title == "Ferry later"


def test_the_same_records_again_are_unchanged_and_make_no_commit(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    generation = index.generation
    report = add(index, tmp_path, NEWS)
    assert (report.added, report.updated, report.unchanged, report.rejected) == (0, 0, len(NEWS), 0)
    assert report.generation == index.generation == generation


def test_the_same_records_again_leave_no_files_behind(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(story("a", "harbour"))
    before = sorted(file.name for file in index.path.iterdir())
    add(index, tmp_path, [story("a", "harbour")])
    assert sorted(file.name for file in index.path.iterdir()) == before


def test_an_index_that_is_added_to_often_keeps_few_segments(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(story("first", "harbour"))
    for number in range(20):
        add(index, tmp_path, [story(str(number), "harbour"), story("first", f"harbour {number}")])
    assert index.search("harbour").total == 21
    assert index.stats().segments <= 5
    assert len(list(index.path.glob("*.toc"))) == 2
    index.optimize()
    assert [index.stats().segments, *(len(list(index.path.glob(f"*.{kind}"))) for kind in ("bsc", "toc"))] == [1, 1, 1]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=12))
@example([1, *[3] * 9])
def test_after_every_ingest_each_segment_is_twice_as_large_as_all_smaller_together(sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        index = indexer.open_index(Path(folder) / "news.index", create=True)
        for day, size in enumerate(sizes):
            add(index, Path(folder), [story(f"{day}-{number}", "harbour") for number in range(size)])
            with open_dir(index.path).reader() as reader:
                leaves = sorted(leaf.doc_count() for leaf, _ in reader.leaf_readers())
            assert all(leaf >= 2 * sum(leaves[:place]) for place, leaf in enumerate(leaves))
        assert sum(leaves) == sum(sizes)


def test_a_single_path_is_one_path(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.jsonl", [story("1", "harbour")])
    index = indexer.open_index(tmp_path / "news.index", create=True)
    assert index.ingest(str(path)).added == 1
    assert index.ingest(path).unchanged == 1


def test_an_update_replaces_the_article(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    report = add(index, tmp_path, [{**NEWS[2], "body": "The timetable stays."}, NEWS[3]])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 1)
    assert index.search("ice").total == 0
    assert ids(index.search("stays timetable")) == ["herald-1"]
    assert index.search().total == index.search().indexed == len(NEWS)
    assert index.get("herald-1").body == "The timetable stays."


@pytest.mark.parametrize("field", ["title", "source", "date", "authors", "section", "topics", "language", "url"])
def test_a_change_of_any_field_is_an_update(new_index: BuildIndex, tmp_path: Path, field: str) -> None:
    index = new_index(NEWS[0])
    new = {
        "date": "2024-11-06",
        "authors": ["N. N."],
        "topics": [],
        "language": "de",
        "url": "https://ledger.example/1",
    }
    report = add(index, tmp_path, [{**NEWS[0], field: new.get(field, "New")}])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 0)


def test_an_id_twice_in_one_run_leaves_the_last_record(new_index: BuildIndex) -> None:
    index = new_index(story("1", "First."), story("1", "Second."), story("1", "Second."))
    assert index.get("1").body == "Second."
    assert index.search().total == 1


@pytest.mark.parametrize(
    ("bodies", "counts"),
    [
        (("First.", "Second."), (0, 1, 1)),
        (("Second.", "First."), (0, 2, 0)),
        (("Second.", "Second.", "Third."), (0, 2, 1)),
        (("First.", "Second.", "First.", "First."), (0, 2, 2)),
    ],
)
def test_an_id_that_comes_again_in_one_run_counts_as_it_would_in_runs_of_its_own(
    new_index: BuildIndex, tmp_path: Path, bodies: tuple[str, ...], counts: tuple[int, int, int]
) -> None:
    def counted(*reports: IngestReport) -> tuple[int, ...]:
        return tuple(sum(each) for each in zip(*((r.added, r.updated, r.unchanged) for r in reports), strict=True))

    index = new_index(story("1", "First."))
    records = [story("1", body) for body in bodies]
    assert counted(add(index, tmp_path, records)) == counts
    assert index.get("1").body == bodies[-1]
    add(index, tmp_path, [story("1", "First.")])
    assert counted(*(add(index, tmp_path, [record]) for record in records)) == counts


def test_a_report_counts_every_record_once(tmp_path: Path) -> None:
    log = [story("1", "First."), *[story("1", "Second.")] * 3, story("2", "Other.")]
    path = write_records(tmp_path / "log.jsonl", log)
    path.write_bytes(path.read_bytes() + b"{\n")
    index = indexer.open_index(tmp_path / "news.index", create=True)
    counts, rejects, seen = [], [], []
    for _ in range(2):
        report = index.ingest(path, workers=1, on_reject=rejects.append, on_progress=seen.append)
        counts.append((report.added, report.updated, report.unchanged, report.rejected))
    assert counts == [(2, 1, 2, 1), (0, 2, 3, 1)]
    assert [(progress.seen, progress.rejected, progress.bytes_read) for progress in seen] == [
        (6, 1, path.stat().st_size)
    ] * 2
    assert (rejects[0],) == report.rejects
    assert len(rejects) == 2


def test_optimizing_merges_what_is_not_one_whole_segment_and_else_does_nothing(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(*(story(f"{n}", "Fog.") for n in range(5)))
    assert index.optimize() == index.generation == 1
    add(index, tmp_path, [story("new", "Fog.")])
    assert index.stats().segments == 2
    assert index.optimize() == 3
    assert index.stats().segments == 1
    index.delete(["0"])
    assert index.optimize() == 5
    assert (index.optimize(), index.search().total) == (5, 5)


def test_a_deleted_article_is_gone_from_results_counts_and_ids(new_index: BuildIndex) -> None:
    index = new_index(*NEWS)
    assert index.delete(["herald-1", "no such id"]) == 1
    assert ids(index.search("title:ferry")) == []
    assert index.search().indexed == len(NEWS) - 1
    assert values(index.search(), "source")["Gulf Herald"] == 1
    with pytest.raises(ArticleNotFoundError, match="'herald-1'"):
        index.get("herald-1")
    assert index.stats().articles == len(NEWS) - 1


def test_outlets_have_their_articles_and_days_over_all_segments(new_index: BuildIndex, tmp_path: Path) -> None:
    days = [None, "2024-03-01", "2024-01-05", "2023-12-31", "2024-02-02", None, "2024-01-07"]
    records = [{"id": str(n), "title": "Fog", "date": day, "source": f"Outlet {n % 2}"} for n, day in enumerate(days)]
    undated = [{"id": id, "title": "Ferry", "source": source} for id, source in (("7", "Undated"), ("10", "Once"))]
    index = new_index(*records, *undated, {"id": "8", "title": "Crane"})
    late = [{"id": id, "title": "Late", "date": f"2025-01-0{id}"} for id in "34"]
    add(index, tmp_path, [{**late[0], "id": "9", "source": "Outlet 0"}, {**late[1], "id": "11", "source": "Once"}])
    index.delete(["1"])
    assert len({segment.reader.file.path for segment in index._view().segments}) == 2
    assert index.sources() == (
        SourceStats("Outlet 0", 5, date(2024, 1, 5), date(2025, 1, 3)),
        SourceStats("Once", 2, date(2025, 1, 4), date(2025, 1, 4)),
        SourceStats("Outlet 1", 2, date(2023, 12, 31), date(2023, 12, 31)),
        SourceStats("Undated", 1, None, None),
    )


@pytest.mark.parametrize("id", ["Cafe\u0301 7", " spaced  out ", "half \ud800"])
def test_an_id_is_known_as_the_input_wrote_it(new_index: BuildIndex, tmp_path: Path, id: str) -> None:
    index = new_index({"id": "other", "title": "Ferry late"})
    line = json.dumps({"id": id, "title": "Fog lifts"}).encode()
    assert index.ingest(["-"], format="jsonl", workers=1, stdin=io.BytesIO(line)).added == 1
    assert index.get(id).title == "Fog lifts"
    assert index.delete([id]) == 1
    assert index.search(limit=0).total == 1


def test_a_single_id_to_delete_is_not_taken_for_its_letters(new_index: BuildIndex) -> None:
    index = new_index({"id": "1", "title": "Ferry late"}, {"id": "2", "title": "Fog"}, {"id": "12", "title": "Crane"})
    assert index.delete("12") == 1
    assert {hit.article.id for hit in index.search_all()} == {"1", "2"}


def test_a_deleted_article_may_come_back(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    index.delete(["herald-1"])
    assert add(index, tmp_path, NEWS).added == 1
    assert ids(index.search("title:ferry")) == ["herald-1"]


def test_everything_deleted_leaves_an_index_that_answers(new_index: BuildIndex) -> None:
    index = new_index(*NEWS)
    assert index.delete(record["id"] for record in NEWS) == len(NEWS)
    for _ in ("deleted", "purged"):
        result = index.search("ferry OR *")
        assert (result.total, result.indexed, result.hits) == (0, 0, ())
        assert index.stats().sources == ()
        index.optimize()


def test_an_index_without_articles_answers(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "empty.index", create=True)
    result = index.search("ferry", facets=["source", "date", "topic"])
    assert (result.total, result.indexed, result.hits) == (0, 0, ())
    assert index.stats().articles == 0
    assert index.check().ok
    assert list(index.search_all()) == []


def test_articles_come_back_as_they_went_in(news: NewsIndex) -> None:
    article = news.get("ledger-2")
    assert article.to_dict() | {"url": None} == {
        **NEWS[1],
        "url": None,
        "body": NEWS[1]["body"],
        "credits": [],
        "date_precision": "second",
        "date_method": "input",
    }


def test_stats_add_up(news: NewsIndex) -> None:
    stats = news.stats()
    assert (stats.articles, stats.undated, stats.language) == (len(NEWS), 1, "en")
    assert [(s.source, s.articles, s.first, s.last) for s in stats.sources] == [
        ("Gulf Herald", 2, date(2024, 12, 3), date(2025, 1, 20)),
        ("Northern Ledger", 2, date(2024, 11, 5), date(2024, 12, 1)),
        ("La Poste du Lac", 1, date(2025, 1, 21), date(2025, 1, 21)),
    ]
    assert stats.months == ((date(2024, 11, 1), 1), (date(2024, 12, 1), 2), (date(2025, 1, 1), 2))
    assert stats.bytes > 0


def test_check_finds_nothing_wrong_with_a_sound_index(news: NewsIndex) -> None:
    report = news.check()
    assert (report.ok, report.articles, report.problems) == (True, len(NEWS), ())


def test_a_path_that_does_not_exist_stops_the_ingest_before_anything_is_written(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(*NEWS)
    extra = write_records(tmp_path / "extra.jsonl", [story("new")])
    with pytest.raises(SourceError, match=r"nowhere\.jsonl"):
        index.ingest([extra, tmp_path / "nowhere.jsonl"])
    assert index.search().total == len(NEWS)


def test_an_unknown_format_stops_the_ingest_and_names_the_known_ones(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    extra = write_records(tmp_path / "extra.jsonl", [story("new")])
    with pytest.raises(ParameterError, match=r"format: unknown value 'json' .*jsonl.*warc, feed"):
        index.ingest([extra], format="json")  # type: ignore[arg-type]
    assert index.search().total == len(NEWS)


def test_the_commit_of_another_process_is_seen(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(*NEWS)
    before = index.search()
    batch = write_records(tmp_path / "more.jsonl", [story("new", "A zeppelin landed.")])
    program = "import sys, indexer; indexer.open_index(sys.argv[1]).ingest([sys.argv[2]])"
    subprocess.run([sys.executable, "-c", program, index.path, batch], check=True, timeout=60)
    after = index.search("zeppelin")
    assert ids(after) == ["new"]
    assert after.generation > before.generation
    assert after.indexed == before.indexed + 1


def test_writing_while_another_process_writes_says_to_try_again(new_index: BuildIndex, tmp_path: Path) -> None:
    index = indexer.open_index(new_index(*NEWS).path, lock_timeout=0.05)
    program = (
        "import sys, whoosh.index; writer = whoosh.index.open_dir(sys.argv[1]).writer(); "
        "print('writing', flush=True); sys.stdin.read(); writer.cancel()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, index.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "writing\n"
        for write in (lambda: index.delete(["herald-1"]), lambda: add(index, tmp_path, [story("new")])):
            with pytest.raises(IndexLockedError, match="being written by another process: try again"):
                write()
        assert index.search().total == len(NEWS)
    finally:
        other.communicate("", timeout=60)
    assert index.delete(["herald-1"]) == 1


def test_two_ingests_of_the_same_records_at_once_add_each_article_once(new_index: BuildIndex, tmp_path: Path) -> None:
    index = new_index(story("0"))
    records = [story(str(n), "A storm came.") for n in range(1, 60)]
    path = write_records(tmp_path / "same.jsonl", records)
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: index.ingest([path]), range(4)))
    assert index.search("storm").total == len(records)
    assert sum(report.added for report in reports) == len(records)
    assert index.check().problems == ()


def test_searches_in_many_threads_see_whole_commits_while_another_ingests(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(*(story(f"0-{n}", "A storm came.", date="2024-01-01") for n in range(10)))

    def read(_: int) -> int:
        result = index.search("storm", limit=1000, snippets=0)
        facet = histogram(result)
        assert result.total == len(result.hits) == sum(b.count for b in facet.buckets) + facet.missing
        assert result.total == sum(b.indexed for b in facet.buckets)
        assert len(set(ids(result))) == result.total
        return result.total

    def write() -> None:
        for batch in range(1, 8):
            add(index, tmp_path, [story(f"{batch}-{n}", "A storm came.", date="2024-01-02") for n in range(10)])

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(write)
        totals = set(pool.map(read, range(60)))
        writing.result()
    assert totals <= set(range(10, 81, 10))
    assert index.search("storm").total == 80
