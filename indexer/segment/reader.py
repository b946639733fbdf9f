"""SegmentReader: the arrays of one article segment, mapped into memory. The format is specified in `format`."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import zstandard

from indexer.article import Article
from indexer.errors import CorruptSegmentError
from indexer.schema import MAX_FREQUENCY
from indexer.segment.blocks import BlockFile
from indexer.segment.format import KIND, STORED, STRIDE

Array = npt.NDArray[Any]

_FREQUENCY_MASK: Final = np.uint16(0x7F)
_EIGHT: Final = np.uint16(8)


class Strings:
    """Byte strings in ascending order, searched where they lie.

    view     their bytes, joined
    offsets  (n + 1,) u4
    """

    __slots__ = ("offsets", "view")

    def __init__(self, view: memoryview, offsets: Array) -> None:
        self.view = view
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return bytes(self.view[self.offsets[number] : self.offsets[number + 1]])

    def place(self, string: bytes) -> int:
        """How many of the strings are less than `string`."""
        return bisect_left(self, string)  # type: ignore[arg-type]  # a Sequence in all that bisect asks

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
        return [joined[a - start : b - start] for a, b in zip(offsets, offsets[1:], strict=False)]


class Places(NamedTuple):
    """Occurrences of terms in some postings.

    owners     (places,) int64: which of the postings asked for
    positions  (places,) u2 or u4
    numbers    (places,) int64 place numbers
    """

    owners: Array
    positions: Array
    numbers: Array


class Column(NamedTuple):
    """The values of one field.

    values    distinct display forms
    ordinals  index into `values`: a row each (NO_VALUE for none), or with `offsets` a CSR
    offsets   (n + 1,) u4, or None
    """

    values: tuple[str, ...]
    ordinals: Array
    offsets: Array | None


class SegmentReader:
    """One segment. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.file = file = BlockFile(path)
        if file.meta.get("kind") != KIND:
            raise CorruptSegmentError(f"{path} holds no articles")
        self.doc_count: int = file.meta["docs"]
        array = file.array
        self.dates = array("dates")
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
        self.positions = array("positions")
        self.variants = array("variants")
        self.anchors = array("anchors")
        self.anchor_offsets = array("anchors.offsets")
        self._ids = Strings(file.view("ids"), array("ids.offsets"))
        self._frames = file.view("stored")
        self._frame_offsets = array("stored.offsets")
        self._columns: dict[str, Column] = {}
        self._lock = Lock()
        self._decompressors: list[zstandard.ZstdDecompressor] = []
        # The number of dated documents: they come first.
        self.dated = int((-self.dates).searchsorted(np.iinfo(np.int64).max, "left")) if self.doc_count else 0

    # Terms

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

    def frequencies(self, postings: Array | slice) -> Array:
        """The true frequencies (int64) of postings given by number or as a slice."""
        counts = (self.keys[postings] >> _EIGHT & _FREQUENCY_MASK).astype(np.int64)
        if len(self.long):
            capped = np.flatnonzero(counts == MAX_FREQUENCY)
            if len(capped):
                numbers = capped + postings.start if isinstance(postings, slice) else postings[capped]
                counts[capped] = self.long_frequencies[self.long.searchsorted(numbers)]
        return counts

    def places(self, postings: Array | slice) -> Places:
        """All occurrences in some postings (numbers, ascending, or a slice), in order."""
        counts = self.frequencies(postings)
        total = int(counts.sum())
        before = counts.cumsum()
        before -= counts
        if isinstance(postings, slice):
            first = int(self._starts_of(np.array([postings.start], np.int64))[0]) if len(counts) else 0
            numbers = np.arange(first, first + total)
        else:
            numbers = np.repeat(self._starts_of(postings) - before, counts)
            numbers += np.arange(total)
        owners = np.repeat(np.arange(len(counts)), counts)
        return Places(owners, self.positions[numbers], numbers)

    def _starts_of(self, postings: Array) -> Array:
        """The number of the first place of each posting (int64)."""
        strides = postings // STRIDE
        starts = self.starts[strides].astype(np.int64)
        rest = postings - strides * STRIDE
        for step in range(STRIDE - 1):
            behind = np.flatnonzero(rest > step)
            if not len(behind):
                break
            starts[behind] += self.frequencies(strides[behind] * STRIDE + step)
        return starts

    def has_form(self, stem: int, form: int, numbers: Array) -> Array:
        """Which of the places (numbers) of a stem with several forms show the form."""
        shift = int(self.stem_variants[stem]) - int(self.stem_places[stem])
        mask: Array = self.variants[numbers + shift] == form
        return mask

    # Articles

    def article(self, doc: int) -> Article:
        """The stored article of a document."""
        record = self._record(doc)
        cut = record.index(b"\n")
        values = dict(zip(STORED, orjson.loads(record[:cut]), strict=True))
        values["body"] = record[cut + 1 :].decode()
        return Article.from_dict(values)

    def _record(self, doc: int) -> bytes:
        frame = self._frames[self._frame_offsets[doc] : self._frame_offsets[doc + 1]]
        with self._lock:
            # A decompressor serves one thread at a time.
            decompressor = self._decompressors.pop() if self._decompressors else None
        try:
            decompressor = decompressor or self._new_decompressor(frame)
            record: bytes = decompressor.decompress(frame)
        except zstandard.ZstdError:
            # Another dictionary: a merged segment has several.
            decompressor = self._new_decompressor(frame)
            try:
                record = decompressor.decompress(frame)
            except zstandard.ZstdError as error:
                raise CorruptSegmentError(f"{self.file.path}: article {doc} is damaged ({error})") from error
        with self._lock:
            self._decompressors.append(decompressor)
        return record

    def _new_decompressor(self, frame: memoryview) -> zstandard.ZstdDecompressor:
        wanted = zstandard.get_frame_parameters(frame).dict_id
        dictionary = self.dictionaries.get(wanted)
        return zstandard.ZstdDecompressor(dict_data=dictionary) if dictionary else zstandard.ZstdDecompressor()

    @cached_property
    def dictionaries(self) -> dict[int, zstandard.ZstdCompressionDict]:
        """The Zstandard dictionaries of the stored articles, by their own ids."""
        joined, offsets = self.file.view("dictionaries"), self.file.array("dictionaries.offsets")
        found = [
            zstandard.ZstdCompressionDict(bytes(joined[a:b])) for a, b in zip(offsets, offsets[1:], strict=False)
        ]
        return {dictionary.dict_id(): dictionary for dictionary in found}

    def article_id(self, doc: int) -> str:
        """The article id of a document."""
        return self._ids[doc].decode()

    def find(self, article_id: str) -> int:
        """The document with an article id, or -1; it may be deleted."""
        wanted = article_id.encode("utf-8", "surrogatepass")
        order, ids = self._id_order, self._ids
        place = bisect_left(range(len(order)), wanted, key=lambda rank: ids[order[rank]])
        return int(order[place]) if place < len(order) and ids[order[place]] == wanted else -1

    @cached_property
    def _id_order(self) -> Array:
        return self.file.array("ids.sorted")

    @cached_property
    def digests(self) -> Array:
        """(n,) V16: Article.content_hash() of every document."""
        return self.file.array("digests")

    def column(self, name: str) -> Column:
        """A column by name, see format.COLUMNS."""
        found = self._columns.get(name)
        if found is None:
            offsets = self.file.array(name + ".offsets") if name + ".offsets" in self.file else None
            values = tuple(orjson.loads(self.file.view(name + ".values")))
            found = self._columns[name] = Column(values, self.file.array(name + ".ordinals"), offsets)
        return found
