from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.article import Article
from indexer.cleaning import clean, clean_page
from indexer.errors import PageError
from indexer.page import Page

PAGE = Path(__file__).with_name("pages") / "orchard_frost.html"
PARAGRAPHS = "".join(
    f"<p>Paragraph {number} of this story tells at some length what happened on the river that day.</p>"
    for number in range(1, 7)
)


@pytest.fixture(scope="module")
def frost() -> Article:
    return clean(PAGE.read_text(encoding="utf-8"), url="https://www.valleycourier.example/farming/frost?utm_source=x")


def story(head: str = "", body: str = PARAGRAPHS) -> str:
    return (
        f"<html lang='en'><head>{head}</head><body><article><h1>Rafts on the river</h1>{body}</article></body></html>"
    )


def test_page_gives_a_whole_article(frost: Article) -> None:
    assert frost.title == "Late frost ruins half of the cherry harvest"
    assert frost.source == "Valley Courier"
    assert frost.authors == ("Runa Feldkamp", "Ottilie Brask")
    assert frost.section == "Farming"
    assert frost.topics == ("cherries", "frost", "farming")
    assert frost.language == "en"
    assert frost.url == "https://www.valleycourier.example/farming/frost"


def test_body_is_the_article_and_nothing_of_the_page_around_it(frost: Article) -> None:
    paragraphs = frost.body.split("\n\n")
    assert paragraphs[0].startswith("Two nights of frost")
    assert "Candles and helicopters" in paragraphs
    assert paragraphs[-1].endswith("pay for alone.")
    assert not any(clutter in frost.body for clutter in ("cookies", "Wolf seen", "A reader writes", "©", "By Runa"))


def test_publication_date_is_never_the_date_of_a_change(frost: Article) -> None:
    assert frost.date == datetime(2019, 5, 2, 16, 45, tzinfo=UTC)
    assert (frost.date_precision, frost.date_method) == ("minute", "json-ld")


def test_date_keeps_the_precision_of_the_page() -> None:
    for stamp, precision in (
        ("2024-12-03T19:17:05Z", "second"),
        ("2024-12-03T19:17Z", "minute"),
        ("2024-12-03", "day"),
        ("2024-12", "month"),
    ):
        article = clean(story(f"<meta property='article:published_time' content='{stamp}'>"), kind="html")
        assert (article.date_precision, article.date_method) == (precision, "meta")


def test_page_with_only_a_modification_date_has_no_publication_date() -> None:
    for head in (
        "<meta property='article:modified_time' content='2024-12-03T19:17:05Z'>",
        "<script type='application/ld+json'>{'@type': 'NewsArticle', 'dateModified': '2024-12-03'}</script>".replace(
            "'", '"'
        ),
    ):
        assert clean(story(head), kind="html").date is None


def test_date_after_the_fetch_is_refused_and_the_next_one_taken() -> None:
    page = story("<meta property='article:published_time' content='2025-06-01T10:00:00Z'>")
    fetched = datetime(2024, 6, 1, tzinfo=UTC)
    url = "https://river.example/2024/05/30/rafts"
    article = clean_page(Page(data=page, place="here", kind="html", url=url, fetched=fetched))
    assert (article.date, article.date_method) == (datetime(2024, 5, 30, tzinfo=UTC), "url")


def test_charset_of_the_transport_is_used() -> None:
    data = story(body=PARAGRAPHS.replace("river", "Fluß")).encode("cp1252")
    article = clean_page(Page(data=data, place="here", charset="windows-1252"))
    assert "Fluß" in article.body


def test_broken_structured_data_does_not_hide_the_article() -> None:
    head = "<script type='application/ld+json'>" + "[" * 5000 + "</script><meta property='og:title'>"
    assert clean(story(head), kind="html").title == "Rafts on the river"


def test_html_is_recognised_without_being_told() -> None:
    assert "<p>" not in clean(story()).body


def test_page_without_article_text_is_rejected_with_advice() -> None:
    with pytest.raises(PageError, match="no article text"):
        clean("<html><body><div id='app'></div></body></html>", kind="html")


def test_authors_that_structured_data_names_by_reference_are_found() -> None:
    graph = (
        '{"@graph": [{"@type": "NewsArticle", "headline": "Rafts", "author": [{"@id": "#p1"}, {"@id": "#p2"}]},'
        ' {"@type": "Person", "@id": "#p1", "name": "Liv Sommerau"},'
        ' {"@type": "Person", "@id": "#p2", "name": "Ole Tamm"}]}'
    )
    article = clean(story(f"<script type='application/ld+json'>{graph}</script>"), kind="html")
    assert article.authors == ("Liv Sommerau", "Ole Tamm")


def test_microdata_names_section_topics_and_author() -> None:
    marked = (
        "<p itemprop='articleSection'>Travel</p>"
        "<p>by <span itemprop='author'><b itemprop='name'>Dr. Liv Sommerau</b></span></p>"
        f"{PARAGRAPHS}<p><span itemprop='keywords'>Rafts</span>, <span itemprop='keywords'>Rivers</span></p>"
    )
    article = clean(story(body=marked), kind="html")
    assert article.section == "Travel"
    assert article.topics == ("Rafts", "Rivers")
    assert article.authors == ("Dr. Liv Sommerau",)


def test_links_marked_as_tags_are_topics() -> None:
    tags = "<p><a rel='tag' href='/t/1'>Rafts</a> <a rel='tag' href='/t/2'>Rivers</a></p>"
    assert clean(story(body=PARAGRAPHS + tags), kind="html").topics == ("Rafts", "Rivers")


@pytest.mark.parametrize(
    "above",
    [
        "<nav><a href='/t'>Travel</a> <a href='/m'>Money</a></nav><div>Travel</div>",
        "<div><a href='/'>The Eddy</a> &gt; Travel</div>",
    ],
)
def test_section_is_read_above_the_headline(above: str) -> None:
    page = story().replace("<article>", f"{above}<article>")
    assert clean(page, kind="html").section == "Travel"


def test_last_entry_of_a_menu_above_the_headline_is_no_section() -> None:
    menu = "<ul><li><a href='/t'>Travel</a></li><li><a href='/m'>Money</a></li></ul>"
    assert clean(story().replace("<article>", f"{menu}<article>"), kind="html").section is None


def test_site_is_what_the_page_title_adds_to_the_headline() -> None:
    assert clean(story("<title>Rafts on the river - The Eddy</title>"), kind="html").source == "The Eddy"


def test_year_in_the_text_is_no_publication_date() -> None:
    body = f"{PARAGRAPHS}<p>Nobody had crossed the river on a raft of this kind since the one that sank in 2011.</p>"
    assert clean(story(body=body), kind="html").date is None


def test_date_beside_the_headline_is_found() -> None:
    page = story(body=f"<p>9 June 2018, by Liv Sommerau</p>{PARAGRAPHS}")
    article = clean(page, kind="html")
    assert (article.date, article.date_method) == (datetime(2018, 6, 9, tzinfo=UTC), "byline")
    assert article.authors == ("Liv Sommerau",)
