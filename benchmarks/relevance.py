"""Compare how well engines rank judged collections.

    python -m benchmarks.relevance FOLDER... [--match any|all] [--cost] [--out DIR]

A folder holds corpus.jsonl (or .gz, .zst), queries.jsonl and qrels.tsv, see `benchmarks.judgments`. Broadsheet and
those of its peers that are installed answer every query as a bag of words. The tables show nDCG@10, MAP and Recall@100
of each collection and their mean, and how likely Broadsheet's difference in nDCG@10 is to be chance.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, get_args

import numpy as np
import numpy.typing as npt

import indexer
from benchmarks.judgments import CUT, DEPTH, Collection, quality, randomisation, read
from benchmarks.rankers import PEERS, Broadsheet, Ranker
from indexer.analysis import Stemmer, stemmer, words
from indexer.query.evaluate import answer
from indexer.query.syntax import ParsedQuery, parse
from indexer.request import Match, SearchRequest
from indexer.view import View

Array = npt.NDArray[np.float64]

MEASURES = (f"nDCG@{CUT}", "MAP", f"Recall@{DEPTH}")


class Row(NamedTuple):
    """One collection, or the mean of all: its name, and the values of each engine, in the order of the tables."""

    name: str
    values: list[Array]


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit code: 2 for a folder that holds no collection."""
    options = _parser().parse_args(arguments)
    try:
        collections = [read(folder) for folder in options.folders]
    except (OSError, ValueError, KeyError) as error:
        print(f"not a judged collection: {error}", file=sys.stderr)
        return 2
    measured: dict[str, list[Array]] = {}
    for name in (Broadsheet.name, *(peer.name for peer in PEERS)):
        try:
            measured[name] = [_measured(_ranker(name, options.match), each, options.out) for each in collections]
        except ImportError:
            print(f"{name} is not installed: left out", file=sys.stderr)
    print(_tables([collection.name for collection in collections], measured))
    if options.cost:
        print("\n".join(["", *_costs(collections)]))
    return 0


def _costs(collections: list[Collection]) -> list[str]:
    """Median milliseconds of processor time of Broadsheet's requests, with and without parts of the second pass."""
    lines = ["| ms a request | whole | without nearness and phrases | first pass alone |", "|---|---:|---:|---:|"]
    for collection in collections:
        with TemporaryDirectory(prefix="relevance-") as directory:
            index = indexer.open_index(Path(directory, "index"), create=True)
            index.ingest([collection.corpus], format="jsonl", workers=1)
            assert isinstance(index, indexer.NewsIndex)
            view, stem = index._view(), stemmer(index.language)
            rows = []
            for text in collection.queries.values():
                request = SearchRequest.of(" ".join(words(text)), match="any")
                parsed = parse(request.q, stemmer=stem, match="any", weight=view.boost)
                near = parsed.closeness
                apart = near and near._replace(pairs=(), rows=())
                kinds = (parsed, parsed._replace(closeness=apart), parsed._replace(closeness=None))
                rows.append([min(_milliseconds(view, request, stem, kind) for _ in range(5)) for kind in kinds])
        whole, *others = np.median(np.array(rows), axis=0)
        cells = [f"{whole:.2f}", *(f"{other:.2f} ({whole / other:.2f})" for other in others)]
        lines.append(f"| {collection.name} | {' | '.join(cells)} |")
    return lines


def _milliseconds(view: View, request: SearchRequest, stem: Stemmer, parsed: ParsedQuery) -> float:
    begin = time.thread_time()
    answer(view, request, stem, parsed)
    return (time.thread_time() - begin) * 1000


def _ranker(name: str, match: Match) -> Ranker:
    return Broadsheet(match) if name == Broadsheet.name else {peer.name: peer for peer in PEERS}[name]()


def _measured(ranker: Ranker, collection: Collection, out: Path | None) -> Array:
    """(queries, measures): the quality of each answer. Also writes a run file in TREC's form, where asked to."""
    with TemporaryDirectory(prefix="relevance-") as directory:
        ranker.build(collection, Path(directory))
        rankings = {query: ranker.rank(text) for query, text in collection.queries.items()}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        lines = [
            f"{query} Q0 {article} {rank} {-rank} {ranker.name}\n"
            for query, ranking in rankings.items()
            for rank, article in enumerate(ranking, 1)
        ]
        (out / f"{collection.name}.{ranker.name}.run").write_text("".join(lines))
    return np.array([quality(ranking, collection.grades[query]) for query, ranking in rankings.items()])


def _tables(names: list[str], measured: dict[str, list[Array]]) -> str:
    """The report, in Markdown."""
    engines = list(measured)
    rows = [Row(name, [measured[engine][place] for engine in engines]) for place, name in enumerate(names)]
    lines: list[str] = []
    for measure, title in enumerate(MEASURES):
        means = np.array([[values[:, measure].mean() for values in row.values] for row in rows])
        lines += [f"| {title} | queries | {' | '.join(engines)} |", "|---|---:" + "|---:" * len(engines) + "|"]
        for row, line in zip(rows, means, strict=True):
            lines.append(f"| {row.name} | {len(row.values[0])} | {_figures(line)} |")
        lines += [f"| mean | | {_figures(means.mean(axis=0))} |", ""]
    return "\n".join(lines + _significance(rows, engines))


def _figures(values: Array) -> str:
    return " | ".join(f"{value:.3f}" for value in values)


def _significance(rows: list[Row], engines: list[str]) -> list[str]:
    """How much better Broadsheet's nDCG is than its best peer's, collection by collection, and than bm25s's."""
    if len(engines) < 2:
        return []
    ndcg = [[values[:, 0] for values in row.values] for row in rows]
    means = np.array([[values.mean() for values in row] for row in ndcg])
    lines = [f"| {MEASURES[0]} against | best peer | difference | p | bm25s | p |", "|---|---|---:|---:|---:|---:|"]
    for name, chosen, of_peers in [
        *((row.name, [place], means[place]) for place, row in enumerate(rows)),
        ("mean", list(range(len(rows))), means.mean(axis=0)),
    ]:
        best = int(of_peers[1:].argmax()) + 1
        cells = [name, engines[best]]
        for peer in (best, engines.index("bm25s") if "bm25s" in engines else None):
            if peer is None:
                cells += ["", ""]
                continue
            differences = [ndcg[place][0] - ndcg[place][peer] for place in chosen]
            gain = np.mean([part.mean() for part in differences])
            cells += [f"{gain:+.3f}", f"{randomisation(differences):.4f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.relevance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a judged collection")
    parser.add_argument(
        "--match",
        choices=get_args(Match),
        default="any",
        help="whether Broadsheet asks for any or all of the words; the peers ask for any (default: any)",
    )
    parser.add_argument("--cost", action="store_true", help="also print what the second pass of ranking costs")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the rankings there, in the form of TREC's runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
