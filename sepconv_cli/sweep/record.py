"""One run of the program on one point, written down so that it holds for many others."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.language.expression import Expression
from sepconv_cli.language.model import RuleChoice, Spec
from sepconv_cli.language.numbers import ExpressionError
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.options import Options
from sepconv_cli.sweep.grid import BLOCK, Axis, Block, Grid
from sepconv_cli.sweep.many import Many
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.regroup import Regroup, axes_of
from sepconv_cli.sweep.replay import Array, Program, bounds
from sepconv_cli.sweep.tape import Tape

SELECTED = "selected"
OVER = "over "
"""Before the name of a ratio: its denominator."""


class Question(msgspec.Struct, frozen=True):
    """What is asked of every point: the variants of a spec with their options, the metrics that
    are wanted, and the filter."""

    spec: Spec
    variants: Mapping[str, Options]
    rules: tuple[RuleChoice, ...]
    metrics: Metrics
    wanted: tuple[str, ...]
    where: Expression | None = None

    def ask(self, variant: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The answers at a point: numbers, or recorded ones. Raises SpecError.

        `selected` is whether the filter holds.
        """
        options = self.variants[variant]
        (case,) = cases(self.spec, [settings], [variant], options, self.rules)
        names = self.wanted
        if self.where is not None:
            read = [self.metrics.name(name) for name in self.where.names]
            names = tuple(dict.fromkeys([*names, *(name for name in read if name)]))
        answers = self.metrics.of(case, names)
        found = {name: answers[name] for name in self.wanted}
        if self.where is not None:
            found[SELECTED] = self._selected(self.where, {**settings, **answers})
        return found

    def _selected(self, where: Expression, names: dict[str, Any]) -> Any:
        for asked in where.names:
            name = self.metrics.name(asked)
            if name is not None:
                names[asked] = names[name]
            if asked in names and names[asked] is None:
                return False
        try:
            return where.run(names)
        except ExpressionError as error:
            raise UsageError(f"--where: {error.message}", error.hint) from error


class Record:
    """A run on a point: the steps behind each answer, or the problems, and for which points
    it holds.

    Conditions on one axis are worked out along that axis (`masks`, None where all of its values
    fit); the others are left to each block.
    """

    def __init__(self, question: Question, grid: Grid, variant: str, point: int) -> None:
        self.grid, self.point = grid, point
        self.tape = Tape()
        self.problems: tuple[Problem, ...] = ()
        self.steps: dict[str, int | None] = {}
        try:
            self._answered(question.ask(variant, self._settings()))
        except UsageError:
            raise
        except SpecError as error:
            self.problems = error.problems
        self.masks: list[Array | None] = [None] * len(grid.axes)
        joint = self._sorted_conditions()
        self.joint = list(joint)
        self._expected = list(joint.values())
        self._conditions = Program(self.tape, self.joint) if joint else None
        self.names = [name for name, step in self.steps.items() if step is not None]
        regroup = Regroup(self.tape)
        wanted = [regroup.step(step) for step in self.steps.values() if step is not None]
        self._answers = Program(self.tape, [*wanted, *self.joint])

    def indices(self, block: Block) -> list[Array] | None:
        """The indices of a block's box that the record is for; None where there are none."""
        found = []
        for (start, stop), mask in zip(block.ranges, self.masks, strict=True):
            if mask is None:
                found.append(np.arange(start, stop))
                continue
            inside = np.flatnonzero(mask[start:stop]) + start
            if not len(inside):
                return None
            found.append(inside)
        return found

    def holds(self, block: Block, indices: Sequence[Array]) -> Array | None:
        """For which points of that box the record holds; None for all of them."""
        if self._conditions is None:
            return None
        found = self._conditions.run(self.grid, block, indices)
        return self._together(found)

    def answers(
        self, block: Block, indices: Sequence[Array]
    ) -> tuple[dict[str, Array | None], Array | None]:
        """Every answer on that box as an array that broadcasts, and where the record holds."""
        found = self._answers.run(self.grid, block, indices)
        values: dict[str, Array | None] = dict.fromkeys(self.steps)
        values.update(zip(self.names, found, strict=False))
        return values, self._together(found[len(self.names) :])

    def largest(self, name: str) -> int:
        """A number that no absolute value of an answer exceeds on the whole grid."""
        step = self.steps.get(name)
        if step is None:
            return 0
        needed = Program(self.tape, [step]).needed
        least, most = bounds(self.tape, self.grid, self.grid.whole(), needed)
        return max(abs(least[step]), abs(most[step]))

    def _together(self, found: Sequence[Array]) -> Array | None:
        holding: Array | None = None
        for values, expected in zip(found, self._expected, strict=True):
            fits = np.equal(values, expected)
            holding = fits if holding is None else holding & fits
        return holding

    def _settings(self) -> dict[str, Any]:
        indices = self.grid.indices(self.point)
        axes = zip(self.grid.axes, indices, strict=True)
        return {axis.name: self._value(at, axis, index) for at, (axis, index) in enumerate(axes)}

    def _value(self, at: int, axis: Axis, index: int) -> Any:
        tape = self.tape
        step = tape.axis(at, axis.numerator(index))
        if axis.truths:
            tape.require(tape.apply("equal", step, tape.constant(axis.numerator(index))))
            return axis.value(index)
        return Many.of(tape, step, tape.constant(axis.denominator))

    def _answered(self, answers: Mapping[str, Any]) -> None:
        for name, answer in answers.items():
            if answer is None:
                self.steps[name] = None
                continue
            if isinstance(answer, Many):
                above, below = answer.step, answer.below_it
            else:
                above, below = map(self.tape.constant, (answer.numerator, answer.denominator))
            self.steps[name] = above
            if below != self.tape.one:
                self.steps[OVER + name] = below

    def _sorted_conditions(self) -> dict[int, int]:
        """Conditions that always hold are dropped, those on one axis become masks; the rest."""
        tape, whole = self.tape, self.grid.whole()
        needed = Program(tape, list(tape.conditions)).needed
        least, most = bounds(tape, self.grid, whole, needed)
        open_ones = {
            step: expected
            for step, expected in tape.conditions.items()
            if least[step] != most[step]
        }
        on_axes = axes_of(tape, needed, {})
        for axis in range(len(self.grid.axes)):
            own = [step for step in open_ones if on_axes[step] == 1 << axis]
            if own:
                self.masks[axis] = self._mask(axis, own)
        return {
            step: expected
            for step, expected in open_ones.items()
            if on_axes[step] & (on_axes[step] - 1)
        }

    def _mask(self, axis: int, conditions: Sequence[int]) -> Array | None:
        """Which values of an axis fit conditions on it alone."""
        program = Program(self.tape, conditions)
        size = self.grid.axes[axis].size
        mask = np.ones(size, dtype=bool)
        points = self.grid.indices(self.point)
        here = [np.array([index]) for index in points]
        for start in range(0, size, BLOCK):
            stop = min(start + BLOCK, size)
            ranges = [(index, index + 1) for index in points]
            ranges[axis] = (start, stop)
            indices = [*here]
            indices[axis] = np.arange(start, stop)
            found = program.run(self.grid, Block(tuple(ranges), 0), indices)
            for step, values in zip(conditions, found, strict=True):
                mask[start:stop] &= np.equal(values, self.tape.conditions[step]).ravel()
        return None if mask.all() else mask
