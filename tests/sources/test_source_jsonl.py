"""JSON Lines and JSON documents, read from files as they come: compressed, cut off, broken in places."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.article import Article
from indexer.report import Reject
from indexer.sources import jsonl, stream
from indexer.sources import unparsed as lines_of_files

OBJECTS: list[dict[str, Any]] = [
    {"title": "Ferry late", "text": 'It said "{" and "}".', "tags": ["fog", "sea"], "publisher": {"name": "Post"}},
    {"title": "Ferry found", "text": "Все пассажиры целы.\n\nNobody slept.", "tags": [], "publisher": {}},
    {"title": "Ferry sold"},
]
TITLES = [values["title"] for values in OBJECTS]


def lines(*objects: object) -> bytes:
    return b"".join(json.dumps(values, ensure_ascii=False).encode() + b"\n" for values in objects)


def read(data: bytes, **options: Any) -> list[sources.Record]:
    return list(sources.read(["-"], stdin=io.BytesIO(data), **options))


def titles(records: list[sources.Record]) -> list[str]:
    return [record.title for record in records if isinstance(record, Article)]


def rejects(records: list[sources.Record]) -> list[tuple[str, str]]:
    return [(record.place, record.reason) for record in records if isinstance(record, Reject)]


@pytest.mark.parametrize("name", ["feed.jsonl", "feed.jsonl.gz", "feed.jsonl.zst", "feed", "feed.txt"])
def test_json_lines_are_read_plain_or_compressed_whatever_the_name(tmp_path: Path, name: str) -> None:
    data = lines(*OBJECTS)
    if name.endswith(".gz"):
        data = gzip.compress(data)
    elif name.endswith(".zst"):
        data = zstandard.compress(data)
    (tmp_path / name).write_bytes(data)
    assert titles(list(sources.read([tmp_path / name]))) == TITLES


def test_a_compressed_file_may_go_on_in_further_members_and_frames() -> None:
    first, second = lines(OBJECTS[0]), lines(*OBJECTS[1:])
    skippable = b"\x52\x2a\x4d\x18\x03\x00\x00\x00abc"
    assert titles(read(gzip.compress(first) + gzip.compress(second))) == TITLES
    frames = skippable + zstandard.compress(first) + skippable + zstandard.compress(second)
    assert titles(read(frames)) == TITLES


@pytest.mark.parametrize(
    "line",
    [
        '{"title": "Ferry l',
        '{"title": Ferry}',
        "Ferry late",
        '{"title": "Ferry"} {"title": "Fog"}',
        "{",
        '"Ferry"',
        "7",
    ],
)
def test_broken_json_line_is_rejected_with_its_line_number(line: str) -> None:
    found = read(lines(OBJECTS[0]) + b"\n" + line.encode() + b"\n" + lines(OBJECTS[1]), format="jsonl")
    assert titles(found) == TITLES[:2]
    [(place, reason)] = rejects(found)
    assert place == "-:3"
    assert "write one" in reason


def test_an_object_without_text_is_rejected_with_its_line_number() -> None:
    found = read(lines(OBJECTS[0], {"title": "", "tags": ["fog"]}, OBJECTS[1]))
    assert titles(found) == TITLES[:2]
    assert rejects(found) == [("-:2", "no title and no text")]


@pytest.mark.parametrize("indent", [None, 4])
def test_what_the_crawler_of_fundus_saves_is_articles_by_their_outlet(indent: int | None) -> None:
    saved = {"North Shore Post": OBJECTS[:2], "Southern Mail": [], "Reed & Sedge": OBJECTS[2:]}
    found = read(json.dumps(saved, indent=indent).encode())
    assert titles(found) == TITLES
    assert [record.source for record in found if isinstance(record, Article)] == [
        *("North Shore Post", "North Shore Post", "Reed & Sedge")
    ]
    renamed = read(json.dumps(saved, indent=indent).encode(), source="Post")
    assert {record.source for record in renamed if isinstance(record, Article)} == {"Post"}


@pytest.mark.parametrize(
    "answer",
    [
        {"stories": OBJECTS, "pagination_token": "b3Rl"},
        {"status": "ok", "totalResults": 3, "articles": OBJECTS},
        {"bozo": False, "entries": OBJECTS, "feed": {"title": "North Shore Post"}},
    ],
)
@pytest.mark.parametrize("indent", [None, 4])
def test_the_articles_in_an_answer_of_a_service_are_read(answer: dict[str, Any], indent: int | None) -> None:
    found = read(json.dumps(answer, indent=indent).encode())
    assert titles(found) == TITLES
    assert [record.source for record in found if isinstance(record, Article)] == ["Post", "", ""]


def test_a_list_beside_the_token_of_the_next_page_is_read() -> None:
    found = read(json.dumps([OBJECTS, "b3Rl"]).encode())
    assert titles(found) == TITLES
    [(place, reason)] = rejects(found)
    assert (place, "no object" in reason) == ("-:1[1]", True)


def test_a_record_inside_an_object_is_rejected_with_its_place() -> None:
    found = read(json.dumps({"stories": [OBJECTS[0], {"title": ""}, 7]}).encode())
    assert titles(found) == TITLES[:1]
    assert [place for place, _ in rejects(found)] == ["-:1.stories[1]", "-:1.stories[2]"]


@pytest.mark.parametrize(
    "value", [{"stories": []}, {"comments": [{"text": "Late again"}]}, {"images": [{"url": "a"}]}, [{}]]
)
def test_an_object_around_something_else_is_one_reject(value: object) -> None:
    assert len(rejects(read(json.dumps(value).encode(), format="jsonl"))) == 1


def test_last_line_needs_no_line_end_and_windows_line_ends_are_fine() -> None:
    assert titles(read(lines(*OBJECTS).replace(b"\n", b"\r\n").rstrip())) == TITLES


def test_byte_order_mark_is_skipped() -> None:
    assert titles(read(b"\xef\xbb\xbf" + lines(*OBJECTS))) == TITLES


def test_utf16_is_refused_with_the_way_to_convert_it() -> None:
    [(place, reason)] = rejects(read(lines(*OBJECTS).decode().encode("utf-16")))
    assert (place, "iconv" in reason) == ("-:1", True)


def test_what_python_writes_and_json_forbids_is_read_all_the_same() -> None:
    found = read(b'{"title": "Ferry \\ud83d late", "date": NaN, "body": "caf\xe9 society on the pier"}\n')
    assert titles(found) == ["Ferry ? late"]
    [article] = found
    assert isinstance(article, Article)
    assert article.body == "café society on the pier"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=4),
        json.dumps(OBJECTS, indent="\t"),
        "[\n" + ",\n".join(map(json.dumps, OBJECTS)) + "\n]\n",
        "[" + ",".join(json.dumps(values, indent=2) for values in OBJECTS) + "]",
        "[{" + "}, {".join(json.dumps(values, indent=2)[1:-1] for values in OBJECTS) + "}]",
        "\n".join(json.dumps(values, indent=2) for values in OBJECTS),
        # newspaper4k's command line closes its array after each article.
        "[" + ",]".join(json.dumps(values, indent=4) for values in OBJECTS) + "]",
    ],
)
def test_json_documents_are_read_however_they_are_laid_out(text: str) -> None:
    assert titles(read(text.encode())) == TITLES
    assert rejects(read(text.encode())) == []


def test_one_object_laid_out_over_lines_is_one_article() -> None:
    assert titles(read(json.dumps(OBJECTS[0], indent=4).encode())) == TITLES[:1]


def test_a_broken_object_of_a_document_costs_that_object_only() -> None:
    text = json.dumps(OBJECTS, indent=4).replace('"Ferry found",', '"Ferry found"')
    found = read(text.encode())
    assert titles(found) == ["Ferry late", "Ferry sold"]
    [(place, reason)] = rejects(found)
    assert place == f"-:{text[: text.index('Ferry found')].count(chr(10))}"
    assert "not valid JSON" in reason


def test_a_document_that_is_cut_off_gives_its_whole_objects_and_one_reject() -> None:
    text = json.dumps(OBJECTS, indent=4)
    found = read(text[: text.index("Ferry sold")].encode())
    assert titles(found) == TITLES[:2]
    [(_, reason)] = rejects(found)
    assert "not closed" in reason


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=5),
            st.recursive(st.none() | st.text(max_size=9), lambda x: st.lists(x, max_size=3)),
            max_size=3,
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([None, 1, 4, "\t"]),
)
def test_every_layout_gives_the_same_objects(objects: list[dict[str, Any]], indent: int | str | None) -> None:
    named = [{**values, "title": f"Ferry {number}"} for number, values in enumerate(objects)]
    expected = read(lines(*named))
    found = read(json.dumps(named, indent=indent).encode(), format="jsonl")
    assert titles(found) == titles(expected)
    assert len(rejects(found)) == len(rejects(expected))


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_truncated_file_gives_its_whole_lines_and_one_reject(tmp_path: Path, compress: Any) -> None:
    import random

    noise = random.Random(4)
    objects = [{"title": f"Ferry {number}", "body": f"{noise.random()} " * 20} for number in range(20_000)]
    data = compress(lines(*objects))
    path = tmp_path / "cut"
    path.write_bytes(data[: len(data) // 2])
    found = list(sources.read([path]))
    whole = titles(found)
    assert 8_000 < len(whole) < 12_000
    assert whole == [f"Ferry {number}" for number in range(len(whole))]
    [(place, reason)] = rejects(found)
    assert place == f"{path}:{len(whole) + 1}"
    assert "ends too early" in reason


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_damaged_compressed_file_is_one_reject(compress: Any) -> None:
    data = bytearray(compress(lines(*OBJECTS) * 50))
    data[len(data) // 2 : len(data) // 2 + 20] = b"\xff" * 20
    [(_, reason)] = rejects(read(bytes(data)))
    assert "damaged" in reason or "too early" in reason


def test_a_line_above_the_limit_is_rejected_and_the_rest_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LARGEST_RECORD", 2000)
    huge = {"title": "Ferry", "body": "x" * 9000}
    found = read(lines(OBJECTS[0], huge, OBJECTS[1]), format="jsonl")
    assert titles(found) == TITLES[:2]
    [(place, reason)] = rejects(found)
    assert place == "-:2"
    assert "larger than" in reason


def test_an_object_of_a_document_above_the_limit_is_rejected_and_the_rest_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LARGEST_RECORD", 2000)
    huge = {"title": "Ferry", "body": ["x" * 900] * 5}
    found = read(json.dumps([OBJECTS[0], huge, OBJECTS[1]], indent=2).encode(), format="jsonl")
    assert titles(found) == TITLES[:2]
    assert len(rejects(found)) == 1


def test_lines_can_be_parsed_elsewhere() -> None:
    unparsed = list(sources.lines(["-"], stdin=io.BytesIO(lines(*OBJECTS)), source="Post"))
    assert all(isinstance(line, sources.Lines) for line in unparsed)
    assert [record for line in unparsed for record in sources.parsed(line)] == read(lines(*OBJECTS), source="Post")


def elsewhere(unparsed: Iterable[Any]) -> list[Any]:
    """What another process is given."""
    return [pickle.loads(pickle.dumps(lines)) for lines in unparsed]


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is read again by who parses it."""
    path = tmp_path / "articles.jsonl"
    path.write_bytes(lines(*OBJECTS * 5000))
    monkeypatch.setattr(lines_of_files, "_WORTH_HOLDING", path.stat().st_size)
    return path


