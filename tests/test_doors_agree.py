"""One question through Python, the command line, GET and POST: one answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from processes import run, serving

import indexer


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with serving(index) as url:
        yield url


def timeless(document: dict[str, Any]) -> dict[str, Any]:
    assert document.pop("took_ms") >= 0
    return document


def by_python(index: Path, q: str, options: dict[str, Any]) -> dict[str, Any]:
    with indexer.open_index(index) as opened:
        document: dict[str, Any] = json.loads(json.dumps(opened.search(q, **options).to_dict()))
    return timeless(document)


def by_command(index: Path, q: str, options: dict[str, Any]) -> dict[str, Any]:
    arguments = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(flag)
        elif name == "facets":
            arguments.append(f"{flag}={','.join(value)}")
        else:
            arguments += [f"{flag}={one}" for one in (value if isinstance(value, list) else [value])]
    done = run("search", "--json", "--index", index, *arguments, "--", q)
    assert done.returncode == 0, done.stderr
    return timeless(json.loads(done.stdout))


def by_get(address: str, q: str, options: dict[str, Any]) -> dict[str, Any]:
    texts = {name: ",".join(value) if name == "facets" else value for name, value in options.items()}
    with urlopen(f"{address}/v1/search?{urlencode({'q': q, **texts}, doseq=True)}") as response:
        return timeless(json.load(response))


def by_post(address: str, q: str, options: dict[str, Any]) -> dict[str, Any]:
    with urlopen(Request(f"{address}/v1/search", json.dumps({"q": q, **options}).encode())) as response:
        return timeless(json.load(response))


@pytest.mark.parametrize(
    ("q", "options"),
    [
        ("", {}),
        ("harbour", {}),
        ("storm OR ferry", {"sort": "newest", "limit": 2}),
        ('"the harbour company"', {"snippets": 3}),
        ("-harbour storm", {"facets": []}),
        ("--storm (", {}),
        ("señora NUNEZ", {"language": ["en", "de"]}),
        ("dividend shares cable", {"match": "any", "explain": True}),
        ("", {"source": ["-Daily Harbour"], "facets": ["section", "author", "topic"], "facet_size": 2}),
        ("", {"source": ["\\-Daily Harbour", "Hill & Valley"], "facets": ["source"]}),
        ("", {"since": "2024-02", "until": "2024-02-21", "interval": "day", "sort": "oldest"}),
        ("nosuchfield:harbour", {"limit": 0}),
        ("zeppelin", {}),
    ],
)
def test_every_door_gives_the_same_document(index: Path, address: str, q: str, options: dict[str, Any]) -> None:
    expected = by_python(index, q, options)
    assert by_command(index, q, options) == expected
    assert by_get(address, q, options) == expected
    assert by_post(address, q, options) == expected


def test_a_cursor_of_one_door_opens_the_next_page_through_every_other(index: Path, address: str) -> None:
    options: dict[str, Any] = {"limit": 3, "sort": "newest"}
    cursor = by_get(address, "", options)["next_cursor"]
    options["cursor"] = cursor
    expected = by_python(index, "", options)
    assert len(expected["hits"]) == 3
    assert by_command(index, "", options) == expected
    assert by_post(address, "", options) == expected


def test_an_article_is_the_same_through_every_door(index: Path, address: str) -> None:
    with indexer.open_index(index) as opened:
        expected = opened.get("hill/valley/4").to_dict()
    assert json.loads(run("indexer", "get", "--json", "--index", index, "hill/valley/4").stdout) == expected
    with urlopen(f"{address}/v1/articles/hill/valley/4") as response:
        assert json.load(response) == expected


def got(url: str) -> Any:
    with urlopen(url) as response:
        return json.load(response)


def test_similar_articles_are_the_same_through_every_door(index: Path, address: str) -> None:
    with indexer.open_index(index) as opened:
        expected = timeless(json.loads(json.dumps(opened.similar("harbour-1", limit=3, facets=["topic"]).to_dict())))
    done = run("indexer", "similar", "--json", "--index", index, "--limit=3", "--facets=topic", "harbour-1")
    assert timeless(json.loads(done.stdout)) == expected
    assert timeless(got(f"{address}/v1/articles/harbour-1/similar?limit=3&facets=topic")) == expected


def test_suggestions_and_sources_are_the_same_through_every_door(index: Path, address: str) -> None:
    with indexer.open_index(index) as opened:
        suggestions = {"suggestions": [suggestion.to_dict() for suggestion in opened.suggest("the h", 5)]}
        sources = {"sources": [source.to_dict() for source in opened.sources()]}
    done = run("indexer", "suggest", "--json", "--index", index, "--limit=5", "the", "h")
    assert json.loads(done.stdout) == got(f"{address}/v1/suggest?q=the+h&limit=5") == suggestions
    assert suggestions["suggestions"]
    done = run("indexer", "sources", "--json", "--index", index)
    assert json.loads(done.stdout) == got(f"{address}/v1/sources") == sources


@pytest.mark.parametrize("format", ["ndjson", "csv"])
def test_an_export_is_the_same_file_through_every_door(index: Path, address: str, format: str) -> None:
    done = run("indexer", "export", "--index", index, "--format", format, "--trailer", "--sort=oldest", "storm")
    with urlopen(f"{address}/v1/export?q=storm&sort=oldest&trailer=true&format={format}") as response:
        assert response.read().decode() == done.stdout
    assert done.stderr == "Exported 3 articles.\n"


def test_a_misspelt_query_has_the_same_suggestion_through_every_door(index: Path, address: str) -> None:
    expected = by_python(index, "braekwater", {})
    assert expected["suggestion"] == "breakwater"
    assert by_command(index, "braekwater", {}) == by_get(address, "braekwater", {}) == expected
