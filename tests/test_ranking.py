"""The second pass of ranking against the formula of `indexer.query.closeness` in its most obvious form."""

from __future__ import annotations

from itertools import pairwise
from math import log
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import pytest
from conftest import BuildIndex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from indexes import Record, add, built, paged
from naive import stem
from whoosh.lang.stopwords import stoplists
from whoosh.util.numeric import byte_to_length, length_to_byte

from indexer import Article, NewsIndex
from indexer.native.docs import highest
from indexer.query.closeness import CANDIDATES
from indexer.query.copies import is_copy, runs_of
from indexer.query.importance import importances
from indexer.query.ranking import Matches, ranked
from indexer.request import Sort

FUNCTION_WORDS = stoplists["en"]
VOCABULARY = ["oil", "oils", "price", "prices", "priced", "the", "of", "coalition", "willing", "x"]
TEXTS = st.lists(st.sampled_from(VOCABULARY), max_size=12)
ARCHIVES = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6)
QUERIES = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "since": st.sampled_from(["2024-01-01", "2024-01-02"]),
        "until": st.sampled_from(["2024-01-02", "2024-01-03"]),
        "source": st.just("Paper 1"),
    },
)


class Naive:
    """An archive of (title, body) word lists, scored by loops."""

    def __init__(self, archive: list[tuple[list[str], list[str]]]) -> None:
        self.archive = archive
        self.average = sum(len(title) + len(body) for title, body in archive) / len(archive)
        self.average_title = sum(len(title) for title, _ in archive) / len(archive)

    def weight(self, wanted: str) -> float:
        counts = [sum(stem(word) == wanted for word in title + body) for title, body in self.archive]
        holders = sum(count > 0 for count in counts)
        rarity = log(1 + (len(self.archive) - holders + 0.5) / (holders + 0.5))
        return rarity * (sum(counts) / holders) ** 0.3 if holders else rarity

    def share(self, weight: float, length: int) -> float:
        # As Whoosh does, lengths are rounded to those that one byte tells apart.
        rounded = byte_to_length(length_to_byte(length))
        return weight * 2.2 / (weight + 1.2 * (0.25 + 0.75 * rounded / self.average)) if weight else 0.0

    def added(self, query: list[str], number: int) -> float:
        title, body = self.archive[number]
        length = len(title) + len(body)
        said = {word: 0.2 if word in FUNCTION_WORDS else 0.35 if len(word) == 1 else 1.0 for word in query}
        telling = [word for word in query if said[word] != 0.2]
        total = 0.0
        for word in telling:
            weight = (title + body).count(word) + (3 if word in title else 0)
            total += 0.2 * said[word] * self.weight(stem(word)) * self.share(weight, length)
            frequency = sum(stem(other) == stem(word) for other in title + body)
            if any(stem(other) == stem(word) for other in title):
                bonus = 3 / (0.2 + 0.8 * len(title) / self.average_title)
                gain = self.share(frequency + bonus, length) - self.share(frequency + 3, length)
                total += said[word] * self.weight(stem(word)) * gain
        stems = [stem(word) for word in telling]
        for first, second in {tuple(sorted(pair)) for pair in pairwise(stems) if pair[0] != pair[1]}:
            places = [(n, stem(word)) for n, word in enumerate(title) if stem(word) in (first, second)]
            below = [(1024 + n, stem(word)) for n, word in enumerate(body) if stem(word) in (first, second)]
            x = sum(
                1 / (b - a) ** 2 for (a, one), (b, other) in pairwise(places + below) if one != other and b - a <= 8
            )
            weights = max(1.0, self.weight(first)) + max(1.0, self.weight(second))
            total += 0.4 * stems.count(first) * stems.count(second) * weights / 2 * 2.2 * x / (x + 1.2)
        if len(query) > 1 and any(
            text[n : n + len(query)] == query for text in (title, body) for n in range(len(text))
        ):
            total += sum(said[word] * (1 + self.weight(stem(word))) for word in query)
        return total


