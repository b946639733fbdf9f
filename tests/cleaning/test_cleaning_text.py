from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.article import Article
from indexer.cleaning import clean, clean_page
from indexer.cleaning.lines import read_dump
from indexer.page import Page

PAGES = Path(__file__).with_name("pages")
REAL_PAGES = Path(__file__).parents[3] / "shared" / "pages"


@pytest.fixture(scope="module")
def bridge() -> Article:
    return clean((PAGES / "harbour_bridge.txt").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def glass_works() -> Article:
    return clean((PAGES / "glass_works.txt").read_text(encoding="utf-8"))


def test_headline_is_found_among_menus_tickers_and_teasers(bridge: Article) -> None:
    assert bridge.title == "Old harbour bridge to close for eight months of repairs"


def test_body_starts_with_the_standfirst_and_ends_before_the_links(bridge: Article) -> None:
    paragraphs = bridge.body.split("\n\n")
    assert paragraphs[0].startswith("The old harbour bridge will close to all traffic")
    assert paragraphs[-1].startswith("“My customers come on foot")
    assert len(paragraphs) == 8


@pytest.mark.parametrize(
    "clutter",
    [
        "Ferry services",
        "privacy",
        "Choir",
        "Listen",
        "Photo:",
        "Shares",
        "Min Read",
        "Read more",
        "A reader",
        "Mayor opens",
    ],
)
def test_clutter_does_not_reach_the_body(bridge: Article, clutter: str) -> None:
    assert clutter not in bridge.body


def test_article_goes_on_after_an_inline_box_of_related_news(bridge: Article) -> None:
    assert "Related News" not in bridge.body
    assert "Tunnel toll" not in bridge.body
    assert "The last large repair dates from the time" in bridge.body


def test_subheading_between_paragraphs_is_kept(bridge: Article) -> None:
    assert "\n\nHow the cables failed\n\n" in bridge.body


def test_publication_date_wins_over_update_and_over_dates_of_other_boxes(bridge: Article) -> None:
    assert bridge.date == datetime(2021, 5, 8, 13, 5, tzinfo=UTC)
    assert bridge.date_precision == "minute"
    assert bridge.date_method == "byline"


def test_names_around_the_article_are_found(bridge: Article) -> None:
    assert bridge.authors == ("Imke Radstock", "Tomas Arvelo")
    assert bridge.credits == ("Harbour Radio", "Regional Press Agency")
    assert bridge.source == "Northgate Herald"
    assert bridge.section == "Local"
    assert bridge.topics == ("Harbour bridge", "Public transport", "Repairs")
    assert bridge.language == "en"


def test_page_without_blank_lines_gives_the_same_article(bridge: Article) -> None:
    page = (PAGES / "harbour_bridge.txt").read_text(encoding="utf-8")
    assert clean("\n".join(filter(str.strip, page.split("\n")))).body == bridge.body


def test_breadcrumb_with_words_of_the_headline_is_none_where_every_line_stands_alone() -> None:
    page = (PAGES / "glass_works.txt").read_text(encoding="utf-8")
    assert clean("\n\n".join(filter(str.strip, page.split("\n")))).title == clean(page).title


def test_german_page_is_cleaned_by_its_own_words(glass_works: Article) -> None:
    assert glass_works.title == "Glashütte stellt ihre Öfen auf Strom um"
    assert glass_works.authors == ("Henrike Stolzenau",)
    assert glass_works.date == datetime(2020, 1, 28, 17, 45, tzinfo=UTC)
    assert glass_works.source == "Talbote"
    assert glass_works.section == "Wirtschaft"
    assert glass_works.language == "de"
    paragraphs = glass_works.body.split("\n\n")
    assert len(paragraphs) == 4
    assert paragraphs[0].startswith("Die Glashütte im Tal")
    assert paragraphs[-1].startswith("Die Gewerkschaft begrüßte")


def test_date_after_the_fetch_is_not_the_publication_date() -> None:
    data = (PAGES / "harbour_bridge.txt").read_bytes()
    article = clean_page(Page(data=data, place="here", kind="text", fetched=datetime(2020, 6, 1, tzinfo=UTC)))
    assert article.date is None
    assert article.date_precision is None
    assert article.date_method == ""


def test_glued_metadata_is_taken_apart() -> None:
    text = (
        "Home » Sluice gate breaks in the night\n\nSluice gate breaks in the night\n\n"
        "deskdeskMarch 4, 201912 ViewsNo Comments\n\n"
        "A sluice gate on the upper canal broke in the night to Sunday and flooded three cellars in the old town.\n\n"
        "Firefighters pumped until noon. Nobody was hurt, but a bakery lost its flour for the whole week.\n"
    )
    article = clean(text, kind="text")
    assert article.title == "Sluice gate breaks in the night"
    assert article.authors == ("desk",)
    assert article.date == datetime(2019, 3, 4, tzinfo=UTC)
    assert article.date_precision == "day"


def test_address_dates_an_article_that_says_nothing_itself() -> None:
    text = (
        "Sluice gate breaks in the night\n\nA sluice gate on the upper canal broke in the night to Sunday and flooded "
        "three cellars.\n\nFirefighters pumped until noon, and nobody was hurt, the city said in a short note.\n"
    )
    article = clean(text, kind="text", url="https://www.canal-news.example/2025/03/04/sluice-gate-breaks/")
    assert article.date == datetime(2025, 3, 4, tzinfo=UTC)
    assert article.date_method == "url"
    assert article.source == "canal-news.example"


def test_given_source_wins_over_the_page() -> None:
    article = clean((PAGES / "glass_works.txt").read_text(encoding="utf-8"), source="Der Talbote")
    assert article.source == "Der Talbote"


def test_text_broken_at_a_fixed_width_gets_its_paragraphs_back() -> None:
    text = (
        "Lighthouse gets its keeper back\n\n"
        "After eleven years of automatic service, the lighthouse on the eastern\n"
        "cape has a keeper again. The harbour authority said on Friday that it\n"
        "had hired a retired sailor, who moved in with two cats and a piano in\n"
        "the first week of March.\n\n"
        "The authority wants somebody on the spot because visitors broke in\n"
        "three times last summer. The keeper will also show groups around the\n"
        "lantern room, which has been closed since the automatic light came in.\n"
    )
    article = clean(text, kind="text")
    assert article.title == "Lighthouse gets its keeper back"
    assert [paragraph.split()[0] for paragraph in article.body.split("\n\n")] == ["After", "The"]


PARAGRAPHS = [
    "The last rope maker of the harbour has sold her walk, all three hundred metres of it, to a school of dance.",
    "Ropes need length, she said on Tuesday, and so, it turned out, do people who want to learn how to leap.",
    "The hooks in the beams will stay where they are. Nobody could find a ladder that was long enough for them.",
    "She keeps one machine for herself and has moved it to a shed behind the net loft, where the floor is level.",
    "A first class of twelve begins in May, and the tar under the boards is said to be good for the knees.",
]


def dump(*head: str, text: list[str] = PARAGRAPHS, tail: tuple[str, ...] = ()) -> str:
    """A dump with a menu, the headline "Rope walk becomes a dance floor", the lines of `head`, a text, and `tail`."""
    menu = "The Capstan\n  • Harbour\n  • Town\n  • Sign in\n"
    return "\n\n".join([menu, *head, *text, *tail, "© 2019 The Capstan. All rights reserved."])


HEADLINE = "Rope walk becomes a dance floor"


def test_outlet_beside_a_name_in_the_byline_is_no_author() -> None:
    article = clean(dump(HEADLINE, "By Marit Lindqvist | The Capstan\nPublished May 2, 2019"), kind="text")
    assert article.authors == ("Marit Lindqvist",)
    assert article.source == "The Capstan"


def test_section_above_the_headline_is_spelled_as_in_the_menu() -> None:
    assert clean(dump("HARBOUR", HEADLINE, "2 May 2019"), kind="text").section == "Harbour"


def test_section_that_the_menu_lacks_stands_alone_above_the_headline() -> None:
    assert clean(dump("Arts & Crafts", HEADLINE, "2 May 2019"), kind="text").section == "Arts & Crafts"


def test_last_entry_of_a_menu_above_the_headline_is_no_section() -> None:
    assert clean(dump(HEADLINE, "2 May 2019"), kind="text").section is None


def test_topic_that_the_menu_has_is_the_section() -> None:
    tags = "  • Rope makers\n  • Dance\n  • Town"
    article = clean(dump(HEADLINE, "2 May 2019", tail=(tags,)), kind="text")
    assert article.topics == ("Rope makers", "Dance", "Town")
    assert article.section == "Town"


def test_topics_are_parted_by_slashes_too() -> None:
    article = clean(dump(HEADLINE, "2 May 2019", tail=("Topics: Ropes / Dance / Harbour",)), kind="text")
    assert article.topics == ("Ropes", "Dance", "Harbour")


def test_logo_in_capitals_is_no_spelling_of_the_site() -> None:
    assert clean(f"THE CAPSTAN\n\n{dump(HEADLINE, '2 May 2019')}", kind="text").source == "The Capstan"


def test_photo_caption_is_no_headline() -> None:
    caption = "The rope maker in her walk on Tuesday, with three hundred metres of it sold. Photo: R&F"
    article = clean(dump(HEADLINE, caption, "By Marit Lindqvist\n2 May 2019"), kind="text")
    assert article.title == HEADLINE
    assert caption not in article.body


def test_byline_without_by_is_no_headline_and_a_month_is_a_date() -> None:
    article = clean(dump("Crafts", HEADLINE, "Marit Lindqvist", "Issue 4 · May 2019"), kind="text")
    assert article.title == HEADLINE
    assert article.authors == ("Marit Lindqvist",)
    assert (article.date, article.date_precision) == (datetime(2019, 5, 1, tzinfo=UTC), "month")


def test_pull_quote_appeal_and_note_on_the_author_are_no_article_text() -> None:
    text = [*PARAGRAPHS[:3], "“said to be good for the knees”", *PARAGRAPHS[3:]]
    tail = (
        "Marit Lindqvist writes about ropes and is looking for a boat.",
        "Liked it? This paper is paid for by its readers. Subscribe from three crowns a month and get it printed.",
    )
    article = clean(dump(HEADLINE, "Marit Lindqvist", "2 May 2019", text=text, tail=tail), kind="text")
    assert article.title == HEADLINE
    assert article.body.split("\n\n") == PARAGRAPHS


def test_article_goes_on_after_a_line_that_links_to_another() -> None:
    last = (
        "The class is full already, she said, but those who wait for the next may watch from the net loft on Fridays."
    )
    text = [*PARAGRAPHS, "Read more: How tar is boiled", last]
    article = clean(dump(HEADLINE, "2 May 2019", text=text), kind="text")
    assert article.body.split("\n\n") == [*PARAGRAPHS, last]


def test_result_line_before_the_first_paragraph_belongs_to_the_text() -> None:
    result = "Capstan Dancers 3 Rope Walk Wanderers 2 (after extra time)"
    article = clean(dump(HEADLINE, "By Marit Lindqvist\n2 May 2019", result), kind="text")
    assert article.body.split("\n\n") == [result, *PARAGRAPHS]


@pytest.mark.parametrize(
    "entries",
    [
        [
            "1st heat, Rope Walk",
            "2nd heat, Net Loft",
            "3rd heat, Tar Works",
            "4th heat, Mole",
            "5th heat, Ness",
            "6th heat",
        ],
        [
            "June 3, Rope Walk",
            "June 9, Net Loft",
            "July 1, Tar Works",
            "Aug. 30, Mole",
            "Dec. 12, Ness",
            "Jan. 2, Mole",
        ],
        [
            "3 June, Rope Walk",
            "9 June, Net Loft",
            "1 July, Tar Works",
            "30 August, Mole",
            "1 October, Ness",
            "2 October",
        ],
    ],
)
def test_calendar_that_is_the_article_is_its_text(entries: list[str]) -> None:
    article = clean(dump(HEADLINE, "2 May 2019", text=["\n".join(entries)], tail=PARAGRAPHS[:1]), kind="text")
    assert article.body.split("\n\n")[: len(entries)] == entries


@pytest.mark.parametrize(
    "entries",
    [
        ["1. Rope Walk", "2. Net Loft", "3. Tar Works", "4. The Mole", "5. Ness Light", "6. Ferry Stairs"],
        ["June 2019", "July 2019", "August 2019", "September 2019", "October 2019", "November 2019"],
        ["Oct. 9, Ness", "Aug. 30, Mole", "July 1, Tar Works", "June 9, Net Loft", "June 3, Rope Walk", "May 4, Quay"],
    ],
)
def test_menu_archive_and_latest_news_beside_the_article_are_no_calendar(entries: list[str]) -> None:
    article = clean(dump(HEADLINE, "2 May 2019", tail=["\n".join(entries)]), kind="text")
    assert article.body.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize("month", ["EKİM", "NİSAN", "Auguſt"])
def test_month_in_letters_of_another_case_ends_no_page(month: str) -> None:
    article = clean(dump(HEADLINE, "2 May 2019", tail=[f"3 {month} Rope Walk\n{month} 3 Net Loft"]), kind="text")
    assert article.body.split("\n\n") == PARAGRAPHS


def test_emoji_ends_a_sentence() -> None:
    cheer = "We hope to see you all on the rope walk on Friday"
    bare, ended = (read_dump(cheer + end).lines[0].role for end in ("", " 🙂"))
    assert (bare, ended) == ("short", "prose")


@pytest.mark.parametrize(
    "byline",
    [
        "  • Marit Lindqvist\n  • 2 May 2019",
        "Marit LindqvistPublished May 2, 2019",
        "Photo by Marit Lindqvist 2 May 2019",
    ],
)
def test_name_beside_the_date_is_the_author(byline: str) -> None:
    assert clean(dump(HEADLINE, byline), kind="text").authors == ("Marit Lindqvist",)


def _probe(article: Article) -> str:
    return hashlib.sha256(f"{article.title}\n{article.body}".encode()).hexdigest()[:16]


def _real(name: str) -> Article:
    path = REAL_PAGES / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    return clean(path.read_bytes(), kind="text")


def test_real_page_with_ticker_and_inline_related_news_comes_out_whole() -> None:
    article = _real("almayadeen-2024-12-03.txt")
    assert _probe(article) == "9ee87f46e97c948c"
    assert article.source == "Al Mayadeen English"
    assert article.date == datetime(2024, 12, 3, 19, 17, tzinfo=UTC)
    assert article.date_precision == "minute"
    assert article.authors == ("Al Mayadeen English",)
    assert article.credits == ("Mirror", "FT")
    assert article.topics == ("United Kingdom", "France", "Ukraine", "United States", "Nato", "Nato Alliance")
    assert len(article.body.split("\n\n")) == 20


def test_real_page_with_glued_metadata_comes_out_whole() -> None:
    article = _real("ustimesmirror-2026-01-06.txt")
    assert _probe(article) == "db9f6a7aa827cb72"
    assert article.source == "US Times Mirror"
    assert article.date == datetime(2026, 1, 6, tzinfo=UTC)
    assert article.date_precision == "day"
    assert article.authors == ("staff",)
    assert article.section == "World"
    assert len(article.body.split("\n\n")) == 29


def test_day_in_a_caption_is_no_publication_date() -> None:
    caption = "Dancers try out the old floor above the net loft on the harbour side on April 12, 2019"
    article = clean(dump(HEADLINE, caption, "Marit Lindqvist", "Thursday, 2 May 2019"), kind="text")
    assert article.date == datetime(2019, 5, 2, tzinfo=UTC)


def test_day_that_opens_the_text_is_its_date() -> None:
    text = [f"02.05.2019 – {PARAGRAPHS[0]}", *PARAGRAPHS[1:]]
    assert clean(dump(HEADLINE, text=text), kind="text").date == datetime(2019, 5, 2, tzinfo=UTC)


def test_day_of_an_entry_in_a_list_of_other_releases_is_no_publication_date() -> None:
    listed = "  • No. 34, published on 8 November 2019\n  • No. 33, published on 5 November 2019\n"
    listed += "  • No. 32, published on 3 November 2019"
    article = clean(dump(HEADLINE, "2 May 2019", tail=(listed,)), kind="text")
    assert article.date == datetime(2019, 5, 2, tzinfo=UTC)


def test_day_until_which_a_recording_is_kept_is_no_publication_date() -> None:
    article = clean(dump("03:12 min. Available until 6 June 2019.", HEADLINE, "2 May 2019"), kind="text")
    assert article.date == datetime(2019, 5, 2, tzinfo=UTC)


def test_authors_below_a_label_stand_one_below_the_other() -> None:
    article = clean(dump(HEADLINE, "By\nMarit LindqvistNews Reporter\nBo Chen\nAva Moreau", "2 May 2019"), kind="text")
    assert article.authors == ("Marit Lindqvist", "Bo Chen", "Ava Moreau")


def test_author_whose_first_name_is_a_month_is_found() -> None:
    article = clean(dump(HEADLINE, "April Lindqvist", "2 May 2019"), kind="text")
    assert article.authors == ("April Lindqvist",)


def test_person_under_a_picture_that_stands_twice_is_no_author() -> None:
    text = ["The rope maker Ida Holm has sold her walk to a school of dance.", *PARAGRAPHS]
    article = clean(dump(HEADLINE, "2 May 2019", "Ida Holm", "Ida Holm", "Marit Lindqvist", text=text), kind="text")
    assert article.authors == ("Marit Lindqvist",)


@pytest.mark.parametrize(
    ("line", "url", "name"),
    [
        ("Read more in the Quay Gazette app", "https://www.quaygazette.example/1", "Quay Gazette"),
        ("  • Jobs at QUAY\n  • QUAY Live", "https://quay.example/1", "QUAY"),
        ("Möwenpost-Newsletter: hier anmelden", "https://moewenpost.example/1", "Möwenpost"),
        ("More on Moss Sound every evening", "https://mosssound.example/1", "Moss Sound"),
    ],
)
def test_site_is_named_as_the_page_spells_its_host(line: str, url: str, name: str) -> None:
    assert clean(dump(HEADLINE, "2 May 2019", tail=(line,)), kind="text", url=url).source == name


def test_headline_that_opens_with_a_colon_goes_on_from_its_kicker() -> None:
    article = clean(dump("Rope walk becomes", ": A dance floor for the harbour", "2 May 2019"), kind="text")
    assert article.title == "Rope walk becomes: A dance floor for the harbour"


def test_headline_has_the_kicker_that_the_page_says_it_with_nearby() -> None:
    head = (f"Crafts of the harbour: {HEADLINE}", HEADLINE, "By Marit Lindqvist", "Published May 2, 2019")
    assert clean(dump(*head), kind="text").title == f"Crafts of the harbour: {HEADLINE}"


def test_label_before_a_copy_of_the_headline_is_no_kicker() -> None:
    head = (HEADLINE, "By Marit Lindqvist", f"Read next: {HEADLINE}", "Published May 2, 2019")
    assert clean(dump(*head), kind="text").title == HEADLINE


def test_form_for_comments_is_no_article_text() -> None:
    form = ("Fill in your details below or click an icon to log in:", "You are commenting using your rope account.")
    comment = "I walked past it on the way to school every day for nine years and never once saw the far end of it."
    assert clean(dump(HEADLINE, "2 May 2019", tail=(*form, comment)), kind="text").body.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "headline",
    [
        "Register of rope walks in the harbour loses its last entry",
        "Harbour notes for Thursday, 2 May 2019",
    ],
)
def test_headline_that_opens_like_a_label_or_holds_a_date_is_found(headline: str) -> None:
    assert clean(dump("Crafts", headline, "Marit Lindqvist", "3 May 2019"), kind="text").title == headline


