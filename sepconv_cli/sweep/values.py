"""Exact whole numbers in arrays, and between which bounds they lie.

An array broadcasts over the axes of a grid: it has size 1 on those that it doesn't depend on.
Bounds follow from the operands' before anything is worked out. While 64 bits hold a result, it
is of 64 bits; where they may not, it is of Python's own integers.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Array = Any
Ends = tuple[int, int]
"""The least and the most; the true ones may be narrower."""

_INT64 = np.iinfo(np.int64)


class Values(NamedTuple):
    """An array of 64-bit integers, or of Python's own as objects."""

    array: Array
    least: int
    most: int


def everywhere(value: int, axes: int) -> Values:
    """The same number everywhere, on so many axes."""
    kind: Any = np.int64 if _INT64.min <= value <= _INT64.max else object
    return Values(np.full((1,) * axes, value, dtype=kind), value, value)


def exactly(array: Array) -> Values:
    """Any integers, of 64 bits where these hold them all."""
    least, most = int(array.min()), int(array.max())
    fits = _INT64.min <= least and most <= _INT64.max
    return Values(array.astype(np.int64 if fits else object, copy=False), least, most)


def apply(operation: str, a: Values, b: Values) -> Values:
    """An operation on whole numbers. By zero nothing is divided: what comes out isn't read."""
    function, ends = _OPERATIONS[operation]
    least, most = ends(a[1:], b[1:])
    if _fits(least, most, a, b):
        return Values(function(a.array, b.array), least, most)
    a, b = exactly(a.array), exactly(b.array)
    least, most = ends(a[1:], b[1:])
    if _fits(least, most, a, b):
        return Values(function(a.array, b.array), least, most)
    return exactly(function(a.array.astype(object), b.array.astype(object)))


def summed(parts: Sequence[tuple[Values, int]]) -> Values:
    """The sum of arrays, each so many times; there is at least one."""
    if len(parts) > 1 and _reach(parts) <= _INT64.max:
        return _quick_total(parts)
    found = None
    for values, times in parts:
        part = values
        if times != 1:
            part = apply("multiply", values, everywhere(times, values.array.ndim))
        found = part if found is None else apply("add", found, part)
    assert found is not None
    return found


def _reach(parts: Sequence[tuple[Values, int]]) -> int:
    """What no sum of some of the parts exceeds, with either sign."""
    return sum(max(abs(values.least), abs(values.most), 1) * abs(times) for values, times in parts)


def _quick_total(parts: Sequence[tuple[Values, int]]) -> Values:
    """The sum of what 64 bits hold however it is added up, in one piece of memory."""
    sizes = [values.array.shape for values, _ in parts]
    found = np.zeros(np.broadcast_shapes(*sizes), dtype=np.int64)
    spare = np.empty_like(found)
    for values, times in parts:
        part = values.array
        if times != 1:
            room = spare if part.shape == spare.shape else None
            part = np.multiply(part, times, out=room)
        found += part
    both = [[times * end for end in values[1:]] for values, times in parts]
    return Values(found, sum(map(min, both)), sum(map(max, both)))


def product_ends(a: Ends, b: Ends) -> Ends:
    """The bounds of a product."""
    found = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    return min(found), max(found)


def is_missing(values: Array) -> Array:
    """Where an array of objects has None."""
    nothing: Any = None
    return np.equal(values, nothing)


def _fits(least: int, most: int, a: Values, b: Values) -> bool:
    """Whether 64 bits hold the operands and the result."""
    whole = a.array.dtype != object and b.array.dtype != object
    return whole and _INT64.min <= least and most <= _INT64.max


def _quotient(a: Array, b: Array) -> Array:
    """Points that a run isn't for may divide by zero."""
    return np.floor_divide(a, np.where(np.equal(b, 0), 1, b))


def _flag(a: Array, b: Array) -> Array:
    return np.less(a, b).astype(np.int64)


def _quotients(a: Ends, b: Ends) -> Ends:
    """A divisor between -1 and 1 is the worst; zero is replaced by one."""
    divisors = [d for d in (*b, -1, 1) if d and b[0] <= d <= b[1]]
    if b[0] <= 0 <= b[1]:
        divisors.append(1)
    found = [x // d for x in a for d in divisors]
    return min(found), max(found)


_OPERATIONS: dict[str, tuple[Any, Any]] = {
    "add": (np.add, lambda a, b: (a[0] + b[0], a[1] + b[1])),
    "multiply": (np.multiply, product_ends),
    "floor_divide": (_quotient, _quotients),
    "minimum": (np.minimum, lambda a, b: (min(a[0], b[0]), min(a[1], b[1]))),
    "maximum": (np.maximum, lambda a, b: (max(a[0], b[0]), max(a[1], b[1]))),
    "gcd": (np.gcd, lambda a, b: (0, max(map(abs, (*a, *b))))),
    "below": (_flag, lambda a, b: (int(a[1] < b[0]), int(a[0] < b[1]))),
}
