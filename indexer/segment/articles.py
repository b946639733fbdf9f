"""Whoosh's view of an article segment: every field of the schema, derived from the arrays when asked for.

The segment has one posting list a stem. The six text fields are views of it: of all occurrences of a stem or
of one surface form, in title and body, the title alone or the body alone. The other fields are views of the
columns, the dates and the ids. Nothing here serves the service's own searches; it is what plain Whoosh reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from math import inf
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from whoosh import columns
from whoosh.reading import TermInfo

from indexer import analysis, schema
from indexer.fields import BODY_START, MAX_FREQUENCY, TEXT_FIELDS, TITLE_BONUS, VALUE_FIELDS
from indexer.segment.format import LENGTH_OF_BYTE, TITLE_FLAG, UNDATED, length_bytes
from indexer.segment.matcher import Array, PostingsMatcher
from indexer.segment.perdocument import ColumnarPerDocumentReader
from indexer.segment.reader import Column, SegmentReader
from indexer.segment.terms import IndexedField, Term

Part = Literal["text", "title", "body"]

_UNSTORED: Final = ("text", "text_stem", "title_stem", "body_stem", "author")
_SCORED: Final = {f"{part}{view}": part for part in TEXT_FIELDS for view in ("", "_stem")}
# Whoosh's DATETIME counts microseconds from the year 1, offset to be unsigned; a term leaves out low bytes.
_EPOCH_SECONDS: Final = 62_135_596_800
_SIGN: Final = np.uint64(1 << 63)
_SHIFTS: Final = range(0, 64, 8)


class ArticlePerDocumentReader(ColumnarPerDocumentReader):
    """Lengths, columns and stored fields of an article segment."""

    def __init__(self, reader: SegmentReader, segment: Any) -> None:
        super().__init__(segment)
        self._reader = reader

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """What the schema stores of an article."""
        values = schema.document(self._reader.article(docnum))
        return {name: value for name, value in values.items() if name not in _UNSTORED}

    def has_column(self, fieldname: str) -> bool:
        """Whether the field is sortable."""
        return fieldname == "date" or fieldname in VALUE_FIELDS

    def column_reader(self, fieldname: str, column: Any) -> columns.ColumnReader:
        """Whoosh's reader of a column."""
        if fieldname == "date":
            return _DateColumn(self._reader, column.default_value())
        return _ValueColumn(self._reader, self._reader.column(fieldname))

    @cached_property
    def _length_bytes(self) -> dict[str, Array]:
        return {part: length_bytes(_lengths(self._reader, part)) for part in TEXT_FIELDS}

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The length of a text field in a document as Whoosh approximates it, `default` for other fields."""
        part = _SCORED.get(fieldname)
        return default if part is None else int(LENGTH_OF_BYTE[self._length_bytes[part][docnum]]) or default

    def field_length(self, fieldname: str) -> int:
        """The sum of the lengths of a text field, 0 for other fields."""
        part = _SCORED.get(fieldname)
        return _total_length(self._reader, part) if part else 0

    def min_field_length(self, fieldname: str) -> int:
        """The least length of a text field; 0 where a document lacks it."""
        part = _SCORED.get(fieldname)
        return int(LENGTH_OF_BYTE[self._length_bytes[part].min(initial=255)]) if part else 0

    def max_field_length(self, fieldname: str) -> int:
        """The greatest length of a text field."""
        part = _SCORED.get(fieldname)
        return int(LENGTH_OF_BYTE[self._length_bytes[part].max(initial=0)]) if part else 0


def _lengths(reader: SegmentReader, part: str) -> Array:
    """Words of a part of every article."""
    if part == "text":
        return reader.lengths
    return reader.title_lengths if part == "title" else reader.lengths - reader.title_lengths


def _total_length(reader: SegmentReader, part: str) -> int:
    """Words of a part of all articles."""
    words, title_words = int(reader.file.meta["words"]), int(reader.file.meta["title_words"])
    return words if part == "text" else title_words if part == "title" else words - title_words


class _DateColumn(columns.ColumnReader):  # type: ignore[misc]
    """The date column: microseconds since the year 1."""

    def __init__(self, reader: SegmentReader, default: int) -> None:
        self._ages = reader.ages
        self._doccount = reader.doc_count
        self._default = default
        self._sign = 1

    def __getitem__(self, docnum: int) -> int:
        age = int(self._ages[docnum])
        return self._default if age == UNDATED else (_EPOCH_SECONDS - age) * 1_000_000

    def sort_key(self, docnum: int) -> int:
        return self._sign * self[docnum]

    def set_reverse(self) -> None:
        self._sign = -1


class _ValueColumn(columns.ColumnReader):  # type: ignore[misc]
    """A column of display forms, as schema.Values encodes them."""

    def __init__(self, reader: SegmentReader, column: Column) -> None:
        self._doccount = reader.doc_count
        self._column = column
        self._encode = schema.Values().to_column_value

    def __getitem__(self, docnum: int) -> bytes:
        values = [self._column.values[ordinal] for ordinal in _ordinals(self._column, docnum)]
        return bytes(self._encode(values))


def _ordinals(column: Column, doc: int) -> list[int]:
    """The ordinals of one document's values, in its own order."""
    if column.offsets is None:
        ordinal = int(column.ordinals[doc])
        return [ordinal] if ordinal < len(column.values) else []
    return [int(ordinal) for ordinal in column.ordinals[column.offsets[doc] : column.offsets[doc + 1]]]


