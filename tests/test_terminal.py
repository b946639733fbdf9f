"""What the commands show people, to the letter: hits, bars, tables and whole articles, in every width."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import whoosh.index
from indexes import Record, built, story
from processes import on_terminal, run, script
from rich.cells import cell_len

from indexer.article import Article
from indexer.schema import document

STYLES = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\")
RLO, RLI = "\u202e", "\u2067"
ADVERTISER = "Mill & Meadow Advertiser of the"
TWINS = "The weir was opened at noon while the whole town stood on the bridge and watched the water fall."
SPECIMENS: tuple[Record, ...] = (
    {
        "id": "full",
        "title": "Miller asks for a weir",
        "body": "A weir would serve the miller.\n\nThe council doubts it.",
        "source": "Brook Gazette",
        "date": "2024-03-05T06:07:00Z",
        "authors": ["Ada Brook", "Ole Mill"],
        "credits": ["Fen Wire", "Dyke Agency"],
        "section": "Local",
        "topics": ["weirs", "mills"],
        "language": "en",
        "url": "https://brook.example/weir",
    },
    story("second", "Eels by second.", "Eels", source="Brook Gazette", date="2024-03-05T06:07:08Z", language="en"),
    story("day", "Trout by day.", "Trout", source="Brook Gazette", date="2024-03-09"),
    story("month", "Perch by month.", "Perch", source="Brook Gazette", date="2024-06", section="Local"),
    story("none", "Carp of nowhere.", ""),
    story("wide", "港口委员会投票决定延长防波堤 roach", "渔民要求这样做" * 6, source="每日海港" * 8, date="2024-07-01"),
    story("turned", f"Tench {RLO}turned bream.", f"Tench {RLI}turned", source=f"{RLO}Post", date="2024-07-02"),
    story("twin-1", TWINS, "Weir opened", source=f"{ADVERTISER} Lower Valley", date="2024-03-01"),
    story("twin-2", TWINS, "The weir is open", source=f"{ADVERTISER} Upper Valley", date="2024-03-02"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("specimens"), SPECIMENS).path


def shown(*command: str | Path) -> str:
    """What a command says in a pipe, without the time that it took."""
    done = run(*map(str, command))
    assert (done.returncode, done.stderr) == (0, "")
    return re.sub(r"[\d.]+ ms$", "0.5 ms", done.stdout, flags=re.M)


def lines_on_terminal(columns: int, *command: str | Path) -> list[str]:
    """What stands on a terminal of that width; no line is wider."""
    printed = on_terminal(script(str(command[0])), *map(str, command[1:]), columns=columns)
    lines = STYLES.sub("", printed).splitlines()
    assert [line for line in lines if cell_len(line) > (columns or 80) and not line.startswith("Next page: ")] == []
    return lines


def full(share: float = 1) -> str:
    """A bar of that share of the longest."""
    return "█" * round(40 * share)


def test_a_hit_shows_its_title_outlet_date_section_snippet_and_address(archive: Path) -> None:
    assert shown("search", "--index", archive, "--facets=", "miller council") == (
        "1. Miller asks for a weir\n"
        "   Brook Gazette · 2024-03-05 06:07 UTC · Local\n"
        "   A weir would serve the miller. The council doubts it.\n"
        "   https://brook.example/weir\n"
        "\n"
        "1 of 9 articles, 0.5 ms\n"
    )


@pytest.mark.parametrize(
    ("word", "title", "byline"),
    [
        ("eels", "Eels", "Brook Gazette · 2024-03-05 06:07 UTC"),
        ("trout", "Trout", "Brook Gazette · 2024-03-09"),
        ("perch", "Perch", "Brook Gazette · 2024-06 · Local"),
        ("carp", "(no title)", "no date"),
    ],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(archive: Path, word: str, title: str, byline: str) -> None:
    lines = shown("search", "--index", archive, "--facets=", word).splitlines()
    assert lines[:2] == [f"1. {title}", f"   {byline}"]


def test_numbers_of_hits_stand_below_each_other(tmp_path: Path) -> None:
    path = built(tmp_path, [story(f"{n:02}", "Carp.", f"Carp {n}") for n in range(10)]).path
    lines = shown("search", "--index", path, "--facets=", "carp").splitlines()
    assert lines[0] == " 1. Carp 0"
    assert [line for line in lines if "Carp 9" in line] == ["10. Carp 9"]
    assert lines[1] == "    no date"


def test_every_facet_has_its_bars_and_what_is_beyond_them(archive: Path) -> None:
    options = ("--limit=0", "--facets=source,author,section,topic,language", "--facet-size=2", "--source=brook gazette")
    assert shown("search", "--index", archive, *options, "weir OR eels OR trout OR perch") == (
        "Sources\n"
        f"  * Brook Gazette                          4 {'█' * 34}\n"
        f"  Mill & Meadow Advertiser of the Lower V… 1 {'█' * 9}\n"
        "  others                                   1\n"
        "\n"
        "Authors\n"
        f"  Ada Brook 1 {full()}\n"
        f"  Ole Mill  1 {full()}\n"
        "  no author 3\n"
        "\n"
        "Sections\n"
        f"  Local      2 {full()}\n"
        "  no section 2\n"
        "\n"
        "Topics\n"
        f"  mills    1 {full()}\n"
        f"  weirs    1 {full()}\n"
        "  no topic 3\n"
        "\n"
        "Languages\n"
        f"  en          2 {full()}\n"
        "  no language 2\n"
        "\n"
        "4 of 9 articles, 0.5 ms\n"
    )


def test_counts_of_any_length_stand_below_each_other(tmp_path: Path) -> None:
    records = [story(str(n), source="Brook" if n else "Mill") for n in range(12)]
    path = built(tmp_path, records).path
    assert shown("search", "--index", path, "--limit=0", "--facets=source,section") == (
        "Sources\n"
        f"  Brook 11 {full()}\n"
        f"  Mill   1 {'█' * 4}\n"
        "\n"
        "Sections\n"
        "  no section 12\n"
        "\n"
        "12 of 12 articles, 0.5 ms\n"
    )


def test_facets_without_anything_to_count_are_left_out(archive: Path) -> None:
    assert shown("search", "--index", archive, "zander") == "0 of 9 articles, 0.5 ms\n"


def test_the_histogram_shows_empty_months_and_what_has_no_date(archive: Path) -> None:
    assert shown("search", "--index", archive, "--limit=0", "--facets=date", "--interval=month") == (
        "By month\n"
        f"  2024-03 5 {full()}\n"
        "  2024-04 0\n"
        "  2024-05 0\n"
        f"  2024-06 1 {full(1 / 5)}\n"
        f"  2024-07 2 {full(2 / 5)}\n"
        "  no date 1\n"
        "\n"
        "9 of 9 articles, 0.5 ms\n"
    )


@pytest.mark.parametrize(
    ("interval", "heading", "first", "last"),
    [
        ("day", "By 5 days", "2024-03-01 4", "2024-06-29 2"),
        ("week", "By week", "2024-02-26 2", "2024-07-01 2"),
        ("year", "By year", "2024    8", "2024    8"),
    ],
)
def test_bars_that_would_fill_the_screen_are_put_together(
    archive: Path, interval: str, heading: str, first: str, last: str
) -> None:
    lines = shown("search", "--index", archive, "--limit=0", "--facets=date", f"--interval={interval}").splitlines()
    bars = lines[1 : [line.split()[:2] for line in lines].index(["no", "date"])]
    assert lines[0] == heading
    assert len(bars) <= 30
    assert [bars[0].strip(" █"), bars[-1].strip(" █")] == [first, last]
    assert sum(int(bar.split()[1]) for bar in bars) == 8


def test_the_parts_of_a_score_are_one_sum(archive: Path) -> None:
    printed = shown("search", "--index", archive, "--facets=", "--explain", "carp")
    (line,) = re.findall(r"^   score (.*)$", printed, re.M)
    score, _, parts = line.partition(" = ")
    found = re.findall(r"(-?[\d.]+) (\S+)", parts)
    assert " + ".join(f"{value} {name}" for value, name in found) == parts
    assert {"text:carp", "text_stem:carp"} <= {name for _, name in found}
    assert sum(float(value) for value, _ in found) == pytest.approx(float(score), abs=0.02)


def test_an_article_is_printed_with_all_its_fields_and_paragraphs(archive: Path) -> None:
    assert shown("indexer", "get", "--index", archive, "full") == (
        "Miller asks for a weir\n"
        "Brook Gazette · 2024-03-05 06:07 UTC · Local\n"
        "By: Ada Brook, Ole Mill\n"
        "Credit: Fen Wire, Dyke Agency\n"
        "Topics: weirs, mills\n"
        "URL: https://brook.example/weir\n"
        "Id: full\n"
        "\n"
        "A weir would serve the miller.\n"
        "\n"
        "The council doubts it.\n"
    )
    assert shown("indexer", "get", "--index", archive, "none") == (
        "(no title)\nno date\nId: none\n\nCarp of nowhere.\n"
    )


def test_nearly_the_same_text_is_said_to_be_so(archive: Path) -> None:
    assert shown("indexer", "similar", "--index", archive, "--facets=", "twin-1").startswith(
        "1. The weir is open\n"
        "   Mill & Meadow Advertiser of the Upper Valley · 2024-03-02\n"
        "   nearly the same text\n"
        f"   {TWINS}\n"
        "\n"
        "2. Miller asks for a weir\n"
    )


def test_stats_show_each_source_over_time_each_month_and_what_lacks_either(archive: Path) -> None:
    printed = shown("indexer", "stats", "--index", archive)
    assert re.sub(r"[\d.]+ kB|committed [\d: -]+", "...", printed) == (
        "Sources\n"
        "  Brook Gazette              4  2024-03-05 2024-06-01  █··▃·\n"
        "  Mill & Meadow Advertiser … 1  2024-03-01 2024-03-01  █····\n"
        "  Mill & Meadow Advertiser … 1  2024-03-02 2024-03-02  █····\n"
        "  Post                       1  2024-07-02 2024-07-02  ····█\n"
        "  每日海港每日海港每日海港 … 1  2024-07-01 2024-07-01  ····█\n"
        "\n"
        "Articles by month\n"
        f"  2024-03            5 {full()}\n"
        "  2024-04 to 2024-05 0\n"
        f"  2024-06            1 {full(1 / 5)}\n"
        f"  2024-07            2 {full(2 / 5)}\n"
        "\n"
        "Nothing from 2024-04 to 2024-05 (2 months)\n"
        "9 articles, 1 without a date, 1 without a source\n"
        "1 segment, ..., language en\n"
        "Generation 1, ...UTC\n"
    )


def test_stats_of_many_sources_and_months_show_the_largest_and_put_months_together(tmp_path: Path) -> None:
    years = [story(f"y{year}", source="Annual", date=f"{year}-01-05") for year in range(1970, 2025)]
    once = [story(f"s{n}", source=f"Outlet {n:02}") for n in range(41)]
    printed = shown("indexer", "stats", "--index", built(tmp_path, [*years, *once]).path)
    lines = printed.splitlines()
    # 54 years and a month in what is left of 80 columns, 22 to 26 months together.
    assert re.fullmatch(r"  Annual    55  1970-01-05 2024-01-05  [▁▂▃▄▅▆▇█]{25,40}", lines[1])
    assert lines[2] == "  Outlet 00  1  undated"
    assert lines[41:44] == ["  and 2 sources more, 2 articles", "", "Articles by month"]


def test_an_archive_of_nothing_has_no_charts(tmp_path: Path) -> None:
    path = built(tmp_path, [story("a", "Carp.")]).path
    assert shown("indexer", "stats", "--index", path).startswith("1 article, 1 without a date, 1 without a source\n")


def test_a_terminal_of_plain_letters_gets_bars_of_plain_signs(archive: Path) -> None:
    done = run("indexer", "stats", "--index", archive, env={"PYTHONIOENCODING": "ascii"})
    assert "  Brook Gazette              4  2024-03-05 2024-06-01  #..#.\n" in done.stdout
    assert f"  2024-06            1 {'#' * 8}\n" in done.stdout


def test_tables_put_numbers_to_the_right_and_names_below_each_other(tmp_path: Path) -> None:
    records = [*(story(str(n), source="Brook", date="2024-03-05") for n in range(10)), story("x", source="Fen Post")]
    path = built(tmp_path, records).path
    assert shown("indexer", "sources", "--index", path) == (
        "10  2024-03-05  2024-03-05  Brook\n"
        " 1  undated                 Fen Post\n"
    )  # fmt: skip


def test_everything_fits_a_narrow_terminal(archive: Path) -> None:
    hits = lines_on_terminal(40, "search", "--index", archive, "--limit=2", "--facets=source", "weir OR roach")
    assert hits[:6] == [
        "1. " + "渔民要求这样做渔民要求这样做渔民要求",
        "   " + "这样做渔民要求这样做渔民要求这样做渔",
        "   " + "民要求这样做",
        "   " + "每日海港每日海港每日海港每日海港每日",
        "   " + "海港每日海港每日海港每日海港 ·",
        "   2024-07-01",
    ]
    assert [line for line in hits if "█" in line] == [
        "  Brook Gazette        1 ██████████████",
        "  Mill & Meadow Adver… 1 ██████████████",
        "  Mill & Meadow Adver… 1 ██████████████",
        "  每日海港每日海港每 … 1 ██████████████",
    ]
    assert hits[-1].startswith("Next page: search --index=")
    assert hits[-1].endswith(" 'weir OR roach'")
    sources = lines_on_terminal(40, "indexer", "sources", "--index", archive)
    assert sources[1:3] == ["1  2024-03-01  2024-03-01  Mill & Meadow", " " * 27 + "Advertiser of"]


@pytest.mark.parametrize(
    ("columns", "first"),
    [
        (52, "  Brook Gazette     4  2024-03-05 2024-06-01  █··▃·"),
        (51, "  Brook Gazette     4  2024-03-05 2024-06-01"),
        (43, "  Brook Gazette  4  2024-03-05 2024-06-01"),
        (42, "  Brook Gazette  4"),
        (12, "  Brook G… 4"),
    ],
)
def test_stats_of_a_narrow_terminal_leave_out_the_months_and_then_the_days(
    archive: Path, columns: int, first: str
) -> None:
    assert lines_on_terminal(columns, "indexer", "stats", "--index", archive)[1] == first


def test_a_wide_terminal_shows_whole_names_and_no_longer_bars(archive: Path) -> None:
    lines = lines_on_terminal(200, "search", "--index", archive, "--limit=0", "--facets=source")
    assert lines[1] == f"  Brook Gazette                            4 {full()}"


def test_where_nobody_knows_the_width_lines_are_as_long_as_ever(archive: Path) -> None:
    done = run("indexer", "get", "--index", archive, "full", env={"COLUMNS": "0"})
    assert (done.returncode, done.stdout) == (0, shown("indexer", "get", "--index", archive, "full"))
    assert lines_on_terminal(0, "search", "--index", archive, "--facets=source", "carp")[:2] == [
        "1. (no title)",
        "   no date",
    ]


def test_the_matching_words_of_a_headline_and_of_a_snippet_are_marked(archive: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(archive), "--facets=", "twin-1 OR weirs")
    assert "\x1b[1;33mWeir\x1b[0m\x1b[1m opened\x1b[0m\n" in printed
    assert "   The \x1b[1;33mweir\x1b[0m was opened at noon" in printed
    # Whatever the case of either.
    printed = on_terminal(script("search"), "--index", str(archive), "--facets=", "eels")
    assert printed.startswith("1. \x1b[1;33mEels\x1b[0m\n")


def test_a_match_of_the_headline_alone_is_not_shown_twice(tmp_path: Path) -> None:
    path = built(tmp_path, [story("a", "It swims alone.", "Pike in the pond")]).path
    assert shown("search", "--index", path, "--facets=", "--snippets=3", "pond") == (
        "1. Pike in the pond\n   no date\n\n1 of 1 article, 0.5 ms\n"
    )


def test_signs_that_turn_the_text_after_them_do_not_reach_the_terminal(archive: Path) -> None:
    printed = shown("search", "--index", archive, "bream") + shown("indexer", "sources", "--index", archive)
    assert printed.startswith("1. Tench turned\n   Post · 2024-07-02\n   Tench turned bream.\n")
    assert not set(printed) & {RLO, RLI}
    marked = on_terminal(script("search"), "--index", str(archive), "--facets=", "bream")
    assert "Tench turned \x1b[1;33mbream\x1b[0m." in marked


def test_control_characters_of_articles_that_whoosh_wrote_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = built(tmp_path, []).path
    controls = "".join(map(chr, (*range(9), *range(11, 32), *range(127, 160))))
    article = Article(id="odd", title=f"Carp {controls}.", body="Carp\tin\nrows.", source="Evil\x1bPost")
    with whoosh.index.open_dir(str(path)).writer() as writer:
        writer.add_document(**document(article))
    shown_title = "Carp " + "\ufffd" * len(controls) + "."
    assert shown("search", "--index", path, "--facets=", "carp").startswith(
        f"1. {shown_title}\n   Evil\ufffdPost · no date\n   Carp in rows.\n"
    )
    assert shown("indexer", "get", "--index", path, "odd").startswith(f"{shown_title}\nEvil\ufffdPost · no date\n")
    assert shown("indexer", "sources", "--index", path) == "1  undated    Evil\ufffdPost\n"
    with whoosh.index.open_dir(str(path)).writer() as writer:
        for id, url in (
            ("plain", "https://x.example/a"),
            ("script", "javascript:x"),
            ("end", "https://x.example/\x1b\\y"),
        ):
            writer.add_document(**document(Article(id=id, title="Zander", url=url)))
    printed = on_terminal(script("search"), "--index", str(path), "--facets=", "zander")
    assert set(re.findall(r"\x1b\]8;[^;]*;([^\x1b]+)", printed)) == {"https://x.example/a"}
    directions = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
    kept = "\u2029\u202f\u2065\u206a~\xa0."
    with whoosh.index.open_dir(str(path)).writer() as writer:
        writer.add_document(**document(Article(id="turns", title=f"{directions}{kept}")))
    assert shown("indexer", "get", "--index", path, "turns") == f"{kept}\nno date\nId: turns\n\n\n"


def test_one_article_is_not_several(tmp_path: Path) -> None:
    path, target = built(tmp_path, [story("a", "Carp.")]).path, tmp_path / "copy"
    assert shown("search", "--index", path, "--limit=0", "--facets=") == "1 of 1 article, 0.5 ms\n"
    assert shown("indexer", "check", "--index", path) == "Checked 1 article in 1 segment: no problems.\n"
    assert shown("indexer", "copy", "--from", path, "--to", target).startswith("Read 1 article: 1 added, 0 updated, ")
    assert run("indexer", "export", "--index", path).stderr == "Exported 1 article.\n"


def test_copying_shows_how_far_it_is_without_control_sequences(archive: Path, tmp_path: Path) -> None:
    printed = on_terminal(
        script("indexer"), "copy", "--from", str(archive), "--to", str(tmp_path / "copy"), TERM="dumb"
    )
    assert re.fullmatch(r"\r9 articles\r {10,}\rRead 9 articles: 9 added, .*\nThe counts agree\.\n", printed)


PAGE = """Home
World

