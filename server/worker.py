"""Gunicorn's threaded worker, made fit for the open: nobody occupies a thread by being slow, nobody queues without end.

A thread gets a connection when the request has arrived: until then the main loop collects what comes, as an event
loop does. While all threads are busy a bounded number of requests waits; what is more is answered 503 at once.
"""

from __future__ import annotations

import re
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import orjson
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import TConn, ThreadWorker

from server.parameters import LOOKAHEAD_BYTES
from server.problems import CONTENT_TYPE, problem

# Requests that wait for each thread of a worker.
WAITING_A_THREAD: Final = 25
# A request, up to LOOKAHEAD_BYTES, has to arrive within these.
_ARRIVAL_SECONDS: Final = 10.0
# A client may take so long for each piece (some 64 KB) that it reads or sends.
_PIECE_SECONDS: Final = 10.0
_DRAIN_BYTES: Final = 4 * 1024 * 1024
_DRAIN_SECONDS: Final = 2.0
_RETRY_SECONDS: Final = 1
_SWITCH_SECONDS: Final = 0.001
# What the arbiter tells a worker to stop with. It is held back until the worker can take it: see `process.Arbiter`.
STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.I)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.I)
_EXPECTS = re.compile(rb"\r\nexpect:", re.I)


class Connection(TConn):  # type: ignore[misc]
    """A connection with what has arrived of its next request."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.received = bytearray()

    def close(self, graceful: bool = False) -> None:
        """Close without waiting for the client: this is the main loop, which a client must not hold up.

        What has arrived is read before, because the kernel would take back the end of the answer otherwise.
        """
        try:
            if graceful:
                self.sock.shutdown(socket.SHUT_WR)
                self.sock.setblocking(False)
                drained = 0
                while drained < LOOKAHEAD_BYTES and (piece := self.sock.recv(LOOKAHEAD_BYTES)):
                    drained += len(piece)
        except OSError:
            pass  # nothing more has arrived, or the client has left
        self.sock.close()


class Worker(ThreadWorker):  # type: ignore[misc]
    """The threaded worker, which answers what never reaches the application with a problem document."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Both are touched by the main thread only.
        self._under_way = 0
        self._most_under_way = self.cfg.threads * (1 + WAITING_A_THREAD)

    def init_process(self) -> None:
        """See ThreadWorker."""
        # A thread that has read or sent something waits so long, at most, until a searching one lets it go on.
        sys.setswitchinterval(_SWITCH_SECONDS)
        super().init_process()

    def init_signals(self) -> None:
        """See ThreadWorker."""
        super().init_signals()
        # A terminal sends Ctrl-C to all processes of the service. The arbiter tells the workers to stop, and a worker
        # that has begun to by itself would be killed by that.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)

    # Waiting for a request, in the main loop

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; see ThreadWorker."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._receive(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Take the next request of a connection that was kept alive; see ThreadWorker."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._receive(conn)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Take more of a request; see ThreadWorker."""
        self._receive(conn, pending=True)

    def enqueue_req(self, conn: Connection) -> None:
        """Take the next request of a connection, of which something was read with the one before; see ThreadWorker."""
        conn.sock.setblocking(False)
        conn.received += conn.parser.unreader.take_buffered()
        if _has_arrived(conn.received):
            self._begin(conn)
        else:
            self._wait(conn)

    def _receive(self, conn: Connection, *, pending: bool = False) -> None:
        """Read what is there, then give the request to a thread, or wait for the rest of it."""
        gone = False
        try:
            piece = conn.sock.recv(LOOKAHEAD_BYTES)
            conn.received += piece
            gone = not piece
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            gone = True
        arrived = not gone and _has_arrived(conn.received)
        if pending and (gone or arrived):
            self.poller.unregister(conn.sock)
            self.pending_conns.remove(conn)
        if gone:
            self.nr_conns -= 1
            conn.close()
        elif arrived:
            self._begin(conn)
        elif not pending:
            self._wait(conn)

    def _wait(self, conn: Connection) -> None:
        # From the first byte on, whatever comes after: the connections stay in the order of their ends.
        conn.timeout = time.monotonic() + _ARRIVAL_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _begin(self, conn: Connection) -> None:
        """Give a request to the threads, or turn it away."""
        if self._under_way >= self._most_under_way:
            self.nr_conns -= 1
            _turn_away(conn.sock)
            conn.close(graceful=True)
            return
        self._under_way += 1
        conn.init()
        conn.parser.unreader.unread(bytes(conn.received))
        conn.received.clear()
        super().enqueue_req(conn)

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """See ThreadWorker."""
        self._under_way -= 1
        super().finish_request(conn, fs)

    # Answering it, in a thread

    def handle(self, conn: Connection) -> bool:
        """Answer a request; returns whether the connection may be kept. See ThreadWorker."""
        req = None
        try:
            conn.sock.settimeout(_PIECE_SECONDS)
            req = next(conn.parser)
            return bool(self._keepalive_after(conn, self.handle_request(req, conn)))
        except (NoMoreData, StopIteration, OSError) as error:
            self.log.debug("The client left or was too slow: %s", error)
        except Exception as error:
            self.handle_error(req, conn.sock, conn.client, error)
        return False

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
        try:
            client.settimeout(_DRAIN_SECONDS)
            client.sendall(_answer(*_diagnosis(exc)))
            client.shutdown(socket.SHUT_WR)
            _drain(client)
        except OSError as error:
            self.log.debug("The client left before its answer: %s", error)


def _has_arrived(received: bytearray) -> bool:
    """Whether these bytes hold a whole request, or as much of one as is waited for."""
    end = received.find(b"\r\n\r\n")
    if end < 0 or len(received) > LOOKAHEAD_BYTES:
        return len(received) > LOOKAHEAD_BYTES
    head = bytes(received[: end + 2])
    if _EXPECTS.search(head):
        return True  # the client waits for an answer before it sends the body
    if length := _LENGTH.search(head):
        return len(received) >= end + 4 + int(length[1]) or int(length[1]) > LOOKAHEAD_BYTES
    return not _CHUNKED.search(head) or (received.endswith(b"\r\n\r\n") and b"\r\n0\r\n" in received[end + 2 :])


def _turn_away(client: socket.socket) -> None:
    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "overloaded"
    detail = "Too many requests are waiting already: try again in a moment."
    with suppress(OSError):  # the client has left, or does not even take so few bytes
        client.send(_answer(status, code, detail, f"Retry-After: {_RETRY_SECONDS}\r\n"))


def _answer(status: HTTPStatus, code: str, detail: str, headers: str = "") -> bytes:
    body = orjson.dumps(problem(status, code, detail), option=orjson.OPT_APPEND_NEWLINE)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n{headers}"
        "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1") + body


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
