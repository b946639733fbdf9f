"""ColumnarSegment: a segment as Whoosh's table of contents keeps it.

It is what Whoosh's Segment is, and not of that class, so that a search starts without Whoosh.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from indexer.segment.codec import ColumnarCodec
    from indexer.segment.draft import Draft


class ColumnarSegment:
    """A segment as the table of contents keeps it.

    While Whoosh writes it:
    draft  its blocks, until they are in the file
    built  whether it holds articles and its file is complete
    """

    def __init__(self, indexname: str, doc_count: int = 0) -> None:
        from whoosh.util import random_name

        self.indexname = indexname
        self.segid: str = random_name(16)
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
        self._doc_count = state["doc_count"]
        deleted = np.frombuffer(state["deleted"], "<u4")
        if (deleted >= self._doc_count).any():
            raise ValueError("a document is deleted that is not there")
        self._deleted = set(deleted.tolist())
        self.draft = None
        self.built = False

    def __repr__(self) -> str:
        return f"<ColumnarSegment {self.segment_id()}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ColumnarSegment) and self.segment_id() == other.segment_id()

    def __hash__(self) -> int:
        return hash(self.segment_id())

    def index_name(self) -> str:
        """The name of the index in its directory."""
        return self.indexname

    def segment_id(self) -> str:
        """What the names of its files begin with."""
        return f"{self.indexname}_{self.segid}"

    def make_filename(self, ext: str) -> str:
        """The name of its file with an extension."""
        return self.segment_id() + ext

    def list_files(self, storage: Any) -> list[str]:
        """The names of its files in one of Whoosh's storages."""
        return [name for name in storage.list() if name.startswith(self.make_filename("."))]

    def create_file(self, storage: Any, ext: str, **options: Any) -> Any:
        """Create its file with an extension."""
        return storage.create_file(self.make_filename(ext), **options)

    def open_file(self, storage: Any, ext: str, **options: Any) -> Any:
        """Open its file with an extension."""
        return storage.open_file(self.make_filename(ext), **options)

    def codec(self) -> ColumnarCodec:
        """The codec that reads it."""
        from indexer.segment.codec import ColumnarCodec

        return ColumnarCodec()

    def is_compound(self) -> bool:
        """Whether Whoosh has put its files into one: never, it is one already."""
        return False

    def should_assemble(self) -> bool:
        """Never into a compound file: it is one file already."""
        return False

    def set_doc_count(self, doccount: int) -> None:
        """Set the number of documents."""
        self._doc_count = doccount

    def doc_count_all(self) -> int:
        """Documents, deleted ones included."""
        return self._doc_count

    def doc_count(self) -> int:
        """Documents that are not deleted."""
        return self._doc_count - len(self._deleted)

    def has_deletions(self) -> bool:
        """Whether any document is deleted."""
        return bool(self._deleted)

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
