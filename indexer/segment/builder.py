"""Articles → the blocks of one segment, by the batch. The format is specified in `format`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import zstandard

from indexer.analysis import Stemmer
from indexer.article import Article
from indexer.errors import InputError
from indexer.fields import BODY_START, MAX_FREQUENCY, MAX_TITLE_WORDS, field_values
from indexer.native.inversion import PostingsCutter, scattered
from indexer.native.strings import numbered
from indexer.segment.blocks import BlockWriter
from indexer.segment.format import (
    COLUMNS,
    KIND,
    STORED,
    STRIDE,
    TITLE_FLAG,
    UNDATED,
    counting,
    id_hashes,
    length_bytes,
    narrow,
)
from indexer.segment.postings import Counts, Postings, PostingsWriter
from indexer.segment.reader import ranges
from indexer.segment.tokens import Tokens, tokenize

# Places in the text of a segment are counted in int32.
_MOST_TEXT: Final = (1 << 31) - 1
COMPRESSION_LEVEL: Final = 3
DICTIONARY_BYTES: Final = 65536
# What a dictionary is learned from: more takes longer and compresses a few thousandths better.
_SAMPLES: Final = 2000
_SAMPLE_BYTES: Final = 64 * DICTIONARY_BYTES
# A dictionary that is there already is tried on so many articles, and taken where it saves this share of their bytes.
_TRIED: Final = 50
_SAVED: Final = 0.1
# So many places are worked on at a time: what one step leaves is still in the cache for the next.
_CHUNK: Final = 1 << 16
# Positions are at least of the type that holds this.
_LEAST_POSITION: Final = 0xFFFF

_FIELDS: Final = attrgetter(*STORED)
_STORED_AS: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS

Array = npt.NDArray[Any]


def build(path: Path, articles: Sequence[Article], stemmer: Stemmer, dictionary: bytes = b"") -> None:
    """Write a segment of articles with distinct ids.

    path        of the new segment file
    articles    in any order; their titles and bodies together less than 2 GB
    dictionary  Zstandard dictionary for the stored articles, see :func:`dictionary_for`

    Raises InputError for more text, OSError.
    """
    rows = [(_age(article), article.id, number) for number, article in enumerate(articles)]
    rows.sort()
    ordered = [articles[number] for _, _, number in rows]
    # Titles and bodies in turn.
    texts = [part.encode() for article in ordered for part in (article.title, article.body)]
    if sum(map(len, texts)) + len(texts) > _MOST_TEXT:
        raise InputError("more than 2 GB of text for one segment: commit oftener")
    with BlockWriter(path) as out:
        _write_articles(out, [age for age, _, _ in rows], [id.encode() for _, id, _ in rows])
        _write_stored(out, map(stored_record, ordered, texts[1::2]), dictionary)
        for name in COLUMNS:
            _write_column(out, name, [field_values(article, name) for article in ordered])
        words, title_words = _write_text(out, texts, stemmer)
        out.finish(
            {
                "kind": KIND,
                "docs": len(ordered),
                "language": stemmer.language,
                "words": words,
                "title_words": title_words,
            }
        )


def dictionary_for(articles: Sequence[Article], known: Sequence[bytes]) -> bytes:
    """The dictionary to store articles with: the best of those that are known, or a new one where they save little.

    So an index that is added to every day does not gather a dictionary a day.
    """
    samples = [stored_record(article) for article in articles[:: max(1, len(articles) // _TRIED)]]

    def size(dictionary: bytes) -> int:
        return sum(map(len, map(_compressor(dictionary).compress, samples)))

    plain = size(b"")
    least, best = min([(size(dictionary), dictionary) for dictionary in known], default=(plain, b""))
    if least <= (1 - _SAVED) * plain:
        return best
    return train(articles) or (best if least < plain else b"")


def train(articles: Sequence[Article]) -> bytes:
    """A Zstandard dictionary for articles like these; empty where there are too few to learn from."""
    size = sum([len(article.body) for article in articles])
    step = max(1, len(articles) // _SAMPLES, size // _SAMPLE_BYTES)
    samples: list[Any] = [stored_record(article) for article in articles[::step]]
    if len(samples) < 100 or sum(map(len, samples)) < 4 * DICTIONARY_BYTES:
        return b""
    # Fixed k and d spare the search for the best ones, which takes a hundred times longer.
    return bytes(zstandard.train_dictionary(DICTIONARY_BYTES, samples, k=200, d=8).as_bytes())


def stored_record(article: Article, body: bytes | None = None) -> bytes:
    """The bytes that a segment stores of an article.

    body  its body in UTF-8, where that is at hand
    """
    # With the date as in 2024-12-03T19:17:00Z.
    return orjson.dumps(_FIELDS(article), option=_STORED_AS) + b"\n" + (article.body.encode() if body is None else body)


def digest(record: bytes) -> bytes:
    """16 bytes that change exactly when a stored article changes."""
    return blake2b(record, digest_size=16).digest()


def csr(strings: Sequence[bytes]) -> tuple[bytes, Array]:
    """Byte strings joined, and their offsets."""
    offsets = np.zeros(len(strings) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, strings), np.int64, len(strings)), out=offsets[1:])
    return b"".join(strings), offsets


def _age(article: Article) -> int:
    """Minus seconds since 1970."""
    return UNDATED if article.date is None else -int(article.date.timestamp())


def _write_articles(out: BlockWriter, ages: Sequence[int], ids: Sequence[bytes]) -> None:
    out.add("ages", np.array(ages, np.int64))
    joined, offsets = csr(ids)
    out.add("ids", joined)
    out.add("ids.offsets", offsets.astype(np.uint32))
    write_id_hashes(out, id_hashes(ids))


def write_id_hashes(out: BlockWriter, hashes: Array) -> None:
    """Write the look-up of ids, from the hash of each document's."""
    order = hashes.argsort(kind="stable")
    out.add("ids.hashes", hashes[order])
    out.add("ids.docs", order.astype(np.uint32))


