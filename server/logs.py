"""Logs as lines of JSON, each with the id of its request."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import orjson
from flask import g, has_request_context

ACCESS: Final = logging.getLogger("broadsheet.access")


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, request_id, and what `extra={"fields": ...}` adds."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        document: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            document["request_id"] = g.request_id
        document |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            document["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class StreamHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream as long as somebody reads it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """See logging.Handler."""
        if isinstance(sys.exc_info()[1], BrokenPipeError):
            # What is left in the stream's buffer would make the process fail when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())
        else:
            super().handleError(record)


def configuration(*, access_log: bool) -> dict[str, Any]:
    """For logging.config: warnings and errors to stderr, requests to stdout if they are logged at all."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "server.logs.JsonFormatter"}},
        "handlers": {
            "stderr": {"class": "server.logs.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"},
            "stdout": {"class": "server.logs.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"},
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            ACCESS.name: {
                "level": "INFO" if access_log else "WARNING",
                "handlers": ["stdout"],
                "propagate": False,
            },
            "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
            "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
        },
    }
