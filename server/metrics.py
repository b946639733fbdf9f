"""Metrics for Prometheus, added up over all worker processes.

Under several workers the counters lie in files of the folder that PROMETHEUS_MULTIPROC_DIR names, which
`server.process` sets before prometheus_client is imported; whichever worker is asked adds them up. What the index
holds is read from the index when it is asked for, so that it is the same from every worker.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, exposition
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from indexer.errors import IndexStateError

if TYPE_CHECKING:
    from indexer.engine import Engine

CONTENT_TYPE: Final = exposition.CONTENT_TYPE_PLAIN_0_0_4
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counters of this process, and the text of all of them."""

    def __init__(self, index: Engine) -> None:
        own = CollectorRegistry()
        self._requests = Counter(
            "broadsheet_http_requests", "Answered requests.", ("route", "method", "status"), registry=own
        )
        self._seconds = Histogram(
            "broadsheet_http_request_seconds",
            "Time from a request to its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=own,
        )
        self._ingested = Counter(
            "broadsheet_ingested_records", "Records written through this service.", ("outcome",), registry=own
        )
        self._deleted = Counter("broadsheet_deleted_articles", "Articles deleted through this service.", registry=own)
        for outcome in ("added", "updated", "unchanged", "rejected"):
            self._ingested.labels(outcome)
        self._registry = own
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
            # Opens the file of histograms while the folder is there; that of counters is open by now.
            self._seconds.labels("/v1/search")
        self._registry.register(_IndexCollector(index))

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request; `route` is the rule that matched, so that there are few."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def ingested(self, outcomes: Iterable[str]) -> None:
        """Count what became of the records of an upload."""
        for outcome in outcomes:
            self._ingested.labels(outcome).inc()

    def deleted(self, articles: int) -> None:
        """Count deleted articles."""
        self._deleted.inc(articles)

    def text(self) -> bytes:
        """All metrics in Prometheus's text format."""
        return exposition.generate_latest(self._registry)


class _IndexCollector(Collector):
    """What the index holds now."""

    def __init__(self, index: Engine) -> None:
        self._index = index

    def collect(self) -> Iterable[Metric]:
        """See Collector. Nothing while the index cannot be read: what the requests met is counted all the same."""
        try:
            now = self._index.stats()
        except IndexStateError:
            return
        for name, text, value in (
            ("articles", "Articles in the index.", now.articles),
            ("bytes", "Size of the index on disk.", now.bytes),
            ("generation", "Number of the latest commit.", now.generation),
            ("committed_timestamp_seconds", "Time of the latest commit.", now.committed_at.timestamp()),
        ):
            yield GaugeMetricFamily(f"broadsheet_index_{name}", text, value=value)
