"""A real OpenSearch cluster for the tests: one process a node, so that a node can be killed as a machine fails.

The software comes from Maven Central (`opensearch/pom.xml`); Java 11 or later runs it. By hand:

    python tests/opensearch_cluster.py FOLDER 9200      three nodes at 9200, 9201 and 9202, until Ctrl-C
"""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

POM = Path(__file__).parent / "opensearch" / "pom.xml"
MAIN_CLASS = "org.codelibs.opensearch.runner.OpenSearchRunner"
HEAP = "512m"
START_SECONDS = 180
MAVEN_SECONDS = 600


def missing() -> str | None:
    """Why no cluster can be had here, or None."""
    absent = [program for program in ("java", "mvn") if shutil.which(program) is None]
    absent += [module for module in ("opensearchpy",) if find_spec(module) is None]
    if absent:
        return f"no OpenSearch cluster without {' and '.join(absent)}"
    try:
        class_path()
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        return f"no OpenSearch cluster without what Maven fetches: {error}"
    return None


@dataclass
class Node:
    """One node and its process, which is started and stopped by its cluster."""

    folder: Path
    http_port: int
    transport_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.http_port}"

    def kill(self) -> None:
        """As a power cut would: no goodbye to the others."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None


@dataclass
class Cluster:
    """Nodes that know each other."""

    folder: Path
    nodes: list[Node]
    class_path: str
    name: str = "broadsheet-tests"
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether its nodes were started here."""
        return bool(self.class_path)

    @property
    def addresses(self) -> str:
        """All nodes, as the address of an index lists them."""
        return ",".join(node.address for node in self.nodes)

    def url(self, index: str, options: str = "") -> str:
        return f"opensearch://{self.addresses}/{index}{options}"

    def start(self) -> None:
        for node in self.nodes:
            self.start_node(node)
        self.wait(len(self.nodes))

    def start_node(self, node: Node) -> None:
        """Start or restart a node; what it held on disk is still there."""
        config = node.folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "opensearch.yml").write_text(self._settings(node))
        log = (node.folder / "output.log").open("ab")
        command = ["java", f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=1"]
        command += ["-cp", self.class_path, MAIN_CLASS, "-basePath", str(node.folder), "-confPath", str(config)]
        # The runner counts nodes from 1 and adds that to the port.
        command += ["-numOfNode", "1", "-baseHttpPort", str(node.http_port - 1), "-clusterName", self.name]
        node.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=node.folder)
        log.close()

    def wait(self, nodes: int, *, green: bool = False) -> None:
        """Until the cluster has so many nodes, and of every shard one copy that answers, or with `green` every copy."""
        path = f"/_cluster/health?wait_for_nodes={nodes}&wait_for_status={'green' if green else 'yellow'}&timeout=5s"
        deadline = time.monotonic() + START_SECONDS
        while True:
            alive = [node for node in self.nodes if node.process is not None]
            for node in alive:
                assert node.process is not None
                if node.process.poll() is not None:
                    raise RuntimeError(f"a node has ended: {(node.folder / 'output.log').read_text()[-2000:]}")
            with suppress(OSError, urllib.error.URLError):
                if not json.loads(self.asked(alive[0], path))["timed_out"]:
                    return
            if time.monotonic() > deadline:
                raise RuntimeError(f"no cluster of {nodes} nodes within {START_SECONDS} s:\n{self.state(alive)}")
            time.sleep(0.2)

    def asked(self, node: Node, path: str) -> str:
        """What a node answers."""
        with urllib.request.urlopen(f"http://{node.address}{path}", timeout=10) as answer:
            text: str = answer.read(4000).decode()
        return text

    def state(self, alive: list[Node]) -> str:
        """What the cluster says of itself, for whoever has to find out why it is not well."""
        said = []
        for path in ("/_cat/nodes", "/_cat/shards", "/_cat/pending_tasks", "/_cluster/allocation/explain"):
            try:
                said.append(f"{path}: {self.asked(alive[0], path)}")
            except (OSError, urllib.error.URLError) as error:
                said.append(f"{path}: {error}")
        return "\n".join(said + [(node.folder / "output.log").read_text()[-1500:] for node in alive])

    def revive(self) -> None:
        """Start the nodes that were killed, and wait until every shard answers.

        Not until all have their second copy again: one that was just being fetched when a node was killed can stay so
        for minutes, whatever OpenSearch's time limits of recoveries are.
        """
        for node in self.nodes:
            if node.process is None:
                self.start_node(node)
        self.wait(len(self.nodes))

    def remove(self, indexes: list[Any]) -> None:
        """Delete open indexes with all that belongs to them, and close them."""
        names = ",".join(f"{index.cluster.address.name}{suffix}" for index in indexes for suffix in ("", ".commits"))
        if names:
            indexes[0].cluster.request("DELETE", f"/{names}", missing_ok=True)
        for index in indexes:
            index.close()

    def stop(self) -> None:
        for node in self.nodes:
            if node.process is not None:
                node.kill()

    def _settings(self, node: Node) -> str:
        seeds = json.dumps([f"127.0.0.1:{other.transport_port}" for other in self.nodes])
        settings = {
            "network.host": "127.0.0.1",
            "transport.port": str(node.transport_port),
            "discovery.seed_hosts": seeds,
            "cluster.initial_cluster_manager_nodes": seeds,
            # A machine of tests may have little room left; that is not what is tested.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            # Two processors for each node, whatever the machine: thread pools are sized by it.
            "node.processors": "2",
        } | self.settings
        return "".join(f"{name}: {value}\n" for name, value in settings.items())


def at(addresses: str) -> Cluster:
    """A cluster that somebody else has started, by the addresses of its nodes."""
    nodes = [Node(Path(), int(address.rpartition(":")[2]), 0) for address in addresses.split(",")]
    return Cluster(Path(), nodes, "")


def class_path() -> str:
    """The class path, which Maven makes once and keeps with what it has downloaded."""
    kept = Path.home() / ".m2" / f"broadsheet-{POM.stat().st_size}-{int(POM.stat().st_mtime)}.classpath"
    if not kept.exists():
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:build-classpath", f"-Dmdep.outputFile={kept}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=MAVEN_SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(f"Maven could not resolve {POM}: {done.stdout[-2000:]}{done.stderr[-500:]}")
    return kept.read_text()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at. The runner takes none above 9299."""
    found: list[int] = []
    candidates = list(range(7000, 9290))
    random.shuffle(candidates)
    for port in candidates:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("no free ports")


@contextmanager
def running(folder: Path, nodes: int = 3, http_ports: list[int] | None = None) -> Iterator[Cluster]:
    """A cluster that lives as long as the block."""
    ports = free_ports(2 * nodes)
    http = http_ports or ports[:nodes]
    members = [Node(folder / f"node-{n}", http[n], ports[nodes + n]) for n in range(nodes)]
    cluster = Cluster(folder, members, class_path())
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


if __name__ == "__main__":
    first = int(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with running(Path(sys.argv[1]), count, list(range(first, first + count))) as up:
        sys.stdout.write(f"{up.addresses}\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass
