"""What a text holds beside characters that are seen."""

from __future__ import annotations

from indexer.native.library import loops

# UNTIDY: more than two spaces in a row, or white space at the text's ends or beside a line end.
CONTROL, BEYOND_ASCII, TWO_SPACES, UNTIDY, LINE_END, BLANK_LINE, BLANK_LINES = (1 << bit for bit in range(7))


def layout(text: bytes) -> int:
    """What UTF-8 text holds, as bits."""
    found: int = loops().layout(text, len(text))
    return found