Old harbour bridge to close
By Ada Brook
8 May 2021 14:05 BST

The old harbour bridge will close to all traffic for eleven months from June, the council said on Saturday.

"We know what this means for the shops on both sides of the water," said the head of roads, who promised a ferry.

Engineers found cracks in six of the nine spans last winter and have limited the weight of lorries ever since.

Related News
Ferry strike enters second week
"""


def test_an_explanation_marks_each_line_and_says_how_each_field_was_found(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    printed = shown("indexer", "clean", "--explain", tmp_path / "page.txt")
    above, _, fields = printed.partition("\n\n")
    lines = [re.sub(r"^(. ) *-?\d+\.\d(?=  )", r"\1", line) for line in above.splitlines()]
    assert lines[0] == "-   Home  (page furniture, above the headline)"
    assert lines[2] == "#   Old harbour bridge to close  (the headline)"
    assert [line[0] for line in lines] == [*"--#--+++--"]
    assert lines[5].startswith("+   The old harbour bridge will close")
    assert lines[5].endswith("  (reads like the text)")
    # The share is of a fit, and moves with it.
    assert [re.sub(r"\d+%", "...%", line) for line in fields.splitlines()[:3]] == [
        "url: not found",
        "title: Old harbour bridge to close  (headline, ...%)",
        "body: 62 words  (lines, ...%)",
    ]
    assert "authors: Ada Brook  (byline, 95%)\n" in fields


def test_an_explanation_ends_with_what_is_special_about_the_page(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        """<html lang="en"><head><title>Old bridge to close</title><script type="application/ld+json">
        {"@type": "NewsArticle", "headline": "Old bridge to close", "isAccessibleForFree": false}</script></head>
        <body><article><h1>Old bridge to close</h1><p>The old harbour bridge will close to all traffic for eleven months
        from June, the council said on Saturday.</p><p>Engineers found cracks in six of the nine spans last winter and
        have limited the weight of lorries ever since.</p></article></body></html>""",
        encoding="utf-8",
    )
    printed = shown("indexer", "clean", "--explain", tmp_path / "page.html")
    assert printed.splitlines()[-1] == "flags: paywalled, short"
    assert "source: not found\n" in printed


def test_on_a_terminal_an_explanation_is_green_and_red_and_its_reasons_dim(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    printed = on_terminal(script("indexer"), "clean", "--explain", str(tmp_path / "page.txt"), columns=200)
    assert "\x1b[31mHome\x1b[0m\x1b[2m  (page furniture, above the headline)\x1b[0m\n" in printed
    assert "\x1b[1;33mOld harbour bridge to close\x1b[0m\x1b[2m  (the headline)\x1b[0m\n" in printed
    assert "  \x1b[32mThe old harbour bridge" in printed
    assert "from June, the council said on Saturday.\x1b[0m\x1b[2m  (reads like the text)\x1b[0m\n" in printed
    assert "\x1b[1mtitle: \x1b[0mOld harbour bridge to close\x1b[2m  (headline, " in printed
    assert "%)\x1b[0m\n" in printed
    assert "\x1b[1murl: \x1b[0m\x1b[2mnot found\x1b[0m\n" in printed


@pytest.mark.parametrize(("last_line", "said"), [("no record\n", "3 records, 1 rejected, "), ("", "2 records, ")])
def test_the_progress_bar_says_how_many_were_read_and_rejected(tmp_path: Path, last_line: str, said: str) -> None:
    records = tmp_path / "a.jsonl"
    records.write_text('{"id": "a", "title": "Carp"}\n{"id": "b", "title": "Eel"}\n' + last_line, encoding="utf-8")
    printed = on_terminal(script("indexer"), "ingest", "--index", str(tmp_path / "i"), str(records), columns=120)
    assert re.search(rf"\r\x1b\[2K{said}[\d,]+/s .*100%.* left ", STYLES.sub("", printed))
