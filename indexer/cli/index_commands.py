"""`indexer`: fill an index, look after it, and take articles out of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal

import click
import orjson

from indexer.article import one_line
from indexer.cli.options import (
    SELECTION_OPTIONS,
    QueryCommand,
    decoded,
    given,
    index_option,
    index_to_read,
    index_to_write,
    json_option,
    request_options,
)
from indexer.cli.outcome import FAILED
from indexer.cli.output import write_json

if TYPE_CHECKING:
    from indexer.article import Article
    from indexer.response import IngestReport, Progress, Reject
    from indexer.sources import Format

_SHOWN_REJECTS = 5

_paths = click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, allow_dash=True)
)
_format = click.option(
    "--format",
    type=click.Choice(("auto", "jsonl", "html", "text", "warc", "feed")),
    default="auto",
    show_default=True,
    help="What the files are.",
)
_source = click.option("--source", metavar="NAME", help="The outlet of every record.")


@click.group()
@click.version_option(package_name="broadsheet")
def indexer_group() -> None:
    """Clean news pages into articles, index them, and look after the index.

    Ctrl-C stops any command with exit code 130 and leaves the last commit intact.
    """


@indexer_group.command()
@_paths
@_format
@_source
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Processes.  [default: one a core]")
@click.option("--reject-file", metavar="FILE", type=click.File("wb", lazy=False), help="Write every reject as NDJSON.")
@json_option
@index_option
def ingest(
    paths: tuple[str, ...],
    format: Format,
    source: str | None,
    workers: int | None,
    reject_file: IO[bytes] | None,
    as_json: bool,
    index_path: str | None,
) -> int:
    """Index files, folders or archives; - reads stdin. Makes the index when there is none."""
    target = index_to_write(index_path)

    def keep_reject(reject: Reject) -> None:
        if reject_file is not None:
            reject_file.write(orjson.dumps(reject.to_dict(), option=orjson.OPT_APPEND_NEWLINE))
            reject_file.flush()

    import indexer

    with indexer.open_index(target, create=True) as index, _progress_bar() as on_progress:
        report = index.ingest(
            paths,
            format=format,
            source=source,
            workers=workers,
            stdin=sys.stdin.buffer,
            on_progress=on_progress,
            on_reject=keep_reject,
        )
    if as_json:
        write_json(report.to_dict())
    else:
        _print_report(report, all_kept=reject_file is not None)
    accepted = report.added + report.updated + report.unchanged
    return FAILED if report.rejected and not accepted else 0


def _progress_bar() -> AbstractContextManager[Callable[[Progress], None] | None]:
    if not sys.stderr.isatty():
        return nullcontext()
    from indexer.terminal import progress_bar

    return progress_bar()


def _print_report(report: IngestReport, *, all_kept: bool) -> None:
    click.echo(
        f"Added {report.added:,}, updated {report.updated:,}, unchanged {report.unchanged:,}, "
        f"rejected {report.rejected:,} in {report.seconds:.1f} s (generation {report.generation})."
    )
    for reject in report.rejects[:_SHOWN_REJECTS]:
        click.echo(f"  rejected {_line(reject)}")
    more = report.rejected - min(_SHOWN_REJECTS, len(report.rejects))
    if more:
        click.echo(f"  and {more:,} more" + ("" if all_kept else "; --reject-file FILE keeps them all"))


def _line(reject: Reject) -> str:
    return one_line(f"{reject.place}: {reject.reason}")


@indexer_group.command()
@_paths
@_format
@_source
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array instead of NDJSON.")
def clean(paths: tuple[str, ...], format: Format, source: str | None, as_json: bool) -> int:
    """Print the cleaned articles as NDJSON; what was rejected goes to stderr. Needs no index."""
    from indexer.export import encode
    from indexer.response import Reject

    counts = {"articles": 0, "rejects": 0}

    def articles() -> Iterator[Article]:
        for item in _cleaned(paths, format, source):
            if isinstance(item, Reject):
                counts["rejects"] += 1
                click.echo(f"Rejected {_line(item)}", err=True)
            else:
                counts["articles"] += 1
                yield item

    sys.stdout.buffer.writelines(encode(articles(), "json" if as_json else "ndjson"))
    return FAILED if counts["rejects"] and not counts["articles"] else 0


def _cleaned(paths: Iterable[str], format: Format, source: str | None) -> Iterator[Article | Reject]:
    from indexer import sources
    from indexer.cleaning import clean_page
    from indexer.errors import PageError
    from indexer.page import Page
    from indexer.response import Reject

    for item in sources.read(paths, format=format, source=source, stdin=sys.stdin.buffer):
        if not isinstance(item, Page):
            yield item
            continue
        try:
            yield clean_page(item)
        except PageError as error:
            yield Reject(place=item.place, reason=str(error))


@indexer_group.command()
@click.argument("id")
@json_option
@index_option
def get(id: str, as_json: bool, index_path: str | None) -> None:
    """Print one article."""
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        article = index.get(decoded(id))
    if as_json:
        write_json(article.to_dict())
    else:
        from indexer.terminal import print_article

        print_article(article)


@indexer_group.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@json_option
@index_option
def delete(ids: tuple[str, ...], as_json: bool, index_path: str | None) -> int:
    """Delete articles. Fails when none of them was there."""
    import indexer

    with indexer.open_index(index_to_write(index_path)) as index:
        deleted = index.delete(map(decoded, ids))
    if as_json:
        write_json({"deleted": deleted})
    else:
        click.echo(f"Deleted {deleted:,} of {len(set(ids)):,}.")
    return 0 if deleted else FAILED


@indexer_group.command()
@json_option
@index_option
def stats(as_json: bool, index_path: str | None) -> None:
    """Show what is in an index: articles by source and by month, size, generation."""
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        numbers = index.stats()
    if as_json:
        write_json(numbers.to_dict())
    else:
        from indexer.terminal import print_stats

        print_stats(numbers)


@indexer_group.command()
@json_option
@index_option
def check(as_json: bool, index_path: str | None) -> int:
    """Verify every checksum and cross-count. Fails when anything is wrong."""
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        report = index.check()
    if as_json:
        write_json(report.to_dict())
    else:
        for problem in report.problems:
            click.echo(f"Problem: {one_line(problem)}")
        verdict = "no problems" if report.ok else f"{len(report.problems):,} problems"
        click.echo(f"Checked {report.articles:,} articles in {report.segments:,} segments: {verdict}.")
    return 0 if report.ok else FAILED


@indexer_group.command()
@json_option
@index_option
def optimize(as_json: bool, index_path: str | None) -> None:
    """Merge an index into one segment, without its deleted articles."""
    import indexer

    with indexer.open_index(index_to_write(index_path)) as index:
        generation = index.optimize()
    if as_json:
        write_json({"generation": generation})
    else:
        click.echo(f"Optimized; this is generation {generation}.")


@indexer_group.command(cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@click.option("--format", type=click.Choice(("ndjson", "csv")), default="ndjson", show_default=True)
@click.option("--output", metavar="FILE", type=click.File("wb"), default="-", help="Where to.  [default: stdout]")
@request_options(SELECTION_OPTIONS)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON array instead.")
@index_option
def export(
    words: tuple[str, ...],
    format: Literal["ndjson", "csv"],
    output: BinaryIO,
    as_json: bool,
    index_path: str | None,
    **options: Any,
) -> None:
    """Write every article that matches, in order; without a QUERY the whole index.

    A word with a leading dash is excluded; put -- before words that start with two dashes.
    """
    import indexer
    from indexer.export import encode
    from indexer.request import SearchRequest

    query, chosen = decoded(" ".join(words)), given(options)
    # A wrong value is wrong usage, whatever the state of the index.
    SearchRequest.of(query, **chosen)
    with indexer.open_index(index_to_read(index_path)) as index:
        articles = (hit.article for hit in index.search_all(query, **chosen))
        output.writelines(encode(articles, "json" if as_json else format))
