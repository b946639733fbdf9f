"""Every error as a problem document (RFC 9457): the one place where errors become HTTP statuses."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from indexer.errors import (
    ArticleNotFoundError,
    BroadsheetError,
    CursorGoneError,
    IndexLockedError,
    IndexStateError,
    InputError,
    ParameterError,
    ResourceError,
)
from server.access import UnauthorizedError, WritingOffError
from server.limits import DeadlineError, OverloadError, RateLimitError
from server.responses import json_response

CONTENT_TYPE: Final = "application/problem+json"
_RETRY_AFTER_SECONDS: Final = 5

# The nearest class in an error's line of ancestors decides.
_STATUS_AND_CODE: Final[dict[type[BaseException], tuple[HTTPStatus, str]]] = {
    ParameterError: (HTTPStatus.BAD_REQUEST, "invalid_parameter"),
    InputError: (HTTPStatus.BAD_REQUEST, "invalid_input"),
    ArticleNotFoundError: (HTTPStatus.NOT_FOUND, "article_not_found"),
    CursorGoneError: (HTTPStatus.GONE, "cursor_gone"),
    UnauthorizedError: (HTTPStatus.UNAUTHORIZED, "unauthorized"),
    WritingOffError: (HTTPStatus.FORBIDDEN, "writing_off"),
    RateLimitError: (HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"),
    OverloadError: (HTTPStatus.SERVICE_UNAVAILABLE, "overloaded"),
    DeadlineError: (HTTPStatus.SERVICE_UNAVAILABLE, "deadline_exceeded"),
    IndexLockedError: (HTTPStatus.SERVICE_UNAVAILABLE, "index_busy"),
    IndexStateError: (HTTPStatus.SERVICE_UNAVAILABLE, "index_unavailable"),
    BroadsheetError: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
}
_HTTP_DETAILS: Final[dict[type[HTTPException], str]] = {
    NotFound: "There is nothing at this address.",
    MethodNotAllowed: "This address does not take that method; the Allow header says which.",
}


def problem(status: HTTPStatus, code: str, detail: str, errors: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    """The problem document. `code` is for programs, `detail` for people, `errors` name parameters."""
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "errors": list(errors),
    }


def register(target: Flask | Blueprint) -> None:
    """Answer every error that `target` raises with a problem document."""
    target.register_error_handler(BroadsheetError, _on_broadsheet_error)
    target.register_error_handler(OSError, _on_os_error)
    target.register_error_handler(HTTPException, of_http_error)
    target.register_error_handler(Exception, _on_unexpected_error)


def _on_broadsheet_error(error: BroadsheetError) -> Response:
    status, code = next(_STATUS_AND_CODE[cls] for cls in type(error).__mro__ if cls in _STATUS_AND_CODE)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, (OverloadError, DeadlineError)):
        # Paths and states are for the operator's log, not for the world.
        current_app.logger.error("%s: %s", type(error).__name__, error)
        detail = "The index cannot serve this at the moment."
    else:
        detail = str(error)
    return _response(problem(status, code, detail, _parameter_errors(error)), _headers(error, status))


def _on_os_error(error: OSError) -> Response:
    # The folder of the index is gone, say with the disk that it was on: the service is in order, and it may come back.
    return _on_broadsheet_error(ResourceError(str(error)))


def _headers(error: BroadsheetError, status: HTTPStatus) -> dict[str, str]:
    if isinstance(error, RateLimitError):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, (OverloadError, DeadlineError)):
        return {"Retry-After": "1"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(_RETRY_AFTER_SECONDS)}
    return {"WWW-Authenticate": 'Bearer realm="broadsheet"'} if status == HTTPStatus.UNAUTHORIZED else {}


def _parameter_errors(error: BroadsheetError) -> tuple[dict[str, str], ...]:
    if isinstance(error, ParameterError):
        return ({"parameter": error.parameter, "detail": error.detail, "hint": error.hint},)
    if isinstance(error, CursorGoneError):
        return ({"parameter": "cursor", "detail": str(error), "hint": "search again without a cursor"},)
    return ()


def of_http_error(error: HTTPException) -> Response:
    """The problem document of an error of Werkzeug's, with the headers that it asks for."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = _HTTP_DETAILS.get(type(error)) or error.description or status.phrase
    # Werkzeug's names are the same under every Python; those of HTTPStatus changed in 3.13.
    return _response(problem(status, error.name.lower().replace(" ", "_"), detail), dict(error.get_headers()))


def _on_unexpected_error(error: Exception) -> Response:
    current_app.log_exception(sys.exc_info())
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _response(problem(status, "internal_error", "Something went wrong here; the server's log says what."))


def _response(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return json_response(document, document["status"], content_type=CONTENT_TYPE, headers=headers)
