"""A corpus: one plain JSONL file that every engine reads, made of whatever JSONL the user names."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

GENERATED = "generated:"


class Record(NamedTuple):
    """One article as the adapters index it. `date` is aware UTC."""

    id: str
    title: str
    body: str
    source: str
    date: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A corpus on disk.

    name      for reports
    path      plain JSONL, each line an article with text and an id of its own
    articles  lines in it; skipped are those of the input that were no such article
    bytes     its size
    """

    name: str
    path: Path
    articles: int
    skipped: int
    bytes: int


def prepare(place: str, directory: Path) -> Corpus:
    """Make the corpus of a path (.jsonl, .gz or .zst) or of "generated:ARTICLES[:SEED]" in `directory`.

    A line without text, with a date that is not ISO 8601 or with an id that was there before is skipped, so that
    no engine's way of treating it counts. Raises OSError for a path that cannot be read, ValueError for a bad name.
    """
    path = directory / "corpus.jsonl"
    if place.startswith(GENERATED):
        from benchmarks.generate import generate

        articles, _, seed = place.removeprefix(GENERATED).partition(":")
        with path.open("wb") as output:
            generate(output, int(articles), int(seed or 1))
        return Corpus(
            name=f"generated-{articles}", path=path, articles=int(articles), skipped=0, bytes=path.stat().st_size
        )
    ids: set[str] = set()
    lines = 0
    with opened(Path(place)) as file, path.open("wb") as output:
        for lines, line in enumerate(file, 1):
            values = _usable(line, lines)
            if values is not None and values["id"] not in ids:
                ids.add(values["id"])
                output.write(orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE))
    name = Path(place).name.split(".jsonl")[0]
    return Corpus(name=name, path=path, articles=len(ids), skipped=lines - len(ids), bytes=path.stat().st_size)


def records(path: Path) -> Iterator[Record]:
    """The articles of a corpus' file, in its order."""
    with path.open("rb") as file:
        for line in file:
            yield record(line)


def record(line: bytes) -> Record:
    """The article on one line of a corpus' file."""
    values = orjson.loads(line)
    return Record(
        values["id"],
        values.get("title") or "",
        values.get("body") or "",
        values.get("source") or "",
        _moment(values["date"]) if values.get("date") else None,
    )


def _usable(line: bytes, number: int) -> dict[str, Any] | None:
    try:
        values = orjson.loads(line)
        if values.get("date"):
            _moment(values["date"])
    except (ValueError, TypeError, AttributeError):
        return None
    texts = [values.get(name) or "" for name in ("title", "body", "source")]
    if not all(isinstance(text, str) for text in texts) or not "".join(texts[:2]).strip():
        return None
    values["id"] = str(values.get("id") or f"line-{number}")
    return dict(values)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def opened(path: Path) -> IO[bytes]:
    """A JSONL file (plain, .gz or .zst) to read."""
    if path.suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if path.suffix == ".zst":
        import zstandard

        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(path.open("rb"), closefd=True))
    return path.open("rb")
