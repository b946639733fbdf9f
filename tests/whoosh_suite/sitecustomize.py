"""Loaded by every Python process of the suite, spawned ones too: new Whoosh indexes get Broadsheet's codec."""

from __future__ import annotations

from typing import Any

import whoosh.codec

from indexer.segment.codec import ColumnarCodec


def default_codec(*_: Any, **__: Any) -> ColumnarCodec:
    # The arguments tune the block sizes of Whoosh's own codec.
    return ColumnarCodec()


whoosh.codec.default_codec = default_codec
