"""What is done around every request: its id, limits, safe headers, compression, metrics and the log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from server import access, compression, problems
from server.logs import ACCESS

if TYPE_CHECKING:
    from flask.sansio.blueprints import BlueprintSetupState

    from server.service import Service

_REQUEST_ID: Final = re.compile(r"[\w.:@/+=-]{1,128}", re.ASCII)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
# Asked by machines that must not be turned away.
_UNLIMITED: Final = ("/livez", "/readyz", "/metrics")
# For what is no page: nothing in it may be loaded, run or framed, whatever a browser takes it for.
_SAFE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def install(target: Flask | Blueprint, service: Service) -> None:
    """Do so around every request to an application, or below the prefix of a blueprint."""

    @target.before_request
    def begin() -> None:
        _begin()
        # By the rule, not by the path: an article's id may end like one of them.
        rule = request.url_rule.rule if request.url_rule else ""
        if service.limiter is not None and not rule.endswith(_UNLIMITED):
            service.limiter.admit(request.remote_addr or "")

    @target.after_request
    def finish(response: Response) -> Response:
        if "began" not in g:  # an error before `begin`
            _begin()
        response.headers["X-Request-ID"] = g.request_id
        for name, value in _SAFE_HEADERS.items():
            response.headers.setdefault(name, value)
        access.allow_origin(response, service.settings)
        compression.compress(response)
        account = partial(_account, service, g.began, g.request_id, _asked(), response)
        if response.is_streamed:
            response.call_on_close(account)
        else:
            account()
        return response

    if isinstance(target, Blueprint):

        @target.record
        def claim_prefix(state: BlueprintSetupState) -> None:
            # Flask asks no blueprint about a request that no route matches: the host would answer with a page.
            below = f"{(state.url_prefix or '').rstrip('/')}/"

            @state.app.before_request
            def answer_mismatch() -> Response | None:
                mismatch = request.routing_exception
                # Without a prefix nobody knows whose address it should have been.
                if below == "/" or not request.path.startswith(below):
                    return None
                if isinstance(mismatch, (NotFound, MethodNotAllowed)):
                    return finish(problems.of_http_error(mismatch))
                return None


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is told of a request. Without the query string: what people search for is nobody else's business."""

    client: str | None
    method: str
    path: str
    route: str


def _asked() -> _Asked:
    # One name for all addresses that no rule matches, and for all methods that nobody knows.
    route = _route(request.url_rule.rule) if request.url_rule else "(none)"
    return _Asked(request.remote_addr, request.method if request.method in _METHODS else "(other)", request.path, route)


@cache
def _route(rule: str) -> str:
    """A rule with plain names for its variables, as the API's description has them."""
    return re.sub(r"<(?:\w+:)?(?:article_)?(\w+)>", r"{\1}", rule)


def _account(service: Service, began: float, request_id: str, asked: _Asked, response: Response) -> None:
    seconds = time.perf_counter() - began
    service.metrics.answered(asked.route, asked.method, response.status_code, seconds)
    if ACCESS.isEnabledFor(logging.INFO):
        fields = {
            "request_id": request_id,
            **asdict(asked),
            "status": response.status_code,
            "bytes": response.content_length,
            "ms": round(seconds * 1000, 2),
        }
        ACCESS.info("request", extra={"fields": fields})
