"""Answers that stay right until the next commit: an ETag a generation, 304 for who has it, the latest ones kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, ParamSpec

from flask import Response, request

if TYPE_CHECKING:
    from indexer.engine import Engine
    from indexer.request import SearchRequest

_Arguments = ParamSpec("_Arguments")
# What is kept takes some 20 MB in a process at most.
_MOST_ANSWERS: Final = 256
_LARGEST_ANSWER: Final = 64 * 1024
_LARGEST_REQUEST: Final = 16 * 1024


class Answers:
    """The bodies of the latest searches of one generation, for those that are asked again and again."""

    def __init__(self) -> None:
        self._tag = ""
        self._bodies: OrderedDict[SearchRequest, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tag: str, request: SearchRequest) -> bytes | None:
        """The body that answers a request in the state of the index that a tag stands for, if it is kept."""
        with self._lock:
            if tag != self._tag or request not in self._bodies:
                return None
            self._bodies.move_to_end(request)
            return self._bodies[request]

    def keep(self, tag: str, request: SearchRequest, body: bytes) -> None:
        """Keep a body, if it and its request are not too large; what was not asked for longest makes room."""
        if len(body) > _LARGEST_ANSWER or len(repr(request)) > _LARGEST_REQUEST:
            return
        with self._lock:
            if tag != self._tag:
                self._bodies.clear()
                self._tag = tag
            self._bodies[request] = body
            if len(self._bodies) > _MOST_ANSWERS:
                self._bodies.popitem(last=False)


@lru_cache(maxsize=8)
def _tag(generation: int, committed_at: datetime) -> str:
    return f'W/"{version("broadsheet")}-{generation}-{committed_at:%Y%m%d%H%M%S}"'


def entity_tag(index: Engine) -> str:
    """What stands for the state of the index; weak, because answers say how long they took."""
    return _tag(index.generation, index.committed_at)


def revalidated(index: Engine) -> Callable[[Callable[_Arguments, Response]], Callable[_Arguments, Response]]:
    """A decorator for a view whose answer only a commit changes: with the tag of now a client gets 304."""

    def decorate(view: Callable[_Arguments, Response]) -> Callable[_Arguments, Response]:
        @wraps(view)
        def answer(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Response:
            # Before the view looks: a commit in between makes the tag too old, never too new.
            tag = entity_tag(index)
            known = request.if_none_match
            if known and not known.star_tag and known.contains_raw(tag):
                response = Response(status=304)
            else:
                response = view(*args, **kwargs)
            if "Cache-Control" not in response.headers:
                response.headers["ETag"] = tag
                response.headers["Cache-Control"] = "no-cache"
            return response

        return answer

    return decorate
