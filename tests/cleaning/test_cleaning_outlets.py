from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning.outlets import Outlets
from indexer.errors import SourceError

HOSTS = st.sampled_from(["northgate.example", "www.northgate.example", "blogs.northgate.example", "eddy.example"])
SAID = st.sampled_from(["Northgate Herald", "northgate herald", "Herald", "The Eddy", "Sports | The Eddy"])
METHODS = st.sampled_from(["json-ld", "opengraph", "meta", "title", "url"])
SIGHTINGS = st.lists(st.tuples(HOSTS, SAID, METHODS), max_size=30)


def heard(*sightings: tuple[str, str, str]) -> Outlets:
    outlets = Outlets()
    for host, said, method in sightings:
        outlets.observe(host, said, method)
    return outlets


def test_pages_of_one_host_get_the_name_that_most_of_them_give() -> None:
    outlets = heard(
        ("northgate.example", "Northgate Herald", "opengraph"),
        ("www.northgate.example", "Northgate Herald", "json-ld"),
        ("northgate.example", "Sports desk", "opengraph"),
    )
    for said in ("Northgate Herald", "Sports desk", "NH", ""):
        assert outlets.name_of("www.northgate.example", said) == "Northgate Herald"


def test_spellings_of_one_name_count_together() -> None:
    outlets = heard(
        ("a.example", "The Eddy", "opengraph"),
        ("a.example", "THE EDDY", "opengraph"),
        ("a.example", "The Eddy", "opengraph"),
        ("a.example", "River Group", "opengraph"),
        ("a.example", "River Group", "opengraph"),
    )
    assert outlets.name_of("a.example", "") == "The Eddy"


def test_name_that_agrees_with_the_host_beats_a_section_named_as_often() -> None:
    outlets = heard(("eddy.example", "Weather", "opengraph"), ("eddy.example", "The Eddy", "opengraph"))
    assert outlets.name_of("eddy.example", "Weather") == "The Eddy"


def test_names_made_from_the_address_teach_nothing() -> None:
    outlets = heard(("eddy.example", "eddy.example", "opengraph"), ("eddy.example", "Eddy", "url"))
    assert outlets.name_of("eddy.example", "") == "eddy.example"


def test_without_an_address_the_page_has_the_last_word() -> None:
    assert heard(("eddy.example", "The Eddy", "opengraph")).name_of("", "Some Paper") == "Some Paper"


def test_operators_file_has_the_last_word_and_covers_subdomains(tmp_path: Path) -> None:
    path = tmp_path / "outlets.toml"
    path.write_text('[outlets]\n"northgate.example" = "Northgate Herald"\n"blogs.northgate.example" = "Herald Blogs"\n')
    outlets = Outlets(Outlets.read_names(path))
    for _ in range(5):
        outlets.observe("northgate.example", "Something Else", "json-ld")
    assert outlets.name_of("sport.northgate.example", "Herald") == "Northgate Herald"
    assert outlets.name_of("blogs.northgate.example", "Herald") == "Herald Blogs"
    assert outlets.name_of("othernorthgate.example", "Other") == "Other"


@pytest.mark.parametrize("text", ["outlets = 3", "[outlets]\na = 1", "[[", "[other]\n"])
def test_operators_file_of_another_form_is_refused_with_advice(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outlets.toml"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"outlets\.toml"):
        Outlets.read_names(path)


def test_missing_operators_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.toml"):
        Outlets.read_names(tmp_path / "none.toml")


@given(SIGHTINGS, st.integers(0, 30))
def test_workers_that_share_the_pages_learn_what_one_would(sightings: list[tuple[str, str, str]], cut: int) -> None:
    together = heard(*sightings[:cut])
    together.merge(pickle.loads(pickle.dumps(heard(*sightings[cut:]))))
    assert together == heard(*sightings)
    assert [together.name_of(host, "x") for host, *_ in sightings] == [
        heard(*sightings).name_of(host, "x") for host, *_ in sightings
    ]


@given(SIGHTINGS)
def test_what_was_learned_survives_the_file(sightings: list[tuple[str, str, str]]) -> None:
    outlets = heard(*sightings)
    assert Outlets.from_dict(outlets.to_dict()) == outlets


@given(SIGHTINGS)
def test_one_host_has_one_name_whatever_its_pages_say(sightings: list[tuple[str, str, str]]) -> None:
    outlets = heard(*sightings, ("eddy.example", "The Eddy", "json-ld"))
    assert len({outlets.name_of("eddy.example", said) for said in ("", "x", "The Eddy", "River")}) == 1
