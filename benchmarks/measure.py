"""Paired measurements: A B A B ..., and the median of the ratios pair by pair.

A ratio of neighbours in time holds where the machine's speed drifts.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

# An installed package has its bytecode, whatever the shell says of writing it.
_ENVIRONMENT = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}


class Usage(NamedTuple):
    """Seconds of wall time and MiB of peak memory."""

    seconds: float
    mebibytes: float


def process(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Usage:
    """Run Python with these arguments to its end."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**_ENVIRONMENT, **(environment or {})},
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{arguments} failed with {child.returncode}")
    return Usage(seconds, usage.ru_maxrss / 1024)


def paired(
    first: Callable[[], float], second: Callable[[], float], runs: int, warm: bool = True
) -> tuple[float, float, float]:
    """The medians of both, and of their ratio, after one run of each to `warm` up."""
    if warm:
        first(), second()
    pairs = [(first(), second()) for _ in range(runs)]
    return (
        median(a for a, _ in pairs),
        median(b for _, b in pairs),
        median(a / b for a, b in pairs),
    )


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