def _write_stored(out: BlockWriter, records: Iterable[bytes], dictionary: bytes) -> None:
    compress = _compressor(dictionary).compress
    stored = [(digest(record), compress(record)) for record in records]
    out.add("digests", np.frombuffer(b"".join([of_record for of_record, _ in stored]), "V16"))
    frames, offsets = csr([frame for _, frame in stored])
    out.add("stored", frames)
    out.add("stored.offsets", offsets.astype(counting(int(offsets[-1]))))
    out.add("dictionaries", dictionary)
    out.add("dictionaries.offsets", np.array([0, len(dictionary)] if dictionary else [0], np.uint32))


def _compressor(dictionary: bytes) -> zstandard.ZstdCompressor:
    options: dict[str, Any] = {"level": COMPRESSION_LEVEL, "write_checksum": True}
    if dictionary:
        options["dict_data"] = zstandard.ZstdCompressionDict(dictionary)
    return zstandard.ZstdCompressor(**options)


def _write_column(out: BlockWriter, name: str, rows: Sequence[tuple[str, ...]]) -> None:
    numbers: dict[str, int] = {}
    ordinals = [numbers.setdefault(value, len(numbers)) for row in rows for value in row]
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    write_column(out, name, list(numbers), np.array(ordinals, np.uint32), lengths)


