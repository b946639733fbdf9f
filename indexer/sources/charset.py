"""Bytes of a page to text, whatever character set they are in and whatever they claim to be in."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# <meta charset="...">, <meta http-equiv ... content="text/html; charset=..."> and <?xml encoding="..."?>
_DECLARATION = re.compile(
    rb"<(?:meta\b[^>]{0,300}?\bcharset|\?xml\b[^>]{0,300}?\bencoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I
)
_DECLARATION_WINDOW = 8192

# Browsers read the left names as the right ones, which are supersets; so do we.
_SUPERSETS = {
    "windows-31j": "cp932",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
# What the web is written in. The rest of Python's codecs ("hex", "idna", EBCDIC, ...) are never meant.
_WEB_CODECS = frozenset(
    [
        *("utf-8", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"),
        *(f"cp125{page}" for page in range(9)),
        *(f"iso8859-{part}" for part in (*range(2, 9), 10, 13, 14, 15, 16)),
        *("cp866", "cp874", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"),
    ]
)
# Candidates for undeclared bytes in a script that is not Latin.
_GUESSES = [
    *("cp1252", "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "cp874"),
    *("cp932", "euc_jp", "gb18030", "big5hkscs", "cp949"),
]
_RUN_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_LINES_BEYOND_ASCII = re.compile(rb"[^\r\n]{0,2000}[\x80-\xff][^\r\n]{0,2000}")
_GUESS_WINDOW = 32768


def decode(data: bytes, declared: str | None) -> str:
    """The text of `data`; never raises.

    declared  the charset that the transport (an HTTP header) names, or None

    In this order: a byte order mark; UTF-8 where the bytes are valid UTF-8, or nearly (text of another
    charset hardly ever is, whereas declarations are often wrong); the transport's charset; the one that the
    page itself declares; the best guess. Bytes that fit nowhere become U+FFFD.
    """
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    if data[:1] == b"\0" or data[1:2] == b"\0":
        wide = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        return data.decode(wide, "replace")
    if b"\x1b" in data and "iso2022_jp" in (web_codec(declared), _declared_inside(data)):
        return data.decode("iso2022_jp", "replace")  # the one web charset whose bytes are all ASCII
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for candidate in ("utf-8", web_codec(declared), _declared_inside(data)):
        if candidate and (text := _decode_mostly(data, candidate)) is not None:
            return text
    return data.decode(_guess(data), "replace")


@lru_cache(maxsize=256)
def web_codec(label: str | None) -> str | None:
    """The Python codec for a charset label as pages spell it, or None when it is no charset of the web."""
    label = (label or "").strip(" \t\r\n\"'").lower()
    label = _SUPERSETS.get(label, label)
    for spelling in (label, label.removeprefix("x-"), label.replace("windows-", "cp")):
        try:
            name = codecs.lookup(spelling).name
        except (LookupError, ValueError):  # ValueError: a label with a NUL
            continue
        name = _SUPERSETS.get(name, name)
        return name if name in _WEB_CODECS else None
    return None


def _declared_inside(data: bytes) -> str | None:
    found = _DECLARATION.search(data, 0, _DECLARATION_WINDOW)
    return web_codec(found[1].decode("ascii", "replace")) if found else None


def _decode_mostly(data: bytes, codec: str) -> str | None:
    """The text where at most one character in five beyond ASCII is broken: a cut page, a stray byte."""
    text = data.decode(codec, "replace")
    broken = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if broken * 5 <= beyond_ascii else None


def _guess(data: bytes) -> str:
    telling = b"\n".join(_LINES_BEYOND_ASCII.findall(data, 0, 8 * _GUESS_WINDOW))[:_GUESS_WINDOW]
    runs = _RUN_BEYOND_ASCII.findall(telling)
    if sum(map(len, runs)) <= 1.5 * len(runs):
        return "cp1252"  # lone accented letters: Latin script, whose charsets no statistics tell apart; as browsers do
    from charset_normalizer import from_bytes

    best = from_bytes(telling, cp_isolation=_GUESSES).best()
    return best.encoding if best else "cp1252"
