"""Typed JSON: Python values that Whoosh lets users store → bytes → equal values, without pickle.

    Value   := null | true | false | number | string | [Value, ...] | {Type: Payload}
    Payload := base64 text for "bytes"
             | [Value, ...] for "tuple", "set" and "frozenset"
             | [[Value, Value], ...] for "dict"
             | ISO 8601 text for "datetime", "date" and "time"
             | [days, seconds, microseconds] for "timedelta"
             | decimal text for "decimal"

A bare JSON object does not occur: a dict is {"dict": ...}. Example: (1, b"\\xff") is {"tuple":[1,{"bytes":"/w=="}]}.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from indexer.errors import InputError

_PLAIN: Final = (type(None), bool, int, float, str)


def dumps(value: Any) -> bytes:
    """The bytes of a value. Raises InputError for a type that has no form here."""
    text = json.dumps(_tagged(value), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def loads(data: bytes) -> Any:
    """The value of :func:`dumps`."""
    return _untagged(json.loads(data.decode("utf-8", "surrogatepass")))


def _tagged(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return list(map(_tagged, value))
    if kind not in _ENCODERS:
        raise InputError(
            f"a value of type {kind.__module__}.{kind.__qualname__} cannot be stored: convert it to text, a number, "
            "bytes, a date or time, or a list, tuple, set or dict of those"
        )
    name, encode = _ENCODERS[kind]
    return {name: encode(value)}


def _untagged(value: Any) -> Any:
    if type(value) is list:
        return list(map(_untagged, value))
    if type(value) is dict:
        [(name, payload)] = value.items()
        return _DECODERS[name](payload)
    return value


def _tagged_items(values: Any) -> list[Any]:
    return list(map(_tagged, values))


# By the exact type: a subclass would come back as something else.
_ENCODERS: Final[dict[type, tuple[str, Callable[[Any], Any]]]] = {
    bytes: ("bytes", lambda value: b64encode(value).decode("ascii")),
    tuple: ("tuple", _tagged_items),
    set: ("set", _tagged_items),
    frozenset: ("frozenset", _tagged_items),
    dict: ("dict", lambda value: [[_tagged(key), _tagged(item)] for key, item in value.items()]),
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    time: ("time", time.isoformat),
    timedelta: ("timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    Decimal: ("decimal", str),
}

_DECODERS: Final[dict[str, Callable[[Any], Any]]] = {
    "bytes": b64decode,
    "tuple": lambda items: tuple(map(_untagged, items)),
    "set": lambda items: set(map(_untagged, items)),
    "frozenset": lambda items: frozenset(map(_untagged, items)),
    "dict": lambda items: {_untagged(key): _untagged(value) for key, value in items},
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "decimal": Decimal,
}
