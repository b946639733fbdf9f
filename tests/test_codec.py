"""The codec under any Whoosh schema: the same documents through Whoosh's own codec are the oracle."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import columns, fields, formats, index, query, sorting
from whoosh.analysis import SimpleAnalyzer
from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.query import spans
from whoosh.reading import TermNotFound

from indexer.errors import CorruptSegmentError, InputError
from indexer.segment import typed_json
from indexer.segment.blocks import BlockFile
from indexer.segment.codec import ColumnarCodec
from indexer.segment.entry import ColumnarSegment

Document = dict[str, Any]

WORDS = ("tide", "tides", "tidal", "quay", "quays", "gull", "gulls", "mast", "salt", "söl")
SCHEMA = fields.Schema(
    key=fields.ID(stored=True, unique=True),
    title=fields.TEXT(stored=True, field_boost=2.0),
    body=fields.TEXT(chars=True, vector=formats.Positions(), spelling=True, analyzer=SimpleAnalyzer()),
    tags=fields.KEYWORD(stored=True, sortable=columns.RefBytesColumn(), vector=formats.Frequency()),
    boosted=fields.FieldType(formats.CharacterBoosts(), SimpleAnalyzer()),
    size=fields.NUMERIC(int, stored=True, sortable=True, signed=True),
    day=fields.DATETIME(stored=True, sortable=True),
    fresh=fields.BOOLEAN(stored=True),
    extra=fields.STORED(),
)

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
documents = st.fixed_dictionaries(
    {"key": st.sampled_from("abcdefghij")},
    optional={
        "title": texts,
        "body": texts,
        "boosted": texts,
        "tags": texts,
        "size": st.integers(-50, 50),
        "day": st.datetimes(datetime(2020, 1, 1), datetime(2020, 3, 1)).map(lambda d: d.replace(microsecond=0)),
        "fresh": st.booleans(),
        "extra": st.none() | st.tuples(st.integers(), st.text(max_size=3)),
    },
)


class Step(NamedTuple):
    """One commit."""

    added: Sequence[Document]
    updated: Sequence[Document]
    deleted: str
    merge: str


steps = st.builds(
    Step,
    st.lists(documents, max_size=6),
    st.lists(documents, max_size=2),
    st.sampled_from(["", "", "a", "b", "c"]),
    st.sampled_from(["no", "no", "small", "all"]),
)

words = st.sampled_from(WORDS)
text_fields = st.sampled_from(["title", "body", "boosted", "tags"])
leaves = st.one_of(
    st.builds(query.Term, text_fields, words, boost=st.sampled_from([1.0, 2.5])),
    st.builds(query.Prefix, text_fields, st.sampled_from(["t", "tid", "quay", "x"])),
    st.builds(query.Wildcard, text_fields, st.sampled_from(["*s", "t?d*", "g*l?"])),
    st.builds(query.FuzzyTerm, text_fields, words, maxdist=st.integers(1, 2)),
    st.builds(
        query.Phrase,
        st.sampled_from(["title", "body"]),
        st.lists(words, min_size=2, max_size=3),
        slop=st.integers(1, 3),
    ),
    st.builds(query.TermRange, text_fields, words, words),
    st.builds(query.NumericRange, st.just("size"), st.integers(-60, 0), st.integers(0, 60)),
    st.builds(query.DateRange, st.just("day"), st.just(datetime(2020, 1, 20)), st.just(datetime(2020, 2, 10))),
    st.just(query.Every()),
    st.builds(query.Every, text_fields),
    st.builds(query.Term, st.just("fresh"), st.booleans()),
)
near = st.builds(
    lambda field, left, right, slop: spans.SpanNear(query.Term(field, left), query.Term(field, right), slop=slop),
    st.sampled_from(["title", "body", "boosted"]), words, words, st.integers(1, 4),
)  # fmt: skip


def trees(*more: Callable[[Any], Any]) -> Any:
    """Query trees; `more` makes further nodes from a strategy of their parts."""
    # Whoosh cannot weigh a SpanNear inside another query.
    return near | st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.builds(query.And, st.lists(parts, min_size=2, max_size=3)),
            st.builds(query.Or, st.lists(parts, min_size=2, max_size=4)),
            st.builds(query.AndNot, parts, parts),
            st.builds(query.AndMaybe, parts, parts),
            st.builds(query.DisjunctionMax, st.lists(parts, min_size=2, max_size=3)),
            st.builds(query.ConstantScoreQuery, parts),
            st.builds(query.Not, parts),
            *(make(parts) for make in more),
        ),
        max_leaves=6,
    )


def build(codec: Any, history: Sequence[Step], storage: Any = None) -> Any:
    """An index with a history of commits, written by a codec."""
    ix = (storage or RamStorage()).create_index(SCHEMA)
    for step in history:
        writer = ix.writer(codec=codec)
        if step.deleted:
            writer.delete_by_term("key", step.deleted)
        for document in step.added:
            writer.add_document(**document)
        for document in step.updated:
            writer.update_document(**document)
        writer.commit(merge=step.merge != "no", optimize=step.merge == "all")
    return ix


def scored(searcher: Any, tree: Any, **options: Any) -> tuple[list[int], list[Any]]:
    results = searcher.search(tree, limit=None, **options)
    return [hit.docnum for hit in results], [pytest.approx(hit.score, rel=1e-4) for hit in results]


@settings(max_examples=60)
@given(st.lists(steps, max_size=4), st.lists(trees(lambda parts: st.builds(query.Require, parts, parts)), max_size=4))
def test_every_query_finds_the_documents_and_scores_of_whooshs_own_codec(history: list[Step], trees: list[Any]) -> None:
    ours, theirs = build(ColumnarCodec(), history), build(W3Codec(), history)
    answered = []
    with ours.searcher() as mine, theirs.searcher() as oracle:
        for tree in trees:
            # Whoosh 3.54's AndNotMatcher may ask Whoosh's own ListMatcher for the document after its last.
            with suppress(IndexError):
                expected = scored(oracle, tree)
                answered.append((tree, expected))
        for tree, expected in answered:
            assert scored(mine, tree) == expected


# Without Require, whose matcher in Whoosh fails when it skips.
@settings(max_examples=40)
@given(st.lists(steps, max_size=4), st.lists(trees(), max_size=4))
def test_the_best_of_many_have_the_scores_of_whooshs_own_codec(history: list[Step], trees: list[Any]) -> None:
    ours, theirs = build(ColumnarCodec(), history), build(W3Codec(), history)
    answered = []
    with ours.searcher() as mine, theirs.searcher() as oracle:
        for tree in trees:
            with suppress(IndexError):  # As above.
                answered.append((tree, [pytest.approx(hit.score, rel=1e-4) for hit in oracle.search(tree, limit=3)]))
        for tree, expected in answered:
            assert [hit.score for hit in mine.search(tree, limit=3)] == expected


@settings(max_examples=40)
@given(st.lists(steps, max_size=4))
def test_every_document_term_vector_and_column_reads_as_from_whooshs_own_codec(history: list[Step]) -> None:
    with (
        build(ColumnarCodec(), history).reader() as mine,
        build(W3Codec(), history).reader() as oracle,
    ):
        assert (mine.doc_count(), mine.doc_count_all()) == (oracle.doc_count(), oracle.doc_count_all())
        assert list(mine.iter_docs()) == list(oracle.iter_docs())
        assert list(terms(mine)) == list(terms(oracle))
        for field in SCHEMA.names():
            assert mine.field_length(field) == oracle.field_length(field)
            if mine.has_column(field):
                # Untranslated: Whoosh's default value of a DATETIME column is no datetime.
                columns_of = [list(reader.column_reader(field, translate=False)) for reader in (mine, oracle)]
                assert columns_of[0] == columns_of[1]
            for doc in mine.all_doc_ids():
                assert mine.doc_field_length(doc, field) == (oracle.doc_field_length(doc, field) or 0)
        for doc in mine.all_doc_ids():
            for field in ("body", "tags"):
                assert vector(mine, doc, field) == vector(oracle, doc, field)


def terms(reader: Any) -> Iterator[tuple[Any, ...]]:
    """Every term with its statistics and decoded postings."""
    for (field, text), info in reader:
        matcher = reader.postings(field, text)
        postings = []
        while matcher.is_active():
            postings.append((matcher.id(), matcher.weight(), decoded(matcher, SCHEMA[field].format)))
            matcher.next()
        statistics = (
            info.doc_frequency(), info.weight(), info.max_weight(), info.min_length(), info.max_length(),
            info.min_id(), info.max_id(),
        )  # fmt: skip
        yield field, text, statistics, postings


def decoded(matcher: Any, format_: Any) -> list[Any]:
    """The value at a matcher, read as each type that the format supports; directly and from its encoded form."""
    found = []
    for astype in ("frequency", "weight", "positions", "characters", "position_boosts", "character_boosts"):
        if format_.supports(astype):
            value = matcher.value_as(astype)
            assert list_of(format_.decode_as(astype, matcher.value())) == list_of(value)
            found.append(list_of(value))
    return found


def list_of(value: Any) -> Any:
    """A decoded value with its entries as tuples, whatever kind of sequence the format makes."""
    if not isinstance(value, list):
        return value
    return [tuple(entry) if isinstance(entry, (list, tuple)) else entry for entry in value]


def vector(reader: Any, doc: int, field: str) -> list[Any] | None:
    if not reader.has_vector(doc, field):
        return None
    matcher = reader.vector(doc, field)
    format_ = SCHEMA[field].vector
    found = []
    while matcher.is_active():
        found.append((matcher.id(), matcher.weight(), decoded(matcher, format_)))
        matcher.next()
    return found


STORABLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.datetimes() | st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30)))) | st.dates()
    | st.times() | st.timedeltas() | st.decimals(allow_nan=False) | st.text(st.characters(categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.integers() | st.text() | st.tuples(st.text()), inner, max_size=3)
    | st.sets(st.integers() | st.binary(), max_size=3) | st.frozensets(st.dates(), max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(STORABLE)
def test_a_stored_value_comes_back_equal_and_of_the_same_type(value: Any) -> None:
    back = typed_json.loads(typed_json.dumps(value))
    assert back == value
    assert type(back) is type(value)


def test_a_value_that_cannot_be_stored_is_refused_with_its_type_and_what_can_be() -> None:
    with pytest.raises(InputError, match=r"type builtins\.complex cannot be stored: convert it to text"):
        typed_json.dumps({"x": [1j]})


def test_the_example_of_typed_json_is_true() -> None:
    assert typed_json.dumps((1, b"\xff")) == b'{"tuple":[1,{"bytes":"/w=="}]}'
    assert typed_json.__doc__
    assert '{"tuple":[1,{"bytes":"/w=="}]}' in typed_json.__doc__


SMALL = fields.Schema(key=fields.ID(stored=True, unique=True), text=fields.TEXT(stored=True, spelling=True))


def small_index(folder: Path, *batches: Sequence[Document], schema: Any = SMALL) -> Any:
    ix = index.create_in(str(folder), schema)
    for batch in batches:
        writer = ix.writer(codec=ColumnarCodec())
        for document in batch:
            writer.add_document(**document)
        writer.commit(merge=False)
    return index.open_dir(str(folder))


def test_a_segment_is_one_file_beside_the_table_of_contents(tmp_path: Path) -> None:
    small_index(tmp_path, [{"key": "a", "text": "salt"}], [{"key": "b", "text": "salt and tide"}])
    names = [path.suffix or path.name for path in tmp_path.iterdir()]
    assert sorted(names) == [".bsc", ".bsc", ".toc", "MAIN_WRITELOCK"]


def test_no_pickle_is_in_a_segment_file(tmp_path: Path) -> None:
    schema = fields.Schema(
        text=fields.TEXT(stored=True, chars=True, vector=True),
        boosted=fields.FieldType(formats.PositionBoosts(), SimpleAnalyzer()),
        kept=fields.STORED(),
        pickled=fields.COLUMN(columns.PickleColumn(columns.CompressedBytesColumn())),
        packed=fields.COLUMN(columns.CompressedBlockColumn()),
    )
    document = {"text": "salt tide salt", "boosted": "salt", "kept": (1, 2), "pickled": (3, "x"), "packed": b"bytes"}
    with small_index(tmp_path, [document], schema=schema).reader() as reader:
        assert list(reader.column_reader("pickled")) == [(3, "x")]
        assert list(reader.column_reader("packed")) == [b"bytes"]
        assert reader.stored_fields(0)["kept"] == (1, 2)
    [path] = tmp_path.glob("*.bsc")
    file = BlockFile(path)
    for name in file.names():
        # Pickles of protocol 2 begin so; what Whoosh encodes has it behind a count.
        assert b"\x80\x02" not in bytes(file.view(name)), name


def test_opening_a_damaged_segment_or_one_cut_short_is_refused(tmp_path: Path) -> None:
    ix = small_index(tmp_path, [{"key": "a", "text": "salt"}])
    [path] = tmp_path.glob("*.bsc")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(CorruptSegmentError, match=r"\.bsc is damaged at its end"):
        ix.reader()


def test_a_deleted_document_stays_deleted_after_reopening_and_goes_with_a_merge(tmp_path: Path) -> None:
    batch = [{"key": key, "text": f"salt {key}"} for key in "abc"]
    ix = small_index(tmp_path, batch, batch[:1])
    writer = ix.writer(codec=ColumnarCodec())
    assert writer.delete_by_term("key", "a") == 2
    writer.commit(merge=False)
    ix = index.open_dir(str(tmp_path))
    with ix.searcher() as searcher:
        assert [hit["key"] for hit in searcher.search(query.Term("text", "salt"))] == ["b", "c"]
        assert searcher.doc_count() == 2
    ix.writer(codec=ColumnarCodec()).commit(optimize=True)
    with ix.reader() as reader:
        assert reader.doc_count_all() == 2
        assert list(reader.lexicon("text")) == [b"salt"]
        with pytest.raises(TermNotFound):
            reader.term_info("key", "a")


def test_a_cancelled_writer_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    ix = small_index(tmp_path, [{"key": "a", "text": "salt"}])
    writer = ix.writer(codec=ColumnarCodec())
    writer.add_document(key="b", text="tide")
    writer.delete_by_term("key", "a")
    writer.cancel()
    with index.open_dir(str(tmp_path)).reader() as reader:
        assert [stored["key"] for stored in reader.all_stored_fields()] == ["a"]
    # The next commit sweeps up.
    ix.writer(codec=ColumnarCodec()).commit()
    assert len(list(tmp_path.glob("*.bsc"))) == 1


def test_a_segment_is_to_whoosh_what_its_own_are() -> None:
    # Its files are never put into a compound one.
    asked = {name for name in vars(Segment) if not name.startswith("_") and "compound" not in name.lower()}
    assert len(asked) > 10
    assert asked <= set(dir(ColumnarSegment))
    assert not ColumnarSegment("MAIN").is_compound()


def test_the_table_of_contents_keeps_plain_values_of_a_segment() -> None:
    segment = ColumnarSegment("MAIN", 300)
    for doc in (299, 7, 0, 7, 4):
        segment.delete_document(doc)
    segment.delete_document(4, delete=False)
    assert segment.__getstate__() == {
        "indexname": "MAIN",
        "segid": segment.segid,
        "doc_count": 300,
        "deleted": bytes.fromhex("00000000 07000000 2b010000"),
    }
    back = pickle.loads(pickle.dumps(segment))
    assert back == segment
    assert list(back.deleted_docs()) == [0, 7, 299]
    assert (back.doc_count_all(), back.doc_count()) == (300, 297)
    assert isinstance(back.codec(), ColumnarCodec)


def test_highlights_spelling_and_sorting_work_through_whoosh(tmp_path: Path) -> None:
    schema = fields.Schema(
        key=fields.ID(stored=True, sortable=True),
        text=fields.TEXT(stored=True, chars=True, spelling=True),
        size=fields.NUMERIC(sortable=True),
    )
    batch = [
        {"key": "a", "text": "The gulls follow the mast", "size": 3},
        {"key": "b", "text": "Salt on the mast and salt on the quay", "size": 1},
        {"key": "c", "text": "A mast", "size": 2},
    ]
    with small_index(tmp_path, batch[:2], batch[2:], schema=schema).searcher() as searcher:
        by_size = searcher.search(query.Term("text", "mast"), sortedby="size")
        assert [hit["key"] for hit in by_size] == ["b", "c", "a"]
        backwards = searcher.search(query.Every(), sortedby=sorting.FieldFacet("size", reverse=True))
        assert [hit["key"] for hit in backwards] == ["a", "c", "b"]
        assert by_size[2].highlights("text") == 'The gulls follow the <b class="match term0">mast</b>'
        assert searcher.suggest("text", "gulks") == ["gulls"]
        grouped = searcher.search(query.Every(), groupedby="size").groups()
        assert sorted(map(len, grouped.values())) == [1, 1, 1]


@settings(max_examples=30)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60), st.lists(st.integers(-1, 70), max_size=10))
def test_skipping_a_matcher_lands_where_stepping_does(words_of_documents: list[str], targets: list[int]) -> None:
    ix = RamStorage().create_index(SMALL)
    with ix.writer(codec=ColumnarCodec()) as writer:
        for word in words_of_documents:
            writer.add_document(text=word)
    with ix.reader() as reader:
        ids = [doc for doc, word in enumerate(words_of_documents) if word == words_of_documents[0]]
        matcher = reader.postings("text", words_of_documents[0])
        assert list(matcher.all_ids()) == ids
        at = 0
        for target in targets:
            if not matcher.is_active():
                break
            matcher.skip_to(target)
            at = next((place for place in range(at, len(ids)) if ids[place] >= target), len(ids))
            assert matcher.is_active() == (at < len(ids))
            if matcher.is_active():
                other = matcher.copy()
                other.next()
                assert matcher.id() == ids[at]


def test_an_exclusion_that_is_skipped_past_its_last_document_is_over() -> None:
    found = []
    for codec in (ColumnarCodec(), W3Codec()):
        ix = RamStorage().create_index(SMALL)
        with ix.writer(codec=codec) as writer:
            for text in ("tide", "salt", "gull", "quay salt"):
                writer.add_document(text=text)
        tree = query.And(
            [query.Term("text", "quay"), query.AndNot(query.Term("text", "tide"), query.Term("text", "salt"))]
        )
        with ix.searcher() as searcher:
            found.append([hit.docnum for hit in searcher.search(tree, limit=None)])
    assert found == [[], []]


class Doubled(formats.Positions):  # type: ignore[misc]
    """Somebody's own format: only it understands its values."""

    def encode(self, poslist: Any) -> Any:
        return b"own" + bytes(poslist)

    def decode_positions(self, valuestring: bytes) -> list[int]:
        return list(valuestring[3:])


def test_values_of_a_format_of_ones_own_are_kept_as_they_come(tmp_path: Path) -> None:
    schema = fields.Schema(text=fields.FieldType(Doubled(), SimpleAnalyzer()))
    with small_index(tmp_path, [{"text": "salt tide salt"}], schema=schema).reader() as reader:
        matcher = reader.postings("text", "salt")
        assert matcher.value() == b"own\x00\x02"
        assert matcher.value_as("positions") == [0, 2]


@pytest.mark.parametrize(
    "value", [datetime(2024, 2, 29, 12), date(2024, 2, 29), time(1, 2, 3), Decimal("1.10"), {"a": {1, 2}}, -(2**70)]
)
def test_a_document_stores_values_of_many_types(tmp_path: Path, value: Any) -> None:
    schema = fields.Schema(kept=fields.STORED())
    with small_index(tmp_path, [{"kept": value}, {}], schema=schema).reader() as reader:
        assert list(reader.all_stored_fields()) == [{"kept": value}, {}]
