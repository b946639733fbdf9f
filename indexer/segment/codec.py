"""ColumnarCodec: Whoosh's way to read and write columnar segments.

A segment is one file, `<segment id>.bsc`, of the blocks of `blocks`. What the blocks hold depends on the
schema: articles (`format`) where it is Broadsheet's, else what any schema needs (`generic`). Whoosh's table of
contents keeps the ColumnarSegment, which knows the number of documents and which of them are deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec import base

from indexer.segment import generic
from indexer.segment.draft import Blocks, Draft, open_file, write_file
from indexer.segment.format import EXTENSION
from indexer.segment.perdocument import ColumnarPerDocumentReader
from indexer.segment.terms import ColumnarTermsReader


class ColumnarSegment(base.Segment):  # type: ignore[misc]
    """A segment as the table of contents keeps it.

    draft  while it is being written: its blocks, until they are in the file
    """

    def __init__(self, indexname: str, doc_count: int = 0) -> None:
        super().__init__(indexname)
        self._doc_count = doc_count
        self._deleted: set[int] = set()
        self.draft: Draft | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {
            "indexname": self.indexname,
            "segid": self.segid,
            "doc_count": self._doc_count,
            "deleted": self.deleted_ids().astype("<u4").tobytes(),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.indexname = state["indexname"]
        self.segid = state["segid"]
        self.compound = False
        self._doc_count = state["doc_count"]
        self._deleted = set(np.frombuffer(state["deleted"], "<u4").tolist())
        self.draft = None

    def codec(self) -> ColumnarCodec:
        """The codec that reads it."""
        return ColumnarCodec()

    def should_assemble(self) -> bool:
        """Never into a compound file: it is one file already."""
        return False

    def set_doc_count(self, doccount: int) -> None:
        """Set the number of documents."""
        self._doc_count = doccount

    def doc_count_all(self) -> int:
        """Documents, deleted ones included."""
        return self._doc_count

    def deleted_count(self) -> int:
        """Deleted documents."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """The deleted documents, ascending."""
        return iter(sorted(self._deleted))

    def deleted_ids(self) -> npt.NDArray[np.uint32]:
        """The deleted documents, ascending, as an array."""
        return np.array(sorted(self._deleted), np.uint32)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a document, or take its deletion back."""
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return docnum in self._deleted


class ColumnarCodec(base.Codec):  # type: ignore[misc]
    """Columnar segments. Writing through Whoosh holds a segment in memory until it is complete."""

    def new_segment(self, storage: Any, indexname: str) -> ColumnarSegment:
        """A new, empty segment."""
        return ColumnarSegment(indexname)

    def per_document_writer(self, storage: Any, segment: ColumnarSegment) -> base.PerDocumentWriter:
        """Whoosh's writer of documents."""
        return generic.GenericPerDocumentWriter(_draft(segment))

    def field_writer(self, storage: Any, segment: ColumnarSegment) -> base.FieldWriter:
        """Whoosh's writer of postings; closing it writes the file."""
        return ColumnarFieldWriter(storage, segment)

    def terms_reader(self, storage: Any, segment: ColumnarSegment) -> ColumnarTermsReader:
        """Terms and postings of a segment."""
        return ColumnarTermsReader(generic.generic_fields(_blocks(storage, segment)))

    def per_document_reader(self, storage: Any, segment: ColumnarSegment) -> ColumnarPerDocumentReader:
        """Documents of a segment."""
        return generic.GenericPerDocumentReader(_blocks(storage, segment), segment)


class ColumnarFieldWriter(generic.GenericFieldWriter):
    """Writes the postings, and with the last of them the file."""

    def __init__(self, storage: Any, segment: ColumnarSegment) -> None:
        self.is_closed = False
        self._storage = storage
        self._segment = segment
        super().__init__(_draft(segment))

    def close(self) -> None:
        """Write the segment's file."""
        write_file(self._storage, self._segment.make_filename(EXTENSION), _draft(self._segment))
        self._segment.draft = None
        self.is_closed = True


def _draft(segment: ColumnarSegment) -> Draft:
    """The blocks of a segment that is being written."""
    if segment.draft is None:
        segment.draft = Draft()
    return segment.draft


def _blocks(storage: Any, segment: ColumnarSegment) -> Blocks:
    """The blocks of a segment, from its draft or its file."""
    if segment.draft is not None:
        return segment.draft
    return open_file(storage, segment.make_filename(EXTENSION))
