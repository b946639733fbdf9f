"""What one search may spend: time, and words that a pattern may stand for.

The matchers are shared by all threads, so what a search has left is kept by its thread. Without a budget nothing is
counted, as in an export, which is to be whole.
"""

from __future__ import annotations

import threading
from time import perf_counter
from typing import Final

# Words of one segment that a prefix, wildcard or fuzzy word may stand for.
MOST_EXPANSIONS: Final = 50_000

_thread: Final = threading.local()


class OutOfTime(Exception):
    """The time is up: a partial answer is made of what there is."""


class Budget:
    """What is left to a search. As a context manager: this thread spends of it until the time is up.

    deadline  of time.perf_counter()
    cut       whether a pattern stood for more words than it may
    late      whether the time was up
    """

    __slots__ = ("cut", "deadline", "late")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.cut = self.late = False

    def __enter__(self) -> Budget:
        _thread.budget = self
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        _thread.budget = None
        self.late = kind is OutOfTime
        return self.late


def check_time() -> None:
    """Raise OutOfTime when the deadline of this thread's search has passed."""
    budget = getattr(_thread, "budget", None)
    if budget is not None and perf_counter() > budget.deadline:
        raise OutOfTime


def affordable(words: int) -> int:
    """How many of so many words this thread's search may look at; fewer than asked for are noted."""
    budget = getattr(_thread, "budget", None)
    if budget is None or words <= MOST_EXPANSIONS:
        return words
    budget.cut = True
    return MOST_EXPANSIONS
