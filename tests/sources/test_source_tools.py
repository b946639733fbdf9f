"""The records that other tools write, as they write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from indexer.article import Article
from indexer.sources.record import record

BODY = "The ferry was three hours late.\n\nPassengers slept in the harbour hall."


def article(values: dict[str, Any]) -> Article:
    found = record(values, "feed.jsonl:1", None)
    assert isinstance(found, Article)
    return found


def test_output_of_trafilatura() -> None:
    found = article(
        {
            "title": "Ferry late",
            "author": "Ida Vesterby; Tom Oke",
            "hostname": "north.example",
            "date": "2024-12-03",
            "fingerprint": "4e9ea5574924c6b6",
            "id": None,
            "license": None,
            "comments": "",
            "raw_text": "Ferry late The ferry was three hours late.",
            "text": "The ferry was three hours late.\nPassengers slept in the harbour hall.",
            "language": None,
            "image": None,
            "pagetype": "article",
            "filedate": "2025-01-09",
            "source": "https://north.example/coast/ferry?utm_source=feed",
            "source-hostname": "North Shore Post",
            "excerpt": "A long night",
            "categories": "Coast;News",
            "tags": "ferries, fog",
        }
    )
    assert found.url == "https://north.example/coast/ferry"
    assert (found.source, found.title, found.body) == ("North Shore Post", "Ferry late", BODY)
    assert found.authors == ("Ida Vesterby", "Tom Oke")
    assert (found.date, found.date_precision) == (datetime(2024, 12, 3, tzinfo=UTC), "day")
    assert (found.section, found.topics, found.language) == ("Coast", ("ferries", "fog"), None)
    assert found.date_method == "input"


def test_the_document_of_trafilatura_printed_as_python_prints_it_has_its_text_for_a_body() -> None:
    found = article(
        {
            "title": "Ferry late",
            "author": "Ida Vesterby; Tom Oke",
            "url": "https://north.example/coast/ferry",
            "hostname": "north.example",
            "sitename": "North Shore Post",
            "date": "2024-12-03",
            "categories": ["Coast", "News"],
            "tags": ["ferries,fog", "Boats, ships"],
            "body": "<Element body at 0x7f7b830fe200>",
            "commentsbody": "<Element body at 0x7f7b830fd900>",
            "text": BODY.replace("\n\n", "\n"),
        }
    )
    assert (found.body, found.source, found.section) == (BODY, "North Shore Post", "Coast")
    assert found.authors == ("Ida Vesterby", "Tom Oke")
    assert found.topics == ("ferries", "fog", "Boats, ships")


def test_output_of_newspaper4k() -> None:
    found = article(
        {
            "url": "https://north.example/coast/ferry",
            "read_more_link": "",
            "language": "en",
            "title": "Ferry late",
            "top_image": "https://north.example/ferry.jpg",
            "meta_img": "",
            "images": ["https://north.example/ferry.jpg"],
            "movies": [],
            "keywords": ["hours", "slept", "hall"],
            "meta_keywords": ["ferries", "fog"],
            "tags": [],
            "authors": ["Ida Vesterby", "Tom Oke"],
            "publish_date": "2024-12-03T19:17:00+01:00",
            "summary": "A long night",
            "meta_description": "A long night",
            "meta_lang": "en",
            "meta_favicon": "/icon.png",
            "meta_site_name": "North Shore Post",
            "canonical_link": "https://north.example/coast/ferry",
            "text": BODY,
        }
    )
    assert (found.source, found.body, found.language) == ("North Shore Post", BODY, "en")
    assert found.topics == ("ferries", "fog")
    assert found.date == datetime(2024, 12, 3, 18, 17, tzinfo=UTC)
    assert found.authors == ("Ida Vesterby", "Tom Oke")


def test_newspaper4k_was_told_a_language_and_the_page_says_its_own() -> None:
    assert article({"title": "Fähre verspätet", "language": "en", "meta_lang": "de-AT"}).language == "de"
    assert article({"title": "Ferry late", "language": "en", "meta_lang": ""}).language == "en"


def test_keywords_that_newspaper4k_guessed_from_the_text_are_no_topics() -> None:
    assert article({"title": "Ferry late", "keywords": ["hours"], "meta_keywords": [""], "tags": []}).topics == ()


def test_output_of_news_please() -> None:
    found = article(
        {
            "authors": ["Ida Vesterby"],
            "date_download": "2025-01-09 08:00:00",
            "date_modify": "None",
            "date_publish": "2024-12-03 19:17:05",
            "description": "A long night",
            "filename": "https%3A%2F%2Fnorth.example%2Fferry.json",
            "image_url": None,
            "language": "en",
            "localpath": None,
            "maintext": BODY,
            "source_domain": "www.north.example",
            "text": None,
            "title": "Ferry late",
            "title_page": None,
            "title_rss": None,
            "url": "https://www.north.example/ferry",
        }
    )
    assert (found.source, found.body) == ("north.example", BODY)
    assert (found.date, found.date_precision) == (datetime(2024, 12, 3, 19, 17, 5, tzinfo=UTC), "second")


def test_news_please_writes_none_for_a_date_it_did_not_find() -> None:
    found = article({"maintext": BODY, "title": None, "title_page": "Ferry late", "date_publish": "None"})
    assert (found.title, found.date, found.date_precision, found.date_method) == ("Ferry late", None, None, "")


def test_output_of_fundus() -> None:
    found = article(
        {
            "title": "Ferry late",
            "body": {
                "summary": ["A long night."],
                "sections": [
                    {"headline": [], "paragraphs": ["The ferry was three hours late."]},
                    {"headline": ["In the hall"], "paragraphs": ["Passengers slept.", "Some sang."]},
                ],
            },
            "authors": ["Ida Vesterby"],
            "publishing_date": "2024-12-03 19:17:00+01:00",
            "topics": ["Ferries"],
            "free_access": True,
            "images": [],
            "publisher": "North Shore Post",
        }
    )
    paragraphs = ["A long night.", "The ferry was three hours late.", "In the hall", "Passengers slept.", "Some sang."]
    assert found.body == "\n\n".join(paragraphs)
    assert (found.source, found.topics) == ("North Shore Post", ("Ferries",))
    assert found.date == datetime(2024, 12, 3, 18, 17, tzinfo=UTC)


def test_a_body_of_an_object_that_is_no_text_of_fundus_is_empty() -> None:
    assert article({"title": "Ferry late", "body": {"summary": 3, "sections": 7}}).body == ""


def test_plaintext_of_fundus_is_the_body() -> None:
    assert article({"title": "Ferry late", "plaintext": BODY}).body == BODY


def test_output_of_media_cloud() -> None:
    found = article(
        {
            "id": "8c1d",
            "indexed_date": "2024-12-05T09:10:11.12",
            "publish_date": "2024-12-03",
            "language": "en",
            "media_name": "north.example",
            "media_url": "north.example",
            "title": "Ferry late",
            "url": "https://north.example/ferry",
            "text": BODY,
        }
    )
    assert (found.id, found.source, found.body) == ("8c1d", "north.example", BODY)
    assert (found.date, found.date_precision) == (datetime(2024, 12, 3, tzinfo=UTC), "day")


def test_output_of_the_media_cloud_news_search() -> None:
    found = article(
        {
            "article_title": "Ferry late",
            "publication_date": "2024-12-03",
            "language": "en",
            "url": "https://north.example/ferry",
            "canonical_domain": "north.example",
            "text_content": BODY,
        }
    )
    assert (found.title, found.source, found.body) == ("Ferry late", "north.example", BODY)


def test_output_of_the_metadata_extractor_of_media_cloud() -> None:
    lines = [
        "The ferry from the outer islands was three hours late on Tuesday, after fog had closed the sound to all"
        " traffic from noon until the evening.",
        "What now?",
        "Passengers slept in the harbour hall, where the harbour master had blankets brought in and the kitchen of the"
        " seamen's home cooked soup.",
    ]
    found = article(
        {
            "original_url": "https://north.example/ferry?ref=rss",
            "url": "https://north.example/ferry?ref=rss",
            "normalized_url": "http://north.example/ferry",
            "unique_url_hash": "9e5c34",
            "canonical_domain": "north.example",
            "canonical_url": "https://north.example/ferry",
            "publication_date": "2024-12-03 00:00:00",
            "language": "en",
            "full_language": "en-GB",
            "text_extraction_method": "trafilatura",
            "article_title": "Ferry late",
            "normalized_article_title": "ferry late",
            # Its lines are paragraphs; that some are blank comes from the page.
            "text_content": f"{lines[0]}\n{lines[1]}\n   \n{lines[2]}",
            "is_homepage": False,
            "is_shortened": False,
            "version": "2.1.0",
            "other": {"raw_title": "Ferry late | North Shore Post", "authors": ["Ida Vesterby; Tom Oke"]},
        }
    )
    assert found.body == "\n\n".join(lines)
    assert (found.title, found.source, found.language) == ("Ferry late", "north.example", "en")
    assert (found.date, found.date_precision) == (datetime(2024, 12, 3, tzinfo=UTC), "day")
    assert found.authors == ("Ida Vesterby", "Tom Oke")
    assert article({"title": "Ferry late", "other": "unsorted"}).authors == ()


def test_lines_within_paragraphs_stay_where_a_text_is_wrapped() -> None:
    wrapped = "The ferry was\nthree hours late.\n\nPassengers slept\nin the harbour hall.\n\n"
    body = wrapped * 2 + "https://north.example/" + "ferry/" * 17
    assert article({"title": "Ferry late", "text": body}).body == body


def test_what_news_please_has_not_found_is_nothing() -> None:
    found = article({"title": None, "title_rss": "NULL", "maintext": BODY, "authors": ["NULL"], "language": "NULL"})
    assert (found.title, found.authors, found.language) == ("", (), None)


def test_output_of_goose() -> None:
    found = article(
        {
            "meta": {"description": "A long night", "lang": "en", "canonical": "https://north.example/ferry"},
            "domain": "www.north.example",
            "title": "Ferry late",
            "cleaned_text": BODY,
            "opengraph": {},
            "tags": ["ferries"],
            "authors": ["Ida Vesterby"],
            "publish_date": "2024-12-03T19:17:00Z",
        }
    )
    assert (found.body, found.source, found.topics) == (BODY, "north.example", ("ferries",))


def test_output_of_readability() -> None:
    of_mozilla = {"byline": "By Ida Vesterby", "siteName": "North Shore Post", "publishedTime": "2024-12-03"}
    found = article(
        {
            **of_mozilla,
            "title": "Ferry late",
            "content": "<div><p>The ferry was three hours late.</p><p>Passengers slept in the harbour hall.</p></div>",
            "textContent": "The ferry was three hours late.Passengers slept in the harbour hall.",
            "lang": "en",
        }
    )
    assert (found.body, found.source, found.authors) == (BODY, "North Shore Post", ("Ida Vesterby",))
    assert found.date_precision == "day"
    of_readabilipy = {"title": "Ferry late", "plain_text": [{"text": part} for part in BODY.split("\n\n")]}
    assert article(of_readabilipy).body == BODY


def test_an_entry_as_feedparser_gives_it() -> None:
    entry = {
        "title": "Ferry late",
        "link": "https://north.example/ferry",
        "summary": "<p>A long night</p>",
        "published": "Tue, 03 Dec 2024 19:17:05 +0100",
        "published_parsed": [2024, 12, 3, 18, 17, 5, 1, 338, 0],
        "tags": [{"term": "Ferries", "scheme": None, "label": None}],
        "authors": [{"name": "Ida Vesterby"}],
    }
    assert article(entry).body == "A long night"
    content = [{"type": "text/html", "value": "<p>The ferry was late.</p><p>It was the fog.</p>"}]
    found = article({**entry, "content": content})
    assert found.body == "The ferry was late.\n\nIt was the fog."
    assert (found.authors, found.topics) == (("Ida Vesterby",), ("Ferries",))
    assert found.date == datetime(2024, 12, 3, 18, 17, 5, tzinfo=UTC)


def test_a_document_as_elasticsearch_stores_it() -> None:
    stored = {"_index": "news", "_id": "7", "_score": 1, "_source": {"title": "Ferry late", "maintext": BODY}}
    found = article(stored)
    assert (found.id, found.title, found.body) == ("7", "Ferry late", BODY)
    assert article({**stored, "_source": {"id": "n-7", "title": "Ferry late"}}).id == "n-7"
