"""The options that commands share: which index, and the fields of SearchRequest."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from indexer.errors import BroadsheetError, IndexNotFoundError
from indexer.parameter import Choice, Choices, Day, Flag, Integer, Parameter, Values
from indexer.request import DEFINITIONS, FILTERS, MAX_FACET_SIZE, PARAMETERS, SELECTION, SearchRequest, filter_for

if TYPE_CHECKING:
    from indexer.response import SearchResult, Warning

Command = TypeVar("Command", bound=Callable[..., Any])

# For every program and its commands.
CONTEXT_SETTINGS: Final = {"help_option_names": ["-h", "--help"]}

# For what may be an address, too, and so is no click.Path.
complete_folder: Final = click.Path(file_okay=False).shell_complete

SAMPLE_INDEX: Final = Path("sample_index", "index")
REQUEST_OPTIONS: Final = tuple(name for name in PARAMETERS if name != "q")

# What `export` takes of a search, beside its words.
SELECTION_OPTIONS: Final = tuple(name for name in SELECTION if name != "q")

# The end of the help of commands that take a query.
QUERY_HELP: Final = """
In single quotes, so that the shell leaves its signs alone, a QUERY may say more than words:

\b
  ceasefire monitoring        both words, in any inflection
  "coalition of the willing"  exactly these words in this order
  (truce OR ceasefire) -gulf  one of two, without a third
  zelensk* wom?n zelensky~1   that begin so, with any letter, one wrong
  title:nato author:macron    in the headline, among the authors
  source:"daily harbour"      of an outlet; also section: topic: language:
  date:2024-12                published then; also since: until:
"""

_DEFAULTS: Final = {field.name: field.default for field in fields(SearchRequest)}


class _QuotingBash(BashComplete):
    """Quotes completions: bash inserts them as they are, so that a name of several words would become several."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """The type and the value, for the kind of quotes that was opened."""
        if item.type != "plain":
            return super().format_completion(item)
        value: str = item.value
        typed = os.environ["COMP_WORDS"].split("\n")[int(os.environ["COMP_CWORD"]) :]
        match typed[0][:1] if typed else "":
            case "'":
                quoted = value.replace("'", "'\\''")
            case '"':
                quoted = re.sub(r'(["$`\\])', r"\\\1", value)
            case _:
                quoted = re.sub(r"([^\w@%+=:,./-])", r"\\\1", value)
        # Click's script reads it with bash's `read`, which takes one backslash of two.
        return "plain," + quoted.replace("\\", r"\\")


add_completion_class(_QuotingBash)


class QueryCommand(click.Command):
    """A command whose words are a query, where a leading dash excludes a word and is no option.

    So `search '-shares dividend'` works, and `--` is needed only before a word that starts with two dashes.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the options first and every other word behind `--`, then parse as ever. A lone `-h` asks for help."""
        if args == ["-h"]:
            return super().parse_args(ctx, ["--help"])
        options_with_value = {
            name
            for option in self.get_params(ctx)
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        options: list[str] = []
        words: list[str] = []
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                words.extend(rest)
            elif not arg.startswith("--"):
                words.append(arg)
            elif arg in options_with_value:
                value = next(rest, None)
                if value is None:
                    return super().parse_args(ctx, [arg])
                options.append(f"{arg}={value}")
            else:
                options.append(arg)
        return super().parse_args(ctx, [*options, "--", *words])


def request_options(names: Iterable[str] = REQUEST_OPTIONS) -> Callable[[Command], Command]:
    """A decorator that adds the options for these fields of SearchRequest.

    The command gets their texts as keywords; those that were not given are None, () or False.
    """

    def decorate(command: Command) -> Command:
        for name in reversed(tuple(names)):
            definition = DEFINITIONS[name]
            command = click.option(
                "--" + name.replace("_", "-"),
                name,
                metavar=_metavar(name, definition),
                help=definition.description + _default_text(_DEFAULTS[name]),
                # None, not False: with False click takes a value that starts with a dash for another option.
                is_flag=isinstance(_DEFAULTS[name], bool) or None,
                multiple=isinstance(definition, (Values, Choices)),
                shell_complete=_completer(name, definition),
            )(command)
        return command

    return decorate


def _metavar(name: str, definition: Parameter) -> str | None:
    match definition:
        case Flag():
            return None
        case Choice():
            return "|".join(definition.choices)
        case Choices():
            return "NAMES"
        case Integer():
            return "MS" if name.endswith("_ms") else "N"
        case Day():
            return "DAY"
        case _:
            return "CODE" if name == "language" else "NAME" if name in FILTERS else name.upper()


def _completer(name: str, definition: Parameter) -> Callable[[click.Context, click.Parameter, str], list[str]] | None:
    """What a shell completes the option's value with: its choices, or the values of the field in the index."""
    if isinstance(definition, Choice):
        choices = definition.choices
        return lambda _context, _option, typed: [choice for choice in choices if choice.startswith(typed)]
    if isinstance(definition, Choices):
        names = definition.choices
        return lambda _context, _option, typed: _in_a_list(names, typed)
    if name in FILTERS:
        return lambda context, _option, typed: _values_in_index(context.params.get("index_path"), name, typed)
    return None


