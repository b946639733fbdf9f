"""The resources together: one module a concern adds its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from server import articles, description, exporting, health, page, search

if TYPE_CHECKING:
    from server.service import Service


def build_blueprint(service: Service) -> Blueprint:
    """The routes that serve an index."""
    routes = Blueprint("broadsheet", __name__, template_folder="templates")
    for concern in (search, articles, exporting, health, description, page):
        concern.register(routes, service)
    return routes
