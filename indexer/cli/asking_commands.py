"""`indexer similar`, `suggest` and `sources`: what may be asked beside a search."""

from __future__ import annotations

from typing import Any

import click

from indexer.cli.options import (
    REQUEST_OPTIONS,
    decoded,
    given,
    index_option,
    index_to_read,
    json_option,
    next_page,
    request_options,
    warn_of,
)
from indexer.cli.output import write_json

_SIMILAR_OPTIONS = tuple(name for name in REQUEST_OPTIONS if name != "match")


@click.command()
@click.argument("id")
@request_options(_SIMILAR_OPTIONS)
@json_option
@index_option
def similar(id: str, as_json: bool, index_path: str | None, **options: Any) -> None:
    """Show the articles most like one. They share most of its distinctive words."""
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        result = index.similar(decoded(id), **given(options))
    if as_json:
        write_json(result.to_dict())
    else:
        from indexer.terminal import print_result

        warn_of(result)
        print_result(result, next_page=next_page("indexer similar", result, [id], index_path, options))


@click.command()
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option("--limit", metavar="N", type=click.IntRange(1, 100), default=10, show_default=True, help="Completions.")
@json_option
@index_option
def suggest(text: tuple[str, ...], limit: int, as_json: bool, index_path: str | None) -> None:
    """Show the words, phrases and sources that begin with TEXT.

    Those of most articles come first.
    """
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        found = index.suggest(decoded(" ".join(text)), limit)
    if as_json:
        write_json({"suggestions": [suggestion.to_dict() for suggestion in found]})
    else:
        from indexer.terminal import print_table

        print_table([(f"{one.count:,}", one.kind, one.text) for one in found])


@click.command()
@json_option
@index_option
def sources(as_json: bool, index_path: str | None) -> None:
    """Show the outlets, largest first, with their first and last day."""
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        found = index.sources()
    if as_json:
        write_json({"sources": [source.to_dict() for source in found]})
    else:
        from indexer.terminal import print_table

        print_table(
            [(f"{one.articles:,}", str(one.first or "undated"), str(one.last or ""), one.source) for one in found]
        )
