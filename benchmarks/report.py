"""The tables: one JSON document of a run on a corpus → Markdown, and the charts beside it."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any, Final

from benchmarks.plots import bar_chart
from benchmarks.query import CLASSES

BASE: Final = "tantivy"
OURS: Final = "broadsheet"

Document = dict[str, Any]
Value = Callable[[dict[str, Any]], float | None]

HOW: Final = f"""\
# Benchmarks

Times are medians; a number in brackets is the ratio to {BASE} in the same run: below 1 is faster or smaller.
Engines take turns in each round, each in a process of its own, on one warm page cache.

- **Queries**: twelve a class from the corpus' own words, a fixed seed; of match-all there is only one. Phrases and
  prefixes are only such as find the same articles of a sample by surface words as by stems.
- **Whole request**: parse, exact total, top ten with title, source, date and a snippet each, 20 source counts, month
  histogram. For each query the median over the rounds, for each class the median over its queries, then the median
  over the classes. Its ratio is the median of the classes' ratios, over the classes that both engines can express.
- **First calls**: the same, each query's first execution in a fresh process. Words recur between queries.
- **Slowest class**: the largest ratio of any class, and the time of that class.
- **Bare total + top 10**: parse, exact total and the ten best; nothing read of them.
- **Ingest**: from the start of a process to the first search of the committed index; the process may go on merging.
- **Bytes on disk**: all files of the index after its process has ended; against the JSONL.
- **New process**: from the start of Python to its end, one whole answer printed.
- **Anonymous memory**: RssAnon of a process that has served 200 requests; mapped files are not in it.

Not measured: relevance, many requests at once, a cold page cache, updates and deletions, memory of an ingest.
"""


def markdown(documents: list[Document]) -> str:
    """The whole report of several corpora's documents."""
    return "\n".join([HOW, *(_corpus(document) for document in documents)])


def charts(document: Document) -> dict[str, str]:
    """File name → SVG."""
    engines = _engines(document)
    name = document["corpus"]["name"]
    drawn = {}
    for key, title in (
        ("request_ms", "whole request"),
        ("first_ms", "whole request, first calls"),
        ("top10_ms", "bare total and top 10"),
    ):
        groups = {
            class_name: {
                engine: engines[engine][key][class_name] for engine in engines if class_name in engines[engine][key]
            }
            for class_name in CLASSES
        }
        groups = {class_name: group for class_name, group in groups.items() if group}
        file_name = f"{name}-{key.removesuffix('_ms')}.svg"
        drawn[file_name] = bar_chart(f"{name}: {title}", "ms", groups, list(engines))
    return drawn


def _corpus(document: Document) -> str:
    corpus, machine, engines = document["corpus"], document["machine"], _engines(document)
    name = corpus["name"]
    out = [
        f"## {name}",
        "",
        f"{corpus['articles']:,} articles, {corpus['bytes'] / 1e6:,.1f} MB of JSONL"
        f" ({corpus['skipped']} lines left out)."
        f" {document['date']}; {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB,"
        f" {machine['system']}, Python {machine['python']}; load {machine['load']} at the start;"
        f" {document['effort']['threads']} threads or workers for ingest.",
        "",
        f"    {document['command']}",
        "",
        _table(
            ["", *engines],
            [_summary_row(label, value, text, engines, ratios) for label, value, text, ratios in _summary(corpus)],
        ),
        "",
        *_losses(engines),
        "",
        *_against_plain_whoosh(engines),
        "",
    ]
    for key, title in (
        ("request_ms", "Whole request"),
        ("first_ms", "First calls"),
        ("top10_ms", "Bare total + top 10"),
    ):
        rows = [
            [class_name, *(_cell(engines, engine, key, class_name) for engine in engines)] for class_name in CLASSES
        ]
        out += [f"### {title}, ms by class", "", _table(["", *engines], rows), ""]
        out += [f"![{title}]({name}-{key.removesuffix('_ms')}.svg)", ""]
    out += ["### Equal hits", "", *_equal_hits(engines), ""]
    out += ["### Set-up", ""]
    out += [
        f"- **{engine}** {values['version']}{': ' + values['differs'] if values['differs'] else ''}"
        for engine, values in engines.items()
    ]
    out += [
        f"- **{engine}** failed: `{values['error'].splitlines()[-1] if values['error'] else ''}`"
        for engine, values in document["engines"].items()
        if "error" in values
    ]
    out += [f"- **{engine}** is not installed here ({reason})" for engine, reason in document["absent"].items()]
    return "\n".join([*out, ""])


def _summary(corpus: dict[str, Any]) -> list[tuple[str, Value, str, str]]:
    """Label, value, format of the value, and which classes' ratios make its ratio ("" for the values' own)."""
    size = corpus["bytes"]
    return [
        ("whole request, median over classes, ms", _over_classes("request_ms"), "{:.3g}", "request_ms"),
        ("... first calls, ms", _over_classes("first_ms"), "{:.3g}", "first_ms"),
        ("... slowest class", lambda engine: None, "", "slowest"),
        ("bare total + top 10, ms", _over_classes("top10_ms"), "{:.3g}", "top10_ms"),
        ("ingest, s", lambda engine: median(engine["ingest_seconds"]), "{:.3g}", ""),
        ("... until the process has ended, s", lambda engine: median(engine["ingest_process_seconds"]), "{:.3g}", ""),
        ("... articles/s", lambda engine: corpus["articles"] / median(engine["ingest_seconds"]), "{:,.0f}", "none"),
        ("... MB/s", lambda engine: size / 1e6 / median(engine["ingest_seconds"]), "{:.3g}", "none"),
        ("bytes on disk / JSONL", lambda engine: engine["bytes"] / size, "{:.2f}", ""),
        ("new process, s", lambda engine: engine["new_process_seconds"], "{:.3f}", ""),
        ("anonymous memory, MB", lambda engine: _megabytes(engine["anonymous_bytes"]), "{:.0f}", ""),
    ]


