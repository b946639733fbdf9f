"""Service: what the resources share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.caching import Answers
from server.limits import RateLimiter, Slots

if TYPE_CHECKING:
    from indexer.engine import Engine
    from server.metrics import Metrics
    from server.settings import Settings

# Exports and uploads at a time in one process: half of the threads that `server run` gives it.
LONG_TASKS = 2
# Searches at a time in one process: one that takes long leaves room for the others.
SEARCHES = 2
_SEARCH_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One index being served.

    limiter    None where clients are not limited
    long       room for exports and uploads, which last as long as the client wants
    answers    the latest answers, for those who ask the same
    computing  room for searches: more threads at it take turns at the interpreter's lock, and all are slower for it
    """

    index: Engine
    settings: Settings
    metrics: Metrics
    limiter: RateLimiter | None = None
    answers: Answers = field(default_factory=Answers)
    long: Slots = field(default_factory=lambda: Slots(LONG_TASKS))
    computing: Slots = field(default_factory=lambda: Slots(SEARCHES, wait=_SEARCH_WAIT_SECONDS))


def service(index: Engine, settings: Settings, limiter: RateLimiter | None = None) -> Service:
    """The service of an index. `limiter` is one that other processes share; without, this process counts alone."""
    from server.metrics import Metrics

    if limiter is None and settings.rate_limit:
        limiter = RateLimiter(settings.rate_limit)
    return Service(index=index, settings=settings, metrics=Metrics(index), limiter=limiter)
