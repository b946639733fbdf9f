"""The compiled library: loaded at the first use of one of its functions."""

from __future__ import annotations

import ctypes
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.errors import ResourceError
from indexer.native.build import library

NUMBER: Final = ctypes.c_int64
POINTER: Final = ctypes.c_void_p
_BYTES: Final = ctypes.c_char_p
# Where empty arrays are: C's functions for memory take no null pointer, however little they are to do.
_NOWHERE: Final = ctypes.c_char()
_BYREF: Final = ctypes.byref
_FROM_BUFFER: Final[Any] = ctypes.c_char.from_buffer


def address(array: npt.NDArray[Any]) -> int:
    """Where the numbers of an array without gaps begin: a quarter of the time that `array.ctypes` takes."""
    buffer: Any = array
    return (
        ctypes.addressof(ctypes.c_char.from_buffer(buffer))
        if array.flags.writeable and array.size
        else array.ctypes.data
    )


class _Array:
    """The type of a parameter that takes an array of one type, of one dimension and without gaps.

    As numpy.ctypeslib.ndpointer, which takes five times as long: many calls take no longer than to hand over an array.
    """

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._dtype = np.dtype(dtype)

    def from_param(self, array: npt.NDArray[Any]) -> Any:
        """What C is given for an array. Raises TypeError for any other."""
        flags = array.flags
        if array.dtype != self._dtype or array.ndim != 1 or not flags.c_contiguous:
            raise TypeError(f"{self._dtype} is needed, not {array.dtype} of the shape {array.shape}")
        if not flags.writeable:
            return POINTER(array.ctypes.data)
        return _BYREF(_FROM_BUFFER(array) if array.size else _NOWHERE)


_U1, _U2, _U4, _I4, _I8, _F4, _F8 = map(
    _Array, (np.uint8, np.uint16, np.uint32, np.int32, np.int64, np.float32, np.float64)
)
# Those that let go of Python's lock: they take long.
_BUILDING: Final[dict[str, list[Any]]] = {
    "unknown_points": [_BYTES, NUMBER, _U1, _U4],
    "word_runs": [_BYTES, NUMBER, _U1, ctypes.c_uint64, _I4, _I4, _I4, _I4, ctypes.POINTER(NUMBER)],
    "words_of_runs": [NUMBER, _I4, _I4, _U1, _I8, _I4, _I4, _I4],
    "scatter": [NUMBER, _I8, _I8, _I4, _I4, _U2, _I8, _U4, _U4, _U2],
    "postings": [NUMBER, _I8, _U4, _U2, _I8, _I8, _I8, _I8, _U4, _I8, _U2, ctypes.POINTER(NUMBER)],
    "number_strings": [_BYTES, _I8, NUMBER, _I8, _I8],
    "unite": [POINTER, NUMBER, POINTER, _U1, _I8],
    "merge_postings": [POINTER, NUMBER, POINTER, NUMBER, NUMBER, _I8, POINTER, _I8, _I8],
}
# Those that keep it: to change threads takes longer than most of their calls.
_SEARCHING: Final[dict[str, list[Any]]] = {
    "layout": [_BYTES, NUMBER],
    "place_of": [POINTER, NUMBER, POINTER, NUMBER, _BYTES, NUMBER],
    "near_strings": [POINTER, NUMBER, POINTER, NUMBER, NUMBER, POINTER, _U4, NUMBER, NUMBER, _I8],
    "rows_of_words": [POINTER, _U4, NUMBER, _BYTES, _BYTES, NUMBER, NUMBER, NUMBER, NUMBER, _I8, NUMBER],
    "places_of_any": [POINTER, _U4, NUMBER, _U4, NUMBER, NUMBER, NUMBER, _I8, NUMBER],
    "docs_of_any": [POINTER, _U4, NUMBER, NUMBER, NUMBER, NUMBER, _U1, NUMBER],
    "docs_below": [_U4, NUMBER, _U4, NUMBER, _I8],
    "marked_docs": [_U1, NUMBER, _U4],
    "pieces_of_hits": [
        *(POINTER, _U1, _BYTES, _BYTES, _BYTES, NUMBER, _BYTES, NUMBER, _BYTES, NUMBER),
        *(_I8, _I8, _I4, _U1),
    ],
    "closeness": [POINTER, POINTER, _U4, NUMBER, _I8, NUMBER, _BYTES, NUMBER, _BYTES, NUMBER, _BYTES, _F8],
    "common_docs": [_U4, NUMBER, _U4, NUMBER, NUMBER, _I8],
    "sum_shares": [POINTER, _F4, _BYTES, NUMBER, ctypes.c_double, NUMBER, _F4],
    "unite_scored": [POINTER, _F4, _BYTES, NUMBER, _I8, NUMBER, _U4, _F4],
    "highest_scores": [_F4, NUMBER, NUMBER, _I8],
    "largest_counts": [_I8, NUMBER, NUMBER, _I8],
    "count_values": [_U4, NUMBER, POINTER, NUMBER, NUMBER, _I8, NUMBER],
}


@cache
def loops() -> SimpleNamespace:
    """The functions of the library. They take arrays of exactly the types of their signatures and return a number.

    Raises ResourceError where it was not installed and cannot be compiled either.
    """
    try:
        path = str(library())
        libraries = [(ctypes.CDLL(path), _BUILDING), (ctypes.PyDLL(path), _SEARCHING)]
    except OSError as error:
        message = f"the compiled part of Broadsheet is missing ({error}): install it with pip install"
        raise ResourceError(message) from error
    found = SimpleNamespace()
    for functions, signatures in libraries:
        for name, arguments in signatures.items():
            function = functions[name]
            function.argtypes, function.restype = arguments, NUMBER
            setattr(found, name, function)
    return found


def counted(found: int) -> int:
    """What a function returned that counts; raises MemoryError where it had too little."""
    if found < 0:
        raise MemoryError
    return found
