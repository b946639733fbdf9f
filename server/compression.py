"""Bodies in zstd or gzip, for clients that take them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

import zstandard
from flask import Response, request

_SMALLEST: Final = 1000
_COMPRESSIBLE: Final = ("application/json", "application/problem+json", "application/x-ndjson", "text/", "image/svg")
_ZSTD_LEVEL: Final = 3
_GZIP_LEVEL: Final = 5
_GZIP_WINDOW: Final = 31


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self, *mode: Any) -> bytes: ...


def compress(response: Response) -> None:
    """Encode the body as the request accepts it, if that pays; a streamed body piece by piece."""
    if not response.content_type.startswith(_COMPRESSIBLE) or "Content-Encoding" in response.headers:
        return
    response.vary.add("Accept-Encoding")
    if not response.is_streamed and (response.content_length or 0) < _SMALLEST:
        return
    accepted = request.headers.get("Accept-Encoding", "")
    encoding = _chosen(accepted) if accepted else None
    if encoding is None:
        return
    if response.is_streamed:
        pieces: Iterable[bytes] = response.response  # type: ignore[assignment]
        response.response = _stream(pieces, _compressor(encoding))
    else:
        compressor = _compressor(encoding)
        response.set_data(compressor.compress(response.get_data()) + compressor.flush())
    response.headers["Content-Encoding"] = encoding


def _chosen(accepted: str) -> str | None:
    if accepted in ("gzip", "gzip, deflate", "gzip, deflate, br"):
        return "gzip"  # what nearly every client sends, without the cost of parsing it
    qualities = request.accept_encodings
    zstd, gzip = qualities.quality("zstd"), qualities.quality("gzip")
    if not zstd and not gzip:
        return None
    return "zstd" if zstd >= gzip else "gzip"


def _compressor(encoding: str) -> _Compressor:
    if encoding == "zstd":
        zstd: _Compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()
        return zstd
    return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)


def _stream(pieces: Iterable[bytes], compressor: _Compressor) -> Iterator[bytes]:
    # They are large already (see `exporting`), and the compressor keeps back what is less than a block.
    for piece in pieces:
        if compressed := compressor.compress(piece):
            yield compressed
    yield compressor.flush()
