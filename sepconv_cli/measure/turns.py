"""Several networks in turns, A B C A B C, so that what changes meanwhile hits all of them."""

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import median, quantiles
from time import perf_counter

import msgspec

from sepconv_cli.measure.setup import Runner

UNSTEADY = 0.1
"""A larger spread deserves a warning."""
Advance = Callable[[float], None]
"""Is told the share of the work that is done."""


class Timing(msgspec.Struct, frozen=True):
    """The seconds of every run of a network, turn by turn."""

    turns: tuple[tuple[float, ...], ...]

    @property
    def runs(self) -> list[float]:
        """Of all turns."""
        return [run for turn in self.turns for run in turn]

    @property
    def seconds(self) -> float:
        """The median of all runs."""
        return median(self.runs)

    @property
    def spread(self) -> float | None:
        """The interquartile range of all runs over their median; None for a single one."""
        return _spread(self.runs)

    @property
    def is_steady(self) -> bool:
        """Whether the spread is none to warn of."""
        return self.spread is not None and self.spread <= UNSTEADY


class TurnPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds for a turn, turns at least, seconds for a network at most, and when it's enough.

    `precision` is what the median of the turns is to be known to, with 95 % confidence.
    """

    turn: float = 0.1
    fewest: int = 5
    most: float = 5.0
    precision: float = 0.01


class Timed(msgspec.Struct, frozen=True):
    """Each network's timing, and whether somebody broke off; None for what never ran."""

    timings: tuple[Timing | None, ...]
    interrupted: bool = False


def take_turns(
    runners: Sequence[Runner], plan: TurnPlan, advance: Advance = lambda share: None
) -> Timed:
    """Warm up, then measure in turns until every median is known or the time is over."""
    found: list[list[tuple[float, ...]]] = [[] for _ in runners]
    end = perf_counter()
    limit = plan.most * len(runners)
    try:
        for run in runners:
            run(plan.turn)
        end = perf_counter() + limit
        while not _is_enough(found, plan) and (perf_counter() < end or not all(found)):
            for run, turns in zip(runners, found, strict=True):
                turns.append(tuple(run(plan.turn)))
            advance(1 - max(end - perf_counter(), 0) / limit)
        advance(1)
    except KeyboardInterrupt:
        return Timed(_timings(found), interrupted=True)
    return Timed(_timings(found))


def _timings(found: Sequence[Sequence[tuple[float, ...]]]) -> tuple[Timing | None, ...]:
    return tuple(Timing(tuple(turns)) if turns else None for turns in found)


def _is_enough(found: Sequence[Sequence[tuple[float, ...]]], plan: TurnPlan) -> bool:
    return all(
        len(turns) >= plan.fewest and _error([median(turn) for turn in turns]) <= plan.precision
        for turns in found
    )


def _error(values: Sequence[float]) -> float:
    """Half of the median's 95 % interval over the median, of values that are nearly normal.

    The median's standard error is 1.253 sigma / sqrt(n), and the interquartile range 1.349 sigma.
    """
    spread = _spread(values)
    return 1 if spread is None else 1.96 * 1.253 * spread / 1.349 / sqrt(len(values))


def _spread(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return (high - low) / middle if middle else None
