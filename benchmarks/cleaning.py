"""Clean a folder of pages whose articles are known, with Broadsheet and with the peers that are installed.

    python -m benchmarks.cleaning FOLDER [--kind html|text] [--no-url] [--limit N] [--out DIR]

FOLDER holds `cases.jsonl`, a JSON object a line:

    id      of the case
    html, text   files beside it, gzip-compressed UTF-8: the page, and its text dump
    url     where the page is from
    domain  the site's registrable domain
    gold    what is known: any of `body`, `title`, `date` (ISO 8601), `authors`, `source`
    visible_in_text  optional: by field, whether the dump holds it at all (else it is not scored for dumps)

Prints a table: see `benchmarks.cleaning_score` for its columns, and pages per CPU second of one process, reading
excluded. With --out the table goes to DIR as Markdown, too. A page that a cleaner fails on counts as empty.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, TypeAlias

import orjson

from benchmarks.cleaning_score import Cleaned, Score, score

Kind: TypeAlias = Literal["html", "text"]
Cleaner: TypeAlias = Callable[[str, str | None], Cleaned]

_COLUMNS = ("body", "title", "date", "authors", "source")
_LONG_LINE = 80  # characters


@dataclass(frozen=True, slots=True)
class Case:
    """One page and what is known of its article."""

    id: str
    page: str
    url: str | None
    domain: str
    gold: dict[str, Any]
    visible: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One cleaner's line in the table; `fields` are those that it gives at all, `failed` pages raised."""

    name: str
    score: Score
    fields: tuple[str, ...]
    pages_per_second: float
    failed: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=("html", "text"), default="html")
    parser.add_argument("--no-url", action="store_true", help="do not tell the cleaners where a page is from")
    parser.add_argument("--limit", type=int, help="the first N pages only")
    parser.add_argument("--out", type=Path, help="also write the table here, as cleaning-KIND.md")
    options = parser.parse_args(arguments)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    cases = list(read_cases(options.folder, options.kind))[: options.limit]
    rows = [measure(name, cleaner, cases, options) for name, cleaner in cleaners(options.kind).items()]
    table = markdown(rows)
    print(table)
    if options.out:
        suffix = "-no-url" if options.no_url else ""
        path = options.out / f"cleaning-{options.kind}{suffix}.md"
        path.write_text(_heading(options, cases) + table + "\n", encoding="utf-8")


def read_cases(folder: Path, kind: Kind) -> Iterator[Case]:
    """The cases of a folder, in order."""
    for line in (folder / "cases.jsonl").read_bytes().splitlines():
        if line.strip():
            values = orjson.loads(line)
            page = gzip.decompress((folder / values[kind]).read_bytes()).decode("utf-8")
            yield Case(
                values["id"], page, values.get("url"), values.get("domain", ""), values["gold"],
                values.get("visible_in_text", {}),
            )  # fmt: skip


def measure(name: str, cleaner: Cleaner, cases: Sequence[Case], options: argparse.Namespace) -> Row:
    """Clean every case once and score the outcome."""
    made: dict[str, Cleaned] = {}
    seconds, failed = 0.0, 0
    for case in cases:
        began = time.process_time()
        try:
            made[case.id] = cleaner(case.page, None if options.no_url else case.url)
        except Exception:
            failed += 1
        seconds += time.process_time() - began
    as_mappings: list[Mapping[str, Any]] = [
        {"id": case.id, "gold": case.gold, "domain": case.domain, "visible_in_text": case.visible} for case in cases
    ]
    fields = tuple(column for column in _COLUMNS if any(getattr(article, column) for article in made.values()))
    whole = score(as_mappings, made, visible_only=options.kind == "text")
    return Row(name, whole, fields, len(cases) / max(seconds, 1e-9), failed)


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| cleaner | body F1 | title | date | authors F1 | source | pages / CPU second | failed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        values = [getattr(row.score, column) if column in row.fields else None for column in _COLUMNS]
        numbers = " | ".join("–" if value is None else f"{value:.3f}" for value in values)
        lines.append(f"| {row.name} | {numbers} | {row.pages_per_second:.0f} | {row.failed} |")
    return "\n".join(lines)


def _heading(options: argparse.Namespace, cases: Sequence[Case]) -> str:
    known = ", ".join(f"{sum(column in case.gold for case in cases)} {column}" for column in _COLUMNS)
    return (
        f"# Cleaning {'HTML pages' if options.kind == 'html' else 'text dumps'}"
        f"{', address unknown' if options.no_url else ''}\n\n"
        f"`python -m benchmarks.cleaning` on {len(cases)} pages of {len({case.domain for case in cases})} sites"
        f" (known: {known}), {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}),"
        f" Python {platform.python_version()}.\n\n"
    )


