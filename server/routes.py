"""The resources: each view asks the core one thing and answers with its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import PathConverter

from indexer.errors import IndexStateError
from server import parameters, problems
from server.responses import json_response

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from indexer import NewsIndex

# The longest query in its longest JSON spelling, and room for filters, fits many times.
MAX_BODY_BYTES: Final = 4 * 1024 * 1024
_DRAIN_BYTES: Final = 32 * 1024 * 1024


class ArticleIdConverter(PathConverter):
    """An article id in a path: any characters, slashes at its ends too."""

    regex = "(?s:.+)"
    part_isolating = False


def build_blueprint(index: NewsIndex) -> Blueprint:
    """The routes that serve `index`."""
    routes = Blueprint("broadsheet", __name__)
    problems.register(routes)

    @routes.record
    def know_article_ids(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["broadsheet_id"] = ArticleIdConverter

    @routes.get("/v1/search")
    def search_by_query_string() -> Response:
        return json_response(index.answer(parameters.from_query_string(request.args)).to_dict())

    @routes.post("/v1/search")
    def search_by_body() -> Response:
        parameters.refuse_all(request.args, "a POST takes its parameters in the JSON body")
        return json_response(index.answer(parameters.from_body(_body())).to_dict())

    @routes.get("/v1/articles/<broadsheet_id:article_id>")
    def article(article_id: str) -> Response:
        parameters.refuse_all(request.args, "an article takes none")
        return json_response(index.get(article_id).to_dict())

    @routes.get("/v1/sources")
    def sources() -> Response:
        parameters.refuse_all(request.args, "the list of sources takes none")
        return json_response({"sources": [source.to_dict() for source in index.sources()]})

    @routes.get("/livez")
    def live() -> Response:
        return json_response({"status": "live"})

    @routes.get("/readyz")
    def ready() -> Response:
        try:
            generation = index.search(limit=0, facets=()).generation
        except OSError as error:
            raise IndexStateError(f"the index cannot be read: {error}") from error
        return json_response({"status": "ready", "generation": generation})

    return routes


def _body() -> bytes:
    """The body of the request. Raises RequestEntityTooLarge above MAX_BODY_BYTES.

    It reads on for a while before: a client that is cut off while it sends never sees the answer. And of a
    chunked body werkzeug's own limit would pass on what fits, without an error.
    """
    body = bytearray()
    size = 0
    while size < _DRAIN_BYTES and (piece := request.stream.read(65536)):
        size += len(piece)
        if size <= MAX_BODY_BYTES:
            body += piece
    if size > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return bytes(body)
