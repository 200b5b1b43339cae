"""A float at every point of a box: what is measured or estimated, such as a time.

The operations run in the order of the formula, as they do on a single float.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from sepconv_cli.arithmetic import Varying
from sepconv_cli.sweep.box import Box
from sepconv_cli.sweep.reasons import mark
from sepconv_cli.sweep.values import Array


class Real(Varying):
    """Floats that broadcast over a box."""

    __slots__ = ("_floats", "box")

    def __init__(self, box: Box, floats: Array) -> None:
        self.box, self._floats = box, floats

    def array(self) -> Array:
        """The values."""
        return self._floats

    floats = array

    def arrays(self) -> tuple[Array, Array]:
        """Above and below a fraction bar."""
        return self._floats, np.ones_like(self._floats)

    def like(self, other: Any) -> "Real":
        """Another number as floats."""
        varies = isinstance(other, Varying)
        floats = other.floats() if varies else np.full((1,) * len(self.box.shape), float(other))
        return Real(self.box, floats)

    def whole(self) -> None:
        """A float is no whole number of a spec."""

    def minimum(self, other: Any) -> "Real":
        """The smaller one."""
        return self._with(np.minimum, other)

    def maximum(self, other: Any) -> "Real":
        """The larger one."""
        return self._with(np.maximum, other)

    def below(self, other: Any) -> "Real":
        """1 where this is the smaller one, else 0."""
        return self._with(np.less, other)

    def identity(self) -> int:
        """Its own."""
        return id(self)

    def root(self) -> "Real":
        """The square root."""
        with np.errstate(all="ignore"):
            return Real(self.box, np.sqrt(self._floats))

    def over(self, other: Any) -> "Real":
        """The quotient."""
        divisor = self.like(other)
        if not divisor:
            raise ZeroDivisionError
        return self._with(np.divide, divisor)

    def __add__(self, other: Any) -> "Real":
        return self._with(np.add, other)

    def __sub__(self, other: Any) -> "Real":
        return self._with(np.subtract, other)

    def __rsub__(self, other: Any) -> "Real":
        return self.like(other) - self

    def __mul__(self, other: Any) -> "Real":
        return self._with(np.multiply, other)

    def __rtruediv__(self, other: Any) -> "Real":
        return self.like(other) / self

    __radd__, __rmul__, __truediv__ = __add__, __mul__, over

    def __neg__(self) -> "Real":
        return self * -1

    def __lt__(self, other: Any) -> bool:
        return self.box.decide(self._floats < self.like(other)._floats)

    def __gt__(self, other: Any) -> bool:
        return self.box.decide(self._floats > self.like(other)._floats)

    def __le__(self, other: Any) -> bool:
        return self.box.decide(self._floats <= self.like(other)._floats)

    def __ge__(self, other: Any) -> bool:
        return self.box.decide(self._floats >= self.like(other)._floats)

    def __eq__(self, other: object) -> Any:
        if not isinstance(other, (int, float, Fraction, Varying)):
            return NotImplemented
        return self.box.decide(self._floats == self.like(other)._floats)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __hash__(self) -> int:
        return id(self)

    def __float__(self) -> float:
        found: float = self.box.settled(self, self.box.here(self._floats))
        return found

    def __str__(self) -> str:
        return mark(self)

    def __format__(self, form: str) -> str:
        return mark(self, form)

    def _with(self, function: Callable[[Array, Array], Array], other: Any) -> "Real":
        # Points that the run isn't for may divide by zero, or be too large.
        with np.errstate(all="ignore"):
            return Real(self.box, _floats(function(self._floats, self.like(other)._floats)))


def _floats(array: Array) -> Array:
    """Floats as they are, and truths as floats."""
    return array.astype(float, copy=False)
