"""The points of a grid, block by block: the program runs once for each structure in a block."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np

from sepconv_cli.errors import UsageError
from sepconv_cli.sweep.grid import Grid, GridBlock
from sepconv_cli.sweep.question import SELECTED, Question
from sepconv_cli.sweep.reasons import Reason, Said
from sepconv_cli.sweep.runs import Found, Places, runs
from sepconv_cli.sweep.values import Array, is_missing

MAX_STRUCTURES = 2_000


class Answers(msgspec.Struct, frozen=True, eq=False):
    """What comes out for one variant at the points of a block, in their order.

    `values` are whole numbers, floats for ratios, and None where the convention counts nothing
    at any of them; an array of objects has None where it counts nothing. `reasons` says for
    each point why it is invalid, as an index into `Sweep.reasons`, and -1 where it is valid;
    None means that all are. `said` are the messages behind that, each with its points.
    `selected` is where the filter holds, None for all that are valid.
    """

    variant: str
    block: GridBlock
    values: dict[str, Array | None]
    reasons: Array | None
    said: tuple[tuple[Places, Said], ...]
    selected: Array | None

    @property
    def chosen(self) -> Array | None:
        """The points that are valid and selected; None for all of them."""
        valid = None if self.reasons is None else self.reasons < 0
        if valid is None or self.selected is None:
            return self.selected if valid is None else valid
        return valid & self.selected


class Sweep:
    """A question that is asked of all points of a grid.

    What it says of them grows with the blocks: `reasons` why points are invalid, `structures`,
    the roads through the program that each variant took, and `floats`, which metrics have any.
    """

    def __init__(self, question: Question, grid: Grid) -> None:
        self.question, self.grid = question, grid
        self.reasons: list[Reason] = []
        self.structures: dict[str, set[int]] = {variant: set() for variant in question.variants}
        self._numbers: dict[tuple[str, ...], int] = {}
        self.floats: set[str] = set()
        self._most: dict[str, int] = {}

    def blocks(self) -> Iterator[list[Answers]]:
        """The answers of every variant on each block, in the order of the points."""
        for block in self.grid.blocks():
            yield [self.on(variant, block) for variant in self.question.variants]

    def on(self, variant: str, block: GridBlock) -> Answers:
        """The answers of one variant on a block."""
        found = []
        for run in runs(self.question, self.grid, variant, block):
            self._refuse_more(variant, run)
            found.append(run)
        asked = list(self.question.wanted)
        if self.question.where is not None:
            asked.append(SELECTED)
        values = {name: _column(name, found, block) for name in asked}
        selected = values.pop(SELECTED, None)
        self.see(values)
        return Answers(
            variant,
            block,
            values,
            self._reasons(variant, found, block),
            tuple((run.places, run.said) for run in found if run.said is not None),
            None if selected is None else selected != 0,
        )

    def see(self, answers: Mapping[str, Any]) -> None:
        """Take note of which metrics are floats, and how large others are beyond 64 bits."""
        for name, values in answers.items():
            array = np.asarray(float(values) if isinstance(values, Fraction) else values)
            if array.dtype == object:
                known = array[~is_missing(array)].tolist()
                self._most[name] = max(self.largest(name), *map(abs, known), 0)
                array = np.asarray(known[:1])
            if array.size and array.dtype == np.float64:
                self.floats.add(name)

    def largest(self, name: str) -> int:
        """The largest absolute value of a metric so far, where it is beyond 64 bits; else 0."""
        return self._most.get(name, 0)

    def _refuse_more(self, variant: str, run: Found) -> None:
        found = self.structures[variant]
        found.add(run.structure)
        if len(found) > MAX_STRUCTURES:
            raise UsageError(
                f"the network has more than {MAX_STRUCTURES:,} different structures on this grid",
                "vary fewer values of what decides about layers, repeats and kernels",
            )

    def _reasons(self, variant: str, found: list[Found], block: GridBlock) -> Array | None:
        if all(run.said is None for run in found):
            return None
        reasons = np.full(block.size, -1, dtype=np.int32)
        for run in found:
            if run.said is not None:
                reasons[run.places] = self._number(variant, run)
        return reasons

    def _number(self, variant: str, run: Found) -> int:
        """The index of a run's reason in `reasons`."""
        said = run.said
        assert said is not None
        number = self._numbers.setdefault(said.texts, len(self.reasons))
        if number == len(self.reasons):
            self.reasons.append(Reason(said, variant, run.first))
        self.reasons[number].add(said, variant, run.first)
        return number


def _column(name: str, found: list[Found], block: GridBlock) -> Array | None:
    """An answer at every point of a block: None where no run counts it."""
    parts = [(run.places, run.values.get(name)) for run in found if run.said is None]
    arrays = [array for _, array in parts if array is not None]
    if not arrays:
        return None
    if len(arrays) == len(found) == 1:
        return np.broadcast_to(arrays[0], block.size)
    has_gaps = len(arrays) < len(parts)
    blank = np.zeros(1, dtype=np.int64) if not has_gaps else np.full(1, None)
    column = np.full(block.size, blank, dtype=np.result_type(blank, *arrays))
    for places, array in parts:
        if array is not None:
            column[places] = array
    return column
