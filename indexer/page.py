"""Page: one raw news page on its way from a source to the cleaner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PageKind = Literal["html", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A raw page as some source delivered it.

    data     the bytes as fetched, or text that was already decoded
    kind     "html", or "text" for a plain-text dump of a rendered page; None to detect it
    place    where it came from, for reports: a path, with a line or record number where there is one
    url      the address it was fetched from, if known
    charset  what the transport declared, if anything
    fetched  when it was fetched (aware UTC), if known: nothing on it can be younger
    source   the outlet's display name, if the caller gave one
    id       the article's permanent id, where the record that the page came in has one
    """

    data: bytes | str
    place: str
    kind: PageKind | None = None
    url: str | None = None
    charset: str | None = None
    fetched: datetime | None = None
    source: str | None = None
    id: str | None = None