def cleaners(kind: Kind) -> dict[str, Cleaner]:
    """The cleaners for a kind of page, by name: Broadsheet's and those of the peers that are installed."""
    if kind == "text":
        return {
            "Broadsheet": _broadsheet(kind),
            "the whole text": _whole_text,
            "longest run of long lines": _long_lines,
        }
    peers: dict[str, dict[str, Cleaner]] = {
        "trafilatura": {"trafilatura fast": _trafilatura(fast=True), "trafilatura default": _trafilatura(fast=False),
                        "trafilatura default, body only": _trafilatura_body},
        "newspaper4k": {"newspaper4k": _newspaper},
        "readability-lxml": {"readability-lxml": _readability},
        "resiliparse": {"resiliparse": _resiliparse},
        "justext": {"jusText": _justext},
    }  # fmt: skip
    found: dict[str, Cleaner] = {"Broadsheet": _broadsheet(kind)}
    for package, its in peers.items():
        try:
            number = version(package)
        except PackageNotFoundError:
            continue
        found |= {f"{name} ({number})": cleaner for name, cleaner in its.items()}
    return found


def _broadsheet(kind: Kind) -> Cleaner:
    def clean(page: str, url: str | None) -> Cleaned:
        import indexer

        article = indexer.clean(page, kind=kind, url=url)
        return Cleaned(
            body=article.body,
            title=article.title,
            date=article.date.isoformat() if article.date else "",
            authors=article.authors,
            source=article.source,
        )

    return clean


def _whole_text(page: str, url: str | None) -> Cleaned:
    return Cleaned(body=page)


def _long_lines(page: str, url: str | None) -> Cleaned:
    """The longest run of lines that are long; one short line between two of them breaks no run."""
    best: list[str] = []
    run: list[str] = []
    short = 0
    for line in filter(None, map(str.strip, page.splitlines())):
        short = 0 if len(line) >= _LONG_LINE else short + 1
        run = [] if short > 1 else [*run, line]
        if sum(map(len, run)) > sum(map(len, best)):
            best = run
    return Cleaned(body="\n\n".join(best))


def _trafilatura(*, fast: bool) -> Cleaner:
    def clean(page: str, url: str | None) -> Cleaned:
        trafilatura: Any = import_module("trafilatura")
        document = trafilatura.bare_extraction(page, url=url, include_comments=False, with_metadata=True, fast=fast)
        if document is None:
            return Cleaned()
        return Cleaned(
            body=document.text or "",
            title=document.title or "",
            date=document.date or "",
            authors=tuple(filter(None, (name.strip() for name in (document.author or "").split(";")))),
            source=document.sitename or "",
        )

    return clean


def _trafilatura_body(page: str, url: str | None) -> Cleaned:
    import trafilatura

    return Cleaned(body=trafilatura.extract(page, url=url, include_comments=False) or "")


def _newspaper(page: str, url: str | None) -> Cleaned:
    newspaper: Any = import_module("newspaper")
    article = newspaper.Article(url or "https://unknown.example/", input_html=page, fetch_images=False)
    article.download(input_html=page)
    article.parse()
    date = article.publish_date
    return Cleaned(
        body=article.text,
        title=article.title,
        date=date.isoformat() if hasattr(date, "isoformat") else "",
        authors=tuple(article.authors),
        source=article.meta_site_name or "",
    )


def _readability(page: str, url: str | None) -> Cleaned:
    from lxml import html

    document: Any = import_module("readability").Document(page)
    summary = document.summary(html_partial=True)
    return Cleaned(body=html.fromstring(summary).text_content() if summary else "", title=document.short_title())


def _resiliparse(page: str, url: str | None) -> Cleaned:
    tree: Any = import_module("resiliparse.parse.html").HTMLTree.parse(page)
    html2text: Any = import_module("resiliparse.extract.html2text")
    return Cleaned(body=html2text.extract_plain_text(tree, main_content=True, comments=False), title=tree.title or "")


def _justext(page: str, url: str | None) -> Cleaned:
    import justext

    paragraphs = justext.justext(page.encode(), _all_stop_words(), encoding="utf-8")
    return Cleaned(body="\n\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate))


@cache
def _all_stop_words() -> frozenset[str]:
    """The stop words of all languages: jusText has to be told a page's language, and nobody told us."""
    import justext

    return frozenset().union(*map(justext.get_stoplist, justext.get_stoplists()))


if __name__ == "__main__":
    main()
