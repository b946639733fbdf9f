from __future__ import annotations

import pytest

from indexer.cleaning import clean
from indexer.cleaning.blocks import blocks_of
from indexer.cleaning.body import decide
from indexer.cleaning.html import parsed

PARAGRAPHS = [
    "The miller of the lower valley has opened his wheel to visitors again after two years of repairs.",
    "A carpenter from the next village cut forty new paddles of larch, and every one of them by hand.",
    "On Saturday the water ran over the wheel for the first time, and three hundred people came to look.",
    "Flour will be ground on the first Sunday of each month as long as the brook carries enough water.",
]


def page(*inserted: str, title: str = "Mill wheel turns again") -> str:
    """An article whose second paragraph is followed by the inserted elements."""
    text = [f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS]
    story = "".join([*text[:2], *inserted, *text[2:]])
    return f"<html><head></head><body><article><h1>{title}</h1><div>{story}</div></article></body></html>"


@pytest.mark.parametrize(
    "box",
    [
        "<div><p>You have 3 free articles left this week.</p><a href='/join'>Join the club</a></div>",
        "<section><h4>Grist, once a month</h4><p>Our newsletter about old mills.</p><a href='/x'>Yes</a></section>",
        "<div><p>Noch zwei Artikel frei.</p><button>Weiter</button></div>",
        "<div><h4>Like what you read?</h4><p>Chip in a euro a week.</p><a href='/give'>Give</a></div>",
    ],
)
def test_box_that_asks_readers_to_join_or_give_is_dropped(box: str) -> None:
    assert clean(page(box), kind="html").body.split("\n\n") == PARAGRAPHS


def test_paragraph_that_speaks_of_a_newsletter_stays() -> None:
    told = (
        "The miller's newsletter, which people can <a href='/n'>subscribe to</a> at the door, has four hundred readers."
    )
    assert "four hundred readers" in clean(page(f"<p>{told}</p>"), kind="html").body


@pytest.mark.parametrize(
    "link",
    [
        "<p><strong>RELATED:</strong> <a href='/a'>Brook runs dry in June</a></p>",
        "<p><a href='/a'>Read more: Brook runs dry in June</a></p>",
        "<p>Lesen Sie auch: <a href='/a'>Der Bach ist trocken</a></p>",
    ],
)
def test_paragraph_that_is_but_a_link_to_another_article_is_dropped(link: str) -> None:
    assert clean(page(link), kind="html").body.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize("name", ["You may also like", "Advertisement", "Auch interessant", "Você pode gostar..."])
def test_name_of_a_box_is_dropped_with_nothing_in_it(name: str) -> None:
    assert clean(page(f"<p>{name}</p>"), kind="html").body.split("\n\n") == PARAGRAPHS


def test_heading_of_a_box_is_dropped_with_the_rest_of_it_and_a_subheading_stays() -> None:
    box = "<div><h3>The Morning Wheel</h3><p>Our free briefing, at 6.30am.</p></div>"
    found = blocks_of(parsed(page("<h3>What happens next</h3>", box)))
    # However likely a heading looks by itself.
    scores = [0.1 if "briefing" in block.text else 0.9 for block in found]
    kept = [verdict.block.text for verdict in decide(found, scores, "Mill wheel turns again", ()) if verdict.kept]
    assert kept == [*PARAGRAPHS[:2], "What happens next", *PARAGRAPHS[2:]]


def test_page_laid_out_by_tables_keeps_its_paragraphs_and_nothing_else() -> None:
    text = "".join(f"<p>{paragraph}" for paragraph in PARAGRAPHS)
    html = (
        "<html><head><title>Mill wheel turns again - Brook Post</title></head><body><table><tr>"
        "<td><a href='/n'>News</a><br><a href='/l'>Letters</a></td>"
        "<td><h1>Mill wheel turns again</h1><i>by Odile Wexford</i>, <font>Thursday 4 May 2017</font>"
        "<table><tr><td><img src='w.jpg'><br><i>The wheel on Saturday.</i></td></tr></table>"
        f"{text}</td></tr></table></body></html>"
    )
    article = clean(html, kind="html")
    assert article.body.split("\n\n") == PARAGRAPHS
    assert article.authors == ("Odile Wexford",)
    assert article.source == "Brook Post"


def test_subheadings_are_kept_where_the_page_does_not_name_its_story() -> None:
    text = [f"<p class='x7'>{paragraph}</p>" for paragraph in PARAGRAPHS]
    html = (
        "<html><body><div class='r'><div class='k'><h1>Mill wheel turns again</h1></div><div class='q'>"
        + "".join([*text[:2], "<h3 class='x9'>Flour on Sundays</h3>", *text[2:]])
        + "</div><div class='z'><p>Another story</p></div></div></body></html>"
    )
    assert clean(html, kind="html").body.split("\n\n") == [*PARAGRAPHS[:2], "Flour on Sundays", *PARAGRAPHS[2:]]


def test_pull_quote_is_dropped_and_a_subheading_that_quotes_is_kept() -> None:
    quote = "<p>“every one of them by hand”</p>"
    subheading = "<h2>“Forty new paddles of larch”</h2>"
    body = clean(page(quote, subheading), kind="html").body
    assert "“every one" not in body
    assert "“Forty new paddles of larch”" in body


def test_closing_note_on_the_author_is_dropped() -> None:
    html = page().replace("<h1>", "<p>By <a rel='author'>Odile Wexford</a></p><h1>")
    html = html.replace("</div></article>", "<p>Odile Wexford writes about wheels and water.</p></div></article>")
    article = clean(html, kind="html")
    assert article.authors == ("Odile Wexford",)
    assert article.body.split("\n\n")[-1] == PARAGRAPHS[-1]
