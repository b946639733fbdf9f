"""The OpenAPI 3.1 document of the service, made of what the service itself uses.

Parameters come from the definitions that check them (`indexer.request`, `server.parameters`), bodies from the fields
and docstrings of the classes that answer (`indexer.response`, `indexer.report`, `indexer.article`). Written here is
only what neither says: which operation has which of them.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from indexer import report, response
from indexer.article import Article
from indexer.parameter import Choices, Parameter, Values
from indexer.request import SearchRequest
from server import parameters, problems

Schema = dict[str, Any]

_PLAIN: Final[dict[Any, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
}
_SAID_BY_THE_DOCSTRING: Final = re.compile(r"^    (\w+(?:,\s*\w+)*)\s{2,}(\S.*(?:\n {6,}\S.*)*)", re.M)
_COMPONENTS: Final = (
    Article,
    response.Snippet,
    response.Contribution,
    response.Bucket,
    response.ValueFacet,
    response.DateBucket,
    response.DateFacet,
    response.Warning,
    report.SourceStats,
    response.Suggestion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What may be asked at an address.

    answer     the schema of the answer's body, by its content type
    body       likewise of the request's
    problems   statuses beside those that every operation may answer with
    """

    id: str
    summary: str
    answer: Mapping[str, Schema]
    query: Mapping[str, Parameter] = dataclasses.field(default_factory=dict)
    body: Mapping[str, Schema] | None = None
    problems: tuple[HTTPStatus, ...] = ()
    writes: bool = False


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema) -> dict[str, Schema]:
    return {"application/json": schema}


def _object(properties: Mapping[str, Schema], optional: Sequence[str] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def _list(name: str, items: Schema) -> dict[str, Schema]:
    return _json(_object({name: {"type": "array", "items": items}}))


_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_BODY: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_WRITING: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
# Of every operation: a wrong parameter, too many requests, a defect, and a service that is busy.
_ANYWHERE: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_ID: Final = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The id of an article; slashes may stand as they are.",
    "schema": {"type": "string", "minLength": 1},
}

OPERATIONS: Final[dict[tuple[str, str], Operation]] = {
    ("get", "/v1/search"): Operation(
        id="search",
        summary="Search",
        query=parameters.SEARCH,
        answer=_json(_ref("SearchResult")),
        problems=(HTTPStatus.GONE,),
    ),
    ("post", "/v1/search"): Operation(
        id="searchByBody",
        summary="Search, with the same parameters as one JSON object",
        body=_json(_ref("SearchRequest")),
        answer=_json(_ref("SearchResult")),
        problems=(HTTPStatus.GONE, *_BODY),
    ),
    ("get", "/v1/articles/{id}"): Operation(
        id="article",
        summary="One article",
        answer=_json(_ref("Article")),
        problems=(HTTPStatus.NOT_FOUND,),
    ),
    ("get", "/v1/articles/{id}/similar"): Operation(
        id="similar",
        summary="Articles that share the distinctive words of this one",
        query=parameters.SIMILAR,
        answer=_json({"anyOf": [_ref("SearchResult"), _ref("Article")]}),
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
    ),
    ("get", "/v1/sources"): Operation(
        id="sources",
        summary="The outlets, largest first",
        answer=_list("sources", _ref("SourceStats")),
    ),
    ("get", "/v1/suggest"): Operation(
        id="suggest",
        summary="Completions of what has been typed",
        query=parameters.SUGGEST,
        answer=_list("suggestions", _ref("Suggestion")),
    ),
    ("get", "/v1/export"): Operation(
        id="export",
        summary="Every match, streamed from one view of the index",
        query=parameters.EXPORT,
        answer={
            "application/x-ndjson": {"type": "string", "description": "An Article a line."},
            "text/csv": {"type": "string", "description": "A header, then a row an article."},
        },
    ),
    ("post", "/v1/articles"): Operation(
        id="addArticles",
        summary="Add or update articles: one JSON object a line, with the field names of `indexer ingest`",
        body={"application/x-ndjson": {"type": "string", "description": "An article a line."}},
        answer={
            "application/x-ndjson": {
                "type": "string",
                "description": "For each, in order: its line, the id, the outcome (added, updated, unchanged or "
                "rejected) and the reason of a rejection.",
            }
        },
        problems=(*_WRITING, *_BODY),
        writes=True,
    ),
    ("delete", "/v1/articles/{id}"): Operation(
        id="deleteArticle",
        summary="Delete an article",
        answer=_json(_object({"deleted": _COUNT})),
        problems=(HTTPStatus.NOT_FOUND, *_WRITING),
        writes=True,
    ),
    ("get", "/livez"): Operation(id="live", summary="Is the process alive?", answer=_json(_object({"status": _TEXT}))),
    ("get", "/readyz"): Operation(
        id="ready",
        summary="Does the index answer?",
        answer=_json(_object({"status": _TEXT, "generation": _COUNT})),
    ),
    ("get", "/metrics"): Operation(
        id="metrics", summary="Metrics in Prometheus's text format", answer={"text/plain": {"type": "string"}}
    ),
    ("get", "/openapi.json"): Operation(id="openapi", summary="This document", answer=_json({"type": "object"})),
    ("get", "/docs"): Operation(id="docs", summary="This document as a page", answer={"text/html": {"type": "string"}}),
}


