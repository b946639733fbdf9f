"""Gunicorn as Broadsheet runs it: each worker opens the index itself, every error is a problem document."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson
from gunicorn.app.base import BaseApplication
from gunicorn.errors import AppImportError
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException, UnsupportedTransferCoding
from gunicorn.workers.gthread import ThreadWorker

from indexer.errors import BroadsheetError
from server import create_app
from server.problems import CONTENT_TYPE, problem

if TYPE_CHECKING:
    from flask import Flask

_THREADS_A_WORKER: Final = 4
# All that gunicorn allows, short of no limit at all.
_MOST_BYTES_IN_A_REQUEST_LINE: Final = 8190
_DRAIN_BYTES: Final = 4 * 1024 * 1024
_DRAIN_SECONDS: Final = 2.0


def serve(index_path: str, listener: socket.socket, *, workers: int, on_ready: Callable[[], None]) -> NoReturn:
    """Serve the index at a path on a listening socket until SIGINT or SIGTERM, then exit.

    workers   number of processes
    on_ready  called once, when requests are taken
    """
    _Application(index_path, listener, workers, on_ready).run()
    raise AssertionError("gunicorn exits by itself")


class _Application(BaseApplication):  # type: ignore[misc]
    """What gunicorn asks: the settings, and in each worker the WSGI application."""

    def __init__(self, index_path: str, listener: socket.socket, workers: int, on_ready: Callable[[], None]) -> None:
        self.index_path = index_path
        self.settings: dict[str, Any] = {
            "bind": f"fd://{listener.detach()}",
            "workers": workers,
            "worker_class": Worker,
            "threads": _THREADS_A_WORKER,
            "limit_request_line": _MOST_BYTES_IN_A_REQUEST_LINE,
            "preload_app": False,
            "loglevel": "warning",
            "proc_name": "broadsheet",
            "when_ready": lambda _arbiter: on_ready(),
            # Newer gunicorns would leave a control socket in the home folder.
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        try:
            return create_app(self.index_path)
        except BroadsheetError as error:
            # The one error that gunicorn prints as a line and takes for the end of the service.
            raise AppImportError(f"Error: {error}") from error


class Worker(ThreadWorker):  # type: ignore[misc]
    """The threaded worker, which answers what never reaches the application with a problem document."""

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Stop on Ctrl-C as on SIGTERM, once the requests under way are answered.

        Gunicorn 27 shuts its thread pool down inside the signal handler, which waits for ever for the pool's lock
        when the signal has interrupted the main thread while it held it.
        """
        self.handle_exit(sig, frame)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer for `exc`, raised before or around the application; gunicorn closes the connection then."""
        if not isinstance(exc, ParseException):
            self.log.error("Error outside the application", exc_info=exc)
        status, code, detail = _diagnosis(exc)
        body = orjson.dumps(problem(status, code, detail), option=orjson.OPT_APPEND_NEWLINE)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"Content-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        )
        try:
            client.settimeout(_DRAIN_SECONDS)
            client.sendall(head.encode("latin-1") + body)
            client.shutdown(socket.SHUT_WR)
            _drain(client)
        except OSError as error:
            self.log.debug("The client left before its answer: %s", error)


def _diagnosis(exc: BaseException) -> tuple[HTTPStatus, str, str]:
    if isinstance(exc, LimitRequestLine):
        detail = "The address is too long. Send the same parameters as a JSON object with POST."
        return HTTPStatus.REQUEST_URI_TOO_LONG, "request_uri_too_long", detail
    if isinstance(exc, LimitRequestHeaders):
        detail = "The headers are too many or too long."
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "request_header_fields_too_large", detail
    if isinstance(exc, UnsupportedTransferCoding):
        return HTTPStatus.NOT_IMPLEMENTED, "not_implemented", "This transfer coding is not supported."
    if isinstance(exc, ParseException):
        return HTTPStatus.BAD_REQUEST, "bad_request", "This is not a valid HTTP request."
    return HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong here; the server's log says what."


def _drain(client: socket.socket) -> None:
    """Read what the client still sends: closing before would reset the connection and lose the answer."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    drained = 0
    while drained < _DRAIN_BYTES and time.monotonic() < deadline:
        piece = client.recv(65536)
        if not piece:
            return
        drained += len(piece)
