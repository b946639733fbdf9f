"""Gunicorn as Broadsheet runs it: each worker process opens the index itself and shares its mapped files."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter as GunicornArbiter
from gunicorn.errors import AppImportError

from indexer.cli.outcome import FAILED
from indexer.errors import BroadsheetError
from server import logs
from server.limits import RateLimiter
from server.settings import Settings
from server.worker import STOPPING, Worker

if TYPE_CHECKING:
    from flask import Flask

_THREADS_A_WORKER: Final = 4
_KEEPALIVE_SECONDS: Final = 5
_GRACEFUL_SECONDS: Final = 30
# All that gunicorn allows, short of no limit at all.
_MOST_BYTES_IN_A_REQUEST_LINE: Final = 8190
_METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
# More than the counters of all routes, methods and statuses take.
_COUNTERS_BYTES: Final = 1 << 18


def serve(
    index_path: str, listener: socket.socket, settings: Settings, *, workers: int, on_ready: Callable[[], None]
) -> NoReturn:
    """Serve the index at a path on a listening socket until SIGINT or SIGTERM, then exit.

    workers   number of processes
    on_ready  called once, when requests are taken
    """
    # Read by prometheus_client when it is imported, in the workers; what they count in lives as long as this run.
    folder = os.environ[_METRICS_FOLDER] = tempfile.mkdtemp(prefix="broadsheet-metrics-")
    # systemd removes temporary files that nobody has touched for some days, except from a folder that is locked.
    fcntl.flock(os.open(folder, os.O_RDONLY | os.O_CLOEXEC), fcntl.LOCK_EX)
    # Where nobody reads the log any more, each request would leave a traceback instead.
    logging.raiseExceptions = False
    process_id = os.getpid()
    try:
        _Application(index_path, listener, settings, workers, on_ready).run()
    except SystemExit as end:
        if os.getpid() == process_id and end.code:
            # Gunicorn has codes of its own for workers that do not come up.
            raise SystemExit(FAILED) from None
        raise
    raise AssertionError("gunicorn exits by itself")


class Arbiter(GunicornArbiter):  # type: ignore[misc]
    """Gunicorn's arbiter, whose workers miss no word to stop while they start."""

    def spawn_worker(self) -> int:
        """Start a worker; see gunicorn's.

        Until it has handlers of its own, a worker has the arbiter's, which would take a signal and do nothing: the
        arbiter would wait for it until it kills it.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            return int(super().spawn_worker())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


class _Application(BaseApplication):  # type: ignore[misc]
    """What gunicorn asks: its configuration, and in each worker the WSGI application."""

    def __init__(
        self,
        index_path: str,
        listener: socket.socket,
        settings: Settings,
        workers: int,
        on_ready: Callable[[], None],
    ) -> None:
        self.index_path = index_path
        self.settings = settings
        # Made before the workers are forked, which share it.
        self.limiter = RateLimiter(settings.rate_limit) if settings.rate_limit else None
        self.configuration: dict[str, Any] = {
            "bind": f"fd://{listener.detach()}",
            "workers": workers,
            "worker_class": Worker,
            "threads": _THREADS_A_WORKER,
            "keepalive": _KEEPALIVE_SECONDS,
            "graceful_timeout": _GRACEFUL_SECONDS,
            "limit_request_line": _MOST_BYTES_IN_A_REQUEST_LINE,
            "preload_app": False,
            "loglevel": "warning",
            "logconfig_dict": logs.configuration(access_log=settings.access_log),
            "proc_name": "broadsheet",
            "when_ready": lambda _arbiter: on_ready(),
            "on_exit": lambda _arbiter: shutil.rmtree(os.environ[_METRICS_FOLDER], ignore_errors=True),
            # Newer gunicorns would leave a control socket in the home folder.
            "control_socket_disable": True,
        }
        super().__init__()

    def run(self) -> None:
        Arbiter(self).run()

    def load_config(self) -> None:
        for name, value in self.configuration.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        _reserve_counters()
        from server import create_app

        try:
            return create_app(self.index_path, settings=self.settings, limiter=self.limiter)
        except BroadsheetError as error:
            # The one error that gunicorn prints as a line and takes for the end of the service.
            raise AppImportError(f"Error: {error}") from error


def _reserve_counters() -> None:
    """Take the disk that the counters of this worker need, or let it count for itself alone.

    They are mapped files, with holes if prometheus_client makes them: a disk that is full when a hole is first written
    to would kill the worker, and each that takes its place.
    """
    folder = Path(os.environ[_METRICS_FOLDER])
    files = [folder / f"{kind}_{os.getpid()}.db" for kind in ("counter", "histogram")]
    try:
        # Whoever cleans up temporary files may have removed it.
        folder.mkdir(mode=0o700, exist_ok=True)
        for file in files:
            file.write_bytes(bytes(_COUNTERS_BYTES))
    except OSError as error:
        for file in files:
            file.unlink(missing_ok=True)
        del os.environ[_METRICS_FOLDER]
        logging.getLogger(__name__).warning("metrics leave this worker out: %s (%s)", error.strerror, folder)
