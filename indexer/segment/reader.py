"""SegmentReader: the arrays of one article segment, mapped into memory. The format is specified in `format`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from threading import local
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import zstandard

from indexer.analysis import whole_value
from indexer.article import Article, article_of
from indexer.errors import CorruptSegmentError
from indexer.fields import MAX_FREQUENCY
from indexer.native.docs import common, counted
from indexer.native.segment import Blocks, Segment, Stem
from indexer.native.strings import Sorted
from indexer.segment.blocks import BlockFile
from indexer.segment.format import KIND, STRIDE, UNDATED, id_hashes

Array = npt.NDArray[Any]

_FREQUENCY_MASK: Final = np.uint16(0x7F)
_EIGHT: Final = np.uint16(8)
# So many values of a column are compared one by one.
_COMPARED: Final = 16
_PIECE: Final = 65536
_KNOWN_WORDS: Final = 1000
# (STRIDE, STRIDE): row n has the frequency's bits for the n postings of a stride that stand before its posting n.
_BEFORE: Final = np.tri(STRIDE, k=-1, dtype=np.uint16) * _FREQUENCY_MASK


class Strings:
    """Byte strings in ascending order, searched where they lie.

    view     their bytes, joined
    offsets  (n + 1,) u4
    """

    def __init__(self, view: memoryview, offsets: Array) -> None:
        self.view = view
        self.offsets = offsets

    @cached_property
    def sorted(self) -> Sorted:
        """As the loops look at them."""
        return Sorted(np.frombuffer(self.view, np.uint8), self.offsets)

    @classmethod
    def of(cls, strings: Sequence[bytes]) -> Strings:
        """Strings, not necessarily in order: they cannot be searched."""
        return cls(memoryview(b"".join(strings)), np.cumsum([0, *map(len, strings)], dtype=np.uint32))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return bytes(self.view[self.offsets[number] : self.offsets[number + 1]])

    def place(self, string: bytes) -> int:
        """How many of the strings are less than `string`."""
        return self.sorted.place(string)

    def find(self, string: bytes) -> int:
        """The number of `string`, or -1."""
        number = self.place(string)
        return number if number < len(self) and self[number] == string else -1

    def starting(self, prefix: bytes) -> tuple[int, int]:
        """The numbers (first, stop) of the strings that begin with `prefix`."""
        first = self.place(prefix)
        after = prefix.rstrip(b"\xff")
        stop = self.place(after[:-1] + bytes([after[-1] + 1])) if after else len(self)
        return first, stop

    def between(self, first: int, stop: int) -> list[bytes]:
        """The strings numbered first to stop - 1."""
        offsets = self.offsets[first : stop + 1].tolist()
        if not offsets:
            return []
        joined = bytes(self.view[offsets[0] : offsets[-1]])
        start = offsets[0]
        return [joined[a - start : b - start] for a, b in pairwise(offsets)]


def ranges(sizes: Array, most: int) -> Iterator[tuple[int, int]]:
    """Cut rows of some sizes into ranges (first, stop) of at most `most` together, or of a row that is larger."""
    total = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = int(total[first - 1]) if first else 0
        stop = max(first + 1, int(np.searchsorted(total, before + most, "right")))
        yield first, stop
        first = stop


class Places(NamedTuple):
    """Occurrences of terms in some postings.

    owners     (places,) int64: which of the postings asked for
    positions  (places,) u2 or u4
    numbers    (places,) int64 place numbers
    """

    owners: Array
    positions: Array
    numbers: Array


@dataclass(frozen=True)
class Column:
    """The values of one field.

    values    distinct display forms
    folded    the same folded, see analysis.whole_value
    places    folded form → its indices in `values`
    ordinals  index into `values`: one a row (len(values) for none), or with `offsets` a CSR
    offsets   (n + 1,) u4, or None
    """

    values: tuple[str, ...]
    folded: tuple[str, ...]
    places: dict[str, list[int]]
    ordinals: Array
    offsets: Array | None

    def numbers(self, folded: Iterable[str]) -> list[int]:
        """The indices in `values` of those that have one of some folded forms."""
        return [number for value in folded for number in self.places.get(value, ())]

    def holds(self, chosen: Sequence[int], docs: Array | None) -> Array:
        """Which of `docs` (None: of all documents) have at least one of the chosen values (indices)."""
        if self.offsets is None:
            ordinals = self.ordinals if docs is None else self.ordinals.take(docs)
            if 0 < len(chosen) <= _COMPARED:
                # Comparing is ten times as fast as looking every ordinal up.
                mask: Array = ordinals == chosen[0]
                for number in chosen[1:]:
                    mask |= ordinals == number
                return mask
            return self._flags(chosen).take(ordinals)
        counts = np.zeros(len(self.ordinals) + 1, np.int64)
        np.cumsum(self._flags(chosen)[self.ordinals], out=counts[1:])
        before = counts[self.offsets]
        held: Array = before[1:] > before[:-1] if docs is None else before[docs + 1] > before[docs]
        return held

    def documents(self, chosen: Sequence[int]) -> Array:
        """All documents (u4, ascending) with at least one of the chosen values (indices)."""
        docs, bounds = self._by_value
        parts = [docs[bounds[number] : bounds[number + 1]] for number in chosen]
        if len(parts) == 1:
            return parts[0]
        found: Array = np.unique(np.concatenate([docs[:0], *parts]))
        return found

    @cached_property
    def _by_value(self) -> tuple[Array, Array]:
        """All documents (u4) by value, then ascending, and where those of each value begin."""
        order = self.ordinals.argsort(kind="stable")
        if self.offsets is None:
            docs = order.astype(np.uint32)
        else:
            docs = np.arange(self.size, dtype=np.uint32).repeat(np.diff(self.offsets)).take(order)
        return docs, np.append(0, self.counts[0].cumsum())

    def _flags(self, chosen: Sequence[int]) -> Array:
        flags: Array = np.zeros(len(self.values) + 1, np.bool_)
        flags[chosen] = True
        return flags

    @property
    def size(self) -> int:
        """The number of documents."""
        return len(self.ordinals) if self.offsets is None else len(self.offsets) - 1

    def counted(self, docs: Array) -> tuple[Array, int]:
        """How many of `docs` have each value (int64), and how many have none."""
        if self.offsets is None:
            return counted(docs, self.ordinals, len(self.values))
        starts = self.offsets[docs].astype(np.int64)
        lengths = self.offsets[docs + 1] - starts
        pairs = np.repeat(starts - (lengths.cumsum() - lengths), lengths) + np.arange(lengths.sum())
        return np.bincount(self.ordinals[pairs], minlength=len(self.values)), int(np.count_nonzero(lengths == 0))

    @cached_property
    def counts(self) -> tuple[Array, int]:
        """The same for all documents."""
        # In pieces: NumPy would first copy a whole column to another type.
        pieces = [self.ordinals[start : start + _PIECE] for start in range(0, len(self.ordinals), _PIECE)]
        tally = np.zeros(len(self.values) + 1, np.int64)
        for piece in pieces:
            tally += np.bincount(piece, minlength=len(tally))
        if self.offsets is None:
            return tally[:-1], int(tally[-1])
        return tally[:-1], int(np.count_nonzero(self.offsets[1:] == self.offsets[:-1]))


class Word(NamedTuple):
    """A surface word, or a stem, as a segment holds it.

    stem, form   numbers; stem -1: not there, form -1: any
    first, stop  the stem's postings
    shift        see native.segment.Stem
    part         where it is sought: "text", "title" or "body"
    """

    stem: int
    form: int
    first: int
    stop: int
    shift: int
    part: str

    @property
    def asked(self) -> tuple[Stem, int]:
        """As the loops are asked for it."""
        return Stem(self.first, self.stop, self.shift), self.form


class SegmentReader:
    """One segment. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.file = file = BlockFile(path)
        if file.meta.get("kind") != KIND:
            raise CorruptSegmentError(f"{path} holds no articles")
        self.doc_count: int = file.meta.get("docs", -1)
        array = file.array
        self.ages = array("ages")
        self.lengths = array("lengths")
        self.title_lengths = array("title_lengths")
        self.stems = Strings(file.view("stems"), array("stems.offsets"))
        self.words = Strings(file.view("words"), array("words.offsets"))
        self.stem_postings = array("stems.postings")
        self.stem_places = array("stems.places")
        self.stem_forms = array("stems.forms")
        self.stem_variants = array("stems.variants")
        self.forms = array("forms")
        self.word_stems = array("words.stems")
        self.word_docs = array("words.docs")
        self.word_places = array("words.places")
        self.docs = array("postings.docs")
        self.keys = array("postings.keys")
        self.starts = array("postings.starts")
        self.long = array("postings.long")
        self.long_frequencies = array("postings.frequencies")
        self._any_long = len(self.long) > 0
        whole = len(self.keys) // STRIDE * STRIDE
        self._strides = self.keys[:whole].reshape(-1, STRIDE)
        self._last_stride = np.zeros(STRIDE, np.uint16)
        self._last_stride[: len(self.keys) - whole] = self.keys[whole:]
        self.positions = array("positions")
        self.variants = array("variants")
        self.anchors = array("anchors")
        self.anchor_offsets = array("anchors.offsets")
        self.id_hashes = array("ids.hashes")
        self.id_docs = array("ids.docs")
        self.ids = Strings(file.view("ids"), array("ids.offsets"))
        self._frames = file.view("stored")
        self._frame_offsets = array("stored.offsets")
        self._columns: dict[str, Column] = {}
        self._words: dict[tuple[str, str], Word] = {}
        self._local = local()
        rows = {
            len(part) for part in (self.ages, self.lengths, self.title_lengths, self.id_hashes, self.id_docs, self.ids)
        }
        if rows | {len(self._frame_offsets) - 1} != {self.doc_count}:
            raise CorruptSegmentError(f"{path} has blocks of different numbers of articles")
        # The number of dated documents: they come first.
        self.dated = int(self.ages.searchsorted(UNDATED))

    @cached_property
    def native(self) -> Segment:
        """What the loops are told of it."""
        return Segment(
            Blocks(
                docs=self.docs,
                keys=self.keys,
                long=self.long,
                long_frequencies=self.long_frequencies,
                title_lengths=self.title_lengths,
                stem_postings=self.stem_postings,
                stem_forms=self.stem_forms,
                forms=self.forms,
                word_stems=self.word_stems,
                anchor_offsets=self.anchor_offsets,
                starts=self.starts,
                positions=self.positions,
                variants=self.variants,
                stem_places=self.stem_places,
                stem_variants=self.stem_variants,
                anchors=self.anchors,
            )
        )

    @cached_property
    def every_doc(self) -> Array:
        """(n,) u4: the numbers of all documents."""
        every = np.arange(self.doc_count, dtype=np.uint32)
        every.flags.writeable = False
        return every

    # Terms

    def word(self, text: str, field: str) -> Word:
        """A word of one of the text fields, or a stem of one of those whose names end so."""
        found = self._words.get((text, field))
        if found is None:
            # A request asks for each of its words several times.
            if len(self._words) >= _KNOWN_WORDS:
                self._words.clear()
            found = self._words[text, field] = self._word(text, field)
        return found

    def _word(self, text: str, field: str) -> Word:
        form = -1
        if field.endswith("_stem"):
            stem = self.stems.find(text.encode())
        else:
            stem = number = self.words.find(text.encode())
            if number >= 0:
                stem, own, forms = self.form_of(number)
                form = own if forms > 1 else -1
        part = field.removesuffix("_stem")
        if stem < 0:
            return Word(-1, -1, 0, 0, 0, part)
        first, stop = self.stem_range(stem)
        if not 0 <= first <= stop <= self.native.posting_count:
            raise CorruptSegmentError(f"{self.file.path} has postings that contradict each other")
        return Word(stem, form, first, stop, int(self.stem_variants[stem]) - int(self.stem_places[stem]), part)

    def stem_range(self, stem: int) -> tuple[int, int]:
        """The postings (first, stop) of a stem."""
        return int(self.stem_postings[stem]), int(self.stem_postings[stem + 1])

    def form_of(self, word: int) -> tuple[int, int, int]:
        """The stem of a word, its form and the number of forms its stem has."""
        stem = int(self.word_stems[word])
        first, stop = int(self.stem_forms[stem]), int(self.stem_forms[stem + 1])
        form = int(self.forms[first:stop].searchsorted(word))
        return stem, form, stop - first

    # Postings

    def among(self, docs: Array, among: Array) -> Array:
        """Which of `docs` are in `among` (both u4, ascending)."""
        mask: Array = np.zeros(len(docs), np.bool_)
        mask[common(docs, among, self.doc_count)[0]] = True
        return mask

    def frequencies(self, postings: Array | slice) -> Array:
        """The true frequencies (int64, of the same shape) of postings given by number or as a slice."""
        counts = (self.keys[postings] >> _EIGHT & _FREQUENCY_MASK).astype(np.int64)
        if self._any_long:
            capped = (counts == MAX_FREQUENCY).nonzero()
            if len(capped[0]):
                numbers = capped[0] + postings.start if isinstance(postings, slice) else postings[capped]
                # In a damaged segment one may lie past the last long posting.
                counts[capped] = self.long_frequencies.take(self.long.searchsorted(numbers), mode="clip")
        return counts

    def places(self, postings: Array | slice) -> Places:
        """All occurrences in some postings (numbers, ascending, or a slice), in order."""
        counts = self.frequencies(postings)
        ends = counts.cumsum()
        total = int(ends[-1]) if len(ends) else 0
        owners = np.arange(len(counts)).repeat(counts)
        if isinstance(postings, slice):
            first = self._first_place(postings.start) if total else 0
            return Places(owners, self.positions[first : first + total], np.arange(first, first + total))
        numbers = (self._starts_of(postings) - ends + counts).repeat(counts)
        numbers += np.arange(total)
        return Places(owners, self.positions.take(numbers), numbers)

    def _first_place(self, posting: int) -> int:
        stride = posting // STRIDE
        behind = slice(stride * STRIDE, posting)
        return int(self.starts[stride]) + int(self.frequencies(behind).sum())

    def _starts_of(self, postings: Array) -> Array:
        """The number of the first place of each posting (int64)."""
        if not len(postings):
            return postings
        first, last = int(postings[0]), int(postings[-1])
        if last - first < STRIDE * len(postings):
            # They lie close: count through all between them.
            counts = self.frequencies(slice(first, last + 1))
            before = counts.cumsum()
            before -= counts
            starts: Array = before[postings - first] + self._first_place(first)
            return starts
        strides = postings // STRIDE
        counts = self._strides.take(strides, axis=0, mode="clip")
        if strides[-1] == len(self._strides):
            counts[strides == len(self._strides)] = self._last_stride
        counts >>= _EIGHT
        counts &= _BEFORE.take(postings % STRIDE, axis=0)
        found: Array = self.starts.take(strides).astype(np.int64) + np.einsum("ij->i", counts, dtype=np.int64)
        if self._any_long:
            row, step = (counts == MAX_FREQUENCY).nonzero()
            if len(row):
                places = self.long.searchsorted(strides[row] * STRIDE + step)
                longer = self.long_frequencies.take(places, mode="clip")
                np.add.at(found, row, longer.astype(np.int64) - MAX_FREQUENCY)
        return found

    def has_form(self, stem: int, form: int, numbers: Array) -> Array:
        """Which of the places (numbers) of a stem with several forms show the form."""
        shift = int(self.stem_variants[stem]) - int(self.stem_places[stem])
        mask: Array = self.variants.take(numbers + shift) == form
        return mask

    # Articles

    def article(self, doc: int) -> Article:
        """The stored article of a document."""
        return self.articles([doc])[0][0]

    def articles(self, docs: Iterable[int]) -> list[tuple[Article, bytes]]:
        """The stored articles of some documents, each with its body in UTF-8, which anchors count in."""
        # A decompressor serves one thread at a time.
        pool: dict[Any, zstandard.ZstdDecompressor] = self._local.__dict__
        frames, offsets = self._frames, self._frame_offsets
        found = []
        for doc in docs:
            try:
                frame = frames[offsets[doc] : offsets[doc + 1]]
                wanted = zstandard.get_frame_parameters(frame).dict_id
                record = (pool.get(wanted) or self._decompressor(pool, wanted)).decompress(frame)
                cut = record.index(b"\n")
                id, url, title, source, date, precision, method, authors, credits, section, topics, language = (
                    orjson.loads(record[:cut])
                )
                body = record[cut + 1 :]
                article = article_of(
                    id,
                    url,
                    title,
                    body.decode(),
                    source,
                    datetime.fromisoformat(date) if date else None,
                    precision,
                    method,
                    tuple(authors),
                    tuple(credits),
                    section,
                    tuple(topics),
                    language,
                )
            except (zstandard.ZstdError, ValueError, TypeError) as error:
                raise CorruptSegmentError(f"{self.file.path}: article {doc} is damaged ({error})") from error
            found.append((article, body))
        return found

    def _decompressor(self, pool: dict[Any, zstandard.ZstdDecompressor], wanted: int) -> zstandard.ZstdDecompressor:
        """One for the frames of a dictionary, which the pool gets too."""
        made = pool[wanted] = zstandard.ZstdDecompressor(dict_data=self.dictionaries.get(wanted))
        return made

    @cached_property
    def dictionaries(self) -> dict[int, zstandard.ZstdCompressionDict]:
        """The Zstandard dictionaries of the stored articles, by their own ids."""
        joined, offsets = self.file.view("dictionaries"), self.file.array("dictionaries.offsets")
        found = [zstandard.ZstdCompressionDict(bytes(joined[a:b])) for a, b in pairwise(offsets)]
        return {dictionary.dict_id(): dictionary for dictionary in found}

    def article_id(self, doc: int) -> str:
        """The article id of a document."""
        return self.ids[doc].decode()

    def find(self, article_id: str) -> int:
        """The document with an article id, or -1; it may be deleted."""
        wanted = article_id.encode("utf-8", "surrogatepass")
        [hashed] = id_hashes([wanted])
        place = int(self.id_hashes.searchsorted(hashed))
        while place < self.doc_count and self.id_hashes[place] == hashed:
            doc = int(self.id_docs[place])
            if self.ids[doc] == wanted:
                return doc
            place += 1
        return -1

    @cached_property
    def digests(self) -> Array:
        """(n,) V16: of every document, see builder.digest."""
        return self.file.array("digests")

    def column(self, name: str) -> Column:
        """A column by name, see format.COLUMNS."""
        found = self._columns.get(name)
        if found is None:
            offsets = self.file.array(name + ".offsets") if name + ".offsets" in self.file else None
            values = tuple(orjson.loads(self.file.view(name + ".values")))
            folded = tuple(map(whole_value, values))
            places: dict[str, list[int]] = {}
            for number, value in enumerate(folded):
                places.setdefault(value, []).append(number)
            found = self._columns[name] = Column(values, folded, places, self.file.array(name + ".ordinals"), offsets)
        return found
