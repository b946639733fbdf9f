"""The loops over lists of documents: what they find is what a model in a few lines finds, whatever a segment says."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.native.docs import Share, below, common, counted, marked, scores_of, summed
from indexer.native.segment import TYPES, Blocks, Segment

Array = npt.NDArray[Any]

# Documents enough for several blocks, and lists of which one may be very much longer than the other.
DOCS = 20_000
SIZES = st.sampled_from([0, 1, 2, 15, 16, 17, 40, 300, 3000, 15_000, DOCS])
SEEDS = st.integers(0, 2**32 - 1)


def some_docs(rng: np.random.Generator, size: int) -> Array:
    # They may lie together or far apart.
    reach = DOCS if rng.random() < 0.7 else min(DOCS, 2 * size + 1)
    docs = rng.choice(reach, min(size, reach), replace=False) + rng.integers(0, DOCS - reach + 1)
    return np.sort(docs).astype(np.uint32)


def segment_of(docs: Array, keys: Array) -> Segment:
    return Segment(
        Blocks(**{name: np.empty(0, kinds.split()[0]) for name, kinds in TYPES.items()} | {"docs": docs, "keys": keys})
    )


@given(SEEDS, SIZES, SIZES)
def test_documents_in_common_are_those_of_both_lists(seed: int, size: int, other: int) -> None:
    rng = np.random.default_rng(seed)
    docs, others = some_docs(rng, size), some_docs(rng, other)
    here, there = common(docs, others, DOCS)
    both, expected_here, expected_there = np.intersect1d(docs, others, return_indices=True)
    assert here.tolist() == expected_here.tolist()
    assert there.tolist() == expected_there.tolist()
    assert docs[here].tolist() == both.tolist()


@given(SEEDS, st.integers(0, 40), st.integers(0, 900), st.integers(0, 9000))
def test_lists_out_of_order_are_compared_inside_of_them(seed: int, size: int, other: int, doc_count: int) -> None:
    rng = np.random.default_rng(seed)
    known = np.array([0, 1, doc_count, 8191, 8192, 2**31, 2**32 - 1], np.uint32)
    docs, others = rng.choice(known, size), rng.choice(known, other)
    here, there = common(docs, others, doc_count)
    assert len(here) == len(there)
    assert set(here.tolist()) <= set(range(size))
    assert set(there.tolist()) <= set(range(other))
    assert set(below(docs, others).tolist()) <= set(range(size + 1))


@settings(deadline=None)
@given(SEEDS, st.lists(st.tuples(SIZES, st.integers(0, 4)), max_size=4))
def test_lists_are_united_with_the_sums_of_their_scores(seed: int, asked: list[tuple[int, int]]) -> None:
    rng = np.random.default_rng(seed)
    table = rng.random(65536, np.float32) + np.float32(0.1)
    lists: list[tuple[Array, list[Share], float]] = []
    postings, first = [], 0
    for size, kind in asked:
        docs = some_docs(rng, size)
        stop = first + len(docs)
        numbers, places = rng.random(len(docs), np.float32), rng.permutation(len(docs))
        shares = [
            [],
            [Share(first, stop, 1.5)],
            [Share(first, stop, 0.3, None, places)],
            [Share(0, len(docs), 1.0, numbers)],
            [Share(first, stop, 0.3, None, places), Share(0, len(docs), 1.0, numbers)],
        ][kind]
        lists.append((docs, shares, float(rng.integers(kind == 0, 3))))
        postings.append(docs)
        first = stop
    keys = rng.integers(0, 65536, first).astype(np.uint16)
    segment = segment_of(np.concatenate([np.empty(0, np.uint32), *postings]), keys)
    expected: dict[int, np.float32] = {}
    for docs, shares, constant in lists:
        scores = np.full(len(docs), constant, np.float32)
        for start, _, factor, own, places in shares:
            numbers = np.arange(len(docs)) if places is None else places
            scores += table[keys[start + numbers]] * np.float32(factor) if own is None else own[start + numbers]
        if shares:
            assert scores_of(segment, table, shares, constant, len(docs)).tolist() == scores.tolist()
        for doc, score in zip(docs.tolist(), scores, strict=True):
            expected[doc] = expected.get(doc, np.float32(0)) + score
    docs, sums = summed(segment, table, lists, DOCS)
    assert docs.tolist() == sorted(expected)
    assert sums.tolist() == [expected[doc] for doc in docs.tolist()]


@given(SEEDS, st.integers(0, 300), st.integers(0, 300))
def test_lists_of_a_damaged_segment_are_united_inside_of_it(seed: int, size: int, doc_count: int) -> None:
    rng = np.random.default_rng(seed)
    docs = rng.choice(np.array([0, 1, 5, doc_count, 2**31, 2**32 - 1], np.uint32), size)
    segment = segment_of(docs, rng.integers(0, 65536, size).astype(np.uint16))
    table = np.ones(65536, np.float32)
    lists = [(docs, [Share(0, size, 1.0)], 0.0), (docs[::-1].copy(), [], 1.0)]
    found, sums = summed(segment, table, lists, doc_count)
    assert len(found) == len(sums)
    assert set(found.tolist()) <= set(docs.tolist())
    assert (found < doc_count).all()
    assert (np.diff(found.astype(np.int64)) > 0).all()


@given(SEEDS, SIZES, SIZES)
def test_documents_below_bounds_are_those_that_a_search_for_each_finds(seed: int, size: int, many: int) -> None:
    rng = np.random.default_rng(seed)
    docs, bounds = some_docs(rng, size), np.sort(rng.integers(0, DOCS + 2, many))[::-1].astype(np.uint32)
    assert below(docs, bounds).tolist() == docs.searchsorted(bounds).tolist()


@given(st.lists(st.booleans() | st.just(False), max_size=60))
def test_marked_documents_are_those_that_are_marked(seen: list[bool]) -> None:
    assert marked(np.array(seen, np.bool_)).tolist() == [doc for doc, is_marked in enumerate(seen) if is_marked]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32])
@given(seed=SEEDS, size=SIZES, values=st.integers(0, 200))
def test_values_are_counted_of_those_documents_that_have_one(kind: Any, seed: int, size: int, values: int) -> None:
    rng = np.random.default_rng(seed)
    ordinals = rng.integers(0, values + 2, DOCS).astype(kind)
    docs = np.append(some_docs(rng, size), np.uint32(DOCS)).astype(np.uint32)
    tally, without = counted(docs, ordinals, values)
    own = ordinals[docs[:-1]]
    assert tally.tolist() == np.bincount(own[own < values], minlength=values).tolist()
    # One of the documents is none.
    assert without == int((own >= values).sum()) + 1
