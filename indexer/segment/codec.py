"""ColumnarCodec: Whoosh's way to read and write columnar segments.

A segment is one file, `<segment id>.bsc`, of the blocks of `blocks`. What the blocks hold depends on the
schema: articles (`format`) where it is Broadsheet's, else what any schema needs (`generic`). Whoosh's table of
contents keeps the ColumnarSegment, which knows the number of documents and which of them are deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from whoosh.codec import base

from indexer.segment import generic
from indexer.segment.article_documents import ArticleDocuments, of_articles
from indexer.segment.articles import ArticlePerDocumentReader, article_fields
from indexer.segment.blocks import BlockFile
from indexer.segment.draft import Blocks, Draft, file_to_read, file_to_write
from indexer.segment.entry import ColumnarSegment
from indexer.segment.format import EXTENSION, KIND
from indexer.segment.perdocument import ColumnarPerDocumentReader, Document, Documents
from indexer.segment.reader import SegmentReader
from indexer.segment.terms import ColumnarTermsReader


class ColumnarCodec(base.Codec):  # type: ignore[misc]
    """Columnar segments. Writing through Whoosh holds a segment in memory until it is complete."""

    def new_segment(self, storage: Any, indexname: str) -> ColumnarSegment:
        """A new, empty segment."""
        return ColumnarSegment(indexname)

    def per_document_writer(self, storage: Any, segment: ColumnarSegment) -> ColumnarPerDocumentWriter:
        """Whoosh's writer of documents."""
        return ColumnarPerDocumentWriter(storage, segment)

    def field_writer(self, storage: Any, segment: ColumnarSegment) -> ColumnarFieldWriter:
        """Whoosh's writer of postings."""
        return ColumnarFieldWriter(storage, segment)

    def terms_reader(self, storage: Any, segment: ColumnarSegment) -> ColumnarTermsReader:
        """Terms and postings of a segment. Raises CorruptSegmentError, FormatVersionError."""
        content = _content(storage, segment)
        fields = article_fields(content) if isinstance(content, SegmentReader) else generic.generic_fields(content)
        return ColumnarTermsReader(fields)

    def per_document_reader(self, storage: Any, segment: ColumnarSegment) -> ColumnarPerDocumentReader:
        """Documents of a segment. Raises CorruptSegmentError, FormatVersionError."""
        content = _content(storage, segment)
        if isinstance(content, SegmentReader):
            return ArticlePerDocumentReader(content, segment)
        return generic.GenericPerDocumentReader(content, segment)


class ColumnarPerDocumentWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Takes documents. The first one tells what the segment holds.

    A document counts when it is finished, so that a cancelled one leaves nothing behind.
    """

    def __init__(self, storage: Any, segment: ColumnarSegment) -> None:
        self.is_closed = False
        self._storage = storage
        self._segment = segment
        self._count = 0
        self._document = Document()
        self._documents: Documents | None = None

    def start_doc(self, docnum: int) -> None:
        """Begin document `docnum`, which must be the next."""
        if docnum != self._count:
            raise base.OutOfOrderError(f"document {docnum} where {self._count} is next")
        self._document = Document()

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int | None) -> None:
        """Set the stored value of a field (None for none) and its length."""
        self._document.types[fieldname] = fieldobj
        if value is not None:
            self._document.stored[fieldname] = value
        if length:
            self._document.lengths[fieldname] = length

    def add_column_value(self, fieldname: str, columnobj: Any, value: Any) -> None:
        """Set the column value of a field."""
        self._document.columns[fieldname] = (columnobj, value)

    def add_vector_items(self, fieldname: str, fieldobj: Any, items: Iterable[tuple[str, float, bytes]]) -> None:
        """Set the term vector of a field: (term, weight, value) in order of the terms."""
        self._document.vectors[fieldname] = (fieldobj.vector, list(items))

    def cancel_doc(self) -> None:
        """Forget the document."""
        self._document = Document()

    def finish_doc(self) -> None:
        """The document is complete. Raises InputError for one that cannot be stored."""
        self._collector(self._document).add(self._document)
        self._count += 1

    def _collector(self, document: Document) -> Documents:
        if self._documents is None:
            if of_articles(document.types):
                self._documents = _articles(self._storage, self._segment, document.types)
            else:
                self._documents = generic.GenericDocuments(_draft(self._segment))
        return self._documents

    def close(self) -> None:
        """There are no more documents: write a segment of articles, hand others over to the field writer."""
        documents = self._collector(Document())
        documents.close()
        self._segment.built = isinstance(documents, ArticleDocuments)
        self.is_closed = True


class ColumnarFieldWriter(generic.GenericFieldWriter):
    """Takes the postings, and with the last of them writes the file; those of articles are the builder's."""

    def __init__(self, storage: Any, segment: ColumnarSegment) -> None:
        self.is_closed = False
        self._storage = storage
        self._segment = segment
        super().__init__(_draft(segment))

    def add_postings(self, schema: Any, lengths: Any, items: Any) -> None:
        """Take the postings of all fields, (field name, term, document, weight, value), in order."""
        types = dict(schema.items())
        if self._draft.meta.get("docs") == 0 and of_articles(types):
            # A merge of nothing but deleted articles, whose segment no document could tell the kind of.
            _articles(self._storage, self._segment, types).close()
            self._segment.built = True
        if not self._segment.built:
            super().add_postings(schema, lengths, items)

    def close(self) -> None:
        """Write the segment's file."""
        if not self._segment.built:
            with file_to_write(self._storage, self._segment.make_filename(EXTENSION)) as path:
                _draft(self._segment).write(path)
        self._segment.draft = None
        self.is_closed = True


def _articles(storage: Any, segment: ColumnarSegment, types: Mapping[str, Any]) -> ArticleDocuments:
    """What makes the file of a segment of articles."""
    return ArticleDocuments(storage, segment.make_filename(EXTENSION), types)


def _draft(segment: ColumnarSegment) -> Draft:
    """The blocks of a segment that is being written."""
    if segment.draft is None:
        segment.draft = Draft()
    return segment.draft


def _content(storage: Any, segment: ColumnarSegment) -> SegmentReader | Blocks:
    """What a segment holds: articles, or the blocks of anything else, from its draft or its file."""
    if segment.draft is not None and not segment.built:
        return segment.draft
    with file_to_read(storage, segment.make_filename(EXTENSION)) as path:
        file = BlockFile(path)
        return SegmentReader(path) if file.meta["kind"] == KIND else file
