"""What the cleaner counts over a whole dump at once comes to what counting line by line comes to."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning import features, words
from indexer.cleaning.lines import read_dump
from indexer.cleaning.region import KEPT_FROM, Region, best_run, from_headline
from indexer.cleaning.vocabulary import Vocabulary

LINES = st.lists(
    st.text(st.sampled_from(list("abcdE 12.,:!?«»’ßÄé漢字かな")), min_size=1, max_size=40).filter(
        lambda line: bool(line.strip())
    ),
    min_size=1,
    max_size=12,
)


@given(LINES)
def test_weighing_neighbours_before_moving_them_is_weighing_all_properties(lines: list[str]) -> None:
    dump = read_dump("\n".join(lines))
    if not dump.lines:
        return
    properties = features.line_properties(dump, features.Columns.of(dump))
    weights = np.sin(np.arange(len(features.FIRST))).astype(np.float32)
    whole = weights @ features.with_neighbours(properties)
    assert features.weighed(properties, weights) == pytest.approx(whole, abs=1e-3)


@given(LINES)
def test_vocabulary_counts_the_words_of_each_line_once(lines: list[str]) -> None:
    folded = words.folded_lines([" ".join(line.split()) for line in lines])
    vocabulary = Vocabulary.of(folded, unparted=False)
    expected = [set(re.findall(r"[^\W_]{4,}", line)) for line in folded]
    assert vocabulary.sizes.tolist() == [len(line) for line in expected]
    for at, line in enumerate(expected):
        marked = vocabulary.of_line(at)
        assert {word for word, has in zip(vocabulary.words, marked.tolist(), strict=True) if has} == line
    every = np.ones(len(lines), bool)
    counted = dict(zip(vocabulary.words, vocabulary.counts(every).tolist(), strict=True))
    assert all(counted[word] == sum(word in line for line in expected) for line in expected for word in line)


@given(LINES)
def test_folding_lines_together_is_folding_each(lines: list[str]) -> None:
    assert words.folded_lines(lines) == [words.fold(line) for line in lines]


@given(st.lists(st.floats(-6, 6, width=32), min_size=1, max_size=30))
def test_best_run_starts_and_ends_with_lines_that_read_like_text(scores: list[float]) -> None:
    run = best_run(np.array(scores, np.float32))
    if run.start == run.stop:
        assert all(score <= KEPT_FROM + 1e-3 for score in scores)
    else:
        assert scores[run.start] > KEPT_FROM - 1e-3
        assert scores[run.stop - 1] > KEPT_FROM - 1e-3


def test_sure_paragraph_above_a_large_box_belongs_to_the_text() -> None:
    box = [-5.0] * 30
    scores = np.array([-6.0, -6.0, 1.0, 2.5, *box, 3.0, 4.0], np.float32)
    run = best_run(scores)
    assert run == Region(34, 36)
    assert from_headline(run, scores, 1) == Region(3, 36)
    assert from_headline(run, scores, 3) == run
    assert from_headline(run, scores, None) == run


@pytest.mark.parametrize(
    ("phrases", "text", "found"),
    [
        (["may", "march", "mar"], "march 3", "march"),
        (["may", "march", "mar"], "mark", "mar"),
        (["by", "by the"], "by the way", "by the"),
        (["c++", "a.b"], "a.b", "a.b"),
    ],
)
def test_tree_of_phrases_matches_the_longest_that_fits(phrases: list[str], text: str, found: str) -> None:
    match = re.match(words.one_of(phrases), text)
    assert match is not None
    assert match[0] == found
