"""The search page in a real browser, served by the real server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from gazette import GAZETTE, MONTHS, SCRIPT
from indexes import built
from processes import serving

from indexer import NewsIndex

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="the Python package playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine to drive")

WIDE = {"width": 1200, "height": 900}
PHONE = {"width": 360, "height": 740}
NARROWEST = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> NewsIndex:
    return built(tmp_path_factory.mktemp("gazette"), GAZETTE)


@pytest.fixture(scope="module")
def address(index: NewsIndex) -> Iterator[str]:
    with serving(index.path) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


Visit = Callable[..., "Page"]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about; a test that expects a complaint takes it out."""
    return []


@pytest.fixture
def visit(browser: Browser, address: str, complaints: list[str]) -> Iterator[Visit]:
    """Opens a page of the service; at the end nothing may have gone wrong in it, or have been asked of another host."""
    contexts = []
    asked: list[str] = []

    def open_page(path: str = "/", *, script: bool = True, **options: Any) -> Page:
        options = {"viewport": WIDE, **options}
        context = browser.new_context(base_url=address, java_script_enabled=script, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}


def titles(page: Page) -> list[str]:
    return page.locator(".hits h2").all_inner_texts()


def count(page: Page) -> str:
    return page.locator("#count").inner_text()


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def found(index: NewsIndex, q: str = "", **options: Any) -> list[str]:
    return [hit.article.title for hit in index.search(q, limit=1000, **options).hits]


def search_for(page: Page, text: str) -> None:
    page.get_by_label("Search the archive").fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Search").click()


SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])


@SCRIPTS
def test_a_search_has_a_short_address_that_shows_it_again(visit: Visit, index: NewsIndex, script: bool) -> None:
    page = visit("/", script=script)
    search_for(page, "ferry ink")
    assert titles(page) == found(index, "ferry ink")[:10]
    assert count(page) == f"{len(MONTHS)} articles of {len(GAZETTE)}, 1 to 10"
    assert page.locator(".snippet mark").first.inner_text() in ("ink", "ferry")
    if script:
        assert urlsplit(page.url).query == "q=ferry+ink"
    assert titles(visit(page.url)) == titles(page)


def test_a_tick_searches_at_once_and_the_focus_stays(visit: Visit, index: NewsIndex) -> None:
    page = visit("/?q=tide")
    box = page.get_by_role("checkbox", name="Gulf Herald", exact=True)
    with page.expect_navigation():
        box.check()
    assert parameters(page) == {"q": ["tide"], "source": ["Gulf Herald"]}
    assert count(page).startswith(f"{len(found(index, 'tide', source='Gulf Herald'))} articles")
    page.wait_for_function("document.activeElement.value === 'Gulf Herald'")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    # What could be ticked instead is still there, and a second tick is added to the first.
    with page.expect_navigation():
        page.get_by_role("checkbox", name="Northern Ledger", exact=True).check()
    assert parameters(page)["source"] == ["Gulf Herald", "Northern Ledger"]
    with page.expect_navigation():
        page.get_by_role("checkbox", name="Gulf Herald", exact=True).uncheck()
    assert parameters(page)["source"] == ["Northern Ledger"]


def test_going_back_brings_back_what_the_results_are_of(visit: Visit) -> None:
    page = visit("/?q=tide")
    with page.expect_navigation():
        page.get_by_role("checkbox", name="Gulf Herald", exact=True).check()
    search_for(page, "ferry")
    for query, ticked in (("tide", True), ("tide", False)):
        with page.expect_navigation():
            page.go_back()
        assert page.get_by_label("Search the archive").input_value() == query
        assert page.get_by_role("checkbox", name="Gulf Herald", exact=True).is_checked() is ticked


def test_excluding_a_value_takes_its_tick_away(visit: Visit, index: NewsIndex) -> None:
    page = visit("/?q=tide&source=Gulf+Herald")
    with page.expect_navigation():
        page.get_by_role("checkbox", name="none of Gulf Herald").check()
    assert parameters(page)["source"] == ["-Gulf Herald"]
    assert count(page).startswith(f"{len(found(index, 'tide', source='-Gulf Herald'))} articles")
    assert not page.get_by_role("checkbox", name="Gulf Herald", exact=True).is_checked()
    with page.expect_navigation():
        page.get_by_role("link", name="Remove: not source Gulf Herald").click()
    assert parameters(page) == {"q": ["tide"]}


def test_without_scripts_ticks_are_applied_by_a_button(visit: Visit, index: NewsIndex) -> None:
    page = visit("/?q=tide&sort=oldest", script=False)
    page.get_by_role("checkbox", name="Gulf Herald", exact=True).check()
    page.get_by_role("checkbox", name="none of Ferries").check()
    page.get_by_label("from").fill("2023-03-01")
    with page.expect_navigation():
        page.get_by_role("group", name="Sources").get_by_role("button", name="Apply").click()
    expected = found(index, "tide", source="Gulf Herald", topic="-Ferries", since="2023-03", sort="oldest")
    assert titles(page) == expected[:10]
    assert page.get_by_role("checkbox", name="none of Ferries").is_checked()


def test_days_are_applied_with_the_enter_key(visit: Visit, index: NewsIndex) -> None:
    page = visit("/?q=tide")
    page.get_by_label("until").fill("2023-02-28")
    with page.expect_navigation():
        page.get_by_label("until").press("Enter")
    assert parameters(page) == {"q": ["tide"], "until": ["2023-02-28"]}
    assert count(page).startswith(f"{len(found(index, 'tide', until='2023-02-28'))} articles")


def middle(page: Page, place: int) -> tuple[float, float]:
    """Where the column of a bucket is on the screen."""
    box = page.locator(".chart a").nth(place).locator(".column").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(("first", "last"), [(2, 5), (5, 2)], ids=["forwards", "backwards"])
def test_dragging_over_the_histogram_chooses_the_days_below(
    visit: Visit, index: NewsIndex, first: int, last: int
) -> None:
    page = visit("/?q=ferry&sort=newest")
    page.mouse.move(*middle(page, first))
    page.mouse.down()
    page.mouse.move(*middle(page, last), steps=6)
    assert page.locator(".brush").bounding_box()["width"] > 100  # type: ignore[index]
    with page.expect_navigation():
        page.mouse.up()
    assert parameters(page) == {
        "q": ["ferry"], "sort": ["newest"], "since": ["2023-03-01"], "until": ["2023-06-30"],
    }  # fmt: skip
    assert titles(page) == found(index, "ferry", sort="newest", since="2023-03", until="2023-06")
    with page.expect_navigation():
        page.go_back()
    assert count(page).startswith(f"{len(MONTHS)} articles")


def test_going_back_does_not_bring_the_mark_of_a_drag(visit: Visit) -> None:
    """A browser may bring the page back as it was left."""
    page = visit("/?q=ferry")
    page.evaluate(
        "addEventListener('pagehide', () => sessionStorage.setItem('left', "
        "document.querySelector('.brush').getAttribute('width')))"
    )
    page.mouse.move(*middle(page, 2))
    page.mouse.down()
    page.mouse.move(*middle(page, 5), steps=6)
    with page.expect_navigation():
        page.mouse.up()
    assert page.evaluate("sessionStorage.getItem('left')") == "0"


@SCRIPTS
def test_a_click_on_a_bar_chooses_its_days(visit: Visit, script: bool) -> None:
    page = visit("/?q=ferry", script=script)
    with page.expect_navigation():
        page.mouse.click(*middle(page, 4))
    assert parameters(page) == {"q": ["ferry"], "since": ["2023-05-01"], "until": ["2023-05-31"]}
    assert count(page) == f"1 article of {len(GAZETTE)}"


def test_the_drawing_fits_its_numbers(visit: Visit) -> None:
    page = visit("/?q=tide")
    heights = page.locator(".chart .bar").evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().height)")
    assert heights.index(max(heights)) == len(heights) - 1
    assert heights[-1] == pytest.approx(heights[0] * 4 / 3, rel=0.02)
    assert page.locator(".chart .gap").count() == 1


