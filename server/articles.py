"""Articles by their id: read, like another, added and deleted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, request
from werkzeug.routing import PathConverter

from indexer.errors import ArticleNotFoundError, PageError
from server import parameters
from server.access import require_token
from server.caching import revalidated
from server.responses import json_response
from server.search import result_response

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from indexer import Article
    from indexer.engine import Engine
    from server.service import Service

_NDJSON: Final = "application/x-ndjson"
_JSON_TYPES: Final = (_NDJSON, "application/jsonl", "application/json")


class ArticleIdConverter(PathConverter):
    """An article id in a path: any characters, slashes at its ends too."""

    regex = "(?s:.+)"
    part_isolating = False


def register(routes: Blueprint, service: Service) -> None:
    """Add the resources."""
    index = service.index

    @routes.record
    def know_article_ids(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["broadsheet_id"] = ArticleIdConverter

    @routes.get("/v1/articles/<broadsheet_id:article_id>")
    @revalidated(index)
    def article(article_id: str) -> Response:
        parameters.values_of_query_string({}, "an article takes none")
        return json_response(index.get(article_id).to_dict())

    @routes.get("/v1/articles/<broadsheet_id:article_id>/similar")
    @revalidated(index)
    def similar(article_id: str) -> Response:
        # An id may end with "/similar", too. Its slash encoded tells it from the address of the articles like another;
        # as it is, it is taken for the id where there is no such other.
        named = f"{article_id}/similar"
        raw = request.environ.get("RAW_URI", "").partition("?")[0]
        if raw.lower().endswith("%2fsimilar") or (_known(index, article_id) is None and _known(index, named)):
            return article(named)
        values = parameters.values_of_query_string(parameters.SIMILAR)
        longest = service.settings.timeout_ms
        values["timeout_ms"] = min(values.get("timeout_ms") or longest, longest)
        with service.computing.taken():
            return result_response(index.similar(article_id, **values))

    @routes.post("/v1/articles")
    def add() -> Response:
        require_token(service.settings.write_token)
        parameters.values_of_query_string({}, "articles are taken from the body")
        body = parameters.body(service, parameters.MAX_ARTICLES_BYTES, _JSON_TYPES)
        before: dict[str, Article] = {}
        outcomes = list(_outcomes(index, body, before))
        if any(outcome["outcome"] in ("added", "updated") for outcome in outcomes):
            with service.long.taken():
                index.ingest(["-"], format="jsonl", workers=1, stdin=io.BytesIO(body))
            for outcome in outcomes:
                # A page goes by the outlet's name that the index has learned, and so may be what it was.
                if outcome["outcome"] == "updated" and before.get(outcome["id"]) == _known(index, outcome["id"]):
                    outcome["outcome"] = "unchanged"
        service.metrics.ingested(outcome["outcome"] for outcome in outcomes)
        lines = b"".join(orjson.dumps(outcome, option=orjson.OPT_APPEND_NEWLINE) for outcome in outcomes)
        return Response(lines, content_type=_NDJSON)

    @routes.delete("/v1/articles/<broadsheet_id:article_id>")
    def delete(article_id: str) -> Response:
        require_token(service.settings.write_token)
        parameters.values_of_query_string({}, "a deletion takes none")
        deleted = index.delete([article_id])
        if not deleted:
            raise ArticleNotFoundError(f"no article with the id {article_id!r}: ids are in the hits of a search")
        service.metrics.deleted(deleted)
        return json_response({"deleted": deleted})


def _outcomes(index: Engine, body: bytes, before: dict[str, Article]) -> Iterator[dict[str, Any]]:
    """What an ingest of these lines does with each, in order: its `line`, the `id`, the `outcome` and a `reason`.

    before  gets the articles of these ids that the index has
    """
    seen: dict[str, Article] = {}
    for line, record in _records(body):
        outcome: dict[str, Any] = {"line": line, "id": None, "outcome": "rejected", "reason": None}
        if isinstance(record, str):
            outcome["reason"] = record
        else:
            known = seen.get(record.id)
            if known is None and (known := _known(index, record.id)):
                before[record.id] = known
            outcome["id"] = record.id
            outcome["outcome"] = "added" if known is None else "unchanged" if known == record else "updated"
            seen[record.id] = record
        yield outcome


def _known(index: Engine, id: str) -> Article | None:
    try:
        return index.get(id)
    except ArticleNotFoundError:
        return None


def _records(body: bytes) -> Iterator[tuple[int, Article | str]]:
    """The number of each record's line with its article, or with the reason why it has none."""
    from indexer.cleaning import clean_page
    from indexer.page import Page
    from indexer.report import Reject
    from indexer.sources import jsonl

    for found in jsonl.read(io.BufferedReader(io.BytesIO(body)), "body", None):
        if isinstance(found, Reject):
            yield int(found.place.rpartition(":")[2]), found.reason
            continue
        for line, records in jsonl.numbered(found):
            if not records:
                yield line, "no article in it; write one JSON object an article"
            for record in records:
                try:
                    article = clean_page(record) if isinstance(record, Page) else record
                    yield line, article.reason if isinstance(article, Reject) else article
                except PageError as error:
                    yield line, str(error)
