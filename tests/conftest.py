"""Fixtures for indexes; what a test only reads is built once a session."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import opensearch_cluster
import pytest
from articles import build_index
from hypothesis import HealthCheck, settings
from indexes import Record, built
from opensearch_cluster import Cluster

from indexer import NewsIndex

if TYPE_CHECKING:
    from flask.testing import FlaskClient

# The benchmarks are no part of what is installed.
sys.path.append(str(Path(__file__).parents[1]))

# A suite that a shell runs in the background ignores Ctrl-C, and so would the processes that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Deadlines would make a busy machine fail the suite; the number of examples bounds it instead.
settings.register_profile("broadsheet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("broadsheet")

BuildIndex = Callable[..., NewsIndex]

TOKEN = "a-token-for-tests"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def new_index(tmp_path: Path) -> BuildIndex:
    """Builds an index of the given records for one test."""

    def build(*records: Record) -> NewsIndex:
        return built(tmp_path, records)

    return build


@pytest.fixture(scope="session")
def news(tmp_path_factory: pytest.TempPathFactory) -> NewsIndex:
    """An index of NEWS that tests only read."""
    return built(tmp_path_factory.mktemp("news"), NEWS)


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of ARTICLES that tests only read."""
    return build_index(tmp_path_factory.mktemp("articles"))


@pytest.fixture
def own_index(index: Path, tmp_path: Path) -> Path:
    """An index of ARTICLES that the test may change."""
    return Path(shutil.copytree(index, tmp_path / "own.index"))


@pytest.fixture(scope="session")
def client(index: Path) -> FlaskClient:
    """A client of a service over an index of ARTICLES that nobody may write to."""
    import server
    from server.settings import Settings

    return server.create_app(index, settings=Settings()).test_client()


@pytest.fixture
def writer(own_index: Path) -> FlaskClient:
    """A client of a service that may be written to, over an index of its own."""
    import server
    from server.settings import Settings

    return server.create_app(own_index, settings=Settings(write_token=TOKEN)).test_client()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An OpenSearch cluster of three nodes. BROADSHEET_TEST_CLUSTER names the nodes of one that is running."""
    if running := os.environ.get("BROADSHEET_TEST_CLUSTER"):
        yield opensearch_cluster.at(running)
        return
    if reason := opensearch_cluster.missing():
        if "BROADSHEET_TESTS_NEED_CLUSTER" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    with opensearch_cluster.running(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


NEWS: tuple[Record, ...] = (
    {
        "id": "ledger-1",
        "title": "Ministers meet in Ostrava",
        "body": "Defence ministers met in Ostrava on Tuesday to settle who would guard the river crossings.\n\n"
        "Nine governments signed a declaration that calls the group a coalition of the willing. Others stayed away.\n\n"
        "The declaration names no number of soldiers.",
        "source": "Northern Ledger",
        "date": "2024-11-05T18:20:00Z",
        "authors": ["Ida Vesterby"],
        "section": "World",
        "topics": ["Defence", "Ostrava"],
        "language": "en",
    },
    {
        "id": "ledger-2",
        "title": "Coalition willing to fight over coalition budget",
        "body": "The coalition is willing to fight. A coalition willing to fight, said its leader, will not bend, and "
        "the coalition will stay willing.\n\nWilling or not, the coalition must pass the budget of the year.",
        "source": "Northern Ledger",
        "date": "2024-12-01T07:00:00Z",
        "authors": ["Ida Vesterby", "Tomas Okafor"],
        "section": "Politics",
        "topics": ["Budget"],
        "language": "en",
    },
    {
        "id": "herald-1",
        "title": "Ferry timetable changes for winter",
        "body": "Ferries leave an hour later from Sunday.\n\nThe company says the ice forces it to.",
        "source": "Gulf Herald",
        "date": "2024-12-03",
        "section": "Local",
        "topics": ["Ferries"],
        "language": "en",
    },
    {
        "id": "herald-2",
        "title": "Island asks for a bridge",
        "body": "The island's council wants a bridge.\n\nIts ferry is late too often, the council says, and the ferry "
        "company will not buy a second ship.",
        "source": "Gulf Herald",
        "date": "2025-01-20T09:00:00Z",
        "authors": ["Tomas Okafor"],
        "section": "Local",
        "topics": ["Ferries", "Budget"],
        "language": "en",
    },
    {
        "id": "poste-1",
        "title": "Zoë Sánchez à Genève",
        "body": "La ministre Zoë Sánchez est arrivée à Genève.\n\nElle y parle du budget.",
        "source": "La Poste du Lac",
        "date": "2025-01-21T12:30:00Z",
        "section": "Monde",
        "topics": ["Budget"],
        "language": "fr",
    },
    {
        "id": "undated-1",
        "title": "How to salt a herring",
        "body": "Take a herring and salt. Wait.\n\nA ferry cook's recipe.",
        "language": "en",
    },
)