@SCRIPTS
def test_paging_to_the_end_loses_and_repeats_nothing(visit: Visit, index: NewsIndex, script: bool) -> None:
    page = visit("/?q=tide&sort=oldest&limit=15", script=script)
    shown = titles(page)
    first = list(shown)
    while page.locator("main a[rel=next]").count():
        with page.expect_navigation():
            page.locator("main a[rel=next]").click()
        shown += titles(page)
    assert shown == found(index, "tide", sort="oldest")
    while page.locator("main a[rel=prev]").count():
        with page.expect_navigation():
            page.locator("main a[rel=prev]").click()
    assert titles(page) == first


@SCRIPTS
def test_an_article_opens_where_the_words_stand_and_leads_to_similar_ones(visit: Visit, script: bool) -> None:
    page = visit("/?q=warden&sort=oldest", script=script)
    link = page.locator(".hits h2 a").first
    title = link.inner_text()
    assert link.get_attribute("href") == "/articles/2023-01-0#:~:text=warden"
    with page.expect_navigation():
        link.click()
    assert page.get_by_role("heading", level=1).inner_text() == title
    assert "harbour warden Ida Vesterby" in page.locator(".body").inner_text()
    similar = page.locator("#similar h3 a").first
    title = similar.inner_text()
    with page.expect_navigation():
        similar.click()
    assert page.get_by_role("heading", level=1).inner_text() == title
    with page.expect_navigation():
        page.get_by_role("link", name="Tides").click()
    assert parameters(page) == {"topic": ["Tides"]}


@pytest.mark.parametrize("id", [record["id"] for record in GAZETTE[-4:]])
def test_odd_ids_are_links_that_lead_to_their_articles(visit: Visit, index: NewsIndex, id: str) -> None:
    title = index.get(id).title
    page = visit("/?" + urlencode({"limit": 100}))
    with page.expect_navigation():
        page.locator(".hits h2 a").filter(has_text=title[:200]).click()
    assert page.get_by_role("heading", level=1).inner_text() == title


# Keys


def test_keys_lead_to_the_box_and_from_hit_to_hit(visit: Visit) -> None:
    page = visit("/?q=tide")
    first, second = titles(page)[:2]
    focused = "document.activeElement.innerText"
    page.keyboard.press("j")
    assert page.evaluate(focused) == first
    page.keyboard.press("j")
    assert page.evaluate(focused) == second
    page.keyboard.press("k")
    assert page.evaluate(focused) == first
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("ebb/j")
    assert page.get_by_label("Search the archive").input_value() == "ebb/j"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert parameters(page) == {"q": ["ebb/j"]}


def test_everything_is_reached_with_the_tab_key_and_shows_its_focus(visit: Visit) -> None:
    page = visit("/?q=ferry&limit=2&source=-x")
    reached: list[int] = []
    while True:
        page.keyboard.press("Tab")
        place, outline = page.evaluate(
            """() => {
              const element = document.activeElement;
              const shown = element.matches(".without input") ? element.nextElementSibling : element;
              return [[...document.querySelectorAll("*")].indexOf(element), getComputedStyle(shown).outlineStyle];
            }"""
        )
        if reached and place < reached[-1]:
            break
        if place not in reached:  # a field for a day has several stops
            reached.append(place)
            assert outline == "solid"
    expected = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary')]"
        ".filter(e => e.tabIndex >= 0 && e.checkVisibility()).length"
    )
    assert len(reached) == expected


