"""Files that are one page each: HTML, alone or in MHTML, or the plain text of a rendered page."""

from __future__ import annotations

from typing import BinaryIO

from indexer.errors import PageError
from indexer.page import Page, PageKind
from indexer.report import Reject
from indexer.sources import mhtml, stream
from indexer.sources.detect import refuse_binary


def read(file: BinaryIO, place: str, kind: PageKind, source: str | None) -> Page | Reject:
    """The page, or why it is none. The file's own date is not the page's, and is not used."""
    try:
        data = stream.whole(file, "page")
        refuse_binary(data)
        if kind == "html" and mhtml.is_mhtml(data):
            return mhtml.page(data, place, source)
    except PageError as error:
        return Reject(place=place, reason=str(error))
    return Page(data=data, place=place, kind=kind, source=source)