def _in_a_list(names: Iterable[str], typed: str) -> list[str]:
    before, comma, last = typed.rpartition(",")
    return [before + comma + name for name in names if name.startswith(last) and name not in before.split(",")]


def _values_in_index(index_path: str | None, name: str, typed: str) -> list[str]:
    """The field's values that begin so, those of most articles first; none where there is no index to ask."""
    import indexer
    from indexer.analysis import fold

    path = index_path or os.environ.get("BROADSHEET_INDEX") or str(SAMPLE_INDEX)
    try:
        with indexer.open_index(path) as index:
            facet = index.search(limit=0, facets=[name], facet_size=MAX_FACET_SIZE).facets[name].to_dict()
    except BroadsheetError:
        return []
    values = (filter_for(bucket["value"]) for bucket in facet["buckets"])
    return [value for value in values if fold(value).startswith(fold(typed))]


def _default_text(default: Any) -> str:
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"  [default: {default}]" if default or (default == 0 and default is not False) else ""


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were written on the command line, as SearchRequest.of takes them."""
    return {
        name: _together(name, value) if isinstance(value, tuple) else _decoded_option(value)
        for name, value in options.items()
        if value is not None and value != () and value is not False
    }


def _together(name: str, texts: tuple[str, ...]) -> list[str] | str:
    """The texts of an option that was given once or oftener."""
    texts = tuple(map(decoded, texts))
    return ",".join(texts) if isinstance(DEFINITIONS[name], Choices) else list(texts)


def _decoded_option(value: str | bool) -> str | bool:
    return decoded(value) if isinstance(value, str) else value


def decoded(text: str) -> str:
    """An argument with U+FFFD for bytes that are not UTF-8, which Python passes on as lone surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def index_option(command: Command) -> Command:
    """A decorator that adds `--index`; the command gets `index_path`, a text or None."""
    return click.option(
        "--index",
        "index_path",
        metavar="DIR",
        envvar="BROADSHEET_INDEX",
        help="The index: a folder, or opensearch://HOST:PORT/NAME.  [default: $BROADSHEET_INDEX]",
        shell_complete=complete_folder,
    )(command)


def json_option(command: Command) -> Command:
    """A decorator that adds `--json`; the command gets `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def index_to_read(index_path: str | None) -> str:
    """The index to read: the given one, else the sample, which is said on stderr.

    Raises IndexNotFoundError when there is neither.
    """
    if index_path:
        return index_path
    if SAMPLE_INDEX.is_dir():
        click.echo(f"Note: using the sample, {SAMPLE_INDEX}; choose an index with --index DIR", err=True)
        return str(SAMPLE_INDEX)
    raise IndexNotFoundError(
        "no index given. Name one with --index DIR or $BROADSHEET_INDEX; "
        "make one with: indexer ingest --index DIR PATH..."
    )


def index_to_write(index_path: str | None) -> str:
    """The index to change, which must be named. Raises IndexNotFoundError when it is not."""
    if index_path:
        return index_path
    raise IndexNotFoundError("no index given. Name one with --index DIR or $BROADSHEET_INDEX")


def warn_of(result: SearchResult) -> None:
    """Say on stderr what of a query was not understood, or not finished."""
    say_warnings(result.warnings)
    if result.partial:
        click.echo("Warning: the search was cut off; counts and hits are incomplete", err=True)


def say_warnings(warnings: Iterable[Warning]) -> None:
    """Say on stderr what of a query was not understood."""
    from indexer.article import one_line

    for warning in warnings:
        click.echo(f"Warning: {one_line(warning.message)} (at character {warning.offset + 1})", err=True)


def next_page(
    command: str, result: SearchResult, words: Sequence[str], index_path: str | None, options: Mapping[str, Any]
) -> str | None:
    """The command line for the page after `result`; None on the last."""
    if result.next_cursor is None:
        return None
    import shlex

    arguments = command.split()
    if index_path and click.get_current_context().get_parameter_source("index_path") is not (
        click.core.ParameterSource.ENVIRONMENT
    ):
        arguments.append(f"--index={index_path}")
    for name, value in (given(options) | {"cursor": result.next_cursor}).items():
        flag = "--" + name.replace("_", "-")
        arguments += (
            [flag] if value is True else [f"{flag}={v}" for v in ([value] if isinstance(value, str) else value)]
        )
    if any(word.startswith("-") for word in words):
        arguments.append("--")
    return shlex.join([*arguments, *words])
