"""Every match as a file, streamed from one view of the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response

from indexer.export import ExportFormat, encode
from server import parameters

if TYPE_CHECKING:
    from indexer import Article
    from server.service import Service

_CONTENT_TYPES: Final = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_PIECE: Final = 1 << 16


def register(routes: Blueprint, service: Service) -> None:
    """Add the resource."""

    @routes.get("/v1/export")
    def export() -> Response:
        values = parameters.values_of_query_string(parameters.EXPORT)
        format: ExportFormat = values.pop("format", "ndjson")
        trailer = values.pop("trailer", False)
        slot = ExitStack()
        slot.enter_context(service.long.taken())
        try:
            # The first match is found before the answer begins, so that what goes wrong is still a problem document.
            pieces = _first_read(encode(_articles(service, values), format, trailer=trailer))
        except BaseException:
            slot.close()
            raise
        response = Response(_joined(pieces, slot), content_type=_CONTENT_TYPES[format])
        response.call_on_close(slot.close)
        response.headers["Content-Disposition"] = f'attachment; filename="articles.{format}"'
        return response


def _articles(service: Service, values: dict[str, Any]) -> Iterator[Article]:
    return (hit.article for hit in service.index.search_all(**values, snippets=0))


def _first_read(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for first in pieces:
        return chain((first,), pieces)
    return pieces


def _joined(pieces: Iterable[bytes], slot: ExitStack) -> Iterator[bytes]:
    """The same bytes in larger pieces, each a chunk of its own on the wire; then the slot is free."""
    waiting: list[bytes] = []
    size = 0
    with slot:
        for piece in pieces:
            waiting.append(piece)
            size += len(piece)
            if size >= _PIECE:
                yield b"".join(waiting)
                waiting.clear()
                size = 0
        yield b"".join(waiting)
