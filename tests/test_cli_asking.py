"""The commands that ask: search, similar, suggest, sources."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from articles import ARTICLES, write_jsonl
from processes import SECONDS, on_terminal, one_line, run, script

CONTROL_CODES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def test_search_in_a_pipe_prints_readable_text_without_control_codes(index: Path) -> None:
    done = run("search", "--index", index, "breakwater")
    assert done.returncode == 0
    assert done.stderr == ""
    assert not CONTROL_CODES.search(done.stdout)
    lines = done.stdout.splitlines()
    assert lines[0] == "1. Harbour council votes for a longer breakwater"
    assert lines[1] == "   Daily Harbour · 2024-01-15 08:30 UTC · Local"
    assert "to lengthen the breakwater" in lines[2]
    assert "https://daily-harbour.example/breakwater?id=1" in done.stdout
    assert re.search(r"^Sources$", done.stdout, re.M)
    assert re.search(r"^  Daily Harbour 1 █+$", done.stdout, re.M)
    assert re.search(rf"^1 of {len(ARTICLES)} articles, [\d.]+ ms$", done.stdout, re.M)


def test_search_on_a_terminal_highlights_the_words_that_matched(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "breakwater")
    title, _, rest = printed.partition("\n")
    assert "\x1b[1;33mbreakwater\x1b[0m" in title
    assert "\x1b[1;33mbreakwater\x1b[0m" in rest


def test_no_color_leaves_colours_out_on_a_terminal(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "breakwater", NO_COLOR="1")
    assert "\x1b[1mbreakwater\x1b[0m" in printed
    assert not re.search(r"\x1b\[[\d;]*3\d", printed)


def test_hits_fit_a_narrow_terminal(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "storm", columns=32)
    plain = re.sub(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", printed)
    assert "Storm closes the" in plain
    assert max(map(len, plain.splitlines())) <= 32


def test_control_sequences_in_articles_do_not_reach_the_terminal(index: Path) -> None:
    printed = on_terminal(script("search"), "--index", str(index), "herring", NO_COLOR="1")
    assert "red" in printed
    assert "owned" in printed
    assert not CONTROL_CODES.search(re.sub(r"\x1b\[[012]m", "", printed))


def test_json_is_one_document_and_nothing_else(index: Path) -> None:
    done = run("search", "--index", index, "--json", "nosuchfield:x", "harbour")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["query"]["raw"] == "nosuchfield:x harbour"
    assert document["query"]["warnings"]
    assert done.stderr == ""


def test_ndjson_is_one_hit_a_line(index: Path) -> None:
    done = run("search", "--index", index, "--ndjson", "harbour", "--sort", "oldest")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    document = json.loads(run("search", "--index", index, "--json", "harbour", "--sort", "oldest").stdout)
    assert hits == document["hits"]
    assert len(hits) >= 3


def test_count_prints_only_the_total(index: Path) -> None:
    assert run("search", "--index", index, "--count", "dividend").stdout == "2\n"


def test_no_words_match_every_article(index: Path) -> None:
    assert run("search", "--index", index, "--count").stdout == f"{len(ARTICLES)}\n"
    assert run("search", "--index", index, "--count", "").stdout == f"{len(ARTICLES)}\n"


def test_no_hits_are_no_failure(index: Path) -> None:
    done = run("search", "--index", index, "zeppelin")
    assert done.returncode == 0
    assert f"0 of {len(ARTICLES)} articles" in done.stdout


@pytest.mark.parametrize("args", [["-shares dividend"], ["-shares", "dividend"], ["--", "-shares", "dividend"]])
def test_a_leading_dash_excludes_a_word(index: Path, args: list[str]) -> None:
    done = run("search", "--index", index, "--ndjson", *args)
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["Dividend doubled at the dairy"]


def test_options_may_follow_the_words(index: Path) -> None:
    done = run("search", "harbour", "--source=-Daily Harbour", "--count", "--index", index)
    assert done.returncode == 0
    assert done.stdout == "0\n"


def test_a_filter_with_a_dash_excludes_and_repeats(index: Path) -> None:
    done = run("search", "--index", index, "--count", "--source=-Daily Harbour", "--source", "-Küstenkurier")
    assert done.stdout == "3\n"


def test_warnings_of_the_query_go_to_stderr(index: Path) -> None:
    done = run("search", "--index", index, "--count", "nosuchfield:harbour")
    assert done.returncode == 0
    assert re.fullmatch(r"Warning: .*nosuchfield.* \(at character 1\)", one_line(done.stderr))


def test_the_printed_command_shows_the_next_page(index: Path) -> None:
    command = [script("search"), "--index", str(index), "--limit", "4", "--sort", "newest", "--facets", "", "-zeppelin"]
    titles: list[str] = []
    for _ in range(len(ARTICLES)):
        printed = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
        titles += re.findall(r"^\d+\. (.*)$", printed, re.M)
        hint = re.search(r"^Next page: search (.*)$", printed, re.M)
        if hint is None:
            break
        command = [script("search"), *shlex.split(hint[1])]
    assert len(titles) == len(set(titles)) == len(ARTICLES)


def test_a_cursor_of_a_commit_that_is_gone_fails_instead_of_showing_a_wrong_page(own_index: Path) -> None:
    page = ["--index", str(own_index), "--json", "--limit", "2", "--sort", "newest"]
    cursor = json.loads(run("search", *page).stdout)["next_cursor"]
    assert run("search", *page, "--cursor", cursor).returncode == 0
    # The commit before the latest is still there.
    expected = run("search", *page, "--cursor", cursor).stdout
    run("indexer", "delete", "--index", own_index, "harbour-1")
    assert json.loads(run("search", *page, "--cursor", cursor).stdout)["hits"] == json.loads(expected)["hits"]
    run("indexer", "optimize", "--index", own_index)
    done = run("search", *page, "--cursor", cursor)
    assert (done.returncode, done.stdout) == (1, "")
    assert one_line(done.stderr).startswith("Error: ")


def test_control_characters_and_broken_bytes_in_a_query_are_harmless(index: Path) -> None:
    done = run("search", "--index", index, "--json", b"harbour\x1b[31m \xff\xfe")
    assert done.returncode == 0
    assert "harbour" in json.loads(done.stdout)["query"]["raw"]


def test_similar_articles_are_shown_like_hits(index: Path) -> None:
    done = run("indexer", "similar", "--index", index, "harbour-1", "--limit", "2")
    assert done.returncode == 0
    assert done.stdout.startswith("1. ")
    assert "Harbour council votes" not in done.stdout
    document = json.loads(run("indexer", "similar", "--json", "--index", index, "harbour-1", "--limit=2").stdout)
    assert len(document["hits"]) == 2


def test_the_printed_command_shows_more_similar_articles(own_index: Path) -> None:
    more = write_jsonl(own_index.parent / "more.jsonl", ({**ARTICLES[0], "id": "-x y"},))
    assert run("indexer", "ingest", "--index", own_index, more).returncode == 0
    command = ["indexer", "similar", "--index", str(own_index), "--limit", "1", "--", "-x y"]
    titles: list[str] = []
    while command and len(titles) <= len(ARTICLES):
        printed = run(*command).stdout
        titles += re.findall(r"^1\. (.*)$", printed, re.M)
        hint = re.search(r"^Next page: (.*)$", printed, re.M)
        command = shlex.split(hint[1]) if hint else []
    total = json.loads(run("indexer", "similar", "--index", own_index, "--json", "--", "-x y").stdout)["total"]
    assert len(titles) == total > 1


def test_similar_to_an_unknown_article_is_a_failure(index: Path) -> None:
    done = run("indexer", "similar", "--index", index, "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody" in one_line(done.stderr)


def test_suggestions_are_a_table(index: Path) -> None:
    done = run("indexer", "suggest", "--index", index, "har")
    assert re.search(r"^4  word  harbour$", done.stdout, re.M)
    assert run("indexer", "suggest", "--index", index, "zzz").stdout == ""


def test_sources_are_a_table(index: Path) -> None:
    lines = run("indexer", "sources", "--index", index).stdout.splitlines()
    assert lines[0] == "4  2024-01-15  2024-03-20  Daily Harbour"
    assert len(lines) == 3


def test_facets_may_be_given_together_or_one_by_one(index: Path) -> None:
    together, apart = (
        json.loads(run("search", "--index", index, "--json", *options).stdout)["facets"]
        for options in (["--facets=source,topic"], ["--facets=source", "--facets", "topic"])
    )
    assert list(apart) == list(together) == ["source", "topic"]
    assert json.loads(run("search", "--index", index, "--json", "--facets=").stdout)["facets"] == {}


def test_titles_are_links_on_a_terminal_and_plain_in_a_pipe(index: Path) -> None:
    url = "https://daily-harbour.example/breakwater?id=1"
    printed = on_terminal(script("search"), "--index", str(index), "breakwater")
    assert re.search(rf"\x1b\]8;[^;]*;{re.escape(url)}\x1b", printed)
    assert "\x1b" not in run("search", "--index", index, "breakwater").stdout


def test_a_query_that_is_misspelt_asks_did_you_mean(index: Path) -> None:
    assert "Did you mean: breakwater\n" in run("search", "--index", index, "braekwater").stdout
