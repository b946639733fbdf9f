from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning.dates import find_dates, find_month, from_url, parse_timestamp


@pytest.mark.parametrize(
    ("text", "when", "precision"),
    [
        ("3 Dec 2024 19:17", datetime(2024, 12, 3, 19, 17, tzinfo=UTC), "minute"),
        ("deskdeskJanuary 6, 20261 ViewsNo Comments", datetime(2026, 1, 6, tzinfo=UTC), "day"),
        ("Ann Lee - Nov 19, 2019, 10:31 pm EST", datetime(2019, 11, 20, 3, 31, tzinfo=UTC), "minute"),
        ("10:31 pm EST, Tue Nov 19, 2019", datetime(2019, 11, 20, 3, 31, tzinfo=UTC), "minute"),
        ("Sunday 5 May 2019 21.30 BST", datetime(2019, 5, 5, 20, 30, tzinfo=UTC), "minute"),
        ("28. Januar 2020, 17.45 Uhr", datetime(2020, 1, 28, 17, 45, tzinfo=UTC), "minute"),
        ("Publié le 26/08/2019 à 07h30", datetime(2019, 8, 26, 7, 30, tzinfo=UTC), "minute"),
        ("6 de enero de 2026", datetime(2026, 1, 6, tzinfo=UTC), "day"),
        ("2020年2月18日 10:20", datetime(2020, 2, 18, 10, 20, tzinfo=UTC), "minute"),
        ("2024.03.31 19:59", datetime(2024, 3, 31, 19, 59, tzinfo=UTC), "minute"),
    ],
)
def test_dates_in_prose_are_read_with_their_precision(text: str, when: datetime, precision: str) -> None:
    found = next(find_dates(text))
    assert (found.moment.when, found.moment.precision) == (when, precision)


@pytest.mark.parametrize(
    "text",
    [
        "الجمعة، ٣ مايو/أيار ٢٠٢٤",
        "٠٣/٠٥/٢٠٢٤",
        "3 مايو، 2024",
        "3 ماي 2024",
        "०३ मई २०२४",
        "２０２４年５月３日",
        "2024. 5. 3.",
        "令和6年5月3日",
        "民國113年5月3日",
        "3 MAYIS 2024",
        "جمعه ۱۴ اردیبهشت ۱۴۰۳",
        "۱۴۰۳/۰۲/۱۴",
        "14 ارديبهشت ماه 1403",
    ],
)
def test_digits_and_calendars_of_other_scripts_are_read(text: str) -> None:
    found = next(find_dates(text))
    assert (found.moment.when, found.moment.precision) == (datetime(2024, 5, 3, tzinfo=UTC), "day")


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("۱ فروردین ۱۳۹۹", datetime(2020, 3, 20, tzinfo=UTC)),
        ("۳۰ اسفند ۱۴۰۳", datetime(2025, 3, 20, tzinfo=UTC)),
        ("۱ فروردین ۱۴۰۴", datetime(2025, 3, 21, tzinfo=UTC)),
        ("3 كانون الثاني 2024", datetime(2024, 1, 3, tzinfo=UTC)),
        ("12 Ağu 2024", datetime(2024, 8, 12, tzinfo=UTC)),
    ],
)
def test_months_of_iran_the_levant_and_turkey_are_read(text: str, when: datetime) -> None:
    assert next(find_dates(text)).moment.when == when


@pytest.mark.parametrize(
    "text",
    [
        "3 mei 2024 om 14:05 uur",
        "3 mei 2024 14.05 uur",
        "03.05.2024, godz. 14:05",
        "3 мая 2024 года в 14:05",
        "3 Mayıs 2024 Cuma 14:05",
        "2024年5月3日(金) 14:05",
        "2024年5月3日 14時05分",
        "2024年5月3日午後2時5分",
        "2024. 5. 3. 오후 2:05",
        "3.5.2024 klo 14.05",
        "3. mai 2024 kl. 14.05",
        "۱۴ اردیبهشت ۱۴۰۳ - ۱۴:۰۵",
    ],
)
def test_time_of_day_is_read_as_each_language_writes_it(text: str) -> None:
    found = next(find_dates(text))
    assert (found.moment.when, found.moment.precision) == (datetime(2024, 5, 3, 14, 5, tzinfo=UTC), "minute")


@pytest.mark.parametrize(
    "text",
    [
        "31/31/2020",
        "30 February 2024",
        "Room 12.30",
        "Call 555-2020",
        "May be 2024",
        "۳۱ مهر ۱۴۰۳",
        "۳۰ اسفند ۱۴۰۲",
        "1404/12/30",
        "1403/13/02",
        "令和6年",
    ],
)
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert list(find_dates(text)) == []


def test_line_that_gives_a_month_is_read_as_one() -> None:
    moment = find_month("No. 12 · März 2019")
    assert moment is not None
    assert (moment.when, moment.precision) == (datetime(2019, 3, 1, tzinfo=UTC), "month")
    assert find_month("Head of the station since May 2019") is None


def test_slashed_dates_are_day_first_unless_told_otherwise() -> None:
    assert next(find_dates("3/4/2024")).moment.when == datetime(2024, 4, 3, tzinfo=UTC)
    assert next(find_dates("3/4/2024", month_first=True)).moment.when == datetime(2024, 3, 4, tzinfo=UTC)
    assert next(find_dates("3/14/2024")).moment.when == datetime(2024, 3, 14, tzinfo=UTC)


def test_midnight_sharp_counts_as_a_day_of_the_local_calendar() -> None:
    moment = parse_timestamp("2024-12-03T00:00:00+01:00")
    assert moment is not None
    assert (moment.when, moment.precision) == (datetime(2024, 12, 3, tzinfo=UTC), "day")


@pytest.mark.parametrize(
    ("url", "when", "precision"),
    [
        ("https://a.example/2019/11/19/story", datetime(2019, 11, 19, tzinfo=UTC), "day"),
        ("https://a.example/2019/nov/9/story", datetime(2019, 11, 9, tzinfo=UTC), "day"),
        ("https://a.example/story-20191119.html", datetime(2019, 11, 19, tzinfo=UTC), "day"),
        ("https://a.example/news/19-11-2019", datetime(2019, 11, 19, tzinfo=UTC), "day"),
        ("https://a.example/2019/11/story", datetime(2019, 11, 1, tzinfo=UTC), "month"),
    ],
)
def test_addresses_name_a_day_or_a_month(url: str, when: datetime, precision: str) -> None:
    moment = from_url(url)
    assert moment is not None
    assert (moment.when, moment.precision) == (when, precision)


def test_numbers_in_an_address_are_not_a_date() -> None:
    assert from_url("https://a.example/articles/story-11574168580") is None


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_iso_timestamps_are_read_exactly(moment: datetime) -> None:
    read = parse_timestamp(moment.isoformat() + "Z")
    assert read is not None
    assert read.when == moment.replace(tzinfo=UTC)
