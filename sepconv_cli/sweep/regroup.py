"""Sums of products written another way, so that less is done for every single point.

A cost is a sum over layers of products, such as channels times positions. What depends on the
same axes is brought together: with width and resolution swept, the layers of one resolution
are added up for each width first, and only their sum is multiplied. The numbers stay the same,
since these are integers, and nothing is divided.
"""

from collections.abc import Iterable, Mapping, Sequence

from sepconv_cli.sweep.tape import AXIS, CONSTANT, Tape

Factors = tuple[int, ...]
"""Steps that are multiplied, in order."""

Terms = dict[Factors, int]
"""A sum: for each product how often it is in it."""


class Regroup:
    """Writes better steps for the same numbers to a tape."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._terms: dict[int, Terms] = {}
        self._axes: dict[int, int] = {}

    def step(self, step: int) -> int:
        """A step that has the same value at every point where both are defined."""
        operation, left, right = self._tape.steps[step]
        if operation == "multiply" and self._tape.is_constant(right):
            # So many bytes for each: the sum itself has been worked out, or will be.
            return self._tape.apply("multiply", self.step(left), right)
        if self._tape.is_constant(step):
            return step
        found = self._sum(self._expanded(step))
        if self._tape.values[found] != self._tape.values[step]:
            raise ArithmeticError("a sum was regrouped wrongly")
        return found

    def _expanded(self, step: int) -> Terms:
        """A step as a sum of products. A sum that is itself multiplied counts as one factor."""
        todo = [step]
        while todo:
            at = todo[-1]
            operation, left, right = self._tape.steps[at]
            sums = operation in ("add", "subtract", "multiply")
            missing = [each for each in (left, right) if sums and each not in self._terms]
            if at in self._terms or not missing:
                self._terms.setdefault(at, self._combined(at))
                todo.pop()
            else:
                todo += missing
        return self._terms[step]

    def _combined(self, at: int) -> Terms:
        operation, left, right = self._tape.steps[at]
        if operation == CONSTANT:
            return {(): left} if left else {}
        if operation in ("add", "subtract"):
            sign = 1 if operation == "add" else -1
            return _added(self._terms[left], self._terms[right], sign)
        if operation == "multiply":
            (a, m), (b, n) = self._single(left), self._single(right)
            return {tuple(sorted((*a, *b))): m * n}
        return {(at,): 1}

    def _single(self, step: int) -> tuple[Factors, int]:
        """A step as one product with its coefficient."""
        terms = self._terms[step]
        if len(terms) == 1:
            return next(iter(terms.items()))
        return ((step,), 1)

    def _sum(self, terms: Mapping[Factors, int]) -> int:
        """The step that is a sum of products, those of the same axes worked out first."""
        parts = {self._axes_of(factor) for factors in terms for factor in factors}
        if len(parts) < 2:
            return self._plain_sum(terms)
        groups = min(
            (self._grouped(terms, part) for part in sorted(parts)), key=lambda found: len(found)
        )
        total = self._tape.constant(0)
        for factors, rest in groups.items():
            inner = self._sum(rest) if len(groups) > 1 or factors else self._plain_sum(rest)
            product = self._tape.apply("multiply", inner, self._product(factors))
            total = self._tape.apply("add", total, product)
        return total

    def _grouped(self, terms: Mapping[Factors, int], part: int) -> dict[Factors, Terms]:
        """The terms by their factors on these axes, and what is left of them then."""
        found: dict[Factors, Terms] = {}
        for factors, times in terms.items():
            own = tuple(factor for factor in factors if self._axes_of(factor) == part)
            rest = tuple(factor for factor in factors if self._axes_of(factor) != part)
            group = found.setdefault(own, {})
            group[rest] = group.get(rest, 0) + times
        return found

    def _plain_sum(self, terms: Mapping[Factors, int]) -> int:
        apply, constant = self._tape.apply, self._tape.constant
        total = constant(0)
        for factors, times in terms.items():
            product = apply("multiply", self._product(factors), constant(times))
            total = apply("add", total, product)
        return total

    def _product(self, factors: Sequence[int]) -> int:
        """The product, what depends on the same axes first."""
        total = self._tape.one
        for factor in sorted(factors, key=lambda each: (self._axes_of(each), each)):
            total = self._tape.apply("multiply", total, factor)
        return total

    def _axes_of(self, step: int) -> int:
        """A bit for every axis that a step depends on."""
        return axes_of(self._tape, [step], self._axes)[step]


def _added(left: Terms, right: Terms, sign: int) -> Terms:
    total = dict(left)
    for factors, times in right.items():
        total[factors] = total.get(factors, 0) + sign * times
    return {factors: times for factors, times in total.items() if times}


def axes_of(tape: Tape, wanted: Iterable[int], known: dict[int, int]) -> dict[int, int]:
    """For each step, and those it hangs on, a bit for every axis; added to what is known."""
    todo = [step for step in wanted if step not in known]
    while todo:
        at = todo[-1]
        operation, left, right = tape.steps[at]
        if operation in (CONSTANT, AXIS):
            known[at] = 0 if operation == CONSTANT else 1 << left
        elif left in known and right in known:
            known[at] = known[left] | known[right]
        else:
            todo += [each for each in (left, right) if each not in known]
            continue
        todo.pop()
    return known
