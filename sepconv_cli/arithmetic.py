"""Integer arithmetic for formulas: the few functions that plain operators don't cover.

A formula is written once. It is evaluated on exact ints; on sympy symbols when it prints
itself; and on `Recorded` numbers, which stand for the many values of a sweep. Here lives what
behaves differently between them. Formulas themselves live in ops/ and variants/.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any, TypeGuard

__all__ = [
    "Recorded",
    "below",
    "ceil_div",
    "divide",
    "gcd",
    "is_whole",
    "is_zero",
    "largest",
    "maximum",
    "minimum",
    "prod",
    "settled",
]


class Recorded:
    """A number that writes down what is done to it, so that it can be done to many others.

    sweep/many.py has the only kind. What can't be written down, such as being used as an
    index, holds for the values alone for which it comes out the same.
    """

    __slots__ = ()

    minimum: Any
    maximum: Any
    below: Any
    above: Any
    over: Any
    under: Any
    gcd: Any
    settled: Any
    bounded: Any


def ceil_div(dividend: int, divisor: int) -> int:
    """The quotient rounded up, exact where floating point would not be."""
    return -(-dividend // divisor)


def minimum(left: int, right: int) -> int:
    """The smaller of two numbers."""
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return min(left, right)
    found: int = _other("minimum", "Min", left, right)
    return found


def maximum(left: int, right: int) -> int:
    """The larger of two numbers."""
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return max(left, right)
    found: int = _other("maximum", "Max", left, right)
    return found


def largest(values: Sequence[int]) -> int:
    """The largest of several whole numbers of at least 0."""
    if type(sum(values)) is int:
        return max(values)
    most = 0
    for value in values:
        most = maximum(most, value)
    return most


def gcd(left: int, right: int) -> int:
    """The greatest common divisor of two whole numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return math.gcd(left, right)
    one: Any = left
    other: Any = right
    if isinstance(one, Recorded):
        found = one.gcd(other)
    else:
        found = other.gcd(one) if isinstance(other, Recorded) else _symbolic_gcd()(one, other)
    return found


def below(left: Any, right: Any) -> int:
    """1 where the left number is smaller than the right one, and 0 where it isn't."""
    if isinstance(left, Recorded):
        return left.below(right)  # type: ignore[no-any-return]
    if isinstance(right, Recorded):
        return right.above(left)  # type: ignore[no-any-return]
    return int(left < right)


def divide(left: Any, right: Any) -> Any:
    """The exact quotient, as a fraction."""
    if isinstance(left, Recorded):
        return left.over(right)
    if isinstance(right, Recorded):
        return right.under(left)
    return Fraction(left) / right


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a settled value is a whole number, and not true or false."""
    return isinstance(value, (int, Recorded)) and not isinstance(value, bool)


def is_zero(value: object) -> bool:
    """Whether it is the plain number 0, which holds for all that it may stand for."""
    return type(value) is int and value == 0


def settled(value: Any) -> Any:
    """A recorded number that is whole as one, and another as the fraction that it is here."""
    return value.settled() if isinstance(value, Recorded) else value


def _other(recorded: str, function: str, left: Any, right: Any) -> Any:
    """`minimum` or `maximum` of what isn't two plain numbers."""
    if isinstance(left, Recorded):
        return getattr(left, recorded)(right)
    if isinstance(right, Recorded):
        return getattr(right, recorded)(left)
    import sympy

    return getattr(sympy, function)(left, right)


@cache
def _symbolic_gcd() -> Any:
    """sympy's own gcd is that of polynomials: of a symbol and 4 it is 1. This one waits."""
    import sympy

    class Gcd(sympy.Function):  # type: ignore[misc]
        """The greatest common divisor, worked out once its symbols are numbers."""

        is_integer = is_positive = True

        @classmethod
        def eval(cls, *numbers: Any) -> Any:
            flat = [
                part for each in numbers for part in (each.args if each.func is cls else [each])
            ]
            if all(each.is_Integer for each in flat):
                return sympy.igcd(*flat)
            return cls(*flat) if len(flat) > len(numbers) else None

    return Gcd
