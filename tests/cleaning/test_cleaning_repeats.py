"""Cleaning a page again gives the same article, or ingesting it again would add a second one."""

from __future__ import annotations

from pathlib import Path

from processes import run

PAGES = Path(__file__).parents[2] / "sample_index" / "pages"


def test_a_page_is_cleaned_alike_whatever_order_a_process_keeps_sets_in() -> None:
    printed = {run("indexer", "clean", PAGES, env={"PYTHONHASHSEED": seed}).stdout for seed in ("0", "7")}
    assert len(printed) == 1
    assert printed.pop().count("\n") == 50
