"""Damaged, cut and missing files: found by `check`, named when read, passed over when opened, and repaired."""

from __future__ import annotations

import json
import logging
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from acts import THOROUGH, expected, ingest, left_over, numbered, sound, state
from processes import run

import indexer
from indexer import check, store
from indexer.analysis import stemmer
from indexer.errors import BroadsheetError, CorruptSegmentError, ResourceError
from indexer.segment import builder
from indexer.segment.entry import ColumnarSegment

OLD = numbered(range(40), 1)
NEW = numbered(range(40, 44), 2)
DELETED = {"7", "41"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three commits: 1 and what it holds is gone but for its segment, 2 adds to it, 3 deletes in both."""
    folder = tmp_path_factory.mktemp("original")
    with indexer.open_index(folder / "news.index", create=True) as index:
        ingest(folder, OLD)(index)
        ingest(folder, NEW)(index)
        index.delete(DELETED)
    assert len(files(folder / "news.index", ".bsc")) == len(files(folder / "news.index", ".toc")) == 2
    return folder / "news.index"


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "news.index")
    return tmp_path / "news.index"


def files(path: Path, suffix: str) -> list[Path]:
    """Largest segment, or latest table, first."""
    if suffix == ".toc":
        return [store.toc_path(path, generation) for generation in store.generations(path)]
    return sorted(path.glob(f"*{suffix}"), key=lambda file: -file.stat().st_size)


def without_deleted(versions: dict[str, int]) -> dict[str, int]:
    return {id: version for id, version in versions.items() if id not in DELETED}


ALL = expected(without_deleted(OLD | NEW))


def zeroed(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def halved(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


RUIN: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": halved,
    "zeros": zeroed,
    "missing": lambda file: file.unlink(),
}


def test_every_flipped_byte_is_found_and_never_makes_a_reader_crash(copy: Path) -> None:
    chance = random.Random(4)
    flips = 0
    for file in [*files(copy, ".toc"), *files(copy, ".bsc")]:
        whole = file.read_bytes()
        edges = [*range(24), *range(len(whole) - 40, len(whole))]
        for place in {*edges, *chance.sample(range(len(whole)), 60 * THOROUGH)}:
            damaged = bytearray(whole)
            damaged[place] ^= 1 << chance.randrange(8)
            file.write_bytes(damaged)
            report = check.check(copy)
            assert any(file.name in problem for problem in report.problems), f"byte {place} of {file.name}"
            read_all(copy, verify=False)
            found = read_all(copy, verify=True)
            # The commit before is whole where only the table of the latest is hit.
            assert found in (None, ALL, expected(OLD | NEW)), f"byte {place} of {file.name}"
            flips += 1
        file.write_bytes(whole)
    assert flips > 300
    assert check.check(copy).ok


def read_all(path: Path, *, verify: bool) -> dict[str, str] | None:
    """What a reader finds, who may be told that a file is damaged."""
    try:
        with indexer.open_index(path, verify=verify) as index:
            index.search('harbour "ferry storm"~5 libr* dividned~1', match="any", facets=["source", "date", "topic"])
            index.suggest("h")
            index.stats()
            return {hit.article.id: hit.article.body.partition("\n")[0] for hit in index.search_all()}
    except BroadsheetError as error:
        if str(path) not in str(error):
            raise
        return None


def test_every_truncation_is_found(copy: Path) -> None:
    chance = random.Random(5)
    for file in [*files(copy, ".toc"), *files(copy, ".bsc")]:
        whole = file.read_bytes()
        sizes = [0, 1, 23, 24, *chance.sample(range(len(whole)), 30 * THOROUGH), len(whole) - 1]
        for damaged in (*(whole[:size] for size in sizes), whole + b"\0", whole + whole):
            file.write_bytes(damaged)
            problems = check.check(copy).problems
            assert any(file.name in problem for problem in problems), f"{len(damaged)} of {file.name}"
            assert read_all(copy, verify=True) in (None, ALL, expected(OLD | NEW))
        file.unlink()
        if file.suffix == ".bsc":
            assert any(f"{file.name} is missing" in problem for problem in check.check(copy).problems)
        file.write_bytes(whole)


@pytest.mark.parametrize("ruin", RUIN)
def test_a_ruined_table_of_contents_is_passed_over_for_the_commit_before(
    copy: Path, ruin: str, caplog: pytest.LogCaptureFixture
) -> None:
    RUIN[ruin](files(copy, ".toc")[0])
    with caplog.at_level(logging.WARNING):
        index = indexer.open_index(copy)
    assert state(index) == expected(OLD | NEW)
    if ruin != "missing":
        assert "_MAIN_3.toc" in caplog.text
        assert "using the last whole commit, 2, instead of 3" in caplog.text
    assert index.delete(["0"]) == 1
    assert index.generation == (3 if ruin == "missing" else 4)
    assert state(sound(copy)) == expected({id: v for id, v in (OLD | NEW).items() if id != "0"})
    assert left_over(copy) == set()


@pytest.mark.parametrize("ruin", RUIN)
def test_a_ruined_new_segment_is_passed_over_for_the_commit_before(tmp_path: Path, ruin: str) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, OLD)(index)
    ingest(tmp_path, NEW)(index)
    index.close()
    RUIN[ruin](files(index.path, ".bsc")[1])
    done = run("search", "--index", index.path, "--count", "harbour OR -harbour")
    assert (done.returncode, done.stdout) == (0, f"{len(OLD)}\n")
    assert "using the last whole commit, 1, instead of 2" in done.stderr
    assert state(indexer.open_index(index.path)) == expected(OLD)


def test_a_table_of_contents_under_the_name_of_another_commit_is_none(
    copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copy(store.toc_path(copy, 2), store.toc_path(copy, 4))
    index = indexer.open_index(copy)
    assert (state(index), index.generation) == (ALL, 3)
    assert "it is of generation 2" in caplog.text
    assert any("it is of generation 2" in problem for problem in index.check().problems)


def test_an_index_without_a_whole_commit_names_the_damaged_file(copy: Path) -> None:
    halved(files(copy, ".bsc")[0])
    for command in (["search", "ferry"], ["indexer", "stats"], ["indexer", "delete", "1"]):
        done = run(command[0], *command[1:], "--index", copy)
        assert done.returncode == 1
        assert files(copy, ".bsc")[0].name in done.stderr or files(copy, ".bsc")[1].name in done.stderr
        assert "check --repair" in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_damaged_article_is_an_error_that_names_the_file(copy: Path) -> None:
    file = files(copy, ".bsc")[0]
    reader = check.SegmentReader(file)
    start, length, *_ = reader.file._blocks["stored"]
    data = bytearray(file.read_bytes())
    data[start + length // 2] ^= 1
    file.write_bytes(data)
    index = indexer.open_index(copy)
    with pytest.raises(CorruptSegmentError, match=file.name):
        state(index)


def test_an_index_that_is_taken_away_is_an_error_that_names_it(copy: Path) -> None:
    index = indexer.open_index(copy)
    shutil.rmtree(copy)
    with pytest.raises(ResourceError, match=rf"{copy} cannot be read: No such file"):
        index.search("harbour")


def test_damage_is_not_merged_into_a_file_with_right_checksums(copy: Path) -> None:
    file = files(copy, ".bsc")[0]
    start, *_ = check.SegmentReader(file).file._blocks["postings.keys"]
    data = bytearray(file.read_bytes())
    data[start] ^= 1
    file.write_bytes(data)
    with pytest.raises(CorruptSegmentError, match=rf"{file.name}.*'postings.keys'"):
        indexer.open_index(copy).optimize()
    assert check.check(copy).problems == (f"{file}: the block 'postings.keys' does not match its checksum",)
    assert state(indexer.open_index(copy)) == ALL
    assert left_over(copy) == set()


def test_check_finds_an_id_that_two_whole_segments_claim(copy: Path) -> None:
    with indexer.open_index(copy) as index:
        assert index.check().problems == ()
        twice = index.get("3")
        with index.writer() as writer:
            segment = writer.new_segment(1)
            builder.build(store.segment_path(copy, segment), [twice], stemmer("en"), b"")
            writer.segments.append(segment)
            writer.commit()
        (found,) = index.check().problems
    assert "the id '3' is there twice" in found


def test_check_says_what_is_wrong_as_json_even_where_the_index_cannot_be_opened(copy: Path) -> None:
    for file in files(copy, ".toc"):
        file.write_bytes(b"")
    done = run("indexer", "check", "--json", "--index", copy)
    assert done.returncode == 1
    problems = json.loads(done.stdout)["problems"]
    assert [problem.partition(":")[0] for problem in problems] == [str(file) for file in files(copy, ".toc")]


@pytest.mark.parametrize("ruin", RUIN)
def test_repair_keeps_the_other_segments_and_says_how_many_are_lost(copy: Path, ruin: str) -> None:
    RUIN[ruin](files(copy, ".bsc")[1])
    done = run("indexer", "check", "--repair", "--json", "--index", copy)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["articles"], report["lost"], report["generation"]) == (len(OLD) - 1, len(NEW) - 1, 4)
    assert state(sound(copy)) == expected(without_deleted(OLD))
    assert left_over(copy) == set()


def test_repair_rescues_every_article_of_a_damaged_segment_that_is_whole(copy: Path) -> None:
    file = files(copy, ".bsc")[0]
    reader = check.SegmentReader(file)
    start, _, *_ = reader.file._blocks["stored"]
    frames = reader.file.array("stored.offsets")
    lost = {reader.article_id(doc) for doc in (3, 20)}
    data = bytearray(file.read_bytes())
    for doc in (3, 20):
        data[start + int(frames[doc]) + 30] ^= 0xFF
    # And the postings, which are made again.
    data[reader.file._blocks["postings.docs"][0]] ^= 0xFF
    file.write_bytes(data)
    done = run("indexer", "check", "--repair", "--index", copy)
    assert done.returncode == 1
    assert {line for line in done.stdout.splitlines() if line.startswith("Lost")} == {f"Lost: {id}" for id in lost}
    assert "2 lost" in done.stdout
    assert state(sound(copy)) == {id: text for id, text in ALL.items() if id not in lost}
    assert indexer.open_index(copy).search("harbour").total > 0


def test_repair_finds_what_a_damaged_merge_has_lost_in_the_commit_before(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    ingest(tmp_path, OLD)(index)
    ingest(tmp_path, numbered(range(30, 70), 2))(index)
    [merged] = store.read_commit(index.path, 2).segments
    halved(store.segment_path(index.path, merged))
    report = check.repair(index.path)
    # What the second ingest brought was in the merged file alone; a version before is better than none.
    assert state(sound(index.path)) == expected(OLD)
    assert (report.rescued, report.lost) == (len(OLD), 30)


def test_repair_keeps_the_new_version_of_an_updated_article_where_that_is_whole(tmp_path: Path) -> None:
    index = updated(tmp_path)
    file = files(index.path, ".bsc")[1]
    data = bytearray(file.read_bytes())
    data[check.SegmentReader(file).file._blocks["positions"][0]] ^= 1
    file.write_bytes(data)
    report = check.repair(index.path)
    assert (report.articles, report.rescued, report.lost) == (44, 6, 0)
    assert state(sound(index.path)) == expected(OLD | UPDATE)


@pytest.mark.parametrize("ruin", RUIN)
def test_repair_goes_back_to_the_old_version_of_an_updated_article_where_the_new_one_is_lost(
    tmp_path: Path, ruin: str
) -> None:
    index = updated(tmp_path)
    RUIN[ruin](files(index.path, ".bsc")[1])
    report = check.repair(index.path)
    assert (report.articles, report.rescued, report.lost) == (40, 2, 4)
    assert state(sound(index.path)) == expected(OLD)


def test_repair_names_what_is_lost_but_not_what_has_a_version_before(tmp_path: Path) -> None:
    index = updated(tmp_path)
    file = files(index.path, ".bsc")[1]
    reader = check.SegmentReader(file)
    frames = reader.file.array("stored.offsets")
    data = bytearray(file.read_bytes())
    for id in ("38", "40"):
        data[reader.file._blocks["stored"][0] + int(frames[reader.find(id)]) + 30] ^= 0xFF
    file.write_bytes(data)
    report = check.repair(index.path)
    assert (report.articles, report.lost, report.missing) == (43, 1, ("40",))
    assert state(sound(index.path)) == expected({**OLD, "39": 2, "41": 2, "42": 2, "43": 2})


def test_repair_brings_back_nothing_that_was_deleted_or_never_committed(copy: Path, tmp_path: Path) -> None:
    index = indexer.open_index(copy)
    ingest(tmp_path, {"late": 3})(index)
    index.close()
    # Of the latest commit the table is lost, and with it only which article was new.
    halved(store.toc_path(copy, 4))
    check.repair(copy)
    assert state(sound(copy)) == ALL | expected({"late": 3})
    # What an ingest that was killed has left is named by no table; here all tables can be read.
    with indexer.open_index(copy) as index:
        stray = ColumnarSegment(store.NAME, 1)
        other = replace(index.get("3"), id="stray")
    builder.build(store.segment_path(copy, stray), [other], stemmer("en"), b"")
    file = min(files(copy, ".bsc"), key=lambda file: (file == store.segment_path(copy, stray), file.stat().st_size))
    zeroed(file)
    check.repair(copy)
    assert "stray" not in state(sound(copy))


def test_repair_of_an_index_without_anything_to_read_says_so(copy: Path) -> None:
    for file in (*files(copy, ".toc"), *files(copy, ".bsc")):
        zeroed(file)
    with pytest.raises(CorruptSegmentError, match="restore it from a copy"):
        check.repair(copy)


UPDATE = numbered(range(38, 44), 2)


def updated(folder: Path) -> indexer.NewsIndex:
    """Two segments: the second one holds new versions of two articles of the first."""
    index = indexer.open_index(folder / "news.index", create=True)
    ingest(folder, OLD)(index)
    ingest(folder, UPDATE)(index)
    index.close()
    assert len(files(index.path, ".bsc")) == 2
    return index


@pytest.mark.parametrize("ruin", ["empty", "cut", "zeros"])
def test_repair_keeps_new_articles_of_which_only_the_table_of_contents_is_damaged(tmp_path: Path, ruin: str) -> None:
    index = updated(tmp_path)
    RUIN[ruin](files(index.path, ".toc")[0])
    # A writer that changes nothing leaves what may be repaired.
    assert indexer.open_index(index.path).delete(["unknown"]) == 0
    report = check.repair(index.path)
    assert state(sound(index.path)) == expected({**numbered(range(40, 44), 2), **OLD})
    assert (report.rescued, report.lost) == (4, None)
    assert left_over(index.path) == set()


def test_repair_without_any_table_of_contents_keeps_all_articles(copy: Path) -> None:
    for file in files(copy, ".toc"):
        file.unlink()
    with pytest.raises(CorruptSegmentError, match="lost its table of contents"):
        indexer.open_index(copy, create=True)
    report = check.repair(copy)
    assert state(sound(copy)) == expected(OLD | NEW)
    assert report.lost is None


def test_repair_leaves_a_whole_index_alone(copy: Path) -> None:
    before = {file.name: file.read_bytes() for file in copy.iterdir()}
    done = run("indexer", "check", "--repair", "--index", copy)
    assert (done.returncode, done.stdout) == (
        0,
        f"Kept {len(ALL)} articles, 0 of them rescued; 0 lost (generation 3).\n",
    )
    after = {file.name: file.read_bytes() for file in copy.iterdir() if file.name != store.LOCK}
    assert after == {name: data for name, data in before.items() if name != store.LOCK}
