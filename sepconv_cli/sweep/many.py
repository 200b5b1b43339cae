"""The number that stands for all values of a sweep: it computes one and records the rest.

The program runs on it as it runs on an int or a fraction. Arithmetic is written to a tape. A
decision, such as a comparison or a number that must be whole, is taken by the value here and
becomes a condition of the record. What can't be recorded (an index, a float, a key of a dict)
pins the value: the record then holds where it is the same.
"""

from fractions import Fraction
from typing import Any

from sepconv_cli.errors import show
from sepconv_cli.language.numbers import MAX_VALUE, ExpressionError, bounded
from sepconv_cli.sweep.fractional import Fractional


class Many(Fractional):
    """A number of which everything can be asked that the program asks of a number."""

    __slots__ = ()

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

    def __trunc__(self) -> Any:
        return self // 1 if self >= 0 else -(-self // 1)

    def settled(self) -> Any:
        """Itself where it is whole, else the fraction that it is here."""
        apply = self.tape.apply
        if self.below_it == self.tape.one:
            return self
        rest = apply("remainder", self.step, self.below_it)
        if self.tape.require(apply("equal", rest, self.tape.constant(0))):
            return self._new(apply("floor_divide", self.step, self.below_it))
        return self.here

    def bounded(self, text: str) -> Any:
        """Itself; an error where it is too large, or has too many digits."""
        if not self.tape.is_constant(self.below_it) or self.tape.values[self.below_it] > MAX_VALUE:
            # Whether there are too many digits is said of the reduced fraction.
            return bounded(self.pin(), text)
        if self < -MAX_VALUE or self > MAX_VALUE:
            raise ExpressionError(f"{text!r} is larger than {MAX_VALUE:.0e}")
        return self

    # What can't be recorded.

    def __index__(self) -> int:
        return int(self.pin())

    def __int__(self) -> int:
        return int(self.pin())

    def __hash__(self) -> int:
        return hash(self.pin())

    def __truediv__(self, other: Any) -> Any:
        pinned = other.pin() if isinstance(other, Fractional) else other
        return self.pin() / pinned

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.pin()

    # Text is for messages, which are those of this point.

    def __str__(self) -> str:
        return show(self.here)

    def __format__(self, form: str) -> str:
        return format(self.here, form) if form else str(self)

    def _decided(self, operation: str, other: Any, swapped: bool = False) -> Any:
        if not isinstance(other, (Many, int, Fraction)):
            return NotImplemented
        return self.tape.require(self._compared(operation, other, swapped))
