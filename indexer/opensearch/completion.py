"""Completions of what is being typed, and better spellings.

OpenSearch has no list of an index's words with their numbers. So words are gathered from some of the articles that
hold one with the beginning that was typed, until no others are left or enough have been read, and are then counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from indexer.analysis import whole_value, words
from indexer.opensearch import view
from indexer.opensearch.cluster import Cluster
from indexer.opensearch.compile import matching
from indexer.opensearch.mapping import FORMS_SUFFIX, SEPARATOR, term
from indexer.opensearch.terms import Terms
from indexer.opensearch.view import View
from indexer.query.edits import within_edits
from indexer.query.plan import Phrase
from indexer.query.suggest import PHRASES_TRIED, parted
from indexer.response import Suggestion

# Articles that are read at a time, and how often others are asked for.
_SAMPLE: Final = 100
_ROUNDS: Final = 4
_SOURCES: Final = 1000
# Near words that each shard names.
_NEAR: Final = 50


def completions(cluster: Cluster, state: View, terms: Terms, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """The words, phrases and sources that begin with what was typed, those of most articles first, as on disk."""
    found: dict[tuple[str, str], int] = {}
    before, last = parted(typed)
    if words(last) == [last]:
        starting = _starting(cluster, state, last, limit)
        counts = dict(zip(starting, terms.articles_with_words(starting), strict=True))
        counts = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        phrases = _phrases(terms, words(before), list(counts)) if before else {}
        for word, count in (phrases or counts).items():
            found[f"{before} {word}".strip(), "phrase" if phrases else "word"] = count
    folded = whole_value(typed)
    if folded:
        for name, count in _sources(cluster, state, folded):
            found[name, "source"] = count
    ranked = sorted((item for item in found.items() if item[1]), key=lambda item: (-item[1], item[0]))[:limit]
    return tuple(Suggestion(text=text, kind=kind, count=count) for (text, kind), count in ranked)


def _starting(cluster: Cluster, state: View, start: str, limit: int) -> list[str]:
    """Words that begin with `start`; those of most articles are very likely among them."""
    seen: Counter[str] = Counter()
    for _ in range(_ROUNDS):
        # Only articles with a word that was not met yet can add one.
        others = [{"terms": {"words": list(seen)}}] if seen else []
        beginning = {"prefix": {"words": {"value": term(start)}}}
        query: dict[str, Any] = {"bool": {"filter": [beginning], "must_not": others}}
        body = {"query": query, "size": _SAMPLE, "_source": ["article.title", "article.body"]}
        hits = view.search(cluster, state.point_in_time, body)["hits"]["hits"]
        for hit in hits:
            article = hit["_source"]["article"]
            text = f"{article['title']}\n{article['body']}"
            seen.update({word for word in words(text) if word.startswith(start)})
        if len(hits) < _SAMPLE:
            break
    return [word for word, _ in seen.most_common(max(10 * limit, PHRASES_TRIED))]


def _phrases(terms: Terms, before: list[str], completed: list[str]) -> dict[str, int]:
    """Which of some words stand right after those before, and in how many articles."""
    tried = completed[:PHRASES_TRIED]
    counts = terms.matching([matching(Phrase("text", (*before, word))) for word in tried])
    return {word: count for word, count in zip(tried, counts, strict=True) if count}


def _sources(cluster: Cluster, state: View, start: str) -> list[tuple[str, int]]:
    """The display forms of the sources that begin with `start`, and their articles."""
    forms = {"terms": {"field": "source" + FORMS_SUFFIX, "size": _SOURCES}}
    query = {"prefix": {"source": {"value": term(start)}}}
    found = view.search(cluster, state.point_in_time, {"query": query, "size": 0, "aggs": {"forms": forms}})
    buckets = found["aggregations"]["forms"]["buckets"]
    return [(bucket["key"].partition(SEPARATOR)[2], bucket["doc_count"]) for bucket in buckets]


class ClusterVocabulary:
    """The words of an index, as `query.spelling` asks for them."""

    def __init__(self, cluster: Cluster, terms: Terms) -> None:
        self._cluster = cluster
        self._terms = terms

    def articles(self, words: list[str]) -> list[int]:
        """In how many articles each of some words is."""
        return self._terms.articles_with_words(words)

    def near(self, word: str, edits: int, articles: int) -> Iterator[set[str]]:
        """See Vocabulary: the most frequent of them."""
        return (self._near(word, fewer) for fewer in range(1, edits + 1))

    def _near(self, word: str, edits: int) -> set[str]:
        options = {
            "field": "words",
            "size": _NEAR,
            "suggest_mode": "always",
            "prefix_length": 1,
            "min_word_length": 1,
            "max_edits": edits,
            "max_inspections": 20,
            "sort": "frequency",
        }
        body = {"size": 0, "suggest": {"near": {"text": word, "term": options}}}
        found = self._cluster.request("POST", f"/{self._cluster.address.name}/_search", body)
        assert found is not None
        named = [option["text"] for entry in found["suggest"]["near"] for option in entry["options"]]
        encoded = [name.encode() for name in named]
        # A swap of two letters is one edit there and two here.
        return set(within_edits(encoded, word, edits).values())