@settings(max_examples=150)
@given(ARCHIVES, QUERIES, st.sampled_from(["all", "any"]), st.integers(1, 6), FILTERS, st.data())
def test_the_second_pass_adds_what_its_formula_says(
    archive: list[tuple[list[str], list[str]]],
    query: list[str],
    match: str,
    cut: int,
    filters: dict[str, Any],
    data: st.DataObject,
) -> None:
    days = data.draw(st.lists(st.integers(1, 4), min_size=len(archive), max_size=len(archive)))
    records: list[dict[str, Any]] = [
        {
            "id": str(n),
            "title": " ".join(title),
            "body": " ".join(body),
            "date": f"2024-01-0{day}",
            "source": f"Paper {n % 2}",
        }
        for n, ((title, body), day) in enumerate(zip(archive, days, strict=True))
    ]
    naive = Naive(archive)
    with TemporaryDirectory() as folder, built(Path(folder), records[:cut], records[cut:]) as index:
        first = index.search(" ".join(query), match=match, sort="newest", limit=100, **filters).hits
        before = {hit.article.id: hit.score for hit in first}
        for hit in index.search(" ".join(query), match=match, limit=100, **filters).hits:
            expected = naive.added(query, int(hit.article.id))
            assert hit.score - before[hit.article.id] == pytest.approx(expected, rel=1e-3, abs=1e-4), hit.article


def story(id: str, body: str) -> dict[str, Any]:
    return {"id": id, "title": "Harbour", "body": body}


def test_filters_leave_the_scores_of_what_they_let_through(new_index: BuildIndex) -> None:
    numbers = Random(3)
    records = [
        {
            "id": str(n),
            "title": " ".join(numbers.choices(VOCABULARY, k=numbers.randint(1, 9))),
            "body": " ".join(numbers.choices(VOCABULARY, k=numbers.randint(9, 60))),
            "date": f"2024-01-{n % 28 + 1:02}",
            "source": f"Paper {n % 3}",
        }
        for n in range(60)
    ]
    index = new_index(records)
    for query in ("oil prices", "willing", "coalition of the willing"):
        scores = {hit.article.id: hit.score for hit in index.search(query, limit=100).hits}
        for filters in ({"source": "Paper 1"}, {"since": "2024-01-09", "until": "2024-01-20", "source": "-Paper 2"}):
            kept = index.search(query, limit=100, **filters).hits
            assert 0 < len(kept) < len(scores)
            assert all(hit.score == scores[hit.article.id] for hit in kept)


def test_beyond_the_candidates_pages_go_on_in_the_order_of_the_first_pass(new_index: BuildIndex) -> None:
    many = CANDIDATES + 60
    filler = ["quiet"] * 9
    index = new_index(
        *(
            {
                "id": f"{n:03}",
                "title": "Harbour",
                "body": " ".join(["tariff", *filler[: n % 9], "tunnel"] * (n % 5 + 1)),
            }
            for n in range(many)
        )
    )
    everything = [(hit.article.id, hit.score) for hit in index.search_all("tunnel tariff")]
    assert len({id for id, _ in everything}) == many
    scores = [score for _, score in everything]
    assert scores == sorted(scores, reverse=True)
    first = {hit.article.id: hit.score for hit in index.search_all("tunnel tariff", sort="newest")}
    assert all(score == pytest.approx(first[id]) for id, score in everything[CANDIDATES:])
    assert scores[0] > max(first.values())
    assert paged(index, "tunnel tariff", limit=90, facets=[], snippets=0) == [id for id, _ in everything]


def test_long_headlines_that_cost_a_little_are_on_one_page_whatever_its_size(new_index: BuildIndex) -> None:
    many = CANDIDATES + 60
    index = new_index(
        *({"id": f"{n:03}", "title": "Tariff" + " x" * (1 + n % 23), "body": "y " * (60 - n % 23)} for n in range(many))
    )
    everything = [hit.article.id for hit in index.search_all("tariffs")]
    for limit in (15, 70):
        assert paged(index, "tariffs", limit=limit) == everything


