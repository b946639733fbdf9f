"""How many articles hold a stem: for common words in snippets, and for what tells an article from the rest."""

from __future__ import annotations

from collections import Counter
from math import log
from typing import Final

import orjson

from indexer.analysis import Stemmer, words
from indexer.article import Article
from indexer.opensearch.cluster import Cluster, ShardsMissingError
from indexer.opensearch.compile import Clause
from indexer.opensearch.mapping import term
from indexer.opensearch.view import View
from indexer.query.suggest import DISTINCTIVE

_AT_ONCE: Final = 500
_KEPT: Final = 50_000


class Frequencies:
    """The number of articles that hold a stem in one view, asked once. Safe to use from many threads."""

    def __init__(self, cluster: Cluster, state: View) -> None:
        self._cluster = cluster
        self._view = state
        self._known: dict[str, int] = {}

    def of(self, stems: list[str]) -> dict[str, int]:
        """Stem → articles."""
        unknown = [stem for stem in dict.fromkeys(stems) if stem not in self._known]
        if len(self._known) > _KEPT:
            self._known.clear()
            unknown = list(dict.fromkeys(stems))
        found: dict[str, int] = {}
        for start in range(0, len(unknown), _AT_ONCE):
            asked = unknown[start : start + _AT_ONCE]
            found |= zip(asked, self._with_words("text_stem", asked), strict=True)
        self._known |= found
        return {stem: found[stem] if stem in found else self._known[stem] for stem in stems}

    def words(self, asked: list[str]) -> list[int]:
        """The number of articles that hold each of some surface words."""
        return self._with_words("words", asked)

    def _with_words(self, field: str, asked: list[str]) -> list[int]:
        """OpenSearch answers these from the dictionary where nothing is deleted."""
        return self.matching([{"term": {field: {"value": term(word)}}} for word in asked])

    def matching(self, queries: list[Clause]) -> list[int]:
        """The number of articles that each of some queries matches."""
        if not queries:
            return []
        lines = []
        for query in queries:
            lines += [{"index": self._cluster.address.name}, {"size": 0, "track_total_hits": True, "query": query}]
        body = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)

        def counted() -> list[int]:
            answer = self._cluster.request("POST", "/_msearch", body)
            assert answer is not None
            counts = []
            for found in answer["responses"]:
                if "error" in found or found["_shards"]["failed"]:
                    raise ShardsMissingError(str(found.get("error") or found["_shards"])[:300])
                counts.append(int(found["hits"]["total"]["value"]))
            return counts

        return self._cluster.patiently(counted)


def distinctive_stems(article: Article, state: View, frequencies: Frequencies, stemmer: Stemmer) -> list[str]:
    """The stems that tell an article from the rest, as `query.suggest` chooses them on disk."""
    own = Counter(stemmer.stems(words(article.title) * 2 + words(article.body)))
    known = frequencies.of(list(own))
    weights = {
        stem: count * (log(state.articles / (known[stem] + 1)) + 1) for stem, count in own.items() if known[stem] > 1
    }
    return sorted(weights, key=lambda stem: (-weights[stem], stem))[:DISTINCTIVE]
