"""`server run`: the application under gunicorn."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any, NoReturn, TextIO

import click

from indexer.cli.options import CONTEXT_SETTINGS, index_option, index_to_read
from indexer.cli.outcome import run as run_command


def main() -> NoReturn:
    """The console script `server`."""
    run_command(server_group, "server")


@click.group(context_settings=CONTEXT_SETTINGS)
@click.version_option(package_name="broadsheet")
def server_group() -> None:
    """Serve an index over HTTP."""


@server_group.command()
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", metavar="N", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one."
)
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Processes.  [default: one a core]")
@click.option(
    "--write-token-file",
    metavar="FILE",
    type=click.File(),
    help="Allow adding and deleting with the token in this file.  [default: $BROADSHEET_WRITE_TOKEN, else no writing]",
)
@click.option(
    "--cors-origin",
    "cors_origins",
    metavar="ORIGIN",
    multiple=True,
    help="Let web pages of this origin read the API; repeat for several, * for all.  [default: "
    "$BROADSHEET_CORS_ORIGINS, else none]",
)
@click.option(
    "--rate-limit",
    metavar="N",
    help="Requests a minute from one client; 0 for no limit.  [default: $BROADSHEET_RATE_LIMIT, else 0]",
)
@click.option("--timeout-ms", metavar="MS", help="The longest search.  [default: $BROADSHEET_TIMEOUT_MS, else 10000]")
@click.option(
    "--proxies",
    metavar="N",
    help="Reverse proxies in front, whose X-Forwarded headers are believed.  [default: $BROADSHEET_PROXIES, else 0]",
)
@click.option(
    "--access-log",
    is_flag=True,
    help="Log each request as a line of JSON on stdout.  [default: $BROADSHEET_ACCESS_LOG, else no]",
)
@index_option
def run(
    host: str,
    port: int,
    workers: int | None,
    write_token_file: TextIO | None,
    index_path: str | None,
    **options: Any,
) -> None:
    """Serve an index until Ctrl-C. Each worker process answers four requests at a time."""
    import indexer
    from server.settings import Settings

    chosen: dict[str, str | bool] = {name: value for name, value in options.items() if value}
    if write_token_file is not None:
        chosen["write_token"] = write_token_file.read().strip()
    settings = Settings.from_environment().overridden(chosen)
    path = index_to_read(index_path)
    with indexer.open_index(path) as index:
        articles = index.search(limit=0, facets=()).indexed
    listener = _listen(host, port)
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"

    from server.process import serve

    serve(
        path,
        listener,
        settings,
        workers=workers or os.cpu_count() or 1,
        on_ready=lambda: click.echo(f"Serving {articles:,} articles at {url} (Ctrl-C stops)"),
    )


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ClickException saying what to do when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = (
            f"port {port} is taken; choose another with --port" if error.errno == errno.EADDRINUSE else error.strerror
        )
        raise click.ClickException(f"cannot listen at {host}:{port}: {reason}") from None
