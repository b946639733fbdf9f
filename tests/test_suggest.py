"""Completions, and articles like another."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import BuildIndex
from indexes import Record

from indexer.errors import ArticleNotFoundError


def story(id: str, body: str, **fields: Any) -> Record:
    return {"id": id, "body": body, **fields}


def test_words_are_completed_with_those_of_most_articles_first(new_index: BuildIndex) -> None:
    index = new_index(story("a", "harbour harvest"), story("b", "harbour wall"), story("c", "the hare"))
    found = [(s.text, s.kind, s.count) for s in index.suggest("Har")]
    assert found == [("harbour", "word", 2), ("hare", "word", 1), ("harvest", "word", 1)]
    assert [s.text for s in index.suggest("the harb")] == ["the harbour"]
    assert len(index.suggest("har", limit=1)) == 1


def test_sources_are_completed_from_all_that_was_typed(new_index: BuildIndex) -> None:
    index = new_index(story("a", "x", source="Évening Star"), story("b", "x", source="Morning Post"))
    assert [(s.text, s.kind) for s in index.suggest("eveni")] == [("Évening Star", "source")]
    assert index.suggest("") == ()
    assert index.suggest("?!") == ()


def test_similar_articles_share_distinctive_words_and_leave_out_the_article_itself(new_index: BuildIndex) -> None:
    index = new_index(
        story("ferry", "The ferry strike closed the harbour for a week."),
        story("strike", "A second strike by ferry crews is called for Monday."),
        story("cheese", "The village cheese won a prize for the best rind."),
        story("rind", "A prize rind: the cheese of the village."),
    )
    assert index.similar("ferry").hits[0].article.id == "strike"
    assert index.similar("cheese", limit=1).hits[0].article.id == "rind"
    assert "ferry" not in {hit.article.id for hit in index.similar("ferry").hits}


def test_an_article_without_shared_words_has_none_like_it(new_index: BuildIndex) -> None:
    index = new_index(story("a", "quixotic zephyr"), story("b", "harbour"))
    assert index.similar("a").total == 0


def test_similar_to_an_unknown_article_says_so(new_index: BuildIndex) -> None:
    with pytest.raises(ArticleNotFoundError):
        new_index(story("a", "x")).similar("nobody")
