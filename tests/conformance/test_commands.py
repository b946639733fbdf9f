"""The commands and the server take the address of a cluster where they take a directory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from articles import ARTICLES, build_index, write_jsonl
from opensearch_cluster import Cluster
from processes import run

import indexer
import server


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    """The address of an index that is not there yet."""
    address = cluster.url("commands", "?shards=2")
    yield address
    with indexer.open_index(address, create=True) as index:
        cluster.remove([index])


def test_every_command_takes_an_address(url: str, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "articles.jsonl")
    added = json.loads(run("indexer", "ingest", "--index", url, path, "--json").stdout)
    assert (added["added"], added["rejected"]) == (len(ARTICLES), 0)
    environment = {"BROADSHEET_INDEX": url}
    found = run("search", "harbour storm", "--json", env=environment)
    assert json.loads(found.stdout)["total"] == 2, found.stderr
    assert json.loads(run("indexer", "get", "hill/valley/4", "--json", env=environment).stdout)["id"] == "hill/valley/4"
    assert json.loads(run("indexer", "stats", "--json", env=environment).stdout)["articles"] == len(ARTICLES)
    assert json.loads(run("indexer", "check", "--json", env=environment).stdout)["ok"]
    assert len(run("indexer", "export", env=environment).stdout.splitlines()) == len(ARTICLES)
    assert json.loads(run("indexer", "optimize", "--json", env=environment).stdout)["generation"] > added["generation"]
    assert json.loads(run("indexer", "delete", "hill-6", "--json", env=environment).stdout) == {"deleted": 1}
    assert run("search", "--count", env=environment).stdout == f"{len(ARTICLES) - 1}\n"


def test_copy_fills_a_cluster_and_a_directory_and_may_be_repeated(url: str, tmp_path: Path) -> None:
    there, back = build_index(tmp_path), tmp_path / "back.index"
    first = run("indexer", "copy", "--from", there, "--to", url)
    assert (first.returncode, first.stdout) == (
        0,
        f"Read {len(ARTICLES)} articles: {len(ARTICLES)} added, 0 updated, 0 were there.\nThe counts agree.\n",
    )
    assert run("indexer", "copy", "--from", url, "--to", back).returncode == 0
    again = run("indexer", "copy", "--from", url, "--to", back, "--json")
    assert json.loads(again.stdout) == {
        "articles": len(ARTICLES),
        "added": 0,
        "updated": 0,
        "unchanged": len(ARTICLES),
        "problems": [],
    }
    one, other = (run("indexer", "export", "--index", index).stdout for index in (str(there), str(back)))
    assert one == other


def test_processes_that_share_the_files_out_fill_one_index(url: str, tmp_path: Path) -> None:
    halves = [write_jsonl(tmp_path / f"{n}.jsonl", ARTICLES[n::2]) for n in range(2)]
    with indexer.open_index(url, create=True) as index, ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda path: run("indexer", "ingest", "--index", url, path, "--json"), halves))
        assert sum(json.loads(one.stdout)["added"] for one in done) == len(ARTICLES)
        assert index.search(limit=0).total == len(ARTICLES)


def test_the_server_serves_a_cluster(url: str, tmp_path: Path) -> None:
    with indexer.open_index(url, create=True) as index:
        index.ingest([write_jsonl(tmp_path / "articles.jsonl")], workers=1)
    client = server.create_app(url).test_client()
    assert client.get("/v1/search?q=storm").json["total"] == 3
    assert client.get("/readyz").json["status"] == "ready"
    assert client.get("/v1/articles/nobody").status_code == 404
    assert len(client.get("/v1/export").text.splitlines()) == len(ARTICLES)
    assert client.get("/v1/search?q=storm&cursor=x").status_code == 400
    assert "broadsheet" in client.get("/metrics").text


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("opensearch://127.0.0.1:9200/", "no name of an index"),
        ("http://127.0.0.1:9200/news", "no such kind of address: http:// (opensearch or opensearch+https, as in"),
        ("opensearch://127.0.0.1:9200/News", "small letters"),
        ("opensearch://a b/news", "no host"),
        ("opensearch://127.0.0.1:9200/news?copies=3", "no such option"),
    ],
)
def test_an_address_that_cannot_be_says_what_is_wrong(address: str, message: str) -> None:
    done = run("search", "ferry", "--index", address)
    assert done.returncode != 0
    assert message in done.stderr


def test_a_missing_index_says_how_to_make_one_there(cluster: Cluster) -> None:
    done = run("search", "ferry", "--index", cluster.url("none"))
    assert done.returncode == 1
    assert f"Build one: indexer ingest --index {cluster.url('none')} PAGES" in done.stderr


def test_another_index_of_the_cluster_is_not_taken_for_ours(cluster: Cluster) -> None:
    with indexer.open_index(cluster.url("ours"), create=True) as ours:
        ours.cluster.request("PUT", "/theirs")
        done = run("indexer", "ingest", "--index", cluster.url("theirs"), "-", stdin=b"{}")
        assert (done.returncode, "is another kind of index" in done.stderr) == (1, True)
        ours.cluster.request("DELETE", "/theirs")
        cluster.remove([ours])


def test_the_language_of_a_new_index_chooses_its_stemmer(cluster: Cluster, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "de.jsonl", ({"id": "1", "title": "Die Häuser stehen leer."},))
    with indexer.open_index(cluster.url("german"), create=True, language="de") as index:
        index.ingest([path], workers=1)
        assert index.search("Haus").total == 1
        with indexer.open_index(cluster.url("german"), create=True, language="en") as again:
            assert again.language == "de"
        cluster.remove([index])


def test_a_cluster_that_is_not_there_is_an_error_in_words() -> None:
    done = run("search", "ferry", "--index", "opensearch://127.0.0.1:9/news")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: opensearch://127.0.0.1:9/news does not answer")
    assert "Traceback" not in done.stderr
