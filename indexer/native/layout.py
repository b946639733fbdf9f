"""What a text holds beside characters that are seen."""

from __future__ import annotations

from indexer.native.library import loops

# UNCOMMON: characters beyond ASCII but U+00A1 to U+02FF, without the soft hyphen, and U+2010 to U+2027: these are all
# seen, and in NFC whatever stands beside them. UNTIDY: more than two spaces in a row, or white space at the text's ends
# or beside a line end.
CONTROL, UNCOMMON, TWO_SPACES, UNTIDY, LINE_END, BLANK_LINE, BLANK_LINES = (1 << bit for bit in range(7))


def layout(text: bytes) -> int:
    """What UTF-8 text holds, as bits."""
    found: int = loops().layout(text, len(text))
    return found
