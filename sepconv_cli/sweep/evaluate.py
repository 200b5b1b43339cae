"""The points of a grid, block by block: one record for each road through the program.

First the roads are found: a record is made at a point that no earlier one holds for, until
every point has one. Then each block is worked out by the records that hold in it.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from sepconv_cli.errors import Problem, UsageError
from sepconv_cli.sweep.grid import Block, Grid
from sepconv_cli.sweep.record import OVER, SELECTED, Question, Record
from sepconv_cli.sweep.replay import Array, is_missing

MAX_RECORDS = 2_000


class Answers(msgspec.Struct, frozen=True, eq=False):
    """What comes out for one variant at the points of a block, in their order.

    `values` are whole numbers, floats for ratios, and None where the convention counts nothing
    at any of them; an array of objects has None where it counts nothing. `reasons` says for
    each point why it is invalid, as an index into `Sweep.problems`, and -1 where it is valid;
    None means that all are. `selected` is where the filter holds, None for all that are valid.
    """

    variant: str
    block: Block
    values: dict[str, Array | None]
    reasons: Array | None
    selected: Array | None

    @property
    def chosen(self) -> Array | None:
        """The points that are valid and selected; None for all of them."""
        valid = None if self.reasons is None else self.reasons < 0
        if valid is None or self.selected is None:
            return self.selected if valid is None else valid
        return valid & self.selected


class Sweep:
    """A question that is asked of all points of a grid."""

    def __init__(self, question: Question, grid: Grid) -> None:
        self.question, self.grid = question, grid
        self.problems: list[tuple[Problem, ...]] = []
        self.examples: list[int] = []
        self.records = {variant: self._find(variant) for variant in question.variants}

    def blocks(self) -> Iterator[list[Answers]]:
        """The answers of every variant on each block, in the order of the points."""
        for block in self.grid.blocks():
            yield [self.on(variant, block) for variant in self.question.variants]

    def on(self, variant: str, block: Block) -> Answers:
        """The answers of one variant on a block."""
        filling = _Filling(self, block)
        for number, record in self.records[variant]:
            if filling.add(number, record):
                break
        return filling.answers(variant)

    def largest(self, name: str) -> int:
        """A number that no absolute value of a metric exceeds on this grid."""
        records = [record for found in self.records.values() for _, record in found]
        return max((record.largest(name) for record in records), default=0)

    def _find(self, variant: str) -> list[tuple[int, Record]]:
        """Records that hold for every point, each with its index in `problems` or -1."""
        found: list[tuple[int, Record]] = []
        for block in self.grid.blocks():
            missing = np.ones(block.shape, dtype=bool)
            for _, record in found:
                _cover(record, block, missing)
                if not missing.any():
                    break
            while missing.any():
                self._refuse_more(len(found))
                point = block.first + int(missing.ravel().argmax())
                record = Record(self.question, self.grid, variant, point)
                found.append((self._reason(record), record))
                before = np.count_nonzero(missing)
                _cover(record, block, missing)
                if np.count_nonzero(missing) == before:
                    raise RuntimeError(f"the record at {self.grid.settings(point)} isn't for it")
        return found

    def _refuse_more(self, found: int) -> None:
        if found >= MAX_RECORDS:
            raise UsageError(
                f"the network has more than {MAX_RECORDS:,} different structures on this grid",
                "vary fewer values of what decides about layers, repeats and kernels",
            )

    def _reason(self, record: Record) -> int:
        if not record.problems:
            return -1
        self.problems.append(record.problems)
        self.examples.append(record.point)
        return len(self.problems) - 1


def _cover(record: Record, block: Block, missing: Array) -> None:
    """Take away from what is missing the points that a record holds for."""
    indices = record.indices(block)
    if indices is None:
        return
    box = _box(block, indices)
    holds = record.holds(block, indices)
    missing[box] = False if holds is None else missing[box] & ~holds


def _box(block: Block, indices: list[Array]) -> Any:
    return np.ix_(*[at - start for at, (start, _) in zip(indices, block.ranges, strict=True)])


class _Filling:
    """A block that is filled record by record."""

    def __init__(self, sweep: Sweep, block: Block) -> None:
        self.sweep, self.block = sweep, block
        self.reasons: Array | None = None
        self.values: dict[str, Array | None] = {}
        self.missing: Array | None = None

    def add(self, reason: int, record: Record) -> bool:
        """Write down what a record says of its points; whether nothing is missing then."""
        indices = record.indices(self.block)
        if indices is None:
            return False
        values, holds = record.answers(self.block, indices)
        whole = all(len(at) == n for at, n in zip(indices, self.block.shape, strict=True))
        if whole and (holds is None or holds.all()) and self.missing is None:
            self._whole(reason, values)
            return True
        self._part(reason, values, indices, holds)
        return not self.missing.any()  # type: ignore[union-attr]

    def answers(self, variant: str) -> Answers:
        """The filled block."""
        if self.missing is not None and self.missing.any():
            raise RuntimeError(f"points without an answer in {self.block}")
        # Where every point is invalid, no record said anything of the metrics.
        values = dict.fromkeys(self.sweep.question.wanted) | self.values
        selected = values.pop(SELECTED, None)
        for name in [name for name in values if name.startswith(OVER)]:
            below, above = values.pop(name), values[name.removeprefix(OVER)]
            values[name.removeprefix(OVER)] = _quotient(above, below)
        return Answers(
            variant,
            self.block,
            {name: None if array is None else array.ravel() for name, array in values.items()},
            None if self.reasons is None else self.reasons.ravel(),
            None if selected is None else selected.ravel() != 0,
        )

    def _whole(self, reason: int, values: dict[str, Array | None]) -> None:
        shape = self.block.shape
        names = self._names(values)
        self.values = {
            name: None if (array := values.get(name)) is None else np.broadcast_to(array, shape)
            for name in names
        }
        if reason >= 0:
            self.reasons = np.full(shape, reason, dtype=np.int32)

    def _part(
        self,
        reason: int,
        values: dict[str, Array | None],
        indices: list[Array],
        holds: Array | None,
    ) -> None:
        if self.missing is None:
            self.missing = np.ones(self.block.shape, dtype=bool)
            self.reasons = np.full(self.block.shape, -1, dtype=np.int32)
        box = _box(self.block, indices)
        inside = np.zeros(self.block.shape, dtype=bool)
        inside[box] = True if holds is None else holds
        inside &= self.missing
        self.missing &= ~inside
        assert self.reasons is not None
        self.reasons[inside] = reason
        if reason >= 0:
            return
        for name in self._names(values):
            found = values.get(name)
            into = self._column(name, found, inside)
            if found is None:
                into[inside] = None
            else:
                spread = np.broadcast_to(found, tuple(map(len, indices)))
                into[box] = np.where(inside[box], spread, into[box])

    def _names(self, values: dict[str, Array | None]) -> list[str]:
        """The wanted names, where any record so far says something of them."""
        asked = [*self.sweep.question.wanted]
        if self.sweep.question.where is not None:
            asked.append(SELECTED)
        over = [name for name in values if name.startswith(OVER)]
        return [*asked, *over]

    def _column(self, name: str, found: Array | None, inside: Array) -> Array:
        """The array that a metric is filled into: of 64 bits while all of its parts are.

        What isn't counted is None, be it `inside` the part that is filled now or still to come.
        """
        old = self.values.get(name)
        counted = found is not None and found.dtype != object
        if old is None:
            blank = 1 if name.startswith(OVER) else 0
            new = np.full(self.block.shape, blank, dtype=np.int64 if counted else object)
            if not counted:
                new[...] = None
            old = self.values[name] = new
        if old.dtype != object and not counted:
            old = self.values[name] = old.astype(object)
            old[self.missing | inside] = None
        return old


def _quotient(above: Array | None, below: Array | None) -> Array | None:
    if above is None or below is None:
        return None
    if object not in (above.dtype, below.dtype):
        return np.asarray(above / below, dtype=np.float64)
    known = ~(is_missing(above) | is_missing(below))
    quotients = np.full(above.shape, None, dtype=object)
    quotients[known] = np.asarray(above[known] / below[known], dtype=np.float64)
    return quotients
