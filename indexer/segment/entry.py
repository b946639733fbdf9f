"""ColumnarSegment: a segment as Whoosh's table of contents keeps it.

Apart from the codec, so that a search starts without what only plain Whoosh needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from whoosh.codec import base
from whoosh.index import FileIndex

from indexer.schema import TitledText

if TYPE_CHECKING:
    from indexer.segment.codec import ColumnarCodec
    from indexer.segment.draft import Draft


class ColumnarSegment(base.Segment):  # type: ignore[misc]
    """A segment as the table of contents keeps it.

    While Whoosh writes it:
    draft  its blocks, until they are in the file
    built  whether it holds articles and its file is complete
    """

    def __init__(self, indexname: str, doc_count: int = 0) -> None:
        super().__init__(indexname)
        self._doc_count = doc_count
        self._deleted: set[int] = set()
        self.draft: Draft | None = None
        self.built = False

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
        deleted = np.frombuffer(state["deleted"], "<u4")
        if (deleted >= self._doc_count).any():
            raise ValueError("a document is deleted that is not there")
        self._deleted = set(deleted.tolist())
        self.draft = None
        self.built = False

    def codec(self) -> ColumnarCodec:
        """The codec that reads it."""
        from indexer.segment.codec import ColumnarCodec

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


def _write_ours_by_default() -> None:
    """Let plain Whoosh's `index.writer()` write columnar segments into an index with Broadsheet's schema.

    Whoosh chooses a writer's codec before it has read the table of contents, so neither the schema nor the
    segments there can name one. Other indexes keep Whoosh's default.
    """
    plain_writer = FileIndex.writer

    @wraps(plain_writer)
    def writer(self: Any, procs: int = 1, **options: Any) -> Any:
        if isinstance(dict(self.schema.items()).get("text_stem"), TitledText):
            from indexer.segment.codec import ColumnarCodec

            options.setdefault("codec", ColumnarCodec())
        return plain_writer(self, procs, **options)

    FileIndex.writer = writer


_write_ours_by_default()
