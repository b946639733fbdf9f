"""Problem documents of the service (RFC 9457)."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from werkzeug.test import TestResponse

from server.openapi import document

_PROBLEM = jsonschema_rs.validator_for(document("http://localhost")["components"]["schemas"]["Problem"])


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a response, which is as the service describes it."""
    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.mimetype == "application/problem+json"
    assert _PROBLEM.is_valid(response.json)
    document: dict[str, Any] = response.json
    return document
