"""The query language: what is understood, what is warned of."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as wq

from indexer.analysis import stemmer
from indexer.query import plan
from indexer.query.closeness import closeness
from indexer.query.syntax import MAX_WORDS, ParsedQuery, parse
from indexer.query.whoosh_form import Within, whoosh_query
from indexer.request import MAX_QUERY_LENGTH

ENGLISH = stemmer("en")


def understood(text: str, match: str = "all") -> ParsedQuery:
    return parse(text, stemmer=ENGLISH, match=match)  # type: ignore[arg-type]


def codes(text: str) -> list[tuple[str, int, int]]:
    return [(w.code, w.offset, w.length) for w in understood(text).warnings]


FRAGMENTS = st.sampled_from(
    [
        "oil",
        "Oil",
        "opec*",
        "wom?n",
        "zelensky~1",
        '"',
        '"north sea"',
        '"north sea"~5',
        "(",
        ")",
        " ",
        " ",
        " ",
        "-",
        "AND",
        "OR",
        "NOT",
        "title:",
        "source:",
        "foo:",
        "date:2024-12",
        "date:[2024 TO *]",
        "since:x",
        "AT&T",
        "*",
        "~",
        "?",
        "[",
        "]",
        "\\",
        'source:"the \\"',
        "“",
        "”",
        "\u2014",
        "\x00",
        "+",
        "author:",
        "\ud800",
        "é",
        "until:2024-02-30",
        "\u00ad",
        "\u200b",
        "\u200f",
        "!",
        "'",
        '"~2.5',
        'title:-"',
        "[a b]",
        "^2",
    ]
)
QUERIES = st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=14).map("".join))


@given(QUERIES, st.sampled_from(["all", "any"]))
def test_every_string_is_a_query_and_warnings_point_at_some_of_it(text: str, match: str) -> None:
    for warning in understood(text, match).warnings:
        assert 0 <= warning.offset < warning.offset + warning.length <= len(text)


@pytest.mark.parametrize("name", ["title", "author", "source", "topic", "date", "since", "until"])
def test_a_field_with_nothing_between_its_quotes_asks_for_nothing(name: str) -> None:
    assert understood(f'nato {name}:""').parsed == "nato"
    assert codes(f'nato {name}:""') == [("ignored", len(f"nato {name}:"), 2)]


@given(QUERIES, st.sampled_from(["all", "any"]))
def test_the_echo_means_the_same_as_the_query(text: str, match: str) -> None:
    once = understood(text, match)
    again = understood(once.parsed, match)
    assert repr(again.plan) == repr(once.plan)
    assert again.warnings == ()


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("", ""),
        ("ceasefire monitoring", "ceasefire monitoring"),
        ('"Coalition of the Willing"', '"coalition of the willing"'),
        ("“coalition of the willing”", '"coalition of the willing"'),
        ("«coalition of the willing»", '"coalition of the willing"'),
        ('"france troops"~5', '"france troops"~5'),
        ("a b OR c", "(a b) OR c"),
        ("a AND b OR c AND d", "(a b) OR (c d)"),
        ("a (b OR c) -d", "a (b OR c) -d"),
        ("wheat NOT corn", "wheat -corn"),
        ("wheat –corn", "wheat -corn"),
        ("+wheat -corn -+oil", "wheat -corn -oil"),
        ("wheat: corn titles dates", "wheat corn titles dates"),
        ("title:12:30 title:source", "title:12-30 title:source"),
        ("ｏｉｌ　ｐｒｉｃｅ", "oil price"),
        ("Zelensk* wom?n zelensky~", "zelensk* wom?n zelensky~1"),
        ("Title:Nato author:macron", "title:nato author:macron"),
        ("title:(nato OR un)", "title:nato OR title:un"),
        ('source:"Al  Mayadeen English" source:al*', 'source:"al mayadeen english" source:al*'),
        ('source:"Al (East)*" topic:"[ab]*" topic:"a﹡"', 'source:"al (east)*" topic:"[ab]*" topic:a*'),
        (r'source:"The \"Daily\"" oil', r'source:"the \"daily\"" oil'),
        (r'source:"\"Dai*" topic:"a\b" topic:"\\"', r'source:"\"dai*" topic:"a\\b" topic:"\\"'),
        (r'"the \"daily\" news" oil', '"the daily news" oil'),
        (r'source:"C:\" oil', r'source:"c:\\" oil'),
        ('source:"x(y)*" source:"foo ~0"', 'source:"x(y)*" source:"foo"'),
        ("source:“People’s Post–East”", 'source:"people\'s post-east"'),
        ("language:en", 'language:"en"'),
        ("oil\x00gas", "oil gas"),
        ("date:2024-12", "date:[2024-12-01 TO 2024-12-31]"),
        ("date:2024-12-03", "date:2024-12-03"),
        ("date:[2024-12-03 TO 2024-12-03] date:[* TO 2024-02]", "date:2024-12-03 until:2024-02-29"),
        ("date:[2024 to 2025]", "date:[2024-01-01 TO 2025-12-31]"),
        ("date:[2024-12-01 TO 2025-01]", "date:[2024-12-01 TO 2025-01-31]"),
        ("since:2024 until:2024-02", "since:2024-01-01 until:2024-02-29"),
        ("Sánchez", "sanchez"),
        ("who? (what)", "who what"),
        ("wom?n? zelensk*? zelensky~1, oil?\uff9e", "wom?n zelensk* zelensky~1 oil"),
        ("a -(-b) -(-(c d)) NOT -e", "a b (c d) -e"),
        ("oil~0 title:oil~0", '"oil" title:"oil"'),
        ("date:[* TO *] author:*", "date:[* TO *] author:*"),
        ("http://example.com", "http-example-com"),
        ("Ge\u00admein\u00adde \ufeffOR ze\u200bro", "gemeinde OR zero"),
        ('sou\u00adrce:"K\u00fcs\u00adte*"', "source:kuste*"),
        ('--"a b" -+title:(c) +-date:[2024 TO *]', '-"a b" -title:c -since:2024-01-01'),
        ("section:/Europe topic:/a*", 'section:"/europe" topic:"/a*"'),
        ("\u200f-oil \u202asource:x\u202c a \u200eOR\u200f (\u2067b)", '(-oil source:"x" a) OR b'),
        ("a\u200eb 'c d'", "a-b c d"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc-\u062e\u0648\u0627\u0647\u0645"),
    ],
)
def test_a_query_is_understood_as_the_language_says(text: str, echo: str) -> None:
    parsed = understood(text)
    assert (parsed.parsed, parsed.warnings) == (echo, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oil foo:bar", [("unknown_field", 4, 3)]),
        ('oil foo:"bar baz"', [("unknown_field", 4, 3)]),
        ("(oil", [("unbalanced_parenthesis", 0, 1)]),
        ("oil)", [("unbalanced_parenthesis", 3, 1)]),
        ('oil "price', [("unclosed_quote", 4, 1)]),
        ("oil AND", [("dangling_operator", 4, 3)]),
        ("OR oil", [("dangling_operator", 0, 2)]),
        ("oil NOT", [("dangling_operator", 4, 3)]),
        ("(oil NOT) AND gas", [("dangling_operator", 5, 3)]),
        ("oil Title: nato", [("plain_words", 4, 6)]),
        ("oil title:-nato", [("plain_words", 10, 1)]),
        ("source:-reuters", [("plain_words", 7, 1)]),
        ('oil source:"al mayadeen"~2', [("plain_words", 24, 2)]),
        ("zelensky~0.8", [("plain_words", 0, 12)]),
        ('nato^2 "north sea"^0.5', [("plain_words", 0, 6), ("plain_words", 18, 4)]),
        ("oil date:[2025 TO 2024-12]", [("bad_date", 9, 17)]),
        ("title:[a TO b] source:[a TO b]", [("plain_words", 6, 8), ("plain_words", 22, 8)]),
        ("date:2024-13", [("bad_date", 5, 7)]),
        ("date:-2024", [("bad_date", 5, 5)]),
        ("since:[2024 TO 2025]", [("bad_date", 6, 14)]),
        ("oil - gas", [("ignored", 4, 1)]),
        ('oil source:"  "', [("ignored", 12, 2)]),
        ("oil [...]", [("ignored", 4, 5)]),
        ("oil ** ?*", [("ignored", 4, 2), ("ignored", 7, 2)]),
        ("oil -… +…", [("ignored", 5, 1), ("ignored", 8, 1)]),
        ("oil !…", [("ignored", 5, 1)]),
        ("oil -foo:bar", [("unknown_field", 5, 3)]),
        ('oil ""', [("ignored", 4, 2)]),
        ("oil ?\uff9e", [("ignored", 4, 2)]),
        ("zelensky~9", [("edit_distance", 0, 10)]),
        (r'source:"\"a~9" date:"\"a"', [("edit_distance", 8, 5), ("bad_date", 21, 3)]),
        ('"north sea"~2.5 "north sea"~5th', [("plain_words", 11, 4), ("plain_words", 27, 4)]),
        ('"north sea"*', [("ignored", 11, 1)]),
        ("(north sea)~2", [("plain_words", 11, 2)]),
        ('"wom?n rights" "oil~1 gas" "who? me"', [("plain_words", 0, 14), ("plain_words", 15, 11)]),
        ("title:body:nato source:title:x", [("plain_words", 6, 5), ("plain_words", 23, 6)]),
        ("source:'al mayadeen'", [("plain_words", 7, 1)]),
        ("oil !gas ! ¡gas!", [("plain_words", 4, 1), ("ignored", 9, 1)]),
        ('NOT "', [("dangling_operator", 0, 3), ("unclosed_quote", 4, 1)]),
        ("oil NOT NOT", [("dangling_operator", 8, 3)]),
        ('oil OR "', [("dangling_operator", 4, 2), ("unclosed_quote", 7, 1)]),
        ('oil title:"', [("unclosed_quote", 10, 1), ("ignored", 4, 7)]),
        ("oil () OR ()", [("ignored", 4, 1), ("ignored", 10, 1)]),
        ("oil OR OR gas", [("dangling_operator", 4, 2)]),
        ("oil AND AND gas", [("dangling_operator", 4, 3)]),
        ("oil OR AND gas", [("dangling_operator", 4, 2)]),
        ('(oil -" ) gas', [("unclosed_quote", 6, 1), ("ignored", 5, 2)]),
        ("at&t*", [("plain_words", 0, 5)]),
        ("o\u00adil fo\u00ado:ba\u00adr", [("unknown_field", 5, 4)]),
        ("\ufeffoil -\u200b", [("ignored", 5, 2)]),
    ],
)
def test_what_is_not_understood_is_warned_of_where_it_stands(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("text", "echo", "warned"),
    [
        ('source:-"al mayadeen"', 'source:"al mayadeen"', [("plain_words", 7, 1)]),
        ('title:-(a b) title:+"c"', '(title:a title:b) title:"c"', [("plain_words", 6, 1)]),
        ("title:[a b] source:[a b]", '(title:a title:b) source:"[a b]"', []),
        ("source:(oil gas)", "oil gas", [("no_group", 7, 1)]),
        ("date:(2024) (date:2024-12-03)", "2024 date:2024-12-03", [("no_group", 5, 1)]),
        ('[oil "gas corn"] [tin]', 'oil "gas corn" tin', [("ignored", 15, 1)]),
        ('"north sea"oil* "north sea" *ation', '"north sea" oil* "north sea" *ation', []),
        ('"*ation', "*ation", [("unclosed_quote", 0, 1)]),
        ('oil -"gas pipeline', "oil -gas pipeline", [("unclosed_quote", 5, 1)]),
        ('title:"nato summit', "title:nato summit", [("unclosed_quote", 6, 1)]),
        ('title:"-(oil gas)', "title:oil title:gas", [("unclosed_quote", 6, 1), ("plain_words", 7, 1)]),
        ("oil foo:bar foo:(bar)", "oil (foo bar) (foo bar)", [("unknown_field", 4, 3), ("unknown_field", 12, 3)]),
        ("wom*n~1 title:w?m~2", "wom-n title:w-m", [("plain_words", 0, 7), ("plain_words", 14, 5)]),
        ("source:w?m~2", "w-m", [("plain_words", 7, 5)]),
        ('"north sea"~0', '"north sea"~1', [("slop", 12, 1)]),
        ("oil date:2024-13", "oil (date 2024 13)", [("bad_date", 9, 7)]),
        ("oil title: date:", "oil title date", [("plain_words", 4, 6), ("plain_words", 11, 5)]),
        ('date:"2024-12-03', "date:2024-12-03", [("unclosed_quote", 5, 1)]),
        ('oil OR "gas', "oil OR gas", [("unclosed_quote", 7, 1)]),
        ('source:"foo:bar', "foo bar", [("unclosed_quote", 7, 1), ("unknown_field", 8, 3)]),
        ('source:"reuters', 'source:"reuters"', [("unclosed_quote", 7, 1)]),
        ('oil " OR gas', "oil OR gas", [("unclosed_quote", 4, 1)]),
        ("oil) gas", "oil gas", [("unbalanced_parenthesis", 3, 1)]),
        ("oil OR () OR gas", "oil OR (or gas)", [("ignored", 7, 1), ("dangling_operator", 10, 2)]),
        ('foo:"NOT', "foo not", [("unknown_field", 0, 3), ("unclosed_quote", 4, 1), ("dangling_operator", 5, 3)]),
        ('-foo:"bar', "-(foo bar)", [("unknown_field", 1, 3), ("unclosed_quote", 5, 1)]),
    ],
)
def test_what_is_not_understood_takes_nothing_with_it(text: str, echo: str, warned: list[tuple[str, int, int]]) -> None:
    assert (understood(text).parsed, codes(text)) == (echo, warned)


def test_an_unknown_field_warning_names_the_field_that_was_meant() -> None:
    assert "author:" in understood("auhtor:macron").warnings[0].message


def test_what_is_left_out_is_pointed_at_with_its_field() -> None:
    assert codes("a " * 1023 + "date:x") == [("bad_date", 2051, 1), ("too_long", 2046, 6)]
    assert codes("a " * 1023 + "gas/oil") == [("too_long", 2046, 7)]


def test_a_range_that_ends_before_it_begins_is_said_with_both_its_days() -> None:
    (warning,) = understood("date:[2025 TO 2024-11]").warnings
    assert warning.message == "2025-01-01 is after 2024-11-30; swap the two days; taken as words"


def test_words_beyond_the_limit_are_left_out_with_one_warning() -> None:
    for text in ("a " * (MAX_QUERY_LENGTH // 2), "a " * MAX_WORDS + 'a foo:"a" (a) foo:a date:a'):
        parsed = understood(text)
        assert {"too_long"} <= {w.code for w in parsed.warnings} <= {"too_long", "unknown_field", "bad_date"}
        assert [w.code for w in parsed.warnings].count("too_long") == 1
        assert parsed.parsed.split() == ["a"] * MAX_WORDS


@pytest.mark.parametrize(
    ("most", "more", "code"),
    [
        ("oil " * 1024, "oil " * 1025, "too_long"),
        ("(" * 32 + "oil" + ")" * 32, "(" * 33 + "oil" + ")" * 32, "too_deep"),
        ('"oil gas"~500', '"oil gas"~501', "slop"),
        ("opec~2", "opec~3", "edit_distance"),
    ],
    ids=["words", "depth", "slop", "edits"],
)
def test_beyond_the_limits_of_the_reference_the_most_is_taken_and_said(most: str, more: str, code: str) -> None:
    assert codes(most) == []
    assert [found for found, _, _ in codes(more)] == [code]
    assert understood(more).parsed == understood(most).parsed


def test_deep_nesting_and_long_runs_of_signs_are_survived() -> None:
    for text in ("(" * 5000 + "a", "-" * 9000 + "a", "NOT " * 2000 + "a", "(" * 3000 + "a" + ")" * 3000):
        assert understood(text).warnings is not None


def scored(word: str, boost: float = 1.0) -> wq.Query:
    return wq.Term("text_stem", ENGLISH.stem(word), boost=boost)


def constant(tree: wq.Query) -> wq.Query:
    return wq.ConstantScoreQuery(tree, 1.0)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Oils", scored("oils")),
        ("title:oils", wq.Require(scored("oils"), wq.Term("title_stem", "oil"))),
        ('"oils"', wq.Require(scored("oils"), wq.Term("text", "oils"))),
        ('body:"oils"~3', wq.Require(scored("oils"), wq.Term("body", "oils"))),
        ('"the oils"', wq.Require(wq.And([scored("the", 0.2), scored("oils")]), wq.Phrase("text", ["the", "oils"]))),
        ("title:co-op", wq.Require(wq.And([scored("co"), scored("op")]), wq.Phrase("title", ["co", "op"]))),
        ("co-op", wq.Require(wq.And([scored("co"), scored("op")]), wq.Phrase("text", ["co", "op"]))),
        (
            'title:"oils gas"~3',
            wq.Require(
                wq.And([scored("oils"), scored("gas")]), Within([wq.Term("title", "oils"), wq.Term("title", "gas")], 3)
            ),
        ),
        ("author:Oils", constant(wq.Term("author", "oils"))),
        ("author:jean-luc", constant(wq.Phrase("author", ["jean", "luc"]))),
        ('author:"jean luc"', constant(wq.Phrase("author", ["jean", "luc"]))),
        ("opec* title:opec*", wq.And([constant(wq.Prefix("text", "opec")), constant(wq.Prefix("title", "opec"))])),
        ("o*c*", constant(wq.Wildcard("text", "o*c*"))),
        ("o?c*", constant(wq.Wildcard("text", "o?c*"))),
        ('topic:"[a*b"', constant(wq.Wildcard("topic", "[[]a*b"))),
        ("opec~2", constant(wq.FuzzyTerm("text", "opec", maxdist=2, prefixlength=0))),
        ("since:2024-12-03", constant(wq.DateRange("date", datetime(2024, 12, 3), datetime.max))),
        ("until:2024-12-03", constant(wq.DateRange("date", None, datetime.combine(date(2024, 12, 3), time.max)))),
        ("topic:b?d", constant(wq.Wildcard("topic", "b?d"))),
        ('source:"oil ~0"', constant(wq.Term("source", "oil"))),
        ("source:Oils", constant(wq.Term("source", "oils"))),
        ("* -author:*", wq.AndNot(constant(wq.Every()), constant(wq.Prefix("author", "")))),
        ("oil OR *", constant(wq.Every())),
        ("-oil", wq.AndNot(constant(wq.Every()), scored("oil"))),
    ],
)
def test_words_score_by_their_stems_and_all_else_alike(text: str, tree: wq.Query) -> None:
    assert whoosh_query(understood(text).plan) == tree


def test_a_repeated_word_counts_as_often_as_it_is_said() -> None:
    assert whoosh_query(understood("oil oils price").plan) == wq.And([scored("oil", 2.0), scored("price")])


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("oil", [["oil"]]),
        ("oil gas corn", [["oil", "gas", "corn"]]),
        ("oil gas OR corn", [["oil", "gas"], ["corn"]]),
        ("oil (gas corn) war", [["oil", "war"], ["gas", "corn"]]),
        ("co-op oil", [["co", "op", "oil"]]),
        ('oil title:gas "corn war" tin* -lead -(iron ore)', [["oil"]]),
        ("title:oil (title:gas OR source:a)", []),
    ],
)
def test_words_said_in_one_breath_are_ranked_by_how_near_they_stand(text: str, runs: list[list[str]]) -> None:
    assert understood(text).closeness == closeness(runs, ENGLISH)


def test_with_match_any_words_side_by_side_are_said_in_one_breath() -> None:
    assert understood("oil gas OR corn", "any").closeness == closeness([["oil", "gas"], ["corn"]], ENGLISH)


def test_with_match_any_values_dates_and_exclusions_still_hold_for_all() -> None:
    asked = understood("oil gas source:usa -corn", "any").plan
    assert isinstance(asked, plan.AndNot)
    assert isinstance(asked.wanted, plan.And)
    assert [type(part) for part in asked.wanted.parts] == [plan.Or, plan.Constant]


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("oil gas AND corn war", "oil (gas AND corn) war"),
        ("oil AND gas AND corn", "oil AND gas AND corn"),
        ("oil OR gas", "oil OR gas"),
        ("oil foo:bar [tin]", "oil (foo bar) tin"),
        ("oil OR source:a", 'oil OR source:"a"'),
        ("oil gas -corn source:a*", "(oil gas) -corn source:a*"),
        ("oil -corn since:2024", "oil -corn since:2024-01-01"),
        ("opec* title:oil", "opec* title:oil"),
    ],
)
def test_with_match_any_what_is_said_side_by_side_is_an_alternative(text: str, echo: str) -> None:
    assert understood(text, "any").parsed == echo


def test_all_words_must_occur_unless_asked_otherwise() -> None:
    said = "oil gas"
    assert repr(parse(said, stemmer=ENGLISH)) == repr(understood(said, "all")) != repr(understood(said, "any"))


@pytest.mark.parametrize(
    "held",
    ['(source:"a" OR source:"b")', "(source:a* OR topic:b?d)", '(date:2024 AND source:"a")', "(-corn OR since:2024)"],
)
def test_with_match_any_a_group_of_nothing_but_values_and_dates_holds_for_all(held: str) -> None:
    asked = understood(f"oil gas {held}", "any").plan
    assert repr(asked) == repr(plan.And((understood("oil gas", "any").plan, understood(held, "any").plan)))
