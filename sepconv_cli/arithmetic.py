"""Integer arithmetic for formulas: the few functions that plain operators don't cover.

A formula is written once. It is evaluated on exact ints; on sympy symbols when it prints
itself; and on `Varying` numbers, which have a value at each point of a grid. Here lives what
behaves differently between them. Formulas themselves live in ops/ and variants/.
"""

import math
from collections.abc import Hashable, Sequence
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any, TypeGuard, TypeVar

__all__ = [
    "Varying",
    "below",
    "ceil_div",
    "divide",
    "gcd",
    "identity",
    "is_number",
    "largest",
    "maximum",
    "minimum",
    "prod",
    "root",
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
    root: Any
    identity: Any


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
    varies = isinstance(left, Varying) or isinstance(right, Varying)
    found: int = _asked("gcd", "", left, right) if varies else _symbolic_gcd()(left, right)
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


def root(value: Any) -> Any:
    """The square root, as a float."""
    return value.root() if isinstance(value, Varying) else math.sqrt(value)


def identity(value: Any) -> Hashable:
    """What tells numbers apart without comparing them, which of varying ones would be a decision.

    Of varying numbers, equal ones may have several.
    """
    return value.identity() if isinstance(value, Varying) else value  # type: ignore[no-any-return]


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
