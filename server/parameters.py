"""An HTTP request becomes checked values: the same names in a query string and in a JSON body."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

import orjson
from flask import request
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType

from indexer.errors import ParameterError
from indexer.parameter import Choice, Flag, Integer, Parameter, Text, from_texts, unknown
from indexer.request import DEFINITIONS, PARAMETERS, SELECTION, SearchRequest

if TYPE_CHECKING:
    from server.service import Service

# The longest query in its longest JSON spelling, and room for filters, fits many times.
MAX_SEARCH_BYTES: Final = 4 * 1024 * 1024
MAX_ARTICLES_BYTES: Final = 32 * 1024 * 1024
# A body up to this size has arrived before a thread looks at it: see server.worker.
LOOKAHEAD_BYTES: Final = 64 * 1024
_BODY_SECONDS: Final = 60.0
# What clients send that were told nothing else: curl's and urllib's default is a form.
_UNDECLARED: Final = ("", "application/x-www-form-urlencoded", "application/octet-stream", "text/plain")

SEARCH: Final = DEFINITIONS
SIMILAR: Final = {name: definition for name, definition in DEFINITIONS.items() if name not in ("q", "match")}
EXPORT: Final[Mapping[str, Parameter]] = {
    "format": Choice("Articles as lines of JSON, or as rows.", ("ndjson", "csv")),
    "trailer": Flag("End with a line that states the number of articles."),
    **{name: DEFINITIONS[name] for name in SELECTION},
}
SUGGEST: Final[Mapping[str, Parameter]] = {
    "q": Text("What has been typed so far.", 200),
    "limit": Integer("Completions, 1 to 100.", 1, 100),
}


def search_of_query_string() -> SearchRequest:
    """The search that a GET asks for. Raises ParameterError."""
    return SearchRequest.from_parameters(texts_of_query_string())


def search_of_body(service: Service) -> SearchRequest:
    """The search that the JSON object of a POST asks for. Raises ParameterError.

    Repeated values are lists, numbers and booleans may be themselves, null is as good as absent.
    """
    values_of_query_string({}, "a POST takes its parameters in the JSON body")
    try:
        values: Any = orjson.loads(body(service, MAX_SEARCH_BYTES, ("application/json",)))
    except orjson.JSONDecodeError as error:
        raise ParameterError("body", f"not JSON: {error}", 'send an object like {"q": "ceasefire"}') from None
    if not isinstance(values, dict):
        raise ParameterError("body", "not a JSON object", 'send an object like {"q": "ceasefire"}')
    for name in values:
        if name not in PARAMETERS:
            raise unknown(name, PARAMETERS)
    return SearchRequest.of(**{name: value for name, value in values.items() if value is not None})


def values_of_query_string(known: Mapping[str, Parameter], hint: str = "") -> dict[str, Any]:
    """The parameters of the request, which are some of the `known` ones. Raises ParameterError, with `hint`."""
    texts = texts_of_query_string()
    if hint:
        for name in texts:
            raise ParameterError(name, "unknown parameter", hint)
    return from_texts(texts, known)


def texts_of_query_string() -> dict[str, list[str]]:
    """The parameters of the request, each with its texts in order. Raises ParameterError for what is not in UTF-8."""
    for written in request.query_string.split(b"&"):
        try:
            unquote_to_bytes(written).decode("utf-8")
        except UnicodeDecodeError:
            name = unquote_to_bytes(written.partition(b"=")[0]).decode("utf-8", "replace")
            raise ParameterError(name, "not in UTF-8", "write é as %C3%A9, not as %E9") from None
    return request.args.to_dict(flat=False)


def body(service: Service, limit: int, types: tuple[str, ...]) -> bytes:
    """The body of the request.

    Raises RequestEntityTooLarge above `limit` bytes, UnsupportedMediaType unless it is declared as one of `types` or as
    nothing in particular, OverloadError when too many long bodies are on their way, RequestTimeout when it
    takes too long, BadRequest when it does not arrive whole.
    """
    if request.mimetype not in (*types, *_UNDECLARED):
        raise UnsupportedMediaType(f"The body is {request.mimetype[:80]}; send it as {types[0]}.")
    if request.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
        raise UnsupportedMediaType("The body is encoded; send it without Content-Encoding.")
    size = request.content_length
    slot = service.long.taken() if size is None or size > LOOKAHEAD_BYTES else nullcontext()
    with slot:
        return _read(limit)


def _read(limit: int) -> bytes:
    # It reads on for a while beyond the limit: a client that is cut off while it sends never sees the answer. And
    # of a chunked body werkzeug's own limit would pass on what fits, without an error.
    read = bytearray()
    size = 0
    declared = request.content_length or 0
    deadline = time.monotonic() + _BODY_SECONDS
    try:
        while size < limit + MAX_ARTICLES_BYTES and (piece := _piece()):
            size += len(piece)
            if size <= limit:
                read += piece
            if time.monotonic() > deadline:
                raise RequestTimeout(f"The body took longer than {_BODY_SECONDS:.0f} s.")
    except HTTPException:
        if max(size, declared) <= limit:
            raise
    if max(size, declared) > limit:
        raise RequestEntityTooLarge(f"The body is too large: at most {limit // 1024 // 1024} MB.")
    if size < declared:
        raise BadRequest(f"The body broke off: {size:,} of {declared:,} bytes arrived.")
    return bytes(read)


def _piece() -> bytes:
    try:
        return request.stream.read(65536)
    except TimeoutError:
        raise RequestTimeout("The body came to a halt.") from None
    except HTTPException:
        raise
    except Exception as error:
        # Each WSGI server has classes of its own for a connection that ended and for chunks that are none.
        raise BadRequest("The body broke off, or is not in the chunks that it declares.") from error
