"""Values as text for eyes: colours and bars on a terminal, plain lines in a pipe.

Text of articles never reaches the terminal as a control sequence: every control character becomes U+FFFD, and
those that turn the direction of what follows are left out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from indexer.article import Article
from indexer.report import IndexStats, Progress
from indexer.response import DateFacet, Facet, Hit, SearchResult, last_day

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from indexer.cleaning.explanation import Explanation

_DIRECTIONS: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS: Final[dict[int, str | None]] = {
    **dict.fromkeys((*range(32), *range(127, 160)), "\ufffd"),
    **dict.fromkeys(map(ord, "\n\t"), " "),
    **dict.fromkeys(_DIRECTIONS, None),
}
_NO_TITLE: Final = "(no title)"
_WORD: Final = re.compile(r"\w+")
_VERDICT_STYLES: Final = {"title": "bold yellow", "kept": "green", "dropped": "red"}
_MATCH_STYLE: Final = "bold yellow"
_BAR_STYLE: Final = "cyan"
# In columns of the terminal, in which the narrowest text and chart can still be read.
_LONGEST_BAR: Final = 40
_WIDEST_LABEL: Final = 40
_NARROWEST_TEXT: Final = 10
_NARROWEST_CHART: Final = 6
# In lines: more would push what came before off the screen.
_MOST_BARS: Final = 30
_MOST_SOURCES: Final = 40
# What may stand in a terminal's escape sequence for a hyperlink.
_LINKABLE: Final = re.compile(r"https?://[\x21-\x7e]+")
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
    totals = f"{result.total:,} of {counted(result.indexed, 'article')}, {result.took_ms:.1f} ms"
    _print(console, totals, "bold")
    if next_page:
        # Unwrapped, so that it can be copied.
        console.print(f"Next page: {next_page}", style="dim", soft_wrap=True)


def print_article(article: Article) -> None:
    """Print one article with its fields and its whole text."""
    console = _console()
    _print(console, _shown(article.title or _NO_TITLE), "bold")
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


def print_explanation(explanation: Explanation) -> None:
    """Print each line of a page with what became of it and why, then the article's fields and how they were found."""
    from rich.text import Text

    console = _console()
    for line in explanation.lines:
        style = _VERDICT_STYLES["title" if line.role == "title" else "kept" if line.kept else "dropped"]
        mark = "#" if line.role == "title" else "+" if line.kept else "-"
        score = "" if line.score is None else f"{line.score:.1f}"
        shown = Text().append(_shown(line.text), style).append(f"  ({_shown(line.reason)})", "dim")
        _print(console, shown, before=f"{mark} {score:>5}  ")
    _print(console, "")
    for name, found in explanation.fields.items():
        named = Text().append(f"{name}: ", "bold")
        if found.method:
            value = found.to_dict()["value"]
            text = ", ".join(value) if isinstance(value, list) else str(value)
            if name == "body":
                text = f"{len(text.split()):,} words"
            how = f"  ({_shown(found.method)}, {found.confidence:.0%})"
            _print(console, named.append(_shown(text)).append(how, "dim"))
        else:
            _print(console, named.append("not found", "dim"))
    if explanation.flags:
        _print(console, f"flags: {', '.join(explanation.flags)}", "bold")


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns, numbers to the right; the last column has what is left of the line."""
    from rich.cells import cell_len, set_cell_size

    console = _console()
    shown = [[_shown(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*shown, strict=True)][:-1]
    for row in shown:
        cells = (
            f"{cell:>{width}}" if number == 0 else set_cell_size(cell, width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=False))
        )
        _print(console, row[-1], before="".join(cell + "  " for cell in cells))


def print_stats(stats: IndexStats, months_of: Callable[[str], Mapping[date, int]]) -> None:
    """Print what is in an index.

    months_of  the articles of a source by month
    """
    from rich.filesize import decimal

    console = _console()
    months = list(_filled(stats.months, "month"))
    _print_sources(console, stats, [start for start, _ in months], months_of)
    _print_months(console, months)
    unsigned = stats.articles - sum(source.articles for source in stats.sources)
    lacking = f"{stats.undated:,} without a date, {unsigned:,} without a source"
    _print(console, f"{counted(stats.articles, 'article')}, {lacking}", "bold")
    _print(console, f"{counted(stats.segments, 'segment')}, {decimal(stats.bytes)}, language {stats.language}")
    _print(console, f"Generation {stats.generation}, committed {stats.committed_at:%Y-%m-%d %H:%M} UTC")


def _print_sources(
    console: Console, stats: IndexStats, starts: Sequence[date], months_of: Callable[[str], Mapping[date, int]]
) -> None:
    """Print each source with its articles, its days and a line of its months, where gaps are dots."""
    from rich.cells import cell_len

    if not stats.sources:
        return
    _print(console, "Sources", "bold")
    shown = stats.sources[:_MOST_SOURCES]
    names = [_shown(source.source) for source in shown]
    width = min(max(map(cell_len, names)), max(8, min(_WIDEST_LABEL, console.width // 3)))
    count_width = max(len(f"{source.articles:,}") for source in shown)
    room = console.width - width - count_width - len("  2024-01-01 2024-01-01  ") - 3
    for source, name in zip(shown, names, strict=True):
        line = f"  {_fitted(name, width)} {source.articles:>{count_width},}"
        if room >= 0:
            days = f"{source.first} {source.last}" if source.first else "undated"
            line += f"  {days:<21}"
        if source.first and room >= _NARROWEST_CHART:
            months = months_of(source.source)
            line += "  " + _sparkline(console, [months.get(start, 0) for start in starts], min(room, _LONGEST_BAR))
        _print(console, line)
    rest = stats.sources[_MOST_SOURCES:]
    if rest:
        articles = sum(source.articles for source in rest)
        _print(console, f"  and {counted(len(rest), 'source')} more, {counted(articles, 'article')}", "dim")
    _print(console, "")


def _sparkline(console: Console, counts: Sequence[int], room: int) -> str:
    """Counts as a line of small bars, neighbours together where there are more than room; none is a dot."""
    levels, gap = ("▁▂▃▄▅▆▇█", "·") if console.encoding.startswith("utf") else ("#", ".")
    together = -(-len(counts) // room)
    sums = [sum(counts[start : start + together]) for start in range(0, len(counts), together)]
    largest = max(sums)
    return "".join(levels[(count * len(levels) - 1) // largest] if count else gap for count in sums)


def _print_months(console: Console, months: Sequence[tuple[date, int]]) -> None:
    """Print the months as bars, and a run of months without any article as one line."""
    bars: list[tuple[str, int]] = []
    gaps: list[str] = []
    for empty, run in groupby(months, key=lambda month: not month[1]):
        group = list(run)
        first, last = f"{group[0][0]:%Y-%m}", f"{group[-1][0]:%Y-%m}"
        if empty:
            bars.append((first if len(group) == 1 else f"{first} to {last}", 0))
            gaps.append(first if len(group) == 1 else f"{first} to {last} ({len(group):,} months)")
        else:
            bars += [(f"{start:%Y-%m}", count) for start, count in group]
    _print_bars(console, "Articles by month", bars)
    if gaps:
        _print(console, f"Nothing from {', '.join(gaps)}", "yellow")


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on stderr; call what it yields with each Progress."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=None)
        began = time.monotonic()

        def show(progress: Progress) -> None:
            rejected = f", {progress.rejected:,} rejected" if progress.rejected else ""
            a_second = progress.seen / max(time.monotonic() - began, 0.001)
            bar.update(
                task,
                description=f"{counted(progress.seen, 'record')}{rejected}, {a_second:,.0f}/s",
                total=progress.bytes_total,
                completed=progress.bytes_read,
            )

        yield show


def _console() -> Console:
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.width:
        # COLUMNS=0 says that nobody knows; rich would print nothing.
        console.width = 80
    return console


def _print(console: Console, text: str | Text, style: str | None = None, *, before: str = "") -> None:
    """Print a line; a terminal wraps it at words, indented by the width of `before`, a pipe gets it whole."""
    from rich.text import Text

    whole = Text(text) if isinstance(text, str) else text
    room = max(console.width - len(before), _NARROWEST_TEXT)
    for line in whole.wrap(console, room) if console.is_terminal else [whole]:
        line.rstrip()
        console.print(Text(before).append_text(line), style=style, soft_wrap=True)
        before = " " * len(before)


def _print_hit(console: Console, hit: Hit, number: str) -> None:
    from rich.text import Text

    article = hit.article
    _print(console, _linked(_title(hit), article.url), before=number)
    indent = " " * len(number)
    _print(console, _byline(article), "dim", before=indent)
    if hit.copy:
        _print(console, "nearly the same text", "dim italic", before=indent)
    for snippet in hit.snippets:
        if snippet.field != "title":
            _print(console, _marked(snippet.text, snippet.ranges), before=indent)
    if article.url:
        _print(console, _linked(Text(_shown(article.url)), article.url), "blue", before=indent)
    if hit.explanation is not None:
        parts = " + ".join(f"{part.score:.2f} {_shown(part.part)}" for part in hit.explanation)
        _print(console, f"score {hit.score:.2f} = {parts}", "dim", before=indent)
    _print(console, "")


def _title(hit: Hit) -> Text:
    """The title, with the words marked that the hit's snippets mark."""
    title = hit.article.title or _NO_TITLE
    marked_words = {snippet.text[start:end].casefold() for snippet in hit.snippets for start, end in snippet.ranges}
    text = _marked(title, [found.span() for found in _WORD.finditer(title) if found[0].casefold() in marked_words])
    text.stylize_before("bold")
    return text


