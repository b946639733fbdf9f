"""The service describes itself: as an OpenAPI document for programs, and as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from server import openapi, parameters
from server.responses import json_response

if TYPE_CHECKING:
    from server.service import Service


def register(routes: Blueprint, service: Service) -> None:
    """Add the resources."""

    @routes.get("/openapi.json")
    def openapi_document() -> Response:
        parameters.values_of_query_string({}, "the description takes none")
        return json_response(openapi.document(_address("/openapi.json")))

    @routes.get("/docs")
    def docs() -> Response:
        parameters.values_of_query_string({}, "the description takes none")
        page = render_template("broadsheet/api.html", api=openapi.document(_address("/docs")))
        response = Response(page, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
        )
        return response


def _address(own: str) -> str:
    """Where the service is mounted: the path of this request without the resource's own."""
    return (request.root_path + request.path).removesuffix(own) or "/"
