"""Segments: what is built can be read, and merging gives what building at once would have given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from indexes import add
from whoosh.util.numeric import byte_to_length

import indexer
from indexer.analysis import stemmer, words
from indexer.article import Article
from indexer.errors import CorruptSegmentError, InputError
from indexer.fields import BODY_START, MAX_TITLE_WORDS
from indexer.query.edits import within_edits
from indexer.segment import builder, merger, tokens
from indexer.segment import postings as postings_module
from indexer.segment.blocks import BlockWriter
from indexer.segment.format import LENGTH_OF_BYTE, STRIDE
from indexer.segment.postings import Counts, Postings, PostingsWriter
from indexer.segment.reader import SegmentReader

ENGLISH = stemmer("en")
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)

# Characters that fold to nothing, to several, to a mixture, or need two to four bytes.
LETTERS = st.sampled_from(list("abAB z0_-.,'\n") + list("éÉñßﬁ½…“”’\u0301İŉ™№⑴中日кЖأ\u064b\U0001f600\U00010400ǅ"))
TEXTS = st.one_of(st.text(LETTERS, max_size=40), st.text(max_size=20))
SENTENCES = st.lists(
    st.sampled_from(["oil", "oils", "price", "priced", "prices", "the", "of", "will", "willing", "café", "Café"]),
    max_size=12,
)
ARTICLES = st.lists(
    st.builds(
        lambda number, title, body, days, source, topics: Article.build(
            id=str(number),
            title=" ".join(title),
            body=" ".join(body),
            date=None if days is None else EPOCH + timedelta(days=days),
            source=source,
            topics=topics,
        ),
        st.integers(0, 60),
        SENTENCES,
        st.one_of(SENTENCES, SENTENCES.map(lambda some: some * 30)),
        st.one_of(st.none(), st.integers(0, 3)),
        st.sampled_from(["", "Morning Post", "Evening Star"]),
        st.lists(st.sampled_from(["trade", "war", "sport"]), max_size=3),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda article: article.id,
)


def built(folder: str, name: str, articles: Sequence[Article]) -> SegmentReader:
    path = Path(folder) / name
    builder.build(path, articles, ENGLISH, builder.train(articles))
    return SegmentReader(path)


@contextmanager
def cut_into(size: int) -> Iterator[None]:
    """Texts, places and postings worked on in pieces of another size: what is found must not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "_CHUNK", size)
        patch.setattr(merger, "RANGE", size)
        yield


PIECES = st.sampled_from([1, 5, 40, 1 << 16])


def _words(found: tokens.Tokens) -> list[str]:
    return [found.words[code].decode() for code in found.codes]


@given(st.lists(TEXTS, max_size=6))
def test_the_batch_form_of_analysis_finds_the_words_of_the_single_form(texts: list[str]) -> None:
    lines = [text.replace("\n", " ").encode("utf-8", "replace").decode() for text in texts]
    buffer = "\n".join(lines).encode()
    found = tokens.tokenize(buffer)
    assert _words(found) == [word for line in lines for word in words(line)]
    assert found.starts.tolist() == sorted(found.starts.tolist())
    for code, start in zip(found.codes, found.starts, strict=True):
        # A run that folds to several words begins them all.
        assert found.words[code].decode() in words(buffer[start:].decode().split("\n")[0])


# As long as what is compared at a time, and a byte more or less; among others, and alone.
LONG_WORDS = st.lists(
    st.builds(
        lambda start, length, end: start * length + end,
        st.sampled_from("aAz_9"),
        st.sampled_from([1, 7, 8, 9, 11, 12, 13, 16, 57, 64, 130]),
        st.sampled_from(["", "b", "é", "’s", ", ", "\n"]),
    ),
    max_size=40,
).map(" ".join)


@given(LONG_WORDS)
@example(" ".join("a" * length for length in [*range(1, 40), *range(40, 1, -1)]))
def test_words_of_any_length_are_told_apart_in_a_batch(text: str) -> None:
    found = tokens.tokenize(text.encode())
    assert _words(found) == words(text)


def test_words_that_begin_alike_are_told_apart_where_they_meet_in_the_table() -> None:
    # So many that some meet; each twice, before and after the table has grown.
    text = " ".join(f"{number:012}{end}" for _ in range(2) for number in range(100_000) for end in ("a", ""))
    found = tokens.tokenize(text.encode())
    assert _words(found) == text.split()