@pytest.mark.parametrize("match", ["all", "any"])
def test_articles_alike_score_alike_in_every_segment(new_index: BuildIndex, tmp_path: Path, match: str) -> None:
    texts = [
        "tariff " * (n % 4 + 1) + "tunnel " * (n % 3 + 1) + "ferry " * (n % 5 + 1) + "x " * n + "strike"
        for n in range(30)
    ]

    def batch(name: str, common: list[str], quiet: int) -> list[dict[str, Any]]:
        # Other words are rare in each segment, and few or many of its articles hold any.
        others = [word for rank, word in enumerate(common) for _ in range(3 * rank)]
        return [story(f"{name}{n}", text) for n, text in enumerate([*texts, *others, *["quiet"] * quiet])]

    index = new_index(*batch("a", ["tariff", "tunnel", "ferry", "strike"], 1200))
    add(index, tmp_path, batch("b", ["strike", "ferry", "tunnel", "tariff"], 0))
    assert index.stats().segments == 2
    hits = index.search_all("tariff tunnel ferry strike", match=match, sort="newest")
    scores = {hit.article.id: hit.score for hit in hits}
    assert [scores[f"a{n}"] for n in range(30)] == [scores[f"b{n}"] for n in range(30)]


def top(index: NewsIndex, query: str) -> str:
    return index.search(query).hits[0].article.id


def test_the_whole_phrase_outranks_its_words_said_more_often(new_index: BuildIndex) -> None:
    index = new_index(
        {"id": "often", "title": "Coalition", "body": "Coalition willing. The coalition will be willing, willing to."},
        {"id": "phrase", "title": "Notes", "body": "They call it a coalition of the willing. " + "Others stayed. " * 9},
    )
    assert top(index, "coalition of the willing") == "phrase"


def test_a_word_in_a_short_headline_outranks_one_in_a_long_headline(new_index: BuildIndex) -> None:
    index = new_index(
        {"id": "long", "title": "Ferry delays as storms cross the northern coast again", "body": "Boats wait."},
        {"id": "short", "title": "Ferry sinks", "body": "Boats wait as storms cross the northern coast again now."},
    )
    assert top(index, "ferry") == "short"


@pytest.mark.parametrize(
    ("query", "light"),
    [
        ("articles about wheat", ["articles", "about"]),
        ("information retrieval", []),
        ("find information on wheat", ["find", "information", "on"]),
        ("wheat report", []),
        ("the price of x", ["the", "of"]),
    ],
)
def test_words_that_only_put_the_question_count_little(query: str, light: list[str]) -> None:
    weights = dict(zip(query.split(), importances(query.split(), "en"), strict=True))
    assert [word for word, weight in weights.items() if weight == 0.2] == light


def test_freshness_lets_the_newer_of_two_alike_win_and_halves_with_its_half_life(new_index: BuildIndex) -> None:
    index = new_index(
        {**story("old", "The tunnel opened."), "date": "2024-01-01"},
        {**story("new", "The tunnel opened late."), "date": "2024-01-31"},
        {**story("never", "The tunnel opened.")},
    )
    plain = {hit.article.id: hit.score for hit in index.search("tunnel").hits}
    assert plain["old"] > plain["new"]
    fresh = index.search("tunnel", freshness=30, explain=True).hits
    scores = {hit.article.id: hit.score for hit in fresh}
    assert [hit.article.id for hit in fresh] == ["new", "old", "never"]
    assert scores["old"] == pytest.approx(0.75 * plain["old"], rel=1e-4)
    assert scores["never"] == pytest.approx(0.5 * plain["never"], rel=1e-4)
    for hit in fresh:
        assert hit.explanation is not None
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, rel=1e-4)
        parts = {part.part: part.score for part in hit.explanation}
        lost = hit.score - plain[hit.article.id]
        assert parts.get("freshness", 0.0) == pytest.approx(lost, rel=1e-4, abs=1e-6)


def test_freshness_counts_from_the_newest_article_that_is_not_deleted(new_index: BuildIndex) -> None:
    index = new_index(
        {**story("old", "The tunnel opened."), "date": "2024-01-01"},
        {**story("new", "The tunnel opened."), "date": "2024-01-31"},
        {**story("misdated", "The tunnel opened."), "date": "2099-01-01"},
    )
    index.delete(["misdated"])
    old, new = (index.search("tunnel", freshness=30, sort=sort).hits[0].score for sort in ("oldest", "newest"))
    assert old == pytest.approx(0.75 * new, rel=1e-4)


