"""PostingsMatcher: Whoosh's matcher over a posting list that lies in arrays."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo

Array = npt.NDArray[Any]

_MAX_DOC_ID: Final = 0xFFFFFFFF


class PostingValues(Protocol):
    """What a posting list knows beside documents and weights: positions and the like."""

    def decoded(self, place: int, astype: str) -> list[Any] | None:
        """The value of the posting at a place as one of Whoosh's types, or None where only the format can tell."""

    def encoded(self, place: int, format_: Any) -> bytes:
        """The value of the posting at a place as the format encodes it."""


class PostingsMatcher(LeafMatcher):  # type: ignore[misc]
    """A cursor over one posting list, which counts as one block.

    ids      (df,) ascending: uint32 doc ids, or the terms of a vector as objects
    weights  (df,) numbers, or None where every weight is 1
    values   of the postings, by place
    info     of the term; None for a vector
    """

    def __init__(
        self,
        ids: Array,
        weights: Array | None,
        values: PostingValues,
        info: TermInfo | None,
        format_: Any,
        *,
        term: tuple[str, bytes] | None = None,
        scorer: Any = None,
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._ids = ids
        self._weights = weights
        self._values = values
        self._info = info
        self._term = term
        self._place = 0

    def copy(self) -> PostingsMatcher:
        """A cursor of its own at the same place."""
        return copy(self)

    def reset(self) -> None:
        """Go back to the first posting."""
        self._place = 0

    def is_active(self) -> bool:
        """Whether there is a posting at the cursor."""
        return self._place < len(self._ids)

    def next(self) -> bool:
        """Go to the next posting; tells whether that ended the block."""
        if not self.is_active():
            raise ReadTooFar
        self._place += 1
        return not self.is_active()

    def skip_to(self, id: Any) -> None:
        """Go to the first posting at or after an id; never backwards."""
        if not self.is_active():
            raise ReadTooFar
        # An id of the array's own type spares NumPy the conversion of the whole array.
        target = np.uint32(min(max(id, 0), _MAX_DOC_ID)) if isinstance(id, int) else id
        self._place += int(self._ids[self._place :].searchsorted(target))

    def skip_to_quality(self, minquality: float) -> int:
        """Leave the block, that is the list, unless it may hold more than `minquality`."""
        if not self.is_active() or self.block_quality() > minquality:
            return 0
        self._place = len(self._ids)
        return 1

    def id(self) -> Any:
        """The doc id (or vector term) at the cursor; behind the end the last one."""
        # Whoosh's AndNotMatcher asks for it after a skip to the end, as its own matchers allow.
        return self._ids.item(min(self._place, len(self._ids) - 1))

    def all_ids(self) -> Iterator[Any]:
        """The ids from the cursor on; the cursor stays."""
        return iter(self._ids[self._place :].tolist())

    def all_items(self) -> Iterator[tuple[Any, bytes]]:
        """(id, encoded value) of each posting from the cursor on; the cursor stays."""
        for place in range(self._place, len(self._ids)):
            yield self._ids.item(place), self._values.encoded(place, self.format)

    def weight(self) -> float:
        """The weight at the cursor."""
        return 1.0 if self._weights is None else float(self._weights[self._place])

    def value(self) -> bytes:
        """The encoded value at the cursor."""
        return self._values.encoded(self._place, self.format)

    def value_as(self, astype: str) -> Any:
        """The value at the cursor as a type that the format supports."""
        decoded = self._values.decoded(self._place, astype)
        return self.format.decode_as(astype, self.value()) if decoded is None else decoded

    # The one block

    def block_min_id(self) -> Any:
        """The first id."""
        return self._ids.item(0)

    def block_max_id(self) -> Any:
        """The last id."""
        return self._ids.item(-1)

    def block_min_length(self) -> Any:
        """The least field length among the documents."""
        return self._info.min_length() if self._info else None

    def block_max_length(self) -> Any:
        """The greatest field length among the documents."""
        return self._info.max_length() if self._info else None

    def block_max_weight(self) -> float:
        """The greatest weight."""
        if self._info:
            return float(self._info.max_weight())
        return 1.0 if self._weights is None else float(self._weights.max())
