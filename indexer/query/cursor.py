"""Cursors: texts that say where a page of hits ended, and which search and view they belong to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

import orjson

from indexer.errors import CursorGoneError, ParameterError
from indexer.request import SearchRequest
from indexer.view import View

_HINT: Final = "pass `next_cursor` of the page before as it is"


def encoded(values: Sequence[Any]) -> str:
    """JSON-ready values as a text that needs no escapes in a URL."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decoded(cursor: str) -> list[Any]:
    """The values of a cursor. Raises ParameterError for what is none."""
    try:
        values = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (ValueError, binascii.Error):
        values = None
    if not isinstance(values, list):
        raise no_cursor()
    return values


def no_cursor() -> ParameterError:
    """What to say of a text that is no cursor."""
    return ParameterError("cursor", "not a cursor", _HINT)


def of_another_search() -> ParameterError:
    """What to say of a cursor of another query, other filters or another order."""
    return ParameterError("cursor", "belongs to another search", "keep query, filters and sort while paging")


def next_cursor(request: SearchRequest, view: View, shown: int) -> str:
    """The cursor behind the first `shown` hits of a request."""
    return encoded([view.generation, shown, request.fingerprint(view.token)])


def generation_of(cursor: str) -> int:
    """The commit that a cursor pages through. Raises ParameterError for what is no cursor."""
    return _parts(cursor)[0]


def shown_before(request: SearchRequest, view: View) -> int:
    """How many hits the pages before have shown. Raises CursorGoneError, or ParameterError for what is no cursor."""
    if request.cursor is None:
        return 0
    generation, shown, search = _parts(request.cursor)
    if generation != view.generation:
        raise CursorGoneError("the index has changed since this cursor was made: search again from the first page")
    if search != request.fingerprint(view.token):
        raise of_another_search()
    return shown


def _parts(cursor: str) -> tuple[int, int, str]:
    match decoded(cursor):
        case [int(generation), int(shown), str(search)] if shown >= 0:
            return generation, shown, search
    raise no_cursor()
