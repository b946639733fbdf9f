"""Opening an input: decompression by content, bytes counted for progress bars, and what went wrong in words."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from io import BufferedReader
from typing import BinaryIO

from indexer.errors import PageError

# What reading a stream of this module may raise. Words for it: `reason`.
BROKEN = (OSError, EOFError, zlib.error)

HEAD = 4
LARGEST_RECORD = 64 * 1024 * 1024  # bytes of one page or one line, decompressed; what is larger is no article
_BUFFER = 256 * 1024
_FIRST_READ = 4096  # enough to tell the format, even where a pipe delivers a few bytes at a time
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = (0x184D2A50).to_bytes(4, "little")
# A zstd block of 4 bytes can stand for 128 KB, so that this much input makes 64 MB at the very most.
_ZSTD_INPUT = 2048


def opened(file: BinaryIO, on_bytes: Callable[[int], None] | None = None) -> BufferedReader:
    """A buffered stream over `file`, decompressed if its first bytes say gzip or zstd.

    on_bytes  called with the number of bytes just taken from `file`, compressed as they are

    Every read may raise one of BROKEN, after all that could be decompressed was delivered.
    """
    plain: BufferedReader = io.BufferedReader(_Chunks(_Counted(file, on_bytes).read), _BUFFER)
    head = plain.peek(HEAD)
    if head.startswith(_GZIP):
        return io.BufferedReader(_Chunks(gzip.GzipFile(fileobj=plain).read1), _BUFFER)
    if is_compressed(head):
        return io.BufferedReader(_Chunks(_Zstd(plain).read), _BUFFER)
    return plain


def is_compressed(head: bytes) -> bool:
    """Whether the first HEAD bytes of a file say gzip or zstd."""
    skippable = head[1:4] == _ZSTD_SKIPPABLE[1:] and head[0] & 0xF0 == _ZSTD_SKIPPABLE[0]
    return skippable or head.startswith((_GZIP, _ZSTD))


def whole(file: BinaryIO, what: str) -> bytes:
    """All that is left of a stream that holds one `what`. Raises PageError where it breaks off or is too large."""
    try:
        data = file.read(LARGEST_RECORD + 1)
    except BROKEN as error:
        raise PageError(reason(error)) from None
    if len(data) > LARGEST_RECORD:
        raise PageError(too_large(what))
    return data


def reason(error: Exception) -> str:
    """What to tell the user about one of BROKEN."""
    if isinstance(error, EOFError):
        return "the compressed data ends too early; everything before was read; fetch the file again"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return f"the compressed data is damaged ({error}); everything before was read; fetch the file again"


def too_large(what: str) -> str:
    """What to tell the user about a record above LARGEST_RECORD."""
    return f"the {what} is larger than {LARGEST_RECORD >> 20} MB; no article is; split it or leave it out"


def resumed(taken: bytes, file: BufferedReader) -> BufferedReader:
    """A stream over bytes that were taken from another one, and then over the rest of that."""
    before = io.BytesIO(taken)
    return io.BufferedReader(_Chunks(lambda size: before.read(size) or file.read1(size)), _BUFFER)


class _Chunks(io.RawIOBase):
    """A raw stream over a function that returns at most so many bytes, none at the end."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Counted:
    def __init__(self, file: BinaryIO, on_bytes: Callable[[int], None] | None) -> None:
        # read1 returns what a pipe has to offer, where read would wait for the buffer to fill.
        self._read: Callable[[int], bytes] = getattr(file, "read1", file.read)
        self._on_bytes = on_bytes
        self._started = False

    def read(self, size: int) -> bytes:
        chunk = self._read(size)
        while not self._started and 0 < len(chunk) < _FIRST_READ and (more := self._read(size - len(chunk))):
            chunk += more
        self._started = True
        if self._on_bytes:
            self._on_bytes(len(chunk))
        return chunk


class _Zstd:
    """Frames one after the other. Unlike the library's own reader it notices when the last one is cut off."""

    def __init__(self, file: BinaryIO) -> None:
        from zstandard import ZstdDecompressor

        self._file = file
        self._decompressor = ZstdDecompressor()
        self._frame = self._decompressor.decompressobj()
        self._input = b""
        self._output = memoryview(b"")
        self._inside_frame = False

    def read(self, size: int) -> bytes:
        from zstandard import ZstdError

        while not self._output:
            self._input = self._input or self._file.read(_ZSTD_INPUT)
            if not self._input:
                if self._inside_frame:
                    raise EOFError
                return b""
            try:
                self._output = memoryview(self._frame.decompress(self._input))
            except ZstdError as error:
                raise zlib.error(str(error)) from error
            self._inside_frame = not self._frame.eof
            self._input = b""
            if self._frame.eof:
                self._input = self._frame.unused_data
                self._frame = self._decompressor.decompressobj()
        chunk, self._output = self._output[:size], self._output[size:]
        return bytes(chunk)
