"""Generic segment, format 1: the blocks of a segment whose schema is not Broadsheet's.

The container is that of `blocks`. `n` documents; F is a field's name. NAME with NAME.offsets are byte strings:
string i is NAME[offsets[i]:offsets[i + 1]]. Unsigned integers have the smallest type that holds all of a block.

Documents
    stored, stored.offsets          typed JSON (see `typed_json`) of each document's stored fields, one Zstandard
                                    frame each; an empty string where nothing is stored
    lengths:F        u1[n]          length bytes (Whoosh's length_to_byte) of the field, 0 where it is absent
    column:F                        what the Whoosh column of the field writes; for columns that Whoosh would
                                    pickle, a column of byte strings with typed JSON
    vector.docs:F    u[v]           ascending documents with a term vector
    vector.postings:F u[v + 1]      where each vector begins and the last ends, in the next two
    vector.terms:F, vector.terms:F.offsets, vector.weights:F f8
    vector.values:F.*               values, see `values`

Terms, for each indexed field
    terms:F, terms:F.offsets        t terms, ascending
    postings:F       u[t + 1]       where each term's postings begin and the last's end
    max_weights:F    f4[t]          the greatest weight among them
    total_weights:F  f8[t]          their sum
    min_lengths:F, max_lengths:F    u1[t] least and greatest length byte of the documents
    doc_ids:F        u4[p]          ascending in each term
    weights:F        u1, u2 or f4   absent where every weight is 1
    values:F.*                      values, see `values`

meta: kind "generic", docs n, lengths {F: sum of the true lengths}, fields {F: layout of its values},
vectors {F: layout of its values}
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from functools import cached_property
from io import BytesIO
from typing import Any, Final

import numpy as np
import zstandard
from whoosh import columns
from whoosh.codec.base import FieldWriter, OutOfOrderError
from whoosh.filedb.structfile import BufferFile, StructFile
from whoosh.reading import TermInfo
from whoosh.util.numeric import length_to_byte

from indexer.segment import typed_json
from indexer.segment.draft import Array, Blocks, Draft, narrow, offsets
from indexer.segment.format import LENGTH_OF_BYTE
from indexer.segment.matcher import PostingsMatcher
from indexer.segment.perdocument import ColumnarPerDocumentReader, Document
from indexer.segment.reader import Strings
from indexer.segment.terms import IndexedField, Term
from indexer.segment.values import StoredValues, write_values

KIND: Final = "generic"
_LENGTHS: Final[list[int]] = LENGTH_OF_BYTE.tolist()
_NO_LENGTH: Final = 255


class GenericDocuments:
    """Collects stored fields, lengths, columns and vectors in memory, and adds them to the draft when closed."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._compress = zstandard.ZstdCompressor(level=3).compress
        self._stored: list[bytes] = []
        self._lengths: dict[str, bytearray] = {}
        self._total_lengths: dict[str, int] = {}
        self._columns: dict[str, tuple[BytesIO, Any]] = {}
        self._vectors: dict[str, _Vectors] = {}

    def add(self, document: Document) -> None:
        """Take a document. Raises InputError for a value that cannot be stored."""
        docnum = len(self._stored)
        record = self._compress(typed_json.dumps(document.stored)) if document.stored else b""
        for name, length in document.lengths.items():
            found = self._lengths.setdefault(name, bytearray())
            found.extend(bytes(docnum - len(found)))
            found.append(length_to_byte(length))
            self._total_lengths[name] = self._total_lengths.get(name, 0) + length
        for name, (column, value) in document.columns.items():
            if name not in self._columns:
                file = BytesIO()
                self._columns[name] = file, without_pickle(column).writer(StructFile(file))
            self._columns[name][1].add(docnum, value)
        for name, (format_, items) in document.vectors.items():
            if items:
                self._vectors.setdefault(name, _Vectors(format_)).add(docnum, items)
        self._stored.append(record)

    def close(self) -> None:
        """Add the blocks to the draft."""
        draft, docs = self._draft, len(self._stored)
        draft.meta |= {"kind": KIND, "docs": docs, "lengths": self._total_lengths, "vectors": {}}
        draft.add_strings("stored", self._stored)
        for name, lengths in self._lengths.items():
            draft.add(f"lengths:{name}", bytes(lengths.ljust(docs, b"\0")))
        for name, (file, writer) in self._columns.items():
            writer.finish(docs)
            draft.add(f"column:{name}", file.getvalue())
        for name, vectors in self._vectors.items():
            draft.meta["vectors"][name] = vectors.write(draft, name)


class _Vectors:
    """The term vectors of one field."""

    def __init__(self, format_: Any) -> None:
        self._format = format_
        self._docs: list[int] = []
        self._counts: list[int] = []
        self._items: list[tuple[str, float, bytes]] = []

    def add(self, docnum: int, items: list[tuple[str, float, bytes]]) -> None:
        self._docs.append(docnum)
        self._counts.append(len(items))
        self._items += items

    def write(self, draft: Draft, name: str) -> str:
        """Add the blocks; returns the layout of the values."""
        draft.add(f"vector.docs:{name}", narrow(np.array(self._docs)))
        draft.add(f"vector.postings:{name}", offsets(self._counts))
        draft.add_strings(f"vector.terms:{name}", [term.encode() for term, _, _ in self._items])
        draft.add(f"vector.weights:{name}", np.array([weight for _, weight, _ in self._items], np.float64))
        return write_values(draft, f"vector.values:{name}.", self._format, [value for _, _, value in self._items])