def _linked(text: Text, url: str | None) -> Text:
    """The text as a link, where the terminal knows such."""
    if url and _LINKABLE.fullmatch(url):
        text.stylize(f"link {url}")
    return text


def _marked(text: str, ranges: Sequence[tuple[int, int]]) -> Text:
    from rich.text import Text

    marked = Text()
    end = 0
    for start, stop in ranges:
        marked.append(_shown(text[end:start])).append(_shown(text[start:stop]), _MATCH_STYLE)
        end = stop
    return marked.append(_shown(text[end:]))


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
        buckets = list(_filled(((bucket.start, bucket.count) for bucket in facet.buckets), facet.interval))
        together = -(-len(buckets) // _MOST_BARS) or 1
        groups = (buckets[i : i + together] for i in range(0, len(buckets), together))
        bars = [
            (group[0][0].isoformat()[: _SAID[facet.interval]], sum(count for _, count in group)) for group in groups
        ]
        heading = f"By {together} {facet.interval}s" if together > 1 else f"By {facet.interval}"
        rest = [("no date", facet.missing)]
    else:
        bars = [(("* " if b.selected else "") + _shown(b.value), b.count) for b in facet.buckets]
        heading = {"topic": "Topics", "language": "Languages"}.get(name, f"{name.capitalize()}s")
        rest = [("others", facet.other), (f"no {name}", facet.missing)]
    _print_bars(console, heading, bars, [(label, count) for label, count in rest if count])


def _filled(counts: Iterable[tuple[date, int]], interval: str) -> Iterator[tuple[date, int]]:
    """Counts by bucket, with the empty buckets that a long histogram leaves out."""
    end: date | None = None
    for start, count in counts:
        while end is not None and (following := end + timedelta(days=1)) < start:
            yield following, 0
            end = last_day(following, interval)
        yield start, count
        end = last_day(start, interval)


def _print_bars(
    console: Console, heading: str, bars: Sequence[tuple[str, int]], rest: Sequence[tuple[str, int]] = ()
) -> None:
    """Print labelled counts as bars, the longest for the largest; `rest` are counts without bars."""
    from rich.cells import cell_len
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
        line = Text(f"  {_fitted(label, label_width)} {count:>{count_width},} ")
        _print(console, line.append(bar, _BAR_STYLE))
    for label, count in rest:
        _print(console, f"  {_fitted(label, label_width)} {count:>{count_width},}", "dim")
    _print(console, "")


def _fitted(text: str, width: int) -> str:
    """The text in exactly so many columns; an ellipsis stands for what there is no room for."""
    from rich.cells import cell_len, set_cell_size

    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 article", "12,345 articles"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _shown(text: str) -> str:
    return text.translate(_CONTROLS)