def test_standfirst_below_the_headline_is_not_taken_for_it() -> None:
    standfirst = "School of dance buys three hundred metres of hall from the last rope maker"
    headline = "The last rope walk makes way for leaps"
    assert clean(dump(headline, standfirst, "Marit Lindqvist", "2 May 2019"), kind="text").title == headline


@pytest.mark.parametrize("credit", ["Reuters", "뉴스1", "Europa Press", "ТАСС"])
def test_caption_that_ends_in_its_agency_is_no_article_text(credit: str) -> None:
    caption = f"The rope maker stands in her walk with its hooks on Tuesday. {credit}"
    text = [*PARAGRAPHS[:2], caption, *PARAGRAPHS[2:]]
    assert clean(dump(HEADLINE, "2 May 2019", text=text), kind="text").body.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize("label", ["Photograph:", "Fot.", "Fotoğraf:", "عکس:", "फोटो:", "写真：", "Photo :"])
def test_caption_that_ends_in_its_photographer_is_no_article_text(label: str) -> None:
    caption = f"The rope maker in her walk on Tuesday. {label} Ida Holm"
    assert clean(dump(HEADLINE, "2 May 2019", caption), kind="text").body.split("\n\n") == PARAGRAPHS


def test_caption_with_its_source_in_brackets_is_no_headline() -> None:
    caption = "A dancer tries out the long floor of the rope walk on Tuesday. (Capstan photo)"
    head = (HEADLINE, "Print (Opens in new window)", caption, "By Marit Lindqvist", "Published May 2, 2019")
    article = clean(dump(*head), kind="text")
    assert article.title == HEADLINE
    assert caption not in article.body


