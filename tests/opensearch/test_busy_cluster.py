"""A cluster that is busy for a while, or whose answer is lost on the way: what was asked of it is done, and told right.

A relay stands between the index and a node: it answers in the node's place, or keeps the node's answer to itself.
"""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from indexes import ids, write_records
from opensearch_cluster import Cluster

import indexer
from indexer.engine import Engine
from indexer.opensearch.index import OpenSearchIndex

BUSY = b'{"error":{"type":"rejected_execution_exception","reason":"too much to do"},"status":503}'
GONE = b'{"error":{"type":"illegal_state_exception","reason":"no node found for id: 7wqX"},"status":500}'


class Relay(ThreadingHTTPServer):
    """Passes requests on to a node.

    about  the requests that go wrong: those with this in their path
    busy   how many of them are answered with 503 instead
    lost   of how many the answer is lost, once the node has given it
    gone   the view that was partly on a node that has gone: searches of it are answered as the other nodes do
    """

    daemon_threads = True
    about = gone = ""
    busy = lost = 0

    def __init__(self, node: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.node = node

    def takes(self, path: str, trouble: str) -> bool:
        """Whether a request meets with a trouble, which then has happened once more."""
        left = getattr(self, trouble) if self.about in path else 0
        if left:
            setattr(self, trouble, left - 1)
        return bool(left)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Relay

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.takes(self.path, "busy"):
            self.answer(503, "application/json", None, BUSY)
            return
        said = gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body
        if self.command == "POST" and self.server.gone and self.server.gone.encode() in said:
            if "_msearch" in self.path:
                # Each of its searches fails by itself: two lines each.
                answers = b",".join([GONE] * (said.count(b"\n") // 2))
                self.answer(200, "application/json", None, b'{"took":1,"responses":[' + answers + b"]}")
            else:
                self.answer(500, "application/json", None, GONE)
            return
        with closing(http.client.HTTPConnection(self.server.node, timeout=60)) as node:
            node.request(self.command, self.path, body, dict(self.headers.items()))
            found = node.getresponse()
            content = found.read()
        if self.server.takes(self.path, "lost"):
            self.close_connection = True
            return
        self.answer(found.status, found.headers["Content-Type"], found.headers["Content-Encoding"], content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on  # noqa: N815 - the names that the class looks for

    def answer(self, status: int, content_type: str | None, encoding: str | None, body: bytes) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", content_type), ("Content-Encoding", encoding)):
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def relay(cluster: Cluster) -> Iterator[Relay]:
    with Relay(cluster.nodes[0].address) as relay:
        Thread(target=relay.serve_forever, daemon=True).start()
        yield relay
        relay.shutdown()


@pytest.fixture
def index(cluster: Cluster, relay: Relay, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An index of three articles, reached through the relay."""
    name = f"busy-{request.node.name.replace('_', '-')[:60]}"
    address = f"opensearch://127.0.0.1:{relay.server_port}/{name}?shards=2&replicas=0"
    with indexer.open_index(address, create=True) as opened:
        opened.ingest([stories(tmp_path, "1", "2", "3")], workers=1)
        yield opened
        relay.about = "nothing any more"
        cluster.remove([opened])


def stories(folder: Path, *names: str) -> Path:
    records = [{"id": name, "title": f"Ferry {name}", "body": "The ferry is late."} for name in names]
    return write_records(folder / "stories.jsonl", records)


def test_an_ingest_waits_for_a_cluster_that_is_busy(index: Engine, relay: Relay, tmp_path: Path) -> None:
    relay.about, relay.busy = "_bulk", 6
    assert index.ingest([stories(tmp_path, "3", "4")], workers=1).added == 1
    assert relay.busy == 0
    assert sorted(ids(index.search("ferry"))) == ["1", "2", "3", "4"]


def test_a_commit_waits_for_a_cluster_that_is_busy(index: Engine, relay: Relay, tmp_path: Path) -> None:
    relay.about, relay.busy = "_refresh", 6
    assert index.ingest([stories(tmp_path, "4")], workers=1).added == 1
    assert relay.busy == 0
    assert sorted(ids(index.search("ferry"))) == ["1", "2", "3", "4"]


def test_a_search_waits_for_a_cluster_that_is_busy_with_its_words(index: Engine, relay: Relay) -> None:
    relay.about, relay.busy = "_msearch", 6
    assert sorted(ids(index.search("ferry"))) == ["1", "2", "3"]
    assert relay.busy == 0


def test_a_view_that_a_node_took_along_is_opened_again(index: OpenSearchIndex, relay: Relay) -> None:
    relay.gone = index.views.latest().point_in_time
    assert sorted(ids(index.search("ferry"))) == ["1", "2", "3"]
    assert index.views.latest().point_in_time != relay.gone
    relay.gone = index.views.latest().point_in_time
    assert sorted(hit.article.id for hit in index.search_all("ferry")) == ["1", "2", "3"]


def test_a_deletion_waits_for_a_cluster_that_is_busy(index: Engine, relay: Relay) -> None:
    relay.about, relay.busy = "_bulk", 6
    assert index.delete(["1", "unknown"]) == 1
    assert relay.busy == 0
    assert sorted(ids(index.search("ferry"))) == ["2", "3"]


def test_a_deletion_whose_answer_is_lost_is_counted_and_shows(index: Engine, relay: Relay) -> None:
    relay.about, relay.lost = "_bulk", 1
    assert index.delete(["1", "unknown"]) == 1
    assert relay.lost == 0
    assert sorted(ids(index.search("ferry"))) == ["2", "3"]
