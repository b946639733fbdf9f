"""Did you mean: words of the index in place of those that it hardly knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Protocol

from indexer.analysis import fold
from indexer.invisible import without_invisible
from indexer.query.edits import within_edits
from indexer.view import View

# A query that finds fewer articles than these may be misspelt.
LITTLE: Final = 3
_MOST_WORDS: Final = 4
_SHORTEST: Final = 4
_SHORTEST_WITH_TWO_EDITS: Final = 6
# A word takes the place of another one only if it is in so many times as many articles.
_TIMES: Final = 10
# Not a field's name or value, no pattern, and no number: another year is no better spelling.
_WORD: Final = re.compile(r"(?<![\w:*?~-])(?!\d+\b)\w+(?![\w:*?~])")


class Vocabulary(Protocol):
    """The words of an index."""

    def articles(self, words: list[str]) -> list[int]:
        """In how many articles each of some words is."""

    def near(self, word: str, edits: int, articles: int) -> Iterator[set[str]]:
        """Words that one edit turns into `word`, whose first letter is taken as right; then those of up to `edits`.

        articles  words that are in fewer may be left out
        """


def respelt(vocabulary: Vocabulary, q: str) -> str | None:
    """`q` with the nearest frequent words of the index for words it hardly has; None where there are none."""
    # A mark of its own would cut a word in two, and so would a soft hyphen.
    q = without_invisible(unicodedata.normalize("NFC", q))
    replaced = 0
    parts: list[str] = []
    end = 0
    for found in _WORD.finditer(q):
        word = fold(found[0])
        # Folding may leave nothing of a word: half-width sound marks alone.
        better = _better(vocabulary, word) if replaced < _MOST_WORDS and len(word) >= _SHORTEST else None
        if better:
            parts += q[end : found.start()], better
            end = found.end()
            replaced += 1
    return "".join((*parts, q[end:])) if replaced else None


def _better(vocabulary: Vocabulary, word: str) -> str | None:
    """The word of most articles within one edit, or else within two."""
    (frequency,) = vocabulary.articles([word])
    if frequency >= LITTLE:
        return None
    least = max(1, _TIMES * frequency)
    for found in vocabulary.near(word, 2 if len(word) >= _SHORTEST_WITH_TWO_EDITS else 1, least):
        near = sorted(found)
        count, best = max(zip(vocabulary.articles(near), near, strict=True), default=(0, ""))
        if count >= least:
            return best
    return None


class ViewVocabulary:
    """The words of an index on disk; deleted articles are counted until they are merged away."""

    def __init__(self, view: View) -> None:
        self._readers = [segment.reader for segment in view.segments]

    def articles(self, words: list[str]) -> list[int]:
        """See Vocabulary."""
        return list(map(self._articles, words))

    def near(self, word: str, edits: int, articles: int) -> Iterator[set[str]]:
        """See Vocabulary."""
        found: set[str] = set()
        # What is in so many articles of all segments is in as many as these of one.
        least = -(-articles // max(1, len(self._readers)))
        for reader in self._readers:
            first, stop = reader.words.starting(word[0].encode())
            frequent = reader.word_docs[first:stop] >= least
            found.update(within_edits(reader.words, word, edits, (first, frequent)).values())
        # The nearest are sought among the near: most words have none.
        for fewer in range(1, edits if found else 1):
            yield set(within_edits([near.encode() for near in found], word, fewer).values())
        yield found

    def _articles(self, word: str) -> int:
        places = ((reader, reader.words.find(word.encode())) for reader in self._readers)
        return sum(int(reader.word_docs[number]) for reader, number in places if number >= 0)
