"""What norms share that take the mean and variance of the sample itself."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Tensor, Work

Epsilon = Annotated[float, msgspec.Meta(ge=0)]


def normalise(elements: int, groups: int) -> Iterator[Work]:
    """(x - mean) / sqrt(variance + eps), where each group of elements has its mean and variance.

    A mean sums its group and divides; each element has it taken away, is squared and summed
    for the variance, and is multiplied by 1 / sqrt(variance + eps), one for each group.
    """
    yield Work("add", "norm", 2 * elements - groups)
    yield Work("multiply_add", "norm", elements)
    yield Work("divide", "norm", 2 * groups)
    yield Work("transcendental", "norm", groups)
    yield Work("multiply", "norm", elements)


def check_last_axes(x: Tensor, shape: tuple[int, ...] | None) -> Iterator[Complaint]:
    """Complain where a normalized_shape isn't that of the last axes."""
    last = x.axes[-len(shape or ()) :]
    if shape in (None, last):
        return
    several = len(last) > 1
    axes = f"the last {len(last)} axes of {x} are" if several else f"the last axis of {x} is"
    written, found = (show(each if several else each[0]) for each in (shape, last))
    yield Complaint(f"normalized_shape is {written}, but {axes} {found}", field="normalized_shape")
