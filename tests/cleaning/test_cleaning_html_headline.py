"""The headline and the site's name where a page's title, its headings and its data for machines disagree."""

from __future__ import annotations

import pytest

from indexer.article import Article
from indexer.cleaning import clean
from indexer.cleaning.blocks import MARKS, marks_in

PARAGRAPHS = "".join(
    f"<p>Paragraph {number} of this story tells at some length what happened on the river that day.</p>"
    for number in range(1, 7)
)
URL = "https://www.slowwater.example/rafts-on-the-river"


def cleaned(head: str, body: str, url: str | None = URL) -> Article:
    return clean(f"<html lang='en'><head>{head}</head><body>{body}</body></html>", kind="html", url=url)


@pytest.mark.parametrize(
    "around",
    [
        "<div class='relative'>",
        "<header class='position-relative md:hidden overflow-hidden'>",
        "<article class='post-12 post type-post hentry category-trending tag-related-work'>",
    ],
)
def test_classes_that_style_or_label_an_element_do_not_hide_the_headline(around: str) -> None:
    end = "</div></header></article>"
    page = f"{around}<h1>Rafts on the river</h1>{end}{PARAGRAPHS}<div><h1>Our morning letter</h1></div>"
    assert cleaned("<title>Rafts on the river - Slow Water</title>", page).title == "Rafts on the river"


def test_names_of_parts_are_read_beside_styles() -> None:
    assert marks_in("relative p-4 text-center no-sidebar") == 0
    assert marks_in("relative related-links") == MARKS["related"]
    assert marks_in("tag-list") & MARKS["meta"]  # only the article's own element is labelled with its tags


def test_heading_that_makes_up_most_of_the_title_is_the_headline_though_it_stands_in_a_header() -> None:
    title = "Seven rafts came down the river before anybody had counted them -- Old Harbour -- Slow Water"
    page = (
        "<div class='item'><h2>Old Harbour</h2></div><article><div class='article-header'>"
        f"<h1>Seven rafts came down the river before anybody had counted them</h1></div>{PARAGRAPHS}</article>"
    )
    assert cleaned(f"<title>{title}</title>", page).title.startswith("Seven rafts")


def test_heading_that_is_said_for_machines_is_the_headline_beside_a_blog_s_own_h1() -> None:
    head = (
        "<title>Notes from the ferry: Rafts on the river</title><meta property='og:title' content='Rafts on the river'>"
    )
    page = f"<h1>Notes from the ferry</h1><div class='post'><h3>Rafts on the river</h3>{PARAGRAPHS}</div>"
    assert cleaned(head, page).title == "Rafts on the river"


def test_page_whose_title_names_the_site_only_has_its_heading_as_headline() -> None:
    page = f"<div><h2>Rafts on the river</h2>{PARAGRAPHS}</div>"
    assert cleaned("<title>slowwater.example</title>", page).title == "Rafts on the river"


@pytest.mark.parametrize(
    ("title", "headline", "site"),
    [
        ("河上漂来七只木筏-慢水新闻网", "河上漂来七只木筏", "慢水新闻网"),
        ("河上漂来七只木筏 旧港_慢水新闻网", "河上漂来七只木筏 旧港", "慢水新闻网"),
        ("Ferry Post » Rafts on the river", "Rafts on the river", "Ferry Post"),
        ("Rafts on the river ‹ Ferry Post", "Rafts on the river", "Ferry Post"),
    ],
)
def test_line_that_the_title_holds_parts_it_into_headline_and_site(title: str, headline: str, site: str) -> None:
    page = f"<div><div class='t'>{headline}</div>{PARAGRAPHS}</div>"
    article = cleaned(f"<title>{title}</title>", page, None)
    assert (article.title, article.source) == (headline, site)


def test_kicker_of_a_title_is_no_site() -> None:
    page = f"<div><h1>Rafts on the river</h1>{PARAGRAPHS}</div>"
    title = "Ferryman Bo Lind talks to us - Rafts on the river"
    assert cleaned(f"<title>{title}</title>", page).source == "slowwater.example"


def test_h1_at_the_end_of_a_trail_yields_to_the_headline_that_stands_below() -> None:
    data = '{"@type": "NewsArticle", "headline": "Rafts on the river"}'
    page = (
        "<ul><li><a href='/'>Home</a></li><li><h1>Seven rafts seen near the old harbour</h1></li></ul>"
        f"<article><h2>Rafts on the river</h2>{PARAGRAPHS}</article>"
    )
    head = (
        "<title>Seven rafts seen near the old harbour</title>"
        "<meta property='og:title' content='Seven rafts seen near the old harbour'>"
        f"<script type='application/ld+json'>{data}</script>"
    )
    assert cleaned(head, page).title == "Rafts on the river"


def test_address_in_the_middle_of_the_title_names_the_site() -> None:
    page = f"<div>{PARAGRAPHS}</div>"
    assert cleaned("<title>Rafts - SlowWater - Old Harbour</title>", page).source == "SlowWater"


@pytest.mark.parametrize(
    ("title", "heading", "below", "site"),
    [
        ("Rafts on the river | Harbour | Ferry Post", "Rafts on the river", "", "Ferry Post"),
        ("Weblog » Archive » Rafts on the river", "Weblog", "<h2>Rafts on the river</h2>", "Weblog"),
    ],
)
def test_last_part_of_what_a_title_adds_to_its_h1_is_the_site_unless_it_is_the_headline(
    title: str, heading: str, below: str, site: str
) -> None:
    page = f"<div><h1>{heading}</h1>{below}{PARAGRAPHS}</div>"
    assert cleaned(f"<title>{title}</title>", page, None).source == site


def test_channel_that_a_title_joins_to_the_site_is_left_out() -> None:
    page = f"<div><div>河上漂来七只木筏</div>{PARAGRAPHS}</div>"
    assert cleaned("<title>河上漂来七只木筏_旧港-慢水新闻网</title>", page, None).source == "慢水新闻网"
