from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.article import Article
from indexer.cleaning import clean, clean_page
from indexer.cleaning.html import explain_html
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


def test_a_list_of_links_to_articles_with_a_tag_is_the_topics() -> None:
    linked = "".join(f"<li><a href='/en/tags/{name}'>#{name} (14 posts)</a></li>" for name in ("Rafts", "Rivers"))
    page = story("<meta name='keywords' content='news, today'>", f"{PARAGRAPHS}<ul><li>Tags</li>{linked}</ul>")
    assert clean(page, kind="html").topics == ("Rafts", "Rivers")


@pytest.mark.parametrize(
    "labelled",
    [
        "<p>Tags: Rafts, Rivers</p>",
        "<p>Topics: <a href='/r1'>Rafts</a><a href='/r2'>Rivers</a></p>",
        "<h3>Themen</h3><ul><li>Rafts</li><li>Rivers</li></ul><p>All of this page was read to the end.</p>",
    ],
)
def test_what_is_labelled_as_tags_is_the_topics_of_a_page_that_names_none(labelled: str) -> None:
    assert clean(story(body=PARAGRAPHS + labelled), kind="html").topics == ("Rafts", "Rivers")
    named = story("<meta name='keywords' content='Boats'>", PARAGRAPHS + labelled)
    assert clean(named, kind="html").topics == ("Boats",)


def test_links_to_tags_in_a_menu_or_in_a_sentence_are_no_topics() -> None:
    linked = "<a href='/tags/rafts'>Rafts</a> <a href='/tags/rivers'>Rivers</a>"
    for aside in (f"<nav>{linked}</nav>", f"<p>The council of the valley spoke of {linked} once more on Monday.</p>"):
        assert clean(story(body=PARAGRAPHS + aside), kind="html").topics == ()


def test_notes_of_the_publishing_system_among_the_tags_are_no_topics() -> None:
    said = "Rafts, @front-page, /article, Category: Travel, 8ae9ab2d-fe1b-4f6d-9c1e-2b7a, Rivers"
    page = story(f"<meta name='keywords' content='{said}'>")
    assert clean(page, kind="html").topics == ("Rafts", "Rivers")


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


@pytest.mark.parametrize(
    ("said", "section"),
    [
        ("Reviews,Music", "Reviews"),
        ("River, Rafts, Boats", "River"),
        ("Arts, Culture &amp; Media", "Arts, Culture & Media"),
        ("www.eddy.example", None),
        ("Home Page", None),
    ],
)
def test_a_section_is_one_section_of_the_site(said: str, section: str | None) -> None:
    page = story(f"<meta property='article:section' content='{said}'>")
    assert clean(page, kind="html", url="https://eddy.example/rafts").section == section


@pytest.mark.parametrize("above", ["(News Photo / A. Hale)", "Published 3/4/2025", "Today / 2025 at 09:00"])
def test_a_credit_or_a_date_above_the_headline_is_no_section(above: str) -> None:
    page = story().replace("<article>", f"<div>{above}</div><article>")
    assert clean(page, kind="html").section is None


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


def test_date_alone_on_its_line_beats_one_in_a_caption() -> None:
    body = f"<p>People on the bank, 24 April 2018</p>{PARAGRAPHS}<div>Thursday, 26 April 2018</div>"
    article = clean(story(body=body), kind="html")
    assert article.date == datetime(2018, 4, 26, tzinfo=UTC)


def test_date_labelled_as_the_publication_beats_others() -> None:
    body = f"<p>12 May 2018</p>{PARAGRAPHS}<p>Published on 9 May 2018, 4 minutes, licence free</p>"
    assert clean(story(body=body), kind="html").date == datetime(2018, 5, 9, tzinfo=UTC)


def test_date_of_a_comment_is_no_publication_date() -> None:
    comment = "<div class='comment'><time datetime='2018-06-01T10:00:00Z'>1 June 2018</time> <p>Well done!</p></div>"
    assert clean(story(body=PARAGRAPHS + comment), kind="html").date is None


def test_slashed_stamp_is_read_as_the_page_shows_it() -> None:
    head = "<meta name='date' content='11/01/2018 12:43:42'>"
    shown = clean(story(head, body=f"<p>01.11.2018</p>{PARAGRAPHS}"), kind="html").date
    assert shown == datetime(2018, 11, 1, 12, 43, 42, tzinfo=UTC)
    other = clean(story(head, body=f"<p>11 January 2018</p>{PARAGRAPHS}"), kind="html").date
    assert other == datetime(2018, 1, 11, 12, 43, 42, tzinfo=UTC)


