"""Why points are invalid: the program's own words, with the numbers of each point.

A number of a sweep that is written into a message leaves a mark there. A reason is the text
around the marks: it is the same for all points that it was said of.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

from sepconv_cli.errors import show
from sepconv_cli.sweep.box import Box
from sepconv_cli.sweep.values import Array

# Private characters of Unicode, which nobody types, around the index of a number.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def mark(number: Any, form: str = "") -> str:
    """What stands for a number in a text, until it is said of which point."""
    shown = number.box.shown
    shown.append((number, form))
    return f"{_OPEN}{len(shown) - 1}{_CLOSE}"


class Shown(NamedTuple):
    """A number in a message at each point: above and below the fraction bar, and its format."""

    above: Array
    below: Array
    form: str

    def texts(self) -> list[str]:
        """The number at each point."""
        both = zip(self.above.tolist(), self.below.tolist(), strict=True)
        return [self.text(_simplest(above, below)) for above, below in both]

    def text(self, value: Any) -> str:
        """A value as the message would show it."""
        return format(value, self.form) if self.form else show(value)

    def ends(self) -> tuple[Any, Any]:
        """The least and the largest."""
        values = self.above if (self.below == 1).all() else self.above / self.below
        least, most = values.argmin(), values.argmax()
        both = [(self.above[at : at + 1], self.below[at : at + 1]) for at in (least, most)]
        low, high = (_simplest(*above.tolist(), *below.tolist()) for above, below in both)
        return low, high


class Said(NamedTuple):
    """A message of a run: the texts around its numbers, and these at each of the run's points."""

    texts: tuple[str, ...]
    numbers: tuple[Shown, ...]

    @classmethod
    def of(cls, message: str, box: Box) -> "Said":
        """A message with marks, at the active points of the box that it was said of."""
        parts = _MARK.split(message)
        numbers = []
        for at in parts[1::2]:
            number, form = box.shown[int(at)]
            above, below = (box.chosen(array) for array in number.arrays())
            numbers.append(Shown(above, below, form))
        return cls(tuple(parts[::2]), tuple(numbers))

    def messages(self, size: int) -> list[str]:
        """The message at each of so many points."""
        if not self.numbers:
            return [self.texts[0]] * size
        columns = [number.texts() for number in self.numbers]
        return [_filled(self.texts, row) for row in zip(*columns, strict=True)]


class Reason:
    """A message wherever it was said: the first point, and between what its numbers lie."""

    def __init__(self, said: Said, variant: str, point: int) -> None:
        self.variant, self.point = variant, point
        self._said = said
        self._ranges = [number.ends() for number in said.numbers]

    def add(self, said: Said, variant: str, point: int) -> None:
        """Look at the numbers of further points, of which this is the first."""
        if point < self.point:
            self.variant, self.point = variant, point
        found = [number.ends() for number in said.numbers]
        self._ranges = [
            (min(low, least), max(high, most))
            for (low, high), (least, most) in zip(self._ranges, found, strict=True)
        ]

    def __str__(self) -> str:
        """The message, true of all points: what isn't the same at all of them is a range."""
        rows = zip(self._said.numbers, self._ranges, strict=True)
        ranges = [dict.fromkeys(map(number.text, ends)) for number, ends in rows]
        return _filled(self._said.texts, [" to ".join(ends) for ends in ranges])


def _filled(texts: Sequence[str], numbers: Sequence[str]) -> str:
    return texts[0] + "".join(chain(*zip(numbers, texts[1:], strict=True)))


def _simplest(above: Any, below: int) -> Any:
    """A fraction as a whole number where it is one; a float as it is."""
    if below == 1:
        return above
    exact = Fraction(above, below)
    return exact.numerator if exact.denominator == 1 else exact
