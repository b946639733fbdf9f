"""Whoosh's term reader and cursor over fields whose terms are sorted arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.reading import TermInfo, TermNotFound

from indexer.segment.matcher import PostingsMatcher

Term = tuple[str, bytes]


class IndexedField(ABC):
    """The inverted index of one field in one segment. A term's number is the field's own affair."""

    @abstractmethod
    def find(self, text: bytes) -> int:
        """The number of a term, or -1."""

    @abstractmethod
    def numbers_from(self, text: bytes) -> Iterator[int]:
        """The numbers of the terms at or after `text`, in the order of the terms' bytes."""

    @abstractmethod
    def term(self, number: int) -> bytes:
        """A term by its number."""

    @abstractmethod
    def info(self, number: int) -> TermInfo:
        """Statistics of a term."""

    @abstractmethod
    def matcher(self, number: int, term: Term, format_: Any, scorer: Any) -> PostingsMatcher:
        """A cursor over the postings of a term."""


class ColumnarTermsReader(TermsReader):  # type: ignore[misc]
    """The terms of all indexed fields. Fields are ordered by name."""

    def __init__(self, fields: Mapping[str, IndexedField]) -> None:
        self._fields = fields

    def _find(self, fieldname: str, text: bytes) -> tuple[IndexedField, int] | None:
        field = self._fields.get(fieldname)
        number = field.find(text) if field is not None else -1
        return None if field is None or number < 0 else (field, number)

    def _found(self, fieldname: str, text: bytes) -> tuple[IndexedField, int]:
        found = self._find(fieldname, text)
        if found is None:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return found

    def __contains__(self, term: Term) -> bool:
        return self._find(*term) is not None

    def indexed_field_names(self) -> list[str]:
        """The fields that have terms."""
        return list(self._fields)

    def cursor(self, fieldname: str, fieldobj: Any) -> TermCursor:
        """A cursor over the terms of a field."""
        return TermCursor(self._fields.get(fieldname), fieldobj)

    def terms(self) -> Iterator[Term]:
        """Every (field name, term), in order."""
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """Every (field name, term) from one on, through the fields after its own too."""
        return ((name, field.term(number)) for name, field, number in self._numbers_from(fieldname, prefix))

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """Every term with its statistics, in order."""
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """Every term from one on with its statistics, through the fields after its own too."""
        return (
            ((name, field.term(number)), field.info(number))
            for name, field, number in self._numbers_from(fieldname, prefix)
        )

    def _numbers_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, IndexedField, int]]:
        for name in sorted(self._fields):
            if name >= fieldname:
                field = self._fields[name]
                for number in field.numbers_from(prefix if name == fieldname else b""):
                    yield name, field, number

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Statistics of a term. Raises Whoosh's TermNotFound."""
        field, number = self._found(fieldname, text)
        return field.info(number)

    def frequency(self, fieldname: str, text: bytes) -> float:
        """The summed weight of a term, 0 where there is none."""
        found = self._find(fieldname, text)
        return float(found[0].info(found[1]).weight()) if found else 0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """The number of documents that hold a term."""
        found = self._find(fieldname, text)
        return int(found[0].info(found[1]).doc_frequency()) if found else 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> PostingsMatcher:
        """A cursor over the postings of a term. Raises Whoosh's TermNotFound."""
        field, number = self._found(fieldname, text)
        return field.matcher(number, (fieldname, text), format_, scorer)


class TermCursor(FieldCursor):  # type: ignore[misc]
    """Goes through the terms of one field, forth and to any place; terms as the field decodes them."""

    def __init__(self, field: IndexedField | None, fieldobj: Any) -> None:
        self._field = field
        self._fieldobj = fieldobj
        self.first()

    def is_valid(self) -> bool:
        """Whether there is a term at the cursor."""
        return self._number is not None

    def text(self) -> Any:
        """The term at the cursor, None at the end."""
        if self._field is None or self._number is None:
            return None
        return self._fieldobj.from_bytes(self._field.term(self._number))

    def term_info(self) -> TermInfo | None:
        """Statistics of the term at the cursor, None at the end."""
        return None if self._field is None or self._number is None else self._field.info(self._number)

    def first(self) -> Any:
        """Go to the first term and return it."""
        return self.find(b"")

    def find(self, string: Any) -> Any:
        """Go to the first term at or after `string` and return it."""
        target = string if isinstance(string, bytes) else self._fieldobj.to_bytes(string)
        self._numbers = self._field.numbers_from(target) if self._field is not None else iter(())
        return self.next()

    def next(self) -> Any:
        """Go to the next term and return it."""
        self._number = next(self._numbers, None)
        return self.text()