# Few: behind a proxy that passes X-Forwarded-Prefix on, a client may claim any address.
@lru_cache(maxsize=8)
def document(server_url: str) -> dict[str, Any]:
    """The document, for a service below an address."""
    paths: dict[str, Any] = {}
    for (method, path), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method] = _operation(operation, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Broadsheet",
            "version": version("broadsheet"),
            "description": "Full-text search in a news archive.",
        },
        "servers": [{"url": server_url}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": {"writeToken": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(operation: Operation, path: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": ([_ID] if "{id}" in path else [])
        + [_query_parameter(name, parameter) for name, parameter in operation.query.items()],
        "responses": {"200": {"description": "Done", "content": _content(operation.answer)}},
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    if operation.writes:
        described["security"] = [{"writeToken": []}]
    for status in sorted((*_ANYWHERE, *operation.problems)):
        described["responses"][str(status.value)] = {
            "description": status.phrase,
            "content": _content({problems.CONTENT_TYPE: _ref("Problem")}),
        }
    return described


def _content(schemas: Mapping[str, Schema]) -> dict[str, Any]:
    return {content_type: {"schema": schema} for content_type, schema in schemas.items()}


def _query_parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": name,
        "in": "query",
        "description": parameter.description,
        "schema": parameter.schema() | _default(name),
    }
    if isinstance(parameter, (Values, Choices)):
        described |= {"style": "form", "explode": isinstance(parameter, Values)}
    return described


def _default(name: str) -> Schema:
    default = SearchRequest.__dataclass_fields__[name].default if name in SearchRequest.__dataclass_fields__ else None
    return {} if default in (None, ()) else {"default": list(default) if isinstance(default, tuple) else default}


def _schemas() -> dict[str, Schema]:
    schemas = {cls.__name__: _class(cls) for cls in _COMPONENTS}
    schemas["Snippet"]["properties"]["ranges"]["items"] = {
        "type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2
    }  # fmt: skip
    schemas["SearchRequest"] = _search_request()
    schemas["Hit"] = _hit(schemas["Article"]["properties"])
    schemas["SearchResult"] = _search_result()
    schemas["Problem"] = _problem()
    return schemas


def _search_request() -> Schema:
    properties = {
        name: {"anyOf": [*_spellings(parameter.schema()), {"type": "null"}], "description": parameter.description}
        for name, parameter in parameters.SEARCH.items()
    }
    return _object(properties, optional=tuple(properties)) | {"additionalProperties": False}


def _spellings(schema: Schema) -> list[Schema]:
    """A parameter in a body: a list may be one text, too; names in it have commas between them."""
    if schema.get("type") != "array":
        return [schema]
    item = schema["items"]
    if "enum" in item:
        name = f"({'|'.join(item['enum'])})?"
        item = {"type": "string", "pattern": f"^{name}(,{name})*$"}
    return [schema, item]


def _hit(article: Mapping[str, Schema]) -> Schema:
    """As Hit.to_dict: most of the article's fields beside its own."""
    own = _fields(response.Hit)
    in_hits = ("id", "url", "title", "source", "date", "date_precision", "authors", "section", "topics", "language")
    properties = {name: article[name] for name in in_hits} | {name: own[name] for name in ("score", "snippets")}
    explanation = {"type": "array", "items": _ref("Contribution")}
    asked_for: dict[str, Schema] = {"explanation": explanation, "copy": {"type": "boolean"}}
    return _object(properties | asked_for, optional=tuple(asked_for))


def _search_result() -> Schema:
    """As SearchResult.to_dict: what concerns the query and the index in an object of its own."""
    own = _fields(response.SearchResult)

    def part(*names: str) -> Schema:
        return _object({name: own[name] for name in names})

    schema = part("total", "indexed", "took_ms", "partial", "hits", "facets", "suggestion", "next_cursor")
    groups = {"query": part("raw", "parsed", "warnings"), "index": part("generation", "committed_at")}
    return _object(groups | schema["properties"])


def _problem() -> Schema:
    """As server.problems makes them."""
    error = _object(dict.fromkeys(("parameter", "detail", "hint"), _TEXT))
    example = problems.problem(HTTPStatus.BAD_REQUEST, "invalid_parameter", "...")
    kinds = {name: _PLAIN.get(type(value), {"type": "array", "items": error}) for name, value in example.items()}
    return _object(kinds)


def _class(cls: type) -> Schema:
    return _object(_fields(cls)) | {"description": (inspect.getdoc(cls) or "").split("\n\n")[0]}


def _fields(cls: type) -> dict[str, Schema]:
    """The schemas of a class's fields by their types, with what the class's docstring says of them."""
    said: dict[str, str] = {}
    for names, text in _SAID_BY_THE_DOCSTRING.findall(cls.__doc__ or ""):
        said |= dict.fromkeys(re.split(r",\s*", names), " ".join(text.split()))
    names = cls.__annotations__
    hints = get_type_hints(cls)
    return {name: _type(hints[name]) | ({"description": said[name]} if name in said else {}) for name in names}


def _type(hint: Any) -> Schema:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_type(argument) for argument in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    return _ref(hint.__name__)
