"""For machines that watch the service: is it alive, is it ready, what has it done?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from server.metrics import CONTENT_TYPE
from server.responses import json_response

if TYPE_CHECKING:
    from server.service import Service


def register(routes: Blueprint, service: Service) -> None:
    """Add the resources."""

    @routes.get("/livez")
    def live() -> Response:
        return json_response({"status": "live"})

    @routes.get("/readyz")
    def ready() -> Response:
        generation = service.index.search(limit=0, facets=()).generation
        return json_response({"status": "ready", "generation": generation})

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(service.metrics.text(), content_type=CONTENT_TYPE)