LONG = "The rope maker stands between the hooks of her walk and looks along the three hundred metres of it, where "
LONG += "the first twelve dancers of the new class are trying out the boards on the day before they learn how to leap"


@pytest.mark.parametrize(
    "caption",
    [
        f"{LONG}. (Photo by Ida Holm/The Capstan)",
        f"{LONG} in this picture of last Tuesday. REUTERS/Ida Holm",
        f"FILE PHOTO: {LONG}.",
        f"CAPSTAN QUAY, HARBOUR - MAY 2: {LONG}.",
    ],
)
def test_long_caption_between_paragraphs_is_no_article_text(caption: str) -> None:
    text = [*PARAGRAPHS[:3], caption, *PARAGRAPHS[3:]]
    assert clean(dump(HEADLINE, "2 May 2019", text=text), kind="text").body.split("\n\n") == PARAGRAPHS


def test_sentence_that_is_said_twice_is_a_caption() -> None:
    sentence = "Dancers try the boards of the old walk on the day before the first class of the school begins in May"
    pictures = (f"{sentence}. {sentence}.", *(f"{number}" for number in range(1, 9)))
    article = clean(dump(HEADLINE, *pictures), kind="text")
    assert article.body == "\n\n".join(PARAGRAPHS)


def test_numbers_of_a_gallerys_pictures_are_no_article_text() -> None:
    article = clean(dump(HEADLINE, "\n".join(map(str, range(1, 13)))), kind="text")
    assert article.body == "\n\n".join(PARAGRAPHS)