def _summary_row(label: str, value: Value, text: str, engines: dict[str, Any], ratios: str) -> list[str]:
    row = [label]
    base = engines.get(BASE)
    for name, engine in engines.items():
        if ratios == "slowest":
            slowest = _slowest(engine, base)
            row.append(f"{slowest[1]}: {slowest[2]:.3g} ({slowest[0]:.2f})" if slowest and name != BASE else "")
            continue
        own = value(engine)
        ratio: float | None = None
        if base is not None and name != BASE and ratios != "none" and own is not None:
            theirs = value(base)
            by_class = list(_ratios(engine, base, ratios).values()) if ratios else []
            ratio = median(by_class) if by_class else own / theirs if theirs and not ratios else None
        row.append("" if own is None else text.format(own) + (f" ({ratio:.2f})" if ratio is not None else ""))
    return row


def _ratios(engine: dict[str, Any], base: dict[str, Any], key: str) -> dict[str, float]:
    return {name: own / base[key][name] for name, own in engine[key].items() if name in base[key]}


def _slowest(engine: dict[str, Any], base: dict[str, Any] | None) -> tuple[float, str, float] | None:
    if base is None:
        return None
    ratios = _ratios(engine, base, "request_ms")
    return max((ratio, name, engine["request_ms"][name]) for name, ratio in ratios.items()) if ratios else None


def _losses(engines: dict[str, Any]) -> list[str]:
    """Each class of each kind of call in which ours is slower than the base."""
    if OURS not in engines or BASE not in engines:
        return []
    lost = [
        f"{title}, {name} ({ratio:.2f})"
        for key, title in (("request_ms", "whole request"), ("first_ms", "first call"), ("top10_ms", "bare top 10"))
        for name, ratio in _ratios(engines[OURS], engines[BASE], key).items()
        if ratio > 1
    ]
    return [f"{OURS} is slower than {BASE} at: {'; '.join(lost) or 'none of the classes'}."]


def _against_plain_whoosh(engines: dict[str, Any]) -> list[str]:
    """How many times faster ours is than each set-up of whoosh3."""
    ours = engines.get(OURS)
    if ours is None:
        return []
    lines = []
    for name in (name for name in engines if name.startswith("whoosh3")):
        ingest = median(engines[name]["ingest_seconds"]) / median(ours["ingest_seconds"])
        request = median(_ratios(engines[name], ours, "request_ms").values())
        lines.append(
            f"{OURS} is {ingest:.1f} times as fast as {name} at ingest, {request:.1f} times at whole requests."
        )
    return lines


def _cell(engines: dict[str, Any], engine: str, key: str, class_name: str) -> str:
    own = engines[engine][key].get(class_name)
    if own is None:
        return "cannot"
    base = engines.get(BASE, {}).get(key, {}).get(class_name)
    return f"{own:.3g}" + (f" ({own / base:.2f})" if base and engine != BASE else "")


def _equal_hits(engines: dict[str, Any]) -> list[str]:
    """For each class how many of the queries agree with the first engine's, and the totals farthest apart."""
    first = next(iter(engines))
    rows = []
    for class_name in CLASSES:
        row = [class_name, f"{engines[first]['median_total'].get(class_name, 0):,.0f}"]
        for values in list(engines.values())[1:]:
            equal = values["equality"].get(class_name)
            if not equal or not equal["compared"]:
                row.append("cannot")
                continue
            far = equal["farthest"]
            row.append(
                f"{equal['totals']}/{equal['compared']}" + (f", at worst {far[0]:,} for {far[1]:,}" if far else "")
            )
        rows.append(row)
    counts = []
    for name, values in list(engines.items())[1:]:
        total = {
            key: sum(row[key] for row in values["equality"].values())
            for key in ("compared", "totals", "sources", "months", "hits", "snippets")
        }
        counts.append(
            f"- {name}: of {total['compared']} queries, equal totals {total['totals']},"
            f" source counts {total['sources']}, month counts {total['months']};"
            f" {total['snippets']} of {total['hits']} hits have a snippet"
        )
    return [
        f"Queries whose total equals that of {first}, by class; where some differ, the totals farthest apart.",
        "",
        _table(["", f"median total of {first}", *list(engines)[1:]], rows),
        "",
        *counts,
    ]


def _engines(document: Document) -> dict[str, Any]:
    return {name: values for name, values in document["engines"].items() if "error" not in values}


def _over_classes(key: str) -> Value:
    return lambda engine: median(engine[key].values()) if engine[key] else None


def _megabytes(size: float | None) -> float | None:
    return size / 1e6 if size is not None else None


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