def test_local_midnight_in_utc_is_the_day_that_the_page_shows() -> None:
    head = "<meta property='article:published_time' content='2021-11-04T23:00:00Z'>"
    article = clean(story(head, body=f"<p>5 November 2021</p>{PARAGRAPHS}"), kind="html")
    assert (article.date, article.date_precision) == (datetime(2021, 11, 5, tzinfo=UTC), "day")


def test_date_beside_a_name_is_found_far_from_the_headline() -> None:
    menu = "".join(f"<li><a href='/{number}'>Bend {number} of the river</a></li>" for number in range(70))
    body = (
        f"<ul>{menu}</ul><p>People on the bank, 24 April 2018</p><p>Liv Sommerau-Eddinger | 26.04.2018</p>{PARAGRAPHS}"
    )
    article = clean(story(body=body), kind="html")
    assert (article.date, article.date_method) == (datetime(2018, 4, 26, tzinfo=UTC), "text")


def test_dates_of_a_list_of_other_texts_are_no_publication_dates() -> None:
    notes = "".join(f"<li>Notiz {number} vom {number}. April 2018</li>" for number in range(9, 4, -1))
    body = f"<p>12. April 2018</p>{PARAGRAPHS}<p>Zu den Flößen schrieben wir schon:</p><ul>{notes}</ul>"
    assert clean(story(body=body), kind="html").date == datetime(2018, 4, 12, tzinfo=UTC)


def test_date_beside_the_headline_beats_a_bare_day_that_says_not_of_what() -> None:
    shown = "<p>9 May 2018, 14:20</p>"
    for name, stamp, expected in (
        ("date", "2018-05-10", datetime(2018, 5, 9, 14, 20, tzinfo=UTC)),
        ("dc.date", "2018-05-10", datetime(2018, 5, 9, 14, 20, tzinfo=UTC)),
        ("date", "2018-05-10T06:15:00Z", datetime(2018, 5, 10, 6, 15, tzinfo=UTC)),
        ("date.published", "2018-05-10", datetime(2018, 5, 10, tzinfo=UTC)),
    ):
        head = f"<meta name='{name}' content='{stamp}'>"
        assert clean(story(head, body=shown + PARAGRAPHS), kind="html").date == expected
    head = "<meta name='date' content='2018-05-10'>"
    assert clean(story(head), kind="html").date == datetime(2018, 5, 10, tzinfo=UTC)
    marked = "<span itemprop='datePublished' content='2018-05-08'>new</span>"
    assert clean(story(head, body=marked + PARAGRAPHS), kind="html").date == datetime(2018, 5, 8, tzinfo=UTC)


def test_visible_time_has_the_zone_of_the_stamp_behind_it() -> None:
    shown = "<p><time datetime='2018-05-09T12:20:30Z'>Wednesday, 9 May 2018, 14:20</time></p>"
    later = "<p>Updated: <time class='updated' datetime='2018-05-09T15:00:00Z'>9 May 2018, 17:00</time></p>"
    article = clean(story(body=shown + later + PARAGRAPHS), kind="html")
    assert article.date == datetime(2018, 5, 9, 12, 20, 30, tzinfo=UTC)
    assert (article.date_precision, article.date_method) == ("second", "time")


def test_instructions_are_dated_by_their_structured_data() -> None:
    said = '{"@type": "HowTo", "name": "Rafts on the river", "datePublished": "2018-05-09T12:20:00Z"}'
    article = clean(story(f"<script type='application/ld+json'>{said}</script>"), kind="html")
    assert (article.date, article.date_method) == (datetime(2018, 5, 9, 12, 20, tzinfo=UTC), "json-ld")


def test_date_in_the_state_of_a_script_is_taken_where_the_page_says_none() -> None:
    said = '{"publishedDate": "2018-05-09T12:20:30Z", "updatedDate": "2018-05-11"}'
    state = f"<script type='application/json'>{said}</script>"
    article = clean(story(body=PARAGRAPHS + state), kind="html")
    assert (article.date, article.date_method) == (datetime(2018, 5, 9, 12, 20, 30, tzinfo=UTC), "script")
    escaped = r'<script>window.state = "{\"story\": {\"publishedAt\": \"2018-05-09\"}}"</script>'
    assert clean(story(body=PARAGRAPHS + escaped), kind="html").date == datetime(2018, 5, 9, tzinfo=UTC)
    other = '<script>more = [{"publishedDate": "2018-05-07"}]</script>'
    assert clean(story(body=PARAGRAPHS + state + other), kind="html").date is None  # which of them is not said


