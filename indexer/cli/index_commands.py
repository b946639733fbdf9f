"""`indexer`: fill an index, look after it, and take articles out of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, cast

import click
import orjson

from indexer.article import one_line
from indexer.cli.asking_commands import similar, sources, suggest
from indexer.cli.copy_command import copy
from indexer.cli.options import (
    CONTEXT_SETTINGS,
    QUERY_HELP,
    SELECTION_OPTIONS,
    QueryCommand,
    decoded,
    given,
    index_option,
    index_to_read,
    index_to_write,
    json_option,
    request_options,
    say_warnings,
)
from indexer.cli.outcome import FAILED
from indexer.cli.output import write_json
from indexer.engine import WORKER_MEMORY, is_address
from indexer.errors import InputError, ParameterError

if TYPE_CHECKING:
    from datetime import date

    from indexer.article import Article
    from indexer.check import RepairReport
    from indexer.cleaning.explanation import Explanation
    from indexer.engine import Engine
    from indexer.report import IngestReport, Progress, Reject
    from indexer.sources import Format

_SHOWN_REJECTS = 5
_INGEST_EXAMPLES = """
\b
Examples:
  indexer ingest --index news.index pages/ feed.jsonl.gz
  indexer ingest --index news.index --source 'Daily Harbour' harbour.warc.gz
  curl https://daily-harbour.example/feed | indexer ingest --index news.index -
"""
_EXPORT_EXAMPLES = f"""{QUERY_HELP}
\b
Examples:
  indexer export --index news.index --output all.ndjson
  indexer export --index news.index --format csv 'nato -russia' --since 2024
