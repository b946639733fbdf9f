"""Articles → the blocks of one segment, by the batch. The format is specified in `format`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
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
from indexer.article import Article, iso_utc
from indexer.errors import InputError
from indexer.schema import BODY_START, MAX_FREQUENCY, MAX_TITLE_WORDS, field_values
from indexer.segment.blocks import BlockWriter
from indexer.segment.format import (
    COLUMNS,
    KIND,
    STORED,
    STRIDE,
    TITLE_FLAG,
    UNDATED,
    counting,
    id_hash,
    length_bytes,
    narrow,
)
from indexer.segment.postings import Postings, PostingsWriter
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
# Stem, doc, position and form of a place are sorted as one integer of so many bits, where they fit.
_KEY_BITS: Final = 63
# So many places are worked on at a time: what one step leaves is still in the cache for the next.
_CHUNK: Final = 1 << 16

_FIELDS: Final = attrgetter(*STORED)
_DATE: Final = STORED.index("date")

Array = npt.NDArray[Any]


def build(path: Path, articles: Sequence[Article], stemmer: Stemmer, dictionary: bytes = b"") -> None:
    """Write a segment of articles with distinct ids.

    path        of the new segment file
    articles    in any order; their titles and bodies together less than 2 GB
    dictionary  Zstandard dictionary for the stored articles, see :func:`dictionary_for`

    Raises InputError for more text, OSError.
    """
    if sum(_utf8_size(text) + 1 for article in articles for text in (article.title, article.body)) > _MOST_TEXT:
        raise InputError("more than 2 GB of text for one segment: commit oftener")
    ordered = sorted(articles, key=lambda a: (a.date is None, -a.date.timestamp() if a.date else 0.0, a.id))
    with BlockWriter(path) as out:
        _write_articles(out, ordered)
        _write_stored(out, [stored_record(article) for article in ordered], dictionary)
        for name in COLUMNS:
            _write_column(out, name, [field_values(article, name) for article in ordered])
        words, title_words = _write_text(out, path.parent, ordered, stemmer)
        out.finish(
            {
                "kind": KIND,
                "docs": len(ordered),
                "language": stemmer.language,
                "words": words,
                "title_words": title_words,
            }
        )


def _utf8_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


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


def stored_record(article: Article) -> bytes:
    """The bytes that a segment stores of an article."""
    values = list(_FIELDS(article))
    values[_DATE] = iso_utc(article.date)
    return orjson.dumps(values) + b"\n" + article.body.encode()


def digest(record: bytes) -> bytes:
    """16 bytes that change exactly when a stored article changes."""
    return blake2b(record, digest_size=16).digest()


def csr(strings: Sequence[bytes]) -> tuple[bytes, Array]:
    """Byte strings joined, and their offsets."""
    offsets = np.zeros(len(strings) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, strings), np.int64, len(strings)), out=offsets[1:])
    return b"".join(strings), offsets


def _write_articles(out: BlockWriter, articles: Sequence[Article]) -> None:
    ages = [UNDATED if a.date is None else -int(a.date.timestamp()) for a in articles]
    out.add("ages", np.array(ages, np.int64))
    ids = [a.id.encode() for a in articles]
    joined, offsets = csr(ids)
    out.add("ids", joined)
    out.add("ids.offsets", offsets.astype(np.uint32))
    write_id_hashes(out, np.fromiter(map(id_hash, ids), np.uint64, len(ids)))


def write_id_hashes(out: BlockWriter, hashes: Array) -> None:
    """Write the look-up of ids, from the hash of each document's."""
    order = hashes.argsort(kind="stable")
    out.add("ids.hashes", hashes[order])
    out.add("ids.docs", order.astype(np.uint32))


