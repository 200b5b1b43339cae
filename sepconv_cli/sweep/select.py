"""The points that somebody wants to see, taken from the blocks as they come.

A point here is one variant at one point of the grid. `First` keeps the first few, `Top` the
best by one number, `Pareto` those that no other one beats in every number.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from sepconv_cli.errors import UsageError
from sepconv_cli.sweep.evaluate import Answers
from sepconv_cli.sweep.front import undominated
from sepconv_cli.sweep.goals import Goal, Keys, Points, joined, sortable
from sepconv_cli.sweep.grid import Grid

PENDING = 65_536
MAX_FRONT = 1_000_000


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
        order = np.lexsort((both.variants, both.points, sortable(key)))
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
    """The points that no other one equals or beats in every number and beats in one.

    Each block's own front waits until there is enough to be held against the whole one.
    """

    def __init__(self, grid: Grid, goals: Sequence[Goal]) -> None:
        self._keys = Keys(grid, goals)
        self._front: Points | None = None
        self._waiting: list[Points] = []

    def add(self, points: Points) -> None:
        """Take the chosen points of a block."""
        if not points.size:
            return
        self._waiting.append(points.taken(undominated(self._keys.of(points))))
        least = max(PENDING, 0 if self._front is None else self._front.size)
        if sum(each.size for each in self._waiting) >= least:
            self._merge()

    @property
    def wants_more(self) -> bool:
        """Whether a further block could change anything."""
        return True

    @property
    def points(self) -> Points | None:
        """The points that are left, by the first number; None where there were none."""
        self._merge()
        if self._front is None:
            return None
        keys = [sortable(key) for key in self._keys.of(self._front)]
        order = np.lexsort((self._front.variants, self._front.points, *reversed(keys)))
        return self._front.taken(order)

    def _merge(self) -> None:
        if not self._waiting:
            return
        parts = [*([] if self._front is None else [self._front]), *self._waiting]
        both = joined(parts)
        self._front = both.taken(undominated(self._keys.of(both)))
        self._waiting = []
        if self._front.size > MAX_FRONT:
            raise UsageError(
                f"--pareto: more than {MAX_FRONT:,} points that none beats",
                "fewer goals, or --where, leave fewer",
            )
