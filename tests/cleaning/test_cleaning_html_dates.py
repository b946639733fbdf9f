"""The publication date of an HTML page where only readers are told, or several dates stand on the page."""

from __future__ import annotations

import pytest

from indexer.article import Article
from indexer.cleaning import clean

PARAGRAPHS = "".join(
    f"<p>Paragraph {number} of this story tells at some length what happened on the river that day.</p>"
    for number in range(1, 7)
)


def cleaned(body: str, title: str = "Rafts on the river") -> Article:
    page = f"<html lang='en'><head><title>{title}</title></head><body>{body}</body></html>"
    return clean(page, kind="html", url="https://www.slowwater.example/rafts")


@pytest.mark.parametrize(
    "line",
    [
        "By the Harbour Desk Published: 5/14/2012 2:27 AM Last Modified: 5/16/2012 4:06 AM of the same week",
        "Harbour Desk By Liv Sommerau The Slow Water on May 14, 2012 at 2:27 AM, updated May 16, 2012 at 4:06 AM",
        "<abbr class='timedate' title='2012-05-14T02:27:00Z'>an hour ago</abbr>",
    ],
)
def test_line_of_author_paper_and_date_gives_the_publication_and_not_the_change(line: str) -> None:
    article = cleaned(f"<h1>Rafts on the river</h1><div>{line}</div>{PARAGRAPHS}")
    assert article.date is not None
    assert article.date.isoformat() == "2012-05-14T02:27:00+00:00"


def test_sentence_below_the_text_that_says_when_it_was_posted_is_read() -> None:
    posted = (
        "This entry was posted on Monday, May 14, 2012 by liv and is filed under rafts. You can follow any responses."
    )
    article = cleaned(f"<h1>Rafts on the river</h1>{PARAGRAPHS}<p>{posted}</p>")
    assert article.date is not None
    assert article.date.date().isoformat() == "2012-05-14"


def test_date_of_an_embedded_post_or_a_comment_is_not_the_article_s() -> None:
    embedded = "<blockquote>A post by liv, <time datetime='2012-03-01T10:00:00Z'>1 March</time></blockquote>"
    comment = (
        "<div class='comment'><i itemprop='datePublished' content='2012-06-01'>June</i> Nice rafts, all of them.</div>"
    )
    assert cleaned(f"<h1>Rafts on the river</h1>{PARAGRAPHS}{embedded}{comment}").date is None


def test_element_named_after_the_publication_is_read_within_a_comment_s_layout() -> None:
    date = (
        "<div class='OpinionComment'><div class='PublishDate OpinionComment_publish'>Monday, May 14, 2012</div></div>"
    )
    article = cleaned(f"<h1>Rafts on the river</h1>{date}{PARAGRAPHS}")
    assert article.date is not None
    assert article.date.date().isoformat() == "2012-05-14"


def test_dates_of_a_list_of_other_articles_give_way_to_the_one_by_the_headline() -> None:
    slider = "".join(f"<div class='slide-date'>{day}/06/2019</div>" for day in (14, 15, 16, 17))
    page = f"<div>{slider}</div><div class='meta'>08/08/2017 by the editor in Rafts</div><h1>Rafts on the river</h1>"
    article = cleaned(page + PARAGRAPHS)
    assert article.date is not None
    assert article.date.date().isoformat() == "2017-08-08"


def test_dates_in_the_rows_of_a_table_are_no_publication() -> None:
    rows = "".join(f"<tr><td>Episode {day}</td><td>October {day}, 1999</td></tr>" for day in (14, 15, 16, 17))
    assert cleaned(f"<h1>Rafts on the river</h1>{PARAGRAPHS}<table>{rows}</table>").date is None


def test_headline_that_is_no_heading_tells_where_the_date_stands() -> None:
    menu = "".join(f"<div>Menu entry {number}</div>" for number in range(40))
    headline = "<div class='t'>Rafts on the river</div><div>2012-05-14 10:22 Slow Water</div>"
    article = cleaned(f"<div>Today is May 20, 2013</div>{menu}{headline}{PARAGRAPHS}")
    assert article.date is not None
    assert article.date.date().isoformat() == "2012-05-14"
