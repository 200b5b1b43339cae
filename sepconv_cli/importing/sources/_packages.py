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

from sepconv_cli.errors import UsageError, first_line

if TYPE_CHECKING:
    from sepconv_cli.importing.address import AskedInput, ModelOptions
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
        raise UsageError(f"{what} failed: {error_line(error)}", _line(error) or hint) from error


def error_line(error: BaseException) -> str:
    """An error of other people's code in one line."""
    kind, said = type(error).__name__, first_line(error)
    return kind if said == kind else f"{kind}: {said}"


def _line(error: BaseException) -> str | None:
    """Where an error was raised, for its reader to look there."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    torch = getattr(sys.modules.get("torch"), "__file__", None)
    nobodys = (*_NOBODYS, str(Path(torch).parent)) if torch else _NOBODYS
    last = next((frame for frame in frames if not frame.filename.startswith(nobodys)), None)
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
    from sepconv_cli.importing.passes.examples import required_inputs

    example = _example(options.inputs) if options.inputs else usual
    if example is None:
        names = required_inputs(module)
        needed = [f"{each}={PLACEHOLDER}" for each in names] if len(names) > 1 else [PLACEHOLDER]
        raise UsageError(
            f"{address}: nobody knows what input it reads",
            f"give the shape of a sample: {' '.join(f'--input {each}' for each in needed)}",
        )
    called = " ".join([address, *(f"{name}={value!r}" for name, value in options.call)])
    try:
        return from_torch(module, example, name, verify=options.verify, address=called)
    except UsageError as error:
        problem, cause = error.problems[0], error.__cause__
        if problem.hint or cause is None:
            raise
        hint = f"its usual input: --input {','.join(map(str, usual))}" if usual else _line(cause)
        raise UsageError(problem.message, hint) from cause


def _example(inputs: Sequence["AskedInput"]) -> Any:
    """Inputs as from_torch takes them: one shape, several, and those that have names last."""
    from sepconv_cli.importing.passes.build import example_input

    plain = [example_input(each.shape, each.whole) for each in inputs if not each.name]
    named = {each.name: example_input(each.shape, each.whole) for each in inputs if each.name}
    if not plain:
        return named
    if not named and len(plain) == 1:
        return plain[0]
    return (*plain, *([named] if named else []))


def refuse_building(address: str, options: "ModelOptions") -> None:
    """Raise UsageError where a file is to be built, or to be run."""
    if options.call:
        raise UsageError(f"{address} is a file, which --call can't build")
    if options.verify:
        message = f"{address} is a file, read without its weights, which --verify can't run"
        raise UsageError(message, "its parameters are compared in any case")
