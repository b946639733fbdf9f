"""What may be opened as an index, and what may not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import NEWS, BuildIndex
from indexes import add, story

import indexer
from indexer.check import check, repair
from indexer.errors import IndexNotFoundError, IndexStateError, NotAnIndexError, ParameterError


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match=r"No index at .*none\.index\. Build one: indexer ingest --index "):
        indexer.open_index(tmp_path / "none.index")
    assert not (tmp_path / "none.index").exists()


def test_an_empty_folder_is_no_index_until_one_is_created_there(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="is empty"):
        indexer.open_index(tmp_path)
    indexer.open_index(tmp_path, create=True).close()
    assert indexer.open_index(tmp_path).search().total == 0


@pytest.mark.parametrize("create", [False, True])
def test_a_file_or_a_folder_of_other_things_is_not_an_index_and_stays_as_it_is(tmp_path: Path, create: bool) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(NotAnIndexError, match="is a file"):
        indexer.open_index(tmp_path / "notes.txt", create=create)
    with pytest.raises(NotAnIndexError, match="holds"):
        indexer.open_index(tmp_path, create=create)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("examine", [check, repair])
def test_checking_what_is_no_index_says_what_opening_it_says(tmp_path: Path, examine: Callable[[Path], object]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    for path in (tmp_path, tmp_path / "empty", tmp_path / "notes.txt", tmp_path / "none"):
        with pytest.raises(IndexStateError) as opened:
            indexer.open_index(path)
        with pytest.raises(type(opened.value), match=re.escape(str(opened.value))):
            examine(path)


def test_a_search_starts_without_importing_whoosh(new_index: BuildIndex) -> None:
    index = new_index(*NEWS)
    script = f"""
import sys, indexer
index = indexer.open_index({str(index.path)!r})
assert index.search('oil OR "the oil" date:2024 topic:a* -x~1', facets=("source", "date")).parsed
print([name for name in sys.modules if name.startswith(("whoosh.query", "whoosh.index", "whoosh.fields"))])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_creating_over_an_index_opens_it(new_index: BuildIndex) -> None:
    index = new_index(*NEWS)
    with indexer.open_index(index.path, create=True, language="de") as again:
        assert again.search().total == len(NEWS)
        assert again.language == "en"


def test_the_language_of_a_new_index_chooses_its_stemmer(tmp_path: Path) -> None:
    index = indexer.open_index(tmp_path / "de.index", create=True, language="de")
    add(index, tmp_path, [story("1", "Die Häuser stehen leer.")])
    assert index.search("Haus").total == 1
    with pytest.raises(ParameterError, match="no stemmer for 'xx'"):
        indexer.open_index(tmp_path / "xx.index", create=True, language="xx")
    assert not (tmp_path / "xx.index").exists()


def test_an_index_of_another_whoosh_schema_is_refused(tmp_path: Path) -> None:
    import whoosh.fields
    import whoosh.index

    whoosh.index.create_in(str(tmp_path), whoosh.fields.Schema(title=whoosh.fields.TEXT))
    with pytest.raises(NotAnIndexError, match=r"another schema .*elsewhere"):
        indexer.open_index(tmp_path)