def _sum_by_doc(column: Column, of_value: Array) -> Array:
    """For every document the sum (int64) of a number that each of its values has."""
    if column.offsets is None:
        return np.append(of_value, 0)[column.ordinals].astype(np.int64)
    before = np.zeros(len(column.ordinals) + 1, np.int64)
    np.cumsum(of_value[column.ordinals], out=before[1:])
    return np.diff(before[column.offsets])


class _Postings(NamedTuple):
    """The postings of one term.

    docs      (df,) uint32 ascending
    weights   (df,)
    lengths   (df,) length bytes, or None where the field is not scored
    """

    docs: Array
    weights: Array
    lengths: Array | None = None

    def info(self) -> TermInfo:
        """Their statistics."""
        shortest, longest = (
            (LENGTH_OF_BYTE[self.lengths.min()], LENGTH_OF_BYTE[self.lengths.max()])
            if self.lengths is not None
            else (0, 0)
        )
        return TermInfo(
            weight=float(self.weights.sum()),
            df=len(self.docs),
            minlength=int(shortest),
            maxlength=int(longest),
            maxweight=float(self.weights.max()),
            minid=int(self.docs[0]),
            maxid=int(self.docs[-1]),
        )


class _ArticleMatcher(PostingsMatcher):
    """A cursor that offers Whoosh no bounds to leave documents out by.

    One list is one block, so little could be left out; and a search with a limit would fail or lose articles by them:
    Whoosh 3.54's RequireMatcher asserts where it leaves any out, and phrases and words of one field are made of it.
    """

    def supports_block_quality(self) -> bool:
        """No."""
        return False

    def max_quality(self) -> float:
        """Nothing is known."""
        return inf


class _Positions:
    """PostingValues of a term whose positions are known for all its postings."""

    def __init__(self, positions: Array, counts: Array) -> None:
        self._positions = positions
        self._ends = np.cumsum(counts)

    def decoded(self, place: int, astype: str) -> list[Any] | None:
        """See PostingValues."""
        return self._at(place) if astype == "positions" else None

    def encoded(self, place: int, format_: Any) -> bytes:
        """See PostingValues."""
        return bytes(format_.encode(self._at(place)))

    def _at(self, place: int) -> list[int]:
        start = int(self._ends[place - 1]) if place else 0
        found: list[int] = self._positions[start : int(self._ends[place])].tolist()
        return found


class _NoValues:
    """PostingValues of fields that only know that a term occurs."""

    def decoded(self, place: int, astype: str) -> list[Any] | None:
        """See PostingValues."""
        return None

    def encoded(self, place: int, format_: Any) -> bytes:
        """See PostingValues."""
        return b""


