"""Make docs/search.svg: a picture of what `search` really prints on a terminal.

    python docs/make_screenshot.py

Runs the installed command on a pseudo-terminal, on the index of $BROADSHEET_INDEX or the sample index.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

REPOSITORY = Path(__file__).parents[1]
PICTURE = Path(__file__).with_name("search.svg")
WORDS = ("coalition", "of", "the", "willing", "--limit", "3")
COLUMNS = 100

# The picture is to fetch nothing from elsewhere: without this rule the reader's own monospace font is used.
FONT_FROM_ELSEWHERE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def printed() -> str:
    """What the command prints on a terminal, colours and all."""
    controller, terminal = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    with subprocess.Popen(
        [Path(sys.executable).with_name("search"), *WORDS],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(terminal)
        pieces = []
        try:
            while piece := os.read(controller, 65536):
                pieces.append(piece)
        except OSError:
            pass  # Linux says so when the last writer has gone.
        os.close(controller)
    if process.returncode:
        raise SystemExit("search failed: is Broadsheet installed beside this Python, and the sample index built?")
    return b"".join(pieces).decode("utf-8").replace("\r\n", "\n")


def main() -> None:
    """Write the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.from_ansi(printed().rstrip("\n")))
    picture = FONT_FROM_ELSEWHERE.sub("", console.export_svg(title=f"search {' '.join(WORDS)}", unique_id="search"))
    PICTURE.write_text(re.sub(r"[ \t]+$", "", picture, flags=re.MULTILINE), encoding="utf-8")


if __name__ == "__main__":
    main()
