"""Inside other programs: the examples of docs/embedding.md run as they are written, and the host stays as it was."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from articles import ARTICLES, write_jsonl

import indexer

PAGE = (Path(__file__).parents[1] / "docs" / "embedding.md").read_text(encoding="utf-8")
SCRIPT, APPLICATION = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_jsonl(tmp_path / "feed.jsonl")
    monkeypatch.chdir(tmp_path)


def run(example: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(example, "embedding.md", "exec"), names)
    return names


@pytest.mark.usefixtures("in_folder")
def test_the_script_of_ten_lines_indexes_and_searches(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(SCRIPT.splitlines()) <= 10
    run(SCRIPT)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"4 of {len(ARTICLES)} articles"
    assert printed[1].endswith(" | Daily Harbour")
    assert printed[-1] == "4 Daily Harbour"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a script has to guard its main module")
@pytest.mark.parametrize("way", ["fork", "forkserver"])
def test_the_script_needs_no_guard_however_processes_start_by_default(tmp_path: Path, way: str) -> None:
    write_jsonl(tmp_path / "feed.jsonl")
    script = tmp_path / "script.py"
    script.write_text(f"import multiprocessing\nmultiprocessing.set_start_method({way!r})\n{SCRIPT}", encoding="utf-8")
    done = subprocess.run([sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"4 of {len(ARTICLES)} articles\n")


@pytest.mark.parametrize("held_back", [set(), {signal.SIGINT}], ids=["none", "Ctrl-C"])
def test_an_ingest_leaves_the_signals_that_its_host_holds_back_as_they_were(
    tmp_path: Path, held_back: set[signal.Signals]
) -> None:
    write_jsonl(tmp_path / "feed.jsonl")
    before = signal.pthread_sigmask(signal.SIG_SETMASK, held_back)
    try:
        indexer.open_index(tmp_path / "index", create=True).ingest(tmp_path / "feed.jsonl", workers=2)
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == held_back
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.mark.usefixtures("in_folder")
def test_the_archive_is_served_below_a_prefix_of_another_application() -> None:
    run(SCRIPT)
    client = run(APPLICATION)["app"].test_client()
    assert client.get("/").text == f"{len(ARTICLES)} articles in the archive"
    assert client.get("/archive/v1/search?q=dividend").json["total"] == 2
    assert client.get("/archive/docs").status_code == 200
    assert client.get("/archive/openapi.json").json["servers"] == [{"url": "/archive"}]
    assert client.get("/archive/v1/articles/nobody").json["code"] == "article_not_found"
    assert client.get("/nowhere").mimetype == "text/html"
