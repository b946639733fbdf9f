"""Section, topics, credits and language of HTML pages that are careless about them."""

from __future__ import annotations

import json

import pytest

from indexer.article import Article
from indexer.cleaning import clean

PARAGRAPHS = "".join(
    f"<p>Paragraph {number} of this story tells at some length what happened on the river that day.</p>"
    for number in range(1, 7)
)
FRENCH = "".join(
    f"<p>Le radeau numéro {number} est arrivé au port avant midi, et personne ne savait d'où venaient ces planches.</p>"
    for number in range(1, 7)
)


def cleaned(head: str = "", above: str = "", body: str = PARAGRAPHS) -> Article:
    page = f"<html lang='en'><head>{head}</head><body>{above}<h1>Rafts on the river</h1>{body}</body></html>"
    return clean(page, kind="html", url="https://www.slowwater.example/rafts")


def said(**properties: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **properties})}</script>"


def test_first_of_several_sections_is_taken() -> None:
    assert cleaned(said(articleSection="Harbour,Ferries")).section == "Harbour"
    assert cleaned(said(articleSection="Arts, Culture and Life")).section == "Arts, Culture and Life"


@pytest.mark.parametrize("name", ["2016", "10:08 am Fri Jul 19, 2013", "365"])
def test_number_or_date_is_no_section(name: str) -> None:
    assert cleaned(said(articleSection=[name, "Harbour"])).section == "Harbour"


def test_trail_that_begins_with_the_site_has_its_section_second() -> None:
    names = ["Slow Water Online", "Harbour", "Rafts on the river"]
    trail = {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "name": name} for name in names]}
    assert cleaned(f"<script type='application/ld+json'>{json.dumps(trail)}</script>").section == "Harbour"


@pytest.mark.parametrize(
    "above",
    [
        "<div><div><div><a href='/imprint'>Imprint</a></div></div></div>",
        "<div><div><a href='/rafts'>What we know of the seven rafts so far</a></div></div>",
        "<div class='share-button'><a href='/share'>Chirp</a></div>",
    ],
)
def test_link_of_another_part_of_the_page_is_no_section(above: str) -> None:
    inner = f"<main><div class='story'><h1>Rafts on the river</h1>{PARAGRAPHS}</div></main>"
    page = f"<html lang='en'><body>{above}{inner}</body></html>"
    assert clean(page, kind="html").section is None


def test_link_right_above_the_headline_is_the_section() -> None:
    assert cleaned(above="<div class='kicker'><a href='/harbour'>Harbour</a></div>").section == "Harbour"


@pytest.mark.parametrize("keywords", ["rafts; rivers; floods", "木筏，河流，洪水", "木筏、河流、洪水"])
def test_topics_are_parted_by_whatever_a_page_parts_them_with(keywords: str) -> None:
    assert len(cleaned(f"<meta name='keywords' content='{keywords}'>").topics) == 3


def test_escaped_sign_in_a_topic_does_not_part_it() -> None:
    assert cleaned("<meta property='article:tag' content='Rafts &amp;amp; Rivers'>").topics == ("Rafts & Rivers",)


def test_labels_beside_a_credit_are_none() -> None:
    assert cleaned(body=f"<p>Source: Ferry Press | Duration: 3 min</p>{PARAGRAPHS}").credits == ("Ferry Press",)


def test_language_is_that_of_the_text_where_the_template_names_another() -> None:
    assert cleaned(body=FRENCH).language == "fr"
    assert cleaned(body=PARAGRAPHS).language == "en"
    assert cleaned(body=f"{PARAGRAPHS * 3}<p>« Personne ne savait d'où venaient ces planches »</p>").language == "en"
