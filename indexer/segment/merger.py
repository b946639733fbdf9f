"""Several segments → one, array by array, without what was deleted.

Terms are merged by ranges of stems, so that memory holds a range's postings and not the whole index. A stem's
postings lie together in every segment, and articles keep their relative order, so each segment's share of a
range is a slice that is already sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.segment import builder
from indexer.segment.blocks import BlockWriter
from indexer.segment.format import COLUMNS, KIND, UNDATED, counting
from indexer.segment.postings import Postings, PostingsWriter
from indexer.segment.reader import SegmentReader, Strings, ranges

Array = npt.NDArray[Any]

# Postings of one range of stems, and articles of one stretch: what memory holds at a time, and caches can.
RANGE: Final = 120_000
STRETCH: Final = 20_000
# Stem, document and place of a posting are sorted as one integer of so many bits, where they fit.
_KEY_BITS: Final = 63


@dataclass(slots=True)
class _Part:
    """One of the segments that are merged.

    alive    (n,) bool
    new_docs (n,) int64: old document → new one, -1 for a deleted one
    stems    (s,) int64: old stem → new one, -1 for one that is gone
    reached  (s,) int64: the same, but for one that is gone the one before
    forms    (w,) uint16: the reader's `forms` → the new form; of a word that is gone, any
    """

    reader: SegmentReader
    alive: npt.NDArray[np.bool_]
    new_docs: Array
    stems: Array
    reached: Array
    forms: Array


def merge(path: Path, segments: Sequence[tuple[SegmentReader, Array]], language: str) -> int:
    """Write the articles of some segments as one new segment; returns their number.

    path      of the new segment file
    segments  each reader with its deleted documents (ascending)
    """
    parts = []
    for reader, deleted in segments:
        alive = np.ones(reader.doc_count, np.bool_)
        alive[deleted] = False
        none = np.empty(0, np.int64)
        parts.append(_Part(reader, alive, np.full(reader.doc_count, -1, np.int64), none, none, none))
    owners, docs = _order(parts)
    for number, part in enumerate(parts):
        mine = np.flatnonzero(owners == number)
        part.new_docs[docs[mine]] = mine
    with BlockWriter(path) as out:
        words, title_words = _merge_articles(out, parts, owners, docs)
        for name in COLUMNS:
            _merge_column(out, name, parts, owners, docs)
        _merge_terms(out, parts, path.parent)
        meta = {"kind": KIND, "docs": len(docs), "language": language, "words": words, "title_words": title_words}
        out.finish(meta)
    return len(docs)


def _order(parts: list[_Part]) -> tuple[Array, Array]:
    """The part and old document of every new document: newest first, undated last, then by id."""
    owners = np.concatenate([np.full(int(part.alive.sum()), number) for number, part in enumerate(parts)])
    docs = np.concatenate([np.flatnonzero(part.alive) for part in parts])
    ages = np.concatenate([part.reader.ages[part.alive] for part in parts])
    by_age = ages.argsort(kind="stable")
    owners, docs, ages = owners[by_age], docs[by_age], ages[by_age]
    # Articles of one moment stand by id: only those of several segments can be out of order.
    edges = np.flatnonzero(np.diff(ages, prepend=ages[:1] - 1, append=ages[-1:] + 1 if len(ages) else UNDATED))
    edges = np.append(edges[edges < len(ages)], len(ages))
    for first, stop in zip(edges.tolist(), edges[1:].tolist(), strict=False):
        if stop - first > 1 and owners[first] != owners[stop - 1]:
            ids = [
                parts[owner].reader.ids[doc]
                for owner, doc in zip(owners[first:stop].tolist(), docs[first:stop].tolist(), strict=True)
            ]
            by_id = np.array(sorted(range(len(ids)), key=ids.__getitem__)) + first
            owners[first:stop], docs[first:stop] = owners[by_id], docs[by_id]
    return owners, docs


def _merge_articles(out: BlockWriter, parts: list[_Part], owners: Array, docs: Array) -> tuple[int, int]:
    """Write all that is kept an article; returns the words of all and of the titles."""
    for name in ("ages", "lengths", "title_lengths", "digests"):
        arrays = [part.reader.file.array(name) for part in parts]
        out.add(name, _picked(arrays, owners, docs))
    known = [part.reader.ids.between(0, part.reader.doc_count) for part in parts]
    ids = [known[owner][doc] for owner, doc in zip(owners.tolist(), docs.tolist(), strict=True)]
    joined, offsets = builder.csr(ids)
    out.add("ids", joined)
    out.add("ids.offsets", offsets.astype(np.uint32))
    builder.write_id_hashes(out, _picked([_hashes(part.reader) for part in parts], owners, docs))
    _merge_stored(out, parts, owners, docs)
    anchors = [(part.reader.anchors, part.reader.anchor_offsets) for part in parts]
    kind = max((rows.dtype for rows, _ in anchors), key=lambda dtype: dtype.itemsize)
    out.add_parts("anchors", kind, (rows for rows, _ in _gathered(anchors, owners, docs)))
    lengths = _picked([np.diff(offsets) for _, offsets in anchors], owners, docs)
    out.add("anchors.offsets", np.append(np.uint32(0), np.cumsum(lengths, dtype=np.uint32)))
    words = sum(int(part.reader.lengths[part.alive].sum()) for part in parts)
    title_words = sum(int(part.reader.title_lengths[part.alive].sum()) for part in parts)
    return words, title_words


def _hashes(reader: SegmentReader) -> Array:
    """The hash of the id of each document."""
    hashes = np.empty(reader.doc_count, np.uint64)
    hashes[reader.id_docs.astype(np.int64)] = reader.id_hashes
    return hashes


def _merge_stored(out: BlockWriter, parts: list[_Part], owners: Array, docs: Array) -> None:
    """Copy the compressed articles as they are, and all the dictionaries they were compressed with."""
    frames = [part.reader.file.view("stored") for part in parts]
    offsets = [part.reader.file.array("stored.offsets").astype(np.int64) for part in parts]
    starts = _picked([o[:-1] for o in offsets], owners, docs)
    lengths = _picked([np.diff(o) for o in offsets], owners, docs)

    def copied() -> Iterator[Array]:
        for first in range(0, len(docs), STRETCH):
            stretch = slice(first, first + STRETCH)
            rows = zip(owners[stretch].tolist(), starts[stretch].tolist(), lengths[stretch].tolist(), strict=True)
            yield np.frombuffer(b"".join([frames[owner][a : a + size] for owner, a, size in rows]), np.uint8)

    out.add_parts("stored", np.uint8, copied())
    ends = np.append(0, np.cumsum(lengths))
    out.add("stored.offsets", ends.astype(counting(int(ends[-1]))))
    dictionaries = {
        number: dictionary.as_bytes() for part in parts for number, dictionary in part.reader.dictionaries.items()
    }
    joined, bounds = builder.csr(list(dictionaries.values()))
    out.add("dictionaries", joined)
    out.add("dictionaries.offsets", bounds.astype(np.uint32))


def _merge_column(out: BlockWriter, name: str, parts: list[_Part], owners: Array, docs: Array) -> None:
    numbers: dict[str, int] = {}
    rows: list[tuple[Array, Array]] = []
    for part in parts:
        column = part.reader.column(name)
        ordinals, offsets = column.ordinals, column.offsets
        if offsets is None:
            has_value = ordinals < len(column.values)
            offsets = np.append(0, np.cumsum(has_value))
            ordinals = ordinals[has_value]
        used = np.zeros(len(column.values), np.bool_)
        used[ordinals[np.repeat(part.alive, np.diff(offsets))]] = True
        table = np.zeros(len(column.values), np.uint32)
        for ordinal in np.flatnonzero(used).tolist():
            table[ordinal] = numbers.setdefault(column.values[ordinal], len(numbers))
        rows.append((table[ordinals], offsets))
    gathered = list(_gathered(rows, owners, docs))
    ordinals = np.concatenate([np.empty(0, np.uint32), *(values for values, _ in gathered)])
    lengths = np.concatenate([np.empty(0, np.int64), *(sizes for _, sizes in gathered)])
    builder.write_column(out, name, list(numbers), ordinals, lengths)


def _sizes(offsets: Array) -> Array:
    """The lengths (int64) of the rows between offsets."""
    sizes: Array = offsets[1:].astype(np.int64) - offsets[:-1].astype(np.int64)
    return sizes


def _picked(arrays: Sequence[Array], owners: Array, docs: Array) -> Array:
    """arrays[owner][doc] of every new document."""
    merged = np.empty(len(docs), arrays[0].dtype)
    for number, array in enumerate(arrays):
        mine = (owners == number).nonzero()[0]
        merged[mine] = array.take(docs.take(mine))
    return merged


def _gathered(rows: Sequence[tuple[Array, Array]], owners: Array, docs: Array) -> Iterator[tuple[Array, Array]]:
    """The entries of CSR rows in their new order, a stretch at a time: (entries, entries a row)."""
    for first in range(0, len(docs), STRETCH):
        stretch = slice(first, first + STRETCH)
        own, old = owners[stretch], docs[stretch]
        starts = np.empty(len(old), np.int64)
        lengths = np.empty(len(old), np.int64)
        by_owner = own.argsort(kind="stable")
        mine_of = np.split(by_owner, own.take(by_owner).searchsorted(np.arange(1, len(rows))))
        for mine, (_, offsets) in zip(mine_of, rows, strict=True):
            begins = offsets.take(old.take(mine))
            starts[mine] = begins
            lengths[mine] = offsets.take(old.take(mine) + 1) - begins
        target = np.cumsum(lengths) - lengths
        merged = np.empty(int(lengths.sum()), np.uint32)
        for mine, (entries, _) in zip(mine_of, rows, strict=True):
            sizes = lengths.take(mine)
            within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            taken = entries.take(np.repeat(starts.take(mine), sizes) + within)
            merged[np.repeat(target.take(mine), sizes) + within] = taken
        yield merged, lengths


def _merge_terms(out: BlockWriter, parts: list[_Part], directory: Path) -> None:
    """Unite the words and stems that are still in some article, and write them with their postings and places."""
    live = [_live_words(part) for part in parts]
    words, part_words = _united([part.reader.words for part in parts], [docs > 0 for docs, _ in live])
    live_stems = []
    for part, (docs, _) in zip(parts, live, strict=True):
        has_live = np.zeros(len(part.reader.stems), np.bool_)
        has_live[part.reader.word_stems[docs > 0]] = True
        live_stems.append(has_live)
    stems, part_stems = _united([part.reader.stems for part in parts], live_stems)
    stem_of = np.zeros(len(words), np.int64)
    word_docs = np.zeros(len(words), np.int64)
    word_places = np.zeros(len(words), np.int64)
    for part, of_words, of_stems, (docs, places) in zip(parts, part_words, part_stems, live, strict=True):
        part.stems, part.reached = of_stems, np.maximum.accumulate(of_stems)
        kept = np.flatnonzero(of_words >= 0)
        stem_of[of_words[kept]] = of_stems[part.reader.word_stems[kept]]
        word_docs[of_words[kept]] += docs[kept]
        word_places[of_words[kept]] += places[kept]
    vocabulary = builder.Vocabulary.of(words, stems, stem_of)
    sizes = np.zeros(len(stems), np.int64)
    for part in parts:
        kept = np.flatnonzero(part.stems >= 0)
        sizes[part.stems[kept]] += _sizes(part.reader.stem_postings)[kept]
    for part, of_words in zip(parts, part_words, strict=True):
        # The last one is that of words that are gone, whose number is -1.
        part.forms = np.append(vocabulary.form_of, 0)[of_words[part.reader.forms]].astype(np.uint16)
    wide = any(part.reader.positions.dtype.itemsize > 2 for part in parts)
    with closing(PostingsWriter(directory, vocabulary.form_counts, wide=wide)) as postings:
        for first, stop in ranges(sizes, RANGE):
            postings.add(first, stop, _merged(parts, first, stop))
        stem_postings, stem_places = postings.write_to(out)
    builder.write_vocabulary(out, vocabulary, stem_postings, stem_places, word_docs, word_places)


def _live_words(part: _Part) -> tuple[Array, Array]:
    """The articles and the occurrences of every word of a part, without the deleted articles."""
    reader = part.reader
    if part.alive.all():
        return reader.word_docs.astype(np.int64), reader.word_places.astype(np.int64)
    docs = np.zeros(len(reader.words), np.int64)
    places = np.zeros(len(reader.words), np.int64)
    for first, stop in ranges(_sizes(reader.stem_postings), RANGE):
        postings = slice(int(reader.stem_postings[first]), int(reader.stem_postings[stop]))
        kept = np.repeat(part.alive[reader.docs[postings]], reader.frequencies(postings))
        words = reader.forms[_forms_of_places(reader, first, stop)][kept].astype(np.int64)
        owners = reader.places(postings).owners[kept]
        places += np.bincount(words, minlength=len(places))
        docs += builder.count_pairs(words, owners, len(docs))
    return docs, places


def _forms_of_places(reader: SegmentReader, first: int, stop: int) -> Array:
    """For each place of the stems first to stop - 1, in order, which of the reader's `forms` stands there (int32)."""
    counts = _sizes(reader.stem_places[first : stop + 1])
    forms = np.repeat(reader.stem_forms[first:stop].astype(np.int32), counts)
    several = np.repeat(_sizes(reader.stem_forms[first : stop + 1]) > 1, counts)
    forms[several] += reader.variants[int(reader.stem_variants[first]) : int(reader.stem_variants[stop])]
    return forms


