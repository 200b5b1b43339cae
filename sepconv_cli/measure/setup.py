"""How networks are to be run, and what a runtime makes ready."""

from collections.abc import Callable
from typing import Literal

import msgspec

from sepconv_cli.errors import UsageError

RuntimeDevice = Literal["cpu", "cuda", "mps"]
Runner = Callable[[float], list[float]]
"""Runs for at least so many seconds, and says how many seconds each run took."""


class MeasureSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The device, the threads of a processor, the samples in a batch, and whether to compile."""

    threads: int
    device: RuntimeDevice = "cpu"
    batch: int = 1
    compiled: bool = False


class Prepared(msgspec.Struct, frozen=True):
    """A network that can be run at once, and the software that does it."""

    run: Runner
    software: str


def needs(package: str, runtime: str) -> UsageError:
    """What to say where a runtime isn't installed."""
    return UsageError(
        f"measuring by {runtime} needs the package {package}",
        f"python -m pip install 'sepconv[{runtime}]'",
    )


def refuse_compiled(setup: MeasureSetup, runtime: str) -> None:
    """Raise UsageError where a runtime that always optimises is asked to compile."""
    if setup.compiled:
        raise UsageError(f"{runtime} has no --compiled: it always optimises", "--runtime torch has")