class _TextField(IndexedField):
    """One of the six text fields. A term's number is that of its stem or word in the segment."""

    def __init__(self, reader: SegmentReader, part: Part, *, stems: bool) -> None:
        self._reader = reader
        self._part = part
        self._stems = stems
        self._terms = reader.stems if stems else reader.words
        self._latest: tuple[int, _Postings | None, _Positions | None] = (-1, None, None)

    def find(self, text: bytes) -> int:
        """The number of a term, or -1."""
        number = self._terms.find(text)
        return number if number >= 0 and self._occurs(number) else -1

    def numbers_from(self, text: bytes) -> Iterator[int]:
        """The numbers of the terms at or after `text`, ascending."""
        return filter(self._occurs, range(self._terms.place(text), len(self._terms)))

    def term(self, number: int) -> bytes:
        """A term by its number."""
        return self._terms[number]

    def _occurs(self, number: int) -> bool:
        """Whether a term of the segment stands in this part of any article."""
        return self._part == "text" or self._postings(number)[0] is not None

    def info(self, number: int) -> TermInfo:
        """Statistics of a term."""
        postings, _ = self._postings(number)
        assert postings is not None
        return postings.info()

    def matcher(self, number: int, term: Term, format_: Any, scorer: Any) -> PostingsMatcher:
        """A cursor over the postings of a term."""
        postings, positions = self._postings(number)
        assert postings is not None
        assert positions is not None
        info = postings.info()
        return _ArticleMatcher(postings.docs, postings.weights, positions, info, format_, term=term, scorer=scorer)

    def _postings(self, number: int) -> tuple[_Postings | None, _Positions | None]:
        """The postings of a term and their positions; None where it is in no article."""
        # Whoosh asks about one term several times in a row.
        latest, postings, positions = self._latest
        if latest != number:
            postings, positions = self._derived(number)
            self._latest = (number, postings, positions)
        return postings, positions

    def _derived(self, number: int) -> tuple[_Postings | None, _Positions | None]:
        reader, part = self._reader, self._part
        stem, form, forms = (number, 0, 1) if self._stems else reader.form_of(number)
        first, stop = reader.stem_range(stem)
        if part == "title" and not (reader.keys[first:stop] & np.uint16(TITLE_FLAG)).any():
            return None, None
        owners, positions, numbers = reader.places(slice(first, stop))
        kept = np.ones(len(owners), np.bool_) if forms == 1 else reader.has_form(stem, form, numbers)
        in_title = positions < BODY_START
        if part != "text":
            kept &= in_title if part == "title" else ~in_title
        owners, positions, in_title = owners[kept], positions[kept], in_title[kept]
        counts = np.bincount(owners, minlength=stop - first)
        rows = np.flatnonzero(counts)
        if not len(rows):
            return None, None
        docs, counts = reader.docs[first:stop][rows], counts[rows]
        weights = counts
        if part == "text":
            titled = np.bincount(owners[in_title], minlength=stop - first)[rows] > 0
            weights = np.minimum(counts, MAX_FREQUENCY) + TITLE_BONUS * titled
        elif part == "body":
            positions = positions - BODY_START
        lengths = length_bytes(_lengths(reader, part)[docs])
        return _Postings(docs, weights, lengths), _Positions(positions, counts)


class _ListedField(IndexedField):
    """A field whose terms are a list; a term's number is its place there."""

    @cached_property
    def _terms(self) -> Sequence[bytes]:
        raise NotImplementedError

    @cached_property
    def _numbers(self) -> dict[bytes, int]:
        return {term: number for number, term in enumerate(self._terms)}

    def _postings(self, number: int) -> _Postings:
        raise NotImplementedError

    def find(self, text: bytes) -> int:
        """The number of a term, or -1."""
        return self._numbers.get(text, -1)

    def numbers_from(self, text: bytes) -> Iterator[int]:
        """The numbers of the terms at or after `text`, ascending."""
        return (number for number, term in enumerate(self._terms) if term >= text)

    def term(self, number: int) -> bytes:
        """A term by its number."""
        return self._terms[number]

    def info(self, number: int) -> TermInfo:
        """Statistics of a term."""
        return self._postings(number).info()

    def matcher(self, number: int, term: Term, format_: Any, scorer: Any) -> PostingsMatcher:
        """A cursor over the postings of a term."""
        postings = self._postings(number)
        info, values = postings.info(), self._values(number, postings)
        return _ArticleMatcher(postings.docs, postings.weights, values, info, format_, term=term, scorer=scorer)

    def _values(self, number: int, postings: _Postings) -> Any:
        return _NoValues()


class _ValueField(_ListedField):
    """Whole values, folded: a view of a column."""

    def __init__(self, reader: SegmentReader, name: str) -> None:
        self._column = reader.column(name)

    @cached_property
    def _terms(self) -> Sequence[bytes]:
        return sorted({folded.encode() for folded in self._column.folded if folded})

    def _postings(self, number: int) -> _Postings:
        wanted = self._terms[number].decode()
        chosen = np.array([folded == wanted for folded in self._column.folded], np.int64)
        docs = np.flatnonzero(_sum_by_doc(self._column, chosen)).astype(np.uint32)
        return _Postings(docs, np.ones(len(docs)))


class _NameField(_ListedField):
    """Words of the authors' names: a view of their column."""

    def __init__(self, reader: SegmentReader) -> None:
        self._column = reader.column("author_name")

    @cached_property
    def _places(self) -> dict[bytes, dict[int, list[int]]]:
        """Word → value → its positions in that name."""
        found: dict[bytes, dict[int, list[int]]] = {}
        for ordinal, name in enumerate(self._column.values):
            for position, word in enumerate(analysis.words(name)):
                found.setdefault(word.encode(), {}).setdefault(ordinal, []).append(position)
        return found

    @cached_property
    def _terms(self) -> Sequence[bytes]:
        return sorted(self._places)

    def _postings(self, number: int) -> _Postings:
        counts = np.zeros(len(self._column.values), np.int64)
        for ordinal, positions in self._places[self._terms[number]].items():
            counts[ordinal] = len(positions)
        weights = _sum_by_doc(self._column, counts)
        docs = np.flatnonzero(weights).astype(np.uint32)
        return _Postings(docs, weights[docs])

    def _values(self, number: int, postings: _Postings) -> Any:
        places = self._places[self._terms[number]]
        found = [
            [
                nth * BODY_START + position
                for nth, ordinal in enumerate(_ordinals(self._column, doc))
                for position in places.get(ordinal, ())
            ]
            for doc in postings.docs.tolist()
        ]
        return _Positions(np.array(list(chain.from_iterable(found)), np.int64), np.array(list(map(len, found))))


