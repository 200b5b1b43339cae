"""The axes of a sweep, and its points in blocks that are small enough for a processor's cache.

Values are exact: an axis is whole numerators over one denominator, so that `int(channels *
width)` comes out as in a spec. Points are numbered with the last axis running fastest.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm, prod
from typing import Any

import msgspec
import numpy as np

from sepconv_cli.errors import UsageError, plural
from sepconv_cli.language.expression import compile_expression
from sepconv_cli.language.numbers import ExpressionError, Number

BLOCK = 131_072
MAX_POINTS = 10**11
MAX_AXIS = 10**7


class Axis(msgspec.Struct, frozen=True):
    """A parameter and its values: (first + i * step) / denominator, or those that are listed."""

    name: str
    size: int
    denominator: int
    first: int = 0
    step: int = 0
    listed: tuple[int, ...] = ()
    truths: bool = False

    def numerator(self, index: int) -> int:
        """The value with that index, times the denominator."""
        return self.listed[index] if self.listed else self.first + index * self.step

    def value(self, index: int) -> Number:
        """The value with that index, as a spec would have it."""
        exact = Fraction(self.numerator(index), self.denominator)
        if self.truths:
            return bool(exact)
        return exact.numerator if exact.denominator == 1 else exact

    def bounds(self, start: int, stop: int) -> tuple[int, int]:
        """The least and the largest numerator among those indices."""
        ends = self.listed[start:stop] or (self.numerator(start), self.numerator(stop - 1))
        return min(ends), max(ends)


class GridBlock(msgspec.Struct, frozen=True):
    """A box of the grid: a range of indices on each axis. Its points follow one another."""

    ranges: tuple[tuple[int, int], ...]
    first: int

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values there are on each axis."""
        return tuple([stop - start for start, stop in self.ranges])

    @property
    def size(self) -> int:
        """How many points there are."""
        return prod(self.shape)


class Grid(msgspec.Struct, frozen=True):
    """Every combination of the axes' values."""

    axes: tuple[Axis, ...]

    @property
    def size(self) -> int:
        """How many points there are."""
        return prod(axis.size for axis in self.axes)

    def whole(self) -> GridBlock:
        """The grid as one block."""
        return GridBlock(tuple((0, axis.size) for axis in self.axes), 0)

    def blocks(self, most: int | None = None) -> Iterator[GridBlock]:
        """The grid in blocks of at most so many points, in the order of the points."""
        most = most or BLOCK
        sizes = [axis.size for axis in self.axes]
        inner, kept = 1, len(sizes)
        while kept and inner * sizes[kept - 1] <= most:
            kept -= 1
            inner *= sizes[kept]
        if not kept:
            yield self.whole()
            return
        chunk = max(1, most // inner)
        tail = tuple((0, size) for size in sizes[kept:])
        first = 0
        for outer in _indices(sizes[: kept - 1]):
            head = tuple((index, index + 1) for index in outer)
            for start in range(0, sizes[kept - 1], chunk):
                stop = min(start + chunk, sizes[kept - 1])
                yield GridBlock((*head, (start, stop), *tail), first)
                first += (stop - start) * inner

    def indices(self, point: int) -> tuple[int, ...]:
        """The index on each axis of the point with that number."""
        found = []
        for axis in reversed(self.axes):
            point, index = divmod(point, axis.size)
            found.append(index)
        return tuple(reversed(found))

    def settings(self, point: int) -> dict[str, Any]:
        """The parameters of the point with that number."""
        indices = self.indices(point)
        return {a.name: a.value(i) for a, i in zip(self.axes, indices, strict=True)}


def _indices(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All combinations, the last one fastest; unlike product, without lists of the indices."""
    if not sizes:
        yield ()
        return
    for index in range(sizes[0]):
        for rest in _indices(sizes[1:]):
            yield (index, *rest)


def numerators(axis: Axis, indices: Any) -> Any:
    """The numerators of an axis at an array of indices: of 64 bits, or Python's own."""
    least, most = axis.bounds(0, axis.size)
    kind: Any = np.int64 if max(-least, most, axis.denominator) < 2**62 else object
    if axis.listed:
        return np.array(axis.listed, dtype=kind)[indices]
    return axis.first + axis.step * indices.astype(kind)


def read_grid(settings: Sequence[str]) -> Grid:
    """`width=0.25:1.5:0.01` and `classes=10,1000` as a grid. Raises UsageError."""
    axes = [_axis(setting) for setting in settings]
    for axis in axes:
        if sum(axis.name == other.name for other in axes) > 1:
            raise UsageError(f"{axis.name} is set twice", f"list the values: --set {axis.name}=1,2")
    if not axes:
        raise UsageError("a sweep needs a parameter to vary", "such as --set width=0.25:1.5:0.01")
    grid = Grid(tuple(axes))
    if grid.size > MAX_POINTS:
        raise UsageError(f"{grid.size:,} points, more than {MAX_POINTS:,}")
    return grid


def _axis(setting: str) -> Axis:
    name, equals, text = (part.strip() for part in setting.partition("="))
    if not equals or not name or not text:
        hint = "such as --set width=0.25:1.5:0.01 or --set classes=10,1000"
        raise UsageError(f"--set {setting}: expected NAME=START:STOP:STEP or NAME=VALUES", hint)
    if ":" in text:
        return _range(setting, name, text)
    return axis_of(name, [_constant(setting, value) for value in text.split(",")])


def axis_of(name: str, values: Sequence[Number]) -> Axis:
    """An axis of these values. Raises UsageError where truths and numbers are mixed."""
    truths = [isinstance(value, bool) for value in values]
    if any(truths) and not all(truths):
        raise UsageError(f"{name} is a number at some points and true or false at others")
    if len(set(values)) < len(values):
        raise UsageError(f"{name} has a value twice")
    exact = [Fraction(value) for value in values]
    denominator = lcm(*(value.denominator for value in exact))
    numerators = tuple(int(value * denominator) for value in exact)
    return Axis(name, len(numerators), denominator, listed=numerators, truths=all(truths))


def _range(setting: str, name: str, text: str) -> Axis:
    """start:stop:step, where stop belongs to it if it is met exactly."""
    written = text.split(":")
    if len(written) not in (2, 3) or "," in text or not all(part.strip() for part in written):
        hint = "a list of values stands without a range: NAME=1,2" if "," in text else None
        raise UsageError(f"--set {setting}: a range is START:STOP or START:STOP:STEP", hint)
    parts = [Fraction(_constant(setting, part)) for part in written]
    start, stop, step = (*parts, Fraction(1))[:3]
    if step == 0 or (stop - start) * step < 0:
        hint = "a step isn't 0" if step == 0 else "towards less it is negative, as in 288:96:-32"
        raise UsageError(f"--set {setting}: the step leads nowhere", hint)
    size = int((stop - start) / step) + 1
    if size > MAX_AXIS:
        raise UsageError(f"--set {setting}: {plural(size, 'value')}, more than {MAX_AXIS:,}")
    denominator = lcm(start.denominator, step.denominator)
    return Axis(name, size, denominator, int(start * denominator), int(step * denominator))


def _constant(setting: str, text: str) -> Number:
    try:
        value: Number = compile_expression(text.strip()).run({})
    except ExpressionError as error:
        raise UsageError(f"--set {setting}: {error.message}", "a number, such as 0.5") from error
    return value
