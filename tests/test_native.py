"""The loops in C: what they find is what a model in a few lines finds, and no damaged segment leads them astray."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import word_spans
from indexer.article import paragraphs
from indexer.characters import SHAPES, learn
from indexer.errors import CorruptSegmentError, ResourceError
from indexer.native import build, closeness, layout, library
from indexer.native.edits import near_strings
from indexer.native.marks import Item, Rules, pieces_of_hits
from indexer.native.merging import GONE, PostingsMerger, Share
from indexer.native.places import EVERYWHERE, mark_docs_of_any, places_of_any, rows_of_words
from indexer.native.segment import TYPES, Blocks, Known, Segment, Stem
from indexer.native.strings import Sorted, numbered, united

ROOT = Path(__file__).parents[1]
WORDS = st.binary(max_size=4) | st.sampled_from([b"oil", b"oils", b"oil\0", b"\xc3\xa9t\xc3\xa9", b"a" * 40])
LAYOUTS = st.lists(
    st.sampled_from(
        [
            "oil",
            "Öl",
            "e\u0301",
            "½",
            "“",
            "\u200f",
            "\u2028",
            "\u20ac",
            " ",
            "  ",
            "   ",
            "\n",
            "\n\n",
            "\n\n\n",
            "\t",
            "\u00a0",
            "\x7f",
            "\x85",
        ]
    )
    | st.text(alphabet=st.characters(codec="utf-8"), max_size=3),
    max_size=12,
).map("".join)


# Whatever the blocks of a damaged segment say: small numbers, so that many of them mean something, and any others.
def numbers(dtype: type[np.unsignedinteger[Any]], most: int) -> st.SearchStrategy[npt.NDArray[Any]]:
    top = int(np.iinfo(dtype).max)
    some = st.lists(st.integers(0, min(top, 6)) | st.sampled_from([top, top // 2 + 1, 127 << 8 & top]), max_size=most)
    return some.map(lambda values: np.array(values, dtype))


@given(st.lists(st.sets(WORDS, max_size=12), max_size=6))
def test_strings_of_several_lists_are_united_in_order(lists: list[set[bytes]]) -> None:
    ordered = [sorted(own) for own in lists]
    joined, offsets, numbers = united([columns(own) for own in ordered])
    every = sorted(set().union(*lists))
    bounds = offsets.tolist()
    assert [bytes(joined[a:b]) for a, b in pairwise(bounds)] == every
    assert [[every[number] for number in own.tolist()] for own in numbers] == ordered


@given(st.lists(WORDS | st.text("ab", max_size=12).map(str.encode), max_size=40))
def test_strings_in_any_order_are_put_in_order(strings: list[bytes]) -> None:
    firsts, numbers = numbered(b"".join(strings), np.cumsum([0, *map(len, strings)], dtype=np.int64))
    in_order = sorted(set(strings))
    assert [strings[first] for first in firsts.tolist()] == in_order
    assert firsts.tolist() == [strings.index(string) for string in in_order]
    assert [in_order[number] for number in numbers.tolist()] == strings


@given(st.sets(WORDS, max_size=12), WORDS)
def test_a_string_has_as_many_before_it_as_are_less(strings: set[bytes], string: bytes) -> None:
    assert Sorted(*columns(sorted(strings))).place(string) == sum(other < string for other in strings)


@given(st.binary(max_size=8), numbers(np.uint32, 6).filter(len), WORDS)
def test_the_search_for_a_string_stays_inside_damaged_ones(
    joined: bytes, offsets: npt.NDArray[Any], string: bytes
) -> None:
    strings = Sorted(np.frombuffer(joined, np.uint8), offsets)
    assert 0 <= strings.place(string) < len(offsets)
    assert set(near_strings(strings, "oil", 2, 0, strings.count, None)) <= set(range(strings.count))


def columns(strings: list[bytes]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    offsets = np.cumsum([0, *map(len, strings)]).astype(np.uint32)
    return np.frombuffer(b"".join(strings), np.uint8), offsets


@given(LAYOUTS)
def test_the_layout_of_a_text_is_what_expressions_find_in_it(text: str) -> None:
    found = layout.layout(text.encode())
    for bit, pattern in (
        (layout.CONTROL, r"[\x00-\x09\x0b-\x1f\x7f]"),
        (layout.UNCOMMON, r"[^\x00-\x7f\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027]"),
        (layout.TWO_SPACES, r"(?<! )  (?! )"),
        (layout.UNTIDY, r" {3}|\A[ \n]|[ \n]\Z| \n|\n "),
        (layout.LINE_END, r"(?<!\n)\n(?!\n)"),
        (layout.BLANK_LINE, r"(?<!\n)\n\n(?!\n)"),
        (layout.BLANK_LINES, r"\n{3}"),
    ):
        assert bool(found & bit) == bool(re.search(pattern, text)), pattern


def test_what_is_common_beyond_ascii_is_seen_and_in_its_normal_form_beside_anything_common() -> None:
    common = [chr(point) for point in range(0x80, 0x2100) if not layout.layout(chr(point).encode()) & layout.UNCOMMON]
    assert len(common) == 0x300 - 0xA2 + 0x2028 - 0x2010
    assert "".join(common).isprintable()
    common += map(chr, range(0x20, 0x7F))
    assert all(unicodedata.is_normalized("NFC", left + right) for left in common for right in common)


@given(LAYOUTS)
def test_paragraphs_have_no_white_space_but_single_spaces_and_blank_lines(text: str) -> None:
    found = paragraphs(text)
    assert re.fullmatch(r"(\S+( \S+)*(\n\n?\S+( \S+)*)*)?", found)
    assert unicodedata.is_normalized("NFC", found)
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if not c.isspace() and unicodedata.category(c) != "Cc")
    assert "".join(found.split()) == unicodedata.normalize("NFC", kept)
    assert paragraphs(found) == found


# Characters that fold to nothing, to two words, to a word and a sign, and to whole words.
TEXTS = st.lists(
    st.sampled_from(
        ["oil", "É", "e\u0301", "\u0301", "½", "a½b", "℃", "x℃y", "㎏", "ﷺ", "İ", " ", "-", "_", "\n\n", "\ud7ff"]
    )
    | st.text(max_size=4),
    max_size=30,
).map(lambda parts: "".join(parts).encode("utf-8", "replace").decode())


RULES = Rules(most_marks=64, body_start=1000, reach=6, words=10, lead=4, pieces=3)


@given(TEXTS, st.sets(st.integers(0, 40)))
def test_marked_words_span_in_a_text_what_folding_it_says(text: str, numbers: set[int]) -> None:
    text = text.replace("\n", " ")
    learn(text.encode())
    spans = [span for _, *span in word_spans(text)]
    expected: list[list[int]] = []
    for start, end in [spans[number] for number in sorted(numbers) if number < len(spans)]:
        if expected and start < expected[-1][1]:
            expected[-1][1] = max(end, expected[-1][1])
        else:
            expected.append([start, end])
    item = Item(keys=np.array(sorted(numbers), np.int64))
    shown = pieces_of_hits(EMPTY, SHAPES, [0], [text.encode()], [b""], [item], RULES)
    assert shown == ([0], [text], [tuple(map(tuple, expected))])


def test_a_text_with_a_character_that_was_never_met_has_to_be_learnt_first() -> None:
    learn("é".encode())
    shapes = SHAPES.copy()
    shapes[0xE9] = 0
    assert pieces_of_hits(EMPTY, shapes, [0], [b""], ["abc é".encode()], [], RULES) is None
    assert pieces_of_hits(EMPTY, SHAPES, [0], [b""], ["abc é".encode()], [], RULES) == ([1], ["abc é"], [()])


BLOCKS = st.builds(
    Blocks,
    docs=numbers(np.uint32, 40),
    keys=numbers(np.uint16, 40),
    long=numbers(np.uint32, 4),
    long_frequencies=numbers(np.uint32, 4),
    title_lengths=numbers(np.uint16, 8),
    stem_postings=numbers(np.uint32, 5),
    stem_forms=numbers(np.uint32, 5),
    forms=numbers(np.uint32, 6),
    word_stems=numbers(np.uint32, 6),
    anchor_offsets=numbers(np.uint32, 6),
    starts=numbers(np.uint32, 4) | numbers(np.uint64, 4),
    positions=numbers(np.uint16, 60) | numbers(np.uint32, 60),
    variants=numbers(np.uint8, 30) | numbers(np.uint16, 30),
    stem_places=numbers(np.uint64, 5),
    stem_variants=numbers(np.uint64, 5),
    anchors=numbers(np.uint16, 8) | numbers(np.uint32, 8),
)
EMPTY = Segment(Blocks(**{name: np.empty(0, kinds.split()[0]) for name, kinds in TYPES.items()}))
SHIFTS = st.integers(-5, 5) | st.sampled_from([-(2**40), 2**40])


@given(BLOCKS, st.data())
def test_the_loops_stay_inside_the_blocks_of_a_damaged_segment(blocks: Blocks, data: st.DataObject) -> None:
    segment = Segment(blocks)
    ends = st.integers(0, segment.posting_count)
    stems = [
        Stem(*sorted(pair), shift) for *pair, shift in data.draw(st.lists(st.tuples(ends, ends, SHIFTS), max_size=3))
    ]
    docs = np.array(sorted(data.draw(st.sets(st.integers(0, 8)))), np.uint32)
    words = [(number, data.draw(st.integers(-1, 2))) for number in range(len(stems))]
    if stems:
        somewhere = data.draw(st.lists(st.integers(-9, 50), min_size=len(docs), max_size=len(docs)))
        known = [
            Known(number % 3 > 0, np.array(somewhere, np.int64) if number % 3 > 1 else None)
            for number in range(len(words))
        ]
        row, most = [(stems[number], form) for number, form in words], data.draw(st.sampled_from([1, EVERYWHERE]))
        keys = rows_of_words(segment, docs, row, 0, 1 << 31, known, most)
        assert (np.diff(keys >> 32) >= 0).all()
        assert set((keys >> 32).tolist()) <= set(range(len(docs)))
    asked = data.draw(numbers(np.uint32, 5))
    keys = places_of_any(segment, docs, asked, 0, EVERYWHERE)
    assert set((keys >> 32).tolist()) <= set(range(len(docs)))
    seen = np.zeros(8, np.uint8)
    mark_docs_of_any(segment, asked, 0, data.draw(st.sampled_from([3, EVERYWHERE])), seen)
    assert set(seen.tolist()) <= {0, 1}
    bodies = [data.draw(TEXTS).encode() for _ in docs]
    learn(b"".join(bodies))
    items = [Item([(stems[number], form)] * 2, None, 0, EVERYWHERE) for number, form in words]
    for item in (*items, Item(keys=keys)):
        shown = pieces_of_hits(segment, SHAPES, docs.tolist(), bodies, bodies, [item], RULES)
        assert shown is not None
        assert len(shown.texts) == len(shown.ranges) == sum(pieces or 1 for pieces in shown.pieces)
        for text, ranges in zip(shown.texts, shown.ranges, strict=True):
            assert all(0 <= start < end <= len(text) for start, end in ranges)
    table, norms = np.ones(65536, np.float32), np.ones(256)
    constants = {"title_bonus": 3.0, "title_b": 0.8, "near_k": 1.2, "k1": 1.2, "near_words": 8, "body_start": 3}
    rules = closeness.Rules(table, norms, 4.0, **constants)
    parts = [closeness.Part(closeness.ROW, 0, len(words), 1.0)] if words else []
    for number, form in words:
        parts.append(closeness.Part(closeness.EXACT, number, form, 1.0))
        parts += [closeness.Part(kind, number, 0, 1.0) for kind in (closeness.HEADLINE, closeness.RELATED)]
        parts.append(closeness.Part(closeness.NEAR, 0, number, 1.0))
    guesses = data.draw(st.lists(st.integers(-9, 50), min_size=len(docs), max_size=len(docs)))
    sought = [
        closeness.Sought(stem, Known(number % 3 > 0, np.array(guesses, np.int64) if number % 3 > 1 else None))
        for number, stem in enumerate(stems)
    ]
    added = closeness.added(segment, rules, docs, np.arange(len(docs)), sought, parts, words)
    assert added.shape == (len(parts) + 1, len(docs))
    assert np.allclose(added[-1], added[:-1].sum(axis=0))
    assert np.isfinite(added).all()


@given(BLOCKS, st.data())
def test_merging_a_damaged_segment_stays_inside_its_blocks_or_is_refused(blocks: Blocks, data: st.DataObject) -> None:
    stems = data.draw(st.integers(0, 3))
    bounds = st.lists(st.integers(0, 8), min_size=stems + 1, max_size=stems + 1)
    share = Share(
        docs=blocks.docs,
        keys=blocks.keys,
        long=blocks.long,
        long_frequencies=blocks.long_frequencies,
        positions=blocks.positions,
        variants=blocks.variants,
        **{
            name: np.array(data.draw(bounds | bounds.map(sorted)), np.uint32)
            for name in ("stem_postings", "stem_places", "stem_variants", "stem_forms")
        },
        stems=np.array(data.draw(st.lists(st.integers(-1, stems), min_size=stems, max_size=stems)), np.int64),
        forms=data.draw(numbers(np.uint16, 8)),
        new_docs=np.array(data.draw(st.lists(st.sampled_from([0, 1, 2, GONE]), max_size=6)), np.uint32),
    )
    try:
        merger = PostingsMerger([share, share], np.full(stems, 2, np.int64), np.uint32, np.uint8)
        rooms = [data.draw(st.integers(0, 2 * len(rows))) for rows in (blocks.docs, blocks.positions)]
        made = merger.merged(0, stems, *rooms)
    except CorruptSegmentError:
        return
    counts, places, docs, keys, frequencies, positions, _ = made
    assert counts.sum() == len(docs) == len(keys) == len(frequencies)
    assert places.sum() == frequencies.sum() == len(positions)


def test_blocks_of_other_types_are_no_segment() -> None:
    wrong = Blocks(*(np.empty(0, np.float32) for _ in Blocks._fields))
    with pytest.raises(CorruptSegmentError, match="float32"):
        Segment(wrong)


def test_a_folder_that_was_never_installed_compiles_itself_and_drops_what_it_had_compiled_before(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "indexer"
    shutil.copytree(ROOT / "indexer", folder, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    stale = folder / "native" / "loops-00000000.so"
    stale.write_bytes(b"of other sources")
    asked = "from indexer.native.layout import layout, TWO_SPACES; print(layout(b'a  b') == TWO_SPACES)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr
    assert len(list(folder.glob("native/loops-*.so"))) == 1
    assert not stale.exists()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="asks for the extensions of that processor")
def test_the_library_is_made_for_every_processor_of_its_kind() -> None:
    asked = [*build._compiler(), "-dM", "-E", "-x", "c", "/dev/null"]
    macros = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert "__SSE2__" in macros
    assert "__SSE3__" not in macros


def test_without_the_library_and_a_compiler_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_FOLDER", tmp_path)
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResourceError, match="pip install"):
        library.loops.__wrapped__()
