"""What keeps one client, or one kind of request, from using up the service."""

from __future__ import annotations

import hashlib
import ipaddress
import mmap
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from indexer.errors import BroadsheetError

# A client may make so many seconds' worth of requests at once.
_BURST_SECONDS: Final = 10.0
_SLOTS: Final = 1 << 16


class RateLimitError(BroadsheetError):
    """A client asks too often; `retry_after` is the number of seconds until it may ask again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after} s.")
        self.retry_after = retry_after


class OverloadError(BroadsheetError):
    """Too much of this kind is under way already."""


class DeadlineError(BroadsheetError):
    """The time was up before anything was found."""


class RateLimiter:
    """Counts the requests of each client, over all processes forked after it was made.

    The state of a client is one number in shared memory: the time when all it has asked for would be paid off at the
    allowed rate (the generic cell rate algorithm). Clients share a number when their keyed hashes collide, and two
    requests at the very same moment may count as one: neither matters for a limit that is to keep floods out.
    """

    def __init__(self, a_minute: int) -> None:
        self._seconds_each = 60 / a_minute
        self._key = secrets.token_bytes(16)
        self._paid_off = memoryview(mmap.mmap(-1, 8 * _SLOTS)).cast("d")

    def admit(self, address: str) -> None:
        """Count a request from an address. Raises RateLimitError when there were too many."""
        digest = hashlib.blake2b(_client(address), key=self._key, digest_size=4).digest()
        slot = int.from_bytes(digest, "little") % _SLOTS
        now = time.monotonic()
        paid_off = max(self._paid_off[slot], now) + self._seconds_each
        wait = paid_off - now - max(_BURST_SECONDS, self._seconds_each)
        if wait > 0:
            raise RateLimitError(int(wait) + 1)
        self._paid_off[slot] = paid_off


def _client(address: str) -> bytes:
    """What counts as one client: an IPv4 address, or the network that a household has in IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address.encode("utf-8", "replace")
    # Of IPv4 this is all: four bytes.
    return parsed.packed[:8]


class Slots:
    """Room for a number of tasks of a kind at a time in this process.

    wait  seconds that a task waits for room before it is turned away
    """

    def __init__(self, number: int, *, wait: float = 0.0) -> None:
        self._free = threading.BoundedSemaphore(number)
        self._wait = wait

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place meanwhile. Raises OverloadError when there is none."""
        if not self._free.acquire(timeout=self._wait):
            raise OverloadError("Too much of this is under way here: try again in a moment.")
        try:
            yield
        finally:
            self._free.release()