"""

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
_lock_timeout = click.option(
    "--lock-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="How long to wait while another process writes.",
)


@click.group(context_settings=CONTEXT_SETTINGS)
@click.version_option(package_name="broadsheet")
def indexer_group() -> None:
    """Clean news pages into articles, index them, and look after the index.

    Ctrl-C stops any command with exit code 130 and leaves the last commit intact.
    """


for _command in (copy, similar, suggest, sources):
    indexer_group.add_command(_command)


@indexer_group.command(epilog=_INGEST_EXAMPLES)
@_paths
@_format
@_source
@click.option(
    "--language", metavar="CODE", help="Language of a new index, whose inflections it knows: de, fr, ...  [default: en]"
)
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Processes.  [default: one a core]")
@click.option(
    "--memory",
    metavar="MB",
    type=click.IntRange(min=100),
    default=WORKER_MEMORY,
    show_default=True,
    help="What each process may take, about.",
)
@click.option("--reject-file", metavar="FILE", type=click.File("wb", lazy=False), help="Write every reject as NDJSON.")
@_lock_timeout
@json_option
@index_option
def ingest(
    paths: tuple[str, ...],
    format: Format,
    source: str | None,
    language: str | None,
    workers: int | None,
    memory: int,
    reject_file: IO[bytes] | None,
    lock_timeout: float,
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

    with indexer.open_index(target, create=True, language=language or "en", lock_timeout=lock_timeout) as index:
        if language and language != index.language:
            raise ParameterError("language", f"{target} is an index of {index.language}", "a new one may have another")
        with _progress_bar() as on_progress:
            report = index.ingest(
                paths,
                format=format,
                source=source,
                workers=workers,
                memory=memory,
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
@click.option("--explain", is_flag=True, help="Show line by line what was kept and why, and how each field was found.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array instead of NDJSON.")
def clean(paths: tuple[str, ...], format: Format, source: str | None, explain: bool, as_json: bool) -> int:
    """Print the cleaned articles as NDJSON. What was rejected goes to stderr. Needs no index."""
    from indexer.export import encode
    from indexer.report import Reject

    counts = {"articles": 0, "rejects": 0}

    def accepted() -> Iterator[Article | Explanation]:
        for item in _cleaned(paths, format, source, explain):
            if isinstance(item, Reject):
                counts["rejects"] += 1
                click.echo(f"Rejected {_line(item)}", err=True)
            else:
                counts["articles"] += 1
                yield item

    if explain and not as_json:
        from indexer.cleaning.explanation import Explanation
        from indexer.terminal import print_article, print_explanation

        for item in accepted():
            if isinstance(item, Explanation):
                print_explanation(item)
            else:
                print_article(item)
    else:
        # An explanation is written like an article: by its to_dict.
        items = cast("Iterator[Article]", accepted())
        sys.stdout.buffer.writelines(encode(items, "json" if as_json else "ndjson"))
    return FAILED if counts["rejects"] and not counts["articles"] else 0


def _cleaned(
    paths: Iterable[str], format: Format, source: str | None, explained: bool
) -> Iterator[Article | Explanation | Reject]:
    """What the paths hold: records as they are, pages cleaned."""
    from indexer import sources
    from indexer.cleaning import clean_page, explain_page
    from indexer.errors import PageError
    from indexer.page import Page
    from indexer.report import Reject

    for item in sources.read(paths, format=format, source=source):
        if not isinstance(item, Page):
            yield item
            continue
        try:
            yield explain_page(item) if explained else clean_page(item)
        except PageError as error:
            yield Reject(place=item.place, reason=str(error))


@indexer_group.command()
@click.argument("id")
@json_option
@index_option
def get(id: str, as_json: bool, index_path: str | None) -> None:
    """Print one article. Ids are in the hits of search --json."""
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
@_lock_timeout
@json_option
@index_option
def delete(ids: tuple[str, ...], lock_timeout: float, as_json: bool, index_path: str | None) -> int:
    """Delete articles. Fails when none of them was there."""
    import indexer

    with indexer.open_index(index_to_write(index_path), lock_timeout=lock_timeout) as index:
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
    """Show the articles by source and by month, and the size."""
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        numbers = index.stats()
        if as_json:
            write_json(numbers.to_dict())
        else:
            from indexer.terminal import print_stats

            print_stats(numbers, lambda source: _months_of(index, source))


def _months_of(index: Engine, source: str) -> dict[date, int]:
    """The articles of an outlet by month."""
    from indexer.request import filter_for
    from indexer.response import DateFacet

    facet = index.search(limit=0, source=filter_for(source), facets="date", interval="month").facets["date"]
    return {bucket.start: bucket.count for bucket in facet.buckets} if isinstance(facet, DateFacet) else {}


@indexer_group.command()
@click.option("--repair", is_flag=True, help="Keep what is whole, say what is lost.")
@_lock_timeout
@json_option
@index_option
def check(repair: bool, lock_timeout: float, as_json: bool, index_path: str | None) -> int:
    """Verify every checksum and cross-count. Fails when anything is wrong, with --repair when anything is lost."""
    from indexer.check import check as checked
    from indexer.check import repair as repaired

    if repair:
        path = index_to_write(index_path)
        if is_address(path):
            raise InputError("a cluster repairs itself from its replicas; `indexer check` says what it has lost")
        done = repaired(Path(path), lock_timeout)
        if as_json:
            write_json(done.to_dict())
        else:
            _print_repair(done)
        return FAILED if done.lost != 0 else 0
    path = index_to_read(index_path)
    if is_address(path):
        import indexer

        with indexer.open_index(path) as index:
            report = index.check()
    else:
        report = checked(Path(path))
    if as_json:
        write_json(report.to_dict())
    else:
        from indexer.terminal import counted

        for problem in report.problems:
            click.echo(f"Problem: {one_line(problem)}")
        verdict = "no problems" if report.ok else counted(len(report.problems), "problem")
        articles, segments = counted(report.articles, "article"), counted(report.segments, "segment")
        click.echo(f"Checked {articles} in {segments}: {verdict}.")
    return 0 if report.ok else FAILED


def _print_repair(done: RepairReport) -> None:
    from indexer.terminal import counted

    for problem in done.problems:
        click.echo(f"Problem: {one_line(problem)}")
    for id in done.missing:
        click.echo(f"Lost: {one_line(id)}")
    lost = "what else there was is not known" if done.lost is None else f"{done.lost:,} lost"
    kept = counted(done.articles, "article")
    click.echo(f"Kept {kept}, {done.rescued:,} of them rescued; {lost} (generation {done.generation}).")


@indexer_group.command()
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False))
@json_option
@index_option
def snapshot(directory: str, as_json: bool, index_path: str | None) -> None:
    """Copy an index into a new or empty folder DIR.

    It may be written to meanwhile. Restoring is copying back.
    """
    import indexer

    with indexer.open_index(index_to_read(index_path)) as index:
        generation = index.snapshot(directory)
    if as_json:
        write_json({"generation": generation})
    else:
        click.echo(f"{directory} holds generation {generation}.")


@indexer_group.command()
@_lock_timeout
@json_option
@index_option
def optimize(lock_timeout: float, as_json: bool, index_path: str | None) -> None:
    """Merge an index into one segment, without its deleted articles."""
    import indexer

    with indexer.open_index(index_to_write(index_path), lock_timeout=lock_timeout) as index:
        generation = index.optimize()
    if as_json:
        write_json({"generation": generation})
    else:
        click.echo(f"Optimized; this is generation {generation}.")


@indexer_group.command(cls=QueryCommand, epilog=_EXPORT_EXAMPLES)
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@click.option(
    "--format",
    type=click.Choice(("ndjson", "csv")),
    default="ndjson",
    show_default=True,
    help="Articles as lines of JSON, or as rows.",
)
@click.option("--output", metavar="FILE", type=click.File("wb"), default="-", help="Where to.  [default: stdout]")
@request_options(SELECTION_OPTIONS)
@click.option("--trailer", is_flag=True, help="End the file with a line that states the number of articles.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON array instead.")
@index_option
def export(
    words: tuple[str, ...],
    format: Literal["ndjson", "csv"],
    output: BinaryIO,
    trailer: bool,
    as_json: bool,
    index_path: str | None,
    **options: Any,
) -> None:
    """Write every article that matches, in order.

    Without a QUERY that is the whole index. How many there were is said on stderr at the end. A word with a
    leading dash is excluded; put -- before words that start with two dashes.
    """
    if as_json and trailer:
        raise click.UsageError("--trailer does not go together with --json.")

    import indexer
    from indexer.analysis import stemmer
    from indexer.export import encode
    from indexer.query.syntax import parse
    from indexer.request import SearchRequest
    from indexer.terminal import counted

    query, chosen = decoded(" ".join(words)), given(options)
    # A wrong value is wrong usage, whatever the state of the index.
    request = SearchRequest.of(query, **chosen)
    with indexer.open_index(index_to_read(index_path)) as index:
        say_warnings(parse(query, stemmer=stemmer(index.language), match=request.match).warnings)
        hits = index.search_all(query, **chosen, snippets=0)
        exported = 0

        def articles() -> Iterator[Article]:
            nonlocal exported
            for hit in hits:
                exported += 1
                yield hit.article

        output.writelines(encode(articles(), "json" if as_json else format, trailer=trailer))
        output.flush()
    click.echo(f"Exported {counted(exported, 'article')}.", err=True)