def test_heading_that_is_the_site_is_no_headline() -> None:
    page = (
        "<html><head><title>Rafts on the river | Eddy Notes</title></head><body>"
        f"<h1>Eddy Notes</h1><h2>Rafts on the river</h2>{PARAGRAPHS}</body></html>"
    )
    assert clean(page, kind="html").title == "Rafts on the river"


def test_title_that_all_pages_of_a_site_share_gives_way_to_the_first_heading() -> None:
    head = "<title>EDDY River Sports Club and Boat House</title>"
    page = f"<html><head>{head}</head><body><h4>Rafts on the river</h4>{PARAGRAPHS}</body></html>"
    assert clean(page, kind="html", url="https://www.eddy.example/detail?id=7").title == "Rafts on the river"
    other = page.replace("EDDY River Sports Club and Boat House", "A hundred rafts, one winner")
    assert clean(other, kind="html", url="https://www.eddy.example/detail?id=7").title == "A hundred rafts, one winner"


@pytest.mark.parametrize(
    "trail",
    [
        "<nav><h1>River raft race 2019 results</h1></nav>",
        "<ul><li><a href='/sport'>Sport</a></li><li><h1>River raft race 2019 results</h1></li></ul>",
        "<div><a href='/'>Home</a> <a href='/sport'>Sport</a><h1>River raft race 2019 results</h1></div>",
    ],
)
def test_heading_at_the_end_of_a_trail_gives_way_to_the_headline_below(trail: str) -> None:
    head = "<title>River raft race 2019 results</title><meta property='og:title' content='Sport: Rafts on the river'>"
    body = f"{trail}<h2><span>Sport</span><div>Rafts on the river</div></h2>{PARAGRAPHS}"
    assert clean(f"<html><head>{head}</head><body>{body}</body></html>").title == "Rafts on the river"


def test_headline_below_a_link_to_its_section_is_no_end_of_a_trail() -> None:
    head = "<title>Rafts on the river</title><meta property='og:title' content='A hundred rafts, one winner'>"
    body = f"<div><a href='/sport'>Sport</a><h1>Rafts on the river</h1></div><h2>How they raced</h2>{PARAGRAPHS}"
    assert clean(f"<html><head>{head}</head><body>{body}</body></html>").title == "Rafts on the river"


def test_name_of_the_site_is_preferred_to_its_address() -> None:
    head = (
        "<meta property='og:site_name' content='eddynotes.example'>"
        '<script type="application/ld+json">{"@type": "NewsArticle", "publisher": {"name": "Eddy Notes"}}</script>'
    )
    assert clean(story(head), kind="html", url="https://eddynotes.example/a").source == "Eddy Notes"


def test_abbreviated_site_name_is_spelled_out() -> None:
    head = "<meta property='og:site_name' content='EDN'><meta name='application-name' content='Eddy Daily News'>"
    assert clean(story(head), kind="html", url="https://edn.example/a").source == "Eddy Daily News"


def test_name_with_its_abbreviation_is_the_name_that_the_page_gives_without() -> None:
    head = (
        "<meta property='og:site_name' content='Water Herald'>"
        '<script type="application/ld+json">{"@type": "NewsArticle", "publisher": {"name": "Water Herald (WH News)"}}'
        "</script>"
    )
    assert clean(story(head), kind="html", url="https://whnews.example/a").source == "Water Herald"


def test_publisher_of_structured_data_is_preferred_to_the_name_of_an_app() -> None:
    head = (
        "<meta name='apple-mobile-web-app-title' content='Eddy Alerts'>"
        '<script type="application/ld+json">{"@type": "NewsArticle", "publisher": {"name": "The Eddy"}}</script>'
    )
    assert clean(story(head), kind="html", url="https://eddy.example/a").source == "The Eddy"


