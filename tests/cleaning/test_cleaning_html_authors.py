"""Who wrote an HTML page: bylines as pages mark and lay them out."""

from __future__ import annotations

import pytest

from indexer.cleaning import clean

PARAGRAPHS = "".join(
    f"<p>Paragraph {number} of this story tells at some length what happened on the river that day.</p>"
    for number in range(1, 7)
)


def authors(byline: str = "", head: str = "") -> tuple[str, ...]:
    page = f"<html><head>{head}</head><body><h1>Rafts on the river</h1>{byline}{PARAGRAPHS}</body></html>"
    return clean(page, kind="html", url="https://www.slowwater.example/rafts").authors


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("<p>By: <b>Liv Sommerau</b><br>SWN Harbour Desk</p>", ("Liv Sommerau",)),
        ("<div class='author'>By <span>Liv Sommerau</span><div>Fri., noon</div></div>", ("Liv Sommerau",)),
        ("<div class='byline'>By <b>Liv Sommerau</b>, SW<script>shown = 'By Liv Sommerau';</script></div>",
         ("Liv Sommerau",)),
        ("<p class='author vcard'><b class='fn'>Liv Sommerau</b> <i>Senior Harbour Correspondent</i></p>",
         ("Liv Sommerau",)),
        ("<p class='author'>von <b>Redaktion Hafen</b></p>", ("Redaktion Hafen",)),
        ("<div class='post-byline'>von <a href='/u/1'>Heiner</a></div>", ("Heiner",)),
        ("<span class='vcard author'>Autor: <a class='fn' rel='author' href='/u'>flussfreund</a></span>",
         ("flussfreund",)),
        ("<div class='author'>Par <b>LIV SOMMERAU</b>, <b>OLE TAMM</b> Envoyés spéciaux</div>",
         ("LIV SOMMERAU", "OLE TAMM")),
        ("<p class='byline'>홍길동 기자</p>", ("홍길동",)),
        ("<p class='writer-byline'><b>남궁민수 기자</b> <a href='mailto:h@x.example'>h@x</a></p>", ("남궁민수",)),
        ("<p>By Liv Sommerau, Ole Tamm, and Runa Feldkamp</p>", ("Liv Sommerau", "Ole Tamm", "Runa Feldkamp")),
    ],
)  # fmt: skip
def test_byline_names_its_people_and_nothing_beside_them(byline: str, expected: tuple[str, ...]) -> None:
    assert authors(byline) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<p>von der Großen Flut</p>",
        "<p><b>3. Mai 2019</b> 来源： 河边日报</p>",
        "<p class='author'>Super User</p>",
        "<p class='byline'>사진 기자</p>",
        "<p class='author'>作者：未知 责任编辑：小河</p>",
    ],
)
def test_what_only_looks_like_a_name_is_no_author(text: str) -> None:
    assert authors(text) == ()


def test_outlet_is_no_author_beside_a_person() -> None:
    head = "<meta property='og:site_name' content='Slow Water'>"
    assert authors("<p class='author'>By Liv Sommerau, Slow Water</p>", head) == ("Liv Sommerau",)


def test_address_beside_an_author_goes() -> None:
    head = "<meta name='author' content='Slow Water (www.slowwater.example)'>"
    assert authors(head=head) == ("Slow Water",)
