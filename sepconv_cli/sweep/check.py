"""A sample of the points again, by the program as it is: every run of a sweep is checked."""

from collections.abc import Iterable, Sequence
from itertools import product
from math import isclose
from random import Random
from typing import Any

from sepconv_cli.errors import SpecError, UsageError, show
from sepconv_cli.sweep.evaluate import Answers, Sweep
from sepconv_cli.sweep.grid import Grid
from sepconv_cli.sweep.question import SELECTED

RANDOM = 16
CORNERS = 16
SEED = 20

Point = dict[str, Any] | None


class Mismatch(Exception):
    """A point that numpy and the program differ on: a mistake of the program's."""


class Check:
    """Compares a sample of the points with the program, when their block comes by."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._expected = {point: _asked(sweep, point) for point in sorted(sample(sweep.grid))}
        self.count = 0

    def add(self, block: Sequence[Answers]) -> None:
        """Look at the points of the sample that are in this block. Raises Mismatch."""
        first = block[0].block
        for point, expected in [*self._expected.items()][self.count :]:
            if point >= first.first + first.size:
                break
            self.count += 1
            for answers in block:
                _compare(self._sweep, point, answers, expected[answers.variant])


def _asked(sweep: Sweep, point: int) -> dict[str, Point]:
    """The answers of each variant at a point by the program as it is, None where it is invalid."""
    settings = sweep.grid.settings(point)
    found: dict[str, Point] = {}
    for variant in sweep.question.variants:
        try:
            found[variant] = answers = sweep.question.ask(variant, settings)
        except UsageError:
            raise
        except SpecError:
            found[variant] = None
        else:
            sweep.see(answers)
    return found


def sample(grid: Grid) -> list[int]:
    """The grid's corners, or the first of many, and random points, always the same."""
    random = Random(SEED)
    corners = [_number(grid, ends) for ends, _ in zip(_ends(grid), range(CORNERS), strict=False)]
    others = [random.randrange(grid.size) for _ in range(RANDOM)]
    return list(dict.fromkeys([*corners, *others]))


def _ends(grid: Grid) -> Iterable[tuple[int, ...]]:
    return product(*[dict.fromkeys((0, axis.size - 1)) for axis in grid.axes])


def _number(grid: Grid, indices: tuple[int, ...]) -> int:
    point = 0
    for axis, index in zip(grid.axes, indices, strict=True):
        point = point * axis.size + index
    return point


def _compare(sweep: Sweep, point: int, found: Answers, expected: Point) -> None:
    answered = _plain(found, point - found.block.first)
    if not _same(answered, expected):
        settings = sweep.grid.settings(point)
        where = ", ".join(f"{name}={show(value)}" for name, value in settings.items())
        raise Mismatch(
            f"{found.variant} at {where} is {answered} by numpy, but {expected} point by point"
        )


def _plain(found: Answers, index: int) -> Point:
    """The answers at one point of a block; None where it is invalid."""
    if found.reasons is not None and found.reasons[index] >= 0:
        return None
    values = {
        name: None if array is None else array[index : index + 1].tolist()[0]
        for name, array in found.values.items()
    }
    if found.selected is not None:
        values[SELECTED] = bool(found.selected[index])
    return values


def _same(answered: Point, expected: Point) -> bool:
    """Whether all is equal; a ratio, which numpy has as a float, to its last digits."""
    if answered is None or expected is None:
        return answered is expected
    return answered.keys() == expected.keys() and all(
        isclose(value, expected[name], rel_tol=1e-12)
        if isinstance(value, float) and expected[name] is not None
        else value == expected[name]
        for name, value in answered.items()
    )
