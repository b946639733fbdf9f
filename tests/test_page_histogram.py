"""The histogram of the search page: what its drawing, its table and its caption say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from gazette import GAZETTE, MONTHS
from indexes import built, story
from search_page import Page, api, parameters_of, search

import server


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with built(tmp_path_factory.mktemp("gazette"), GAZETTE) as index:
        yield server.create_app(index).test_client()


def test_a_bar_is_a_link_to_its_days_and_says_its_share_of_what_is_indexed(client: FlaskClient) -> None:
    page, document = search(client, q="ferry"), api(client, q="ferry", facets="date")
    bars = page.all('//*[@class="chart"]/a')
    buckets = document["facets"]["date"]["buckets"]
    assert len(bars) == len(buckets) == 14
    assert sum(bucket["count"] for bucket in buckets) == document["total"] == len(MONTHS)
    may = bars[4]
    assert may.findtext("title") == "May 2023: 1 of 4 articles, 25 %"
    assert set(parameters_of(may.get("href"))) == {("q", "ferry"), ("since", "2023-05-01"), ("until", "2023-05-31")}
    assert Page(client, may.get("href")).text('//*[@id="count"]') == f"1 article of {len(GAZETTE)}"
    assert bars[7].findtext("title") == "August 2023: nothing indexed"
    assert bars[7].xpath('*[@class="gap"]')
    assert not bars[7].xpath('*[@class="bar"]')


def test_bars_stand_side_by_side_and_are_as_high_as_their_numbers(client: FlaskClient) -> None:
    page = search(client, q="tide")
    bars = page.all('//*[@class="chart"]/a')
    buckets = api(client, q="tide")["facets"]["date"]["buckets"]
    width = 100 / len(buckets)
    highest = max(bucket["count"] for bucket in buckets)
    top_share = max(bucket["count"] / bucket["indexed"] for bucket in buckets if bucket["indexed"])

    def box(bar: Any, name: str) -> tuple[float, ...]:
        (rect,) = bar.xpath(f'*[@class="{name}"]')
        return tuple(float(rect.get(side).removesuffix("%")) for side in ("x", "width", "y", "height"))

    for place, (bar, bucket) in enumerate(zip(bars, buckets, strict=True)):
        x, whole, _, _ = box(bar, "column")
        assert (x, whole) == pytest.approx((place * width, width), abs=0.01)
        if bucket["count"]:
            inset = (x + 0.12 * width, 0.76 * width)
            x, wide, y, height = box(bar, "bar")
            assert (x, wide) == pytest.approx(inset, abs=0.01)
            assert (y + height, height) == pytest.approx((88, 84 * bucket["count"] / highest), abs=0.2)
            x, wide, y, height = box(bar, "share")
            assert (x, wide) == pytest.approx(inset, abs=0.01)
            share = bucket["count"] / bucket["indexed"] / top_share
            assert (y + height, height) == pytest.approx((124, 28 * share), abs=0.2)
    texts = page.all('//*[@class="chart"]/text')
    assert [text.get("text-anchor") for text in texts] == ["start", "middle", "middle", "end"]
    places = [round(part * (len(buckets) - 1) / 3) for part in (1, 2)]
    expected = [0, *((place + 0.5) * width for place in places), 100]
    assert [float(text.get("x").removesuffix("%")) for text in texts] == pytest.approx(expected, abs=0.01)


def test_one_bar_has_its_date_below_its_middle_and_one_article_among_many_is_seen(tmp_path: Path) -> None:
    many = [story(f"{n}", "Tide", date="2024-02-01") for n in range(200)]
    client = server.create_app(built(tmp_path, [*many, story("a", "Ebb, tide", date="2023-02-01")]).path).test_client()
    page = search(client, q="tide", interval="month")
    assert page.all('//*[@class="chart"]/a[1]/*[@class="bar"]/@height') == ["1.5"]
    label = search(client, q="ebb").one('//*[@class="chart"]/text')
    assert (label.get("x"), label.get("text-anchor")) == ("50%", "middle")


@pytest.mark.parametrize(
    ("interval", "bar", "labels", "caption"),
    [
        (
            "day",
            "10 January 2023",
            ["10 Jan 2023", "25 May 2023"],
            "10 January 2023 to 20 February 2024, 1 without a date",
        ),
        (
            "week",
            "Week of 9 January 2023",
            ["9 Jan 2023", "22 May 2023"],
            "9 January 2023 to 19 February 2024, 1 without",
        ),
        ("month", "January 2023", ["Jan 2023", "May 2023"], "January 2023 to February 2024, 1 without a date"),
        ("year", "2023", ["2023", "2024"], "2023 to 2024, 1 without a date"),
    ],
)
def test_bars_are_named_by_their_days(
    client: FlaskClient, interval: str, bar: str, labels: list[str], caption: str
) -> None:
    page = search(client, interval=interval)
    assert page.all('//*[@class="chart"]/a/title')[0].text.startswith(f"{bar}: ")
    assert [label.text for label in page.all('//*[@class="chart"]/text')][:2] == labels
    assert page.text('//div[@class="caption"]/p').startswith(caption)
    assert page.text('//section[@class="histogram"]//tbody/tr[1]/th') == bar


@pytest.mark.parametrize(("matching", "said"), [(1, "< 0.1 %"), (2, "0.1 %"), (198, "9.9 %"), (200, "10 %")])
def test_a_share_is_said_as_exactly_as_helps(tmp_path: Path, matching: int, said: str) -> None:
    records = [story(str(n), "Tide" if n < matching else "Ebb", date="2024-01-01") for n in range(2000)]
    client = server.create_app(built(tmp_path, [*records, story("next", "Tide", date="2024-02-01")]).path).test_client()
    page = search(client, q="tide", interval="month")
    assert page.text('//section[@class="histogram"]//tbody/tr[1]/td[3]') == said


def test_a_share_of_nothing_is_no_tiny_share(tmp_path: Path) -> None:
    records = [story(text, text, date=f"2024-0{month}-01") for month, text in enumerate(("Tide", "Ebb", "Tides"), 1)]
    client = server.create_app(built(tmp_path, records).path).test_client()
    cells = search(client, q="tide", interval="month").all('//section[@class="histogram"]//tbody/tr/td[3]')
    assert [cell.text for cell in cells] == ["100 %", "0 %", "100 %"]


@pytest.mark.parametrize("interval", ["day", "week", "month", "year"])
def test_the_bars_of_every_width_divide_the_articles_among_them(client: FlaskClient, interval: str) -> None:
    page = search(client, q="tide", interval=interval, since="2023-02-11", until="2024-01-11")
    total = 0
    for bar in page.all('//*[@class="chart"]/a'):
        if bar.xpath('*[@class="bar"]'):
            found = Page(client, bar.get("href")).text('//*[@id="count"]')
            total += int(found.split()[0])
            assert bar.findtext("title").split(": ")[1].startswith(found.split()[0] + " of")
    assert total == api(client, q="tide", since="2023-02-11", until="2024-01-11")["total"]


def test_the_table_of_dates_says_what_the_drawing_says(client: FlaskClient) -> None:
    page = search(client, q="ferry")
    rows = page.all('//section[@class="histogram"]//tbody/tr')
    drawn = page.all('//*[@class="chart"]/a')
    assert [row.xpath("string(th/a/@href)") for row in rows] == [bar.get("href") for bar in drawn]
    assert [cell.text for cell in rows[4].xpath("td")] == ["1", "4", "25 %"]
    assert [cell.text for cell in rows[7].xpath("td")] == ["0", "0", "–"]


def test_the_key_names_what_is_drawn_and_nothing_else(client: FlaskClient, tmp_path: Path) -> None:
    def keys(page: Page) -> list[str]:
        return [key.get("class").split()[-1] for key in page.all('//span[starts-with(@class, "key ")]')]

    one_day = server.create_app(built(tmp_path, [story("a", "Tide", date="2024-02-01")]).path).test_client()
    assert keys(search(client, q="ferry")) == ["bar-key", "share-key", "gap-key"]
    # All there is matches: its share says nothing.
    assert keys(search(client)) == ["bar-key", "gap-key"]
    assert keys(search(one_day)) == ["bar-key"]


def test_few_bars_have_no_date_below_each(client: FlaskClient) -> None:
    page = search(client, interval="month", since="2023-02-01", until="2023-04-30")
    assert [label.text for label in page.all('//*[@class="chart"]/text')] == ["Feb 2023", "Apr 2023"]


def dated(*days: date) -> list[dict[str, Any]]:
    return [{"id": f"{day}", "title": "Tide", "body": f"Of {day}.", "date": f"{day}"} for day in days]


def test_days_that_a_long_histogram_leaves_out_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    index = built(tmp_path, dated(date(1820, 5, 1), date(1820, 5, 3), date(2026, 5, 1)))
    client = server.create_app(index).test_client()
    assert len(search(client, q="tide", interval="day").all('//*[@class="chart"]/a')) == 3
    said = "are left out"
    assert f"Days without any {said}" in search(client, q="tide", interval="day").text("//main")
    assert said not in search(client, q="tide").text("//main")
    # Three days in a row, of which one has none, are all there.
    assert said not in search(client, q="tide", until="1820-05-03", interval="day").text("//main")


def test_more_bars_than_can_be_seen_are_not_drawn(tmp_path: Path) -> None:
    index = built(tmp_path, dated(*(date(2020, 1, 1) + timedelta(days=day) for day in range(1001))))
    client = server.create_app(index).test_client()
    page = search(client, q="tide", interval="day")
    assert "1,001 days are too many to draw" in page.text('//section[@class="histogram"]')
    assert not page.all('//*[@class="chart"] | //tbody/tr[th/a]')
    assert page.follow("week").all('//*[@class="chart"]/a')
    assert len(search(client, q="tide", interval="day", since="2020-01-02").all('//*[@class="chart"]/a')) == 1000
