"""The numbers of a spec: exact, bounded, and what may be done with them.

Numbers are ints and fractions, so 0.1 * 30 is 3. How an expression is read is expression.py's.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from math import ceil, floor, trunc
from typing import Any

from sepconv_cli.arithmetic import below, divide, is_number, maximum, minimum, whole
from sepconv_cli.errors import did_you_mean, show

Number = int | Fraction | bool
Data = Number | str | tuple[Any, ...]
Names = Mapping[str, Data]

MAX_VALUE = 10**18


class ExpressionError(Exception):
    """An expression that can't be read or run; `column` counts from 0 in its text."""

    def __init__(self, message: str, hint: str | None = None, column: int = 0) -> None:
        super().__init__(message)
        self.message, self.hint, self.column = message, hint, column


class Unknown(Exception):
    """The value depends on something that has already been reported as a problem."""


class _Unset:
    """What a name is bound to while its value is not known."""


UNSET: Any = _Unset()


def make_divisible(value: Number, divisor: Number = 8, min_value: Number | None = None) -> int:
    """The multiple of `divisor` nearest to `value`, and not below 90 % of it.

    The rounding of MobileNetV2 and V3 (tensorflow/models, slim/nets/mobilenet).
    """
    step = whole(divisor)
    if step is None or step < 1:
        message = f"make_divisible needs a whole divisor of at least 1, not {show(divisor)}"
        raise ExpressionError(message)
    least: Any = step if min_value is None else min_value
    rounded: int = maximum(least, trunc(value + divide(step, 2)) // step * step)
    return trunc(rounded + step * below(rounded, Fraction(9, 10) * value))


def _least(*values: Any) -> Any:
    return reduce(minimum, values)


def _most(*values: Any) -> Any:
    return reduce(maximum, values)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": _least,
    "max": _most,
    "ceil": ceil,
    "floor": floor,
    "round": round,
    "int": trunc,
    "abs": abs,
    "make_divisible": make_divisible,
}
ARGUMENTS = {"min": (2, 99), "max": (2, 99), "make_divisible": (1, 3)}


def bounded(value: Number, text: str) -> Number:
    """The value as an int where it is whole; an error where it is too large."""
    if type(value) is not int:
        if value.denominator > MAX_VALUE:
            raise ExpressionError(f"{text!r} has too many digits")
        if isinstance(value, (bool, Fraction)) and value.denominator == 1:
            value = value.numerator
    if not -MAX_VALUE <= value <= MAX_VALUE:
        raise ExpressionError(f"{text!r} is larger than {MAX_VALUE:.0e}")
    return value


def number(value: Data) -> int | Fraction:
    """A value to calculate with; the size of an input counts as a number where its axes agree."""
    if is_number(value):
        return value
    if isinstance(value, tuple) and value and all(item == value[0] for item in value):
        return number(value[0])
    raise ExpressionError(f"{show(value)} is not a number")


def truth(value: Data) -> bool:
    """A value to decide by."""
    if isinstance(value, bool):
        return value
    raise ExpressionError(f"{show(value)} is neither true nor false", "compare it: x > 0")


def comparable(value: Data) -> int | Fraction:
    """A value to compare, true as 1."""
    return int(value) if isinstance(value, bool) else number(value)


def undefined(name: str, names: Names, column: int) -> ExpressionError:
    """The error for a name that stands for nothing here."""
    if name in ("in_channels", "in_size"):
        return ExpressionError(
            f"{name} is not known here", "it stands for the shape that arrives at a layer", column
        )
    return ExpressionError(f"no parameter is called {name}", did_you_mean(name, names), column)
