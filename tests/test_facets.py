"""What filters leave, and how facets and histograms count it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from conftest import NEWS, BuildIndex
from hypothesis import given
from hypothesis import strategies as st
from indexes import add, histogram, ids, story, values

import indexer
from indexer import NewsIndex
from indexer.native.docs import largest
from indexer.response import ValueFacet


def selected(result: indexer.SearchResult, name: str) -> list[str]:
    facet = result.facets[name]
    assert isinstance(facet, ValueFacet)
    return [bucket.value for bucket in facet.buckets if bucket.selected]


@given(st.lists(st.integers(0, 5) | st.sampled_from([2**31, 2**32 - 1]), max_size=60), st.integers(0, 20))
def test_the_largest_counts_are_those_of_a_stable_sort(counts: list[int], size: int) -> None:
    ordered = sorted((n for n, count in enumerate(counts) if count), key=lambda n: -counts[n])
    assert largest(np.array(counts, np.int64), size) == ordered[:size]


def test_filters_take_any_of_the_values_and_none_of_the_excluded(news: NewsIndex) -> None:
    assert news.search(source=["Northern Ledger", "la poste du lac"]).total == 3
    assert sorted(ids(news.search(source="-Gulf Herald", topic="budget"))) == ["ledger-2", "poste-1"]
    assert ids(news.search(topic=["Ferries", "-Budget"])) == ["herald-1"]


def test_since_and_until_are_whole_days_and_leave_undated_articles_out(news: NewsIndex) -> None:
    assert sorted(ids(news.search(since="2024-12-03", until="2025-01-20"))) == ["herald-1", "herald-2"]
    assert news.search(since="2024").total == len(NEWS) - 1
    assert news.search(since=date(2025, 1, 1)).total == 2


@pytest.mark.parametrize(
    ("name", "written"), [("-30-", r"\-30-"), ("--", r"\--"), (r"\-30-", r"\\-30-"), (r"\\", "\\" * 3), ("\\", "\\")]
)
def test_a_value_that_begins_with_a_dash_or_a_backslash_is_asked_for_with_a_backslash(
    new_index: BuildIndex, name: str, written: str
) -> None:
    index = new_index(*(story(source, source=source) for source in ("30-", "-30-", "-", "--", r"\-30-", r"\\", "\\")))
    result = index.search(source=written, facets="source")
    assert (ids(result), selected(result, "source")) == ([name], [name])
    assert name not in ids(index.search(source=f"-{name}"))
    assert index.search(source=f"-{name}").total == 6


def test_a_facet_ignores_its_own_filter_and_obeys_the_others(news: NewsIndex) -> None:
    result = news.search(source="Gulf Herald", language="en", facets=["source", "topic"])
    assert result.total == 2
    assert values(result, "source") == {"Gulf Herald": 2, "Northern Ledger": 2}
    assert values(result, "topic") == {"Ferries": 2, "Budget": 1}
    facet = result.facets["source"]
    assert isinstance(facet, ValueFacet)
    assert facet.missing == 1


def test_selected_values_appear_even_without_a_match(news: NewsIndex) -> None:
    result = news.search("herring", source=["Gulf Herald", "Nowhere Times"], facet_size=1)
    assert result.total == 0
    assert values(result, "source") == {"Gulf Herald": 0, "Nowhere Times": 0}
    assert sorted(selected(result, "source")) == ["Gulf Herald", "Nowhere Times"]
    assert selected(news.search(source="-Gulf Herald"), "source") == []


def test_selected_values_appear_beyond_the_size_of_the_facet(news: NewsIndex) -> None:
    result = news.search(topic=["Ostrava"], facets=["topic"], facet_size=1)
    assert list(values(result, "topic")) == ["Budget", "Ostrava"]
    facet = result.facets["topic"]
    assert isinstance(facet, ValueFacet)
    assert facet.other == 3  # Defence once and Ferries twice


def test_a_selected_value_that_no_match_has_is_shown_as_it_was_asked_for_in_any_cut(
    new_index: BuildIndex, tmp_path: Path
) -> None:
    index = new_index(story("a", "harbour", source="Morning Post"), *(story(str(n), "tide") for n in range(3)))
    for _ in range(2):
        facet = index.search("tide", source="MORNING post", facets=["source"]).facets["source"]
        assert isinstance(facet, ValueFacet)
        assert [(b.value, b.count, b.selected) for b in facet.buckets] == [("MORNING post", 0, True)]
        add(index, tmp_path, [story("new", "tide")])
    assert index.stats().segments == 2


def test_of_values_alike_as_many_are_shown_as_asked_for_and_the_others_are_summed_up(new_index: BuildIndex) -> None:
    index = new_index(*(story(f"{n}", "Fog.", source=f"Outlet {n % 5}") for n in range(10)))
    for size in (1, 2, 5, 6):
        facet = index.search("fog", facets=["source"], facet_size=size).facets["source"]
        assert isinstance(facet, ValueFacet)
        assert [bucket.value for bucket in facet.buckets] == [f"Outlet {n}" for n in range(min(size, 5))]
        assert facet.other == 10 - 2 * min(size, 5)


def test_names_that_differ_by_marks_of_direction_are_one(new_index: BuildIndex) -> None:
    names = ("الميدان", "الميدان\u200f", "\u2067الميدان\u2069")
    index = new_index(*(story(f"{at}", "Fog.", source=name, topics=[name]) for at, name in enumerate(names)))
    for field in ("source", "topic"):
        facet = index.search("fog", facets=[field]).facets[field]
        assert isinstance(facet, ValueFacet)
        assert [(bucket.value, bucket.count) for bucket in facet.buckets] == [(names[0], 3)]
        for name in names:
            assert index.search("fog", **{field: name}).total == 3
            assert index.search(f'{field}:"{name}"').total == 3


def test_a_stray_date_does_not_fill_the_histogram_with_empty_days(new_index: BuildIndex) -> None:
    index = new_index(*(story(day, "Fog.", date=day) for day in ("1801-01-01", "2024-05-01", "2024-05-02")))
    buckets = histogram(index.search("fog", facets=["date"], interval="day")).buckets
    assert [(str(bucket.start), bucket.count, bucket.indexed) for bucket in buckets] == [
        ("1801-01-01", 1, 1),
        ("2024-05-01", 1, 1),
        ("2024-05-02", 1, 1),
    ]


def test_an_article_counts_once_for_each_of_its_topics_however_they_are_spelled(new_index: BuildIndex) -> None:
    index = new_index(story("1", topics=["Élan", "elan", "Oil"]), story("2", topics=["elan"]), story("3"))
    result = index.search(facets=["topic"])
    assert values(result, "topic") == {"elan": 2, "Oil": 1}
    facet = result.facets["topic"]
    assert isinstance(facet, ValueFacet)
    assert (facet.other, facet.missing) == (0, 1)


def test_only_the_facets_that_were_asked_for_are_counted(news: NewsIndex) -> None:
    assert list(news.search().facets) == ["source", "date"]
    assert news.search(facets=[]).facets == {}
    assert list(news.search(facets="topic,language").facets) == ["topic", "language"]


def test_a_date_bucket_knows_how_many_articles_the_filters_leave_in_it(news: NewsIndex) -> None:
    facet = histogram(news.search("ferry", language="en", interval="month"))
    assert [(b.start, b.count, b.indexed) for b in facet.buckets] == [
        (date(2024, 12, 1), 1, 2),
        (date(2025, 1, 1), 1, 1),
    ]
    assert facet.missing == 1


def test_the_histogram_fills_gaps_and_weeks_begin_on_monday(new_index: BuildIndex) -> None:
    index = new_index(story("1", date="2024-03-03T23:59:59Z"), story("2", date="2024-03-18"))
    weeks = histogram(index.search(interval="week")).buckets
    assert [(b.start, b.count) for b in weeks] == [
        (date(2024, 2, 26), 1),
        (date(2024, 3, 4), 0),
        (date(2024, 3, 11), 0),
        (date(2024, 3, 18), 1),
    ]
    assert [b.start for b in histogram(index.search(interval="day")).buckets][-1] == date(2024, 3, 18)


def test_dates_before_1970_fall_into_their_own_buckets(new_index: BuildIndex) -> None:
    index = new_index(
        story("1", date="1969-12-31T23:59:59Z"), story("2", date="1912-04-15"), story("3", date="1970-01-01")
    )
    for interval, starts in (
        ("day", [date(1912, 4, 15), date(1969, 12, 31), date(1970, 1, 1)]),
        ("year", [date(1912, 1, 1), date(1969, 1, 1), date(1970, 1, 1)]),
    ):
        buckets = histogram(index.search(interval=interval)).buckets
        assert [b.start for b in buckets if b.count] == starts
    assert ids(index.search(sort="oldest")) == ["2", "1", "3"]
    assert ids(index.search(until="1969-12-31", sort="newest")) == ["1", "2"]


def test_the_interval_fits_the_span_of_the_matches(new_index: BuildIndex) -> None:
    index = new_index(
        story("1", "x", date="2000-01-01"),
        story("2", "x w m", date="2020-06-01"),
        story("3", "x w m d", date="2020-09-01"),
        story("4", "x d", date="2020-09-03"),
        story("5", "x m", date="2022-09-03"),
    )
    found = {word: histogram(index.search(word)).interval for word in ("d", "w", "m", "x")}
    assert found == {"d": "day", "w": "week", "m": "month", "x": "year"}
    assert histogram(index.search("nothing")).interval == "month"
