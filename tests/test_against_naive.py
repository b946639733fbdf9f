"""Random archives and random queries: the index answers as a scan of all articles does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from indexes import Record, built, ids, paged
from naive import (
    EVERYTHING,
    And,
    Archive,
    Days,
    Filters,
    Fuzzy,
    Near,
    Not,
    Or,
    Pattern,
    Phrase,
    Query,
    Value,
    ValuePattern,
    Word,
    folded,
    grouped,
    words,
)

from indexer import NewsIndex, SearchResult
from indexer.native import places as native_places
from indexer.query import places
from indexer.request import FILTERS
from indexer.response import DateFacet, ValueFacet
from indexer.segment import reader

EXAMPLES = settings(max_examples=60)

# Few words, so that they meet: inflections, accents, one word inside another, words of several words.
TOKENS = (
    *(
        "oil",
        "oils",
        "oiled",
        "will",
        "willing",
        "willed",
        "coalition",
        "coalitions",
        "of",
        "the",
        "The",
        "a",
        "at",
        "t",
    ),
    *(
        "war",
        "wars",
        "warn",
        "ward",
        "Sánchez",
        "sanchez",
        "SÁNCHEZ",
        "naïve",
        "Straße",
        "strasse",
        "ﬁnance",
        "finance",
    ),
    *("İstanbul", "𝔘nion", "union", "AT&T", "U.S.", "25,000", "co-op", "élan"),
)
SINGLE = [token for token in TOKENS if len(words(token)) == 1]
BETWEEN = ("—", "…", "(", "\n\n", "“x”", "d'accord")
TEXT = st.lists(st.one_of(st.sampled_from(TOKENS), st.sampled_from(BETWEEN)), max_size=9)
NOISE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
PROSE = st.tuples(TEXT.map(" ".join), st.one_of(st.just(""), NOISE)).map(" ".join)

VALUES = {
    "source": ("Alpha Post", "alpha  post", "Ålpha Post", "Beta: Times", "Gamma [x]", "-Dash", "People’s Post–(East)"),
    "author": ("Ana Sánchez", "ana sanchez", "Bo Union", "The War Desk"),
    "section": ("World", "world", "Économie"),
    "topic": ("War", "war", "Oil & Gas", "Oil", "Élan"),
    "language": ("en", "fr", "pt"),
}
FIRST_DAY = date(2023, 12, 28)
LAST_DAY = date(2025, 1, 3)
DAYS = st.dates(FIRST_DAY, LAST_DAY)
DATES = st.one_of(
    st.none(),
    DAYS.map(date.isoformat),
    st.tuples(DAYS, st.sampled_from(["T00:00:00Z", "T23:59:59Z", "T23:30:00-02:00", "T12:00:00Z"])).map(
        lambda both: both[0].isoformat() + both[1]
    ),
    st.sampled_from(["2024-02-29T23:59:59Z", "2024-03-01T00:00:00Z", "2022-12-31T23:59:59Z"]),
)


def several(name: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(VALUES[name]), max_size=3, unique=True)


def records(min_size: int = 0) -> st.SearchStrategy[list[Record]]:
    bodies = st.fixed_dictionaries(
        {
            "title": PROSE.map(lambda text: "t " + text),
            "body": PROSE,
            "source": st.one_of(st.just(""), st.sampled_from(VALUES["source"])),
            "date": DATES,
            "authors": several("author"),
            "section": st.one_of(st.none(), st.sampled_from(VALUES["section"])),
            "topics": several("topic"),
            "language": st.one_of(st.none(), st.sampled_from(VALUES["language"])),
        }
    )
    numbered = st.lists(bodies, min_size=min_size, max_size=9)
    return numbered.map(lambda many: [{"id": f"{n * 7 % 10}", **one} for n, one in enumerate(many)])


WORD_FIELD = st.sampled_from([None, None, None, "title", "body", "author"])
PLAIN_WORDS = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=4).map(" ".join)
# A lone "*" matches every article and a last "?" is punctuation: neither is a pattern.
GLOBS = st.sampled_from(["wil*", "*ing", "w?r*", "s?nch*z", "Sán*", "o*l", "oil?*", "str*e", "𝔘*", "w??d"])
VALUE_GLOBS = {
    "source": ("al*", "*post", "?lpha post", "gamma [*", "beta*times", "people's*", "*(e*)"),
    "section": ("w*", "écon?mie", "*"),
    "topic": ("oil*", "*a*", "w?r"),
    "language": ("e*", "p?", "?n"),
}


@st.composite
def days(draw: st.DrawFn) -> Days:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    month_end = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return draw(
        st.sampled_from(
            [
                Days(f"date:{first}", first, first),
                Days(f"date:{first:%Y-%m}", first.replace(day=1), month_end),
                Days(f"date:{first:%Y}", first.replace(month=1, day=1), first.replace(month=12, day=31)),
                Days(f"date:[{first} TO {last}]", first, last),
                Days(f"date:[* TO {last}]", None, last),
                Days(f"date:[{first} TO *]", first, None),
                Days("date:[* TO *]", None, None),
                Days(f"since:{first}", first, None),
                Days(f"until:{last:%Y-%m-%d}", None, last),
                Days(f"until:{first:%Y-%m}", None, month_end),
            ]
        )
    )


@st.composite
def values(draw: st.DrawFn) -> Value | ValuePattern:
    field = draw(st.sampled_from(sorted(VALUE_GLOBS)))
    if draw(st.booleans()):
        return Value(field, draw(st.sampled_from(VALUES[field])).lstrip("-"))
    return ValuePattern(field, draw(st.sampled_from(VALUE_GLOBS[field])))


TEXT_QUERIES: st.SearchStrategy[Query] = st.one_of(
    st.builds(Word, st.sampled_from(TOKENS), WORD_FIELD),
    st.builds(Word, st.sampled_from(TOKENS)),
    st.builds(Phrase, PLAIN_WORDS, WORD_FIELD),
    st.builds(Near, PLAIN_WORDS.filter(lambda text: len(words(text)) > 1), st.integers(1, 6), WORD_FIELD),
    st.builds(Pattern, GLOBS, WORD_FIELD),
    st.builds(Fuzzy, st.sampled_from(SINGLE), st.integers(1, 2), WORD_FIELD),
)
HELD: st.SearchStrategy[Query] = st.recursive(
    values() | days(), lambda inner: st.lists(inner, min_size=2, max_size=2).map(tuple).map(Or), max_leaves=3
)
LEAVES: st.SearchStrategy[Query] = st.one_of(TEXT_QUERIES, TEXT_QUERIES, values(), days())
QUERIES: st.SearchStrategy[Query] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple), st.sampled_from([" ", " AND "])),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Not, inner.filter(lambda query: not isinstance(query, Not)), st.sampled_from(["-", "NOT "])),
    ),
    max_leaves=5,
)


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    chosen: dict[str, tuple[str, ...]] = {}
    for name in draw(st.lists(st.sampled_from(FILTERS), max_size=2, unique=True)):
        value = st.sampled_from([*VALUES[name], "unheard of"])
        signed = st.builds(lambda v: "\\" + v if v[0] == "-" else v, value) | value.map("-".__add__)
        chosen[name] = tuple(draw(st.lists(signed, min_size=1, max_size=3)))
    since, until = sorted([draw(DAYS), draw(DAYS)])
    return Filters(chosen, draw(st.sampled_from([None, None, since])), draw(st.sampled_from([None, None, until])))


def options(chosen: Filters) -> dict[str, Any]:
    return {**chosen.values, "since": chosen.since, "until": chosen.until}


@contextmanager
def index_of(*batches: Sequence[Record]) -> Iterator[NewsIndex]:
    with TemporaryDirectory() as folder, built(Path(folder), *batches) as index:
        yield index


def value_facet(result: SearchResult, name: str) -> ValueFacet:
    facet = result.facets[name]
    assert isinstance(facet, ValueFacet)
    return facet


def date_facet(result: SearchResult) -> DateFacet:
    facet = result.facets["date"]
    assert isinstance(facet, DateFacet)
    return facet


@EXAMPLES
@given(records(), st.lists(QUERIES, min_size=1, max_size=8))
@example([{"id": "0", "title": "t", "body": "the coalition of the willing"}], [Phrase("coalition of the willing")])
@example([{"id": "0", "title": "coalition of", "body": "the willing"}], [Phrase("coalition of the willing")])
@example([{"id": "0", "title": "t oil", "body": "war"}], [And((Word("oil"), Word("war")))])
@example([{"id": "0", "title": "t", "body": "war a oil b oil"}], [Near("oil oil", 2), Near("war oil war", 3)])
def test_a_query_of_any_kind_finds_what_a_scan_finds(archive: list[Record], queries: list[Query]) -> None:
    scan = Archive(archive)
    with index_of(archive) as index:
        for query in queries:
            result = index.search(str(query), limit=100)
            assert result.warnings == (), str(query)
            assert set(ids(result)) == scan.ids(query), str(query)
            assert result.total == len(scan.ids(query)), str(query)
            assert index.search(result.parsed, limit=100).hits == result.hits, "the echo means the same"


# So few words that their phrases are found, and that there are more of each than of candidates.
FEW_TOKENS = st.sampled_from(["oil", "oils", "of", "war"])
DENSE = st.lists(FEW_TOKENS, max_size=12).map(" ".join)
DENSE_RECORDS = st.lists(
    st.fixed_dictionaries({"title": DENSE.map("t ".__add__), "body": DENSE}), min_size=1, max_size=9
).map(lambda many: [{"id": str(number), **one} for number, one in enumerate(many)])
DENSE_PHRASES = st.builds(Phrase, st.lists(FEW_TOKENS, min_size=2, max_size=4).map(" ".join), WORD_FIELD)


@EXAMPLES
@given(records() | DENSE_RECORDS, st.lists(QUERIES | DENSE_PHRASES, min_size=1, max_size=8))
def test_ways_of_searching_that_pay_only_among_many_documents_find_the_same(
    archive: list[Record], queries: list[Query]
) -> None:
    scan = Archive(archive)
    with index_of(archive) as index, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_COMPARED", 0)
        patch.setattr(places, "_DOCS_AT_ONCE", 2)
        patch.setattr(native_places, "_ROOM", 0)
        for query in queries:
            assert set(ids(index.search(str(query), limit=100))) == scan.ids(query), str(query)


# Words between which an AND stands are one alternative.
ALTERNATIVES = TEXT_QUERIES | st.builds(
    And, st.lists(TEXT_QUERIES, min_size=2, max_size=3).map(tuple), st.just(" AND ")
)


@EXAMPLES
@given(records(min_size=3), st.lists(ALTERNATIVES, min_size=1, max_size=4), st.lists(HELD, max_size=2))
def test_with_match_any_one_of_the_words_is_enough_and_the_rest_still_holds(
    archive: list[Record], wanted: list[Query], held: list[Query]
) -> None:
    unwanted = Not(Word("warn"))
    text = " ".join([*map(str, wanted), *map(grouped, held), str(unwanted)])
    expected = Archive(archive).ids(And((Or(tuple(wanted)), *held, unwanted)))
    with index_of(archive) as index:
        assert set(ids(index.search(text, match="any", limit=100))) == expected, text


@EXAMPLES
@given(records(min_size=2), st.one_of(st.just(EVERYTHING), TEXT_QUERIES, QUERIES), filters())
def test_filters_facets_and_the_histogram_count_what_a_scan_counts(
    archive: list[Record], query: Query, chosen: Filters
) -> None:
    scan = Archive(archive)
    with index_of(archive) as index:
        for interval in ("day", "week", "month", "year"):
            result = index.search(
                str(query), limit=100, facets=[*FILTERS, "date"], interval=interval, facet_size=100, **options(chosen)
            )
            assert set(ids(result)) == scan.ids(query, chosen)
            assert result.indexed == len(scan.articles)
            histogram = date_facet(result)
            assert histogram.interval == interval
            assert [(b.start, b.count, b.indexed) for b in histogram.buckets] == scan.histogram(query, chosen, interval)
            assert sum(b.count for b in histogram.buckets) + histogram.missing == result.total
        for name in FILTERS:
            facet = value_facet(result, name)
            counts, missing = scan.value_facet(query, chosen, name)
            selected = {
                folded(value.removeprefix("\\")) for value in chosen.values.get(name, ()) if not value.startswith("-")
            }
            assert {folded(b.value): b.count for b in facet.buckets if b.count} == counts, name
            assert (facet.missing, facet.other) == (missing, 0), name
            assert {folded(b.value) for b in facet.buckets if b.selected} == selected, name
            assert [-b.count for b in facet.buckets] == sorted(-b.count for b in facet.buckets), name


@EXAMPLES
@given(records(), st.one_of(st.just(EVERYTHING), QUERIES), filters(), st.integers(1, 4))
def test_order_by_date_pages_and_search_all_agree_with_a_scan(
    archive: list[Record], query: Query, chosen: Filters, limit: int
) -> None:
    scan = Archive(archive)
    with index_of(archive) as index:
        for sort, expected in (
            ("newest", scan.newest(query, chosen)),
            ("oldest", scan.oldest(query, chosen)),
            ("relevance", [hit.article.id for hit in index.search_all(str(query), **options(chosen))]),
        ):
            assert index.search(str(query), limit=0, **options(chosen)).total == len(expected)
            assert paged(index, str(query), sort=sort, limit=limit, **options(chosen)) == expected
            assert [h.article.id for h in index.search_all(str(query), sort=sort, **options(chosen))] == expected


@EXAMPLES
@given(
    records(min_size=3),
    st.lists(st.one_of(TEXT_QUERIES, QUERIES), min_size=1, max_size=5),
    st.lists(st.integers(0, 9), max_size=3),
)
def test_other_batches_give_the_same_answers_in_the_same_order(
    archive: list[Record], queries: list[Query], cuts: list[int]
) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(archive)), len(archive)]
    batches = [archive[start:end] for start, end in pairwise(edges)]
    with index_of(archive) as whole, index_of(*batches) as cut:
        for query in queries:
            for sort in ("relevance", "newest"):
                one = whole.search(str(query), sort=sort, limit=100, facets=[*FILTERS, "date"], snippets=2)
                other = cut.search(str(query), sort=sort, limit=100, facets=[*FILTERS, "date"], snippets=2)
                assert ids(one) == ids(other), str(query)
                assert one.facets == other.facets
                assert [hit.snippets for hit in one.hits] == [hit.snippets for hit in other.hits]
                for left, right in zip(one.hits, other.hits, strict=True):
                    assert abs(left.score - right.score) <= 1e-4 * abs(left.score), str(query)


@settings(max_examples=30)
@given(records(min_size=2), records(min_size=1), st.sets(st.integers(0, 9).map(str), max_size=3), QUERIES)
def test_updates_and_deletions_leave_what_a_scan_of_the_rest_finds(
    before: list[Record], after: list[Record], deleted: set[str], query: Query
) -> None:
    kept = {record["id"]: record for record in [*before, *after] if record["id"] not in deleted}
    scan = Archive(kept.values())
    with index_of(before, after) as index:
        assert index.delete(deleted) == len(deleted & {record["id"] for record in [*before, *after]})
        for _ in ("with deleted articles", "merged"):
            result = index.search(str(query), sort="newest", limit=100, facets=["topic", "date"], interval="day")
            assert ids(result) == scan.newest(query, Filters({}))
            assert result.indexed == len(scan.articles)
            assert {folded(b.value): b.count for b in value_facet(result, "topic").buckets} == scan.value_facet(
                query, Filters({}), "topic"
            )[0]
            assert index.check().ok
            index.optimize()
