"""What points are compared by, and points themselves as columns."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from sepconv_cli.errors import UsageError
from sepconv_cli.sweep.grid import Grid, numerators
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.values import Array


class Goal(msgspec.Struct, frozen=True):
    """A number to make small, or large where `most` is set."""

    name: str
    most: bool = False


def goal(text: str, metrics: Metrics, parameters: Sequence[str]) -> Goal:
    """`macs`, or `max:width` and `-width` for the largest. Raises UsageError."""
    way, colon, name = text.strip().rpartition(":")
    if way not in ("", "min", "max") or (colon and not way):
        raise UsageError(f"{text}: expected NAME, max:NAME or min:NAME")
    if not name.strip(" -"):
        raise UsageError("a goal has no name", "such as --pareto macs,max:width")
    most = way == "max"
    if name.startswith("-"):
        name, most = name[1:], not most
    return Goal(metrics.known(name.strip(), parameters), most)


class Points(NamedTuple):
    """Points in columns: their numbers in the grid, their variants, and the values of `names`."""

    points: Array
    variants: Array
    values: dict[str, Array]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.points)

    def taken(self, which: Array) -> "Points":
        """Those at some indices, or where a mask holds."""
        values = {name: array[which] for name, array in self.values.items()}
        return Points(self.points[which], self.variants[which], values)


def joined(parts: Sequence[Points]) -> Points:
    """Several lots of points as one."""
    names = parts[0].values
    return Points(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.variants for part in parts]),
        {name: np.concatenate([part.values[name] for part in parts]) for name in names},
    )


class Keys:
    """What points are compared by: a column for each goal, smaller being better."""

    def __init__(self, grid: Grid, goals: Sequence[Goal]) -> None:
        self._grid, self._goals = grid, goals

    def of(self, points: Points) -> list[Array]:
        """The columns of some points. Those without a number are the worst."""
        return [self._key(goal, points) for goal in self._goals]

    def _key(self, wanted: Goal, points: Points) -> Array:
        found = points.values.get(wanted.name)
        if found is None:
            found = self._axis(wanted.name, points.points)
        if found.dtype == object and any(value is None for value in found):
            found = np.array([np.inf if value is None else float(value) for value in found])
            return np.where(np.isinf(found), found, -found) if wanted.most else found
        return -found if wanted.most else found

    def _axis(self, name: str, points: Array) -> Array:
        """The numerators of a parameter, which are in the order of its values."""
        return numerators_at(self._grid, name, points)


def numerators_at(grid: Grid, name: str, points: Array) -> Array:
    """The numerators of a parameter at some points of the grid."""
    inner = 1
    for axis in reversed(grid.axes):
        if axis.name == name:
            indices = points // inner % axis.size
            return numerators(axis, indices)
        inner *= axis.size
    raise KeyError(name)


def sortable(key: Array, ranked: bool = False) -> Any:
    """Numbers that numpy can order: 64 bits, floats, or the ranks of larger integers."""
    if key.dtype != object and not ranked:
        return key
    return np.unique(key, return_inverse=True)[1]
