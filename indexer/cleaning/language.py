"""The language of an article: the page's own word for it, else a guess from the body."""

from __future__ import annotations

import re

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?![a-z])", re.I)
_SHORTEST = 60  # letters; a guess on less is a coin toss
_ENOUGH = 250  # characters; more costs time and changes nothing
# Languages so close that a guess is no evidence against what the page says.
_ALIKE = ("no nb nn da", "hr sr bs sh sl", "id ms", "cs sk", "gl pt", "fil tl", "af nl", "xh zu", "he iw", "bg mk")

# Words of which a text has four or more, and none in a language close to it. They spare most pages the library, which
# takes half a second to load.
_COMMON = {
    "en": frozenset(["the", "and", "of", "to", "was", "that", "with", "for"]),
    "de": frozenset(["der", "die", "und", "das", "ist", "nicht", "mit", "auf"]),
    "fr": frozenset(["le", "les", "et", "des", "est", "une", "dans", "pour"]),
    "es": frozenset(["los", "las", "y", "del", "una", "por", "con", "más"]),
    "pt": frozenset(["não", "uma", "os", "das", "dos", "são", "com", "também"]),
    "it": frozenset(["il", "che", "di", "della", "è", "per", "non", "sono"]),
    "nl": frozenset(["het", "een", "niet", "voor", "zijn", "ook", "naar", "werd"]),
}
_SURE = 4  # of them
_READ = 600  # characters in which they are looked for


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
    """The language of a body, or None when it is too short to tell."""
    sample = body[:_ENOUGH]
    if sum(map(str.isalpha, sample)) < _SHORTEST:
        return None
    known = _by_words(body)
    if known:
        return known
    import py3langid

    return str(py3langid.classify(sample)[0])


def _by_words(body: str) -> str | None:
    """The language whose common words open the body, if there is exactly one."""
    tokens = set(body[:_READ].lower().split())
    found = [language for language, common in _COMMON.items() if len(common & tokens) >= _SURE]
    return found[0] if len(found) == 1 else None
