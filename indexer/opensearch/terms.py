"""What the cluster knows of words: how many articles hold one, and how often it occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import log
from typing import Any, Final, NamedTuple

import orjson

from indexer.analysis import Stemmer, words
from indexer.article import Article
from indexer.opensearch.cluster import Cluster, Document, ShardsMissingError
from indexer.opensearch.compile import Clause
from indexer.opensearch.mapping import term
from indexer.opensearch.view import View, ViewLostError, is_lost
from indexer.query.suggest import DISTINCTIVE

_AT_ONCE: Final = 500
_KEPT: Final = 50_000


class Occurrences(NamedTuple):
    """In how many articles a stem is, and how often."""

    articles: int
    places: int


class Terms:
    """The words of one view, each stem asked for once. Safe to use from many threads."""

    def __init__(self, cluster: Cluster, state: View) -> None:
        self._cluster = cluster
        self._view = state
        self._known: dict[str, Occurrences] = {}

    def stems(self, asked: Iterable[str]) -> dict[str, Occurrences]:
        """Stem → its occurrences."""
        wanted = dict.fromkeys(asked)
        found = {stem: known for stem in wanted if (known := self._known.get(stem))}
        unknown = [stem for stem in wanted if stem not in found]
        if unknown:
            # The explanation of one hit tells what the score of all is made of.
            searches = [
                _with_word("text_stem", stem) | {"size": 1, "explain": True, "_source": False} for stem in unknown
            ]
            for stem, answer in zip(unknown, self._answers(searches), strict=True):
                articles, places = answer["hits"]["total"]["value"], 0
                if articles:
                    told = answer["hits"]["hits"][0]["_explanation"]
                    # Both with what is deleted and not yet merged away: the articles that are left have their share.
                    places = round(
                        _told(told, "term.totalTermFreq") * articles / (_told(told, "term.docFreq") or articles)
                    )
                found[stem] = Occurrences(articles, places)
        if len(self._known) > _KEPT:
            self._known.clear()
        self._known |= found
        return found

    def articles_with_stems(self, asked: list[str]) -> list[int]:
        """The number of articles that hold each of some stems: less than `stems` tells, and quickly."""
        return self._counted([_with_word("text_stem", stem) for stem in asked])

    def articles_with_words(self, asked: list[str]) -> list[int]:
        """The number of articles that hold each of some surface words."""
        return self._counted([_with_word("words", word) for word in asked])

    def matching(self, queries: list[Clause]) -> list[int]:
        """The number of articles that each of some queries matches."""
        return self._counted([{"query": query} for query in queries])

    def _counted(self, searches: list[Document]) -> list[int]:
        answers = self._answers([search | {"size": 0} for search in searches])
        return [answer["hits"]["total"]["value"] for answer in answers]

    def _answers(self, searches: list[Document]) -> list[Document]:
        """The answers to some small searches of the view, which OpenSearch takes from its dictionary for the most part.

        Raises ViewLostError.
        """
        found: list[Document] = []
        header = {"search_type": "dfs_query_then_fetch"}
        view = {"pit": {"id": self._view.point_in_time}, "track_total_hits": True}
        for start in range(0, len(searches), _AT_ONCE):
            lines: list[Any] = []
            for search in searches[start : start + _AT_ONCE]:
                lines += header, search | view
            body = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)

            def answered(body: bytes = body) -> list[Document]:
                answer = self._cluster.request("POST", "/_msearch", body, patience=0)
                assert answer is not None
                responses: list[Document] = answer["responses"]
                for response in responses:
                    if "error" in response and is_lost(response["status"], response["error"]):
                        raise ViewLostError(str(response["error"])[:300])
                    if "error" in response or response["_shards"]["failed"]:
                        raise ShardsMissingError(str(response.get("error") or response["_shards"])[:300])
                return responses

            found += self._cluster.patiently(answered)
        return found


def _with_word(field: str, word: str) -> Document:
    return {"query": {"term": {field: {"value": term(word)}}}}


def _told(explanation: Document, name: str) -> int:
    """A number that an explanation of a score names."""
    if explanation["description"].startswith(name):
        return int(explanation["value"])
    return max((_told(part, name) for part in explanation["details"]), default=0)


def distinctive_stems(article: Article, state: View, terms: Terms, stemmer: Stemmer) -> list[str]:
    """The stems that tell an article from the rest, as `query.suggest` chooses them on disk."""
    own = Counter(stemmer.stems(words(article.title) * 2 + words(article.body)))
    counts = dict(zip(own, terms.articles_with_stems(list(own)), strict=True))
    weights = {
        stem: count * (log(state.articles / (counts[stem] + 1)) + 1) for stem, count in own.items() if counts[stem] > 1
    }
    return sorted(weights, key=lambda stem: (-weights[stem], stem))[:DISTINCTIVE]
