"""An HTTP request becomes a SearchRequest: the same names in a query string and in a JSON body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from indexer.errors import ParameterError
from indexer.request import PARAMETERS, SearchRequest, unknown_parameter

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict


def from_query_string(args: MultiDict[str, str]) -> SearchRequest:
    """The search that the query string of a GET asks for. Raises ParameterError."""
    return SearchRequest.from_parameters(args.to_dict(flat=False))


def from_body(body: bytes) -> SearchRequest:
    """The search that the JSON object of a POST asks for. Raises ParameterError.

    Repeated values are lists, numbers and booleans may be themselves, null is as good as absent.
    """
    try:
        values: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParameterError("body", f"not JSON: {error}", 'send an object like {"q": "ceasefire"}') from None
    if not isinstance(values, dict):
        raise ParameterError("body", "not a JSON object", 'send an object like {"q": "ceasefire"}')
    for name in values:
        if name not in PARAMETERS:
            raise unknown_parameter(name)
    return SearchRequest.of(**{name: value for name, value in values.items() if value is not None})


def refuse_all(args: MultiDict[str, str], hint: str) -> None:
    """Raise ParameterError for any parameter in the query string of a resource that takes none."""
    for name in args:
        raise ParameterError(name, "unknown parameter", hint)
