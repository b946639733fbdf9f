"""JSON documents as HTTP responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response


def json_response(
    document: Any,
    status: int = 200,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`document` as a response body, which no browser may take for anything but JSON."""
    body = orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
    return json_body(body, status, content_type=content_type, headers=headers)


def json_body(
    body: bytes,
    status: int = 200,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """JSON that is encoded already, as a response likewise."""
    response = Response(body, status, headers, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
