"""The wall clock around runs of which each ends before the call returns."""

from collections.abc import Callable
from time import perf_counter

from sepconv_cli.measure.setup import Runner


def clocked(call: Callable[[], object]) -> Runner:
    """Runs of a call, one after the other, each timed by itself."""

    def run(seconds: float) -> list[float]:
        found: list[float] = []
        start = perf_counter()
        end = start + seconds
        while start < end or not found:
            call()
            stop = perf_counter()
            found.append(stop - start)
            start = stop
        return found

    return run