class GenericFieldWriter(FieldWriter):  # type: ignore[misc]
    """Collects the postings of one field after the other and adds them to the draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._draft.meta.setdefault("kind", KIND)
        self._layouts: dict[str, str] = self._draft.meta.setdefault("fields", {})

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        """Begin a field."""
        if fieldname in self._layouts:
            raise OutOfOrderError(f"field {fieldname!r} comes twice")
        self._name = fieldname
        self._format = fieldobj.format
        self._terms: list[bytes] = []
        self._counts: list[int] = []
        self._doc_ids = array("I")
        self._weights = array("f")
        self._values: list[bytes] = []
        self._lengths = bytearray()

    def start_term(self, text: bytes) -> None:
        """Begin a term of the field."""
        self._terms.append(text)
        self._counts.append(0)

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int | None) -> None:
        """Add a posting of the term."""
        self._counts[-1] += 1
        self._doc_ids.append(docnum)
        self._weights.append(weight)
        self._values.append(vbytes)
        self._lengths.append(length_to_byte(length) if length else 0)

    def finish_term(self) -> None:
        """The term is complete."""

    def finish_field(self) -> None:
        """The field is complete: add its blocks."""
        draft, name = self._draft, self._name
        firsts = offsets(self._counts)
        weights = np.array(self._weights, np.float32)
        lengths = np.frombuffer(bytes(self._lengths), np.uint8)
        # No length is no lower bound; reduceat takes the start of each run.
        starts = firsts[:-1].astype(np.intp)
        least = np.minimum.reduceat(np.where(lengths, lengths, _NO_LENGTH), starts)
        draft.add_strings(f"terms:{name}", self._terms)
        draft.add(f"postings:{name}", firsts)
        draft.add(f"max_weights:{name}", np.maximum.reduceat(weights, starts))
        draft.add(f"total_weights:{name}", np.add.reduceat(weights, starts, dtype=np.float64))
        draft.add(f"min_lengths:{name}", np.where(least == _NO_LENGTH, 0, least).astype(np.uint8))
        draft.add(f"max_lengths:{name}", np.maximum.reduceat(lengths, starts))
        draft.add(f"doc_ids:{name}", np.array(self._doc_ids, np.uint32))
        if (weights != 1).any():
            draft.add(f"weights:{name}", _narrow_weights(weights))
        self._layouts[name] = write_values(draft, f"values:{name}.", self._format, self._values)


def _narrow_weights(weights: Array) -> Array:
    """Weights as u1 or u2 where that loses nothing."""
    if weights.min() >= 0 and weights.max() <= 0xFFFF and (weights == weights.astype(np.uint16)).all():
        return narrow(weights.astype(np.uint16))
    return weights


def without_pickle(column: Any) -> Any:
    """The column itself, or in place of one that pickles a column that gives the same values."""
    if isinstance(column, columns.PickleColumn):
        return _TypedJsonColumn(columns.VarBytesColumn())
    if isinstance(column, columns.CompressedBlockColumn):
        return columns.CompressedBytesColumn()
    return column


class _TypedJsonColumn(columns.WrappedColumn):  # type: ignore[misc]
    """Any storable value, None by default, as typed JSON in a column of byte strings."""

    class Writer(columns.WrappedColumnWriter):  # type: ignore[misc]
        def add(self, docnum: int, value: Any) -> None:
            self._child.add(docnum, b"" if value is None else typed_json.dumps(value))

    class Reader(columns.WrappedColumnReader):  # type: ignore[misc]
        def __getitem__(self, docnum: int) -> Any:
            data = self._child[docnum]
            return typed_json.loads(data) if data else None

        def __iter__(self) -> Iterator[Any]:
            return (typed_json.loads(data) if data else None for data in self._child)


class GenericPerDocumentReader(ColumnarPerDocumentReader):
    """Lengths, columns, vectors and stored fields of a generic segment."""

    def __init__(self, blocks: Blocks, segment: Any) -> None:
        super().__init__(segment)
        self._blocks = blocks

    def has_column(self, fieldname: str) -> bool:
        """Whether any document has a column value of the field."""
        return f"column:{fieldname}" in self._blocks

    def column_reader(self, fieldname: str, column: Any) -> Any:
        """Whoosh's reader of a column."""
        data = self._blocks.view(f"column:{fieldname}")
        return without_pickle(column).reader(BufferFile(data), 0, len(data), self._blocks.meta["docs"])

    def _length_bytes(self, fieldname: str) -> Array | None:
        name = f"lengths:{fieldname}"
        return self._blocks.array(name) if name in self._blocks else None

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The length of a field in a document as Whoosh approximates it, `default` where it has none."""
        lengths = self._length_bytes(fieldname)
        return default if lengths is None else _LENGTHS[lengths[docnum]] or default

    def field_length(self, fieldname: str) -> int:
        """The sum of the true lengths of a field."""
        return int(self._blocks.meta["lengths"].get(fieldname, 0))

    def min_field_length(self, fieldname: str) -> int:
        """The least length of a field; 0 where a document lacks it."""
        lengths = self._length_bytes(fieldname)
        return 0 if lengths is None else _LENGTHS[lengths.min(initial=255)]

    def max_field_length(self, fieldname: str) -> int:
        """The greatest length of a field."""
        lengths = self._length_bytes(fieldname)
        return 0 if lengths is None else _LENGTHS[lengths.max(initial=0)]

    def _vector(self, docnum: int, fieldname: str) -> tuple[int, int] | None:
        """The span of a document's vector among the vector postings of the field."""
        if fieldname not in self._blocks.meta["vectors"]:
            return None
        docs = self._blocks.array(f"vector.docs:{fieldname}")
        row = int(docs.searchsorted(docnum))
        if row == len(docs) or docs[row] != docnum:
            return None
        firsts = self._blocks.array(f"vector.postings:{fieldname}")
        return int(firsts[row]), int(firsts[row + 1])

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Whether a document has a term vector of the field."""
        return self._vector(docnum, fieldname) is not None

    def vector(self, docnum: int, fieldname: str, format_: Any) -> PostingsMatcher:
        """The term vector of a document: a matcher whose ids are terms. Raises KeyError where there is none."""
        span = self._vector(docnum, fieldname)
        if span is None:
            raise KeyError(f"field {fieldname!r} of document {docnum} has no vector")
        blocks, (first, stop) = self._blocks, span
        terms = Strings(blocks.view(f"vector.terms:{fieldname}"), blocks.array(f"vector.terms:{fieldname}.offsets"))
        ids = np.array([term.decode() for term in terms.between(first, stop)], object)
        weights = blocks.array(f"vector.weights:{fieldname}")[first:stop]
        values = StoredValues(blocks, f"vector.values:{fieldname}.", blocks.meta["vectors"][fieldname])
        return PostingsMatcher(ids, weights, values.since(first), None, format_)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The stored fields of a document."""
        ends = self._blocks.array("stored.offsets")
        frame = self._blocks.view("stored")[int(ends[docnum]) : int(ends[docnum + 1])]
        if not frame:
            return {}
        # A decompressor serves one thread at a time, and a new one costs little beside the decoding.
        fields: dict[str, Any] = typed_json.loads(zstandard.ZstdDecompressor().decompress(frame))
        return fields


