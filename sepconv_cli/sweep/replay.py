"""A tape again, by numpy: the same steps on a box of points at once.

Axes are laid out so that they broadcast, and a step runs over no more axes than it depends on.
Whether 64 bits hold every step is worked out from the axes' bounds before anything runs; where
they don't, the arrays hold Python's own integers.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from sepconv_cli.sweep.grid import Axis, Block, Grid
from sepconv_cli.sweep.tape import AXIS, CONSTANT, Tape

Array = Any
_INT64 = np.iinfo(np.int64)
_FLAGS = {"less": np.less, "less_equal": np.less_equal, "equal": np.equal}


def _flag(name: str) -> Any:
    compare = _FLAGS[name]

    def flag(a: Array, b: Array) -> Array:
        """0 and 1 in the kind of what is compared."""
        exact = object in (np.asarray(a).dtype, np.asarray(b).dtype)
        return compare(a, b).astype(object if exact else np.int64)

    return flag


def _guarded(function: Any) -> Any:
    """Points that the record isn't for may divide by zero; what comes out there isn't read."""
    return lambda a, b: function(a, np.where(np.equal(b, 0), 1, b))


_FUNCTIONS: dict[str, Any] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "gcd": np.gcd,
    **{name: _flag(name) for name in _FLAGS},
}


class _Run(NamedTuple):
    """One step: the function, where the result goes, what it reads, and what is then done with."""

    function: Any
    at: int
    left: int
    right: int
    free: tuple[int, ...]


class Program:
    """What has to run for some steps of a tape."""

    def __init__(self, tape: Tape, wanted: Sequence[int]) -> None:
        self.tape = tape
        self.wanted = tuple(wanted)
        self.needed = _needed(tape, self.wanted)
        self._constants = [at for at in self.needed if tape.steps[at].operation == CONSTANT]
        self._axes = [
            (at, tape.steps[at].left) for at in self.needed if tape.steps[at].operation == AXIS
        ]
        self._runs = _runs(tape, self.needed, self.wanted)
        self._fits_everywhere: bool | None = None

    def run(self, grid: Grid, block: Block, indices: Sequence[Array]) -> list[Array]:
        """The wanted steps at these indices of the axes, which lie in that block.

        Each is an array that broadcasts to the box that the indices span.
        """
        fits = self._fits(grid, block)
        kind: Any = np.int64 if fits else object
        cells: list[Array] = [None] * len(self.tape.steps)
        for at in self._constants:
            value = self.tape.values[at]
            cells[at] = np.int64(value) if fits else value
        for at, axis in self._axes:
            shape = [-1 if other == axis else 1 for other in range(len(grid.axes))]
            cells[at] = numerators(grid.axes[axis], indices[axis], kind).reshape(shape)
        for function, at, left, right, free in self._runs:
            cells[at] = function(cells[left], cells[right])
            for gone in free:
                cells[gone] = None
        return [cells[at] for at in self.wanted]

    def _fits(self, grid: Grid, block: Block) -> bool:
        """Whether 64 bits hold every step, on the whole grid or else on the block."""
        if self._fits_everywhere is None:
            self._fits_everywhere = self._holds(grid, grid.whole())
        return self._fits_everywhere or self._holds(grid, block)

    def _holds(self, grid: Grid, block: Block) -> bool:
        least, most = bounds(self.tape, grid, block, self.needed)
        return (
            min(least.values(), default=0) >= _INT64.min
            and max(most.values(), default=0) <= _INT64.max
        )


def _needed(tape: Tape, wanted: Sequence[int]) -> list[int]:
    """The steps that some steps hang on, in the order of the tape."""
    needed = set()
    todo = list(wanted)
    while todo:
        at = todo.pop()
        if at in needed:
            continue
        needed.add(at)
        step = tape.steps[at]
        if step.operation not in (CONSTANT, AXIS):
            todo += [step.left, step.right]
    return sorted(needed)


def _runs(tape: Tape, needed: Sequence[int], wanted: Sequence[int]) -> list[_Run]:
    last: dict[int, int] = {}
    steps = [at for at in needed if tape.steps[at].operation not in (CONSTANT, AXIS)]
    for at in steps:
        last[tape.steps[at].left] = last[tape.steps[at].right] = at
    frees: dict[int, list[int]] = {}
    for gone, at in last.items():
        if gone not in wanted:
            frees.setdefault(at, []).append(gone)
    return [_run(tape, at, tuple(frees.get(at, ()))) for at in steps]


def _run(tape: Tape, at: int, free: tuple[int, ...]) -> _Run:
    operation, left, right = tape.steps[at]
    function = _FUNCTIONS[operation]
    if operation in ("floor_divide", "remainder") and not tape.is_constant(right):
        function = _guarded(function)
    return _Run(function, at, left, right, free)


def numerators(axis: Axis, indices: Array, kind: Any) -> Array:
    """The numerators of an axis at these indices, as 64 bits or as Python's integers."""
    if axis.listed:
        return _listed(axis.listed, kind)[indices]
    return axis.first + axis.step * indices.astype(kind)


