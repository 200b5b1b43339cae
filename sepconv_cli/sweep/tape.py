"""A record of arithmetic on whole numbers: what was done to the values of a sweep's axes.

A step is an operation on the results of earlier steps. The same step is written down once,
so two layers of one shape share theirs, and what is constant is worked out at once. Every step
keeps the exact value that it has at the one point of the grid where the record is made.
"""

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

CONSTANT = "constant"
AXIS = "axis"

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "minimum": min,
    "maximum": max,
    "gcd": math.gcd,
    "less": lambda a, b: int(a < b),
    "less_equal": lambda a, b: int(a <= b),
    "equal": lambda a, b: int(a == b),
}
"""On Python's ints; numpy calls the same operations by the same names."""

_COMMUTES = frozenset({"add", "multiply", "minimum", "maximum", "gcd", "equal"})


class Step(NamedTuple):
    """An operation on two earlier steps; or a constant or an axis, of which `left` says which."""

    operation: str
    left: int
    right: int = 0


class Tape:
    """Steps and their values, and the conditions under which the record holds.

    `conditions` maps a step that is 0 or 1 to what it was here: a point for which one of them
    comes out otherwise takes another road through the program.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.values: list[int] = []
        self.conditions: dict[int, int] = {}
        self._known: dict[Step, int] = {}
        self.one = self.constant(1)

    def constant(self, value: int) -> int:
        """The step that is this number."""
        return self._write(Step(CONSTANT, value), value)

    def axis(self, index: int, value: int) -> int:
        """The step that is the axis of that index, and its value here."""
        return self._write(Step(AXIS, index), value)

    def is_constant(self, step: int) -> bool:
        """Whether a step is the same at every point."""
        return self.steps[step].operation == CONSTANT

    def apply(self, operation: str, left: int, right: int) -> int:
        """The step that applies an operation, or a simpler one that always comes out the same."""
        a, b = self.is_constant(left), self.is_constant(right)
        if a and b:
            value = OPERATIONS[operation](self.values[left], self.values[right])
            return self.constant(value)
        if operation in _COMMUTES and (a or (left > right and not b)):
            left, right, b = right, left, a
        simpler = self._simpler(operation, left, right, self.values[right] if b else None)
        if simpler is not None:
            return simpler
        value = OPERATIONS[operation](self.values[left], self.values[right])
        return self._write(Step(operation, left, right), value)

    def require(self, step: int) -> bool:
        """Whether a step is 1 here, which becomes a condition of the record."""
        if not self.is_constant(step):
            self.conditions[step] = self.values[step]
        return bool(self.values[step])

    def _simpler(self, operation: str, left: int, right: int, constant: int | None) -> int | None:
        if left == right:
            return self._with_itself(operation, left)
        if constant is None:
            return None
        if (operation, constant) in _NEUTRAL:
            return left
        if operation == "multiply" and constant == 0:
            return right
        if operation == "subtract":
            return self.apply("add", left, self.constant(-constant))
        before = self.steps[left]
        joins = operation == before.operation and operation in ("add", "multiply")
        if not joins or not self.is_constant(before.right):
            return None
        both = OPERATIONS[operation](constant, self.values[before.right])
        return self.apply(operation, before.left, self.constant(both))

    def _with_itself(self, operation: str, step: int) -> int | None:
        if operation in ("minimum", "maximum"):
            return step
        if operation in ("equal", "less_equal"):
            return self.one
        return self.constant(0) if operation in ("subtract", "less") else None

    def _write(self, step: Step, value: int) -> int:
        known = self._known.get(step)
        if known is None:
            known = self._known[step] = len(self.steps)
            self.steps.append(step)
            self.values.append(value)
        return known


_NEUTRAL = {("add", 0), ("multiply", 1), ("floor_divide", 1)}
