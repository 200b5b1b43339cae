"""A number at every point of a box: what the program calculates with where a grid is swept."""

from collections.abc import Hashable
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from sepconv_cli.arithmetic import Varying
from sepconv_cli.errors import show
from sepconv_cli.sweep import sums
from sepconv_cli.sweep.box import Box
from sepconv_cli.sweep.quotients import Quotient, crossed, plain_quotient, reduced
from sepconv_cli.sweep.real import Real
from sepconv_cli.sweep.reasons import mark
from sepconv_cli.sweep.sums import ONE, Sum
from sepconv_cli.sweep.values import Array


class Exact(Varying):
    """A fraction of two sums, exact at every point; its divisor is above 0, and mostly 1.

    A divisor that may be too large for a spec is reduced; a smaller one needn't be.
    """

    __slots__ = ("box", "divisor", "terms")

    def __init__(self, box: Box, terms: Sum, divisor: Sum = ONE) -> None:
        self.box, self.terms, self.divisor = box, terms, divisor

    @property
    def numerator(self) -> "Exact":
        """Of the fraction as it stands."""
        return Exact(self.box, self.terms)

    @property
    def denominator(self) -> "Exact":
        """Of the fraction as it stands."""
        return Exact(self.box, self.divisor)

    def array(self) -> Array:
        """The values: whole numbers, and floats where there is a divisor."""
        above, below = self.arrays()
        # Points that the run isn't for may have a divisor of 0.
        return above if self.divisor is ONE else (above / np.where(below, below, 1)).astype(float)

    def floats(self) -> Array:
        """The values as floats."""
        return self.array().astype(float, copy=False)

    def arrays(self) -> tuple[Array, Array]:
        """Above and below the fraction bar."""
        return self.box.values(self.terms).array, self.box.values(self.divisor).array

    # Sums and products.

    def __add__(self, other: Any) -> Any:
        return self._plus(other, 1)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._plus(other, -1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __neg__(self) -> "Exact":
        return Exact(self.box, sums.scaled(self.terms, -1), self.divisor)

    def __pos__(self) -> "Exact":
        return self

    def __mul__(self, other: Any) -> Any:
        multiply = self.box.multiply
        parts = _quotient(other)
        if parts is None:
            return self._real() * other if isinstance(other, float) else NotImplemented
        terms, divisor = parts
        below = ONE if self.divisor is ONE is divisor else multiply(self.divisor, divisor)
        return self._of(multiply(self.terms, terms), below)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Any:
        return prod([self] * exponent)

    # Quotients.

    def __floordiv__(self, other: Any) -> Any:
        parts = _quotient(other)
        if parts is None:
            return NotImplemented
        terms, divisor = parts
        multiply = self.box.multiply
        above, below = multiply(self.terms, divisor), multiply(self.divisor, terms)
        if self.box.is_zero(below):
            raise ZeroDivisionError
        if below != ONE:
            above = self.box.apply("floor_divide", above, below)
        return Exact(self.box, above)

    def __rfloordiv__(self, other: Any) -> Any:
        return self.like(other) // self

    def __mod__(self, other: Any) -> Any:
        return self - self // other * other

    def __rmod__(self, other: Any) -> Any:
        return self.like(other) % self

    def __truediv__(self, other: Any) -> Any:
        return self._real() / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self._real()

    def identity(self) -> Hashable:
        """Equal for numbers that are made of the same arrays in the same way."""
        divisor = None if self.divisor is ONE else frozenset(self.divisor.items())
        return frozenset(self.terms.items()), divisor

    def over(self, other: Any) -> Any:
        """The exact quotient."""
        parts = _quotient(other)
        if parts is None:
            return self._real().over(other)
        terms, divisor = parts
        if self.box.is_zero(terms):
            raise ZeroDivisionError
        sign = -1 if self.box.is_negative(terms) else 1
        multiply = self.box.multiply
        above = multiply(self.terms, sums.scaled(divisor, sign))
        return self._of(above, multiply(self.divisor, sums.scaled(terms, sign)))

    def root(self) -> Real:
        """The square root."""
        return self._real().root()

    def gcd(self, other: Any) -> Any:
        """The greatest common divisor of two whole numbers."""
        return self._of(self.box.apply("gcd", self.terms, self.like(other).terms))

    # Roundings.

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
        apart = twice - up * 2
        is_half = 1 - (0 * up).below(apart)
        return up - is_half * (up % 2)

    def whole(self) -> "Exact | None":
        """Itself, where it is whole."""
        if self.divisor is ONE:
            return self
        quotient = self // 1
        return quotient if self == quotient else None

    # What is chosen at each point.

    def __abs__(self) -> Any:
        return self.maximum(-self)

    def minimum(self, other: Any) -> Any:
        """The smaller one."""
        return self._chosen("minimum", other)

    def maximum(self, other: Any) -> Any:
        """The larger one."""
        return self._chosen("maximum", other)

    def below(self, other: Any) -> Any:
        """1 where this is the smaller one, else 0."""
        parts = _quotient(other)
        if parts is None:
            return self._real().below(other)
        a, b, _ = self._crossed(parts)
        return self._of(self.box.apply("below", a, b))

    # What the program decides by.

    def __lt__(self, other: Any) -> Any:
        difference = self._difference(other)
        return difference if difference is NotImplemented else self.box.is_negative(difference)

    def __gt__(self, other: Any) -> Any:
        difference = self._difference(other)
        if difference is NotImplemented:
            return difference
        return self.box.is_negative(sums.scaled(difference, -1))

    def __le__(self, other: Any) -> Any:
        above = self > other
        return above if above is NotImplemented else not above

    def __ge__(self, other: Any) -> Any:
        below = self < other
        return below if below is NotImplemented else not below

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Exact) and other.box is not self.box:
            return NotImplemented
        difference = self._difference(other)
        return difference if difference is NotImplemented else self.box.is_zero(difference)

    def __bool__(self) -> bool:
        return not self.box.is_zero(self.terms)

    # What a single value is needed for.

    def here(self) -> int | Fraction:
        """The value at the first active point."""
        exact = Fraction(*[self.box.here(array) for array in self.arrays()])
        return exact.numerator if exact.denominator == 1 else exact

    def __index__(self) -> int:
        return int(self._settled())

    __int__ = __index__

    def __float__(self) -> float:
        return float(self._settled())

    def __hash__(self) -> int:
        same = sums.fixed(self.terms) if self.divisor is ONE else None
        return hash(same if same is not None else (id(self.box), frozenset(self.terms)))

    def __str__(self) -> str:
        return mark(self)

    def __format__(self, form: str) -> str:
        return mark(self, form)

    def __repr__(self) -> str:
        return f"Exact({show(self.here())})"

    def like(self, other: Any) -> Any:
        """Another number as one of the same box."""
        parts = _quotient(other)
        return self._real().like(other) if parts is None else Exact(self.box, *parts)

    def _settled(self) -> int | Fraction:
        """The value here, for the points that have the same."""
        settled: int | Fraction = self.box.settled(self, self.here())
        return settled

    def _real(self) -> Real:
        return Real(self.box, self.floats())

    def _of(self, terms: Sum, divisor: Sum = ONE) -> "Exact":
        if divisor is ONE:
            return Exact(self.box, terms)
        return Exact(self.box, *reduced(self.box, terms, divisor))

    def _crossed(self, parts: Quotient) -> tuple[Sum, Sum, Sum]:
        return crossed(self.box, (self.terms, self.divisor), parts)

    def _plus(self, other: Any, times: int) -> Any:
        parts = _quotient(other)
        if parts is None:
            return self._real() + other * times if isinstance(other, float) else NotImplemented
        a, b, divisor = self._crossed(parts)
        return self._of(sums.added(a, b, times), divisor)

    def _difference(self, other: Any) -> Any:
        """A sum that is above 0 where this number is the larger one."""
        parts = _quotient(Fraction(other) if isinstance(other, float) else other)
        if parts is None:
            return NotImplemented
        a, b, _ = self._crossed(parts)
        return sums.added(a, b, -1)

    def _chosen(self, operation: str, other: Any) -> Any:
        parts = _quotient(other)
        if parts is None:
            return getattr(self._real(), operation)(other)
        a, b, divisor = self._crossed(parts)
        return self._of(self.box.apply(operation, a, b), divisor)


def _quotient(value: Any) -> Quotient | None:
    """What is above and below the fraction bar; None for what is no exact number."""
    return (value.terms, value.divisor) if isinstance(value, Exact) else plain_quotient(value)
