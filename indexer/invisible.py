"""Characters that nobody sees and that part words: soft hyphens, zero-width spaces, byte order marks, word joiners.

Those that shape what is seen are none of them: the zero-width joiners of Persian, of Hindi and of emoji, and the
zero-width spaces between words of scripts that write no other (Thai, Lao, Burmese, Khmer). The marks of direction stand
apart: they stay in texts and are passed over in names and around what is searched.
"""

from __future__ import annotations

import re
from typing import Final

_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
INVISIBLE: Final = re.compile(f"[\u00ad\u2060\ufeff]|(?<![{_UNSPACED}])\u200b|\u200b(?![{_UNSPACED}])")
# They turn the direction of writing, and so have a use within a text; none in the name of something.
DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CHARACTERS: Final = "\u00ad\u200b\u2060\ufeff"
# The same in HTML, and in the JSON of its scripts. Each begins with what a search can leap to.
_REFERENCE: Final = r"&(?:shy|ZeroWidthSpace|NoBreak|#0*(?:173|8203|8288|65279)|(?i:#x0*(?:ad|200b|2060|feff)));"
_ESCAPE: Final = r"\\u(?i:00ad|200b|2060|feff)"


def without_invisible(text: str) -> str:
    """`text` without them."""
    # Looking for one character is a hundred times as fast as looking around each.
    return INVISIBLE.sub("", text) if any(map(text.__contains__, _CHARACTERS)) else text


def markup_without_invisible(markup: str) -> str:
    """An HTML page without them, however they are written."""
    import html

    # Compiled here: who only searches does without.
    markup = re.sub(_REFERENCE, lambda reference: html.unescape(reference[0]), markup)
    return without_invisible(re.sub(_ESCAPE, _escaped, markup))


def _escaped(found: re.Match[str]) -> str:
    after_backslash = found.string[found.start() - 1 : found.start()] == "\\"
    return found[0] if after_backslash else chr(int(found[0][2:], 16))