def own_numerators(axis: Axis, indices: Array) -> Array:
    """The same in 64 bits where they, and the denominator, fit."""
    least, most = axis.bounds(0, axis.size)
    fits = max(-least, most, axis.denominator) < 2**62
    return numerators(axis, indices, np.int64 if fits else object)


def is_missing(values: Array) -> Array:
    """Where an array of objects has None."""
    nothing: Any = None
    return np.equal(values, nothing)


@lru_cache(maxsize=16)
def _listed(values: tuple[int, ...], kind: Any) -> Array:
    return np.array(values, dtype=kind)


def bounds(
    tape: Tape, grid: Grid, block: Block, needed: Sequence[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Between which values every step lies on a block, in exact integers.

    Each step is taken by itself, so the true bounds may be narrower.
    """
    least: dict[int, int] = {}
    most: dict[int, int] = {}
    for at in needed:
        operation, left, right = tape.steps[at]
        if operation == CONSTANT:
            least[at] = most[at] = left
        elif operation == AXIS:
            least[at], most[at] = grid.axes[left].bounds(*block.ranges[left])
        else:
            ends = (least[left], most[left]), (least[right], most[right])
            least[at], most[at] = _BOUNDS[operation](*ends)
    return least, most


Ends = tuple[int, int]


def _products(a: Ends, b: Ends) -> Ends:
    found = [x * y for x in a for y in b]
    return min(found), max(found)


def _quotients(a: Ends, b: Ends) -> Ends:
    """A divisor between -1 and 1 is the worst; zero is left out."""
    divisors = [d for d in (*b, -1, 1) if d and b[0] <= d <= b[1]]
    found = [x // d for x in a for d in divisors] or [0]
    # Where zero is replaced by one, the dividend itself comes out.
    both = [*found, *a] if b[0] <= 0 <= b[1] else found
    return min(both), max(both)


def _remainders(_: Ends, b: Ends) -> Ends:
    return min(0, b[0] + 1), max(0, b[1] - 1)


def _gcds(a: Ends, b: Ends) -> Ends:
    return 0, max(map(abs, (*a, *b)))


def _less(a: Ends, b: Ends) -> Ends:
    return int(a[1] < b[0]), int(a[0] < b[1])


def _less_equal(a: Ends, b: Ends) -> Ends:
    return int(a[1] <= b[0]), int(a[0] <= b[1])


def _equal(a: Ends, b: Ends) -> Ends:
    return int(a == b and a[0] == a[1]), int(a[0] <= b[1] and b[0] <= a[1])


_BOUNDS: dict[str, Any] = {
    "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "subtract": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "multiply": _products,
    "floor_divide": _quotients,
    "remainder": _remainders,
    "minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "gcd": _gcds,
    "less": _less,
    "less_equal": _less_equal,
    "equal": _equal,
}
