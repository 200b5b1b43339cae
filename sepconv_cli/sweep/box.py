"""The points for which the program runs at once, and the arrays of what it works out there.

A decision that is the same at all of them is answered. One that is mixed is answered as at the
first point: the others drop out, and another run is for them.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from sepconv_cli.sweep import sums
from sepconv_cli.sweep.grid import Grid, GridBlock, numerators
from sepconv_cli.sweep.sums import Factors, Sum
from sepconv_cli.sweep.values import (
    Array,
    Ends,
    Values,
    apply,
    everywhere,
    exactly,
    product_ends,
    summed,
)


class Narrowed(Exception):
    """A decision left so few points that a run on a smaller box is the shorter way."""

    def __init__(self, box: "Box") -> None:
        self.box = box


class Box:
    """Some indices on each axis of a grid, and which of their combinations a run is for.

    `active` broadcasts over the box, None being all of it. `decisions` are what was answered,
    one after the other: they are the road that the run took through the program.
    """

    def __init__(self, grid: Grid, indices: Sequence[Array], active: Array | None = None) -> None:
        self.grid, self.indices = grid, tuple(indices)
        self.shape = tuple(map(len, indices))
        self.active = active
        self.decisions: list[Any] = []
        self.shown: list[tuple[Any, str]] = []
        self._first = np.unravel_index(0 if active is None else active.argmax(), self._own(active))
        self._arrays: list[Values] = []
        self._axes: list[int] = []
        self._known: dict[Any, Any] = {}

    @classmethod
    def of(cls, grid: Grid, indices: Sequence[Array], active: Array) -> "Box":
        """The smallest box around the active points of another one."""
        axes = range(len(indices))
        kept = [active.any(axis=tuple(at for at in axes if at != axis)) for axis in axes]
        smaller = [
            index if len(keep) == 1 else index[keep]
            for index, keep in zip(indices, kept, strict=True)
        ]
        inside = active[np.ix_(*kept)]
        return cls(grid, smaller, None if inside.all() else inside)

    def places(self, block: GridBlock) -> Any:
        """Where the active points are in the block that they are of."""
        if self.active is None and self.shape == block.shape:
            return slice(None)
        places = np.zeros((1,) * len(self.shape), dtype=np.int64)
        for at, (indices, (start, stop)) in enumerate(zip(self.indices, block.ranges, strict=True)):
            laid = (indices - start).reshape(
                [-1 if at == other else 1 for other in range(len(self.shape))]
            )
            places = places * (stop - start) + laid
        return self.chosen(places)

    @property
    def size(self) -> int:
        """How many points are in the box, active or not."""
        return prod(self.shape)

    @property
    def first(self) -> int:
        """The number of the first active point in the grid."""
        point = 0
        for axis, indices, at in zip(self.grid.axes, self.indices, self._first, strict=True):
            point = point * axis.size + int(indices[at])
        return point

    def axis(self, at: int) -> Sum:
        """The numerators of an axis."""

        def make() -> Values:
            shape = [-1 if other == at else 1 for other in range(len(self.shape))]
            return exactly(numerators(self.grid.axes[at], self.indices[at]).reshape(shape))

        return self._array(("axis", at), make)

    def apply(self, operation: str, left: Sum, right: Sum) -> Sum:
        """An operation on two sums, worked out once."""

        def make() -> Values:
            return apply(operation, self.values(left), self.values(right))

        if sums.fixed(left) is not None and sums.fixed(right) is not None:
            return sums.constant(make().array.item())
        return self._array((operation, _key(left), _key(right)), make)

    def multiply(self, left: Sum, right: Sum) -> Sum:
        """The product of two sums. One of several terms is added up first."""
        if len(left) == 1 == len(right):
            return sums.product(left, right)
        for one, other in ((left, right), (right, left)):
            times = sums.fixed(one)
            if times is not None:
                return sums.scaled(other, times)
        return sums.product(self._single(left), self._single(right))

    def values(self, terms: Sum) -> Values:
        """A sum at every point."""
        if len(terms) == 1:
            return self._sum(terms)
        if not terms:
            return self._constant(0)
        key = _key(terms)
        found: Values | None = self._known.get(key)
        if found is None:
            found = self._known[key] = self._sum(terms)
        return found

    def ends(self, terms: Sum) -> Ends:
        """Between which bounds a sum lies."""
        least = most = 0
        for factors, times in terms.items():
            ends = (times, times)
            for factor in factors:
                ends = product_ends(ends, self._arrays[factor][1:])
            least, most = least + ends[0], most + ends[1]
        return least, most

    def here(self, array: Array) -> Any:
        """What an array has at the first active point."""
        return array[self._at(array)].item() if array.dtype != object else array[self._at(array)]

    def is_negative(self, terms: Sum) -> bool:
        """Whether a sum is below 0 where the run goes on."""
        least, most = self.ends(terms)
        if most < 0 or least >= 0:
            return self._answered(most < 0)
        return self.decide(np.less(self.values(terms).array, 0))

    def is_zero(self, terms: Sum) -> bool:
        """Whether a sum is 0 where the run goes on."""
        least, most = self.ends(terms) if terms else (0, 0)
        if least == most or most < 0 or least > 0:
            return self._answered(least == most == 0)
        return self.decide(np.equal(self.values(terms).array, 0))

    def decide(self, truth: Array) -> bool:
        """What holds at the first active point; the others of which it doesn't drop out."""
        here = bool(self.here(truth))
        other = ~truth if here else truth
        if (other if self.active is None else other & self.active).any():
            active = ~other if self.active is None else ~other & self.active
            smaller = Box.of(self.grid, self.indices, active)
            if 2 * smaller.size <= self.size:
                raise Narrowed(smaller)
            self.active = active
        return self._answered(here)

    def settled(self, number: Any, here: Any) -> Any:
        """The value of a number here, for the points that have the same."""
        if not number == here:
            raise ArithmeticError(f"{number!r} isn't {here}")
        self.decisions.append(here)
        return here

    def chosen(self, array: Array) -> Array:
        """What an array has at the active points, in their order."""
        spread = np.broadcast_to(array, self.shape)
        if self.active is None:
            return spread.ravel()
        return spread[np.broadcast_to(self.active, self.shape)]

    def release(self) -> None:
        """Let go of the arrays. Numbers of a run may be left to the garbage collector, which
        doesn't know how much memory they hold."""
        self._arrays.clear()
        self._known.clear()
        self.shown.clear()

    def _answered(self, answer: bool) -> bool:
        self.decisions.append(answer)
        return answer

    def _own(self, array: Array | None) -> tuple[int, ...]:
        return self.shape if array is None else array.shape

    def _at(self, array: Array) -> tuple[int, ...]:
        """Where an array that broadcasts has the first active point."""
        return tuple(
            [0 if size == 1 else at for size, at in zip(array.shape, self._first, strict=True)]
        )

    def _array(self, key: Any, make: Callable[[], Values]) -> Sum:
        found: Sum | None = self._known.get(key)
        if found is None:
            values = make()
            found = self._known[key] = {(len(self._arrays),): 1}
            self._arrays.append(values)
            own = [at for at, size in enumerate(values.array.shape) if size > 1]
            self._axes.append(sum(1 << at for at in own))
        return found

    def _single(self, terms: Sum) -> Sum:
        """A sum as one product, of one factor where it has several terms."""
        if len(terms) == 1:
            return terms
        return self._array(("sum", _key(terms)), lambda: self.values(terms))

    def _sum(self, terms: Sum) -> Values:
        """What depends on the same axes is added up first, and broadcasts after that."""
        groups = sums.grouped(terms, self._axes.__getitem__)
        if groups is None:
            return summed([(self._product(factors), times) for factors, times in terms.items()])
        parts = []
        for factors, rest in groups.items():
            part = self.values(rest)
            parts.append((apply("multiply", part, self._product(factors)), 1))
        return summed(parts)

    def _product(self, factors: Factors) -> Values:
        """The product, what starts alike worked out once."""
        if not factors:
            return self._constant(1)
        last = self._arrays[factors[-1]]
        if len(factors) == 1:
            return last
        found: Values | None = self._known.get(factors)
        if found is None:
            found = self._known[factors] = apply("multiply", self._product(factors[:-1]), last)
        return found

    def _constant(self, value: int) -> Values:
        return everywhere(value, len(self.shape))


def _key(terms: Sum) -> frozenset[tuple[Factors, int]]:
    return frozenset(terms.items())
