"""The commands `search` and `indexer`: they translate words on a command line for the core, and its answers back."""

from __future__ import annotations

import signal
from typing import NoReturn


def search() -> NoReturn:
    """The console script `search`."""
    _end_at_once_on_ctrl_c()
    from indexer.cli.outcome import run
    from indexer.cli.search_command import search_command

    run(search_command, "search")


def main() -> NoReturn:
    """The console script `indexer`."""
    _end_at_once_on_ctrl_c()
    from indexer.cli.index_commands import indexer_group
    from indexer.cli.outcome import run

    run(indexer_group, "indexer")


def _end_at_once_on_ctrl_c() -> None:
    """Until a command runs there is nothing to clean up, and a KeyboardInterrupt would be an import's traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
