"""Cluster: requests to OpenSearch, with retries, and with its failures as our own errors."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionError,
    OpenSearchException,
    SSLError,
    TransportError,
)

from indexer.errors import BackendUnavailableError
from indexer.opensearch.address import Address

Document = dict[str, Any]
T = TypeVar("T")

# Answers of a cluster that is busy or has just lost a node: another try may do. With 500 a node reports that another
# one has gone.
BUSY: Final = (429, 500, 502, 503, 504)
# How long reading and writing try again before they give up, in seconds.
READ_PATIENCE: Final = 15.0
WRITE_PATIENCE: Final = 120.0
# How long one answer may take, in seconds, where the request does not say.
ANSWER_SECONDS: Final = 60.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0


class ShardsMissingError(Exception):
    """Some shards did not answer: a node went, or a view was lost with it. Never leaves this package."""


class Cluster:
    """A connection to the nodes of an address. Safe to use from many threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client = OpenSearch(
            hosts=[{"host": host, "port": port} for host, port in address.hosts],
            http_auth=address.user,
            use_ssl=address.secure,
            http_compress=True,
            timeout=ANSWER_SECONDS,
            # A node that does not answer is passed over for the next at once; waiting is done here.
            max_retries=len(address.hosts),
            retry_on_timeout=False,
            pool_maxsize=16,
        )

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        missing_ok: bool = False,
        patience: float = READ_PATIENCE,
        timeout: float | None = None,
        **parameters: Any,
    ) -> Document | None:
        """The answer to a request; None for 404 where `missing_ok`.

        patience  seconds during which it is sent again while the cluster is busy or away; with 0 the first failure is
                  raised as it came, for `patiently` around it to see
        timeout   seconds to wait for one answer

        Raises BackendUnavailableError; TransportError for what the cluster refuses, which is for the caller to know.
        """

        def attempt() -> Document | None:
            return self._once(method, path, body, missing_ok, timeout, parameters)

        return self.patiently(attempt, patience) if patience else attempt()

    def patiently(self, attempt: Callable[[], T], patience: float = READ_PATIENCE) -> T:
        """What `attempt` returns, tried again while the cluster is busy or away. Raises BackendUnavailableError."""
        deadline = time.monotonic() + patience
        pause = _FIRST_PAUSE
        while True:
            try:
                return attempt()
            except (ShardsMissingError, OpenSearchException) as error:
                if not _may_pass(error):
                    raise
                if time.monotonic() + pause > deadline:
                    raise BackendUnavailableError(f"{self.address} does not answer: {_reason(error)}") from error
            # Many clients that were refused together must not come back together.
            time.sleep(pause * (0.5 + random.random() / 2))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _once(
        self, method: str, path: str, body: Any, missing_ok: bool, timeout: float | None, parameters: Document
    ) -> Document | None:
        if timeout is not None:
            parameters = parameters | {"request_timeout": timeout}
        try:
            answer = self._client.transport.perform_request(method, path, params=parameters, body=body)
        except (AuthenticationException, AuthorizationException, SSLError) as error:
            raise BackendUnavailableError(f"{self.address} refuses us: {_reason(error)}") from error
        except TransportError as error:
            if missing_ok and error.status_code == 404:
                return None
            raise
        return cast(Document, answer if isinstance(answer, dict) else {"ok": answer})


def _may_pass(error: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(error, (ShardsMissingError, ConnectionError)):
        return True
    return isinstance(error, TransportError) and error.status_code in BUSY


def _reason(error: Exception) -> str:
    """An error of the client in a few words."""
    if isinstance(error, ConnectionError):
        return str(error.error)[:300]
    if isinstance(error, TransportError):
        return f"{error.status_code} {error.error}"[:300]
    return str(error)[:300]


def refusal(error: TransportError) -> str:
    """Why the cluster refused a request: the innermost reason it gives."""
    info = error.info if isinstance(error.info, dict) else {}
    found = info.get("error")
    causes = found.get("root_cause") if isinstance(found, dict) else None
    if causes:
        return str(causes[0].get("reason"))
    return str(error.error)
