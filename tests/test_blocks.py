"""The block file: its specified bytes, and that no damage goes unseen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indexer.errors import CorruptSegmentError, FormatVersionError
from indexer.segment import blocks
from indexer.segment.blocks import BlockFile, BlockWriter


def write_example(path: Path) -> bytes:
    with BlockWriter(path) as out:
        out.add("docs", np.array([3, 9], np.uint32))
        out.finish({"n": 2})
    return path.read_bytes()


def specified_example() -> bytes:
    """The bytes in the module's docstring."""
    assert blocks.__doc__
    lines = re.findall(r"^ {4}([0-9a-f]{4})  ((?:[0-9a-f]+ )*[0-9a-f]+)", blocks.__doc__, re.MULTILINE)
    data = b""
    for offset, digits in lines:
        assert int(offset, 16) == len(data)
        data += bytes.fromhex(digits)
    return data


def test_a_file_has_the_bytes_that_the_specification_shows(tmp_path: Path) -> None:
    assert write_example(tmp_path / "example") == specified_example()


def test_the_specified_bytes_are_read_as_the_specification_says(tmp_path: Path) -> None:
    path = tmp_path / "example"
    path.write_bytes(specified_example())
    file = BlockFile(path)
    assert file.meta == {"n": 2}
    assert file.names() == ["docs"]
    assert file.array("docs").tolist() == [3, 9]
    assert file.array("docs").dtype == np.dtype("<u4")
    assert bytes(file.view("docs")) == bytes.fromhex("0300000009000000")
    assert file.damaged() == []


DTYPES = ("u1", "<u2", ">u4", "<u8", "<i8", "<f4", "S16")
ARRAYS: st.SearchStrategy[npt.NDArray[Any]] = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(np.dtype(dtype), st.integers(0, 20))
)


@given(st.dictionaries(st.text(max_size=8), ARRAYS, max_size=4))
def test_arrays_come_back_as_they_were_added(
    tmp_path_factory: pytest.TempPathFactory, added: dict[str, npt.NDArray[Any]]
) -> None:
    path = tmp_path_factory.mktemp("blocks") / "file"
    with BlockWriter(path) as out:
        for name, array in added.items():
            out.add(name, array)
        out.finish({})
    file = BlockFile(path)
    assert file.names() == list(added)
    assert file.damaged() == []
    for name, array in added.items():
        assert file.array(name).tobytes() == array.astype(array.dtype.newbyteorder("<")).tobytes()


def test_a_block_in_parts_equals_the_block_in_one_piece(tmp_path: Path) -> None:
    with BlockWriter(tmp_path / "file") as out:
        out.add_parts("docs", np.uint32, [np.array([3], np.uint8), np.array([], np.int64), np.array([9])])
        out.finish({"n": 2})
    assert (tmp_path / "file").read_bytes() == specified_example()


@given(
    st.lists(st.tuples(st.sampled_from(DTYPES[:4]), st.lists(st.integers(0, 255), max_size=20)), max_size=4),
    st.lists(st.binary(max_size=12), max_size=4),
    st.randoms(use_true_random=False),
)
def test_blocks_that_are_reserved_are_filled_while_others_are_added(
    tmp_path_factory: pytest.TempPathFactory, reserved: list[tuple[str, list[int]]], added: list[bytes], chance: Any
) -> None:
    path = tmp_path_factory.mktemp("blocks") / "file"
    with BlockWriter(path) as out:
        blocks = [out.reserve(f"reserved {n}", dtype, len(values)) for n, (dtype, values) in enumerate(reserved)]
        steps = [(block, value) for block, (_, values) in zip(blocks, reserved, strict=True) for value in values]
        # What comes first in a block stays before what comes later.
        turns = [block for block, _ in steps]
        chance.shuffle(turns)
        left = {id(block): [value for other, value in steps if other is block] for block in blocks}
        todo: list[Any] = [*turns, *enumerate(added)]
        chance.shuffle(todo)
        for step in todo:
            if isinstance(step, tuple):
                out.add(f"added {step[0]}", step[1])
            else:
                step.append(np.array([left[id(step)].pop(0)]))
        out.finish({})
    file = BlockFile(path)
    assert file.damaged() == []
    assert [file.array(f"reserved {n}").tolist() for n in range(len(reserved))] == [values for _, values in reserved]
    assert [bytes(file.view(f"added {n}")) for n in range(len(added))] == added
    assert sorted(file.names()) == sorted(
        [f"reserved {n}" for n in range(len(reserved))] + [f"added {n}" for n in range(len(added))]
    )


def test_a_block_takes_as_much_as_was_reserved_for_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    writer = BlockWriter(path)
    writer.reserve("docs", np.uint32, 3).append(np.array([3, 9]))
    with pytest.raises(ValueError, match="the block 'docs' has room left"), writer:
        writer.finish({})
    assert not path.exists()
    with pytest.raises(ValueError, match="the block 'docs' has no room left"), BlockWriter(path) as out:
        out.reserve("docs", np.uint32, 3).append(np.array([3, 9, 27, 81]))
    assert not path.exists()


def test_every_changed_byte_is_found_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with BlockWriter(path) as out:
        out.add("odd", b"three")  # has padding
        out.add("docs", np.array([3, 9], np.uint32))
        out.add("none", b"")
        out.finish({"n": 2})
    sound = path.read_bytes()
    for place in range(len(sound)):
        for change in (0x01, 0x80, 0xFF):
            damaged = bytearray(sound)
            damaged[place] ^= change
            path.write_bytes(damaged)
            try:
                found = BlockFile(path).damaged()
            except (CorruptSegmentError, FormatVersionError):
                continue
            assert found, f"byte {place} changed by {change:#x} went unseen"


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    sound = write_example(path)
    for length in range(len(sound)):
        path.write_bytes(sound[:length])
        with pytest.raises(CorruptSegmentError, match="restore it from a copy"):
            BlockFile(path)


def test_another_format_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "file"
    data = bytearray(write_example(path))
    data[8] = 2
    path.write_bytes(data)
    with pytest.raises(FormatVersionError, match=r"has format 2, this Broadsheet reads format 1: .*build it again"):
        BlockFile(path)


def test_a_writer_that_fails_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(TypeError), BlockWriter(path) as out:
        out.finish({"n": object()})
    assert not path.exists()


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "file"
    sound = write_example(path)
    with pytest.raises(FileExistsError):
        BlockWriter(path)
    assert path.read_bytes() == sound
