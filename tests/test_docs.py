"""The documents tell the truth: what exists is described, what is described exists and works."""

from __future__ import annotations

import gzip
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from articles import write_jsonl

import indexer
import server
from indexer import errors
from indexer.article import Article
from indexer.cli.index_commands import indexer_group
from indexer.cli.search_command import search_command
from indexer.query import syntax
from indexer.request import PARAMETERS
from server.cli import server_group

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("sample_index/*.md")])

GROUPS: dict[str, click.Command] = {"search": search_command, "indexer": indexer_group, "server": server_group}


def commands() -> Iterator[tuple[str, click.Command]]:
    for name, command in GROUPS.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", subcommand) for sub, subcommand in command.commands.items())
        else:
            yield name, command


COMMANDS = dict(commands())


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}


def fenced(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def section(heading: str) -> str:
    """A part of the reference, up to the next heading of the same or a higher level."""
    level = heading.split(" ")[0]
    found = re.search(rf"^{re.escape(heading)}\b.*?(?=^#{{1,{len(level)}}} |\Z)", REFERENCE, re.M | re.S)
    assert found, heading
    return found[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_its_options_are_in_the_reference(name: str) -> None:
    assert f"`{name}" in REFERENCE
    rows = [line for line in REFERENCE.splitlines() if line.startswith((f"| `{name}", f"### `{name}"))]
    text = section(rows[0][: len(f"### `{name}")]) if rows[0].startswith("###") else rows[0]
    text += REFERENCE.split("## Commands")[1].split("###")[0]
    assert {option for option in options(COMMANDS[name]) if f"`{option}" not in text} == set()


def test_no_option_in_the_reference_is_made_up() -> None:
    known = set().union(*map(options, COMMANDS.values())) | {"--help", "--version", "--"}
    assert set(re.findall(r"`(--[a-z-]*)", REFERENCE)) <= known


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_search_parameter_is_in_the_reference(name: str) -> None:
    assert f"`{name}`" in section("## Search parameters")


def test_every_route_is_in_the_reference(tmp_path: Path) -> None:
    app = server.create_app(indexer.open_index(tmp_path / "news.index", create=True))
    routes = {
        f"`{method} {re.sub('<.*>', '<id>', rule.rule)}`"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documented = set(re.findall(r"`(?:GET|POST|DELETE|PUT) /[^`]*`", section("## HTTP")))
    assert routes == documented


@pytest.mark.parametrize("name", syntax.FIELDS)
def test_every_field_of_the_query_language_is_in_the_reference_and_the_readme(name: str) -> None:
    assert f"{name}:" in section("## Query language")
    assert f"{name}:" in README


def test_every_warning_code_is_in_the_reference() -> None:
    source = Path(syntax.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'(?:warn\(|_plain\(token,)\s*"([a-z_]+)"', source))
    assert len(codes) >= 10
    assert codes == set(re.findall(r"`([a-z]+_?[a-z]+)`", "\n".join(warning_rows())))


def warning_rows() -> list[str]:
    rows = section("## Query language").split("| code | when |")[1].splitlines()
    return [row.split("|")[1] for row in rows if row.startswith("| `")]


def test_every_error_is_in_the_reference() -> None:
    names = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert names == set(re.findall(r"`(\w+Error)`", section("## Errors")))


def test_every_environment_variable_is_in_the_reference() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for folder in ("indexer", "server") for path in python_files(folder)
    )
    variable = re.compile(r"\bBROADSHEET_[A-Z]\w*[A-Z]\b")
    assert set(variable.findall(code)) == set(variable.findall(REFERENCE))


def python_files(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*.py") if not path.is_symlink()]


def test_every_field_of_an_article_is_in_the_reference() -> None:
    text = section("## Articles and input")
    assert {field.name for field in fields(Article) if f"`{field.name}`" not in text} == set()


def test_every_method_of_an_index_is_in_the_reference() -> None:
    between_modules = {"answer", "reader", "writer", "merge_small", "discard", "verify"}
    public = {name for name in vars(indexer.NewsIndex) if not name.startswith("_")} - between_modules
    assert {name for name in public if f"index.{name}" not in section("## Python")} == set()


def test_the_readme_has_exactly_the_two_set_up_commands() -> None:
    found = [line for line in README.splitlines() if "pip install" in line and line.startswith("python")]
    assert found == [
        'python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/search "coalition of the willing"',
        "python3 -m venv .venv && .venv/bin/pip install -q '.[test]' && .venv/bin/pytest -q",
    ]


def test_the_commands_in_the_readme_exist_with_their_options() -> None:
    lines = [line for block in fenced(README, "sh") for line in block.splitlines()]
    checked = 0
    for line in lines:
        words = shlex.split(line)
        if words[0] not in GROUPS:
            continue
        name = words[0] if words[0] == "search" else " ".join(words[:2])
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= options(COMMANDS[name]), line
        checked += 1
    assert checked >= 3


def test_the_python_examples_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = sorted((ROOT / "sample_index" / "pages").rglob("*.html"))[:3]
    (tmp_path / "pages").mkdir()
    for page in pages:
        shutil.copy(page, tmp_path / "pages")
    lines = write_jsonl(tmp_path / "feed.jsonl").read_bytes()
    (tmp_path / "feed.jsonl.gz").write_bytes(gzip.compress(lines))
    monkeypatch.chdir(tmp_path)
    blocks = fenced(README, "python")
    assert len(blocks) == 2
    for block in blocks:
        names: dict[str, object] = {}
        exec(compile(block, "README.md", "exec"), names)
    assert capsys.readouterr().out.startswith(f"{3 + len(lines.splitlines())} added, 0 rejected\n")
    app = names["app"]
    assert app.test_client().get("/archive/v1/search?q=storm").json["total"] == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = (document.parent / name) if name else document
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


def test_every_page_of_the_documents_is_linked_from_the_readme() -> None:
    pages = {f"docs/{path.name}" for path in ROOT.glob("docs/*.md")}
    assert pages - set(re.findall(r"\]\(([^)#]+)", README)) == set()


def test_the_architecture_names_only_what_exists_and_every_package() -> None:
    for found in re.findall(r"`([\w./-]+(?:/|\.py|\.toml|/run))`", ARCHITECTURE):
        name = found.rstrip("/")
        assert any(list(ROOT.glob(f"{folder}{name}")) for folder in ("", "indexer/", "indexer/**/", "server/")), name
    packages = {
        path.parent for folder in ("indexer", "server") for path in python_files(folder) if path.name == "__init__.py"
    }
    headings = "\n".join(re.findall(r"^## (.*)$", ARCHITECTURE, re.M))
    assert {str(path.relative_to(ROOT)) for path in packages if f"`{path.relative_to(ROOT)}/" not in headings} == set()
    assert all("?" in heading for heading in re.findall(r"^## (.*)$", ARCHITECTURE, re.M))


def test_the_picture_in_the_readme_shows_the_command_that_it_names() -> None:
    picture = (ROOT / "docs" / "search.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    assert "search coalition of the willing" in picture
    assert re.search(r"of \d+ articles", picture)
    assert "@font-face" not in picture


def test_the_changelog_knows_the_version_of_the_package() -> None:
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