def _united(strings: Sequence[Strings], live: Sequence[Array]) -> tuple[list[bytes], list[Array]]:
    """The live (bool) strings of all parts, ascending, and each part's old number → new number (-1: gone)."""
    # As when building: searching does without Arrow.
    import pyarrow as pa
    import pyarrow.compute as pc

    buffers = [[None, pa.py_buffer(part.offsets.astype(np.int32)), pa.py_buffer(part.view)] for part in strings]
    arrays = [pa.Array.from_buffers(pa.binary(), len(part), own) for part, own in zip(strings, buffers, strict=True)]
    encoded = pa.chunked_array(arrays, pa.binary()).dictionary_encode()
    distinct = encoded.chunk(0).dictionary if len(encoded) else pa.array([], pa.binary())
    codes = np.concatenate([np.empty(0, np.int32), *(chunk.indices.to_numpy() for chunk in encoded.chunks)])
    used = np.zeros(len(distinct), np.bool_)
    used[codes.compress(np.concatenate(live))] = True
    order = pc.array_sort_indices(distinct).to_numpy()
    order = order.compress(used.take(order))
    numbers = np.full(len(distinct), -1, np.int64)
    numbers[order] = np.arange(len(order))
    ends = np.cumsum([len(part) for part in strings])[:-1]
    return distinct.take(pa.array(order)).to_pylist(), np.split(numbers.take(codes), ends)


