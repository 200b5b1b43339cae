"""What the sources share: packages that may not be there, files, and whose fault a failure is."""

import importlib
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sepconv_cli.errors import UsageError

if TYPE_CHECKING:
    from sepconv_cli.importing.address import ModelOptions
    from sepconv_cli.importing.imported import Imported

PLACEHOLDER = "3,224,224"
# Where no reader of an error looks for its cause: this package, the import system.
_NOBODYS = (str(Path(__file__).parents[2]), "<frozen", str(Path(importlib.__file__).parent))


def package(name: str, address: str, install: str | None = None) -> Any:
    """A package that reads an address. Raises UsageError where it isn't there, or is broken."""
    if name not in sys.modules and find_spec(name) is None:
        raise UsageError(
            f"{address} needs the package {name}, which isn't installed",
            f"python -m pip install {install or name}",
        )
    with foreign(f"{address}: importing {name}"):
        return importlib.import_module(name)


def torch_package(address: str) -> Any:
    """Torch itself. Raises UsageError where it isn't there."""
    return package("torch", address, "'sepconv[trace]'")


@contextmanager
def foreign(what: str, hint: str | None = None) -> Iterator[None]:
    """While other people's code runs: it prints to standard error, and a failure is theirs.

    Raises UsageError with their message, and the line that it comes from.
    """
    try:
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{what} failed: {error_line(error)}", hint or _line(error)) from error


def error_line(error: BaseException) -> str:
    """An error of other people's code in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _line(error: BaseException) -> str | None:
    """Where an error was raised, for its reader to look there."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    last = next((frame for frame in frames if not frame.filename.startswith(_NOBODYS)), None)
    return f"{last.filename}:{last.lineno}" if last else None


def file_state(path: str) -> tuple[object, ...]:
    """What tells one state of a file from another, without reading it; nothing where it isn't."""
    try:
        seen = os.stat(path)  # noqa: PTH116
    except OSError:
        return ()
    return os.path.realpath(path), seen.st_size, seen.st_mtime_ns, seen.st_ino


def imported_module(
    module: Any, name: str, options: "ModelOptions", usual: tuple[int, ...] | None, address: str
) -> "Imported":
    """The spec of a module that was built, of the input that is asked for, or its usual one."""
    from sepconv_cli.importing.from_torch import from_torch

    example = _example(options.shapes) if options.shapes else usual
    if example is None:
        raise UsageError(
            f"{address}: nobody knows what input it reads",
            f"give the shape of a sample: --input {PLACEHOLDER}",
        )
    called = " ".join([address, *(f"{name}={value!r}" for name, value in options.call)])
    return from_torch(module, example, name, verify=options.verify, address=called)


def _example(shapes: Sequence[tuple[str, tuple[int, ...]]]) -> Any:
    """Inputs as from_torch takes them: one shape, several, and those that have names last."""
    plain = [shape for name, shape in shapes if not name]
    named = {name: shape for name, shape in shapes if name}
    if not named and len(plain) == 1:
        return plain[0]
    return (*plain, *([named] if named else []))


def refuse_call(address: str, options: "ModelOptions") -> None:
    """Raise UsageError where arguments are given for what is built already."""
    if options.call:
        raise UsageError(f"{address} is a file, which --call can't build")