def _parsed(unparsed: Iterable[Any]) -> list[Any]:
    return [record for line in unparsed for record in sources.parsed(line)]


def test_a_large_plain_file_is_read_again_by_the_process_that_parses_it(large: Path) -> None:
    unparsed = list(sources.lines([large], source="Post"))
    assert len(unparsed) > 1
    assert [line.text for line in elsewhere(unparsed)] == [line.text for line in unparsed]
    assert sum(len(pickle.dumps(line)) for line in unparsed) < 1000 * len(unparsed)
    assert _parsed(elsewhere(unparsed)) == list(sources.read([large], source="Post"))


def test_nothing_is_held_open_longer_than_what_was_read_of_it(large: Path) -> None:
    def held() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = held()
    unparsed = list(sources.lines([large]))
    assert held() == before + 1
    del unparsed
    assert held() == before


@pytest.mark.parametrize("pack", [gzip.compress, lambda text: text[: text.index(b"\n") + 1]])
def test_what_is_no_large_plain_file_of_lines_is_handed_over(large: Path, pack: Any) -> None:
    large.write_bytes(pack(large.read_bytes()))
    unparsed = list(sources.lines([large]))
    found = elsewhere(unparsed)
    large.unlink()
    assert found == unparsed
    assert _parsed(found)[0].title == TITLES[0]


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.rename(path.with_name("yesterday.jsonl"))])
def test_a_file_may_lose_its_name_before_it_is_parsed(large: Path, change: Any) -> None:
    unparsed = list(sources.lines([large]))
    change(large)
    assert len(_parsed(elsewhere(unparsed))) == 5000 * len(OBJECTS)