def test_the_explanation_of_a_hit_that_is_kept_among_the_best_adds_up(tmp_path: Path) -> None:
    long = [
        {"id": f"l{n:03}", "title": "Tariff" + " x" * (1 + n % 23), "body": "y " * (60 - n % 23)} for n in range(260)
    ]
    other = [{"id": f"o{n:03}", "title": "Weather", "body": "rain"} for n in range(300)]
    hits = built(tmp_path, long + other).search("tariffs", limit=200, explain=True).hits
    assert any(part.part == "among the best" for hit in hits for part in hit.explanation or ())
    for hit in hits:
        assert hit.explanation is not None
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=2e-3)


def test_expand_ranks_higher_what_shares_the_words_of_the_best_hits(new_index: BuildIndex) -> None:
    about = "Tunnel works. The tunnel shield bored through chalk while miners lined the tunnel with concrete."
    index = new_index(
        *(story(f"best{n}", f"{about} Tunnel shift {n}.") for n in range(10)),
        story("kin", "A tunnel in chalk was lined with concrete by the miners, and no shield was used there at all."),
        story("other", "A tunnel of love at the fair was shut by the mayor, and no child was hurt there at all."),
    )
    expanded = index.search("tunnel", expand=True, limit=12, explain=True).hits
    kin, other = ({hit.article.id: hit for hit in expanded}[id] for id in ("kin", "other"))
    assert kin.score > other.score
    assert kin.explanation is not None
    assert any(part.part == "related:chalk" for part in kin.explanation)
    assert index.search("tunnel", expand=True).total == index.search("tunnel").total


def test_similar_marks_what_is_nearly_the_same_text(new_index: BuildIndex) -> None:
    wire = "The ferry left the harbour at noon and ran aground on the sandbank an hour later, the coastguard said."
    index = new_index(
        story("wire", wire),
        story("copy", wire + " Nobody was hurt."),
        story("kin", "A ferry ran aground near the harbour; the coastguard took everybody off the sandbank by night."),
    )
    found = {hit.article.id: hit for hit in index.similar("wire").hits}
    assert {id: hit.copy for id, hit in found.items()} == {"copy": True, "kin": False}
    assert found["copy"].to_dict()["copy"] is True
    assert "copy" not in index.search("ferry").hits[0].to_dict()


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.one_of(st.integers(1, 50), st.integers(19_990, 20_010), st.integers(40_000, 60_000)),
    distinct=st.sampled_from([1, 2, 100, 10**9]),
    count=st.integers(1, 3000),
)
def test_the_highest_scores_are_those_of_a_stable_sort(seed: int, size: int, distinct: int, count: int) -> None:
    scores = np.random.default_rng(seed).integers(0, distinct, size).astype(np.float32)
    count = min(count, size)
    expected = np.sort((-scores).argsort(kind="stable")[:count])
    assert np.array_equal(highest(scores, count), expected)


class Order:
    """What `ranked` promises, over records: lists of (record, score), best first."""

    @staticmethod
    def relevance(scored: list[tuple[Record, float]]) -> list[tuple[Record, float]]:
        return sorted(scored, key=lambda hit: (-hit[1], *Order.newest_first(hit[0])))

    @staticmethod
    def newest(scored: list[tuple[Record, float]]) -> list[tuple[Record, float]]:
        return sorted(scored, key=lambda hit: Order.newest_first(hit[0]))

    @staticmethod
    def oldest(scored: list[tuple[Record, float]]) -> list[tuple[Record, float]]:
        return sorted(scored, key=lambda hit: ("date" not in hit[0], hit[0].get("date"), hit[0]["id"]))

    @staticmethod
    def newest_first(record: Record) -> tuple[int, str]:
        return (-int(record["date"].replace("-", "")) if "date" in record else 0, record["id"])

    @staticmethod
    def in_two_passes(scored: list[tuple[Record, float]], added: dict[str, float]) -> list[tuple[Record, float]]:
        """The best of the first pass are ranked anew, and stay before those that were not looked at."""
        first = Order.relevance(scored)
        best, others = first[:CANDIDATES], first[CANDIDATES:]
        anew = [(record, score + added[record["id"]]) for record, score in best]
        if others:
            anew = [(record, max(score, best[-1][1])) for record, score in anew]
        return Order.relevance(anew) + others


