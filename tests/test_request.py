"""The checks of a search request, and what they tell the caller."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import ParameterError
from indexer.request import DEFINITIONS, PARAMETERS, SearchRequest


def refused(**options: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        SearchRequest.of(**options)
    return str(caught.value)


def test_the_defaults_are_those_of_the_contract() -> None:
    request = SearchRequest.of()
    assert request == SearchRequest(
        q="",
        match="all",
        sort="relevance",
        limit=10,
        facets=("source", "date"),
        interval="auto",
        facet_size=20,
        snippets=1,
        timeout_ms=None,
        explain=False,
        freshness=None,
        expand=False,
    )


def test_an_option_of_none_is_its_default() -> None:
    nothing = dict.fromkeys(name for name in PARAMETERS if name != "q")
    assert SearchRequest.of("oil", **nothing) == SearchRequest(q="oil")


def test_one_value_or_several_filter() -> None:
    assert SearchRequest.of(source="Al Mayadeen English").source == ("Al Mayadeen English",)
    assert SearchRequest.of(source=["A", "-B"]).source == ("A", "-B")


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12-03", date(2024, 12, 3), date(2024, 12, 3)),
        (date(2024, 12, 3), date(2024, 12, 3), date(2024, 12, 3)),
        (datetime(2024, 12, 3, 19, 17), date(2024, 12, 3), date(2024, 12, 3)),
        (datetime(2024, 12, 2, 22, tzinfo=timezone(-timedelta(hours=5))), date(2024, 12, 3), date(2024, 12, 3)),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=5))), date.max, date.max),
    ],
)
def test_a_year_or_month_stands_for_all_its_days(value: object, first: date, last: date) -> None:
    request = SearchRequest.of(since=value, until=value)
    assert (request.since, request.until) == (first, last)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"since": "2024-13-01"}, "since: no such day: '2024-13-01' (write YYYY-MM-DD, as in 2024-12-03)"),
        ({"until": "2023-02-29"}, "until: no such day: '2023-02-29' (write YYYY-MM-DD, as in 2024-12-03)"),
        ({"since": "yesterday"}, "since: no such day: 'yesterday' (write YYYY-MM-DD, as in 2024-12-03)"),
        ({"since": 20240101}, "since: no such day: '20240101' (write YYYY-MM-DD, as in 2024-12-03)"),
        ({"since": "2024-02", "until": "2024-01"}, "since: 2024-02-01 is after until=2024-01-31 (swap the two days)"),
        ({"limit": -1}, "limit: -1 is out of range (0 to 1000)"),
        ({"limit": 1001}, "limit: 1001 is out of range (0 to 1000)"),
        ({"limit": "ten"}, "limit: not a whole number: 'ten' (0 to 1000)"),
        ({"limit": 2.5}, "limit: not a whole number: '2.5' (0 to 1000)"),
        ({"limit": True}, "limit: not a whole number: 'True' (0 to 1000)"),
        ({"limit": float("nan")}, "limit: not a whole number: 'nan' (0 to 1000)"),
        ({"limit": float("inf")}, "limit: not a whole number: 'inf' (0 to 1000)"),
        ({"snippets": 6}, "snippets: 6 is out of range (0 to 5)"),
        ({"facet_size": 0}, "facet_size: 0 is out of range (1 to 1000)"),
        ({"timeout_ms": 0}, "timeout_ms: 0 is out of range (1 to 600000)"),
        ({"explain": "perhaps"}, "explain: not a yes or no: 'perhaps' (true or false)"),
        ({"match": "some"}, "match: unknown value 'some' (one of all, any)"),
        ({"sort": "newst"}, "sort: unknown value 'newst' (did you mean newest? one of relevance, newest, oldest)"),
        ({"interval": "decade"}, "interval: unknown value 'decade' (one of auto, day, week, month, year)"),
        ({"source": ""}, "source: empty value (source=NAME, or source=-NAME to exclude)"),
        ({"source": ["A", "-"]}, "source: empty value (source=NAME, or source=-NAME to exclude)"),
        ({"source": ["A", None]}, "source: must be text, not NoneType"),
        ({"topic": 3}, "topic: neither text nor a list of texts: '3'"),
        ({"cursor": 3}, "cursor: must be text, not int"),
        ({"q": None}, "q: must be text, not NoneType"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_the_right_form(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


def test_an_unknown_parameter_is_answered_with_the_nearest_one() -> None:
    assert refused(sorce="A") == "sorce: unknown parameter (did you mean source?)"
    assert refused(zzz="A") == "zzz: unknown parameter (known: " + ", ".join(PARAMETERS) + ")"


def test_an_unknown_facet_is_refused_with_the_known_ones() -> None:
    assert refused(facets=["source", "sauce"]).startswith("facets: unknown value 'sauce' (did you mean source?")


def test_a_query_that_is_too_long_is_refused_with_the_limit_and_what_to_do() -> None:
    assert SearchRequest.of("x" * 10_000).q == "x" * 10_000
    hint = "at most 10,000; for similar-text search pass the article's first paragraphs with match=any"
    assert refused(q="x" * 10_001) == f"q: 10,001 characters are too many ({hint})"


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("limit", 0, 1000),
        ("snippets", 0, 5),
        ("facet_size", 1, 1000),
        ("timeout_ms", 1, 600_000),
        ("freshness", 1, 36_500),
    ],
)
def test_a_number_may_be_as_small_and_as_large_as_the_reference_says(name: str, low: int, high: int) -> None:
    for number in (low, high):
        assert getattr(SearchRequest.of(**{name: number}), name) == number
        assert getattr(SearchRequest.of(**{name: f" +{number} "}), name) == number
    for number in (low - 1, high + 1):
        assert refused(**{name: number}) == f"{name}: {number} is out of range ({low} to {high})"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (True, True),
        ("TRUE", True),
        ("1", True),
        ("", True),
        (False, False),
        ("false", False),
        ("0", False),
        ("No", False),
    ],
)
def test_yes_and_no_may_be_written_in_some_ways(written: object, meant: bool) -> None:
    assert SearchRequest.of(explain=written).explain is meant


ANYTHING = st.recursive(
    st.integers(-2, 40_000)
    | st.booleans()
    | st.text(max_size=6)
    | st.sampled_from(["all", "newest", "week", "source", "2024-12", "2024-02-30", "-", "--", "x" * 10_001]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
)


@given(st.sampled_from(sorted(DEFINITIONS)), ANYTHING)
def test_what_the_schema_of_a_parameter_allows_is_taken(name: str, value: Any) -> None:
    if jsonschema_rs.validator_for(DEFINITIONS[name].schema(), validate_formats=True).is_valid(value):
        DEFINITIONS[name].check(name, value)


def test_a_long_bad_value_is_shortened_in_the_message() -> None:
    assert len(refused(since="9" * 100_000)) < 200


def test_a_lone_surrogate_in_the_query_keeps_the_offsets() -> None:
    assert SearchRequest.of("oil \ud800 gas").q == "oil ? gas"


@given(st.text(max_size=30))
def test_every_text_is_a_query_that_can_be_encoded(text: str) -> None:
    assert len(SearchRequest.of(text).q.encode()) >= len(text)


def test_texts_of_a_query_string_mean_what_python_values_mean() -> None:
    texts = {
        "q": ["oil"],
        "source": ["A", "-B"],
        "since": ["2024-02"],
        "limit": ["5"],
        "facets": ["source,topic"],
        "explain": ["true"],
        "timeout_ms": ["50"],
    }
    values = SearchRequest.of(
        "oil", source=["A", "-B"], since="2024-02", limit=5, facets=["source", "topic"], explain=True, timeout_ms=50
    )
    assert SearchRequest.from_parameters(texts) == values


def test_an_empty_facets_text_asks_for_none() -> None:
    assert SearchRequest.from_parameters({"facets": [""]}).facets == ()
    assert SearchRequest.of(facets=[]).facets == ()


def test_a_single_parameter_given_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match="limit: given more than once"):
        SearchRequest.from_parameters({"limit": ["1", "2"]})