def test_the_keys_can_be_turned_off_and_stay_off(visit: Visit) -> None:
    page = visit("/?q=tide")
    page.get_by_label("Keys:").uncheck()
    page.reload()
    page.keyboard.press("/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_label("Keys:").check()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"


def test_the_first_tab_leads_past_the_form(visit: Visit) -> None:
    page = visit("/?q=tide")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the results")
    assert skip.bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_words_are_completed_while_one_types(visit: Visit) -> None:
    page = visit("/")
    box = page.get_by_role("combobox", name="Search the archive")
    box.press_sequentially("NOT ink OR warde")
    option = page.get_by_role("option", name="warden")
    option.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    with page.expect_navigation():
        box.press("Enter")
    # What was typed before the word is left as it was.
    assert parameters(page) == {"q": ["NOT ink OR warden"]}


def test_a_completed_phrase_is_searched_as_one(visit: Visit, index: NewsIndex) -> None:
    page = visit("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("harbour ward")
    with page.expect_navigation():
        page.get_by_role("option", name='"harbour warden"').click()
    assert parameters(page) == {"q": ['"harbour warden"']}
    assert titles(page) == found(index, '"harbour warden"')[:10]


def test_a_completed_source_becomes_a_filter(visit: Visit) -> None:
    page = visit("/?sort=newest")
    page.get_by_role("combobox").press_sequentially("gulf her")
    with page.expect_navigation():
        page.get_by_role("option", name="Gulf Herald source", exact=False).first.click()
    assert parameters(page) == {"sort": ["newest"], "source": ["Gulf Herald"]}
    assert page.get_by_role("checkbox", name="Gulf Herald", exact=True).is_checked()


def test_a_completed_source_is_forgotten_by_the_page_that_it_was_chosen_on(visit: Visit) -> None:
    """A browser may bring that page back as it was left."""
    page = visit("/")
    page.evaluate("document.querySelector('#search').addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("combobox").press_sequentially("gulf her")
    page.get_by_role("option", name="Gulf Herald source", exact=False).first.click()
    assert page.get_by_role("combobox").input_value() == ""
    assert page.locator("#search input[type=hidden][name=source]").count() == 0


def test_completions_go_away_with_escape_and_take_nothing(visit: Visit) -> None:
    page = visit("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("tid")
    page.get_by_role("option").first.wait_for()
    box.press("Escape")
    assert page.get_by_role("listbox").count() == 0
    assert box.input_value() == "tid"


# Looks


@pytest.mark.parametrize(
    "path",
    [
        "/?q=tide+OR+gesellschaft*&limit=50&explain=1&interval=week",
        "/?q=" + "x" * 300 + "&source=" + "y" * 200,
        "/articles/long",
        "/articles/marked%20up",
    ],
    ids=["search", "nothing", "long words", "article"],
)
def test_nothing_is_wider_than_the_screen(visit: Visit, path: str) -> None:
    page = visit(path)
    for viewport in (WIDE, PHONE, NARROWEST):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_on_a_phone_a_link_leads_to_the_filters_and_fingers_find_their_targets(visit: Visit) -> None:
    page = visit("/?q=tide", viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("link", name="Filters").tap()
    assert page.locator("#filters").bounding_box()["y"] < PHONE["height"]  # type: ignore[index]
    small = page.evaluate(
        """[...document.querySelectorAll('button, input:not([type=hidden]), nav a, .chips a, .more a, summary')]
        .filter(e => e.checkVisibility())
        .map(e => [(e.closest('label') ?? e).getBoundingClientRect(), e.outerHTML])
        .filter(([box]) => box.height < 24 || box.width < 24).map(([, html]) => html)"""
    )
    assert small == []


# WCAG 2.2, 1.4.3 and 1.4.11, computed of what is really painted.
CONTRASTS = """() => {
  const channel = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!element.checkVisibility()) continue;
    if (text || element.matches("input[type=search], input[type=date]")) {
      const colour = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
      found.push([ratio(parts(colour), background(element)), 4.5, element.outerHTML.slice(0, 120)]);
    }
    if (element.matches(".bar, .share")) {
      found.push([ratio(parts(style.fill), background(element)), 3, element.outerHTML.slice(0, 120)]);
    }
    if (element.matches("input[type=search], input[type=date], button, .minus")) {
      found.push([ratio(parts(style.borderTopColor), background(element.parentElement)), 3, element.outerHTML]);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/?q=titel:tide&source=-x&source=Gulf+Herald&match=any&explain=1", "/?q=%22no+such%22", "/articles/2023-03-0"],
    ids=["search", "nothing", "article"],
)
def test_colours_keep_the_contrast_of_wcag_aa(visit: Visit, path: str, scheme: str) -> None:
    page = visit(path, color_scheme=scheme)
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(paper) > 600) == (scheme == "light")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert [(ratio, html) for ratio, least, html in contrasts if ratio < least] == []


def test_what_is_chosen_is_seen_where_the_system_forces_its_colours(visit: Visit) -> None:
    page = visit("/?q=tide&source=-Northern+Ledger", forced_colors="active")
    lines = "links => links.map(link => [link.ariaCurrent, getComputedStyle(link).borderBottomStyle])"
    assert page.get_by_role("navigation", name="Order").get_by_role("link").evaluate_all(lines) == [
        ["true", "solid"], [None, "none"], [None, "none"],
    ]  # fmt: skip
    minus = page.locator(".minus").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert len(set(minus)) == 2
    key = page.locator(".bar-key").evaluate("key => getComputedStyle(key, '::before').backgroundColor")
    assert key == page.locator(".chart .bar").first.evaluate("bar => getComputedStyle(bar).fill")
    box = page.get_by_role("combobox")
    box.fill("tid")
    option = page.get_by_role("option").first
    option.wait_for()
    outline = "option => getComputedStyle(option).outlineStyle"
    assert option.evaluate(outline) == "none"
    box.press("ArrowDown")
    assert option.evaluate(outline) == "solid"


def test_the_number_of_articles_is_announced(visit: Visit) -> None:
    page = visit("/?q=tide")
    assert page.get_by_role("status").inner_text() == count(page)
    assert page.title() == "tide: 41 articles – Broadsheet"


def test_the_landmarks_are_there(visit: Visit) -> None:
    page = visit("/?q=tide")
    for role in ("banner", "search", "main", "complementary", "contentinfo"):
        assert page.get_by_role(role).count() == 1, role  # type: ignore[arg-type]


def test_text_runs_in_its_own_direction(visit: Visit) -> None:
    page = visit("/?" + urlencode({"q": "المد"}))
    direction = "element => getComputedStyle(element).direction"
    assert page.locator(".hits h2").evaluate(direction) == "rtl"
    assert page.locator(".snippet").evaluate(direction) == "rtl"
    assert page.locator("#q").evaluate(direction) == "rtl"
    assert page.locator("main").evaluate(direction) == "ltr"
    # What runs to the left begins at the right, in a headline and in the narrower text below it alike.
    right = "element => element.getBoundingClientRect().right"
    assert page.locator(".snippet").evaluate(right) == page.locator(".hits h2").evaluate(right)
    # The outlet's name runs in its own direction, and the dot behind it stays between it and the date.
    source = page.locator(".byline .source")
    assert source.locator("bdi").evaluate(direction) == "rtl"
    assert source.evaluate(direction) == "ltr"


def test_print_says_what_was_searched_and_leaves_the_controls_out(visit: Visit) -> None:
    page = visit("/?q=ferry&source=-Gulf+Herald")
    page.emulate_media(media="print")
    heading = page.get_by_role("heading", level=1)
    assert heading.inner_text() == "Articles for ferry"
    assert heading.bounding_box()["height"] > 15  # type: ignore[index]
    for control in ("#q", "nav", "#filters", "summary", ".at-once", ".chips [aria-hidden]"):
        assert not page.locator(control).first.is_visible(), control
    assert page.locator(".hits mark").first.evaluate("element => getComputedStyle(element).fontWeight") == "700"


# Safety


@SCRIPTS
def test_a_script_in_an_article_does_not_run(visit: Visit, script: bool) -> None:
    page = visit(script=script)
    for path in ("/?q=ebb&snippets=5", "/articles/marked%20up", "/?" + urlencode({"q": SCRIPT, "topic": SCRIPT})):
        page.goto(path)
        assert page.get_by_text(SCRIPT).count()
        assert "Broadsheet" in page.title()
        if script:
            assert page.evaluate("window.owned") is None


def test_a_script_that_got_into_the_page_would_not_run_either(visit: Visit, complaints: list[str]) -> None:
    page = visit("/")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.owned = 1";
          document.body.insertAdjacentHTML("beforeend", "<p onclick='window.owned = 1'>Here</p>");
          document.body.append(script);
        }"""
    )
    page.get_by_text("Here", exact=True).click()
    assert page.evaluate("window.owned") is None
    assert [complaint for complaint in complaints if "Content Security Policy" in complaint]
    complaints.clear()


def test_an_error_is_a_page_to_go_on_from(visit: Visit, complaints: list[str]) -> None:
    page = visit("/?q=tide&since=" + quote("last tuesday"))
    assert page.get_by_role("heading", level=1).inner_text() == "Bad Request"
    with page.expect_navigation():
        page.get_by_role("link", name="Search without since").click()
    assert count(page).startswith("41 articles")
    (complaint,) = complaints
    assert "400" in complaint
    complaints.clear()
