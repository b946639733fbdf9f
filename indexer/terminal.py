"""Values as text for eyes: colours and bars on a terminal, plain lines in a pipe.

Text of articles never reaches the terminal as a control sequence: every control character becomes U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from indexer.article import Article
from indexer.response import DateFacet, Facet, Hit, IndexStats, Progress, SearchResult

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_CONTROLS: Final = dict.fromkeys((*range(32), *range(127, 160)), "\ufffd") | {ord("\n"): " ", ord("\t"): " "}
_WORD: Final = re.compile(r"\w+")
_MATCH_STYLE: Final = "bold yellow"
_BAR_STYLE: Final = "cyan"
_LONGEST_BAR: Final = 40
_WIDEST_LABEL: Final = 40
_MOST_BARS: Final = 30
_NARROWEST: Final = 20
# How much of "2024-12-03T19:17" a date or a bucket of days really says.
_SAID: Final = {"year": 4, "month": 7, "day": 10, "week": 10}


def print_result(result: SearchResult, *, next_page: str | None = None) -> None:
    """Print hits with highlighted words, facets as bars, and the totals.

    next_page  the command for the next page, if there is one
    """
    console = _console()
    width = len(str(len(result.hits)))
    for number, hit in enumerate(result.hits, start=1):
        _print_hit(console, hit, f"{number:>{width}}. ")
    for name, facet in result.facets.items():
        _print_facet(console, name, facet)
    if result.suggestion:
        _print(console, f"Did you mean: {_shown(result.suggestion)}")
    totals = f"{result.total:,} of {_count(result.indexed, 'article')}, {result.took_ms:.1f} ms"
    _print(console, totals, "bold")
    if next_page:
        # Unwrapped, so that it can be copied.
        console.print(f"Next page: {next_page}", style="dim", soft_wrap=True)


def print_article(article: Article) -> None:
    """Print one article with its fields and its whole text."""
    console = _console()
    _print(console, _shown(article.title), "bold")
    _print(console, _byline(article), "dim")
    for name, value in (
        ("By", ", ".join(article.authors)),
        ("Credit", ", ".join(article.credits)),
        ("Topics", ", ".join(article.topics)),
        ("URL", article.url),
        ("Id", article.id),
    ):
        if value:
            _print(console, f"{name}: {_shown(value)}", "dim")
    for paragraph in article.body.split("\n\n"):
        _print(console, "")
        _print(console, _shown(paragraph))


def print_stats(stats: IndexStats) -> None:
    """Print what is in an index."""
    console = _console()
    _print_bars(console, "Sources", [(_shown(s.source) or "(none)", s.articles) for s in stats.sources])
    _print_bars(console, "Articles by month", [(f"{start:%Y-%m}", count) for start, count in stats.months])
    _print(console, f"{_count(stats.articles, 'article')}, {stats.undated:,} without a date", "bold")
    _print(console, f"{_count(stats.segments, 'segment')}, {stats.bytes / 1e6:,.1f} MB, language {stats.language}")
    _print(console, f"Generation {stats.generation}, committed {stats.committed_at:%Y-%m-%d %H:%M} UTC")


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on stderr; call what it yields with each Progress."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=None)

        def show(progress: Progress) -> None:
            rejected = f", {progress.rejected:,} rejected" if progress.rejected else ""
            bar.update(
                task,
                description=f"{_count(progress.seen, 'article')}{rejected}",
                total=progress.bytes_total,
                completed=progress.bytes_read,
            )

        yield show


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _print(console: Console, text: str | Text, style: str | None = None, *, before: str = "") -> None:
    """Print a line; a terminal wraps it at words, indented by the width of `before`, a pipe gets it whole."""
    from rich.text import Text

    whole = Text(text) if isinstance(text, str) else text
    room = max(console.width - len(before), _NARROWEST)
    for line in whole.wrap(console, room) if console.is_terminal else [whole]:
        line.rstrip()
        console.print(Text(before).append_text(line), style=style, soft_wrap=True)
        before = " " * len(before)


def _print_hit(console: Console, hit: Hit, number: str) -> None:
    article = hit.article
    _print(console, _title(hit), before=number)
    indent = " " * len(number)
    _print(console, _byline(article), "dim", before=indent)
    for snippet in hit.snippets:
        if snippet.field != "title":
            _print(console, _marked(snippet.text, snippet.ranges), before=indent)
    if article.url:
        _print(console, _shown(article.url), "blue", before=indent)
    if hit.explanation is not None:
        parts = " + ".join(f"{part.score:.2f} {_shown(part.part)}" for part in hit.explanation)
        _print(console, f"score {hit.score:.2f} = {parts}", "dim", before=indent)
    _print(console, "")


def _title(hit: Hit) -> Text:
    """The title, with the words marked that the hit's snippets mark."""
    title = hit.article.title or "(no title)"
    marked_words = {snippet.text[start:end].casefold() for snippet in hit.snippets for start, end in snippet.ranges}
    text = _marked(title, [found.span() for found in _WORD.finditer(title) if found[0].casefold() in marked_words])
    text.stylize_before("bold")
    return text