class GenericField(IndexedField):
    """One field of a generic segment."""

    def __init__(self, blocks: Blocks, name: str) -> None:
        self._terms = Strings(blocks.view(f"terms:{name}"), blocks.array(f"terms:{name}.offsets"))
        self._blocks = blocks
        self._name = name
        self._firsts = blocks.array(f"postings:{name}")
        self._doc_ids = blocks.array(f"doc_ids:{name}")
        self._weights = blocks.array(f"weights:{name}") if f"weights:{name}" in blocks else None

    @cached_property
    def _values(self) -> StoredValues:
        return StoredValues(self._blocks, f"values:{self._name}.", self._blocks.meta["fields"][self._name])

    def find(self, text: bytes) -> int:
        """The number of a term, or -1."""
        return self._terms.find(text)

    def numbers_from(self, text: bytes) -> Iterator[int]:
        """The numbers of the terms at or after `text`, ascending."""
        return iter(range(self._terms.place(text), len(self._terms)))

    def term(self, number: int) -> bytes:
        """A term by its number."""
        return self._terms[number]

    def _span(self, number: int) -> tuple[int, int]:
        return int(self._firsts[number]), int(self._firsts[number + 1])

    def info(self, number: int) -> TermInfo:
        """Statistics of a term."""
        blocks, name = self._blocks, self._name
        first, stop = self._span(number)
        return TermInfo(
            weight=float(blocks.array(f"total_weights:{name}")[number]),
            df=stop - first,
            minlength=_LENGTHS[blocks.array(f"min_lengths:{name}")[number]],
            maxlength=_LENGTHS[blocks.array(f"max_lengths:{name}")[number]],
            maxweight=float(blocks.array(f"max_weights:{name}")[number]),
            minid=int(self._doc_ids[first]),
            maxid=int(self._doc_ids[stop - 1]),
        )

    def matcher(self, number: int, term: Term, format_: Any, scorer: Any) -> PostingsMatcher:
        """A cursor over the postings of a term."""
        first, stop = self._span(number)
        weights = None if self._weights is None else self._weights[first:stop]
        values = self._values.since(first)
        info = self.info(number)
        return PostingsMatcher(self._doc_ids[first:stop], weights, values, info, format_, term=term, scorer=scorer)


def generic_fields(blocks: Blocks) -> Mapping[str, IndexedField]:
    """The indexed fields of a generic segment."""
    return {name: GenericField(blocks, name) for name in blocks.meta.get("fields", ())}
