"""An index from a stranger: nothing that it names is run, no file outside of it is touched."""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acts import ingest, numbered
from processes import run
from whoosh.index import open_dir

import indexer
from indexer import store, toc
from indexer.check import repair
from indexer.errors import BroadsheetError, CorruptSegmentError, NotAnIndexError
from indexer.segment.entry import ColumnarSegment


class Calls:
    """Pickles as a call of anything."""

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self._call = (function, args)

    def __reduce__(self) -> Any:
        return self._call


def evil(path: Path) -> dict[str, Any]:
    """Objects that make the folder `path` where they are unpickled as plain pickles."""
    return {
        "os.system": Calls(os.system, f"mkdir {path}"),
        "eval": Calls(eval, f"__import__('os').mkdir({str(path)!r})"),
        "os.mkdir": Calls(os.mkdir, str(path)),
    }


@pytest.fixture
def index(tmp_path: Path) -> Path:
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        ingest(tmp_path, numbered(range(5), 1))(index)
    return tmp_path / "news.index"


def rewritten(path: Path, *, schema: Any = None, segments: Any = None) -> None:
    """Replace parts of the latest table, as somebody who knows the format would."""
    generation = store.latest_generation(path)
    table = store.toc_path(path, generation)
    data = table.read_bytes()
    plain, _, place = toc._layout(data)
    pickled = plain if schema is None else pickle.dumps(schema, 2)
    head = data[: data.index(plain)]
    # The length of the schema is a varint of two bytes or more before it.
    length = len(plain)
    while length:
        head = head[:-1]
        length >>= 7
    varint = bytearray()
    rest = len(pickled)
    while rest >= 0x80:
        varint.append(rest & 0x7F | 0x80)
        rest >>= 7
    varint.append(rest)
    tail = data[place + 4 :] if segments is None else pickle.dumps(segments)
    start = head + bytes(varint) + pickled + generation.to_bytes(4, "big")
    checksum = (zlib.crc32(tail, zlib.crc32(start)) or 1).to_bytes(4, "big")
    table.write_bytes(start + checksum + tail)


@pytest.mark.parametrize("name", evil(Path("x")))
@pytest.mark.parametrize("part", ["schema", "segments"])
def test_nothing_that_a_table_names_is_run(index: Path, tmp_path: Path, name: str, part: str) -> None:
    trace = tmp_path / "trace"
    opened = indexer.open_index(index)
    before = opened.check()
    rewritten(index, **{part: evil(trace)[name]})
    for use in (
        lambda: indexer.open_index(index),
        lambda: indexer.open_index(index, create=True, verify=True),
        lambda: opened.delete(["1"]),
        lambda: opened.snapshot(tmp_path / "copy"),
        lambda: store.sweep(index, None) or store.read_commit(index, 1),
    ):
        with pytest.raises(NotAnIndexError, match="which no index of Broadsheet's has"):
            use()
    assert before.ok
    assert not opened.check().ok
    repair(index)
    assert not trace.exists()


def test_plain_whoosh_runs_what_a_table_names(index: Path, tmp_path: Path) -> None:
    """So the tables of these tests would do harm."""
    rewritten(index, segments=evil(tmp_path / "trace")["os.mkdir"])
    open_dir(str(index))
    assert (tmp_path / "trace").is_dir()


def test_the_commands_refuse_a_table_that_names_something_else_in_one_line(index: Path, tmp_path: Path) -> None:
    rewritten(index, segments=evil(tmp_path / "trace")["os.system"])
    done = run("search", "ferry", "--index", index)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("id", ["../../secret", "/etc/passwd", "x/y", "", "..", "X", "a\0b"])
def test_a_segment_cannot_be_outside_of_the_index(index: Path, id: str) -> None:
    segment = ColumnarSegment("MAIN", 5)
    segment.segid = id
    rewritten(index, segments=[segment])
    with pytest.raises(BroadsheetError, match="what is no segment"):
        store.read_commit(index, store.latest_generation(index))


@pytest.mark.parametrize(
    "segments",
    [None, 7, [7], {"a": 1}, [["MAIN"]], "MAIN_x", [b"x"] * 3],
    ids=str,
)
def test_a_table_of_nonsense_is_damaged(index: Path, segments: Any) -> None:
    rewritten(index, segments=[segments])
    with pytest.raises(BroadsheetError, match=r"_MAIN_1\.toc"):
        store.read_commit(index, 1)


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 10, b"\xff" * 10**6, b"\x7f" * 100])
def test_a_table_whose_numbers_have_no_end_or_lie_is_damaged(index: Path, content: bytes) -> None:
    table = store.toc_path(index, 1)
    table.write_bytes(toc._HEAD + content)
    with pytest.raises(CorruptSegmentError, match="the table of contents is damaged"):
        store.read_commit(index, 1)


def test_deletions_outside_of_a_segment_are_damage(index: Path) -> None:
    segment = store.read_commit(index, 1).segments[0]
    segment.delete_document(10**6)
    rewritten(index, segments=[segment])
    with pytest.raises(BroadsheetError, match=r"_MAIN_1\.toc"):
        store.read_commit(index, 1)


def test_rewritten_tables_are_read_as_they_are(index: Path) -> None:
    """The tool of these tests makes tables that open, so that a refusal has its reason in what was put in."""
    rewritten(index)
    assert indexer.open_index(index).search().total == 5
    with open_dir(str(index)).searcher() as searcher:
        assert searcher.doc_count() == 5
