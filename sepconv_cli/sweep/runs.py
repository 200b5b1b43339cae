"""Runs of the program on the points of a block, until each point has its answer."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

import numpy as np

from sepconv_cli.arithmetic import Varying
from sepconv_cli.errors import SpecError, UsageError
from sepconv_cli.sweep.box import Box, Narrowed
from sepconv_cli.sweep.exact import Exact
from sepconv_cli.sweep.grid import Grid, GridBlock
from sepconv_cli.sweep.reasons import Said
from sepconv_cli.sweep.values import Array

Places = Any
"""The indices of points in their block, or a slice for all of them."""


class Asks(Protocol):
    """What a run needs of a question."""

    def ask(self, variant: str, settings: Mapping[str, Any], /) -> Mapping[str, Any]:
        """The answers, some of them varying where the settings vary. Raises SpecError."""


class Found(NamedTuple):
    """What came out at some points of a block: answers, or what is wrong there.

    `values` are arrays over the points, None for what isn't counted. `first` is the number of
    the first point in the grid, `structure` tells the roads through the program apart.
    """

    places: Places
    first: int
    values: dict[str, Array | None]
    said: Said | None
    structure: int


def runs(question: Asks, grid: Grid, variant: str, block: GridBlock) -> Iterator[Found]:
    """Runs that have every point of a block between them."""
    indices = [np.arange(*ends) for ends in block.ranges]
    missing = np.ones(block.shape, dtype=bool)
    box = Box(grid, indices)
    while True:
        try:
            run = _run(question, variant, box, block)
        except Narrowed as narrowed:
            box.release()
            box = narrowed.box
            continue
        box.release()
        yield run
        missing.reshape(-1)[run.places] = False
        if not missing.any():
            return
        box = Box.of(grid, indices, missing)


def _run(question: Asks, variant: str, box: Box, block: GridBlock) -> Found:
    """One run on a box, from whose points some may drop out."""
    said, values = None, {}
    try:
        answers = question.ask(variant, _settings(box))
        values = {name: _array(box, answer) for name, answer in answers.items()}
    except UsageError:
        # The same once more, said of a single point.
        question.ask(variant, box.grid.settings(box.first))
        raise
    except SpecError as error:
        said = Said.of(error.problems[0].message, box)
    return Found(box.places(block), box.first, values, said, hash(tuple(box.decisions)))


def _settings(box: Box) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for at, axis in enumerate(box.grid.axes):
        terms = box.axis(at)
        if axis.truths:
            found[axis.name] = not box.is_zero(terms)
        else:
            found[axis.name] = Exact(box, terms) * Fraction(1, axis.denominator)
    return found


def _array(box: Box, answer: Any) -> Array | None:
    """An answer at the active points: one for each of them, or a single one for all."""
    if answer is None:
        return None
    if isinstance(answer, Varying):
        return box.chosen(answer.array())  # type: ignore[attr-defined]
    if isinstance(answer, int) and abs(answer) >= 2**63:
        return np.full(1, answer, dtype=object)
    return np.full(1, float(answer) if isinstance(answer, Fraction) else answer)