@settings(max_examples=40)
@given(ARTICLES, PIECES)
def test_a_segment_gives_back_every_article_and_every_place_of_every_word(articles: list[Article], piece: int) -> None:
    with TemporaryDirectory() as folder:
        with cut_into(piece):
            reader = built(folder, "one", articles)
        assert reader.file.damaged() == []
        expected = sorted(articles, key=lambda a: (a.date is None, -a.date.timestamp() if a.date else 0, a.id))
        assert [reader.article(doc) for doc in range(reader.doc_count)] == expected
        assert [reader.find(article.id) for article in expected] == list(range(reader.doc_count))
        assert reader.find("nobody") == -1
        scanned: dict[str, list[tuple[int, int]]] = {}
        for doc, article in enumerate(expected):
            for position, word in enumerate(words(article.title)):
                scanned.setdefault(word, []).append((doc, position))
            for position, word in enumerate(words(article.body)):
                scanned.setdefault(word, []).append((doc, position + BODY_START))
        found = {}
        for number in range(len(reader.words)):
            stem, form, forms = reader.form_of(number)
            assert reader.stems[stem].decode() == ENGLISH.stem(reader.words[number].decode())
            first, stop = reader.stem_range(stem)
            places = reader.places(slice(first, stop))
            mine = reader.has_form(stem, form, places.numbers) if forms > 1 else np.ones(len(places.numbers), bool)
            docs = reader.docs[first:stop][places.owners[mine]].tolist()
            found[reader.words[number].decode()] = list(zip(docs, places.positions[mine].tolist(), strict=True))
            assert reader.word_docs[number] == len(set(docs))
            assert reader.word_places[number] == len(docs)
        assert found == scanned


@settings(max_examples=60)
@given(ARTICLES, st.data())
def test_merging_gives_the_arrays_of_building_at_once(articles: list[Article], data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, 2), min_size=len(articles), max_size=len(articles)))
    gone = data.draw(st.sets(st.sampled_from([article.id for article in articles])))
    kept = [article for article in articles if article.id not in gone]
    with TemporaryDirectory() as folder:
        parts = []
        for cut in sorted(set(cuts)):
            share = [article for article, where in zip(articles, cuts, strict=True) if where == cut]
            reader = built(folder, f"part{cut}", share)
            deleted = np.array(sorted(reader.find(a.id) for a in share if a.id in gone), np.int64)
            parts.append((reader, deleted))
        path = Path(folder) / "merged"
        with cut_into(data.draw(PIECES)):
            assert merger.merge(path, parts, "en") == len(kept)
        merged = SegmentReader(path)
        assert merged.file.damaged() == []
        at_once = built(folder, "at_once", kept)
        assert merged.file.meta == at_once.file.meta
        # Frames name other dictionaries and columns number their values in another order: compared as values.
        as_values = ("stored", "dictionaries", "source", "author_name", "section", "topic", "language")
        for name in at_once.file.names():
            if name.split(".")[0] not in as_values:
                assert merged.file.array(name).tolist() == at_once.file.array(name).tolist(), name
        for doc in range(merged.doc_count):
            assert merged.article(doc) == at_once.article(doc)
            for name in ("source", "topic"):
                values = []
                for reader in (merged, at_once):
                    column = reader.column(name)
                    tally, _ = column.counted(np.array([doc], np.uint32))
                    values.append({column.values[number]: int(tally[number]) for number in tally.nonzero()[0]})
                assert values[0] == values[1]


def test_frequencies_beyond_the_keys_and_positions_beyond_two_bytes_are_kept(tmp_path: Path) -> None:
    long = Article.build(id="long", title="oil " * (MAX_TITLE_WORDS + 50), body="oil gas " * 40_000)
    short = Article.build(id="short", title="gas", body="oil")
    reader = built(str(tmp_path), "one", [long, short])
    first, stop = reader.stem_range(reader.stems.find(b"oil"))
    by_id = dict(
        zip(map(reader.article_id, reader.docs[first:stop]), reader.frequencies(slice(first, stop)), strict=True)
    )
    assert by_id == {"long": MAX_TITLE_WORDS + 40_000, "short": 1}
    assert int(reader.positions.max()) == BODY_START + 79_999


@pytest.mark.parametrize(
    "counts", [Counts(0, 0, 0), Counts(2, 2, 0), Counts(1, 0, 0), Counts(1, 2, 0), Counts(1, 1, 1)]
)
def test_other_postings_than_were_counted_are_refused(tmp_path: Path, counts: Counts) -> None:
    one = np.ones(1, np.int64)
    out = BlockWriter(tmp_path / "file")
    writer = PostingsWriter(out, counts, np.uint16, np.uint8)

    def write() -> None:
        writer.add(Postings(one, one, one, one, one, one, one[:0]))
        writer.finish(out)

    with pytest.raises(CorruptSegmentError, match="contradict"), out:
        write()
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("counting", [np.uint32, np.uint64])
def test_places_of_scattered_postings_are_those_of_each_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counting: type[np.unsignedinteger]
) -> None:
    monkeypatch.setattr(postings_module, "counting", lambda top: counting)
    # Words by the thousand for the strides, and among them some frequencies beyond the keys.
    bodies = [" ".join(f"w{number % size}" for number in range(600)) for size in range(1, 40)]
    reader = built(str(tmp_path), "one", [Article.build(id=body[:9] + str(len(body)), body=body) for body in bodies])
    postings = len(reader.keys)
    assert reader.starts.dtype == counting
    assert len(reader.long) > 1
    assert postings % STRIDE
    numbers = Random(1)
    for _ in range(200):
        some = sorted({*numbers.sample(range(postings), numbers.randint(1, 20)), numbers.choice([0, postings - 1])})
        found = reader.places(np.array(some))
        alone = [reader.places(slice(posting, posting + 1)) for posting in some]
        assert found.numbers.dtype == np.int64
        assert found.positions.tolist() == [position for one in alone for position in one.positions.tolist()]
        assert found.numbers.tolist() == [number for one in alone for number in one.numbers.tolist()]


