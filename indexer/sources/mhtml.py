"""MHTML, the single file in which Chrome and Edge save a page: a MIME message that holds it and what it shows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from indexer.errors import PageError
from indexer.page import Page

if TYPE_CHECKING:
    from email.message import Message

_WINDOW = 8192
_HEADER = rb"[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*"
_HEADERS = re.compile(rb"\s*(?:%b)*Content-Type:\s*multipart/related\b" % _HEADER, re.I)
_PAGES = ("text/html", "application/xhtml+xml")
_DAMAGED = "an MHTML file in which no page is found; save the page again"


def is_mhtml(data: bytes) -> bool:
    """Whether a file that begins so is MHTML."""
    return _HEADERS.match(data[:_WINDOW]) is not None


def page(data: bytes, place: str, source: str | None) -> Page:
    """The page, with the address that it was saved from and when. Raises PageError where there is none."""
    import email

    try:
        message = email.message_from_bytes(data)
        for part in message.walk():
            if part.get_content_type() in _PAGES:
                return _page(message, part, place, source)
    except Exception:  # the parser raises whatever odd messages make of it
        raise PageError(_DAMAGED) from None
    raise PageError(_DAMAGED)


def _page(message: Message, part: Message, place: str, source: str | None) -> Page:
    content = part.get_payload(decode=True)
    return Page(
        data=content if isinstance(content, bytes) else b"",
        place=place,
        kind="html",
        url=_header(message, "Snapshot-Content-Location") or _header(part, "Content-Location") or None,
        charset=part.get_content_charset(),
        fetched=_date(_header(message, "Date")),
        source=source,
    )


def _header(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()


def _date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date if date.tzinfo else None
