"""What an ingest learns of the sites of its pages: one name an outlet, and the lines that all its pages share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

import indexer
from indexer import NewsIndex
from indexer.article import Article
from indexer.check import repair
from indexer.cleaning import clean_page
from indexer.errors import SourceError
from indexer.page import Page
from indexer.store import LEARNED_FILE, OUTLETS_FILE, write_learned

HEAD = '<html><head><title>{title}</title><meta property="og:site_name" content="{site}">'
PAGE = (
    HEAD + '<link rel="canonical" href="https://www.saltmarsh.example/news/{number}">'
    '<meta property="article:published_time" content="2024-05-0{number}T08:00:00Z"></head>'
    "<body><article><h1>{title}</h1><p>The council of Saltmarsh met for the {number}th time this spring and agreed to "
    "dredge the old canal, which barges have not used since the war.</p><p>Work begins in the autumn, said the "
    "harbour master, and will take two years if the money lasts.</p></article></body></html>"
)
Pages = Callable[..., Path]


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    def write(*sites: str, first: int = 1) -> Path:
        folder = tmp_path / f"pages{first}"
        folder.mkdir()
        for number, site in enumerate(sites, first):
            (folder / f"{number}.html").write_text(PAGE.format(title=f"Canal plan {number}", site=site, number=number))
        return folder

    return write


def sources(index: NewsIndex) -> dict[str, int]:
    return {stats.source: stats.articles for stats in index.sources()}


def test_one_outlet_has_one_name_whatever_its_pages_call_it(tmp_path: Path, pages: Pages) -> None:
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        folder = pages("Saltmarsh Gazette", "Saltmarsh Gazette", "The Saltmarsh Gazette Online")
        assert index.ingest([folder], workers=1).added == 3
        assert sources(index) == {"Saltmarsh Gazette": 3}
        # A later ingest knows it.
        index.ingest([pages("Gazette Sport", first=4)], workers=2)
        assert sources(index) == {"Saltmarsh Gazette": 4}
        again = index.ingest([folder], workers=1)
        assert (again.updated, again.unchanged) == (0, 3)
        assert index.check().ok


def test_the_operators_file_has_the_last_word(tmp_path: Path, pages: Pages) -> None:
    folder = tmp_path / "news.index"
    folder.mkdir()
    (folder / OUTLETS_FILE).write_text('[outlets]\n"saltmarsh.example" = "Gazette (Saltmarsh)"\n')
    with indexer.open_index(folder, create=True) as index:
        index.ingest([pages("Saltmarsh Gazette")])
        assert sources(index) == {"Gazette (Saltmarsh)": 1}
        (folder / OUTLETS_FILE).write_text("[outlets\n")
        with pytest.raises(SourceError, match=r"outlets\.toml"):
            index.ingest([pages("Saltmarsh Gazette", first=2)])


def test_what_was_learned_is_kept_copied_checked_and_can_be_lost(tmp_path: Path, pages: Pages) -> None:
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        index.ingest([pages("Saltmarsh Gazette", "Saltmarsh Gazette")])
        index.snapshot(tmp_path / "copy")
        file = tmp_path / "news.index" / LEARNED_FILE
        assert (tmp_path / "copy" / LEARNED_FILE).read_bytes() == file.read_bytes()
        whole = file.read_bytes()
        for damaged in (whole[:20] + bytes([whole[20] ^ 4]) + whole[21:], whole[:-1], whole[:5], b""):
            file.write_bytes(damaged)
            assert any(LEARNED_FILE in problem for problem in index.check().problems), damaged[:30]
        assert index.ingest([pages("Saltmarsh Gazette", first=3)]).added == 1
        assert index.check().ok


def test_repair_takes_what_was_learned_and_is_damaged_away_and_leaves_the_articles(
    tmp_path: Path, pages: Pages
) -> None:
    path = tmp_path / "news.index"
    with indexer.open_index(path, create=True) as index:
        index.ingest([pages("Saltmarsh Gazette", "Saltmarsh Gazette")])
        (path / LEARNED_FILE).write_bytes(b"00000000\n{}")
        report = repair(path)
        assert (report.articles, report.rescued, report.lost, report.generation) == (2, 0, 0, index.generation)
        assert [LEARNED_FILE in problem for problem in report.problems] == [True]
        assert not (path / LEARNED_FILE).exists()
        assert index.check().ok


@pytest.mark.parametrize(
    "content", [b"[]", b"null", b'{"outlets": 1, "template": {"a": 2}}', b'{"template": {}}', b"{"]
)
def test_a_stranger_s_file_of_what_was_learned_is_as_good_as_none(tmp_path: Path, pages: Pages, content: bytes) -> None:
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        write_learned(tmp_path / "news.index", content)
        (tmp_path / "news.index" / f"{LEARNED_FILE}.new").write_bytes(b"left by a killed ingest")
        assert index.ingest([pages("Saltmarsh Gazette")]).added == 1
        assert sources(index) == {"Saltmarsh Gazette": 1}
        assert not (tmp_path / "news.index" / f"{LEARNED_FILE}.new").exists()


def test_an_ingest_of_articles_learns_nothing(tmp_path: Path) -> None:
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        (tmp_path / "a.jsonl").write_bytes(orjson.dumps({"id": "1", "title": "Canal", "source": "Gazette"}))
        index.ingest([tmp_path / "a.jsonl"])
        assert not (tmp_path / "news.index" / LEARNED_FILE).exists()


def test_lines_that_recur_over_a_sources_dumps_are_learned(tmp_path: Path) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text(
            f"Saltmarsh Gazette\n\nHow the canal was dug, part {number}\n\n2 May 2024\n\nThe canal was dug in year "
            f"{number} by six hundred men, who slept in tents along the bank and were paid by the yard.\n\nTheir "
            "graves are in the churchyard, where the vicar still reads their names once a year.\n\nTide tables by the "
            "harbour office at Saltmarsh quay\n"
        )
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        index.ingest([folder], source="Saltmarsh Gazette")
        learned = orjson.loads((tmp_path / "news.index" / LEARNED_FILE).read_bytes()[9:])
        lines = learned["template"]["Saltmarsh Gazette"]["lines"]
        assert lines["tide tables by the harbour office at saltmarsh quay"] == 4
        assert not any("part" in line for line in lines)
        assert not any("Tide tables" in index.search(limit=10).hits[n].article.body for n in range(4))


def test_a_page_on_which_the_cleaner_fails_is_one_reject(
    tmp_path: Path, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No such page is known; whatever comes, it must not cost the others.
    def fail(page: Page, **options: object) -> Article:
        if page.place.endswith("2.html"):
            raise ZeroDivisionError("no words")
        return clean_page(page)

    monkeypatch.setattr("indexer.learned.clean_page", fail)
    with indexer.open_index(tmp_path / "news.index", create=True) as index:
        report = index.ingest([pages("Gazette", "Gazette", "Gazette")], workers=1)
        assert (report.added, report.rejected) == (2, 1)
        assert report.rejects[0].place.endswith("2.html")
        assert "ZeroDivisionError: no words" in report.rejects[0].reason
