"""JSON Feed."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.article import Article
from indexer.report import Reject

FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "North Shore Post",
    "home_page_url": "https://north.example/",
    "language": "en-GB",
    "authors": [{"name": "Coast Desk"}],
    "items": [
        {
            "id": "17",
            "url": "https://north.example/ferry?utm_source=feed",
            "title": "Ferry late",
            "content_html": "<p>The ferry was <b>three</b> hours late.</p><p>Passengers slept.</p>",
            "summary": "A long night",
            "date_published": "2024-12-03T19:17:05+01:00",
            "date_modified": "2024-12-09T08:00:00Z",
            "authors": [{"name": "Ida Vesterby"}, {"name": "Tom Oke", "url": "https://tom.example/"}],
            "tags": ["Ferries", "Fog"],
        },
        {"id": 18, "content_text": "All ferries sail."},
        {"id": "19", "external_url": "https://wire.example/crane", "title": "Crane sold", "summary": "To Ostrava."},
    ],
}


def read(value: object, **options: Any) -> list[sources.Record]:
    return list(sources.read(["-"], stdin=io.BytesIO(json.dumps(value).encode()), **options))


def articles(value: object, **options: Any) -> list[Article]:
    found = read(value, **options)
    assert all(isinstance(record, Article) for record in found), found
    return [record for record in found if isinstance(record, Article)]


@pytest.mark.parametrize("format", ["auto", "jsonl", "feed"])
def test_an_item_becomes_an_article(format: str) -> None:
    ferry, fog, crane = articles(FEED, format=format)
    assert ferry == Article.build(
        url="https://north.example/ferry",
        title="Ferry late",
        body="The ferry was three hours late.\n\nPassengers slept.",
        source="North Shore Post",
        date=datetime(2024, 12, 3, 18, 17, 5, tzinfo=UTC),
        date_precision="second",
        date_method="feed",
        authors=["Ida Vesterby", "Tom Oke"],
        topics=["Ferries", "Fog"],
        language="en",
    )
    assert (fog.id, fog.url, fog.title, fog.body, fog.date) == ("18", None, "", "All ferries sail.", None)
    assert (fog.authors, fog.language) == (("Coast Desk",), "en")
    assert (crane.url, crane.body) == ("https://wire.example/crane", "To Ostrava.")


@pytest.mark.parametrize("layout", [{"indent": 2}, {"sort_keys": True}, {"indent": 2, "sort_keys": True}])
def test_a_feed_is_known_however_its_file_is_laid_out(tmp_path: Path, layout: dict[str, Any]) -> None:
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(FEED, **layout))
    assert list(sources.read([path])) == list(sources.read([path], format="feed")) == articles(FEED)


def test_the_first_version_names_one_author() -> None:
    item = {"id": "1", "title": "Crane sold", "author": {"name": "Ida Vesterby"}}
    [crane] = articles({"version": "https://jsonfeed.org/version/1", "title": "Post", "items": [item]})
    assert crane.authors == ("Ida Vesterby",)


def test_items_that_share_an_address_are_known_by_their_ids() -> None:
    items = [{"id": f"day-{day}", "url": "https://north.example/tides", "title": f"Tides {day}"} for day in (1, 2)]
    assert [article.id for article in articles({**FEED, "items": items})] == ["day-1", "day-2"]


def test_an_item_that_cannot_be_used_is_a_reject_and_the_others_are_read() -> None:
    odd = [{"id": "1"}, "an item", {"id": "2", "title": "Crane sold", "date_published": "the other day"}]
    found = read({**FEED, "items": [*odd, FEED["items"][0]]})
    assert [record.title if isinstance(record, Article) else type(record) for record in found] == [
        "",
        Reject,
        Reject,
        "Ferry late",
    ]
    rejects = [record for record in found if isinstance(record, Reject)]
    assert [reject.place for reject in rejects] == ["-:1[1]", "-:1[2]"]
    assert rejects[0].reason == "an item that is no object"
    assert "'the other day' is no date" in rejects[1].reason


@pytest.mark.parametrize("value", [{"version": "https://jsonfeed.org/version/1"}, {"title": "Ferry late", "items": []}])
def test_another_object_is_no_feed(value: dict[str, Any]) -> None:
    [reject] = read(value, format="feed")
    assert isinstance(reject, Reject)
    assert reject.reason.startswith("no RSS, Atom or JSON feed")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "id"]), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(
    ["id", "url", "external_url", "title", "content_html", "content_text", "date_published", "authors", "tags"]
)


@given(st.lists(st.dictionaries(KEYS, JSON, max_size=4) | JSON, max_size=4), JSON, JSON)
def test_any_feed_is_read_without_a_failure(items: list[Any], title: object, home: object) -> None:
    found = read({**FEED, "title": title, "home_page_url": home, "items": items})
    assert len(found) == len(items)
    assert not [record for record in found if isinstance(record, Reject) and "Error" in record.reason]
