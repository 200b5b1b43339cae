"""The number that stands for all values of a sweep: it computes one and records the rest.

The program runs on it as it runs on an int or a fraction. Arithmetic is written to a tape. A
decision, such as a comparison or a number that must be whole, is taken by the value here and
becomes a condition of the record. What can't be recorded (an index, a float, a key of a dict)
pins the value: the record then holds where it is the same.
"""

from fractions import Fraction
from math import prod
from typing import Any

from sepconv_cli.arithmetic import Recorded
from sepconv_cli.errors import show
from sepconv_cli.spec.numbers import MAX_VALUE, ExpressionError, bounded
from sepconv_cli.sweep.tape import Tape


class Many(Recorded):
    """A fraction of two steps of a tape, whose denominator is above 0 and mostly 1."""

    __slots__ = ("below_it", "step", "tape")

    def __init__(self, tape: Tape, step: int, below_it: int) -> None:
        self.tape, self.step, self.below_it = tape, step, below_it

    @property
    def here(self) -> int | Fraction:
        """The value at the point where the record is made."""
        values = self.tape.values
        exact = Fraction(values[self.step], values[self.below_it])
        return exact.numerator if exact.denominator == 1 else exact

    @property
    def numerator(self) -> Any:
        """Of the fraction as it stands, which need not be reduced."""
        return number(self.tape, self.step)

    @property
    def denominator(self) -> Any:
        """Of the fraction as it stands, which need not be reduced."""
        return number(self.tape, self.below_it)

    # What formulas do.

    def __add__(self, other: Any) -> Any:
        return self._sum("add", other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._sum("subtract", other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, float):
            return float(self) * other
        parts = self._parts(other)
        if parts is None:
            return NotImplemented
        apply, (a, b), (c, d) = self.tape.apply, *parts
        return number(self.tape, apply("multiply", a, c), apply("multiply", b, d))

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        return self._divided("floor_divide", other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._lift(other) // self

    def __mod__(self, other: Any) -> Any:
        return self - self // other * other

    def __rmod__(self, other: Any) -> Any:
        return self._lift(other) % self

    def __pow__(self, exponent: int) -> Any:
        return prod([self] * exponent)

    def __neg__(self) -> Any:
        return self * -1

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.maximum(-self)

    def __floor__(self) -> Any:
        return self // 1

    def __ceil__(self) -> Any:
        return -(-self // 1)

    def __trunc__(self) -> Any:
        return self // 1 if self >= 0 else -(-self // 1)

    def __round__(self) -> Any:
        """To the nearest whole number, halves to the even one."""
        twice = self * 2 + 1
        up = twice // 2
        odd_half = equal(twice, up * 2) * (up % 2)
        return up - odd_half

    def minimum(self, other: Any) -> Any:
        """The smaller one."""
        return self._chosen("minimum", other)

    def maximum(self, other: Any) -> Any:
        """The larger one."""
        return self._chosen("maximum", other)

    def gcd(self, other: Any) -> Any:
        """The greatest common divisor; both are whole."""
        (a, _), (c, _) = self._both(other)
        return number(self.tape, self.tape.apply("gcd", a, c))

    def over(self, other: Any) -> Any:
        """The exact quotient."""
        (a, b), (c, d) = self._both(other)
        apply = self.tape.apply
        if number(self.tape, c) < 0:
            a, c = (apply("multiply", step, self.tape.constant(-1)) for step in (a, c))
        if number(self.tape, c) == 0:
            raise ZeroDivisionError
        return number(self.tape, apply("multiply", a, d), apply("multiply", b, c))

    def under(self, other: Any) -> Any:
        """The exact quotient of another number by this one."""
        return self._lift(other).over(self)

    def below(self, other: Any) -> Any:
        """1 where this is the smaller one, else 0."""
        return number(self.tape, self._compared("less", other))

    def above(self, other: Any) -> Any:
        """1 where this is the larger one, else 0."""
        return number(self.tape, self._compared("less", other, swapped=True))

    # What programs decide by.

    def __lt__(self, other: Any) -> Any:
        return self._decided("less", other)

    def __le__(self, other: Any) -> Any:
        return self._decided("less_equal", other)

    def __gt__(self, other: Any) -> Any:
        return self._decided("less", other, swapped=True)

    def __ge__(self, other: Any) -> Any:
        return self._decided("less_equal", other, swapped=True)

    def __eq__(self, other: object) -> Any:
        return self._decided("equal", other)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def settled(self) -> Any:
        """Itself where it is whole, else the fraction that it is here."""
        apply = self.tape.apply
        if self.below_it == self.tape.one:
            return self
        rest = apply("remainder", self.step, self.below_it)
        if self.tape.require(apply("equal", rest, self.tape.constant(0))):
            return number(self.tape, apply("floor_divide", self.step, self.below_it))
        return self.here

    def bounded(self, text: str) -> Any:
        """Itself; an error where it is too large, or has too many digits."""
        if not self.tape.is_constant(self.below_it) or self.tape.values[self.below_it] > MAX_VALUE:
            # Whether there are too many digits is said of the reduced fraction.
            return bounded(self._pin(), text)
        if self < -MAX_VALUE or self > MAX_VALUE:
            raise ExpressionError(f"{text!r} is larger than {MAX_VALUE:.0e}")
        return self

    # What can't be recorded.

    def __index__(self) -> int:
        return int(self._pin())

    def __int__(self) -> int:
        return int(self._pin())

    def __float__(self) -> float:
        return float(self._pin())

    def __hash__(self) -> int:
        return hash(self._pin())

    def __truediv__(self, other: Any) -> Any:
        pinned = other._pin() if isinstance(other, Many) else other
        return self._pin() / pinned

    def __rtruediv__(self, other: Any) -> Any:
        return other / self._pin()

    # Text is for messages, which are those of this point.

    def __str__(self) -> str:
        return show(self.here)

    def __format__(self, form: str) -> str:
        return format(self.here, form) if form else str(self)

    def _pin(self) -> int | Fraction:
        for step in (self.step, self.below_it):
            value = self.tape.constant(self.tape.values[step])
            self.tape.require(self.tape.apply("equal", step, value))
        return self.here

    def _lift(self, other: Any) -> "Many":
        exact = Fraction(other)
        constant = self.tape.constant
        return Many(self.tape, constant(exact.numerator), constant(exact.denominator))

    def _parts(self, other: Any) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """The steps above and below both fraction bars; None for what is no number."""
        if not isinstance(other, Many):
            if not isinstance(other, (int, Fraction)):
                return None
            other = self._lift(other)
        return (self.step, self.below_it), (other.step, other.below_it)

    def _both(self, other: Any) -> tuple[tuple[int, int], tuple[int, int]]:
        parts = self._parts(other)
        if parts is None:
            raise TypeError(f"a recorded number and {type(other).__name__}")
        return parts

    def _crossed(self, other: Any) -> tuple[int, int, int] | None:
        """Both over one denominator: two numerators, and it."""
        parts = self._parts(other)
        if parts is None:
            return None
        apply, (a, b), (c, d) = self.tape.apply, *parts
        if b == d:
            return a, c, b
        return apply("multiply", a, d), apply("multiply", c, b), apply("multiply", b, d)

    def _sum(self, operation: str, other: Any) -> Any:
        crossed = self._crossed(other)
        if crossed is None:
            return NotImplemented
        a, c, denominator = crossed
        return number(self.tape, self.tape.apply(operation, a, c), denominator)

    def _chosen(self, operation: str, other: Any) -> Any:
        crossed = self._crossed(other)
        if crossed is None:
            return NotImplemented
        a, c, denominator = crossed
        return number(self.tape, self.tape.apply(operation, a, c), denominator)

    def _divided(self, operation: str, other: Any) -> Any:
        parts = self._parts(other)
        if parts is None:
            return NotImplemented
        apply, (a, b), (c, d) = self.tape.apply, *parts
        divisor = apply("multiply", b, c)
        if number(self.tape, divisor) == 0:
            raise ZeroDivisionError
        return number(self.tape, apply(operation, apply("multiply", a, d), divisor))

    def _compared(self, operation: str, other: Any, swapped: bool = False) -> int:
        crossed = self._crossed(other)
        if crossed is None:
            raise TypeError(f"a recorded number and {type(other).__name__}")
        a, c, _ = crossed
        return self.tape.apply(operation, *((c, a) if swapped else (a, c)))

    def _decided(self, operation: str, other: Any, swapped: bool = False) -> Any:
        if not isinstance(other, (Many, int, Fraction)):
            return NotImplemented
        return self.tape.require(self._compared(operation, other, swapped))


def number(tape: Tape, step: int, below_it: int | None = None) -> Any:
    """The fraction of two steps; a plain number where both are constants."""
    if below_it is None:
        below_it = tape.one
    if tape.is_constant(step) and tape.is_constant(below_it):
        exact = Fraction(tape.values[step], tape.values[below_it])
        return exact.numerator if exact.denominator == 1 else exact
    return Many(tape, step, below_it)


def equal(left: Many, right: Any) -> Any:
    """1 where both are the same, else 0, for a recorded number on the left."""
    return number(left.tape, left._compared("equal", right))