class _IdField(_ListedField):
    """Article ids. A term's number is its document."""

    def __init__(self, reader: SegmentReader) -> None:
        self._reader = reader

    @cached_property
    def _terms(self) -> Sequence[bytes]:
        return [self._reader.article_id(doc).encode() for doc in range(self._reader.doc_count)]

    def find(self, text: bytes) -> int:
        """The number of a term, or -1."""
        return self._reader.find(text.decode("utf-8", "replace"))

    def numbers_from(self, text: bytes) -> Iterator[int]:
        """The numbers of the terms at or after `text`, in the order of the terms."""
        terms = self._terms
        return iter(sorted((n for n in range(len(terms)) if terms[n] >= text), key=terms.__getitem__))

    def term(self, number: int) -> bytes:
        """A term by its number."""
        return self._reader.article_id(number).encode()

    def _postings(self, number: int) -> _Postings:
        return _Postings(np.array([number], np.uint32), np.ones(1))


class _DateField(IndexedField):
    """Dates as Whoosh's numeric terms: the number less its low bytes, in eight precisions.

    Documents are in order of the date, so each term is a run of them. A term's number is the index of its shift,
    times the dated documents, plus the first document of the run.
    """

    def __init__(self, reader: SegmentReader) -> None:
        self._count = reader.dated
        seconds = _EPOCH_SECONDS - reader.ages[: reader.dated]
        # Descending: the newest come first.
        self._dates = (seconds * 1_000_000).astype(np.uint64) + _SIGN

    def _shifted(self, shift: int) -> Array:
        return self._dates >> np.uint64(shift)

    def _run(self, shift: int, value: int) -> tuple[int, int]:
        """The documents (first, stop) whose date begins with `value`."""
        ascending = self._shifted(shift)[::-1]
        low, high = (int(ascending.searchsorted(np.uint64(value), side)) for side in ("left", "right"))
        return self._count - high, self._count - low

    def find(self, text: bytes) -> int:
        """The number of a term, or -1."""
        if len(text) != 9 or text[0] not in _SHIFTS:
            return -1
        first, stop = self._run(text[0], int.from_bytes(text[1:], "big"))
        return _SHIFTS.index(text[0]) * self._count + first if first < stop else -1

    def numbers_from(self, text: bytes) -> Iterator[int]:
        """The numbers of the terms at or after `text`, in the order of the terms."""
        for index, shift in enumerate(_SHIFTS):
            values = self._shifted(shift)
            firsts = np.flatnonzero(np.append(True, values[1:] != values[:-1])) if len(values) else ()
            for first in reversed(firsts):
                number = index * self._count + int(first)
                if self.term(number) >= text:
                    yield number

    def _place(self, number: int) -> tuple[int, int]:
        """The shift and the value of a term."""
        index, first = divmod(number, self._count)
        return _SHIFTS[index], int(self._dates[first]) >> _SHIFTS[index]

    def term(self, number: int) -> bytes:
        """A term by its number."""
        shift, value = self._place(number)
        return bytes([shift]) + value.to_bytes(8, "big")

    def _postings(self, number: int) -> _Postings:
        first, stop = self._run(*self._place(number))
        return _Postings(np.arange(first, stop, dtype=np.uint32), np.ones(stop - first))

    def info(self, number: int) -> TermInfo:
        """Statistics of a term."""
        return self._postings(number).info()

    def matcher(self, number: int, term: Term, format_: Any, scorer: Any) -> PostingsMatcher:
        """A cursor over the postings of a term."""
        docs, weights, _ = postings = self._postings(number)
        return _ArticleMatcher(docs, weights, _NoValues(), postings.info(), format_, term=term, scorer=scorer)


def article_fields(reader: SegmentReader) -> Mapping[str, IndexedField]:
    """The indexed fields of an article segment that have terms."""
    fields: dict[str, IndexedField] = {}
    for part in ("text", "title", "body"):
        if _total_length(reader, part):
            fields[part] = _TextField(reader, part, stems=False)
            fields[part + "_stem"] = _TextField(reader, part, stems=True)
    for name in VALUE_FIELDS:
        if any(reader.column(name).folded):
            fields[name] = _ValueField(reader, name)
    if any(map(analysis.words, reader.column("author_name").values)):
        fields["author"] = _NameField(reader)
    if reader.dated:
        fields["date"] = _DateField(reader)
    if reader.doc_count:
        fields["id"] = _IdField(reader)
    return fields
