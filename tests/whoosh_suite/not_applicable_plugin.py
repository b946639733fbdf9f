"""pytest plugin: the tests of not_applicable.toml must fail; one that passes is a stale entry and fails the run."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import whoosh.codec

from indexer.segment.codec import ColumnarCodec


def pytest_configure() -> None:
    if not isinstance(whoosh.codec.default_codec(), ColumnarCodec):
        raise pytest.UsageError("sitecustomize.py was not loaded: run the suite by run.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    entries = tomllib.loads(Path(__file__).with_name("not_applicable.toml").read_text())["not_applicable"]
    reasons = {name: entry["reason"] for entry in entries for name in entry["tests"]}
    used = set()
    for item in items:
        # An entry is a file, a test function or one of its parameter sets.
        file, _, test = item.nodeid.removeprefix("tests/").partition("::")
        for name in (file, f"{file}::{test.partition('[')[0]}", f"{file}::{test}"):
            if name in reasons:
                used.add(name)
                item.add_marker(pytest.mark.xfail(reason=reasons[name], strict=True))
    unknown = reasons.keys() - used
    if unknown:
        raise pytest.UsageError(f"not_applicable.toml names tests that are not there: {sorted(unknown)}")
