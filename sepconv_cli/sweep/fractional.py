"""Arithmetic that is written to a tape: what formulas do with a number that stands for many."""

from fractions import Fraction
from math import prod
from typing import Any

from sepconv_cli.arithmetic import Recorded
from sepconv_cli.sweep.tape import Tape


class Fractional(Recorded):
    """A fraction of two steps of a tape, whose denominator is above 0 and mostly 1.

    Whatever is plain in the end, be it by chance, comes out as a plain number.
    """

    __slots__ = ("below_it", "step", "tape")

    def __init__(self, tape: Tape, step: int, below_it: int) -> None:
        self.tape, self.step, self.below_it = tape, step, below_it

    @property
    def here(self) -> int | Fraction:
        """The value at the point where the record is made."""
        return _plain(self.tape, self.step, self.below_it)

    @property
    def numerator(self) -> Any:
        """Of the fraction as it stands, which need not be reduced."""
        return self._new(self.step)

    @property
    def denominator(self) -> Any:
        """Of the fraction as it stands, which need not be reduced."""
        return self._new(self.below_it)

    @classmethod
    def of(cls, tape: Tape, step: int, below_it: int) -> Any:
        """The fraction of two steps; a plain number where both are constants."""
        if tape.is_constant(step) and tape.is_constant(below_it):
            return _plain(tape, step, below_it)
        return cls(tape, step, below_it)

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
        return self._new(apply("multiply", a, c), apply("multiply", b, d))

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

    def __round__(self) -> Any:
        """To the nearest whole number, halves to the even one."""
        twice = self * 2 + 1
        up = twice // 2
        odd_half = self._new(twice._compared("equal", up * 2)) * (up % 2)
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
        return self._new(self.tape.apply("gcd", a, c))

    def over(self, other: Any) -> Any:
        """The exact quotient."""
        (a, b), (c, d) = self._both(other)
        apply = self.tape.apply
        if self._new(c) < 0:
            a, c = (apply("multiply", step, self.tape.constant(-1)) for step in (a, c))
        if self._new(c) == 0:
            raise ZeroDivisionError
        return self._new(apply("multiply", a, d), apply("multiply", b, c))

    def under(self, other: Any) -> Any:
        """The exact quotient of another number by this one."""
        return self._lift(other).over(self)

    def below(self, other: Any) -> Any:
        """1 where this is the smaller one, else 0."""
        return self._new(self._compared("less", other))

    def above(self, other: Any) -> Any:
        """1 where this is the larger one, else 0."""
        return self._new(self._compared("less", other, swapped=True))

    def __float__(self) -> float:
        return float(self.pin())

    def pin(self) -> int | Fraction:
        """The value here, to which the record is held from now on."""
        for step in (self.step, self.below_it):
            value = self.tape.constant(self.tape.values[step])
            self.tape.require(self.tape.apply("equal", step, value))
        return self.here

    def _new(self, step: int, below_it: int | None = None) -> Any:
        return self.of(self.tape, step, self.tape.one if below_it is None else below_it)

    def _lift(self, other: Any) -> "Fractional":
        exact = Fraction(other)
        constant = self.tape.constant
        return type(self)(self.tape, constant(exact.numerator), constant(exact.denominator))

    def _parts(self, other: Any) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """The steps above and below both fraction bars; None for what is no number."""
        if not isinstance(other, Fractional):
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
        return self._new(self.tape.apply(operation, a, c), denominator)

    def _chosen(self, operation: str, other: Any) -> Any:
        crossed = self._crossed(other)
        if crossed is None:
            return NotImplemented
        a, c, denominator = crossed
        return self._new(self.tape.apply(operation, a, c), denominator)

    def _divided(self, operation: str, other: Any) -> Any:
        parts = self._parts(other)
        if parts is None:
            return NotImplemented
        apply, (a, b), (c, d) = self.tape.apply, *parts
        divisor = apply("multiply", b, c)
        if self._new(divisor) == 0:
            raise ZeroDivisionError
        return self._new(apply(operation, apply("multiply", a, d), divisor))

    def _compared(self, operation: str, other: Any, swapped: bool = False) -> int:
        crossed = self._crossed(other)
        if crossed is None:
            raise TypeError(f"a recorded number and {type(other).__name__}")
        a, c, _ = crossed
        return self.tape.apply(operation, *((c, a) if swapped else (a, c)))


def _plain(tape: Tape, step: int, below_it: int) -> int | Fraction:
    exact = Fraction(tape.values[step], tape.values[below_it])
    return exact.numerator if exact.denominator == 1 else exact