@pytest.mark.parametrize(
    "said",
    ["Eddy Notes | Sports", "Rafting - Eddy Notes", "Eddy Notes – all about water", "Eddy Notes - Bridge Street Ltd."],
)
def test_section_slogan_and_owner_are_no_part_of_the_site_name(said: str) -> None:
    head = f"<meta property='og:site_name' content='{said}'>"
    assert clean(story(head), kind="html", url="https://www.eddynotes.example/a").source == "Eddy Notes"


@pytest.mark.parametrize("said", ["川のほとり日報", "川のほとりDIGITAL", "Речной вестник"])
def test_name_in_another_script_than_the_address_gives_way_to_the_romanised_one(said: str) -> None:
    footer = "<p>{}</p><footer><p>© 2018 {}. All rights reserved.</p></footer>"
    head = f"<meta property='og:site_name' content='{said}'>"
    url = "https://www.kawabe.example/a"
    for holder, source in (
        ("The Kawabe Nippo", "The Kawabe Nippo"),
        ("Kawabe Media Group", said),  # the owner
        ("Bridge Street Press", said),
        (said, said),
    ):
        page = story(head, body=PARAGRAPHS + footer.format(said, holder))
        assert clean(page, kind="html", url=url).source == source
    latin = story("<meta property='og:site_name' content='Waterside'>", body=PARAGRAPHS + footer.format("", "Kawabe"))
    assert clean(latin, kind="html", url=url).source == "Waterside"


def test_copyright_line_spells_the_name_of_a_page_that_gives_its_address_only() -> None:
    body = f"{PARAGRAPHS}<footer><p>© 2018, eddynotes.example | Eddy Notes Ltd</p></footer>"
    for head in ("", "<meta property='og:site_name' content='eddynotes.example'>"):
        fields = explain_html(story(head, body), url="https://eddynotes.example/a", source=None, fetched=None).fields
        assert (fields["source"].value, fields["source"].method) == ("Eddy Notes", "copyright")
    branded = "<meta property='og:site_name' content='EddyNotes.example'>"
    assert clean(story(branded, body), kind="html", url="https://eddynotes.example/a").source == "EddyNotes.example"


@pytest.mark.parametrize(
    ("name", "authors"),
    [
        ('{"@type": "Person", "name": "By Liv Sommerau"}', ("Liv Sommerau",)),
        ('{"@type": "Person", "name": "The Eddy and Northwire"}', ("The Eddy and Northwire",)),
        ('"Liv Sommerau and Ole Tamm"', ("Liv Sommerau", "Ole Tamm")),
        ('{"@type": "Person", "name": "admin"}', ()),
    ],
)
def test_names_in_structured_data_are_people_or_desks(name: str, authors: tuple[str, ...]) -> None:
    head = f'<script type="application/ld+json">{{"@type": "NewsArticle", "author": {name}}}</script>'
    assert clean(story(head), kind="html").authors == authors


def test_visible_byline_completes_the_authors_of_structured_data() -> None:
    head = '<meta name="author" content="Liv Sommerau">'
    body = f"<p class='byline'><a>Liv Sommerau</a> <a>Ole Tamm</a></p>{PARAGRAPHS}"
    assert clean(story(head, body), kind="html").authors == ("Liv Sommerau", "Ole Tamm")


def test_commenter_is_no_author() -> None:
    comment = "<div id='comments'><span class='comment-author'>Bo Reader</span><p>Well done, I say!</p></div>"
    assert clean(story(body=PARAGRAPHS + comment), kind="html").authors == ()


def test_outlet_is_the_author_only_if_nobody_else_is() -> None:
    head = "<meta property='og:site_name' content='The Eddy'><meta name='author' content='The Eddy, Riverside'>"
    assert clean(story(head), kind="html").authors == ("The Eddy",)
    named = story(head, f"<p>By Liv Sommerau</p>{PARAGRAPHS}")
    assert clean(named, kind="html").authors == ("Liv Sommerau",)


def test_text_that_structured_data_repeats_in_one_piece_stands_once() -> None:
    text = PARAGRAPHS.replace("<p>", " ").replace("</p>", " ")
    body = clean(story(body=f"{PARAGRAPHS}<div>{text}</div>"), kind="html").body
    assert body.count("Paragraph 3 of this story") == 1


