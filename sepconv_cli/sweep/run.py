"""A whole sweep: every block once, past everything that wants to see it."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from sepconv_cli.files.writer import RowWriter
from sepconv_cli.sweep.check import Check
from sepconv_cli.sweep.evaluate import Answers, Sweep
from sepconv_cli.sweep.goals import Goal, Points
from sepconv_cli.sweep.grid import Grid
from sepconv_cli.sweep.question import Question
from sepconv_cli.sweep.select import First, Pareto, Selection, Top, chosen
from sepconv_cli.sweep.series import Series
from sepconv_cli.sweep.table import block_columns, columns_of, kept, point_columns
from sepconv_cli.sweep.values import is_missing


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with the points: which to look for, where to write them, what to plot.

    `top` is how many are wanted, None where none were asked for; `by` is what they are ordered
    by. `plot` is the number that is plotted, along `axis`. `most` is how many points that merely
    fit are kept to be shown.
    """

    pareto: tuple[Goal, ...] = ()
    top: int | None = None
    by: Goal
    output: Path | None = None
    plot: str | None = None
    axis: str | None = None
    most: int = 20

    @property
    def searches(self) -> bool:
        """Whether single points are looked for."""
        return bool(self.pareto) or self.top is not None


class Seen(msgspec.Struct, eq=False):
    """What was seen of one variant: how many points, how many of them chosen, invalid for which
    reason, and between which values each number lies."""

    points: int = 0
    chosen: int = 0
    reasons: Counter[int] = msgspec.field(default_factory=Counter)
    ranges: dict[str, tuple[Any, Any]] = msgspec.field(default_factory=dict)

    def add(self, answers: Answers) -> None:
        """Look at a block."""
        size = answers.block.size
        which = answers.chosen
        self.points += size
        self.chosen += size if which is None else int(np.count_nonzero(which))
        if answers.reasons is not None:
            for reason, count in enumerate(np.bincount(answers.reasons + 1)[1:].tolist()):
                if count:
                    self.reasons[reason] += count
        for name, values in answers.values.items():
            self._widen(name, values, which)

    def _widen(self, name: str, values: Any, which: Any) -> None:
        if values is not None and which is not None:
            values = values[which]
        if values is not None and values.dtype == object:
            values = values[~is_missing(values)]
        if values is None or not len(values):
            return
        low, high = values.min(), values.max()
        known = self.ranges.get(name, (low, high))
        self.ranges[name] = (min(known[0], low), max(known[1], high))


class SweepOutcome(msgspec.Struct, frozen=True, eq=False):
    """What came out of a sweep. `shown` are the points to be listed, of `found` that fit."""

    sweep: Sweep
    plan: Plan
    seen: dict[str, Seen]
    shown: Points | None
    found: int
    checked: int
    seconds: float
    series: Series | None


class Widened(Exception):
    """A number is larger than the column that was meant for it."""


class _Look:
    """All that looks at the blocks as they come by."""

    def __init__(self, sweep: Sweep, plan: Plan) -> None:
        self.sweep, self.plan = sweep, plan
        self.seen = {variant: Seen() for variant in sweep.question.variants}
        self.check = Check(sweep)
        self.selection = _selection(plan, sweep.grid)
        self.series = Series(sweep, plan.plot, plan.axis) if plan.plot else None

    def blocks(self) -> Iterator[list[Answers]]:
        """Every block, when it has been looked at. Raises SpecError where no point is valid."""
        for block in self.sweep.blocks():
            self.check.add(block)
            for number, answers in enumerate(block):
                self._add(number, answers)
            yield block
        if all(seen.points == sum(seen.reasons.values()) for seen in self.seen.values()):
            # A spec that can't be built anywhere is a bad spec, and not an empty grid.
            reason = self.sweep.reasons[0]
            self.sweep.question.ask(reason.variant, self.sweep.grid.settings(reason.point))

    def _add(self, number: int, answers: Answers) -> None:
        self.seen[answers.variant].add(answers)
        if self.selection.wants_more:
            self.selection.add(chosen(answers, number))
        if self.series is not None:
            self.series.add(answers, number)


def run_sweep(question: Question, grid: Grid, plan: Plan) -> SweepOutcome:
    """Work out all points, look for some, write and plot them.

    Raises SpecError where no point at all is valid, UsageError where a file can't be written,
    and Mismatch where a sample of the points differs from the program.
    """
    start = time.perf_counter()
    sweep = Sweep(question, grid)
    look = _Look(sweep, plan)
    if plan.output is not None and not plan.searches:
        while not _written(look, plan.output):
            look = _Look(sweep, plan)
    else:
        for _ in look.blocks():
            pass
    shown = look.selection.points
    found = _count(look.seen, plan, shown)
    if plan.pareto and plan.top is not None and shown is not None:
        last = Top(grid, plan.by, plan.top)
        last.add(shown)
        shown = last.points
    if plan.output is not None and plan.searches:
        fields = columns_of(sweep)
        with RowWriter(plan.output, fields, _about(question)) as writer:
            if shown is not None:
                writer.add(point_columns(sweep, fields, shown))
    seconds = time.perf_counter() - start
    return SweepOutcome(
        sweep, plan, look.seen, shown, found, look.check.count, seconds, look.series
    )


def _written(look: _Look, output: Path) -> bool:
    """Write all points that fit; False where a number turned out too large for its column."""
    sweep = look.sweep
    fields = columns_of(sweep)
    with suppress(Widened), RowWriter(output, fields, _about(sweep.question)) as writer:
        for block in look.blocks():
            if columns_of(sweep) != fields:
                raise Widened
            rows = block_columns(sweep, fields, block)
            writer.add(kept(rows, _selected_rows(sweep.question, block)))
        return True
    return False


def _selection(plan: Plan, grid: Grid) -> Selection:
    if plan.pareto:
        return Pareto(grid, plan.pareto)
    return First(plan.most) if plan.top is None else Top(grid, plan.by, plan.top)


def _count(seen: dict[str, Seen], plan: Plan, shown: Points | None) -> int:
    if plan.pareto:
        return 0 if shown is None else shown.size
    return sum(each.chosen for each in seen.values())


def _selected_rows(question: Question, block: Sequence[Answers]) -> Any:
    """With a filter the rows that fit; without, all of them, the invalid ones too."""
    if question.where is None:
        return None
    size = block[0].block.size
    parts = [np.ones(size, bool) if a.chosen is None else a.chosen for a in block]
    return np.stack(parts, axis=1).ravel()


def _about(question: Question) -> dict[str, str]:
    return {
        "network": question.spec.name,
        "convention": question.metrics.convention.name,
        "unit": question.metrics.convention.unit,
        "dtype_bytes": str(question.metrics.bytes_each),
        **{f"device_{at}": one.words for at, one in enumerate(question.metrics.devices, start=1)},
    }
