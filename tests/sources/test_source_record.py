"""One JSON object to an Article: its fields, under our own names and others."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.article import Article
from indexer.cleaning import clean, clean_page
from indexer.errors import PageError
from indexer.export import ExportFormat, encode
from indexer.page import Page
from indexer.segment.builder import stored_record
from indexer.sources.record import publication_date, record

BODY = "The ferry was three hours late.\n\nPassengers slept in the harbour hall."


def article(values: dict[str, Any], source: str | None = None) -> Article:
    found = record(values, "feed.jsonl:1", source)
    assert isinstance(found, Article)
    return found


def dated(date: object) -> Article:
    return article({"title": "Ferry late", "date": date})


def test_an_exported_article_comes_back_as_it_was() -> None:
    exported = Article.build(
        id="north-1",
        url="https://north.example/ferry",
        title="Ferry late",
        body=BODY,
        source="North Shore Post",
        date=datetime(2024, 12, 3, 0, 0, tzinfo=UTC),
        date_precision="minute",
        date_method="json-ld",
        authors=["Ida Vesterby", "Tom Oke"],
        credits=["Wire"],
        section="Coast; Sea",
        topics=["Ferries, ships", "Fog"],
        language="en",
    )
    assert article(json.loads(json.dumps(exported.to_dict()))) == exported


def test_a_summary_is_no_reason_not_to_clean_the_page_beside_it() -> None:
    markup = "<!DOCTYPE html><html><body><p>Three hours late.</p></body></html>"
    assert isinstance(record({"html": markup, "summary": "A long night"}, "a.jsonl:1", None), Page)


def test_a_record_whose_names_are_not_known_is_told_which_to_use() -> None:
    with pytest.raises(PageError, match='under any known name, but "heading", "copy", "tags"; call them "title"'):
        article({"heading": "Ferry late", "copy": BODY, "tags": ["fog"]})


@pytest.mark.parametrize("key", ["title", "Title", "TITLE", "headline"])
def test_names_are_compared_in_lower_case(key: str) -> None:
    assert article({key: "Ferry late"}).title == "Ferry late"


def test_the_callers_source_replaces_the_records_own() -> None:
    assert article({"title": "Ferry late", "source": "Wire"}, source="North Shore Post").source == "North Shore Post"


@pytest.mark.parametrize(
    ("values", "source"),
    [
        ({"url": "https://www.north.example/ferry"}, "north.example"),
        ({"url": "https://www.north.example/ferry", "source": ""}, "north.example"),
        ({"url": "https://n.example/a", "source": {"id": None, "name": "North Shore Post"}}, "North Shore Post"),
        ({"source_url": "https://www.north.example"}, "north.example"),
        ({}, ""),
    ],
)
def test_outlet_is_taken_from_what_is_there(values: dict[str, Any], source: str) -> None:
    assert article({"title": "Ferry late", **values}).source == source


def test_the_homepage_of_an_outlet_is_not_the_address_of_its_articles() -> None:
    first = article({"title": "Ferry late", "source": "https://north.example/"})
    second = article({"title": "Ferry early", "source": "https://north.example/"})
    assert (first.url, first.source) == (None, "north.example")
    assert first.id != second.id


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ("Ida Vesterby", ("Ida Vesterby",)),
        ("Ida Vesterby; Tom Oke ;", ("Ida Vesterby", "Tom Oke")),
        (["Ida Vesterby", None, ""], ("Ida Vesterby",)),
        ([{"@type": "Person", "name": "Ida Vesterby"}], ("Ida Vesterby",)),
        ({"name": "Ida Vesterby"}, ("Ida Vesterby",)),
        ("By Ida Vesterby and Tom Oke", ("Ida Vesterby", "Tom Oke")),
        ("Ida Vesterby, Bo Chen and Tom Oke", ("Ida Vesterby", "Bo Chen", "Tom Oke")),
        (["Ida Vesterby & Tom Oke", "Bo Chen"], ("Ida Vesterby", "Tom Oke", "Bo Chen")),
        ("['Ida Vesterby', 'Tom Oke']", ("Ida Vesterby", "Tom Oke")),
        # Nothing but full names is taken apart.
        ("Ida Vesterby, Harbour Editor", ("Ida Vesterby, Harbour Editor",)),
        ("Vesterby, Ida", ("Vesterby, Ida",)),
        ("Department of Ships and Fog", ("Department of Ships and Fog",)),
        ("North Verlag und Druck GmbH & Co. KG", ("North Verlag und Druck GmbH & Co. KG",)),
        (None, ()),
    ],
)
def test_authors_are_told_apart(authors: object, expected: tuple[str, ...]) -> None:
    assert article({"title": "Ferry late", "author": authors}).authors == expected


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        ("ferries, fog", ("ferries", "fog")),
        ("ships, boats; fog", ("ships, boats", "fog")),
        (["ships, boats", "fog"], ("ships, boats", "fog")),
        (["ferries,fog", "10,000 steps"], ("ferries", "fog", "10,000 steps")),
        ("ferries,fog;Ships, boats", ("ferries", "fog", "Ships, boats")),
        # A list that went through a table of pandas.
        ("['ferries', \"Ships, boats\", 'fog']", ("ferries", "Ships, boats", "fog")),
        ("[]", ()),
        ("[sic]", ("[sic]",)),
        ("['ferries'\n 'fog']", ("ferries", "fog")),
        ([{"name": "fog"}, 2024], ("fog", "2024")),
        ("", ()),
    ],
)
def test_topics_are_told_apart(topics: object, expected: tuple[str, ...]) -> None:
    assert article({"title": "Ferry late", "tags": topics}).topics == expected


@pytest.mark.parametrize(("id", "expected"), [(17, "17"), (17.0, "17"), ("a-17", "a-17")])
def test_a_number_as_id_becomes_text(id: object, expected: str) -> None:
    assert article({"title": "Ferry late", "id": id}).id == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("en", "en"), ("EN", "en"), ("en-GB", "en"), ("zh-Hant-TW", "zh-Hant"), ("unknown", None)]
)
def test_language_is_a_tag_without_region(tag: str, expected: str | None) -> None:
    assert article({"title": "Ferry late", "language": tag}).language == expected


@pytest.mark.parametrize(
    ("date", "expected", "precision"),
    [
        ("2024-12", datetime(2024, 12, 1), "month"),
        ("2024-12-03", datetime(2024, 12, 3), "day"),
        ("2024/12/03", datetime(2024, 12, 3), "day"),
        ("20241203", datetime(2024, 12, 3), "day"),
        (20241203, datetime(2024, 12, 3), "day"),
        ("3 December 2024", datetime(2024, 12, 3), "day"),
        ("25/12/2024", datetime(2024, 12, 25), "day"),
        ("03.12.2024", datetime(2024, 12, 3), "day"),
        ("2024-12-03 19:17", datetime(2024, 12, 3, 19, 17), "minute"),
        ("2024-12-03T19:17Z", datetime(2024, 12, 3, 19, 17), "minute"),
        ("2024-12-03T19:17:05.250Z", datetime(2024, 12, 3, 19, 17, 5), "second"),
        ("2024-12-03T19:17:05+02:00", datetime(2024, 12, 3, 17, 17, 5), "second"),
        ("2024-12-03T19:17:05-0500", datetime(2024, 12, 4, 0, 17, 5), "second"),
        ("2024-12-03 19:17:05 UTC", datetime(2024, 12, 3, 19, 17, 5), "second"),
        ("Tue, 03 Dec 2024 19:17:05 +0200", datetime(2024, 12, 3, 17, 17, 5), "second"),
        ("Tue Dec  3 19:17:05 2024", datetime(2024, 12, 3, 19, 17, 5), "second"),
        ("Tue Dec 03 19:17:05 CET 2024", datetime(2024, 12, 3, 18, 17, 5), "second"),
        ("Tue Dec 03 19:17:05 +0200 2024", datetime(2024, 12, 3, 17, 17, 5), "second"),
        ("Tue, 3 Dec 2024 19:17:05 GMT", datetime(2024, 12, 3, 19, 17, 5), "second"),
        (1733253425, datetime(2024, 12, 3, 19, 17, 5), "second"),
        ("1733253425", datetime(2024, 12, 3, 19, 17, 5), "second"),
        (1733253425.75, datetime(2024, 12, 3, 19, 17, 5), "second"),
        (1733253425250, datetime(2024, 12, 3, 19, 17, 5), "second"),
        (-86400, datetime(1969, 12, 31), "second"),
        # Midnight sharp: the tool that wrote it knew the day only.
        ("2024-12-03T00:00:00", datetime(2024, 12, 3), "day"),
        ("2024-12-03T00:00:00+02:00", datetime(2024, 12, 3), "day"),
    ],
)
def test_dates_are_read_to_the_precision_they_have(date: object, expected: datetime, precision: str) -> None:
    found = dated(date)
    assert (found.date, found.date_precision) == (expected.replace(tzinfo=UTC), precision)


@pytest.mark.parametrize("date", [None, "", " ", "None", "null", "NaT", "undateable", "0000-00-00 00:00:00", 0])
def test_the_usual_ways_to_say_no_date_leave_an_article_undated(date: object) -> None:
    assert dated(date).date is None


def test_another_date_field_is_used_when_the_first_one_is_empty() -> None:
    assert article({"title": "Ferry late", "date": None, "published": "2024-12-03"}).date is not None


@pytest.mark.parametrize(
    "date",
    [
        *("last Tuesday", "2024-13-01", "2024-02-30", "2024-12-03T25:00", "0024-01-01", "9999-12-31T23:59:59-05:00"),
        *(2024, True, ["2024-12-03"], {"day": 3}, float("inf"), 10**40),
    ],
)
def test_a_date_that_is_not_understood_rejects_the_record_and_names_the_field(date: object) -> None:
    with pytest.raises(PageError, match=r'^"date": .*write it as in 2024-12-03'):
        dated(date)


def test_a_date_that_may_be_one_of_two_days_is_not_guessed() -> None:
    with pytest.raises(PageError, match="may be one of two days"):
        dated("03/04/2024")


@given(
    st.datetimes(min_value=datetime(1600, 1, 1), max_value=datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0))
)
def test_an_iso_time_is_the_time_it_says(moment: datetime) -> None:
    found = publication_date(moment.isoformat() + "Z")
    assert found is not None
    assert found[0] == moment.replace(tzinfo=UTC)


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()))
def test_any_date_gives_a_moment_or_a_page_error(date: object) -> None:
    with suppress(PageError):
        found = dated(date).date
        assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "no title and no text"),
        ({"title": " ", "text": None}, "no title and no text"),
        ({"title": 5}, '"title" is a number; write it as text'),
        ({"title": ["Ferry"]}, '"title" is a list; write it as text'),
        ({"title": "Ferry", "body": {"html": 1}, "text": 4}, '"text" is a number'),
        ({"title": "Ferry", "url": 4}, '"url" is a number'),
        ({"title": "Ferry", "id": True}, '"id" is true or false'),
        ({"title": "Ferry", "source": ["a"]}, '"source" is a list'),
        ({"title": "Ferry", "date": "2024-12-03", "date_precision": "hour"}, "write one of second, minute, day, month"),
    ],
)
def test_a_record_that_cannot_be_used_says_which_field_and_why(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PageError, match=message):
        record(values, "feed.jsonl:1", None)


def test_missing_values_of_data_frames_count_as_nothing() -> None:
    nan = float("nan")
    found = article({"title": "Ferry late", "body": nan, "date": nan, "author": nan, "id": nan, "section": nan})
    assert (found.body, found.date, found.authors, found.section) == ("", None, (), None)


def test_text_with_tags_is_freed_of_them() -> None:
    found = article({"title": "Ferry late", "content": "<p>Three <b>hours</b> late.</p><p>Fog &amp; rain.</p>"})
    assert found.body == "Three hours late.\n\nFog & rain."


def test_a_document_of_another_kind_than_html_is_freed_of_its_tags() -> None:
    text = "<!DOCTYPE nitf><nitf><head><title>T</title></head><block>Three hours late.</block></nitf>"
    assert article({"title": "Ferry late", "text": text}).body == "Three hours late."


def test_every_text_of_an_article_can_be_stored() -> None:
    lone = dict.fromkeys(("id", "title", "body", "source", "section", "language", "date_method"), "a\ud800 b")
    found = article({**lone, "authors": ["a\ud800"], "tags": ["b\ud800"], "credits": ["c\ud800"], "date": "2024-12-03"})
    assert b"a? b" in stored_record(found)
    assert stored_record(article({"title": "Ferry late", "url": "http://north\ud800.example/ferry"}))
    assert found.date_method == "a? b"


def test_text_with_a_less_than_sign_stays_as_it_is() -> None:
    assert article({"title": "Ferry late", "text": "<3 says the fog </3"}).title == "Ferry late"
    assert article({"title": "Ferry late", "text": "Depth < 3 m & falling"}).body == "Depth < 3 m & falling"


def test_an_article_of_raw_html_keeps_the_id_of_its_record() -> None:
    markup = "<html><body><h1>Ferry late</h1><p>The ferry to the islands came three hours late today.</p></body></html>"
    page = record({"id": " ferry\n7 ", "html": markup, "url": "https://ferry.example/7"}, "a.jsonl:1", None)
    assert isinstance(page, Page)
    assert clean_page(page).id == "ferry 7"
    unnamed = record({"html": markup, "url": "https://ferry.example/7"}, "a.jsonl:1", None)
    assert isinstance(unnamed, Page)
    assert clean_page(unnamed).id == clean(markup, url="https://ferry.example/7").id


@pytest.mark.parametrize("key", ["html", "content"])
def test_raw_html_without_text_is_a_page_to_be_cleaned(key: str) -> None:
    markup = "<!DOCTYPE html><html><body><p>Three hours late.</p></body></html>"
    page = record(
        {"url": "https://north.example/ferry", key: markup, "crawl_date": "2025-01-09T08:00:00Z", "source": "Post"},
        "feed.jsonl:7",
        None,
    )
    assert page == Page(
        data=markup,
        place="feed.jsonl:7",
        kind="html",
        url="https://north.example/ferry",
        fetched=datetime(2025, 1, 9, 8, 0, tzinfo=UTC),
        source="Post",
    )


def test_text_that_only_begins_like_a_page_is_text() -> None:
    body = "<HTML said the first line of every letter to the editor that spring."
    assert article({"title": "Letters", "text": body}).body == body


def test_text_is_preferred_to_html() -> None:
    assert article({"title": "Ferry late", "html": "<html></html>", "text": BODY}).body == BODY


_TEXT = st.text(max_size=12) | st.sampled_from(
    [
        "<p>Ferry</p> late",
        "<html></html>",
        "By Ida Vesterby",
        "pt-BR",
        "https://north.example/",
        "a; b, c",
        "None",
        "\u00ad",
    ]
)
_TEXTS = st.lists(_TEXT, max_size=3)
_URLS = st.none() | st.sampled_from(
    [
        *(
            "https://North.example/ferry?b=2&a=1&utm_source=x#top",
            "http://xn--bcher-kva.example/%C3%A9/é",
            "https://a.example//b",
        ),
        *("https://a.example/?q=%22%3E", "https://a.example/?fbclid=7", "https://a.example:443/a%20b;c", "no address"),
    ]
)


@st.composite
def _articles(draw: st.DrawFn) -> Article:
    return Article.build(
        id=draw(st.none() | _TEXT),
        url=draw(_URLS),
        title="t" + draw(_TEXT),
        body=draw(_TEXT | st.lists(_TEXT, max_size=3).map("\n\n".join) | st.lists(_TEXT, max_size=3).map("\n".join)),
        source=draw(_TEXT),
        date=draw(st.none() | st.datetimes(timezones=st.just(UTC))),
        date_precision=draw(st.none() | st.sampled_from(["second", "minute", "day", "month"])),
        date_method=draw(_TEXT),
        authors=draw(_TEXTS),
        credits=draw(_TEXTS),
        section=draw(st.none() | _TEXT),
        topics=draw(_TEXTS),
        language=draw(st.none() | _TEXT),
    )


@given(_articles(), st.sampled_from(["json", "ndjson"]), st.booleans())
def test_what_was_exported_is_read_again_to_the_letter(exported: Article, format: ExportFormat, trailer: bool) -> None:
    file = io.BytesIO(b"".join(encode([exported, exported], format, trailer=trailer)))
    assert list(sources.read(["-"], stdin=file)) == [exported, exported]


def test_an_exported_article_goes_by_the_outlet_that_the_caller_names() -> None:
    exported = Article.build(title="Ferry late", body="<b>Late</b>", source="Wire")
    assert article(exported.to_dict(), source=" North  Shore ") == replace(exported, source="North Shore")


@pytest.mark.parametrize(
    "changed",
    [
        {"authors": "By Ida Vesterby"},
        {"date": "3 December 2024"},
        {"title": " Ferry late "},
        {"body": ["<p>Late</p>"]},
        {"abstract": "Late"},
    ],
)
def test_a_record_under_our_names_that_is_no_export_is_read_like_any_other(changed: dict[str, Any]) -> None:
    exported = Article.build(
        title="Ferry late", body="<p>Late</p>", authors=["By Ida Vesterby"], date=datetime(2024, 12, 3, 7, tzinfo=UTC)
    )
    found = article({**exported.to_dict(), **changed})
    assert (found.body, found.authors) == ("Late", ("Ida Vesterby",))


_INNER_KEYS = st.sampled_from(["name", "summary", "sections", "headline", "paragraphs"]) | st.text(max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_INNER_KEYS, inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    [
        *("id", "url", "title", "body", "text", "content", "html", "date", "publish_date", "source", "publisher"),
        *("media_url", "authors", "author", "credits", "section", "categories", "topics", "tags", "language"),
        *("date_precision", "date_method", "fetched", "source-hostname", "sections", "summary", "_source", "keywords"),
    ]
)


@given(st.dictionaries(_KEYS, _JSON, max_size=8))
def test_any_object_is_an_article_a_page_or_a_page_error(values: dict[str, Any]) -> None:
    with suppress(PageError):
        found = record(values, "feed.jsonl:1", None)
        assert isinstance(found, Page) or stored_record(found)
