"""Turns, medians and spreads, on runs whose times are made up."""

import pytest

from sepconv_cli.measure.setup import Runner
from sepconv_cli.measure.turns import Timing, TurnPlan, take_turns


class Clockwork:
    """Runners that note who ran, and say given seconds."""

    def __init__(self, *times: list[float]) -> None:
        self.order: list[int] = []
        self.times = times

    def runner(self, at: int) -> Runner:
        def run(_: float) -> list[float]:
            self.order.append(at)
            return self.times[at]

        return run

    @property
    def runners(self) -> list[Runner]:
        return [self.runner(at) for at in range(len(self.times))]


def test_networks_take_turns_after_a_warm_up() -> None:
    """Runs of one length are known after the fewest turns."""
    clockwork = Clockwork([1.0], [2.0], [3.0])
    timed = take_turns(clockwork.runners, TurnPlan(fewest=2, most=60))
    assert clockwork.order == [0, 1, 2] * 3
    assert [each.seconds for each in timed.timings if each] == [1, 2, 3]
    assert not timed.interrupted


def test_median_and_spread_by_hand() -> None:
    """Of 1, 2, 3, 4 and 10 the median is 3, and the quartiles are 2 and 4."""
    timing = Timing(((1, 2), (10, 3, 4)))
    assert timing.runs == [1, 2, 10, 3, 4]
    assert timing.seconds == 3
    assert timing.spread == pytest.approx(2 / 3)
    assert not timing.is_steady


def test_a_spread_of_a_tenth_is_still_steady() -> None:
    """Of 95, 100 and 105 half of the way to the ends: 97.5 and 102.5, then 90, 100 and 110."""
    assert Timing(((95, 100, 105),)).spread == pytest.approx(0.05)
    assert Timing(((90, 100, 110),)).is_steady
    assert not Timing(((89, 100, 111),)).is_steady


def test_a_single_run_has_no_spread_and_is_not_steady() -> None:
    assert Timing(((1.0,),)).spread is None
    assert not Timing(((1.0,),)).is_steady


def test_what_is_not_known_well_goes_on_until_the_time_is_over() -> None:
    """Turns of 1 and 2 in alternation never settle; the limit ends them, each having run."""
    calls = iter(range(10**9))
    seen: list[float] = []

    def run(_: float) -> list[float]:
        return [1.0 + next(calls) % 2]

    timed = take_turns([run], TurnPlan(fewest=2, most=0.05), seen.append)
    (timing,) = timed.timings
    assert timing is not None
    assert len(timing.turns) > 5
    assert seen[-1] == 1
    assert seen == sorted(seen)


def test_every_network_runs_however_short_the_time() -> None:
    timed = take_turns(Clockwork([1.0], [2.0]).runners, TurnPlan(most=1e-9))
    assert all(timed.timings)


def test_breaking_off_keeps_what_was_measured() -> None:
    """The second one is broken off in its first turn, so the first alone has one."""
    first = Clockwork([1.0])
    turns = iter([[2.0]])

    def second(_: float) -> list[float]:
        for turn in turns:
            return turn
        raise KeyboardInterrupt

    timed = take_turns([*first.runners, second], TurnPlan())
    assert timed.interrupted
    assert timed.timings == (Timing(((1.0,),)), None)