def _write_stored(out: BlockWriter, records: Sequence[bytes], dictionary: bytes) -> None:
    out.add("digests", np.frombuffer(b"".join(map(digest, records)), "V16"))
    frames, offsets = csr(list(map(_compressor(dictionary).compress, records)))
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
    form_counts  (s,) int64 how many words have each stem
    first_form   (s,) int64 where the words of each stem begin in `forms`
    """

    words: list[bytes]
    stems: list[bytes]
    stem_of: Array
    form_of: Array
    forms: Array
    form_counts: Array
    first_form: Array

    @classmethod
    def of(cls, words: list[bytes], stems: list[bytes], stem_of: Array) -> Vocabulary:
        """The rest of a vocabulary, from the stem of each word."""
        forms = stem_of.argsort(kind="stable")
        form_counts = np.bincount(stem_of, minlength=len(stems))
        first_form = np.cumsum(form_counts) - form_counts
        form_of = np.empty(len(words), np.int64)
        form_of[forms] = np.arange(len(words)) - first_form[stem_of[forms]]
        return cls(words, stems, stem_of, form_of, forms, form_counts, first_form)


def _vocabulary(found: list[str], stemmer: Stemmer) -> tuple[Vocabulary, Array]:
    """The vocabulary of distinct words in any order, and the number (int64) there of each of them."""
    encoded = [word.encode() for word in found]
    order = sorted(range(len(found)), key=encoded.__getitem__)
    numbers = np.empty(len(found), np.int64)
    numbers[order] = np.arange(len(found))
    stems_of_words = [stem.encode() for stem in stemmer.stems([found[place] for place in order])]
    stems = sorted(set(stems_of_words))
    number_of = {stem: number for number, stem in enumerate(stems)}
    stem_of = np.fromiter(map(number_of.__getitem__, stems_of_words), np.int64, len(found))
    return Vocabulary.of([encoded[place] for place in order], stems, stem_of), numbers


@dataclass(frozen=True, slots=True)
class _Texts:
    """Titles and bodies in turn, and their words.

    codes    (words of all,) int32 index into the words of the Tokens
    numbers  (words of the Tokens,) int64 → word number in the vocabulary
    firsts   (texts + 1,) the first word of each text among those of all
    bases    (texts,) its position in `text`
    """

    codes: Array
    numbers: Array
    firsts: Array
    bases: Array


def _write_text(out: BlockWriter, directory: Path, articles: Sequence[Article], stemmer: Stemmer) -> tuple[int, int]:
    """Write terms, postings, places, anchors and lengths; returns the words of all and of the titles."""
    texts = [part.encode() for article in articles for part in (article.title, article.body)]
    # Where each title and body begins in the buffer, and its first token.
    begins = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(np.fromiter((len(text) + 1 for text in texts), np.int32, len(texts)), out=begins[1:])
    buffer = b"\n".join(texts)
    del texts
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
    vocabulary, numbers = _vocabulary(tokens.words, stemmer)
    _write_terms(out, directory, vocabulary, _Texts(tokens.codes, numbers, firsts, bases), length_bytes(lengths))
    return int(lengths.sum()), int(title_counts.sum())


def _without_long_titles(tokens: Tokens, firsts: Array, counts: Array) -> tuple[Tokens, Array, Array]:
    """Drop the words of each title beyond the limit, and from the distinct words those that stand nowhere else."""
    place = np.arange(len(tokens.codes)) - np.repeat(firsts[:-1], counts)
    in_title = np.repeat(np.arange(len(counts)) % 2 == 0, counts)
    kept = ~in_title | (place < MAX_TITLE_WORDS)
    counts = counts.copy()
    counts[0::2] = np.minimum(counts[0::2], MAX_TITLE_WORDS)
    firsts = np.concatenate(([0], np.cumsum(counts)))
    codes = tokens.codes[kept]
    used = np.zeros(len(tokens.words), np.bool_)
    used[codes] = True
    words = [word for word, stays in zip(tokens.words, used.tolist(), strict=True) if stays]
    renumbered = (used.cumsum(dtype=np.int32) - np.int32(1))[codes]
    return Tokens(words, renumbered, tokens.starts[kept]), firsts, counts


def _write_anchors(out: BlockWriter, starts: Array, begins: Array, firsts: Array, counts: Array) -> None:
    """Write the offset in its body of every STRIDE-th word."""
    anchors = -(-counts // STRIDE)
    offsets = np.zeros(len(counts) + 1, np.uint32)
    np.cumsum(anchors, out=offsets[1:])
    nth = np.arange(anchors.sum()) - np.repeat(np.cumsum(anchors) - anchors, anchors)
    places = starts.take(np.repeat(firsts, anchors) + nth * STRIDE) - np.repeat(begins, anchors)
    out.add("anchors", places.astype(np.uint16 if places.max(initial=0) <= 0xFFFF else np.uint32))
    out.add("anchors.offsets", offsets)


class _Inverted:
    """All places in the order of stem, document and position.

    As one integer each (stem, document, position, form), or where these do not fit into one, as arrays.
    """

    def __init__(self, vocabulary: Vocabulary, texts: _Texts) -> None:
        counts = np.diff(texts.firsts)
        ends = texts.bases + counts
        tops = (
            len(vocabulary.stems),
            len(counts) // 2,
            int(ends.max(initial=0)),
            int(vocabulary.form_of.max(initial=0)),
        )
        stem_bits, self._doc_bits, self._position_bits, self._form_bits = (top.bit_length() for top in tops)
        self._apart: tuple[Array, Array, Array] | None = None
        if stem_bits + self._doc_bits + self._position_bits + self._form_bits > _KEY_BITS:
            self._apart = self._sorted_apart(vocabulary, texts, counts)
        else:
            self._keys = self._sorted_keys(vocabulary, texts)

    def _sorted_apart(self, vocabulary: Vocabulary, texts: _Texts, counts: Array) -> tuple[Array, Array, Array]:
        # An article of many millions of words among many small ones: ten times as slow.
        words = texts.numbers[texts.codes]
        places = np.arange(len(words)) - np.repeat(texts.firsts[:-1] - texts.bases, counts)
        keys = vocabulary.stem_of[words] << self._doc_bits | np.repeat(np.arange(len(counts)) >> 1, counts)
        order = np.lexsort((places, keys))
        return keys[order], places[order], vocabulary.form_of[words[order]]

    def _sorted_keys(self, vocabulary: Vocabulary, texts: _Texts) -> Array:
        # What a word adds to a key, and what its place adds: that of its text, and one step a word.
        low_bits = self._position_bits + self._form_bits
        of_words = (vocabulary.stem_of << (self._doc_bits + low_bits) | vocabulary.form_of)[texts.numbers]
        docs = np.arange(len(texts.bases), dtype=np.int64) >> 1
        of_texts = (docs << self._position_bits) + texts.bases - texts.firsts[:-1] << self._form_bits
        total = len(texts.codes)
        keys = np.empty(total, np.int64)
        steps = np.arange(_CHUNK, dtype=np.int64) << self._form_bits
        for first in range(0, total, _CHUNK):
            chunk = keys[first : first + _CHUNK]
            of_words.take(texts.codes[first : first + _CHUNK], out=chunk, mode="clip")
            chunk += steps[: len(chunk)]
            low = int(texts.firsts.searchsorted(first, "right")) - 1
            high = int(texts.firsts.searchsorted(first + len(chunk), "left"))
            within = np.diff(texts.firsts[low : high + 1].clip(first, first + len(chunk)))
            chunk += np.repeat(of_texts[low:high] + (first << self._form_bits), within)
        keys.sort()
        return keys

    def postings(self, first: int, stop: int, doc_lengths: Array) -> Postings:
        """The postings of the places first to stop - 1, which are all those of some stems."""
        if self._apart is not None:
            keys, positions, forms = (part[first:stop] for part in self._apart)
        else:
            places = self._keys[first:stop]
            forms = places & (1 << self._form_bits) - 1
            places = places >> self._form_bits
            positions = places & (1 << self._position_bits) - 1
            keys = places >> self._position_bits
        begins = np.append(0, (keys[1:] != keys[:-1]).nonzero()[0] + 1)
        frequencies = np.diff(begins, append=len(keys))
        keys = keys.take(begins)
        docs = keys & (1 << self._doc_bits) - 1
        in_title = positions.take(begins) < BODY_START
        return Postings(
            stems=keys >> self._doc_bits,
            docs=docs,
            keys=_posting_keys(frequencies, in_title, doc_lengths.take(docs)),
            frequencies=frequencies,
            positions=positions,
            forms=forms,
        )


def _write_terms(out: BlockWriter, directory: Path, vocabulary: Vocabulary, texts: _Texts, doc_lengths: Array) -> None:
    """Cut what is inverted into postings and places, a range of stems at a time, and write them."""
    inverted = _Inverted(vocabulary, texts)
    word_places = np.zeros(len(vocabulary.words), np.int64)
    word_places[texts.numbers] = np.bincount(texts.codes, minlength=len(texts.numbers))
    word_docs = np.zeros(len(vocabulary.words), np.int64)
    stem_places = np.bincount(vocabulary.stem_of, word_places, len(vocabulary.stems)).astype(np.int64)
    wide = int((texts.bases + np.diff(texts.firsts)).max(initial=0)) > 0x10000
    with closing(PostingsWriter(directory, vocabulary.form_counts, wide=wide)) as writer:
        place = 0
        for first, stop in ranges(stem_places, _CHUNK):
            after = place + int(stem_places[first:stop].sum())
            postings = inverted.postings(place, after, doc_lengths)
            writer.add(first, stop, postings)
            words, docs = _docs_of_words(vocabulary, first, stop, postings)
            word_docs[words] = docs
            place = after
        bounds = writer.write_to(out)
    write_vocabulary(out, vocabulary, *bounds, word_docs, word_places)


def _docs_of_words(vocabulary: Vocabulary, first: int, stop: int, postings: Postings) -> tuple[Array, Array]:
    """The words that have the stems first to stop - 1, and how many documents hold each, from the stems' postings."""
    base = int(vocabulary.first_form[first])
    words = vocabulary.forms[base : base + int(vocabulary.form_counts[first:stop].sum())]
    forms = (vocabulary.first_form[first:stop] - base).take(postings.stems - first).repeat(postings.frequencies)
    forms += postings.forms
    owners = np.arange(len(postings.stems)).repeat(postings.frequencies)
    return words, count_pairs(forms, owners, len(words))


