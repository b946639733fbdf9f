"""What both kinds of segment share of Whoosh's per-document interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from whoosh.codec.base import PerDocumentReader


@dataclass(slots=True)
class Document:
    """What Whoosh hands over of one document, by field name.

    types    the fields that were mentioned
    stored   values to store
    lengths  lengths, where not zero
    columns  (column, value)
    vectors  (format, the (term, weight, value) of a term vector)
    """

    types: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, Any] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    vectors: dict[str, tuple[Any, list[tuple[str, float, bytes]]]] = field(default_factory=dict)


class Documents(Protocol):
    """Takes the documents of one segment, in order."""

    def add(self, document: Document) -> None:
        """Take a document, or raise InputError and be as before."""

    def close(self) -> None:
        """There are no more."""


class ColumnarPerDocumentReader(PerDocumentReader):  # type: ignore[misc]
    """Per-document reader of a segment, which knows how many documents there are and which are deleted."""

    def __init__(self, segment: Any) -> None:
        self._segment = segment

    def doc_count(self) -> int:
        """Live documents."""
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        """Documents, deleted ones included."""
        return int(self._segment.doc_count_all())

    def has_deletions(self) -> bool:
        """Whether any document is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Iterator[int]:
        """The deleted documents, ascending."""
        deleted: Iterator[int] = self._segment.deleted_docs()
        return deleted

    def supports_columns(self) -> bool:
        """Columns are supported."""
        return True

    def doc_field_length_reader(self, fieldname: str, default: int = 0) -> Callable[[int], int]:
        """`doc_field_length` of one field."""
        return lambda docnum: int(self.doc_field_length(docnum, fieldname, default))

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The length of a field in a document as Whoosh approximates it, `default` where it has none."""
        raise NotImplementedError

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The stored fields of a document."""
        raise NotImplementedError
