"""`search`: a query in, hits out: for eyes, or as JSON for programs."""

from __future__ import annotations

from typing import Any

import click

from indexer.cli.options import (
    CONTEXT_SETTINGS,
    QUERY_HELP,
    QueryCommand,
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
from indexer.request import SearchRequest

_EXAMPLES = f"""{QUERY_HELP}
\b
Examples:
  search coalition of the willing
  search '"coalition of the willing"' --since 2024-12 --sort newest
  search 'nato -russia' --source='Daily Harbour' --interval week
  search 'title:ceasefire OR truce' --source=-'Daily Harbour' --json
"""


@click.command(cls=QueryCommand, epilog=_EXAMPLES, context_settings=CONTEXT_SETTINGS)
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@request_options()
@json_option
@click.option("--ndjson", is_flag=True, help="Print each hit as JSON on a line of its own.")
@click.option("--count", is_flag=True, help="Print only how many articles match.")
@index_option
@click.version_option(package_name="broadsheet")
def search_command(
    words: tuple[str, ...], as_json: bool, ndjson: bool, count: bool, index_path: str | None, **options: Any
) -> None:
    """Search a news archive.

    The words of QUERY are joined with spaces; without any, every article matches. A word with a leading
    dash is excluded; put -- before words that start with two dashes.
    """
    if ndjson and (as_json or count):
        raise click.UsageError("--ndjson does not go together with --json or --count.")
    chosen = given(options)
    if count:
        chosen |= {"limit": 0, "facets": ()}
    query = decoded(" ".join(words))
    request = SearchRequest.of(query, **chosen)

    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        result = index.answer(request)
    if as_json:
        write_json(result.to_dict())
        return
    warn_of(result)
    if count:
        click.echo(result.total)
    elif ndjson:
        for hit in result.hits:
            write_json(hit.to_dict())
    else:
        from indexer.terminal import print_result

        print_result(result, next_page=next_page("search", result, words, index_path, options))
