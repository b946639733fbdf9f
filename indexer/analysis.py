"""Text → terms: one definition of a word and of its stem, for indexing, querying and snippets.

A word is a maximal run of Unicode ``\\w`` characters after folding: NFKD, combining marks dropped,
casefold. So ``Sánchez`` and ``SANCHEZ`` are one word, and ``AT&T`` is two. A stem is the Snowball stem of
a word in the index's language, or the word itself where nothing is left of it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate
from typing import Final

from indexer.errors import ParameterError
from indexer.invisible import DIRECTION

_WORD: Final = re.compile(r"\w+")
_ASCII_WORD: Final = re.compile(r"[a-z0-9_]+")
# So many words of one call are stemmed in one go; fewer are looked up one by one.
_MANY: Final = 1000

# ISO 639-1 → Snowball algorithm (https://snowballstem.org/algorithms/).
STEMMERS: Final = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


# One character each, so that offsets hold.
_TWINS: Final = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″‶〝〞〟", '"'),
        **dict.fromkeys("‘’‚‛′‵`´", "'"),
        **dict.fromkeys("‐‑‒–—―−﹘﹣", "-"),
        **{chr(full): chr(full - 0xFEE0) for full in range(0xFF01, 0xFF5F)},
        "\u3000": " ",
        "∼": "~",
    }
)


class _FoldTable(dict[int, str]):
    """Code point → its folded text, filled on first sight: the argument of str.translate."""

    def __missing__(self, code_point: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code_point))
        folded = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
        self[code_point] = folded
        return folded


_FOLD: Final = _FoldTable()


def fold(text: str) -> str:
    """`text` without case and diacritics: NFKD, combining marks dropped, casefold."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def words(text: str) -> list[str]:
    """The words of `text`, in order."""
    return _ASCII_WORD.findall(text.lower()) if text.isascii() else _WORD.findall(text.translate(_FOLD))


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """The words of `text` with the code points (start, end) they span in the unfolded text."""
    folded = fold(text)
    found = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(folded)]
    if text.isascii():
        return found
    # Folding may lengthen or drop a character: map offsets in the folded text back to its origin.
    ends = list(accumulate(len(_FOLD[ord(c)]) for c in text))
    if len(folded) == len(text) and all(map(int.__eq__, ends, range(1, len(text) + 1))):
        return found
    origin = [0] * (len(folded) + 1)
    start = 0
    for index, end in enumerate(ends):
        for position in range(start, end):
            origin[position] = index
        start = end
    return [(word, origin[start], origin[end - 1] + 1) for word, start, end in found]


def twins(text: str) -> str:
    """`text` with the plain twins of curly quotes, guillemets, typographic dashes and full-width forms, as long."""
    # In ASCII but one sign has a twin.
    return text.replace("`", "'") if text.isascii() else text.translate(_TWINS)


def whole_value(value: str) -> str:
    """The form in which a whole value (a source, a topic, ...) is matched.

    Plain twins, folded, single spaces, without the marks of direction that names are copied with and nobody sees.
    """
    plain = twins(value)
    return " ".join(fold(plain if plain.isascii() else DIRECTION.sub("", plain)).split())


def stemmer(language: str) -> Stemmer:
    """The stemmer of a language (ISO 639-1, "en"); raises ParameterError for an unknown one."""
    if language not in STEMMERS:
        raise ParameterError("language", f"no stemmer for {language!r}", "one of " + ", ".join(sorted(STEMMERS)))
    return _stemmer(language)


class Stemmer:
    """Words → stems of one language. Safe to use from many threads."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.stem = lru_cache(maxsize=200_000)(self._stem)

    def _stem(self, word: str) -> str:
        # A Snowball stemmer keeps state between calls, so each miss makes its own: misses are rare.
        import Stemmer as Snowball

        # Of some short Greek and Nepali words a stemmer leaves nothing: all of them would be one.
        return str(Snowball.Stemmer(STEMMERS[self.language], 0).stemWord(word)) or word

    def stems(self, words: list[str]) -> list[str]:
        """The stem of each word."""
        if len(words) < _MANY:
            return list(map(self.stem, words))
        import Stemmer as Snowball

        stems = Snowball.Stemmer(STEMMERS[self.language], 0).stemWords(words)
        return [stem or word for stem, word in zip(stems, words, strict=True)]


@lru_cache
def _stemmer(language: str) -> Stemmer:
    return Stemmer(language)
