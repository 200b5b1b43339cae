"""What ops on whole tensors share: shapes, and the axes of one sample, 0 being the channels."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Annotated

import msgspec

from sepconv_cli.arithmetic import maximum
from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Inputs, Tensor
from sepconv_cli.ops._axes import NonNegative, Positive

_ANY = msgspec.Meta(min_length=1)

SampleShape = Annotated[tuple[Positive, ...], _ANY]
"""The length of every axis of a sample, that of the channels first."""

AxisNumbers = Annotated[tuple[NonNegative, ...], _ANY]
"""Axes of a sample by their numbers."""

Shifts = Annotated[tuple[int, ...], _ANY]
"""How many positions elements move on each of several axes; back where below zero."""

SignedPadding = Annotated[tuple[tuple[int, int], ...], _ANY]
"""Positions before and after, for every axis of a sample, that of the channels first."""

LengthPair = tuple[Positive, Positive]
"""A positive length for each of two axes."""

MarginPair = tuple[NonNegative, NonNegative]
"""A length of zero or more for each of two axes."""

ScaleFactors = tuple[Fraction, ...]
"""How many times as long each spatial axis becomes."""

PlainText = Annotated[str, msgspec.Meta(min_length=1)]
"""A word for people."""


def check_axes(x: Tensor, field: str, axes: Iterable[int]) -> Iterator[Complaint]:
    """Complain about an axis that the input hasn't, or one that is named twice."""
    last = len(x.axes) - 1
    seen: set[int] = set()
    for axis in axes:
        if axis > last:
            yield Complaint(
                f"{x} has no axis {axis}",
                field=field,
                hint=f"its axes are 0, the channels, to {last}" if last else "it has axis 0 alone",
            )
        elif axis in seen:
            yield Complaint(f"axis {axis} is named twice in {show(tuple(axes))}", field=field)
        seen.add(axis)


def replaced(x: Tensor, axis: int, length: int) -> Tensor:
    """The shape with another length on one axis."""
    return Tensor.of([*x.axes[:axis], length, *x.axes[axis + 1 :]])


def broadcast(left: Tensor, right: Tensor) -> Tensor:
    """The shape of two tensors element by element, the last axes beside each other.

    An axis of length 1, or one that is missing in front, is taken along the other's.
    """
    long, short = sorted((left.axes, right.axes), key=len, reverse=True)
    more = len(long) - len(short)
    beside = zip(long[more:], short, strict=True)
    return Tensor.of([*long[:more], *(maximum(m, n) for m, n in beside)])


def broadcasts(inputs: Inputs) -> bool:
    """Whether on every axis all lengths but those of 1 are the same."""
    axes = [tuple(reversed(x.axes)) for x in inputs]
    return all(_agree([x[at] for x in axes if at < len(x)]) for at in range(max(map(len, axes))))


def taken_along(short: Tensor, long: Tensor) -> bool:
    """Whether one tensor can be taken along another, whose shape stays."""
    return broadcasts((short, long)) and broadcast(short, long) == long


def _agree(lengths: Sequence[int]) -> bool:
    longer = [length for length in lengths if length != 1]
    return all(length == longer[0] for length in longer)