def test_a_damaged_stored_article_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    reader = built(str(tmp_path), "one", [Article.build(id="a", title="Oil", body="Prices rose again on Monday.")])
    data = bytearray((tmp_path / "one").read_bytes())
    at = bytes(data).index(bytes(reader.file.view("stored")))
    data[at : at + 4] = b"\0\0\0\0"
    (tmp_path / "two").write_bytes(data)
    with pytest.raises(CorruptSegmentError, match="two"):
        SegmentReader(tmp_path / "two").article(0)


def dispatches(lot: int, letters: str) -> list[Article]:
    """Enough articles to learn a dictionary from, of words of some letters, much alike in all lots."""
    vocabulary = ["".join(word) for word in product(letters, repeat=4)]
    numbers = Random(lot)
    return [
        Article.build(id=f"{lot}-{number}", body=" ".join(numbers.choices(vocabulary, k=250))) for number in range(300)
    ]


def test_what_is_like_the_articles_before_is_stored_with_their_dictionary() -> None:
    first = builder.dictionary_for(dispatches(1, "abcde"), [])
    assert first
    assert builder.dictionary_for(dispatches(2, "abcde"), [first]) == first
    assert builder.dictionary_for(dispatches(3, "abcde")[:1], [first]) == first
    other = builder.dictionary_for(dispatches(4, "vwxyz"), [first])
    assert other not in (b"", first)
    assert builder.dictionary_for(dispatches(5, "abcde"), [first, other]) == first
    assert builder.dictionary_for(dispatches(6, "vwxyz"), [first, other]) == other


def test_an_index_that_is_added_to_every_day_has_one_dictionary(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    for day in range(4):
        add(index, tmp_path, [article.to_dict() for article in dispatches(day, "abcde")])
    used = [SegmentReader(path).dictionaries for path in index.path.glob("*.bsc")]
    assert len({number for some in used for number in some}) == 1
    assert index.check().problems == ()


def test_a_damaged_dictionary_is_not_used_for_new_articles(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "news.index", create=True)
    add(index, tmp_path, [article.to_dict() for article in dispatches(1, "abcde")])
    (path,) = index.path.glob("*.bsc")
    damaged = bytes(SegmentReader(path).file.view("dictionaries"))
    data = bytearray(path.read_bytes())
    data[data.index(damaged) + 1000] ^= 1
    path.write_bytes(data)
    with indexer.open_index(index.path) as again:
        add(again, tmp_path, [article.to_dict() for article in dispatches(2, "abcde")[:50]])
    (new,) = {*index.path.glob("*.bsc")} - {path}
    assert SegmentReader(new).dictionaries == {}


@given(
    st.lists(st.text("abcé", max_size=6), max_size=12),
    st.text("abcé", min_size=1, max_size=6),
    st.integers(1, 3),
    st.integers(0, 12),
)
def test_words_within_edits_are_those_of_the_textbook_recurrence(
    some: list[str], word: str, distance: int, first: int
) -> None:
    def edits(a: str, b: str) -> int:
        if not a or not b:
            return len(a) + len(b)
        return min(edits(a[1:], b) + 1, edits(a, b[1:]) + 1, edits(a[1:], b[1:]) + (a[0] != b[0]))

    expected = {number: other for number, other in enumerate(some) if edits(other, word) <= distance}
    encoded = [other.encode() for other in some]
    assert within_edits(encoded, word, distance) == expected
    even = np.arange(first, max(first, len(some))) % 2 == 0
    found = within_edits(encoded, word, distance, (min(first, len(some)), even))
    assert found == {number: other for number, other in expected.items() if number >= first and number % 2 == 0}


def test_more_text_than_a_segment_can_count_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    megabyte = "ä" * 500_000
    articles = [Article(id=str(number), body=megabyte) for number in range(2200)]
    with pytest.raises(InputError, match="commit oftener"):
        builder.build(tmp_path / "large.bsc", articles, stemmer("en"))
    assert list(tmp_path.iterdir()) == []


def test_lengths_are_rounded_as_whoosh_rounds_them() -> None:
    assert LENGTH_OF_BYTE.tolist() == [byte_to_length(byte) for byte in range(256)]