def _merged(parts: list[_Part], first: int, stop: int) -> Postings:
    """The postings of the new stems first to stop - 1."""
    slices = [_slice(part, first, stop) for part in parts]
    stems, docs, keys, counts, positions, forms = map(np.concatenate, zip(*slices, strict=True))
    order = _order_of(stems - first, docs)
    begins = (counts.cumsum() - counts).take(order)
    stems, docs, keys, counts = (values.take(order) for values in (stems, docs, keys, counts))
    ends = counts.cumsum()
    # Where each place was: its posting's first place, and on.
    places = np.repeat((begins - ends + counts).astype(np.int32), counts)
    places += np.arange(len(places), dtype=np.int32)
    return Postings(stems, docs, keys, counts, positions.take(places), forms.take(places))


def _order_of(stems: Array, docs: Array) -> Array:
    """The order of postings by stem, then by document; no two have both in common."""
    bits = len(docs).bit_length()
    doc_bits = int(docs.max(initial=0)).bit_length()
    if int(stems.max(initial=0)).bit_length() + doc_bits + bits > _KEY_BITS:
        return (stems << doc_bits | docs).argsort(kind="stable")
    # To sort integers that say where they were takes a fifth of the time of sorting by them.
    keys = (stems << doc_bits | docs) << bits | np.arange(len(docs))
    keys.sort()
    return keys & (1 << bits) - 1


def _slice(part: _Part, first: int, stop: int) -> Postings:
    """A part's share of some new stems."""
    reader = part.reader
    low, high = part.reached.searchsorted([first, stop]).tolist()
    if low == high:
        none = np.empty(0, np.int64)
        return Postings(none, none, np.empty(0, np.uint16), none, np.empty(0, np.uint16), np.empty(0, np.uint16))
    postings = slice(int(reader.stem_postings[low]), int(reader.stem_postings[high]))
    stems = np.repeat(part.stems[low:high], _sizes(reader.stem_postings[low : high + 1]))
    docs = part.new_docs.take(reader.docs[postings])
    keys = reader.keys[postings]
    counts = reader.frequencies(postings)
    positions = reader.positions[int(reader.stem_places[low]) : int(reader.stem_places[high])]
    forms = part.forms.take(_forms_of_places(reader, low, high))
    kept = docs >= 0
    if not kept.all():
        places = np.repeat(kept, counts)
        stems, docs, keys, counts = stems[kept], docs[kept], keys[kept], counts[kept]
        positions, forms = positions[places], forms[places]
    return Postings(stems, docs, keys, counts, positions, forms)
