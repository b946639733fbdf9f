"""Pages in the single file in which browsers save them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.cleaning import clean_page
from indexer.page import Page
from indexer.report import Reject
from indexer.sources import mhtml

ADDRESS = "https://north.example/ferry"
TEXT = "The fähre to the outer islands came three hours late on Tuesday, because fog lay over the sound."
MARKUP = (
    f"<!DOCTYPE html><html><head><title>Ferry late</title></head><body><h1>Ferry late</h1><p>{TEXT}</p></body></html>"
)


def saved(*parts: EmailMessage | MIMEText | MIMEApplication, **headers: str) -> bytes:
    message = MIMEMultipart("related", type="text/html")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    for part in parts:
        message.attach(part)
    return message.as_bytes()


def frame(markup: str = MARKUP, charset: str = "utf-8", **headers: str) -> MIMEText:
    part = MIMEText(markup, "html", charset)
    for name, value in headers.items():
        part[name.replace("_", "-")] = value
    return part


def read(data: bytes, format: sources.Format = "auto") -> sources.Record:
    [record] = sources.read(["-"], format=format, stdin=io.BytesIO(data))
    return record


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("format", ["auto", "html"])
def test_the_page_of_an_mhtml_file_is_cleaned_with_its_address_and_charset(
    charset: str, format: sources.Format
) -> None:
    style = MIMEText("p { color: red }", "css")
    data = saved(
        style,
        frame(charset=charset, Content_Location="https://north.example/frame"),
        frame("<p>An advertisement</p>"),
        From="<Saved by Blink>",
        Snapshot_Content_Location=ADDRESS,
        Date="Wed, 4 Dec 2024 08:00:00 +0100",
    )
    page = read(data, format)
    assert isinstance(page, Page)
    assert (page.url, page.kind) == (ADDRESS, "html")
    assert page.fetched == datetime(2024, 12, 4, 8, tzinfo=timezone(timedelta(hours=1)))
    article = clean_page(page)
    assert (article.title, article.body, article.url) == ("Ferry late", TEXT, ADDRESS)


def test_the_address_of_the_part_serves_where_the_file_has_none() -> None:
    page = read(saved(frame(Content_Location=ADDRESS), Date="yesterday"))
    assert isinstance(page, Page)
    assert (page.url, page.fetched) == (ADDRESS, None)


def test_an_mhtml_file_without_a_page_is_rejected() -> None:
    record = read(saved(MIMEApplication(b"\1\2"), Date="Wed, 4 Dec 2024 08:00:00 +0100"))
    assert isinstance(record, Reject)
    assert "save the page again" in record.reason


def test_parts_in_parts_without_end_are_rejected() -> None:
    opened = "".join(f'Content-Type: multipart/related; boundary="{n}"\n\n--{n}\n' for n in range(2000))
    assert isinstance(read(opened.encode()), Reject)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_after_the_header_are_a_page_or_a_reject(head: bytes, rest: bytes) -> None:
    data = b"Content-Type: multipart/related; boundary=b\n" + head + b"\n\n--b\nContent-Type: text/html\n" + rest
    record = read(data, "html")
    assert isinstance(record, (Page, Reject))


def test_a_dump_that_tells_of_mail_is_none(tmp_path: Path) -> None:
    assert not mhtml.is_mhtml(b"Ferry late\n\nThe header said Content-Type: multipart/related; and nobody knew why.\n")
