"""JSON on stdout."""

from __future__ import annotations

import sys
from typing import Any

import orjson


def write_json(document: Any) -> None:
    """Print `document` as JSON on one line."""
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
