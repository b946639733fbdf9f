"""Completions of what is being typed, and the words that an article is about."""

from __future__ import annotations

import re
from bisect import insort
from collections import Counter
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.analysis import Stemmer, fold, whole_value, words
from indexer.article import Article
from indexer.query import plan
from indexer.query.budget import Budget
from indexer.query.plan import Plan
from indexer.response import Suggestion
from indexer.view import LiveSegment, View

# Stems that stand for an article when others like it are looked for.
DISTINCTIVE = 25
# Last words of a phrase, those of most articles, that are tried with the words before them.
PHRASES_TRIED = 30
# Who types waits no longer: of phrases of very common words in a large index, those found by then are shown.
PHRASE_SECONDS = 0.25

_Counted = tuple[tuple[str, str], int]


def completions(view: View, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """The words, phrases and sources that begin with what was typed, those of most articles first.

    Of several words the last is completed so that the phrase occurs, or else as a word; sources are completed from
    the whole of `typed`.
    """
    found: Counter[tuple[str, str]] = Counter()
    before, last = parted(typed)
    # Whatever the limit, phrases are sought among the same words.
    most = max(10 * limit, PHRASES_TRIED)
    for segment in view.segments:
        reader = segment.reader
        if last:
            first, stop = reader.words.starting(last.encode())
            counts = reader.word_docs[first:stop]
            # Of many words only those that may be shown are read; more than that, for the sum over segments.
            for number in (-counts.astype(np.int64)).argsort(kind="stable")[:most].tolist():
                word = reader.words[first + number].decode()
                found[f"{before} {word}".strip(), "word"] += int(counts[number])
        column = reader.column("source")
        folded = whole_value(typed)
        for ordinal, value in enumerate(column.folded) if folded else ():
            if value.startswith(folded):
                docs = (column.ordinals == ordinal).nonzero()[0]
                found[column.values[ordinal], "source"] += _not_deleted(segment, docs)
    if before:
        phrases = _phrases(view, words(before), [text for (text, kind), _ in _ranked(found) if kind == "word"])
        if phrases:
            found = Counter({key: count for key, count in found.items() if key[1] != "word"}) + phrases
    return tuple(Suggestion(text=text, kind=kind, count=count) for (text, kind), count in _best(view, found, limit))


def parted(typed: str) -> tuple[str, str]:
    """What was typed, folded: the words before the last space, and what stands behind it."""
    *before, last = re.split(r"\s+", fold(typed))
    return " ".join(before), last


def _ranked(found: Counter[tuple[str, str]]) -> list[_Counted]:
    return sorted(found.items(), key=_order)


def _order(item: _Counted) -> tuple[int, tuple[str, str]]:
    return -item[1], item[0]


def _best(view: View, found: Counter[tuple[str, str]], limit: int) -> list[_Counted]:
    """The first `limit`. The counts of words in `found` include deleted articles; those that are returned do not."""
    best: list[_Counted] = []
    deleted = any(segment.alive is not None for segment in view.segments)
    for item in _ranked(found):
        if len(best) >= limit and _order(best[limit - 1]) < _order(item):
            break
        (text, kind), count = item
        if deleted and kind == "word":
            word = plan.Term("text", text.rpartition(" ")[2])
            count = sum(_matching(segment, word) for segment in view.segments)
        if count:
            insort(best, ((text, kind), count), key=_order)
    return best[:limit]


def _matching(segment: LiveSegment, node: Plan) -> int:
    return _not_deleted(segment, segment.matcher.found(node).docs)


def _not_deleted(segment: LiveSegment, docs: npt.NDArray[Any]) -> int:
    return len(docs) if segment.alive is None else int(np.count_nonzero(segment.alive.take(docs)))


def _phrases(view: View, before: list[str], completed: list[str]) -> Counter[tuple[str, str]]:
    """Which of the completed texts are phrases of the articles, as far as that is found in time, and of how many."""
    found: Counter[tuple[str, str]] = Counter()
    with Budget(perf_counter() + PHRASE_SECONDS):
        for text in completed[:PHRASES_TRIED]:
            phrase = plan.Phrase("text", (*before, text.rpartition(" ")[2]))
            if count := sum(_matching(segment, phrase) for segment in view.segments):
                found[text, "phrase"] = count
    return found


def distinctive_stems(view: View, article: Article, stemmer: Stemmer) -> list[str]:
    """The stems that tell an article from the rest: highest frequency times idf, at most DISTINCTIVE."""
    frequencies = Counter(stemmer.stems(words(article.title) * 2 + words(article.body)))
    shared = [stem for stem in frequencies if view.document_frequency(stem) > 1]
    return sorted(shared, key=lambda stem: (-frequencies[stem] * view.idf(stem), stem))[:DISTINCTIVE]
