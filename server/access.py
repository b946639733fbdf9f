"""Who may do what: the write token, and pages of other web origins."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from flask import Response, request

from indexer.errors import BroadsheetError

if TYPE_CHECKING:
    from server.settings import Settings


class WritingOffError(BroadsheetError):
    """The service has no write token."""


class UnauthorizedError(BroadsheetError):
    """The request shows no token, or a wrong one."""


def require_token(token: str | None) -> None:
    """Let the request go on if it shows the write token. Raises WritingOffError, UnauthorizedError."""
    if token is None:
        raise WritingOffError(
            "This server is read only. To turn writing on, start it with the environment variable "
            "BROADSHEET_WRITE_TOKEN (or `server run --write-token-file FILE`), and send that token as "
            "`Authorization: Bearer TOKEN`."
        )
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    # Compared whole even when the scheme is wrong: how long an answer takes tells nothing about the token.
    right = hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token.encode())
    if scheme.lower() != "bearer" or not right:
        raise UnauthorizedError("This needs the server's write token: send `Authorization: Bearer TOKEN`.")


def allow_origin(response: Response, settings: Settings) -> None:
    """Let pages of the configured origins read the response; without any, browsers let none."""
    if not settings.cors_origins:
        return
    origin = request.headers.get("Origin")
    if "*" in settings.cors_origins:
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        if origin not in settings.cors_origins:
            return
        response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After, X-Request-ID"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match, X-Request-ID"
        response.headers["Access-Control-Max-Age"] = "86400"
