"""The commands `search` and `indexer`: they translate words on a command line for the core, and its answers back."""

from __future__ import annotations

from typing import NoReturn

from indexer.cli.outcome import run


def search() -> NoReturn:
    """The console script `search`."""
    from indexer.cli.search_command import search_command

    run(search_command, "search")


def main() -> NoReturn:
    """The console script `indexer`."""
    from indexer.cli.index_commands import indexer_group

    run(indexer_group, "indexer")