def test_article_in_several_parts_of_the_page_is_whole() -> None:
    half = PARAGRAPHS.split("<p>Paragraph 4")
    body = (
        f"<div class='grid'><div class='article-body'>{half[0]}</div></div><div class='ad'>Buy a raft</div>"
        f"<div class='grid'><div class='article-body'><p>Paragraph 4{half[1]}</div></div>"
    )
    text = clean(story(body=body), kind="html").body
    assert [f"Paragraph {number}" in text for number in range(1, 7)] == [True] * 6
    assert "Buy a raft" not in text


def test_page_of_one_sentence_is_an_article() -> None:
    page = "<html><body><h1>Bridge closed</h1><p>The bridge is closed.</p></body></html>"
    assert clean(page, kind="html").body == "The bridge is closed."


def test_explanation_holds_the_article_and_accounts_for_every_block(frost: Article) -> None:
    text = PAGE.read_text(encoding="utf-8")
    explanation = explain_html(
        text, url="https://www.valleycourier.example/farming/frost?utm_source=x", source=None, fetched=None
    )
    assert explanation.article == frost
    assert "\n\n".join(line.text for line in explanation.lines if line.kept) == frost.body
    dropped = {line.text: line for line in explanation.lines if not line.kept}
    assert dropped[frost.title].role == "headline"
    assert all(line.reason and line.role for line in explanation.lines)


def test_explanation_says_where_each_field_was_found() -> None:
    head = "<meta property='og:site_name' content='The Eddy'><meta name='date' content='2018-05-09'>"
    text = story(head, f"<p class='byline'>By Liv Sommerau</p>{PARAGRAPHS}")
    fields = explain_html(text, url="https://eddy.example/a", source=None, fetched=None).fields
    methods = {name: found.method for name, found in fields.items()}
    assert methods["source"] == "opengraph"
    assert methods["date"] == "meta"
    assert methods["authors"] == "byline"
    assert methods["language"] == "html"
    assert methods["url"] == "input"
    assert methods["topics"] == ""
    assert all(0 <= found.confidence <= 1 for found in fields.values())
    assert all((found.confidence > 0) == bool(found.value) for found in fields.values())


@pytest.mark.parametrize(
    ("head", "flag"),
    [
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>',
            "paywalled",
        ),
        ("<meta property='article:content_tier' content='locked'>", "paywalled"),
        ('<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "Rafts"}</script>', "live-blog"),
        ("<meta property='og:type' content='video.other'>", "video"),
    ],
)
def test_special_pages_give_what_they_have_and_are_flagged(head: str, flag: str) -> None:
    explanation = explain_html(story(head), url=None, source=None, fetched=None)
    assert flag in explanation.flags
    assert "Paragraph 6" in explanation.article.body


def test_accelerated_mobile_page_is_flagged() -> None:
    text = story().replace("<html ", "<html amp ")
    assert "amp" in explain_html(text, url=None, source=None, fetched=None).flags


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td"])
def test_deeply_nested_page_is_cleaned_or_rejected(tag: str) -> None:
    page = f"<html><body>{PARAGRAPHS}" + f"<{tag}>" * 5000 + "lost" + "</body></html>"
    assert "Paragraph 6" in clean(page, kind="html").body


@pytest.mark.parametrize(
    "opening",
    [
        "<?xml version='1.0' encoding='iso-8859-1'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x.dtd'>",
        "<!DOCTYPE html/>",
        "\x00\x0b<!doctype html>",
    ],
)
def test_odd_openings_of_a_page_do_not_hide_its_text(opening: str) -> None:
    assert "Paragraph 6" in clean(opening + story(body=PARAGRAPHS.replace("river", "Fluß")), kind="html").body


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- saved from url=(0041)https://eddy.example/rafts?utm_source=feed -->",
        "<!--\n Page saved with SingleFile \n url: https://eddy.example/rafts \n saved date: Fri May 31 2024\n-->",
    ],
)
def test_a_saved_page_without_an_address_of_its_own_has_the_one_it_was_saved_from(comment: str) -> None:
    saved = f"<!DOCTYPE html>\n{comment}\n{story()}"
    assert clean(saved, kind="html").url == "https://eddy.example/rafts"
    assert clean(saved, kind="html", url="https://eddy.example/a").url == "https://eddy.example/a"
    canonical = story("<link rel='canonical' href='https://eddy.example/news/rafts'>")
    assert clean(f"{comment}{canonical}", kind="html").url == "https://eddy.example/news/rafts"
    quoted = story(body=PARAGRAPHS * 20 + comment)
    assert clean(quoted, kind="html").url is None
