"""Real news: the first 2,000 articles of Reuters-21578 answer every kind of query as a scan of them does."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import zstandard
from indexes import add, built
from naive import And, Archive, Days, Filters, Fuzzy, Near, Not, Or, Pattern, Phrase, Query, Value, Word

from indexer import NewsIndex
from indexer.response import DateFacet, ValueFacet

DATA = Path(__file__).parents[2] / "shared" / "data"
CORPUS = DATA / "reuters21578.jsonl.zst"
QUERY_FILE = DATA / "queries.txt"
ARTICLES = 2000

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the Reuters-21578 corpus is not on this machine")


def every(*tokens: str) -> And:
    return And(tuple(Word(token) for token in tokens))


JUNE = And(
    (
        Days("since:1987-06-01", date(1987, 6, 1), None),
        Days("until:1987-06-30", None, date(1987, 6, 30)),
        Word("merger"),
    )
)
QUERIES: dict[str, Query] = {
    "oil": Word("oil"),
    "trade deficit": every("trade", "deficit"),
    '"interest rates"': Phrase("interest rates"),
    '"bank of england"': Phrase("bank of england"),
    "japan AND semiconductor": every("japan", "semiconductor"),
    "oil OR opec OR crude": Or((Word("oil"), Word("opec"), Word("crude"))),
    "wheat NOT corn": And((Word("wheat"), Not(Word("corn")))),
    '"the company said"': Phrase("the company said"),
    "acqui*": Pattern("acqui*"),
    "dollar yen mark": every("dollar", "yen", "mark"),
    "title:takeover": Word("takeover", "title"),
    "source:usa profit": And((Value("source", "usa"), Word("profit"))),
    "topic:grain": Value("topic", "grain"),
    "date:1987-03": Days("date:1987-03", date(1987, 3, 1), date(1987, 3, 31)),
    "since:1987-06-01 until:1987-06-30 merger": JUNE,
    "(gold OR silver) AND (canada OR australia)": And(
        (Or((Word("gold"), Word("silver"))), Or((Word("canada"), Word("australia"))))
    ),
    "-shares dividend": And((Not(Word("shares")), Word("dividend"))),
    '"prime minister" thatcher': And((Phrase("prime minister"), Word("thatcher"))),
    '"prime minister thatcher"~4': Near("prime minister thatcher", 4),
    "wom?n": Pattern("wom?n"),
    "opec~1": Fuzzy("opec", 1),
    "gulf war iran": every("gulf", "war", "iran"),
    '"stock market" crash october': And((Phrase("stock market"), Word("crash"), Word("october"))),
    "brazil debt moratorium": every("brazil", "debt", "moratorium"),
    '"federal reserve" AND (rate OR rates) -"discount rate"': And(
        (Phrase("federal reserve"), Or((Word("rate"), Word("rates"))), Not(Phrase("discount rate")))
    ),
    "soviet grain purchases": every("soviet", "grain", "purchases"),
    "reagan tariff japan chips": every("reagan", "tariff", "japan", "chips"),
    '"u.s."': Phrase("u.s."),
    "AT&T": Word("AT&T"),
    "copper mine strike": every("copper", "mine", "strike"),
    # The sample has few articles: kinds whose queries above find nothing in it, once more.
    "since:1987-03-02 until:1987-03-03 merger": And(
        (
            Days("since:1987-03-02", date(1987, 3, 2), None),
            Days("until:1987-03-03", None, date(1987, 3, 3)),
            Word("merger"),
        )
    ),
    '"oil price"~3 -opec': And((Near("oil price", 3), Not(Word("opec")))),
    '"bank the of"~2': Near("bank the of", 2),
    "body:dividnd~2 topic:earn": And((Fuzzy("dividnd", 2, "body"), Value("topic", "earn"))),
    "*ation* wh?t": And((Pattern("*ation*"), Pattern("wh?t"))),
}


def articles() -> Iterator[dict[str, Any]]:
    with CORPUS.open("rb") as file:
        for line in islice(io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf-8"), ARTICLES):
            yield json.loads(line)


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(articles())


@pytest.fixture(scope="module")
def scan(records: list[dict[str, Any]]) -> Archive:
    return Archive(records)


@pytest.fixture(scope="module")
def reuters(records: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> NewsIndex:
    """The sample in three runs, so that there are several segments."""
    return built(tmp_path_factory.mktemp("reuters"), records[:900], records[900:1700], records[1700:])


def test_every_query_of_the_list_is_checked() -> None:
    assert set(QUERY_FILE.read_text().splitlines()) <= set(QUERIES)


@pytest.mark.parametrize("text", QUERIES)
def test_hits_agree_with_a_scan(reuters: NewsIndex, scan: Archive, text: str) -> None:
    expected = scan.newest(QUERIES[text], Filters({}))
    found = [hit.article.id for hit in reuters.search_all(text, sort="newest", snippets=0)]
    assert found == expected
    result = reuters.search(text, facets=["date", "topic", "source"], interval="day", facet_size=1000)
    assert result.warnings == ()
    assert result.total == len(expected)
    histogram, topics, sources = (result.facets[name] for name in ("date", "topic", "source"))
    assert isinstance(histogram, DateFacet)
    assert isinstance(topics, ValueFacet)
    assert isinstance(sources, ValueFacet)
    days = [(bucket.start, bucket.count, bucket.indexed) for bucket in histogram.buckets]
    assert days == scan.histogram(QUERIES[text], Filters({}), "day")
    for name, facet in (("topic", topics), ("source", sources)):
        counts = {bucket.value: bucket.count for bucket in facet.buckets}
        assert (counts, facet.missing) == scan.value_facet(QUERIES[text], Filters({}), name)


def test_most_queries_find_something(scan: Archive) -> None:
    assert sum(bool(scan.ids(query)) for query in QUERIES.values()) >= 28


def test_ingesting_the_same_articles_again_changes_nothing(
    reuters: NewsIndex, records: list[dict[str, Any]], tmp_path: Path
) -> None:
    generation = reuters.generation
    report = add(reuters, tmp_path, records)
    assert (report.added, report.updated, report.unchanged, report.rejected) == (0, 0, ARTICLES, 0)
    assert reuters.generation == generation


def test_the_compressed_corpus_is_read_as_it_is(records: list[dict[str, Any]], tmp_path: Path) -> None:
    import indexer

    lines = "".join(json.dumps(record) + "\n" for record in records[:50])
    path = tmp_path / "sample.jsonl.zst"
    path.write_bytes(zstandard.compress(lines.encode()))
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        assert index.ingest([path]).added == 50
        assert index.ingest([path]).unchanged == 50