def test_author_after_a_comma_and_an_and_is_found() -> None:
    article = clean(dump(HEADLINE, "By Imke Radstock, Tomas Arvelo, and Bo Chen", "8 May 2021"), kind="text")
    assert article.authors == ("Imke Radstock", "Tomas Arvelo", "Bo Chen")


@pytest.mark.parametrize("first", ["Where to now? Rope walk for sale", "Old walk will have a dance floor"])
def test_text_that_is_nothing_but_an_article_opens_with_its_headline(first: str) -> None:
    standfirst = "A school of dance moves into the rope maker's hall above the harbour and keeps its hooks"
    article = clean("\n\n".join([first, standfirst, *PARAGRAPHS]), kind="text")
    assert article.title == first
    assert article.body == "\n\n".join([standfirst, *PARAGRAPHS])


def test_label_and_outlet_after_the_date_are_no_author() -> None:
    article = clean(dump(HEADLINE, "8 May 2021 Source: Daily Herald"), kind="text")
    assert article.date == datetime(2021, 5, 8, tzinfo=UTC)
    assert article.authors == ()


def test_headline_is_in_the_script_of_its_text() -> None:
    text = [
        "Последний канатный мастер гавани продал свою мастерскую школе танцев, все триста метров до последнего.",
        "Канатам нужна длина, сказала она во вторник, и людям, которые хотят научиться прыгать, она тоже нужна.",
        "Крюки на балках останутся на своих местах: никто в городе не нашёл достаточно длинной лестницы для них.",
    ]
    headline = "Канатная мастерская становится танцевальным залом"
    head = ("Rope walk in the harbour becomes a dance floor", headline, "2 мая 2019")
    assert clean(dump(*head, text=text), kind="text").title == headline


def test_mark_of_an_advertisement_between_paragraphs_is_no_article_text() -> None:
    text = [*PARAGRAPHS[:2], "ADVERTISEMENT", *PARAGRAPHS[2:]]
    assert clean(dump(HEADLINE, "2 May 2019", text=text), kind="text").body.split("\n\n") == PARAGRAPHS
