"""The search page as a document: what it says, what it links to, and that it agrees with the API."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from articles import ARTICLES
from flask import Flask
from flask.testing import FlaskClient
from gazette import GAZETTE, SCRIPT
from hypothesis import given
from hypothesis import strategies as st
from indexes import add, built, story
from lxml import html
from search_page import Page, api, parameters_of, search

import indexer
import server
from indexer import NewsIndex
from indexer.request import PARAMETERS
from server.settings import Settings


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> NewsIndex:
    return built(tmp_path_factory.mktemp("gazette"), GAZETTE)


@pytest.fixture(scope="module")
def client(index: NewsIndex) -> FlaskClient:
    return server.create_app(index).test_client()


# What is found


def test_without_a_query_the_newest_articles_are_shown(client: FlaskClient) -> None:
    page = Page(client, "/")
    assert page.text('//*[@id="count"]') == f"{len(GAZETTE)} articles, 1 to 10"
    assert page.hits[1] == "Tide table 3 of 2024-02 is late"
    assert len(page.hits) == 10


SEARCHES: tuple[dict[str, Any], ...] = (
    {"q": "ferry"},
    {"q": "tide -ferry", "sort": "oldest", "limit": 7},
    {"q": "ink ebb", "match": "any", "source": ["-Gulf Herald"]},
    {"q": "", "source": ["Gulf Herald", "Northern Ledger"], "since": "2023-03", "until": "2023-10-11"},
    {"q": "title:table", "topic": "ferries", "author": "IDA VESTERBY", "facets": "source"},
    {"q": "warden", "section": "coast", "interval": "week", "facet_size": 1, "snippets": 3},
    {"q": "2023", "language": "en", "snippets": 0, "facets": ""},
)


@pytest.mark.parametrize("parameters", SEARCHES, ids=str)
def test_the_page_shows_what_the_api_answers_to_the_same_parameters(
    client: FlaskClient, parameters: dict[str, Any]
) -> None:
    page, document = search(client, **parameters), api(client, **parameters)
    assert document["total"]
    assert re.match(r"([\d,]+) articles?\b", page.text('//*[@id="count"]'))[1] == str(document["total"])  # type: ignore[index]
    assert page.hits == [hit["title"] for hit in document["hits"]]
    snippets = [p.text_content() for p in page.all('//p[@class="snippet"]')]
    assert snippets == [
        snippet["text"] for hit in document["hits"] for snippet in hit["snippets"] if snippet["text"] != hit["title"]
    ]


def test_the_marks_of_a_snippet_are_its_ranges_in_code_points(client: FlaskClient) -> None:
    page = search(client, q="tide source:gulfherald*")
    (hit,) = api(client, q="tide source:gulfherald*")["hits"]
    (snippet,) = hit["snippets"]
    assert "😀" in snippet["text"]
    marked = [snippet["text"][start:end] for start, end in snippet["ranges"]]
    assert marked == ["tide", "tide"]
    assert [mark.text for mark in page.all('//p[@class="snippet"]/mark')] == marked


def test_words_of_a_phrase_are_one_mark(client: FlaskClient) -> None:
    assert {mark.text for mark in search(client, q='"harbour warden"').all("//mark")} == {"harbour warden"}


def test_a_headline_is_marked_where_the_text_below_it_is(tmp_path: Path) -> None:
    record = story(
        "a", "Peace and Talks: in 1994 the peace talks began, in a Peacetime.", "Peace talks, PEACE and talks"
    )
    client = server.create_app(built(tmp_path, [record]).path).test_client()
    for q, marks in (
        ('"peace talks"', ["Peace talks"]),
        ("peace talks", ["Peace talks", "PEACE", "talks"]),
        ("began", []),
    ):
        page = search(client, q=q)
        assert [mark.text for mark in page.all("//article/h2//mark")] == marks, q
        assert page.text("//article/h2") == "Peace talks, PEACE and talks"


def test_a_headline_is_marked_in_whole_words_and_whole_phrases(tmp_path: Path) -> None:
    record = story("a", "After the peace talks came peace.", "Peacetime peace talks")
    others = (story(str(n), "Tide") for n in range(9))
    client = server.create_app(built(tmp_path, [record, *others]).path).test_client()
    page = search(client, q='peace OR "peace talks"')
    assert [mark.text for mark in page.all('//p[@class="snippet"]/mark')] == ["peace talks", "peace"]
    assert [mark.text for mark in page.all("//article/h2//mark")] == ["peace talks"]


def test_a_headline_leads_to_where_its_words_stand(tmp_path: Path) -> None:
    body = "Tide, tide, wind-swept tides and Ink/press & ferry in rain, fog, ice."
    client = server.create_app(built(tmp_path, [story("a", body, "Weather")]).path).test_client()
    for q, fragment in (
        ("tide", "#:~:text=Tide&text=tides"),
        ("ink/press", "#:~:text=Ink&text=press"),
        ('"wind-swept"', "#:~:text=wind&text=swept"),
        ("ferry rain fog ice wind", "#:~:text=wind&text=ferry&text=rain&text=fog"),
        ("", ""),
    ):
        assert search(client, q=q).one("//article/h2/a").get("href") == "/articles/a" + fragment, q


@pytest.mark.parametrize(
    ("id", "shown", "machine"),
    [
        ("2023-01-0", "10 January 2023, 06:00:00 UTC", "2023-01-10T06:00:00Z"),
        ("marked up", "20 February 2024", "2024-02-20"),
        ("arabic", "May 2023", "2023-05"),
        ("port/ä?b#c%20", "7 June 2023, 08:09:10 UTC", "2023-06-07T08:09:10Z"),
    ],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(client: FlaskClient, id: str, shown: str, machine: str) -> None:
    page = article(client, id)
    time = page.one("//main//time")
    assert (time.text, time.get("datetime")) == (shown, machine)


def test_a_time_without_seconds_is_shown_without_them(tmp_path: Path) -> None:
    client = server.create_app(built(tmp_path, [story("a", "Tide", date="2024-12-03T19:17Z")]).path).test_client()
    time = article(client, "a").one("//main//time")
    assert (time.text, time.get("datetime")) == ("3 December 2024, 19:17 UTC", "2024-12-03T19:17Z")


def test_an_article_without_a_date_says_so(client: FlaskClient) -> None:
    assert "no date" in article(client, "long").text('//main//p[@class="byline"]')


def article(client: FlaskClient, id: str) -> Page:
    with client.application.test_request_context():
        from flask import url_for

        return Page(client, url_for("broadsheet.page.article", article_id=id))


# Narrowing


def test_facets_have_a_box_to_tick_and_one_to_exclude_each_with_its_count(client: FlaskClient) -> None:
    page, document = search(client, q="tide"), api(client, q="tide", facets="source,topic,author,section,language")
    for name, facet in document["facets"].items():
        shown = {
            row.xpath('.//label[@class="value"]/input/@value')[0]: row.xpath('string(span[@class="number"])')
            for row in page.all(f'//div[@class="row"][.//input[@name="{name}"]]')
        }
        assert shown == {bucket["value"]: str(bucket["count"]) for bucket in facet["buckets"][: len(shown)]}
        excluding = page.all(f'//label[@class="without"]/input[@name="{name}"]/@value')
        assert excluding == [f"-{value}" for value in shown]


def test_ticked_and_excluded_values_stay_so_and_can_be_taken_back(client: FlaskClient) -> None:
    page = search(client, q="tide", source="gulf herald", topic="-FERRIES", section="-nowhere")
    assert page.all("//aside//input[@checked]/@value") == ["Gulf Herald", "-FERRIES", "-nowhere"]
    assert page.text('//*[@id="count"]').startswith("13 articles")
    page = page.follow("Remove: source gulf herald ×").follow("Remove: not section nowhere ×")
    # Written as the index has it, where the index has it among these articles.
    assert page.all("//aside//input[@checked]/@value") == ["-Ferries"]
    assert page.follow("Remove: not topic FERRIES ×").text('//*[@id="count"]').startswith("41 articles")


def test_a_value_that_begins_with_a_dash_is_ticked_and_excluded_like_any_other(tmp_path: Path) -> None:
    outlets = ("-30-", "30-")
    with built(tmp_path, [{"id": name, "title": f"By {name}", "source": name} for name in outlets]) as index:
        client = server.create_app(index).test_client()
        (tick,) = search(client).all('//label[@class="value"][bdi="-30-"]/input/@value')
        ticked = search(client, source=tick)
        assert ticked.hits == ["By -30-"]
        assert ticked.all("//aside//input[@checked]/@value") == [tick]
        (without,) = ticked.all('//label[@class="without"][@title="None of -30-"]/input/@value')
        assert search(client, source=without).hits == ["By 30-"]
        assert len(ticked.follow("Remove: source -30- ×").hits) == 2


def test_all_filters_can_be_removed_at_once(client: FlaskClient) -> None:
    page = search(client, q="tide", source="Gulf Herald", since="2023-04", sort="newest").follow("Remove all")
    assert page.text('//*[@id="count"]').startswith("41 articles")


def test_each_filter_can_be_taken_back_alone(client: FlaskClient) -> None:
    page = search(client, q="tide", source=["Gulf Herald", "-Nobody's Post"], since="2023-04", until="2024-01-31")
    labels = ["source Gulf Herald", "not source Nobody's Post", "from 1 April 2023", "until 31 January 2024"]
    assert [" ".join(chip.text_content().split()) for chip in page.all('//ul[@class="chips"]/li/a')] == [
        *(f"Remove: {label} ×" for label in labels),
        "Remove all",
    ]
    for label in labels:
        left = page.follow(f"Remove: {label} ×")
        kept = [other for other in labels if other != label]
        assert [" ".join(c.text_content().split()[1:-1]) for c in left.all('//ul[@class="chips"]/li/a')][:-1] == kept


def test_an_address_says_no_more_than_the_search(client: FlaskClient) -> None:
    page = search(client, topic="Tides")
    assert page.link("Remove: topic Tides ×") == "/"
    assert page.link("Newest") == "/?topic=Tides&sort=newest"
    assert search(client, topic="Tides", sort="newest").link("Best first") == "/?topic=Tides"


def test_an_empty_list_of_facets_counts_none_and_goes_along(client: FlaskClient) -> None:
    page = search(client, q="tide", facets="")
    assert [legend.text for legend in page.all("//aside//legend")] == ["Published"]
    assert not page.all('//section[@class="histogram"]')
    assert page.link("Newest") == "/?q=tide&sort=newest&facets="
    assert submitted(page)["facets"] == [""]


def test_an_excluded_value_that_nothing_has_stays_among_the_boxes(client: FlaskClient) -> None:
    page = search(client, q="tide", source="-Nobody's Post")
    row = page.one('//div[@class="row"][.//input[@checked]]')
    assert row.findtext(".//bdi") == "Nobody's Post"
    assert row.xpath('string(span[@class="number"])') == ""


def test_eight_values_of_a_facet_are_shown_until_more_are_asked_for(tmp_path: Path) -> None:
    records = [story(str(n), "Tide", source=f"Post {n}") for n in range(10)]
    client = server.create_app(built(tmp_path, records).path).test_client()
    for parameters, shown in (({}, 8), ({"facet_size": 9}, 9)):
        assert len(search(client, **parameters).all('//label[@class="value"]/input[@name="source"]')) == shown


def test_a_facet_without_values_has_no_heading(tmp_path: Path) -> None:
    client = server.create_app(built(tmp_path, [story("a", "Tide", source="Post")]).path).test_client()
    legends = [legend.text for legend in search(client, q="tide").all("//aside//legend")]
    assert legends == ["Published", "Sources"]


def submitted(page: Page) -> dict[str, Any]:
    """What a browser sends when the form is sent as it is."""
    form = page.one('//form[@id="search"]')
    fields = form.xpath(".//input") + page.all('//input[@form="search"]')
    sent: dict[str, list[str]] = {}
    for field in fields:
        if field.get("type") != "checkbox" or field.get("checked") is not None:
            sent.setdefault(field.get("name"), []).append(field.get("value"))
    return sent


def test_a_query_given_twice_is_shown_whole_to_be_mended(client: FlaskClient) -> None:
    assert Page(client, "/?q=tide&q=ebb", 400).one('//input[@id="q"]').get("value") == "tide ebb"


def test_a_query_in_bytes_that_are_no_text_is_a_page_with_an_empty_box(client: FlaskClient) -> None:
    answer = client.get("/", environ_overrides={"QUERY_STRING": "q=\xe9"}, headers=BROWSER)
    assert (answer.status_code, answer.content_type) == (400, "text/html; charset=utf-8")
    assert not html.document_fromstring(answer.text).get_element_by_id("q").get("value")


@pytest.mark.parametrize("parameters", SEARCHES, ids=str)
def test_the_form_sends_the_whole_search_again(client: FlaskClient, parameters: dict[str, Any]) -> None:
    page = search(client, **parameters)
    again = search(client, **submitted(page))
    assert again.hits == page.hits
    assert submitted(again) == submitted(page)


def test_empty_fields_of_the_form_count_as_not_given(client: FlaskClient) -> None:
    page = search(client, q="", since="", until="", source="", sort="", cursor="")
    assert page.text('//*[@id="count"]').startswith(f"{len(GAZETTE)} articles")


# Paging


def test_paging_shows_every_article_once_and_leads_back(client: FlaskClient) -> None:
    page = search(client, q="tide", limit=9, sort="oldest")
    pages = [page.hits]
    while page.all('//main//a[@rel="next"]'):
        page = page.follow("Next →")
        pages.append(page.hits)
    shown = [title for hits in pages for title in hits]
    assert shown == [hit["title"] for hit in api(client, q="tide", limit=1000, sort="oldest")["hits"]]
    assert page.text('//*[@id="count"]').endswith("37 to 41")
    for hits in reversed(pages[:-1]):
        page = page.follow("← Previous")
        assert page.hits == hits
    assert not page.all('//main//a[@rel="prev"]')


def test_a_way_too_long_to_keep_still_leads_on_and_to_the_first_page(client: FlaskClient) -> None:
    page = search(client, limit=1)
    start = page.link("Next →")
    cursor = parameters_of(start)[-1][1]
    page = search(client, limit=1, cursor=[cursor] * 60)
    assert page.text('//*[@id="count"]') == f"{len(GAZETTE)} articles"
    assert page.follow("« First page").hits == search(client, limit=1).hits
    assert len(parameters_of(page.link("Next →"))) == 61


def test_another_filter_or_order_begins_at_the_first_page(client: FlaskClient) -> None:
    page = search(client, q="tide", limit=5).follow("Next →")
    links = [page.link("Newest"), *page.all('//*[@class="chart"]/a/@href')]
    assert links
    assert not [link for link in links if "cursor" in dict(parameters_of(link))]
    assert "cursor" not in submitted(page)


def test_a_cursor_that_is_gone_is_a_page_with_a_way_to_begin_again(tmp_path: Path) -> None:
    index = built(tmp_path, GAZETTE)
    next_page = search(server.create_app(index).test_client(), q="tide").link("Next →")
    for number in range(2):
        add(index, tmp_path, [{"id": f"new{number}", "title": "New tide", "body": "In."}])
    page = Page(server.create_app(index.path).test_client(), next_page, 410)
    assert "search again" in page.text("//main")
    assert page.follow("Search without cursor").text('//*[@id="count"]').startswith("43 articles")


# Articles


@pytest.mark.parametrize("id", [record["id"] for record in (*GAZETTE[:1], *GAZETTE[-4:], *ARTICLES)])
def test_every_article_has_a_page_whatever_its_id(tmp_path_factory: pytest.TempPathFactory, id: str) -> None:
    client = app_of_everything(tmp_path_factory).test_client()
    page = article(client, id)
    stored = api(client, "/v1/search", limit=100)["hits"]
    assert page.one("//main//h1").text_content() == next(hit["title"] for hit in stored if hit["id"] == id)
    assert client.get(page.link("As JSON")).json["id"] == id


_EVERYTHING: list[Flask] = []


def app_of_everything(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    if not _EVERYTHING:
        _EVERYTHING.append(server.create_app(built(tmp_path_factory.mktemp("everything"), GAZETTE, ARTICLES)))
    return _EVERYTHING[0]


def test_an_article_shows_its_paragraphs_and_leads_to_others_like_it(client: FlaskClient, index: NewsIndex) -> None:
    page = article(client, "2023-03-0")
    stored = index.get("2023-03-0")
    assert [p.text for p in page.all('//div[@class="body"]/p')] == stored.body.split("\n\n")
    similar = page.all('//aside[@id="similar"]//h3/a')
    assert [a.text for a in similar] == [hit.article.title for hit in index.similar("2023-03-0", limit=8).hits]
    assert similar[0].text == Page(client, similar[0].get("href")).one("//main//h1").text


def test_the_names_on_an_article_lead_to_all_of_the_same(client: FlaskClient) -> None:
    page = article(client, "2023-03-0")
    for name, parameter in (
        ("Northern Ledger", "source"),
        ("Ida Vesterby", "author"),
        ("Traffic", "section"),
        ("Tides", "topic"),
    ):
        expected = api(client, **{parameter: name})["total"]
        assert page.follow(name).text('//*[@id="count"]').startswith(f"{expected} articles")


def test_an_unknown_article_is_a_page_with_its_status(client: FlaskClient) -> None:
    assert "no article with the id" in Page(client, "/articles/nobody", 404).text("//main")


# The query, understood


def test_the_interpretation_and_each_warning_with_its_place_are_shown(client: FlaskClient) -> None:
    query = 'titel:tide "ferry'
    page, document = search(client, q=query), api(client, q=query)
    assert page.one('//section[@class="understood"]/p/code').text == document["query"]["parsed"]
    rows = page.all('//ul[@class="warnings"]/li')
    assert len(rows) == len(document["query"]["warnings"]) == 2
    for row, warning in zip(rows, document["query"]["warnings"], strict=True):
        assert warning["message"] in row.text_content()
        assert row.findtext(".//mark") == query[warning["offset"] : warning["offset"] + warning["length"]]


def test_a_query_that_means_what_it_says_is_not_explained(client: FlaskClient) -> None:
    assert not search(client, q="tide").all('//section[@class="understood"]')


def test_a_warning_in_a_very_long_query_shows_only_its_surroundings(client: FlaskClient) -> None:
    page = search(client, q="tide " * 500 + "titel:ferry " + "tide " * 400)
    row = page.one('//ul[@class="warnings"]/li[1]/code')
    assert row.text_content() == "…" + "tide " * 8 + "titel:ferry " + "tide " * 6 + "tid…"
    at_the_ends = search(client, q="titel:ferry" + " tide" * 20 + " titel:ferry")
    first, second = (row.text_content() for row in at_the_ends.all('//ul[@class="warnings"]/li/code'))
    assert first.startswith("titel:ferry tide")
    assert first.endswith("tide tid…")
    assert second.startswith("…")
    assert second.endswith("tide titel:ferry")


def test_a_better_spelling_is_a_link(client: FlaskClient) -> None:
    page = search(client, q="harbor waden", source="Gulf Herald", match="any")
    assert page.text('//p[@class="suggestion"]') == f"Did you mean {api(client, q='harbor waden')['suggestion']}?"
    better = page.follow(api(client, q="harbor waden")["suggestion"])
    assert better.hits
    assert better.all("//aside//input[@checked]/@value") == ["Gulf Herald"]


def test_explanations_of_scores_are_shown_when_asked_for(client: FlaskClient) -> None:
    page, document = search(client, q="ferry", explain="true"), api(client, q="ferry", explain="true")
    parts = [code.text for code in page.all('(//table[@class="explanation"])[1]//code')]
    assert parts == [part["part"] for part in document["hits"][0]["explanation"]]


# Nothing, and errors


def test_no_hits_comes_with_what_to_try(client: FlaskClient) -> None:
    page = search(client, q='"tide warden"', source="Gulf Herald")
    assert "No article matches" in page.text("//main")
    assert page.follow("Search the words without the quotation marks").hits
    assert not page.follow("Search without the filters").hits
    assert page.follow("Find articles with any of the words").link("Remove: source Gulf Herald ×")


def test_an_empty_index_says_how_to_fill_it(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    page = Page(server.create_app(index).test_client(), "/")
    assert "indexer ingest --index" in page.text("//main")
    assert str(tmp_path) not in page.source


@pytest.mark.parametrize(
    "parameters",
    [
        {"since": "2024-13"},
        {"since": "2024-05", "until": "2024-04"},
        {"limit": "many"},
        {"limit": ["1", "2"]},
        {"sort": "<b>best</b>"},
        {"cursor": "nonsense"},
        {"source": "-"},
        {"self": "1"},
        {"utm_source": "letter"},
        {"q": "x" * 10_001},
        {"facets": "sauce"},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_a_wrong_parameter_is_a_page_with_the_status_and_text_of_the_api(
    client: FlaskClient, parameters: dict[str, Any]
) -> None:
    parameters = {"q": "tide"} | parameters
    page = Page(client, "/?" + urlencode(parameters, doseq=True), 400)
    problem = api(client, **parameters)
    assert problem["status"] == 400
    (error,) = problem["errors"]
    assert " ".join(error["detail"].split()) in page.text("//main")
    assert error["hint"] in page.text("//main")
    rest = {name: value for name, value in parameters.items() if name != error["parameter"]}
    assert page.follow(f"Search without {error['parameter']}").hits == search(client, **rest).hits


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/articles/", 404), ("POST", "/", 405)]
)
def test_a_browser_at_an_address_of_nothing_is_shown_a_page_and_a_program_gets_json(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method, headers=BROWSER)
    assert (response.status_code, response.content_type) == (status, "text/html; charset=utf-8")
    assert "style-src 'self'" in response.headers["Content-Security-Policy"]
    tree = html.document_fromstring(response.get_data(as_text=True))
    (back,) = tree.xpath('//main//a[.="Look at all articles"]/@href')
    assert Page(client, back).hits
    assert client.open(path, method=method).content_type == "application/problem+json"


def test_the_api_answers_a_browser_like_anybody(client: FlaskClient) -> None:
    for path, status in (("/v1/articles/nobody", 404), ("/v1/search?limit=x", 400)):
        answer = client.get(path, headers=BROWSER)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_an_article_takes_no_parameters(client: FlaskClient) -> None:
    page = Page(client, "/articles/arabic?q=tide", 400)
    assert page.text('//p[@class="detail"]') == "q: unknown parameter; an article takes none"


def test_who_asks_too_often_is_told_so_on_a_page(index: NewsIndex) -> None:
    client = server.create_app(index, settings=Settings(rate_limit=1)).test_client()
    assert client.get("/").status_code == 200
    page = Page(client, "/", 429)
    assert page.headers["Retry-After"]
    assert "Too many requests" in page.text("//main")


def test_a_program_that_wants_no_html_gets_the_problem_as_json(client: FlaskClient) -> None:
    response = client.get("/?limit=many", headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert response.json["code"] == "invalid_parameter"  # type: ignore[index]


def test_an_index_that_cannot_be_read_is_a_page_that_gives_nothing_away(tmp_path: Path) -> None:
    client = server.create_app(built(tmp_path, GAZETTE)).test_client()
    for segment in (tmp_path / "news.index").iterdir():
        segment.unlink()
    page = Page(client, "/", 503)
    assert page.headers["Retry-After"]
    assert str(tmp_path) not in page.source


# All but the one whose answers depend on the machine.
NAMES = st.sampled_from(sorted({*PARAMETERS, "unknown"} - {"timeout_ms"}))
VALUES = st.sampled_from(("tide", "2023", "2", "any", "day", "newest", "source", "-x", "true", "-"))


@given(st.dictionaries(NAMES, VALUES | st.text(max_size=8), max_size=3))
def test_any_parameters_have_the_status_that_the_api_gives(client: FlaskClient, parameters: dict[str, str]) -> None:
    given = {name: value.strip() for name, value in parameters.items() if value.strip() or name == "facets"}
    response = client.get("/v1/search?" + urlencode(given))
    page = Page(client, "/?" + urlencode(given), response.status_code)
    if response.status_code == 200:
        assert page.hits == [hit["title"] for hit in response.json["hits"]]  # type: ignore[index]


def test_a_commit_is_seen_by_who_asks_again_and_nobody_else_pays_for_it(tmp_path: Path) -> None:
    index = built(tmp_path, GAZETTE)
    client = server.create_app(index).test_client()
    tag = client.get("/").headers["ETag"]
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 304
    add(index, tmp_path, [{"id": "new", "title": "New tide", "body": "In."}])
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 200


# Safety


def pages(client: FlaskClient) -> Iterator[Page]:
    yield search(client, q="tide ebb", match="any", source="-x", explain="1", snippets=5)
    yield search(client, q=f'{SCRIPT} "', topic='"><script>window.owned = 1</script>')
    yield search(client, q="nothing like it")
    yield from (article(client, id) for id in ("marked up", "arabic", "long", "port/ä?b#c%20"))
    yield Page(client, "/?" + urlencode({"sort": SCRIPT}), 400)
    yield Page(client, "/articles/" + SCRIPT.replace("/", "%2F"), 404)


def test_nothing_but_the_page_s_own_files_can_run_or_be_loaded(client: FlaskClient) -> None:
    for page in pages(client):
        policy = dict(rule.strip().split(" ", 1) for rule in page.headers["Content-Security-Policy"].split(";"))
        assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
        assert set(policy.values()) == {"'self'"}
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert [script.get("src").partition("?")[0] for script in page.all("//script")] == ["/assets/page.js"]
        assert not page.all("//style | //*[@style] | //img | //iframe | //@*[starts-with(name(), 'on')]")
        loaded = page.all("//link[not(@rel='prev' or @rel='next')]/@href")
        assert [address.partition("?")[0] for address in loaded] == ["/assets/icon.svg", "/assets/page.css"]
        assert not [address for address in page.all("//@href") if address.lower().startswith("javascript")]


def test_markup_in_articles_is_shown_as_text(client: FlaskClient, index: NewsIndex) -> None:
    assert any(SCRIPT in title for title in search(client, q="ebb").hits)
    page = article(client, "marked up")
    assert page.one("//main//h1").text_content().startswith(SCRIPT)
    body = page.one('//div[@class="body"]').text_content().strip()
    assert body == index.get("marked up").body
    assert SCRIPT in body


def test_the_language_of_an_article_is_that_of_its_text(client: FlaskClient) -> None:
    page = article(client, "arabic")
    assert [element.get("lang") for element in page.all('//main//h1 | //div[@class="body"]')] == ["ar", "ar"]
    assert [h2.get("lang") for h2 in search(client, q="المد").all("//main//h2")] == ["ar"]


def test_text_of_either_direction_finds_its_own(client: FlaskClient) -> None:
    page = article(client, "arabic")
    assert {element.get("dir") for element in page.all('//h1 | //div[@class="body"]/p')} == {"auto"}
    page = search(client, q="المد")
    assert {element.get("dir") for element in page.all('//main//h2 | //p[@class="snippet"] | //input[@id="q"]')} == {
        "auto"
    }
    assert "صحيفة الميناء" in page.all("//bdi/text()")


def test_every_control_has_a_name_and_every_id_is_its_own(client: FlaskClient) -> None:
    for page in pages(client):
        ids = page.all("//@id")
        assert len(ids) == len(set(ids))
        labelled = set(page.all("//label/@for"))
        for field in page.all("//input[@type!='hidden']"):
            assert field.get("id") in labelled or "".join(field.xpath("ancestor::label//text()")).strip()
        for link in page.all("//a[not(ancestor::*[@aria-hidden])]"):
            assert link.text_content().strip()
        assert len(page.all("//main")) == len(page.all("//h1")) == 1
        assert page.one('//a[@class="skip"]').get("href") == "#" + page.one("//main").get("id")


def test_the_files_of_the_page_are_kept_until_they_change(client: FlaskClient) -> None:
    page = Page(client, "/")
    for address in page.all("//link/@href[contains(., 'assets')] | //script/@src"):
        response = client.get(address)
        assert response.status_code == 200
        kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[
            urlsplit(address).path.rpartition(".")[2]
        ]
        assert response.mimetype == kind
        assert "immutable" in response.headers["Cache-Control"]
        assert "?v=" in address
    assert client.get("/assets/page.py").status_code == 404
    assert client.get("/assets/../views.py").status_code == 404


# Around it


@pytest.mark.parametrize(
    ("format", "parameters"), [("CSV", {"q": "tide"}), ("NDJSON", SEARCHES[3]), ("CSV", SEARCHES[4])]
)
def test_the_export_links_give_every_match_in_order(
    client: FlaskClient, format: str, parameters: dict[str, Any]
) -> None:
    page, found = search(client, **parameters), api(client, **{**parameters, "limit": 1000})
    label = f"All {found['total']} articles as CSV" if format == "CSV" else "The same as NDJSON"
    text = client.get(page.link(label)).get_data(as_text=True)
    if format == "CSV":
        ids = [row["id"] for row in csv.DictReader(io.StringIO(text))]
    else:
        ids = [json.loads(line)["id"] for line in text.splitlines()]
    assert ids == [hit["id"] for hit in found["hits"]]


def test_the_page_links_to_its_own_answer_as_json(client: FlaskClient) -> None:
    page = search(client, q="tide", limit=6, source="-Gulf Herald").follow("Next →")
    assert [hit["title"] for hit in client.get(page.link("This page as JSON")).json["hits"]] == page.hits  # type: ignore[index]


def test_it_works_below_any_prefix_inside_another_application(index: NewsIndex) -> None:
    app = Flask("newsroom")
    app.register_blueprint(server.blueprint(index), url_prefix="/archive/of news")
    client = app.test_client()
    page = Page(client, "/archive/of%20news/?q=tide")
    addresses = page.all("//@href | //@src | //@action | //@data-suggestions")
    inside = [address for address in addresses if not address.startswith(("https://tides.example/", "#"))]
    assert {address.split("?")[0].startswith("/archive/of%20news/") for address in inside} == {True}
    for address in {address.partition("#")[0] for address in inside}:
        assert client.get(address).status_code == 200, address
    assert Page(client, "/archive/of%20news/?limit=x", 400).follow("Look at all articles").hits


def test_an_application_around_it_cannot_change_how_it_is_rendered(index: NewsIndex) -> None:
    app = Flask("newsroom")
    app.jinja_env.autoescape = False
    app.register_blueprint(server.blueprint(index))
    assert SCRIPT not in Page(app.test_client(), "/?q=ebb").source