@pytest.fixture(scope="module")
def cut_in_three(tmp_path_factory: pytest.TempPathFactory) -> tuple[NewsIndex, dict[str, Record]]:
    """An index of three segments with more articles than candidates, many of one day, some of none."""
    days = ["2024-05-01", "2024-05-02", "2023-01-31", "1969-07-20", None]
    chance = np.random.default_rng(5)
    records: list[Record] = []
    for number in chance.permutation(CANDIDATES + 120).tolist():
        day = days[int(chance.integers(len(days)))]
        records.append({"id": f"{number:03}", "title": "Fog", **({"date": day} if day else {})})
    index = built(tmp_path_factory.mktemp("cut"), records[80:], records[20:80], records[:20])
    assert index.stats().segments == 3
    return index, {record["id"]: record for record in records}


@settings(max_examples=120)
@given(
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.1, 0.8, 1.0]),
    distinct=st.sampled_from([0, 1, 2, 9, 1000]),
    sort=st.sampled_from(["relevance", "in two passes", "newest", "oldest"]),
    count=st.sampled_from([0, 1, 15, CANDIDATES - 1, CANDIDATES, CANDIDATES + 1, CANDIDATES + 30, 1000]),
)
@example(seed=1, share=1.0, distinct=9, sort="in two passes", count=CANDIDATES + 1)
def test_matches_are_ranked_as_by_sorting_them_all_whatever_segments_they_are_in(
    cut_in_three: tuple[NewsIndex, dict[str, Record]],
    seed: int,
    share: float,
    distinct: int,
    sort: str,
    count: int,
) -> None:
    index, records = cut_in_three
    chance = np.random.default_rng(seed)
    found: list[Matches] = []
    scored: list[tuple[Record, float]] = []
    for segment in index._view().segments:
        docs = (chance.random(segment.reader.doc_count) < share).nonzero()[0].astype(np.uint32)
        # Without distinct scores, one number is the score of all.
        scores = chance.integers(0, distinct, len(docs)).astype(np.float32) if distinct else 1.0
        found.append(Matches(segment, docs, scores))
        of_each = scores.tolist() if isinstance(scores, np.ndarray) else [scores] * len(docs)
        names = [segment.reader.article_id(doc) for doc in docs.tolist()]
        scored += [(records[id], score) for id, score in zip(names, of_each, strict=True)]
    added = {id: int(gain) / 4 for id, gain in zip(records, chance.integers(-3, 9, len(records)), strict=True)}

    def gains(matches: Matches, places: Any) -> Any:
        docs = matches.docs[places].tolist()
        return np.array([added[matches.segment.reader.article_id(doc)] for doc in docs], np.float32)

    if sort == "in two passes":
        expected, hits = Order.in_two_passes(scored, added), ranked(found, "relevance", count, gains)
    else:
        expected, hits = getattr(Order, sort)(scored), ranked(found, cast(Sort, sort), count)
    shown = [(hit.segment.reader.article_id(hit.doc), hit.score) for hit in hits]
    assert shown == [(record["id"], score) for record, score in expected[:count]]


def article(words: range | list[str], title: str = "") -> Article:
    return Article(id="x", title=title, body=" ".join(f"w{word}" for word in words))


def test_a_copy_has_four_fifths_of_the_runs_of_the_shorter_text() -> None:
    wire = runs_of(article(range(14)))
    assert is_copy(wire, runs_of(article(range(100))))
    assert is_copy(runs_of(article(range(100))), wire)
    # Ten runs of five words, of which eight are shared; then seven.
    assert is_copy(wire, runs_of(article([*range(12), 98, 99])))
    assert not is_copy(wire, runs_of(article([*range(11), 97, 98, 99])))
    assert not is_copy(wire, runs_of(article([*range(5), *range(50, 59)])))


def test_texts_shorter_than_a_run_are_copies_where_they_are_the_same() -> None:
    assert is_copy(runs_of(article([], "Ferry late")), runs_of(article([], "Ferry late")))
    assert not is_copy(runs_of(article([], "Ferry late")), runs_of(article([], "Fog lifts")))
    assert not is_copy(runs_of(article(range(3))), runs_of(article(range(4))))
