from __future__ import annotations

import pytest

from indexer.cleaning import words
from indexer.cleaning.language_tables import LANGUAGES, Language
from indexer.cleaning.metadata import (
    byline,
    copyright_holder,
    credited,
    domain_label,
    named_like_host,
    names,
    names_beside_date,
    undoubled,
    without_site,
)


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("By Al Mayadeen English", ["Al Mayadeen English"]),
        ("By Ann Lee and Bo van den Berg, World Editor", ["Ann Lee", "Bo van den Berg"]),
        ("Von Henrike Stolzenau", ["Henrike Stolzenau"]),
        ("bySauli Odembo", ["Sauli Odembo"]),
        ("By Ann LeePublished yesterday", ["Ann Lee"]),
        ("Analysis by Ann Lee", ["Ann Lee"]),
        ("by delta201", ["delta201"]),
        ("記者：森下葵", ["森下葵"]),
        ("लेखक: मीरा सागर | प्रकाशित: शुक्रवार", ["मीरा सागर"]),
        ("By the time the ship arrived, it was dark", []),
        ("Byron would have liked it", []),
    ],
)
def test_bylines_give_names_without_roles(line: str, people: list[str]) -> None:
    assert byline(line) == people


def test_list_of_authors_drops_places_and_desks_after_full_names() -> None:
    assert names("Ann Lee, Zürich; Bo Chen") == ["Ann Lee", "Bo Chen"]


def test_credits_are_split_at_every_joiner() -> None:
    assert credited("Source: Mirror + FT") == ["Mirror", "FT"]
    assert credited("Source: (The Herald) (Ashmere University)") == ["The Herald", "Ashmere University"]
    assert credited("Source: The Herald, October 25, 2019") == ["The Herald"]
    assert credited("Quelle: Herold, 24.3.2020.") == ["Herold"]
    assert credited("A source: the minister") == []


@pytest.mark.parametrize(
    ("line", "holder"),
    [
        ("2026 © US Times Mirror. All Rights Reserved.", "US Times Mirror"),
        ("© 2019-2024 Valley Courier Ltd.", "Valley Courier"),
        ("Copyright 2020 by Talbote | Impressum", "Talbote"),
        ("No such line", ""),
    ],
)
def test_copyright_line_names_the_site(line: str, holder: str) -> None:
    assert copyright_holder(line) == holder


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Copyright © The Valley Courier, All Rights Reserved.", "The Valley Courier"),
        ("谷の新聞Copyright ⓒ Valley-Courier 購読", "Valley-Courier"),
        ("© 2019 valleycourier.example", ""),
        ("© 2019 Valley Courier Media Group", ""),
        ("Picture © Ann Lee", ""),
        ("The Valley Courier is read in three valleys", ""),
        ("© 2019 Vallée Courier, Valley Courier S.A.", "Valley Courier"),
    ],
)
def test_copyright_line_spells_the_host(line: str, name: str) -> None:
    assert named_like_host(line, "valley-courier") == name


def test_copyright_line_spells_a_host_without_umlauts() -> None:
    assert named_like_host("© Südliche Zeitung GmbH", "suedliche-zeitung") == "Südliche Zeitung"


def test_doubled_logo_text_is_halved() -> None:
    assert undoubled("US Times MirrorUS Times Mirror") == "US Times Mirror"
    assert undoubled("Northgate Herald") == "Northgate Herald"


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Frost in the valley | Valley Courier", "Frost in the valley"),
        ("Valley Courier: Frost in the valley", "Valley Courier: Frost in the valley"),
        ("Valley Courier - Frost - a chronicle", "Frost - a chronicle"),
        ("Frost - a chronicle", "Frost - a chronicle"),
        ("Valley Courier Run 2019 – Three bridges, one finish", "Valley Courier Run 2019 – Three bridges, one finish"),
    ],
)
def test_site_name_is_taken_off_a_title_and_nothing_else(title: str, bare: str) -> None:
    assert without_site(title, "Valley Courier") == bare


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://www.example.co.uk/x", "example"),
        ("https://news.example.com", "example"),
        ("https://example.de", "example"),
        ("http://localhost:80/", "localhost"),
        (None, ""),
    ],
)
def test_domain_label_is_the_name_in_a_host(url: str | None, label: str) -> None:
    assert domain_label(url) == label


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_twelve_months(language: Language) -> None:
    assert len(language.months.split(";")) == 12


def test_phrases_match_whole_words_only() -> None:
    assert words.is_related("read more about bridges")
    assert not words.is_related("readmore")
    assert not words.is_end("commentsworth")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Veröffentlicht am 24. Januar 2020, 18:18 von Uferfrau", ["Uferfrau"]),
        ("Aktualisiert am 3. Januar 2020 vom Ufer Team", ["Ufer Team"]),
        ("17/11/2019 ~ Ann Lee", ["Ann Lee"]),
        ("记者：林晚晴2024年5月3日", ["林晚晴"]),
    ],
)
def test_the_name_behind_a_date_is_without_what_leads_to_it(line: str, names: list[str]) -> None:
    assert names_beside_date(line) == names