def _marked(text: str, ranges: Sequence[tuple[int, int]]) -> Text:
    from rich.text import Text

    marked = Text(_shown(text))
    for start, end in ranges:
        marked.stylize(_MATCH_STYLE, start, end)
    return marked


def _byline(article: Article) -> str:
    return " · ".join(_shown(part) for part in (article.source, _date(article), article.section) if part)


def _date(article: Article) -> str:
    moment: datetime | None = article.date
    if moment is None:
        return "no date"
    said = _SAID.get(article.date_precision or "")
    return moment.isoformat()[:said] if said else f"{moment:%Y-%m-%d %H:%M} UTC"


def _print_facet(console: Console, name: str, facet: Facet) -> None:
    if isinstance(facet, DateFacet):
        # A long span shows neighbours together rather than thousands of lines.
        together = -(-len(facet.buckets) // _MOST_BARS) or 1
        groups = (facet.buckets[i : i + together] for i in range(0, len(facet.buckets), together))
        bars = [
            (group[0].start.isoformat()[: _SAID[facet.interval]], sum(bucket.count for bucket in group))
            for group in groups
        ]
        heading = f"By {together} {facet.interval}s" if together > 1 else f"By {facet.interval}"
        rest = [("no date", facet.missing)]
    else:
        bars = [(("* " if b.selected else "") + _shown(b.value), b.count) for b in facet.buckets]
        heading = {"topic": "Topics", "language": "Languages"}.get(name, f"{name.capitalize()}s")
        rest = [("others", facet.other), (f"no {name}", facet.missing)]
    _print_bars(console, heading, bars, [(label, count) for label, count in rest if count])


def _print_bars(
    console: Console, heading: str, bars: Sequence[tuple[str, int]], rest: Sequence[tuple[str, int]] = ()
) -> None:
    """Print labelled counts as bars, the longest for the largest; `rest` are counts without bars."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    if not bars and not rest:
        return
    _print(console, heading, "bold")
    count_width = max(len(f"{count:,}") for _, count in (*bars, *rest))
    label_room = max(8, min(_WIDEST_LABEL, console.width // 2))
    label_width = min(label_room, max(cell_len(label) for label, _ in (*bars, *rest)))
    bar_room = max(1, min(_LONGEST_BAR, console.width - label_width - count_width - 5))
    largest = max((count for _, count in bars), default=0)
    block = "█" if console.encoding.startswith("utf") else "#"
    for label, count in bars:
        bar = block * -(-count * bar_room // largest) if count else ""
        line = Text(f"  {set_cell_size(label, label_width)} {count:>{count_width},} ")
        _print(console, line.append(bar, _BAR_STYLE))
    for label, count in rest:
        _print(console, f"  {set_cell_size(label, label_width)} {count:>{count_width},}", "dim")
    _print(console, "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _shown(text: str) -> str:
    return text.translate(_CONTROLS)
