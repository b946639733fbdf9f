"""Article segment, format 1: what the blocks of a segment file hold.

The container is that of `blocks`. `n` articles are numbered by `doc`: newest first, undated last, then by id.
CSR means: the entries of row r are entries[offsets[r]:offsets[r + 1]]. Strings are UTF-8. Where a number of
`stored.offsets` or of places does not fit into u4, the whole block is u8.

Articles
    ages             i8[n]      minus the seconds since 1970 (UTC), ascending; UNDATED where there is no date
    lengths          u4[n]      words of title and body
    title_lengths    u2[n]      words of the title
    digests          V16[n]     BLAKE2b of the stored article before compression
    ids, ids.offsets            CSR of the article ids
    ids.hashes       u8[n]      ascending: the first 8 bytes of BLAKE2b of each id, and
    ids.docs         u4[n]      the docs they belong to
    stored, stored.offsets      CSR of one Zstandard frame an article: JSON array of the fields of STORED, a
                                newline, the body
    dictionaries, dictionaries.offsets
                                CSR of the Zstandard dictionaries; a frame names its own

Columns, for each NAME of COLUMNS
    NAME.values                 JSON array of distinct display forms
    NAME.ordinals               u1, u2 or u4[pairs]: index into the values
    NAME.offsets     u4[n + 1]  CSR of the ordinals; absent where no article has several: then the ordinals
                                are one an article, the number of values standing for none

Terms of title and body: a stem, and the surface words ("forms") that have it
    stems, stems.offsets        CSR of s stems, ascending by bytes
    stems.postings   u4[s + 1]  the postings of a stem
    stems.places     u4[s + 1]  the places (occurrences) of a stem
    stems.forms      u4[s + 1]  CSR into forms: words of a stem, ascending; a word's rank there is its form
    forms            u4[w]      word numbers
    stems.variants   u4[s + 1]  CSR into variants: empty for a stem with a single form
    words, words.offsets        CSR of w words, ascending by bytes
    words.stems      u4[w]      the stem of a word
    words.docs       u4[w]      articles that hold it
    words.places     u4[w]      its occurrences

Postings, ordered by stem and doc
    postings.docs    u4[p]
    postings.keys    u2[p]      title flag << 15 | min(frequency, 127) << 8 | length byte (Whoosh's length_to_byte)
    postings.starts  u4[]       number of the first place of the postings 0, 16, 32, ...
    postings.long    u4[l]      ascending: postings with a frequency of 127 or more, and
    postings.frequencies u4[l]  their true frequencies

Places, ordered by stem, doc and position
    positions        u2[o], or u4[o] where one does not fit: position in `text`, the body's from BODY_START
    variants         u1, or u2: the form at each place, for stems with several
    anchors, anchors.offsets    CSR of u2, or u4: byte offset in the body of its words number 0, 16, 32, ...

meta: kind "articles", docs n, language, words (sum of lengths), title_words
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

KIND: Final = "articles"
EXTENSION: Final = ".bsc"
UNDATED: Final = np.iinfo(np.int64).max
# `reader` takes the values apart in this order.
STORED: Final = (
    "id", "url", "title", "source", "date", "date_precision", "date_method", "authors", "credits", "section",
    "topics", "language",
)  # fmt: skip
COLUMNS: Final = ("source", "author_name", "section", "topic", "language")

TITLE_FLAG: Final = 0x8000
STRIDE: Final = 16

# (256,): Whoosh's byte_to_length.
LENGTH_OF_BYTE: Final = np.array([round(27 * (1.033**byte - 1)) for byte in range(256)], np.uint32)


def id_hashes(article_ids: Iterable[bytes]) -> np.ndarray:
    """The numbers (u8) by which article ids are looked up."""
    from hashlib import blake2b

    return np.frombuffer(b"".join([blake2b(id, digest_size=8).digest() for id in article_ids]), "<u8")


def narrow(top: int) -> type[np.unsignedinteger]:
    """The smallest unsigned integer type that holds 0 to `top`."""
    return np.uint8 if top <= 0xFF else np.uint16 if top <= 0xFFFF else np.uint32


def counting(top: int) -> type[np.unsignedinteger]:
    """The type of a block that counts bytes or places up to `top`."""
    return np.uint32 if top <= 0xFFFFFFFF else np.uint64


def length_bytes(lengths: np.ndarray) -> np.ndarray:
    """Whoosh's one-byte approximation of field lengths, for an array of them."""
    return np.minimum(LENGTH_OF_BYTE.searchsorted(lengths), 255).astype(np.uint8)
