"""The language of an article: the page's own word for it, else a guess from the body."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?![a-z])", re.I)
_SHORTEST = 60  # letters; a guess on less is a coin toss
_ENOUGH = 400  # characters; more costs time and changes little
_MOST_BYTES = 4 * _ENOUGH
# Languages so close that a guess is no evidence against what the page says.
_ALIKE = ("no nb nn da", "hr sr bs sh sl", "id ms", "cs sk", "gl pt", "fil tl", "af nl", "xh zu", "bg mk")
_OLD_CODES = {"iw": "he"}  # CLD3's, and today's


def primary_tag(tag: str) -> str | None:
    """A BCP 47 tag without region ("en-US" is "en", "zh-Hant-TW" is "zh-Hant"), so that facets stay whole."""
    match = _TAG.match(tag.strip())
    if not match or match[1].lower() in ("und", "mul", "zxx"):
        return None
    return match[1].lower() + (f"-{match[2].title()}" if match[2] else "")


def of_body(body: str, declared: str | None) -> str | None:
    """The language of a body that the page says to be in `declared`: another one where the text surely is.

    Many templates call every page English, or have no other language than their maker's.
    """
    guess = detect(body)
    if guess is None or declared is None:
        return declared or guess
    said = declared.partition("-")[0]
    if said == guess or any(said in (group := languages.split()) and guess in group for languages in _ALIKE):
        return declared
    return guess if detect(body[len(body) // 2 :]) == guess else declared


def detect(body: str) -> str | None:
    """The language of a body, or None when it is too short, or of too many languages, to tell."""
    sample = body[:_ENOUGH]
    if sum(map(str.isalpha, sample)) < _SHORTEST:
        return None
    # Half a pair of surrogates has no form in UTF-8.
    found = _identifier().FindLanguage(sample.encode("utf-8", "ignore"))
    language = str(found.language)
    return _OLD_CODES.get(language, language) if found.is_reliable else None


@cache
def _identifier() -> Any:
    """Google's Compact Language Detector 3."""
    import gcld3

    return gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=_MOST_BYTES)