def test_a_file_that_is_cut_before_it_is_parsed_is_rejected(large: Path) -> None:
    first, *_, last = sources.lines([large])
    os.truncate(large, len(first.text))
    cut = Reject(place=f"{large}:{last.first}", reason="the file was cut while it was read; read it again")
    assert elsewhere([first, last]) == [first._replace(stretch=None), cut]


NESTED = {"title": "Nested", "text": "{\n}", "authors": [{"name": "Ann"}, {"name": "Bo"}]}
LAYOUTS = {
    "lines": lambda objects: lines(*objects),
    "lines of Windows": lambda objects: lines(*objects).replace(b"\n", b"\r\n"),
    "array": lambda objects: json.dumps(objects).encode(),
    "array over lines": lambda objects: json.dumps(objects, indent=2).encode(),
    "array with tabs": lambda objects: json.dumps(objects, indent="\t").encode(),
    "objects over lines": lambda objects: b"\n".join(json.dumps(values, indent=2).encode() for values in objects),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@given(st.lists(st.sampled_from([*OBJECTS, NESTED]), min_size=1, max_size=6), st.integers(1, 300), st.data())
def test_a_file_is_read_alike_wherever_it_is_cut(
    layout: Any, objects: list[dict[str, Any]], size: int, data: st.DataObject
) -> None:
    text = layout(objects)
    # Cut off, too.
    text = text[: data.draw(st.sampled_from([len(text), len(text) * 2 // 3]))]
    whole = read(text, format="jsonl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "_CHUNK", size)
        assert read(text, format="jsonl") == whole
        # Where there is no place to cut, one line after the other.
        patch.setattr(jsonl, "_MOST_UNCUT", 10)
        assert read(text, format="jsonl") == whole


class Slow(io.BytesIO):
    """Has something to read a few times, and fails whoever asks once more."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__()
        self.pieces = list(pieces)

    def read1(self, size: int | None = -1) -> bytes:
        assert self.pieces, "what was read is held back"
        return self.pieces.pop(0)


def test_a_line_that_comes_slowly_is_read_before_the_next_one_comes() -> None:
    # The first read waits for enough to tell the format by.
    found = sources.read(["-"], stdin=Slow(lines(*OBJECTS * 20), lines(OBJECTS[1])), format="jsonl")
    assert titles([next(found) for _ in range(61)]) == [*TITLES * 20, TITLES[1]]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    read(data)
    read(data, format="jsonl")


SHARED = Path(__file__).parents[3] / "shared" / "data" / "reuters21578.jsonl.zst"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared Reuters collection is not here")
def test_the_reuters_collection_is_read_whole() -> None:
    found = list(sources.read([SHARED]))
    assert len(found) == 21578
    assert len(rejects(found)) <= 1
    assert all(record.date is not None for record in found if isinstance(record, Article))
