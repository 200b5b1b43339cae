"""Every point of a sweep, and the same points by the program as it is, one after the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sepconv_cli import SpecError, UsageError, loads
from sepconv_cli.conventions import convention
from sepconv_cli.errors import Problem
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.choose import variant_options
from sepconv_cli.sweep.evaluate import Answers, Sweep
from sepconv_cli.sweep.grid import read_grid
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.question import SELECTED, Question
from sepconv_cli.sweep.where import read_where

ALL = (
    "parameters",
    "macs",
    "activations",
    "peak_activation_bytes",
    "parameters_ratio",
    "macs_ratio",
)

Point = dict[str, Any] | str
"""The answers at a point; or why it is invalid."""


class Asked:
    """A formula of the swept parameters in the place of a question."""

    def __init__(self, formula: Callable[[Mapping[str, Any]], Any]) -> None:
        self._formula = formula

    def ask(self, variant: str, names: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"value": self._formula(names)}
        except ZeroDivisionError:
            raise SpecError([Problem("division by zero")]) from None


def swept(
    spec: Spec | str,
    settings: Sequence[str],
    variants: Sequence[str] = (),
    wanted: Sequence[str] = ALL,
    where: str | None = None,
    counting: str = "macs",
) -> Sweep:
    spec = loads(spec) if isinstance(spec, str) else spec
    grid = read_grid(settings)
    metrics = Metrics(convention(counting), 4)
    names = [axis.name for axis in grid.axes]
    filtered = read_where(where, metrics, names) if where else None
    chosen = variant_options(spec, variants, {})
    return Sweep(Question(spec, chosen, (), metrics, tuple(wanted), filtered), grid)


def by_numpy(sweep: Sweep) -> dict[str, list[Point]]:
    """The answers of each variant at every point."""
    found: dict[str, list[Point]] = {variant: [] for variant in sweep.question.variants}
    for block in sweep.blocks():
        for answers in block:
            messages = _messages(answers)
            for index in range(answers.block.size):
                if index in messages:
                    assert answers.reasons is not None
                    assert answers.reasons[index] >= 0
                    found[answers.variant].append(messages[index])
                    continue
                point = {
                    name: None if array is None else array[index : index + 1].tolist()[0]
                    for name, array in answers.values.items()
                }
                if answers.selected is not None:
                    point[SELECTED] = bool(answers.selected[index])
                found[answers.variant].append(point)
    return found


def _messages(answers: Answers) -> dict[int, str]:
    """Why points are invalid, by their index in the block."""
    found: dict[int, str] = {}
    for places, said in answers.said:
        indices = np.arange(answers.block.size)[places].tolist()
        found.update(zip(indices, said.messages(len(indices)), strict=True))
    return found


def one_by_one(sweep: Sweep) -> dict[str, list[Point]]:
    """The same without numpy."""
    return {
        variant: [_ask(sweep, variant, point) for point in range(sweep.grid.size)]
        for variant in sweep.question.variants
    }


def valid(point: Point) -> dict[str, Any]:
    """The answers at a point that has some."""
    assert isinstance(point, dict), point
    return point


def _ask(sweep: Sweep, variant: str, point: int) -> Point:
    try:
        answers = sweep.question.ask(variant, sweep.grid.settings(point))
    except UsageError:
        raise
    except SpecError as error:
        return error.problems[0].message
    return {
        name: float(value) if name.endswith("_ratio") and value is not None else value
        for name, value in answers.items()
    }
