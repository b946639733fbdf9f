"""Searching and completing: each view asks the core one thing and answers with its JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from indexer.request import SearchRequest
from indexer.response import SearchResult
from server import parameters
from server.caching import entity_tag, revalidated
from server.limits import DeadlineError
from server.responses import json_body, json_response

if TYPE_CHECKING:
    from server.service import Service


def register(routes: Blueprint, service: Service) -> None:
    """Add the resources."""
    index = service.index

    @routes.get("/v1/search")
    @revalidated(index)
    def search_by_query_string() -> Response:
        return _answer(parameters.search_of_query_string(), service)

    @routes.post("/v1/search")
    def search_by_body() -> Response:
        return _answer(parameters.search_of_body(service), service)

    @routes.get("/v1/sources")
    @revalidated(index)
    def sources() -> Response:
        parameters.values_of_query_string({}, "the list of sources takes none")
        return json_response({"sources": [source.to_dict() for source in index.sources()]})

    @routes.get("/v1/suggest")
    @revalidated(index)
    def suggest() -> Response:
        values = parameters.values_of_query_string(parameters.SUGGEST)
        found = index.suggest(values.get("q", ""), **({"limit": values["limit"]} if "limit" in values else {}))
        return json_response({"suggestions": [suggestion.to_dict() for suggestion in found]})


def _answer(request: SearchRequest, service: Service) -> Response:
    # Before the search looks, as in `revalidated`.
    tag = entity_tag(service.index)
    asked = bounded(request, service)
    kept = service.answers.get(tag, asked)
    if kept is not None:
        return json_body(kept)
    with service.computing.taken():
        result = service.index.answer(asked)
        response = result_response(result)
    # A cursor's answer may be of an earlier commit.
    if not result.partial and asked.cursor is None:
        service.answers.keep(tag, asked, response.get_data())
    return response


def bounded(request: SearchRequest, service: Service) -> SearchRequest:
    """The request, with no more time than the service gives."""
    longest = service.settings.timeout_ms
    return replace(request, timeout_ms=min(request.timeout_ms or longest, longest))


def in_time(result: SearchResult) -> SearchResult:
    """The result. Raises DeadlineError when there was no time to find anything."""
    if result.partial and not result.total:
        raise DeadlineError("The time was up before anything was found: ask for less, or try again in a moment.")
    return result


def result_response(result: SearchResult) -> Response:
    """A result as a response. Raises DeadlineError as `in_time` does.

    What is partial is not kept: another try may have more time.
    """
    document = in_time(result).to_dict()
    return json_response(document, headers={"Cache-Control": "no-store"} if result.partial else None)
