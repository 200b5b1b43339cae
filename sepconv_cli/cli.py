"""The Typer app, and the one place where an exception becomes an exit code.

0 all well; 1 a budget is exceeded or the engines disagree; 2 wrong use, a bad spec, or a failure
inside; 130 interrupted. Nobody sees a traceback.
"""

import gc
import sys
from io import TextIOWrapper

import typer

from sepconv_cli.commands._flags import with_flags
from sepconv_cli.commands._output import to_stderr
from sepconv_cli.errors import SpecError, UsageError
from sepconv_cli.registry import get, names
from sepconv_cli.trace import TraceError

FAILED = 2
INTERRUPTED = 130
ABOUT = (
    "What convolutional networks cost as they are, and with depthwise-separable, blueprint, "
    "grouped or spatially separable convolutions."
)


def main() -> None:
    """Run the command line and leave with its exit code."""
    # A run is short and leaves hardly any garbage; looking for it costs a twentieth.
    gc.set_threshold(100_000, 50, 50)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        return _invoke(app(given), given)
    except SpecError as error:
        to_stderr(str(error))
    except TraceError as error:
        to_stderr(f"error: {error}")
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        to_stderr(f"error: {error.strerror or error}")
    except SystemExit:
        return 0  # how Typer leaves when the reader of its help has gone
    except Exception as error:
        to_stderr(f"error: sepconv failed inside: {type(error).__name__}: {error}")
        to_stderr("  hint: this is a mistake of the program's; please report it with the spec")
    return FAILED


def app(arguments: list[str]) -> typer.Typer:
    """The app with the command that is called, or with all of them where none is.

    Typer works out the options of every command that it has, which takes longer than
    running one.
    """
    found = typer.Typer(
        name="sepconv", help=ABOUT, rich_markup_mode="rich", pretty_exceptions_enable=False
    )
    found.callback(invoke_without_command=True)(_root)
    known = names("commands")
    for name in [arguments[0]] if arguments and arguments[0] in known else known:
        found.command(name)(with_flags(get("commands", name).command, arguments))
    return found


def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        context.get_help()  # which Typer prints
        raise typer.Exit(FAILED)


def _invoke(found: typer.Typer, arguments: list[str]) -> int:
    """A command's return value is its exit code; Typer's own errors look like ours."""
    try:
        return found(arguments, prog_name="sepconv", standalone_mode=False) or 0
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "sepconv"
        message = " ".join(error.format_message().split())
        raise UsageError(message, f"{path} --help") from error
    except typer.Abort:
        return INTERRUPTED
