"""Lines for a plot, gathered from the blocks: the least and the most of a number along an axis.

Where other parameters are varied too, each of their combinations is a line of its own, up to a
handful of them; more than that are drawn together, as a band.
"""

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np

from sepconv_cli.errors import UsageError, did_you_mean, show
from sepconv_cli.sweep.evaluate import Answers, Sweep
from sepconv_cli.sweep.grid import Axis
from sepconv_cli.sweep.values import is_missing

MAX_STEPS = 1_000
MAX_PANELS = 6


class Spot(NamedTuple):
    """The least and the most at one value of the axis."""

    panel: str
    variant: str
    x: float
    least: float
    most: float


class Series:
    """Takes blocks; `spots` are the lines. Invalid points leave a gap, filtered ones don't."""

    def __init__(self, sweep: Sweep, metric: str, axis: str | None) -> None:
        self.sweep, self.metric = sweep, metric
        axes = sweep.grid.axes
        self._at = _chosen_axis(axes, axis)
        self.axis = axes[self._at]
        others = prod(each.size for each in axes) // self.axis.size
        self.panels = others if others <= MAX_PANELS else 1
        self.is_band = others > MAX_PANELS
        self._thin = -(-self.axis.size // MAX_STEPS)
        steps = -(-self.axis.size // self._thin)
        shape = (len(sweep.question.variants), self.panels, steps)
        self._least = np.full(shape, np.inf)
        self._most = np.full(shape, -np.inf)

    def add(self, answers: Answers, variant: int) -> None:
        """Look at a block of one variant."""
        values = answers.values[self.metric]
        if values is None:
            return
        block = answers.block
        numbers = np.arange(block.first, block.first + block.size)
        steps, panels = self._places(numbers)
        # Of a long axis so many values are left out between two that are drawn, exactly as it is.
        fits = steps % self._thin == 0
        if answers.reasons is not None:
            fits &= answers.reasons < 0
        if values.dtype == object:
            fits &= ~is_missing(values)
        where = (panels[fits], steps[fits] // self._thin)
        found = values[fits].astype(float)
        np.minimum.at(self._least[variant], where, found)
        np.maximum.at(self._most[variant], where, found)

    def spots(self) -> Iterator[Spot]:
        """The spots of all lines, in their order."""
        for number, variant in enumerate(self.sweep.question.variants):
            for panel in range(self.panels):
                for step, (low, high) in enumerate(
                    zip(self._least[number, panel], self._most[number, panel], strict=True)
                ):
                    if low <= high:
                        x = float(self.axis.value(step * self._thin))
                        yield Spot(self.panel(panel), variant, x, float(low), float(high))

    def panel(self, number: int) -> str:
        """The other parameters of a panel, such as `resolution=224`."""
        if self.panels == 1 and self.is_band:
            return ""
        texts: list[str] = []
        for axis in reversed(self._others()):
            number, index = divmod(number, axis.size)
            texts.append(f"{axis.name}={show(axis.value(index))}")
        return ", ".join(reversed(texts))

    def _others(self) -> list[Axis]:
        return [axis for at, axis in enumerate(self.sweep.grid.axes) if at != self._at]

    def _places(self, numbers: Any) -> tuple[Any, Any]:
        """For points by number: the index on the axis, and the panel."""
        axes = self.sweep.grid.axes
        inner = prod(axis.size for axis in axes[self._at + 1 :])
        steps = numbers // inner % self.axis.size
        if self.is_band:
            return steps, np.zeros_like(numbers)
        return steps, numbers // inner // self.axis.size * inner + numbers % inner


def _chosen_axis(axes: tuple[Axis, ...], name: str | None) -> int:
    """The axis along which lines run: the named one, or the longest that has numbers."""
    if name is not None:
        names = [axis.name for axis in axes]
        if name not in names:
            raise UsageError(f"--plot-over {name}: it isn't swept", did_you_mean(name, names))
        return names.index(name)
    return max(range(len(axes)), key=lambda at: (not axes[at].truths, axes[at].size))
