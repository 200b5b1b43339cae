"""Integer arithmetic for formulas: the few functions that plain operators don't cover.

A formula is written once. It is evaluated on exact ints; on sympy symbols when it prints
itself; and on `Varying` numbers, which have a value at each point of a grid. Here lives what
behaves differently between them. Formulas themselves live in ops/ and variants/.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any, TypeGuard, TypeVar

__all__ = [
    "Varying",
    "below",
    "ceil_div",
    "divide",
    "gcd",
    "is_number",
    "largest",
    "maximum",
    "minimum",
    "prod",
    "whole",
]

N = TypeVar("N", int, float)
_PLAIN = (int, Fraction, float)


class Varying:
    """A number with a value at each point of a grid, for which the program runs once.

    It has the operators of a number, and answers by methods what plain numbers answer by the
    functions below. To be compared is to be decided by: what it answers then holds for every
    point that the run goes on for. sweep/ has the kinds.
    """

    __slots__ = ()

    like: Any
    whole: Any
    minimum: Any
    maximum: Any
    gcd: Any
    below: Any
    over: Any


def ceil_div(dividend: int, divisor: int) -> int:
    """The quotient rounded up, exact where floating point would not be."""
    return -(-dividend // divisor)


def minimum(left: N, right: N) -> N:
    """The smaller of two numbers."""
    if isinstance(left, _PLAIN) and isinstance(right, _PLAIN):
        return min(left, right)
    found: N = _asked("minimum", "Min", left, right)
    return found


def maximum(left: N, right: N) -> N:
    """The larger of two numbers."""
    if isinstance(left, _PLAIN) and isinstance(right, _PLAIN):
        return max(left, right)
    found: N = _asked("maximum", "Max", left, right)
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
    found: int = _asked("gcd", "gcd", left, right)
    return found


def below(left: Any, right: Any) -> int:
    """1 where the left number is smaller than the right one, and 0 where it isn't."""
    if isinstance(left, Varying) or isinstance(right, Varying):
        return _asked("below", "", left, right)  # type: ignore[no-any-return]
    return int(left < right)


def divide(left: Any, right: Any) -> Any:
    """The exact quotient, as a fraction."""
    if isinstance(left, Varying) or isinstance(right, Varying):
        return _asked("over", "", left, right)
    return Fraction(left) / right


def is_number(value: object) -> TypeGuard[int | Fraction]:
    """Whether a value is a number of a spec: true and false aren't."""
    return isinstance(value, (int, Fraction, Varying)) and not isinstance(value, bool)


def whole(value: Any) -> int | None:
    """The value where it is a whole number; None for a fraction, and for what is no number."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else None
    return value.whole() if isinstance(value, Varying) else None


def _asked(method: str, function: str, left: Any, right: Any) -> Any:
    """A function of what isn't two plain numbers: a method of varying ones, sympy's of symbols."""
    if isinstance(left, Varying):
        return getattr(left, method)(right)
    if isinstance(right, Varying):
        return getattr(right.like(left), method)(right)
    import sympy

    return getattr(sympy, function)(left, right)
