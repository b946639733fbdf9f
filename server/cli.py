"""`server run`: the application under gunicorn."""

from __future__ import annotations

import errno
import os
import socket
from typing import NoReturn

import click

from indexer.cli.options import index_option, index_to_read
from indexer.cli.outcome import run as run_command


def main() -> NoReturn:
    """The console script `server`."""
    run_command(server_group, "server")


@click.group()
@click.version_option(package_name="broadsheet")
def server_group() -> None:
    """Serve an index over HTTP."""


@server_group.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Processes.  [default: one a core]")
@index_option
def run(host: str, port: int, workers: int | None, index_path: str | None) -> None:
    """Serve an index until Ctrl-C. Each worker process answers four requests at a time."""
    import indexer

    path = index_to_read(index_path)
    with indexer.open_index(path) as index:
        articles = index.search(limit=0, facets=()).indexed
    listener = _listen(host, port)
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"

    from server.process import serve

    serve(
        path,
        listener,
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
