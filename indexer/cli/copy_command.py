"""`indexer copy`: from a directory to a cluster, and back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from indexer.article import one_line
from indexer.cli.options import complete_folder, json_option
from indexer.cli.outcome import FAILED
from indexer.cli.output import write_json

_SHOWN_PROBLEMS = 10
_PROGRESS_COLUMNS = len("1,000,000,000 articles")


@click.command()
@click.option(
    "--from",
    "source",
    metavar="INDEX",
    required=True,
    help="The index to read: DIR or opensearch://...",
    shell_complete=complete_folder,
)
@click.option(
    "--to",
    "target",
    metavar="INDEX",
    required=True,
    help="The index to fill, made when there is none.",
    shell_complete=complete_folder,
)
@json_option
def copy(source: str, target: str, as_json: bool) -> int:
    """Copy an index into another, and count both. The same command completes a copy that was broken off.

    Fails when the two do not add up.
    """
    import indexer
    from indexer.copy import copy as copied

    with (
        indexer.open_index(source) as one,
        indexer.open_index(target, create=True, language=one.language) as other,
        _progress() as on_progress,
    ):
        report = copied(one, other, on_progress)
    if as_json:
        write_json(report.to_dict())
    else:
        from indexer.terminal import counted

        click.echo(
            f"Read {counted(report.articles, 'article')}: {report.added:,} added, {report.updated:,} updated, "
            f"{report.unchanged:,} were there."
        )
        for problem in report.problems[:_SHOWN_PROBLEMS]:
            click.echo(f"Problem: {one_line(problem)}")
        click.echo("The counts do not agree." if report.problems else "The counts agree.")
    return FAILED if report.problems else 0


@contextmanager
def _progress() -> Iterator[Callable[[int], None] | None]:
    """On a terminal, a line with the number of articles read so far, which is gone at the end."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda read: click.echo(f"\r{read:,} articles", nl=False, err=True)
    finally:
        # Blanks instead of a control sequence, which not every terminal knows.
        click.echo(f"\r{'':{_PROGRESS_COLUMNS}}\r", nl=False, err=True)