def count_pairs(words: Array, postings: Array, size: int) -> Array:
    """In how many postings each word occurs (`size` numbers); the arrays name word and posting of every place."""
    top = int(postings.max(initial=0)) + 1
    # Sorting is ten times as fast as NumPy's hashing `unique`.
    pairs = words * top + postings
    pairs.sort()
    distinct = np.append(pairs[:1], pairs[1:].compress(pairs[1:] != pairs[:-1]))
    return np.bincount(distinct // top, minlength=size)


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
    form_counts = vocabulary.form_counts
    form_offsets = np.zeros(len(form_counts) + 1, np.uint32)
    np.cumsum(form_counts, out=form_offsets[1:])
    variants = np.zeros(len(form_counts) + 1, np.int64)
    np.cumsum(np.where(form_counts > 1, np.diff(stem_places), 0), out=variants[1:])
    out.add("stems.postings", stem_postings.astype(np.uint32))
    places = counting(int(stem_places[-1]))
    out.add("stems.places", stem_places.astype(places))
    out.add("stems.forms", form_offsets)
    out.add("stems.variants", variants.astype(places))
    out.add("forms", vocabulary.forms.astype(np.uint32))
    out.add("words.stems", vocabulary.stem_of.astype(np.uint32))
    out.add("words.docs", word_docs.astype(np.uint32))
    out.add("words.places", word_places.astype(places))