def write_column(out: BlockWriter, name: str, values: list[str], ordinals: Array, lengths: Array) -> None:
    """Write a column: the display forms, the ordinals of all rows joined, and how many each row has."""
    out.add(name + ".values", orjson.dumps(values))
    kind = narrow(len(values))
    if len(lengths) and lengths.max() > 1:
        offsets = np.zeros(len(lengths) + 1, np.uint32)
        np.cumsum(lengths, out=offsets[1:])
        out.add(name + ".ordinals", ordinals.astype(kind))
        out.add(name + ".offsets", offsets)
    else:
        single = np.full(len(lengths), len(values), kind)
        single[lengths == 1] = ordinals
        out.add(name + ".ordinals", single)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The w distinct words of a segment and their s stems, both ascending by bytes.

    stem_of      (w,) int64 → stem number
    form_of      (w,) int64 rank of the word among those of its stem
    forms        (w,) int64 word numbers by stem, then ascending
    form_bounds  (s + 1,) int64 where the words of each stem begin in `forms`, and the end
    """

    words: list[bytes]
    stems: list[bytes]
    stem_of: Array
    form_of: Array
    forms: Array
    form_bounds: Array

    @classmethod
    def of(cls, words: list[bytes], stems: list[bytes], stem_of: Array) -> Vocabulary:
        """The rest of a vocabulary, from the stem of each word."""
        forms = stem_of.argsort(kind="stable")
        form_bounds = np.zeros(len(stems) + 1, np.int64)
        np.cumsum(np.bincount(stem_of, minlength=len(stems)), out=form_bounds[1:])
        form_of = np.empty(len(words), np.int64)
        form_of[forms] = np.arange(len(words)) - form_bounds[stem_of[forms]]
        return cls(words, stems, stem_of, form_of, forms, form_bounds)

    @property
    def form_counts(self) -> Array:
        """(s,) int64: how many words have each stem."""
        return np.diff(self.form_bounds)

    @property
    def variants_type(self) -> npt.DTypeLike:
        """The type of the block that names the form at each place."""
        return narrow(int(self.form_counts.max(initial=1)) - 1)


def _vocabulary(tokens: Tokens, stemmer: Stemmer) -> tuple[Vocabulary, Array, Array]:
    """The vocabulary of the words that stand somewhere; the number (int64) there of each word of the tokens.

    That of one that stands nowhere is the number of all of them. And how often each word of the vocabulary stands.
    """
    counts = _counted(tokens.codes, len(tokens.words))
    there = counts.nonzero()[0]
    words, of_those = _distinct([tokens.words[code] for code in there.tolist()])
    numbers = np.full(len(tokens.words), len(words))
    numbers[there] = of_those
    word_places = np.zeros(len(words), np.int64)
    np.add.at(word_places, of_those, counts[there])
    stems, stem_of = _distinct(list(map(str.encode, stemmer.stems(list(map(bytes.decode, words))))))
    return Vocabulary.of(words, stems, stem_of), numbers, word_places


def _distinct(strings: Sequence[bytes]) -> tuple[list[bytes], Array]:
    """The distinct ones of some strings, ascending, and the number (int64) of each among them."""
    firsts, numbers = numbered(*csr(strings))
    return [strings[first] for first in firsts.tolist()], numbers


def _counted(codes: Array, size: int) -> Array:
    """How often each code from 0 to `size` - 1 occurs (int64)."""
    counts = np.zeros(size, np.int64)
    # In pieces: NumPy first copies them to another type.
    for start in range(0, len(codes), _CHUNK):
        counts += np.bincount(codes[start : start + _CHUNK], minlength=size)
    return counts


@dataclass(frozen=True, slots=True)
class _Texts:
    """Titles and bodies in turn, and their words.

    codes    (words of all,) int32 index into the words of the Tokens
    numbers  (words of the Tokens,) int64 → word number in the vocabulary, see _vocabulary
    firsts   (texts + 1,) the first word of each text among those of all
    bases    (texts,) its position in `text`
    """

    codes: Array
    numbers: Array
    firsts: Array
    bases: Array


def _write_text(out: BlockWriter, texts: list[bytes], stemmer: Stemmer) -> tuple[int, int]:
    """Write terms, postings, places, anchors and lengths; returns the words of all and of the titles.

    texts  titles and bodies in turn; they are taken out of the list, so that they are not held any longer
    """
    # Where each text begins in the buffer, and its first token.
    begins = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(np.fromiter((len(text) + 1 for text in texts), np.int32, len(texts)), out=begins[1:])
    buffer = b"\n".join(texts)
    texts.clear()
    tokens = tokenize(buffer)
    del buffer
    firsts = np.searchsorted(tokens.starts, begins)
    counts = np.diff(firsts)
    if len(counts) and counts[0::2].max(initial=0) > MAX_TITLE_WORDS:
        tokens, firsts, counts = _without_long_titles(tokens, firsts, counts)
    title_counts, body_counts = counts[0::2], counts[1::2]
    lengths = title_counts + body_counts
    out.add("lengths", lengths.astype(np.uint32))
    out.add("title_lengths", title_counts.astype(np.uint16))
    _write_anchors(out, tokens.starts, begins[1:-1:2], firsts[1:-1:2], body_counts)
    bases = np.zeros(len(counts), np.int64)
    bases[1::2] = BODY_START
    vocabulary, numbers, word_places = _vocabulary(tokens, stemmer)
    read = _Texts(tokens.codes, numbers, firsts, bases)
    _write_terms(out, vocabulary, word_places, read, length_bytes(lengths))
    return int(lengths.sum()), int(title_counts.sum())


def _without_long_titles(tokens: Tokens, firsts: Array, counts: Array) -> tuple[Tokens, Array, Array]:
    """Drop the words of each title beyond the limit."""
    place = np.arange(len(tokens.codes)) - np.repeat(firsts[:-1], counts)
    in_title = np.repeat(np.arange(len(counts)) % 2 == 0, counts)
    kept = ~in_title | (place < MAX_TITLE_WORDS)
    counts = counts.copy()
    counts[0::2] = np.minimum(counts[0::2], MAX_TITLE_WORDS)
    firsts = np.concatenate(([0], np.cumsum(counts)))
    return Tokens(tokens.words, tokens.codes[kept], tokens.starts[kept]), firsts, counts


def _write_anchors(out: BlockWriter, starts: Array, begins: Array, firsts: Array, counts: Array) -> None:
    """Write the offset in its body of every STRIDE-th word."""
    anchors = -(-counts // STRIDE)
    offsets = np.zeros(len(counts) + 1, np.uint32)
    np.cumsum(anchors, out=offsets[1:])
    nth = np.arange(anchors.sum()) - np.repeat(np.cumsum(anchors) - anchors, anchors)
    places = starts.take(np.repeat(firsts, anchors) + nth * STRIDE) - np.repeat(begins, anchors)
    out.add("anchors", places.astype(np.uint16 if places.max(initial=0) <= 0xFFFF else np.uint32))
    out.add("anchors.offsets", offsets)


def _write_terms(
    out: BlockWriter, vocabulary: Vocabulary, word_places: Array, texts: _Texts, doc_lengths: Array
) -> None:
    """Invert the texts, cut what is inverted into postings, a range of stems at a time, and write them."""
    stem_places = np.zeros(len(vocabulary.stems) + 1, np.int64)
    np.cumsum(np.bincount(vocabulary.stem_of, word_places, len(vocabulary.stems)), out=stem_places[1:])
    stems, forms = (np.append(of_words, -1)[texts.numbers] for of_words in (vocabulary.stem_of, vocabulary.form_of))
    docs, positions, place_forms = scattered(
        texts.firsts, texts.bases, texts.codes, stems.astype(np.int32), forms.astype(np.uint16), stem_places
    )
    cutter = PostingsCutter(docs, place_forms, stem_places, vocabulary.form_bounds)
    place_counts = np.diff(stem_places)
    last = int((texts.bases + np.diff(texts.firsts)).max(initial=0)) - 1
    varied = int(place_counts[vocabulary.form_counts > 1].sum())
    counts = Counts(_posting_count(docs, stem_places), len(docs), varied)
    writer = PostingsWriter(out, counts, narrow(max(last, _LEAST_POSITION)), vocabulary.variants_type)
    for first, stop in ranges(place_counts, _CHUNK):
        posting_counts, docs_of, frequencies, variants = cutter.cut(first, stop)
        own = positions[int(stem_places[first]) : int(stem_places[stop])]
        in_title = own.take(frequencies.cumsum() - frequencies) < BODY_START
        keys = _posting_keys(frequencies, in_title, doc_lengths.take(docs_of))
        writer.add(Postings(posting_counts, place_counts[first:stop], docs_of, keys, frequencies, own, variants))
    bounds = writer.finish(out)
    word_docs = np.zeros(len(vocabulary.words), np.int64)
    word_docs[vocabulary.forms] = cutter.form_docs
    write_vocabulary(out, vocabulary, *bounds, word_docs, word_places)


def _posting_count(docs: Array, stem_places: Array) -> int:
    """How many postings there are, of the document of each place in the order of stems."""
    begins = np.ones(len(docs), np.bool_)
    np.not_equal(docs[1:], docs[:-1], out=begins[1:])
    begins[stem_places[:-1]] = True
    return int(np.count_nonzero(begins))


def _posting_keys(frequencies: Array, in_title: Array, doc_lengths: Array) -> Array:
    """The u2 key of each posting."""
    keys = np.minimum(frequencies, MAX_FREQUENCY).astype(np.uint16) << np.uint16(8) | doc_lengths
    keys |= in_title * np.uint16(TITLE_FLAG)
    return keys.astype(np.uint16)


def write_vocabulary(
    out: BlockWriter,
    vocabulary: Vocabulary,
    stem_postings: Array,
    stem_places: Array,
    word_docs: Array,
    word_places: Array,
) -> None:
    """Write the term dictionary.

    stem_postings, stem_places  (s + 1,) the first posting and place of every stem, and the ends
    word_docs, word_places      (w,) articles that hold each word, and its occurrences
    """
    for name, strings in (("stems", vocabulary.stems), ("words", vocabulary.words)):
        joined, offsets = csr(strings)
        out.add(name, joined)
        out.add(name + ".offsets", offsets.astype(np.uint32))
    variants = np.zeros(len(stem_places), np.int64)
    np.cumsum(np.where(vocabulary.form_counts > 1, np.diff(stem_places), 0), out=variants[1:])
    out.add("stems.postings", stem_postings.astype(np.uint32))
    places = counting(int(stem_places[-1]))
    out.add("stems.places", stem_places.astype(places))
    out.add("stems.forms", vocabulary.form_bounds.astype(np.uint32))
    out.add("stems.variants", variants.astype(places))
    out.add("forms", vocabulary.forms.astype(np.uint32))
    out.add("words.stems", vocabulary.stem_of.astype(np.uint32))
    out.add("words.docs", word_docs.astype(np.uint32))
    out.add("words.places", word_places.astype(places))
