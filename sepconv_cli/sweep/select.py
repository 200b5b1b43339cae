"""The points that somebody wants to see, taken from the blocks as they come.

A point here is one variant at one point of the grid. `First` keeps the first few, `Top` the
best by one number, `Pareto` those that no other one beats in every number.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np

from sepconv_cli.errors import UsageError
from sepconv_cli.sweep.evaluate import Answers
from sepconv_cli.sweep.grid import Grid
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.replay import Array, numerators


class Goal(msgspec.Struct, frozen=True):
    """A number to make small, or large where `most` is set."""

    name: str
    most: bool = False


def goal(text: str, metrics: Metrics, parameters: Sequence[str]) -> Goal:
    """`macs`, or `max:width` and `-width` for the largest. Raises UsageError."""
    way, colon, name = text.strip().rpartition(":")
    if way not in ("", "min", "max") or (colon and not way):
        raise UsageError(f"{text}: expected NAME, max:NAME or min:NAME")
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


class Selection(Protocol):
    """Takes blocks, and has the points that are left of them."""

    def add(self, points: Points) -> None:
        """Take the chosen points of a block."""

    @property
    def wants_more(self) -> bool:
        """Whether a further block could change anything."""

    @property
    def points(self) -> Points | None:
        """The points that are left; None where there were none."""


def chosen(answers: Answers, variant: int) -> Points:
    """The chosen points of a block, with all their values."""
    size = answers.block.size
    which = answers.chosen
    indices = np.arange(size) if which is None else np.flatnonzero(which)
    values = {
        name: np.full(len(indices), None, dtype=object) if array is None else array[indices]
        for name, array in answers.values.items()
    }
    return Points(indices + answers.block.first, np.full(len(indices), variant), values)


def joined(parts: Sequence[Points]) -> Points:
    """Several lots of points as one."""
    names = parts[0].values
    return Points(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.variants for part in parts]),
        {name: np.concatenate([part.values[name] for part in parts]) for name in names},
    )


class First:
    """The first points of the grid that fit."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[Points] = []
        self._left = most

    def add(self, points: Points) -> None:
        """Take the chosen points of a block."""
        if self._left > 0 and points.size:
            self._parts.append(points.taken(np.arange(min(self._left, points.size))))
            self._left -= points.size

    @property
    def wants_more(self) -> bool:
        """Whether a further block could change anything."""
        return self._left > 0

    @property
    def points(self) -> Points | None:
        """The points that are left; None where there were none."""
        return joined(self._parts) if self._parts else None


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
            low, high = axis.bounds(0, axis.size)
            fits = max(-low, high) < 2**62
            return numerators(axis, indices, np.int64 if fits else object)
        inner *= axis.size
    raise KeyError(name)


class Top:
    """The best points by one number; of equal ones those that come first."""

    def __init__(self, grid: Grid, by: Goal, most: int) -> None:
        self._keys, self._most = Keys(grid, [by]), most
        self._points: Points | None = None

    def add(self, points: Points) -> None:
        """Take the chosen points of a block."""
        if not points.size:
            return
        (key,) = self._keys.of(points)
        if len(key) > 4 * self._most and key.dtype != object:
            worst = np.partition(key, self._most)[self._most]
            points = points.taken(key <= worst)
        both = points if self._points is None else joined([self._points, points])
        (key,) = self._keys.of(both)
        order = np.lexsort((both.variants, both.points, _sortable(key)))
        self._points = both.taken(order[: self._most])

    @property
    def wants_more(self) -> bool:
        """Whether a further block could change anything."""
        return True

    @property
    def points(self) -> Points | None:
        """The points that are left; None where there were none."""
        return self._points


class Pareto:
    """The points that no other one equals or beats in every number and beats in one."""

    def __init__(self, grid: Grid, goals: Sequence[Goal]) -> None:
        self._keys = Keys(grid, goals)
        self._points: Points | None = None

    def add(self, points: Points) -> None:
        """Take the chosen points of a block."""
        if not points.size:
            return
        own = points.taken(undominated(self._keys.of(points)))
        if self._points is None:
            self._points = own
            return
        both = joined([self._points, own])
        self._points = both.taken(undominated(self._keys.of(both)))

    @property
    def wants_more(self) -> bool:
        """Whether a further block could change anything."""
        return True

    @property
    def points(self) -> Points | None:
        """The points that are left, by the first number; None where there were none."""
        if self._points is None:
            return None
        keys = [_sortable(key) for key in self._keys.of(self._points)]
        return self._points.taken(
            np.lexsort((self._points.variants, self._points.points, *reversed(keys)))
        )


def undominated(keys: Sequence[Array]) -> Array:
    """Which rows no other one equals or beats in every column and beats in one.

    Rows are taken by their first column, then the next: so a row is beaten by an earlier one,
    and each that is kept throws out all that it beats.
    """
    columns = np.stack([_sortable(key, len({key.dtype for key in keys}) > 1) for key in keys], 1)
    order = np.lexsort(tuple(reversed([columns[:, at] for at in range(columns.shape[1])])))
    if columns.shape[1] <= 2:
        return order[_staircase(columns[order])]
    left = columns[order]
    kept: list[Array] = []
    while len(order):
        best = left[0]
        equal = np.all(left == best, axis=1)
        kept.append(order[equal])
        beaten = np.all(left >= best, axis=1)
        order, left = order[~beaten], left[~beaten]
    return np.concatenate(kept) if kept else order


def _staircase(columns: Array) -> Array:
    """The same for one column or two, whose rows are in order: each new low, and its equals."""
    last = columns[:, -1]
    lowest = np.minimum.accumulate(last)
    before = np.concatenate([lowest[:1] + 1, lowest[:-1]])
    new = last < before
    new[:1] = True
    if columns.shape[1] == 1:
        return columns[:, 0] == columns[0, 0]
    # A row equal to the last new low in both columns isn't beaten by it.
    leader = np.maximum.accumulate(np.where(new, np.arange(len(last)), 0))
    return np.all(columns == columns[leader], axis=1)


def _sortable(key: Array, ranked: bool = False) -> Any:
    """Numbers that numpy can order: 64 bits, floats, or the ranks of larger integers."""
    if key.dtype != object and not ranked:
        return key
    return np.unique(key, return_inverse=True)[1]
