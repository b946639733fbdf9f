from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.article import Article
from indexer.cleaning import clean, explain
from indexer.cleaning.explanation import Explanation
from indexer.errors import PageError

PAGES = Path(__file__).with_name("pages")
BRIDGE = PAGES / "harbour_bridge.txt"


@pytest.fixture(scope="module")
def bridge() -> Explanation:
    return explain(BRIDGE.read_text(encoding="utf-8"), kind="text")


@pytest.mark.parametrize("name", ["harbour_bridge.txt", "glass_works.txt"])
def test_explained_article_is_the_cleaned_one(name: str) -> None:
    data = (PAGES / name).read_bytes()
    assert explain(data, kind="text").article == clean(data, kind="text")


def test_kept_lines_are_the_body(bridge: Explanation) -> None:
    assert [line.text for line in bridge.lines if line.kept] == bridge.article.body.split("\n\n")


def test_every_line_of_the_page_has_its_verdict(bridge: Explanation) -> None:
    rows = [row for row in BRIDGE.read_text(encoding="utf-8").splitlines() if row.strip()]
    assert len(bridge.lines) == len(rows)
    assert all(line.reason for line in bridge.lines)
    assert all((line.role == "title") <= (not line.kept) for line in bridge.lines)
    assert [line.text for line in bridge.lines if line.role == "title"] == [bridge.article.title]


def test_reason_tells_comments_from_links(bridge: Explanation) -> None:
    reasons = {line.text: line.reason for line in bridge.lines}
    assert reasons["Comments"] == "the end of the article, after the text"
    assert reasons["Related News"] == "the heading of a box, unlike the text around it"


def test_fields_say_where_they_were_found(bridge: Explanation) -> None:
    fields = bridge.fields
    assert fields["date"].method == bridge.article.date_method == "byline"
    assert fields["authors"].value == bridge.article.authors
    assert fields["authors"].method == "byline"
    assert fields["source"].method == "masthead"
    assert fields["url"].method == ""
    assert all(0 <= found.confidence <= 1 for found in fields.values())


def test_given_source_is_certain() -> None:
    fields = explain(BRIDGE.read_bytes(), kind="text", source="The Herald").fields
    assert (fields["source"].method, fields["source"].confidence) == ("input", 1.0)


def test_page_without_text_is_rejected_like_by_clean() -> None:
    with pytest.raises(PageError):
        explain("•\n•\n")


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(["By ", "\n", "\n\n", "•  x", "1.", "۲", "A b c.", "\ud83d"])).map("".join)
    )
)
def test_explain_and_clean_agree_on_odd_text(data: str) -> None:
    outcomes: list[Article | str] = []
    for call in (clean, lambda text, kind: explain(text, kind=kind).article):
        try:
            outcomes.append(call(data, kind="text"))
        except PageError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


def _indexer(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from indexer.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60)


def test_command_shows_each_line_with_its_mark_and_each_field() -> None:
    done = _indexer("clean", "--explain", str(BRIDGE))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("#") and "Old harbour bridge to close" in line for line in lines)
    assert any(line.startswith("+") and "The old harbour bridge will close" in line for line in lines)
    assert any(line.startswith("-") and "Related News" in line for line in lines)
    assert any(line.startswith("date: 2021-05-08T13:05:00Z") and "byline" in line for line in lines)


def test_command_explains_as_json() -> None:
    done = _indexer("clean", "--explain", "--json", str(BRIDGE))
    assert done.returncode == 0, done.stderr
    (document,) = json.loads(done.stdout)
    assert set(document) == {"article", "kind", "fields", "lines", "flags"}
    assert document["fields"]["title"]["value"] == document["article"]["title"]
