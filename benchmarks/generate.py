"""A seeded corpus of made-up news: Zipfian words and outlets, recurring phrases, inflected forms, years of dates.

    python -m benchmarks.generate 1000000 news.jsonl

The same number and seed always make the same bytes (with the same NumPy).
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
import orjson

BATCH: Final = 20_000
SOURCES: Final = 300
LEXEMES: Final = 60_000
PHRASES: Final = 20_000
PHRASE_SHARE: Final = 0.04
MEAN_WORDS: Final = 120
FIRST_DAY: Final = datetime(2005, 1, 1, tzinfo=UTC)
DAYS: Final = 20 * 365
# What a word is written after: inside a sentence, at the start of the text, of a sentence, of a paragraph.
SEPARATORS: Final = (" ", "", ". ", ".\n\n")
INSIDE, START, SENTENCE, PARAGRAPH = range(4)
SUFFIXES: Final = ("", "s", "ed", "ing", "ation", "er", "ly")
SUFFIX_ODDS: Final = (0.55, 0.18, 0.08, 0.08, 0.04, 0.04, 0.03)

Array = npt.NDArray[np.int64]


def generate(output: BinaryIO, articles: int, seed: int = 1) -> None:
    """Write `articles` articles as JSONL with the contract's field names."""
    rng = np.random.default_rng(seed)
    language = _Language(rng)
    sources = [
        f"{name.title()} {rng.choice(('Courier', 'Gazette', 'Tribune', 'Post', 'Wire'))}"
        for name in language.words[200 : 200 + SOURCES]
    ]
    source_odds = _zipf(SOURCES, 0.9)
    for first in range(0, articles, BATCH):
        count = min(BATCH, articles - first)
        titles = language.texts(rng, rng.integers(5, 12, count), headline=True)
        lengths = np.clip(rng.lognormal(np.log(MEAN_WORDS) - 0.18, 0.6, count), 20, 2500).astype(np.int64)
        bodies = language.texts(rng, lengths, headline=False)
        # More is published every year.
        moments = (np.sqrt(rng.random(count)) * DAYS * 86_400).astype(np.int64).tolist()
        outlets = rng.choice(SOURCES, count, p=source_odds).tolist()
        for place in range(count):
            number = first + place
            output.write(
                orjson.dumps(
                    {
                        "id": f"g{number}",
                        "url": f"https://news{outlets[place]}.example/{number}",
                        "title": titles[place],
                        "body": bodies[place],
                        "source": sources[outlets[place]],
                        "date": (FIRST_DAY + timedelta(seconds=moments[place])).strftime("%Y-%m-%dT%H:%M:%SZ"),
                        "language": "en",
                    },
                    option=orjson.OPT_APPEND_NEWLINE,
                )
            )


class _Language:
    """The words and phrases of the corpus, each in the forms that SEPARATORS asks for.

    words  by rank, the commonest first
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.words = _lexemes(rng)
        forms = rng.choice(len(SUFFIXES), LEXEMES * 2, p=SUFFIX_ODDS)
        # The commonest words are not inflected; every other one comes in up to three written forms.
        written = [
            [word] if rank < 150 else sorted({word + SUFFIXES[f] for f in (0, forms[rank], forms[-rank])})
            for rank, word in enumerate(self.words)
        ]
        units = [form for group in written for form in group]
        odds = np.repeat(_zipf(LEXEMES, 1.0), [len(group) for group in written])
        odds /= np.repeat([float(len(group)) for group in written], [len(group) for group in written])
        odds /= odds.sum()
        sizes = rng.integers(2, 5, PHRASES)
        parts = _draw(rng, odds, int(sizes.sum())).tolist()
        ends = np.cumsum(sizes).tolist()
        phrases = [
            " ".join(units[part] for part in parts[end - size : end])
            for end, size in zip(ends, sizes.tolist(), strict=True)
        ]
        both = units + phrases
        self._sizes = np.concatenate([np.ones(len(units), np.int64), sizes])
        chances = np.concatenate([odds * (1 - PHRASE_SHARE), _zipf(PHRASES, 0.8) * PHRASE_SHARE])
        self._cumulated = np.cumsum(chances / chances.sum())
        self._written = np.array(
            [
                separator + (unit if separator == " " else unit.capitalize())
                for separator in SEPARATORS
                for unit in both
            ],
            dtype=object,
        )

    def texts(self, rng: np.random.Generator, lengths: Array, *, headline: bool) -> list[str]:
        """One text for each length, counted in words and kept to within a phrase."""
        total = int(lengths.sum())
        units = np.searchsorted(self._cumulated, rng.random(total)).clip(max=len(self._cumulated) - 1)
        units = units[: int(np.searchsorted(np.cumsum(self._sizes[units]), total)) + 1]
        ends = np.cumsum(self._sizes[units])
        bounds = np.searchsorted(ends, np.cumsum(lengths) - 1, side="left") + 1
        starts = np.concatenate([[0], bounds[:-1]])
        separators = np.zeros(len(units), np.int64)
        if not headline:
            chance = rng.random(len(units))
            separators[chance < 1 / 18] = SENTENCE
            separators[chance < 1 / 70] = PARAGRAPH
        separators[starts[starts < len(units)]] = START
        pieces = self._written[separators * (len(self._written) // len(SEPARATORS)) + units].tolist()
        end_mark = "" if headline else "."
        return [
            "".join(pieces[start:bound]) + end_mark
            for start, bound in zip(starts.tolist(), bounds.tolist(), strict=True)
        ]


def _lexemes(rng: np.random.Generator) -> list[str]:
    """Distinct pronounceable words; the commoner the shorter."""
    onsets = ("b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "w")
    nuclei = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
    codas = ("", "", "n", "r", "l", "t", "m", "nd", "st", "ck")
    syllables = [onset + nucleus + coda for onset in onsets for nucleus in nuclei for coda in codas]
    found: dict[str, None] = {}
    while len(found) < LEXEMES:
        size = 1 if len(found) < 150 else 2 if len(found) < 8000 else 3
        picks = rng.integers(0, len(syllables), (500, size)).tolist()
        found.update(dict.fromkeys("".join(syllables[pick] for pick in row) for row in picks))
    return list(found)[:LEXEMES]


def _zipf(count: int, exponent: float) -> npt.NDArray[np.float64]:
    """Chances that fall with the rank (Zipf and Mandelbrot)."""
    weights = 1.0 / (np.arange(count) + 2.7) ** exponent
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares


def _draw(rng: np.random.Generator, odds: npt.NDArray[np.float64], count: int) -> Array:
    return np.searchsorted(np.cumsum(odds), rng.random(count)).clip(max=len(odds) - 1)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("articles", type=int, help="how many (10,000 to 1,000,000 are usual)")
    parser.add_argument("output", type=Path, help="the JSONL file to write")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with arguments.output.open("wb") as output:
        generate(output, arguments.articles, arguments.seed)


if __name__ == "__main__":
    main()
