"""Input made to harm: bounded memory and time, a clear rejection. The kept corpus of `fuzz` and mutations of it."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import subprocess
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import zstandard
from acts import THOROUGH, sound
from hypothesis import given
from hypothesis import strategies as st
from processes import environment, script
from targets import CORPUS, TARGETS, small_index

from indexer.errors import ParameterError
from indexer.query.matching import glob

MUTATIONS = 60 * THOROUGH
BYTES = [
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"(",
    b'"',
    b"<",
    b"{",
    b"[",
    b"-",
    b"~",
    b"*",
    b"\n",
    b"9" * 20,
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with some pieces cut out, doubled, moved, flipped or put in."""
    piece = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place, size = chance.randrange(len(piece) + 1), chance.choice([1, 4, 30, 300])
        match chance.randrange(5):
            case 0:
                del piece[place : place + size]
            case 1:
                piece[place:place] = piece[place : place + size] * chance.choice([1, 3])
            case 2:
                piece[place:place] = piece[chance.randrange(len(piece) + 1) :][:size]
            case 3:
                piece[place:place] = chance.choice(BYTES) * chance.choice([1, 2, 50])
            case _:
                if place < len(piece):
                    piece[place] ^= 1 << chance.randrange(8)
    return bytes(piece[:20_000])


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_but_errors_raised_on_purpose(target: str) -> None:
    kept = sorted((CORPUS / target).iterdir())
    assert kept
    chance = random.Random(int(os.environ.get("FUZZ_SEED", "8")))
    for file in kept:
        TARGETS[target](file.read_bytes())
    for _ in range(MUTATIONS):
        data = mutated(chance.choice(kept).read_bytes(), chance)
        try:
            TARGETS[target](data)
        except Exception as error:
            raise AssertionError(f"{target} fails on {data!r}") from error


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Names and contents; with "good" in the name an article is expected, otherwise a rejection."""
    megabyte = b"storm at sea, ferries " * 47_663
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="w", compresslevel=1) as out:
        out.write(b'{"id":"bomb","title":"Storm","body":"')
        for _ in range(200):
            out.write(megabyte)
    yield "bomb.jsonl.gz", bomb.getvalue()
    yield "nested-bomb.jsonl.gz", gzip.compress(bomb.getvalue())
    compressor = zstandard.ZstdCompressor(level=1).compressobj()
    yield (
        "bomb.html.zst",
        b"".join(
            [compressor.compress(b"<p>"), *(compressor.compress(megabyte) for _ in range(200)), compressor.flush()]
        ),
    )
    yield "deep.jsonl", b'{"title":"a","body":' + b"[" * 500_000 + b"]" * 500_000 + b"}\n"
    yield "deep-objects.jsonl", b'{"a":' * 200_000 + b"\n"
    yield "deep-open.json", b"[" * 3_000_000
    yield "deep.html", b"<div>" * 50_000 + b"<p>" + b"The harbour stays closed after the storm. " * 20
    yield "good-tags.html", b"<h1>Storm</h1><p>" + b"<b><i>The harbour stays closed. " * 3_000
    yield "attributes.html", b"<p " + b"a=b " * 500_000 + b">"
    yield "unclosed.html", b"<!--" * 200_000
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    yield (
        "laughs.xml",
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a0 "ha">{entities}]><rss version="2.0"><channel>'
        "<item><title>&a11;</title><description>&a11;</description></item></channel></rss>".encode(),
    )
    yield (
        "file.xml",
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>'
        b"<item><title>&x;</title><description>&x; and &x;</description></item></channel></rss>",
    )
    yield "good-line.txt", b"Storm closes the harbour\n\n" + b"The ferry waits for the storm to pass. " * 20_000
    yield "one-word.txt", b"x" * 1_000_000
    yield "nul.txt", bytes(1_000_000)
    yield "good-nul.jsonl", b'{"id":"nul","title":"Sto\\u0000rm","body":"The har\\u0000bour.\\u0000"}\n'
    yield "good-surrogates.jsonl", b'{"id":"lone","title":"Storm \\ud800","body":"\\udfff The harbour. \\ud83d"}\n'
    yield "good-mixed.jsonl", b'{"id":"mixed","title":"Storm \xff\xe9","body":"Se\xf1or \xc3\xb1 \x93harbour\x94"}\n'
    yield (
        "good-right-to-left.jsonl",
        json.dumps(
            {"id": "rtl", "title": "\u202eالميناء\u202c מזג", "body": "عاصفة\u200f \u2067harbour\u2069 " * 50}
        ).encode(),
    )
    yield "long-id.jsonl", json.dumps({"id": "x" * 10_000_000, "title": "Storm", "body": "Harbour."}).encode() + b"\n"
    yield "good-combining.jsonl", json.dumps({"title": "Zalgo", "body": "e" + "\u0301" * 200_000}).encode()
    yield "numbers.jsonl", b'{"title":' + b"9" * 1_000_000 + b',"body":1e999999}\n'
    yield (
        "warc-length.warc",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<p>x",
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", bytes(1 << 20))
    yield "archive.zip", archive.getvalue()


def test_hostile_files_are_rejected_or_harmless_in_bounded_memory(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, data in hostile_files():
        (folder / name).write_bytes(data)
    (folder / "good-plain.jsonl").write_bytes(b'{"id":"plain","title":"Ferry","body":"The ferry sails."}\n')
    path = tmp_path / "news.index"
    limit = 1_500_000_000
    done = subprocess.run(
        [script("indexer"), "ingest", "--json", "--workers", "1", "--index", path, folder],
        env=environment({"OPENBLAS_NUM_THREADS": "1"}),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    rejected = {Path(reject["place"].partition(":")[0]).name for reject in report["rejects"]}
    assert not {name for name in rejected if name.startswith("good")}, report["rejects"]
    for name in ("bomb.jsonl.gz", "bomb.html.zst", "deep.jsonl", "nul.txt", "archive.zip"):
        assert name in rejected
    index = sound(path)
    assert index.get("plain").title == "Ferry"
    for hit in index.search_all():
        article = hit.article
        for text in (article.title, article.body):
            text.encode()
            assert "\0" not in text
        assert "root:" not in article.body
        assert len(article.body) < 5_000_000
    assert index.search("harbour").total > 0


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "-" * 100_000,
        '"' * 99_999,
        "a " * 100_000,
        "a OR " * 50_000,
        "NOT " * 50_000,
        "*" * 10_000,
        "?*" * 5_000 + "a",
        "a*b*c*d*e*f*g*h*i*j*k*l*m*n*" * 20,
        "*" * 30 + "x",
        "*r" * 20 + "x",
        "source:" + "*" * 40 + "x",
        "title:" * 20_000,
        "x" * 100_000 + "~2",
        '"' + "the " * 20_000 + '"~9',
        "date:[" * 10_000,
        "\u0301" * 50_000,
        "\ud800" * 1_000,
        "\u202e\u2066" * 10_000,
        "a\0b",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_a_monstrous_query_is_answered(text: str) -> None:
    TARGETS["query"](text[:10_000].encode("utf-8", "surrogateescape" if text.isascii() else "surrogatepass"))
    assert small_index().search(text[:10_000]).total >= 0


def test_a_query_too_long_for_an_answer_is_refused() -> None:
    with pytest.raises(ParameterError, match="10,001 characters are too many"):
        small_index().search("a" * 10_001)


@given(st.text("ab*?", max_size=12), st.lists(st.text("abc", max_size=10), max_size=5))
def test_patterns_of_many_stars_match_what_they_should(pattern: str, words: list[str]) -> None:
    matches = glob(pattern).fullmatch
    assert [word for word in words if matches(word)] == [word for word in words if fnmatchcase(word, pattern)]
