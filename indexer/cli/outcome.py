"""What happened becomes an exit code: the one place where errors turn into a line on stderr.

    0    done, also with zero hits
    1    failed: the index, the files or the machine did not allow it
    2    wrong usage: an option or a value that cannot be
    130  interrupted by Ctrl-C; an index keeps its last commit
    141  whoever read the output (`head`, a pager) had seen enough; nothing is said

BROADSHEET_DEBUG=1 shows the traceback of an unexpected error.
"""

from __future__ import annotations

import io
import os
import select
import signal
import sys
import traceback
from typing import NoReturn

import click

from indexer.article import one_line
from indexer.errors import ArticleNotFoundError, BroadsheetError, ParameterError, SourceError

FAILED = 1
WRONG_USAGE = 2
# What shells make of SIGINT and SIGPIPE.
INTERRUPTED = 130
READER_GONE = 141


def run(command: click.Command, name: str) -> NoReturn:
    """Run `command` as the console script `name` and exit with its code; a command's int result is its code."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream_name in enumerate(("stdin", "stdout", "stderr")):
        # A daemon may start us with its streams closed: else another file would get their numbers.
        if getattr(sys, stream_name) is None:
            setattr(sys, stream_name, open(os.devnull, "w" if number else "r"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows a question mark instead of failing.
            stream.reconfigure(errors="replace")
    sys.exit(_outcome(command, name))


def _outcome(command: click.Command, name: str) -> int:
    try:
        result = command.main(prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
        else:
            _say(f"Error: {error.format_message()}" + _help(error, name))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("Interrupted.")
        return INTERRUPTED
    except BroadsheetError as error:
        _say(f"Error: {_message(error)}")
        return WRONG_USAGE if isinstance(error, (ParameterError, SourceError)) else FAILED
    except (BrokenPipeError, SystemExit) as end:
        if not _is_broken_pipe(end):
            raise
        # What is still buffered must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return READER_GONE
    except Exception as error:
        _report_unexpected(error)
        return FAILED
    return result if isinstance(result, int) else 0


def _help(error: click.ClickException, name: str) -> str:
    """Where to read how a command is used, for who used it wrongly."""
    if not isinstance(error, click.UsageError):
        return ""
    # Of an option without its value click does not say of which command it is.
    return f" ({error.ctx.command_path if error.ctx else name} --help)"


def _is_broken_pipe(end: BrokenPipeError | SystemExit) -> bool:
    """Whether a command ended because nobody reads standard output any more.

    Rich and click exit as failed then: rich with the reason as context, and another file in the place of the pipe;
    click without the reason, and with the pipe.
    """
    if isinstance(end, BrokenPipeError) or isinstance(end.__context__, BrokenPipeError):
        return True
    if end.code != FAILED:
        return False
    output = select.poll()
    output.register(1, 0)
    return any(happened & select.POLLERR for _, happened in output.poll(0))


def _message(error: BroadsheetError) -> str:
    if isinstance(error, ArticleNotFoundError):
        return f"{error} (search --json shows them)"
    if not isinstance(error, ParameterError):
        return str(error)
    name = error.parameter
    if name == "q":
        name = "query"
    elif not name.isupper():  # no environment variable
        name = "--" + name.replace("_", "-")
    return f"{name}: {error.detail}" + (f" ({error.hint})" if error.hint else "")


def _report_unexpected(error: Exception) -> None:
    if os.environ.get("BROADSHEET_DEBUG"):
        traceback.print_exc()
    elif isinstance(error, OSError) and error.strerror:
        _say(f"Error: {error.strerror}" + (f": {error.filename}" if error.filename else ""))
    else:
        _say(f"Error: unexpected {type(error).__name__}: {error} (BROADSHEET_DEBUG=1 shows where)")


def _say(message: str) -> None:
    click.echo(one_line(message), err=True)
