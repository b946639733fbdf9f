"""Characters that nobody sees and that part words: soft hyphens, zero-width spaces, byte order marks, word joiners.

Those that shape what is seen are none of them: the zero-width joiners of Persian, of Hindi and of emoji, and the
zero-width spaces between words of scripts that write no other (Thai, Lao, Burmese, Khmer).
"""

from __future__ import annotations

import html
import re
from typing import Final

_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
INVISIBLE: Final = re.compile(f"[\u00ad\u2060\ufeff]|(?<![{_UNSPACED}])\u200b|\u200b(?![{_UNSPACED}])")
# The same in HTML, and in the JSON of its scripts.
_REFERENCE: Final = re.compile(
    r"&(?:shy|ZeroWidthSpace|NoBreak|#0*(?:173|8203|8288|65279)|(?i:#x0*(?:ad|200b|2060|feff)));"
    r"|(?<!\\)\\u(?i:00ad|200b|2060|feff)"
)


def without_invisible(text: str) -> str:
    """`text` without them."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def markup_without_invisible(markup: str) -> str:
    """An HTML page without them, however they are written."""
    return without_invisible(_REFERENCE.sub(_character, markup))


def _character(reference: re.Match[str]) -> str:
    written = reference[0]
    return html.unescape(written) if written[0] == "&" else chr(int(written[2:], 16))
