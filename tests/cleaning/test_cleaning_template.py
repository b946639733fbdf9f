from __future__ import annotations

import json
import pickle

from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning import clean_page
from indexer.cleaning.template import Template
from indexer.page import Page

HOST = "quay.example"
SLOGAN = "Every tide brings the Quay to twelve thousand doors, and never a word of it is bought."
PARAGRAPHS = [
    "The harbour office has sold its last steam crane to a museum of toys, which wants to lift nothing with it at all.",
    "It was built for slate, carried salt for thirty years, and since the war has mostly carried starlings.",
    "A barge will take it up the canal on Friday, if the bridges agree, and a band will play on the lock.",
]


def page(slogan: str = SLOGAN) -> str:
    return "\n\n".join(["Steam crane leaves the quay", "2 May 2019", PARAGRAPHS[0], slogan, *PARAGRAPHS[1:]])


def learned(pages: int, line: str = SLOGAN) -> Template:
    template = Template()
    for number in range(pages):
        template.observe(HOST, [line, f"Headline number {number}", "Quay"])
    return template


def test_line_on_several_pages_of_a_source_is_its_furniture() -> None:
    furniture = learned(3).furniture(HOST)
    assert SLOGAN.lower().rstrip(".") in furniture
    assert "quay" in furniture
    assert "headline number 1" not in furniture


def test_two_pages_say_nothing_yet() -> None:
    assert not learned(2).furniture(HOST)


def test_another_source_is_not_touched() -> None:
    assert not learned(5).furniture("elsewhere.example")


def test_line_twice_on_one_page_counts_once() -> None:
    template = Template()
    template.observe(HOST, ["Quay", "QUAY", "Quay", "Quay"])
    assert not template.furniture(HOST)


def test_furniture_inside_the_article_is_dropped() -> None:
    raw = Page(data=page(), place="here", kind="text")
    assert SLOGAN in clean_page(raw).body
    cleaned = clean_page(raw, furniture=learned(3).furniture(HOST))
    assert cleaned.body.split("\n\n") == PARAGRAPHS


def test_headline_and_long_paragraphs_stay_however_often_they_recur() -> None:
    long = PARAGRAPHS[0] + " " + PARAGRAPHS[1]
    template = Template()
    for _ in range(9):
        template.observe(HOST, ["Steam crane leaves the quay", long])
    text = "\n\n".join(["Steam crane leaves the quay", "2 May 2019", long, PARAGRAPHS[2]])
    article = clean_page(Page(data=text, place="here", kind="text"), furniture=template.furniture(HOST))
    assert article.title == "Steam crane leaves the quay"
    assert article.body.split("\n\n") == [long, PARAGRAPHS[2]]


pages = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.lists(st.sampled_from(["one", "two", "three", "four"]), max_size=4)),
    max_size=12,
)


def _of(observed: list[tuple[str, list[str]]]) -> Template:
    template = Template()
    for source, lines in observed:
        template.observe(source, lines)
    return template


@given(pages, pages)
def test_merged_templates_know_what_one_would_have_learned(
    first: list[tuple[str, list[str]]], second: list[tuple[str, list[str]]]
) -> None:
    merged = pickle.loads(pickle.dumps(_of(first)))
    merged.merge(_of(second))
    whole = _of(first + second)
    assert all(merged.furniture(source) == whole.furniture(source) for source in "ab")


@given(pages)
def test_template_comes_back_from_json(observed: list[tuple[str, list[str]]]) -> None:
    template = _of(observed)
    back = Template.from_dict(json.loads(json.dumps(template.to_dict())))
    assert all(back.furniture(source) == template.furniture(source) for source in "ab")


def test_a_source_with_ever_new_lines_stays_bounded() -> None:
    template = Template()
    for number in range(400):
        template.observe(HOST, ["Quay", *(f"line {number} {row}" for row in range(30))])
    assert "quay" in template.furniture(HOST)
    assert len(json.dumps(template.to_dict())) < 1000
    assert len(pickle.dumps(template)) < 400_000
