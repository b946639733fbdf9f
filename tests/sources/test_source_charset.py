"""Bytes to text: whatever the charset is and whatever the page claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.charset import decode, web_codec

RUSSIAN = "Паром опоздал на три часа, и пассажиры остались ночевать в порту. Капитан винит густой туман над заливом."
FRENCH = "La mairie a rénové le vieux théâtre, fermé depuis l’été ; « une très bonne idée », dit une voisine âgée."
SAMPLES = {
    "windows-1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "windows-1252": FRENCH,
    "iso-8859-7": "Το πλοίο άργησε τρεις ώρες και οι επιβάτες έμειναν στο λιμάνι όλη τη νύχτα.",
    "windows-1256": "تأخرت العبارة ثلاث ساعات وبقي الركاب في الميناء طوال الليل بسبب الضباب الكثيف.",
    "shift_jis": "渡し船は三時間遅れ、乗客は港で夜を明かした。船長は濃い霧のせいだと話している。",
    "gb2312": "渡轮晚点三个小时，乘客在港口过夜。船长说这是因为海湾上的大雾。",
    "big5": "渡輪晚點三個小時，乘客在港口過夜。船長說這是因為海灣上的大霧。",
    "euc-kr": "여객선이 세 시간 늦게 도착해 승객들이 항구에서 밤을 보냈다. 선장은 짙은 안개 때문이라고 말했다.",
}


@pytest.mark.parametrize("charset", SAMPLES)
def test_charset_named_by_the_transport_is_used(charset: str) -> None:
    assert decode(SAMPLES[charset].encode(charset), charset) == SAMPLES[charset]


@pytest.mark.parametrize("charset", SAMPLES)
def test_charset_named_by_the_page_itself_is_used(charset: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body>{SAMPLES[charset]}</body></html>'
    assert decode(page.encode(charset), None) == page


@pytest.mark.parametrize("charset", sorted(SAMPLES.keys() - {"iso-8859-7"}))
def test_undeclared_charset_is_guessed(charset: str) -> None:
    assert decode(SAMPLES[charset].encode(charset), None) == SAMPLES[charset]


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        "<META CHARSET=windows-1251>",
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_every_form_of_declaration_is_understood(declaration: str) -> None:
    assert RUSSIAN in decode(f"{declaration}<p>{RUSSIAN}</p>".encode("windows-1251"), None)


def test_valid_utf8_wins_over_a_wrong_declaration() -> None:
    assert decode(FRENCH.encode(), "iso-8859-1") == FRENCH
    assert decode(f'<meta charset="windows-1251">{FRENCH}'.encode(), None).endswith(FRENCH)


def test_utf8_cut_within_a_character_stays_utf8() -> None:
    assert decode(RUSSIAN.encode()[:-2], "windows-1251") == RUSSIAN[:-2] + "\ufffd"


def test_transport_is_believed_before_the_page() -> None:
    data = f'<meta charset="koi8-r">{RUSSIAN}'.encode("windows-1251")
    assert RUSSIAN in decode(data, "windows-1251")


def test_latin1_means_windows_1252_as_in_browsers() -> None:
    assert decode(b"\x93caf\xe9\x94 \x96 \x80 5", "iso-8859-1") == "“café” – € 5"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_decides_and_is_dropped(codec: str) -> None:
    assert decode(FRENCH.encode(codec), "windows-1251") == FRENCH


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_is_noticed(codec: str) -> None:
    assert decode("<p>Fähre</p>".encode(codec), None) == "<p>Fähre</p>"


def test_iso_2022_jp_is_decoded_although_its_bytes_are_ascii() -> None:
    text = SAMPLES["shift_jis"]
    assert decode(text.encode("iso2022_jp"), "ISO-2022-JP") == text


@pytest.mark.parametrize("label", ["hex", "idna", "cp037", "rot13", "no such charset", "", "utf\0", None])
def test_labels_that_are_no_charset_of_the_web_are_ignored(label: str | None) -> None:
    assert web_codec(label) is None
    assert decode(FRENCH.encode("cp1252"), label) == FRENCH


@given(
    st.binary(),
    st.none() | st.sampled_from(["utf-8", "windows-1252", "shift_jis", "utf-16", "iso-2022-jp"]) | st.text(),
)
def test_decoding_never_raises(data: bytes, declared: str | None) -> None:
    assert isinstance(decode(data, declared), str)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff\x1b")))
def test_utf8_text_comes_back_unchanged(text: str) -> None:
    assert decode(text.encode(), "windows-1252") == text
