"""bm25s: scores of bags of words over all articles, kept as arrays. What it has no notion of is not measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import orjson
import Stemmer

from benchmarks.corpus import records
from benchmarks.engines.engine import HITS, SOURCES, Answer, Engine, Hit, TopTen
from benchmarks.query import Query

SNIPPET_CHARACTERS = 200
_WORD = re.compile(r"\w+")


class Bm25s(Engine):
    """Its users count facets with NumPy and cut snippets themselves, so that is what the adapter does."""

    differs = "only single words and OR: no AND, phrase, prefix or filter; indexes with one thread"
    distribution = "bm25s"

    def __init__(self) -> None:
        self._stemmer = Stemmer.Stemmer("english")

    def build(self, jsonl: Path, directory: Path, threads: int) -> None:
        """See Engine."""
        del threads
        stored: list[dict[str, Any]] = []
        sources: list[str] = []
        months: list[str] = []
        for record in records(jsonl):
            date = record.date.isoformat() if record.date else ""
            stored.append({"title": record.title, "body": record.body, "source": record.source, "date": date})
            sources.append(record.source)
            months.append(date[:7])
        tokens = bm25s.tokenize(
            [f"{article['title']}\n{article['body']}" for article in stored],
            token_pattern=_WORD.pattern,
            stopwords=[],
            stemmer=self._stemmer,
            show_progress=False,
        )
        engine = bm25s.BM25()
        engine.index(tokens, show_progress=False)
        engine.save(str(directory), corpus=stored, show_progress=False)
        for name, values in (("sources", sources), ("months", months)):
            names, numbers = np.unique(np.array(values), return_inverse=True)
            np.save(directory / f"{name}.npy", numbers.astype(np.int32))
            (directory / f"{name}.json").write_bytes(orjson.dumps(names.tolist()))
        self.open(directory)

    def open(self, directory: Path) -> None:
        """See Engine."""
        self._engine = bm25s.BM25.load(str(directory), mmap=True, load_corpus=True)
        self._facets = [
            (np.load(directory / f"{name}.npy", mmap_mode="r"), orjson.loads((directory / f"{name}.json").read_bytes()))
            for name in ("sources", "months")
        ]

    def translate(self, query: Query) -> str | None:
        """See Engine."""
        bag = query.kind == "any-word" or (query.kind == "all-words" and len(query.words) == 1)
        return " ".join(query.words) if bag and not query.source and not query.since else None

    def _scored(self, query: str) -> tuple[list[str], Any, Any]:
        """The query's stems, the score of every article, the ten best of those that match."""
        stems: list[str] = self._stemmer.stemWords(_WORD.findall(query.lower()))
        scores = self._engine.get_scores([stem for stem in stems if stem in self._engine.vocab_dict])
        top = np.argpartition(scores, -min(HITS, len(scores)))[-HITS:]
        top = top[np.argsort(-scores[top], kind="stable")]
        return stems, scores, top[scores[top] > 0]

    def request(self, query: str) -> Answer:
        """See Engine."""
        stems, scores, top = self._scored(query)
        matching = np.flatnonzero(scores > 0)
        hits = [self._hit(self._engine.corpus[doc], stems) for doc in top.tolist()]
        sources, months = (
            {
                names[number]: int(counts[number])
                for number in np.argsort(-counts, kind="stable").tolist()
                if counts[number] and names[number]
            }
            for numbers, names in self._facets
            for counts in [np.bincount(numbers[matching], minlength=len(names))]
        )
        return Answer(len(matching), hits, dict(list(sources.items())[:SOURCES]), months)

    def _hit(self, article: dict[str, Any], stems: list[str]) -> Hit:
        body = article["body"]
        words = list(_WORD.finditer(body))
        found = self._stemmer.stemWords([word[0].lower() for word in words])
        place = next((word.start() for word, own in zip(words, found, strict=True) if own in stems), 0)
        start = max(0, place - SNIPPET_CHARACTERS // 2)
        return Hit(article["title"], article["source"], article["date"], body[start : start + SNIPPET_CHARACTERS])

    def top10(self, query: str) -> TopTen:
        """See Engine."""
        _, scores, top = self._scored(query)
        return TopTen(int(np.count_nonzero(scores > 0)), len(top))
