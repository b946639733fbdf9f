from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.article import Article
from indexer.cleaning import clean, explain
from indexer.errors import PageError, ParameterError

PAGES = sorted((Path(__file__).with_name("pages")).iterdir())
KINDS = st.sampled_from([None, "html", "text"])
URLS = st.sampled_from(
    [None, "https://a.example/2024/13/99/x-y-z", "http://[", "x", "https://exämple.co.uk/2024/01/02/a-b-c"]
)
PIECES = st.sampled_from(
    [
        *("By ", "Home » ", "©", "January 6, 20261 Views", "31/31/2020", "9999-99-99", "2024-13-40T25:61", "12:99 pm"),
        *("<p>", "</p>", "<html lang='", "<script type='application/ld+json'>{", "}</script>", '"headline":[', "<h1>"),
        *("<meta property='article:published_time' content='", "'>", "\n", "\n\n", "  • ", "Related News", "Comments"),
        *(
            "Read more: ",
            "Source: ",
            "Tags: ",
            " | ",
            "A sentence that is long enough to pass for a paragraph of text.",
        ),
        *("\u2028", "\x00", "\ud800", "٢٠٢٤-٠١-٠١", "1. "),
    ]
)


@pytest.mark.parametrize("data", [b"", "", "  \n\t ", b"\xef\xbb\xbf", "\ufeff", "•\n•\n", "<html></html>"])
def test_empty_page_is_rejected(data: bytes | str) -> None:
    with pytest.raises(PageError):
        clean(data)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, b"\x00\x01\x02\x03" * 500])
def test_binary_data_is_rejected_with_advice(data: bytes) -> None:
    with pytest.raises(PageError, match="pass HTML or plain text"):
        clean(data)


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u2060", "\ufeff"])
@pytest.mark.parametrize("path", [path for path in PAGES if path.suffix == ".txt"], ids=lambda path: path.stem)
def test_characters_that_nobody_sees_part_no_words_of_a_dump(path: Path, sign: str) -> None:
    text = path.read_text()
    assert clean(re.sub("(?<=[a-z]{2})(?=[a-z]{2})", sign, text)) == clean(text)


@pytest.mark.parametrize("sign", ["\u00ad", "&shy;", "&#173;", "&#x200B;", "&ZeroWidthSpace;", "\ufeff", "&#xfeff;"])
def test_characters_that_nobody_sees_part_no_words_of_an_html_page(sign: str) -> None:
    page = """<html><head><meta property="og:title" content="Ge|meinde|rat tagt">
        <script type="application/ld+json">{"@type": "NewsArticle", "author": {"name": "Ida Ves\\u00adterby"}}</script>
        </head>
        <body><article><h1>Ge|meinde|rat tagt</h1><p>Der Ge|meinde|rat der Hafen|stadt hat am Montag getagt.</p>
        <p>|Er hat lange getagt, und ein Ende der Sitzung war nicht abzusehen.|</p></article></body></html>"""
    article = clean(page.replace("|", sign))
    assert article == clean(page.replace("|", ""))
    assert (article.title, article.authors) == ("Gemeinderat tagt", ("Ida Vesterby",))
    assert "Der Gemeinderat der Hafenstadt" in article.body


@pytest.mark.parametrize("words", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🚒", "ភាសា\u200bខ្មែរ"])
def test_joiners_and_the_spaces_of_scripts_without_others_stay(words: str) -> None:
    assert (
        words
        in clean(
            f"<html><body><p>The teacher wrote {words} on the board, and the class read it.</p></body></html>"
        ).body
    )


def test_another_kind_of_page_is_wrong_usage_that_names_the_kinds() -> None:
    for function in (clean, explain):
        with pytest.raises(ParameterError, match=r"kind: unknown value 'pdf' \(one of html, text\)"):
            function("<p>A long enough sentence about a ferry.</p>", kind="pdf")  # type: ignore[arg-type]


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(), st.binary(), st.lists(PIECES, max_size=30).map("".join)), KINDS, URLS)
def test_whatever_comes_in_is_an_article_or_a_page_error(data: bytes | str, kind: str | None, url: str | None) -> None:
    try:
        article = clean(data, kind=kind, url=url)  # type: ignore[arg-type]
    except PageError:
        return
    assert isinstance(article, Article)
    assert any(map(str.isalpha, article.body))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(PAGES), st.data())
def test_mangled_pages_are_articles_or_page_errors(path: Path, data: st.DataObject) -> None:
    page = path.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(page)))
        gone = data.draw(st.integers(0, 200))
        page = page[:at] + data.draw(PIECES) + page[at + gone :]
    try:
        article = clean(page, kind=data.draw(KINDS))
    except PageError:
        return
    assert article.body


def test_cleaning_twice_gives_the_same_article() -> None:
    for path in PAGES:
        data = path.read_bytes()
        assert clean(data) == clean(data)


SENTENCE = "The lock keeper has counted every barge since May, and says that none of them was ever on time.\n"


@pytest.mark.parametrize(
    "dump",
    [
        "\n".join(f"Menu entry {i}" for i in range(4000)) + "\n\n" + SENTENCE,
        "\n".join(f"May {i % 28 + 1}, 2019 by Ann Lee" for i in range(4000)) + "\n\n" + SENTENCE,
        "\n".join(f"Ann {i}:\nMay 1, 2019\n" for i in range(3000)) + "\n" + SENTENCE,
        "Home » " * 20_000 + "\n\n" + SENTENCE,
        "Ann Lee, " * 20_000 + "\n\n" + SENTENCE,
        "by Ann " * 20_000 + "\n\n" + SENTENCE,
        "© " * 20_000 + "\n\n" + SENTENCE,
        SENTENCE * 3000,
    ],
    ids=["menu", "dates", "comments", "breadcrumbs", "names", "bylines", "signs", "copies"],
)
def test_long_monotonous_dumps_are_articles(dump: str) -> None:
    assert clean(dump, kind="text").body


def test_lone_sentence_among_menus_is_the_text() -> None:
    menu = "\n".join(f"  • {entry}" for entry in ("Home", "Harbour", "Canal", "Locks", "Barges"))
    assert clean(f"{menu}\n\n{SENTENCE}", kind="text").body == SENTENCE.strip()


def test_long_lines_of_earlier_pages_are_forgotten() -> None:
    size, pages = 100_000, 40
    clean(SENTENCE, kind="text")
    tracemalloc.start()
    try:
        for page in range(pages):
            clean(f"{page:0{size}}x\n\n{SENTENCE}", kind="text")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < pages * size / 4
