"""The options that commands share: which index, and the fields of SearchRequest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import click

from indexer.errors import IndexNotFoundError
from indexer.request import (
    FACETS,
    FILTERS,
    MAX_FACET_SIZE,
    MAX_LIMIT,
    MAX_SNIPPETS,
    PARAMETERS,
    Interval,
    Match,
    SearchRequest,
    Sort,
)

Command = TypeVar("Command", bound=Callable[..., Any])

SAMPLE_INDEX: Final = Path("sample_index", "index")
REQUEST_OPTIONS: Final = tuple(name for name in PARAMETERS if name != "q")

# Which articles match and in what order: what `export` takes of a search.
SELECTION_OPTIONS: Final = ("match", *FILTERS, "since", "until", "sort")

_DEFAULTS: Final = {field.name: field.default for field in fields(SearchRequest)}
_METAVARS_AND_HELP: Final = {
    "match": ("|".join(get_args(Match)), "All words of the query, or any of them with the best first."),
    **{name: ("NAME", f'Only this {name}; repeat for any of several; "-NAME" for none of.') for name in FILTERS},
    "since": ("DAY", "First day of publication: 2024, 2024-12 or 2024-12-03."),
    "until": ("DAY", "Last day of publication, inclusive."),
    "sort": ("|".join(get_args(Sort)), "Order of the hits."),
    "limit": ("N", f"Hits a page, 0 to {MAX_LIMIT}."),
    "cursor": ("CURSOR", "Where the page before ended."),
    "facets": ("NAMES", f"Comma list of what to count: {', '.join(FACETS)}; empty for none."),
    "interval": ("|".join(get_args(Interval)), "Width of the bars of the date histogram."),
    "facet_size": ("N", f"Values a facet, 1 to {MAX_FACET_SIZE}."),
    "snippets": ("N", f"Snippets a hit, 0 to {MAX_SNIPPETS}."),
    "timeout_ms": ("MS", "Answer with what there is after so many milliseconds."),
    "explain": ("", "Show what each part of the query gave to a hit's score."),
}


class QueryCommand(click.Command):
    """A command whose words are a query, where a leading dash excludes a word and is no option.

    So `search '-shares dividend'` works, and `--` is needed only before a word that starts with two dashes.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the options first and every other word behind `--`, then parse as ever."""
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
            metavar, text = _METAVARS_AND_HELP[name]
            command = click.option(
                "--" + name.replace("_", "-"),
                name,
                metavar=metavar or None,
                help=text + _default_text(_DEFAULTS[name]),
                # None, not False: with False click takes a value that starts with a dash for another option.
                is_flag=isinstance(_DEFAULTS[name], bool) or None,
                multiple=name in FILTERS,
            )(command)
        return command

    return decorate


def _default_text(default: Any) -> str:
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"  [default: {default}]" if default or (default == 0 and default is not False) else ""


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were written on the command line, as SearchRequest.of takes them."""
    return {
        name: [decoded(text) for text in value] if isinstance(value, tuple) else _decoded_option(value)
        for name, value in options.items()
        if value is not None and value != () and value is not False
    }


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
        help="The index.  [default: $BROADSHEET_INDEX]",
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
