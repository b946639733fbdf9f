"""Several segments → one, array by array, without what was deleted.

Terms are merged by ranges of stems, so that memory holds a range's postings and not the whole index. A stem's
postings lie together in every segment, and articles keep their relative order, so each segment's share of a
range is a slice that is already sorted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import compress, cycle
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.native.merging import GONE, PostingsMerger, Share
from indexer.native.strings import united
from indexer.segment import builder
from indexer.segment.blocks import BlockWriter
from indexer.segment.format import COLUMNS, KIND, UNDATED, counting
from indexer.segment.postings import Counts, Postings, PostingsWriter
from indexer.segment.reader import SegmentReader, Strings, ranges

Array = npt.NDArray[Any]

# Postings of one range of stems, and articles of one stretch: what memory holds at a time, and caches can.
RANGE: Final = 120_000
STRETCH: Final = 20_000
# Ranges that are merged at a time, and that wait to be written.
_THREADS: Final = 2
_WAITING: Final = 4


@dataclass(slots=True)
class _Part:
    """One of the segments that are merged.

    alive    (n,) bool
    new_docs (n,) u4: old document → new one, GONE for a deleted one
    """

    reader: SegmentReader
    alive: npt.NDArray[np.bool_]
    new_docs: Array


def merge(path: Path, segments: Sequence[tuple[SegmentReader, Array]], language: str) -> int:
    """Write the articles of some segments as one new segment; returns their number.

    path      of the new segment file
    segments  each reader with its deleted documents (ascending)
    """
    parts = []
    for reader, deleted in segments:
        alive = np.ones(reader.doc_count, np.bool_)
        alive[deleted] = False
        parts.append(_Part(reader, alive, np.full(reader.doc_count, GONE, np.uint32)))
    owners, docs = _order(parts)
    for number, part in enumerate(parts):
        mine = np.flatnonzero(owners == number)
        part.new_docs[docs[mine]] = mine
    with BlockWriter(path) as out, ThreadPoolExecutor(1) as beside:
        terms = _Terms(out, parts)
        articles = beside.submit(_merge_articles, out, parts, owners, docs)
        terms.merge()
        words, title_words = articles.result()
        terms.finish(out)
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
    """Write all that is kept an article, and the columns; returns the words of all and of the titles."""
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
    for name in COLUMNS:
        _merge_column(out, name, parts, owners, docs)
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


class _Terms:
    """The words and stems that are still in some article, with their postings and places."""

    def __init__(self, out: BlockWriter, parts: list[_Part]) -> None:
        """Unite the terms, and reserve the blocks of their postings."""
        live = list(map(_live, parts))
        words, part_words = _united([part.reader.words for part in parts], [own.word_docs > 0 for own in live])
        stems, part_stems = _united([part.reader.stems for part in parts], [own.stem_postings > 0 for own in live])
        stem_of = np.zeros(len(words), np.int64)
        self._word_docs, self._word_places = np.zeros(len(words), np.int64), np.zeros(len(words), np.int64)
        self._postings, self._places = np.zeros(len(stems), np.int64), np.zeros(len(stems), np.int64)
        for part, of_words, of_stems, own in zip(parts, part_words, part_stems, live, strict=True):
            kept = np.flatnonzero(of_words >= 0)
            stem_of[of_words[kept]] = of_stems[part.reader.word_stems[kept]]
            self._word_docs[of_words[kept]] += own.word_docs[kept]
            self._word_places[of_words[kept]] += own.word_places[kept]
            kept = np.flatnonzero(of_stems >= 0)
            self._postings[of_stems[kept]] += own.stem_postings[kept]
        np.add.at(self._places, stem_of, self._word_places)
        self._vocabulary = vocabulary = builder.Vocabulary.of(words, stems, stem_of)
        # The last form is that of words that are gone, whose number is -1.
        form_of = np.append(vocabulary.form_of, 0).astype(np.uint16)
        shares = [
            _share(part, of_stems, form_of[of_words[part.reader.forms]])
            for part, of_words, of_stems in zip(parts, part_words, part_stems, strict=True)
        ]
        kinds = np.result_type(*(share.positions for share in shares)), vocabulary.variants_type
        self._merger = PostingsMerger(shares, vocabulary.form_counts, *kinds)
        varied = int(self._places[vocabulary.form_counts > 1].sum())
        counts = Counts(int(self._postings.sum()), int(self._places.sum()), varied)
        self._writer = PostingsWriter(out, counts, *kinds)

    def merge(self) -> None:
        """Merge the postings and write them."""
        for merged in _by_ranges(self._merger, self._postings, self._places):
            self._writer.add(merged)

    def finish(self, out: BlockWriter) -> None:
        """Write the rest."""
        bounds = self._writer.finish(out)
        builder.write_vocabulary(out, self._vocabulary, *bounds, self._word_docs, self._word_places)


def _by_ranges(merger: PostingsMerger, postings: Array, places: Array) -> Iterator[Postings]:
    """The postings of all stems, range after range; those that follow are merged meanwhile.

    postings, places  how many each stem has
    """

    def merged(own: PostingsMerger, first: int, stop: int) -> Postings:
        return Postings(*own.merged(first, stop, int(postings[first:stop].sum()), int(places[first:stop].sum())))

    waiting: deque[Future[Postings]] = deque()
    with ExitStack() as stack:
        # Each merger goes through its ranges in order.
        threads = [(merger.again(), stack.enter_context(ThreadPoolExecutor(1))) for _ in range(_THREADS)]
        for (own, thread), (first, stop) in zip(cycle(threads), ranges(postings, RANGE), strict=False):
            waiting.append(thread.submit(merged, own, first, stop))
            if len(waiting) > _WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _share(part: _Part, stems: Array, forms: Array) -> Share:
    reader = part.reader
    return Share(
        docs=reader.docs,
        keys=reader.keys,
        long=reader.long,
        long_frequencies=reader.long_frequencies,
        positions=reader.positions,
        variants=reader.variants,
        stem_postings=reader.stem_postings,
        stem_places=reader.stem_places,
        stem_variants=reader.stem_variants,
        stem_forms=reader.stem_forms,
        stems=stems,
        forms=forms,
        new_docs=part.new_docs,
    )


class _Live(NamedTuple):
    """What the articles of a part that are not deleted hold.

    word_docs, word_places  (words,) i8: how many of them hold each word, and how often
    stem_postings           (stems,) i8: how many of them hold each stem
    """

    word_docs: Array
    word_places: Array
    stem_postings: Array


def _live(part: _Part) -> _Live:
    reader = part.reader
    if part.alive.all():
        return _Live(
            reader.word_docs.astype(np.int64), reader.word_places.astype(np.int64), _sizes(reader.stem_postings)
        )
    live = _Live(*(np.zeros(size, np.int64) for size in (len(reader.words), len(reader.words), len(reader.stems))))
    for first, stop in ranges(_sizes(reader.stem_postings), RANGE):
        postings = slice(int(reader.stem_postings[first]), int(reader.stem_postings[stop]))
        alive = part.alive[reader.docs[postings]]
        before = np.append(0, alive.cumsum())
        live.stem_postings[first:stop] = np.diff(before[reader.stem_postings[first : stop + 1] - postings.start])
        kept = np.repeat(alive, reader.frequencies(postings))
        words = reader.forms[_forms_of_places(reader, first, stop)][kept].astype(np.int64)
        owners = reader.places(postings).owners[kept]
        live.word_places[:] += np.bincount(words, minlength=len(reader.words))
        live.word_docs[:] += _count_pairs(words, owners, len(reader.words))
    return live


def _count_pairs(words: Array, postings: Array, size: int) -> Array:
    """In how many postings each word occurs (`size` numbers); the arrays name word and posting of every place."""
    top = int(postings.max(initial=0)) + 1
    # Sorting is ten times as fast as NumPy's hashing `unique`.
    pairs = words * top + postings
    pairs.sort()
    distinct = np.append(pairs[:1], pairs[1:].compress(pairs[1:] != pairs[:-1]))
    return np.bincount(distinct // top, minlength=size)


def _forms_of_places(reader: SegmentReader, first: int, stop: int) -> Array:
    """For each place of the stems first to stop - 1, in order, which of the reader's `forms` stands there (int32)."""
    counts = _sizes(reader.stem_places[first : stop + 1])
    forms = np.repeat(reader.stem_forms[first:stop].astype(np.int32), counts)
    several = np.repeat(_sizes(reader.stem_forms[first : stop + 1]) > 1, counts)
    forms[several] += reader.variants[int(reader.stem_variants[first]) : int(reader.stem_variants[stop])]
    return forms


def _united(strings: Sequence[Strings], live: Sequence[Array]) -> tuple[list[bytes], list[Array]]:
    """The live (bool) strings of all parts, ascending, and each part's old number → new number (-1: gone)."""
    joined, offsets, codes = united([(np.frombuffer(part.view, np.uint8), part.offsets) for part in strings])
    used = np.zeros(len(offsets) - 1, np.bool_)
    for own, kept in zip(codes, live, strict=True):
        used[own[kept]] = True
    numbers = np.where(used, used.cumsum() - 1, -1)
    every = Strings(joined, offsets).between(0, len(used))
    return list(compress(every, used.tolist())), [numbers.take(own) for own in codes]
