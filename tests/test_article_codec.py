"""Plain Whoosh over segments of articles: the same articles through Whoosh's own codec are the oracle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import add
from whoosh import fields, index, query, sorting
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import QueryParser, RegexPlugin

from indexer.analysis import stemmer
from indexer.article import Article
from indexer.errors import InputError
from indexer.fields import TEXT_FIELDS, VALUE_FIELDS
from indexer.index import open_index
from indexer.query.syntax import parse
from indexer.query.whoosh_form import whoosh_query
from indexer.schema import document, make_schema
from indexer.segment.codec import ColumnarCodec

SCHEMA = make_schema("en")
NOON = datetime(2024, 2, 28, 12, tzinfo=UTC)

WORDS = ("Port", "ports", "porting", "harbour", "harbours", "Zoë", "zoe", "storm-tide", "the", "of", "AT&T", "½")
NAMES = ("Ada Port", "ada PORT", "Zoë Li", "Desk", "Li Li", "—")

texts = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join)
dates = st.none() | st.integers(-50_000, 5_000_000).map(lambda seconds: NOON + timedelta(seconds=seconds))
values = st.sampled_from(["", "Daily Port", "DAILY  port", "Gazette", "Ärzteblatt"])
ids = st.sampled_from([f"{letter}-{number}" for letter in "abc" for number in range(8)])
# A word that is there more than 126 times needs the escape of its count.
LONG = Article.build(id="long", body="port " * 135 + "\n\nports of the storm", date=NOON)
articles = st.builds(
    Article.build,
    id=ids,
    url=st.none() | st.just("https://port.example/tide"),
    title=texts,
    body=texts.map(lambda text: text or "port"),
    source=values,
    date=dates,
    date_method=st.sampled_from(["", "input"]),
    authors=st.lists(st.sampled_from(NAMES), max_size=3),
    credits=st.lists(st.just("Wire"), max_size=1),
    section=values,
    topics=st.lists(values, max_size=3),
    language=st.sampled_from([None, "en", "fr"]),
)


class Step(NamedTuple):
    """One commit: articles of distinct ids that are added or replace their like, and ids that are deleted."""

    articles: Sequence[Article]
    deleted: Sequence[str]
    merged: bool


steps = st.builds(
    Step,
    st.lists(articles | st.just(LONG), max_size=6, unique_by=lambda article: article.id),
    st.lists(st.sampled_from(["a-0", "a-1", "b-2"]), max_size=2),
    st.booleans(),
)
histories = st.lists(steps, min_size=1, max_size=3)


def build(history: Sequence[Step]) -> Any:
    """An index with a history of commits, written through Whoosh by our codec."""
    ix = RamStorage().create_index(SCHEMA)
    for step in history:
        writer = ix.writer(codec=ColumnarCodec())
        for article_id in step.deleted:
            writer.delete_by_term("id", article_id)
        for article in step.articles:
            writer.update_document(**document(article))
        writer.commit(merge=False, optimize=step.merged)
    return ix


def build_oracle(history: Sequence[Step]) -> Any:
    """The same segments and deletions written by Whoosh's own codec, without its merging.

    When Whoosh merges, it takes the rounded lengths of fields for the true ones, and scores shift.
    """
    segments: list[list[Article]] = []
    dead: set[tuple[int, int]] = set()
    for step in history:
        replaced = {*step.deleted, *(article.id for article in step.articles)}
        dead |= {(s, n) for s, segment in enumerate(segments) for n, a in enumerate(segment) if a.id in replaced}
        segments.append(list(step.articles))
        if step.merged:
            alive = [a for s, segment in enumerate(segments) for n, a in enumerate(segment) if (s, n) not in dead]
            segments, dead = [alive], set()
    segments_with_dead = [
        (segment, [n for s, n in dead if s == number]) for number, segment in enumerate(segments) if segment
    ]
    ix = RamStorage().create_index(SCHEMA)
    base = 0
    doomed = []
    for segment, numbers in segments_with_dead:
        with ix.writer(codec=W3Codec()) as writer:
            writer.merge = False
            for article in segment:
                writer.add_document(**document(article))
        doomed += [base + number for number in numbers]
        base += len(segment)
    with ix.writer(codec=W3Codec()) as writer:
        writer.merge = False
        for number in doomed:
            writer.delete_document(number)
    return ix


words = st.sampled_from(["port", "ports", "harbour", "zoe", "storm", "the", "of", "at", "1", "none"])
text_fields = st.sampled_from([name + view for name in TEXT_FIELDS for view in ("", "_stem")])
days = st.integers(-2, 60).map(lambda day: datetime(2024, 2, 28) + timedelta(days=day))
leaves = st.one_of(
    st.builds(query.Term, text_fields, words, boost=st.sampled_from([1.0, 3.0])),
    st.builds(query.Phrase, text_fields, st.lists(words, min_size=2, max_size=3), slop=st.integers(1, 3)),
    st.builds(query.Prefix, text_fields, st.sampled_from(["po", "harb", "x"])),
    st.builds(query.Wildcard, text_fields, st.sampled_from(["*s", "p?rt*"])),
    st.builds(query.FuzzyTerm, text_fields, words),
    st.builds(query.Term, st.just("author"), st.sampled_from(["ada", "port", "zoe", "li"])),
    st.builds(query.Phrase, st.just("author"), st.just(["li", "li"])),
    st.builds(
        query.Term, st.sampled_from(VALUE_FIELDS), st.sampled_from(["daily port", "arzteblatt", "en", "ada port"])
    ),
    st.builds(query.Prefix, st.sampled_from(VALUE_FIELDS), st.sampled_from(["d", "ar", ""])),
    st.builds(query.DateRange, st.just("date"), days, days),
    st.builds(query.Term, st.just("id"), st.sampled_from(["a-0", "b-1", "c-2", "d"])),
    st.builds(query.Prefix, st.just("id"), st.sampled_from(["a", "b-", "z"])),
    st.just(query.Every()),
    st.builds(query.Every, st.sampled_from(["title", "author", "topic", "date", "id"])),
)
# No AndNot and no Not: Whoosh's matchers for them let excluded documents through, depending on the order of the
# documents, which differs here.
trees = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.builds(query.And, st.lists(parts, min_size=2, max_size=3)),
        st.builds(query.Or, st.lists(parts, min_size=2, max_size=3)),
        st.builds(query.AndMaybe, parts, parts),
        st.builds(query.ConstantScoreQuery, parts),
    ),
    max_leaves=5,
)


def scores(searcher: Any, tree: Any) -> dict[str, Any]:
    """Article id → score: the numbers of documents differ, since articles lie newest first."""
    return {hit["id"]: pytest.approx(hit.score, rel=1e-4) for hit in searcher.search(tree, limit=None)}


@settings(max_examples=60)
@given(histories, st.lists(trees, min_size=1, max_size=5))
def test_every_query_finds_the_articles_and_scores_of_whooshs_own_codec(history: list[Step], trees: list[Any]) -> None:
    with build(history).searcher() as mine, build_oracle(history).searcher() as oracle:
        assert mine.doc_count_all() == oracle.doc_count_all()
        for tree in trees:
            assert scores(mine, tree) == scores(oracle, tree)


@settings(max_examples=40)
@given(histories)
def test_every_article_term_length_and_column_reads_as_from_whooshs_own_codec(history: list[Step]) -> None:
    with build(history).reader() as mine, build_oracle(history).reader() as oracle:
        assert articles_of(mine) == articles_of(oracle)
        assert set(mine.indexed_field_names()) == set(oracle.indexed_field_names())
        assert dict(terms(mine)) == dict(terms(oracle))
        assert list(mine.all_terms()) == list(oracle.all_terms())
        for name in SCHEMA.names():
            assert mine.field_length(name) == oracle.field_length(name)


def articles_of(reader: Any) -> dict[str, Any]:
    """Article id → stored fields and lengths."""
    found = {}
    for doc, stored in reader.iter_docs():
        found[stored["id"]] = (stored, [reader.doc_field_length(doc, name) or 0 for name in SCHEMA.names()])
    return found


@settings(max_examples=30)
@given(histories)
def test_every_column_holds_what_the_schema_makes_of_the_stored_value(history: list[Step]) -> None:
    # Not by Whoosh's own codec: its columns cannot be read at the last documents if those have no value.
    with build(history).reader() as reader:
        assert all(reader.has_column(name) for name in ("date", *VALUE_FIELDS)) or not reader.doc_count_all()
        for name in ("date", *VALUE_FIELDS):
            field = SCHEMA[name]
            for doc, stored in reader.iter_docs():
                column = reader.column_reader(name, translate=False)
                default = field.column_type.default_value()
                assert column[doc] == (field.to_column_value(stored[name]) if name in stored else default)


def terms(reader: Any) -> Iterator[tuple[Any, Any]]:
    """Every term with its statistics and postings."""
    for (field, text), info in reader:
        matcher = reader.postings(field, text)
        postings = {}
        while matcher.is_active():
            astype = "positions" if matcher.supports("positions") else "frequency"
            value = matcher.value_as(astype)
            assert SCHEMA[field].format.decode_as(astype, matcher.value()) == value
            postings[reader.stored_fields(matcher.id())["id"]] = (matcher.weight(), value)
            matcher.next()
        statistics = (info.doc_frequency(), info.weight(), info.max_weight(), info.min_length(), info.max_length())
        yield (field, text), (statistics, postings)


ISLAND = (
    Article.build(
        id="ferry", title="Ferry timetable for the island", body="The ferry leaves an hour later.\n\nIce forces it to.",
        source="Gulf Herald", date=NOON, topics=["Ferries", "Winter"], authors=["Ida Vesterby"], section="Local",
    ),
    Article.build(
        id="bridge", title="Island asks for a bridge", body="The council of the island wants a bridge to the coast.",
        source="Northern Ledger", date=NOON + timedelta(days=9), authors=["Tomas Okafor"],
    ),
    Article.build(id="herring", title="How to salt a herring", body="Take a herring and salt. A ferry cook's recipe."),
)  # fmt: skip


def island_index(folder: Path) -> Any:
    ix = index.create_in(str(folder), SCHEMA)
    for batch in (ISLAND[:2], ISLAND[2:]):
        writer = ix.writer(codec=ColumnarCodec())
        for article in batch:
            writer.add_document(**document(article))
        writer.commit(merge=False)
    return index.open_dir(str(folder))


def test_open_dir_gives_a_searcher_that_highlights_corrects_sorts_and_groups(tmp_path: Path) -> None:
    with island_index(tmp_path).searcher() as searcher:
        hits = searcher.search(query.Term("text_stem", "island"))
        assert {hit["id"] for hit in hits} == {"ferry", "bridge"}
        body = searcher.search(query.Term("body", "bridge"))[0].highlights("body")
        assert body == 'the island wants a <b class="match term0">bridge</b> to the coast'
        assert searcher.suggest("text", "islnad") == ["island"]
        newest = searcher.search(query.Every(), sortedby=sorting.FieldFacet("date"))
        assert [hit["id"] for hit in newest] == ["ferry", "bridge", "herring"]
        weeks = sorting.DateRangeFacet("date", datetime(2024, 2, 26), datetime(2024, 3, 11), timedelta(days=7))
        groups = searcher.search(query.Every("date"), groupedby={"week": weeks}).groups("week")
        assert sorted((week[0].day, len(docs)) for week, docs in groups.items()) == [(4, 1), (26, 1)]
        named = searcher.search(query.Every(), groupedby=["source", "topic"])
        assert {name: len(docs) for name, docs in named.groups("source").items()} == {
            "Gulf Herald": 1,
            "Northern Ledger": 1,
            None: 1,
        }
        assert {name: len(docs) for name, docs in named.groups("topic").items()} == {("Ferries", "Winter"): 1, None: 2}
        assert len(searcher.search(query.Term("section", "local"), collapse="section")) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Isl?nd", {"ferry", "bridge"}),
        ("*idge", {"bridge"}),
        ("title:B?idg*", {"bridge"}),
        ('r"h.rr?ing"', {"herring"}),
        ("[BRICK TO coast]", {"bridge"}),
        ("cook's", {"herring"}),
        # Words in a row, and not anywhere.
        ("salt-herring", set()),
        ("source:gulf*", {"ferry"}),
    ],
)
def test_whooshs_own_parser_understands_patterns_and_words_of_several_words(
    tmp_path: Path, text: str, found: set[str]
) -> None:
    parser = QueryParser("text", SCHEMA)
    parser.add_plugin(RegexPlugin())
    with island_index(tmp_path).searcher() as searcher:
        assert {hit["id"] for hit in searcher.search(parser.parse(text))} == found


def test_a_search_with_a_limit_finds_the_best_of_all(tmp_path: Path) -> None:
    ix = index.create_in(str(tmp_path), SCHEMA)
    with ix.writer(codec=ColumnarCodec()) as writer:
        for n in range(60):
            title, body = "oil " * (n % 3) + "x", "the oil price " * (n % 7) + "y " * (n % 5)
            writer.add_document(**document(Article.build(id=str(n), title=title, body=body, source="ab"[n % 2])))
    with ix.searcher() as searcher:
        for text in (
            "title:oil",
            '"oil price"',
            '"price oil"~2 -title:oil',
            'title:oil OR source:"a"',
            "oil (the OR x)",
        ):
            tree = whoosh_query(parse(text, stemmer=stemmer("en")).plan)
            everything = [hit.score for hit in searcher.search(tree, limit=None)]
            for limit in (5, 10):
                assert [hit.score for hit in searcher.search(tree, limit=limit)] == everything[:limit]


def test_stored_fields_are_those_of_the_schema(tmp_path: Path) -> None:
    with island_index(tmp_path).reader() as reader:
        assert reader.stored_fields(1) == {
            "id": "ferry",
            "title": "Ferry timetable for the island",
            "body": "The ferry leaves an hour later.\n\nIce forces it to.",
            "source": ["Gulf Herald"],
            "date": datetime(2024, 2, 28, 12),
            "date_precision": "second",
            "topic": ["Ferries", "Winter"],
            "author_name": ["Ida Vesterby"],
            "section": ["Local"],
        }


def test_articles_lie_newest_first_and_undated_last_whatever_their_order_in_the_writer(tmp_path: Path) -> None:
    ix = index.create_in(str(tmp_path), SCHEMA)
    with ix.writer(codec=ColumnarCodec()) as writer:
        for article in (ISLAND[2], *ISLAND[:2]):
            writer.add_document(**document(article))
    with ix.reader() as reader:
        assert [stored["id"] for stored in reader.all_stored_fields()] == ["bridge", "ferry", "herring"]


def test_the_same_id_twice_in_one_commit_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    ix = index.create_in(str(tmp_path), SCHEMA)
    writer = ix.writer(codec=ColumnarCodec())
    writer.add_document(**document(ISLAND[0]))
    with pytest.raises(InputError, match=r"the id 'ferry' comes twice: commit before"):
        writer.add_document(**document(ISLAND[0]))
    writer.add_document(**document(ISLAND[1]))
    writer.commit()
    with ix.searcher() as searcher:
        assert [hit["id"] for hit in searcher.search(query.Term("text", "island"))] == ["bridge", "ferry"]


def test_a_document_that_is_no_article_is_refused_with_how_to_add_one(tmp_path: Path) -> None:
    writer = index.create_in(str(tmp_path), SCHEMA).writer(codec=ColumnarCodec())
    with pytest.raises(InputError, match=r"add articles as writer\.add_document"):
        writer.add_document(id="x", title="A headline alone")
    with pytest.raises(InputError, match=r"has no id"):
        writer.add_document(text_stem="words alone")
    writer.cancel()


def test_a_field_that_articles_have_not_is_refused_by_name(tmp_path: Path) -> None:
    ix = index.create_in(str(tmp_path), SCHEMA)
    writer = ix.writer(codec=ColumnarCodec())
    writer.add_field("rating", fields.NUMERIC(stored=True))
    writer.add_document(**document(ISLAND[0]))
    with pytest.raises(InputError, match=r"'ferry' has rating, which articles have not"):
        writer.add_document(**document(ISLAND[0]), rating=5)
    writer.cancel()


def test_when_plain_whoosh_merges_nothing_but_deleted_articles_broadsheet_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    news = open_index(path, create=True)
    plain = index.open_dir(str(path))
    with plain.writer() as writer:
        writer.add_document(**document(ISLAND[0]))
    with plain.writer() as writer:
        assert writer.delete_by_query(query.Every()) == 1
    plain.optimize()
    assert news.search("").total == 0
    assert add(news, tmp_path, [ISLAND[1].to_dict()]).added == 1
    with plain.writer() as writer:
        writer.add_document(**document(ISLAND[2]))
    assert [hit.article.id for hit in news.search_all("")] == ["bridge", "herring"]
    assert news.check().ok


def test_plain_whoosh_writes_into_an_index_that_broadsheet_goes_on_with(tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    news = open_index(path, create=True)
    plain = index.open_dir(str(path))
    with plain.writer() as writer:
        for number in range(3):
            article = Article.build(id=str(number), title="Harbour news", body=f"Ferry number {number} sails again.")
            writer.add_document(**document(article))
    with plain.writer() as writer:
        writer.delete_by_term("id", "1")
    assert [hit.article.id for hit in news.search_all("ferry")] == ["0", "2"]
    assert news.check().ok
