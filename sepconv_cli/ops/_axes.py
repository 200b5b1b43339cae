"""Geometry that convolutions and pools share: a window that slides over spatial axes.

Lengths here are of one axis, in elements. What a user may write for such a field
(one number for all axes, a list, `same`) becomes these types in language/fields.py.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Reach, Tensor

Positive = Annotated[int, msgspec.Meta(ge=1)]
NonNegative = Annotated[int, msgspec.Meta(ge=0)]

Axes = tuple[Positive, ...]
"""A positive length for each spatial axis; a single one stands for all of them."""

Margin = tuple[NonNegative, ...]
"""A length of zero or more for each spatial axis."""

Padding = tuple[tuple[NonNegative, NonNegative], ...]
"""Padding before and after, for each spatial axis."""

KernelPadding = Padding | Literal["same"]
"""The same of an op with a kernel, which a spec may leave to that: it is remembered as a word,
since some tools read a string otherwise than the numbers that it stands for."""

AXIS_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def span(kernel: int, dilation: int) -> int:
    """How far a dilated kernel reaches."""
    return dilation * (kernel - 1) + 1


def slide(
    size: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    kernel_size: tuple[int, ...],
    dilation: tuple[int, ...],
    stride: tuple[int, ...],
) -> tuple[int, ...]:
    """How many positions a window takes on each axis (torch.nn.Conv2d, "Shape")."""
    axes = zip(size, padding, kernel_size, dilation, stride, strict=True)
    return tuple(
        [(n + before + after - d * (k - 1) - 1) // s + 1 for n, (before, after), k, d, s in axes]
    )


def sliding(
    before: Sequence[int], kernel_size: Axes, dilation: Axes, stride: Axes
) -> tuple[Reach, ...]:
    """What such a window reads, so much padding before the input."""
    axes = zip(before, kernel_size, dilation, stride, strict=True)
    return tuple([Reach(range(-pad, d * k - pad, d), s) for pad, k, d, s in axes])


def copies(scale: int) -> Reach:
    """What is read where output position o is made of input position o // scale."""
    return Reach(range(1 - scale, 1), up=scale)


def last_axis_first(padding: Padding) -> tuple[int, ...]:
    """The sides in the order of torch.nn.functional.pad, which lists the last axis first."""
    return tuple(side for pair in reversed(padding) for side in pair)


def check_spatial(x: Tensor, what: str) -> Iterator[Complaint]:
    """Complain about an input without spatial axes."""
    if not x.size:
        yield Complaint(
            f"{what} needs an input with spatial axes, but {x} (flat) arrives",
            hint="move it before flatten",
        )


def check_plane(x: Tensor, what: str, field: str | None = None) -> Iterator[Complaint]:
    """Complain about an input that hasn't two spatial axes."""
    if len(x.size) != 2:
        yield Complaint(
            f"{what} needs an input with two spatial axes, but {x} has {len(x.size)}", field=field
        )


def check_padding_mode(x: Tensor, padding: Padding, mode: str) -> Iterator[Complaint]:
    """Complain where torch would have to reflect or wrap around more than the input has."""
    room = {"reflect": 1, "circular": 0}.get(mode)
    for size, sides in zip(x.size, padding, strict=True):
        if room is not None and max(sides) > size - room:
            yield Complaint(
                f"{mode} padding of {max(sides)} needs an input of at least "
                f"{max(sides) + room}, but it has {size}",
                field="padding",
            )


def check_window(
    x: Tensor, kernel_size: Axes, padding: Padding, dilation: Axes
) -> Iterator[Complaint]:
    """Complain about a window that is larger than its padded input on some axis."""
    rows = zip(AXIS_NAMES[len(x.size)], x.size, kernel_size, padding, dilation, strict=True)
    too_large = [
        _too_large(axis, size, kernel, sides, step)
        for axis, size, kernel, sides, step in rows
        if span(kernel, step) > size + sum(sides)
    ]
    if too_large:
        yield Complaint(
            f"the kernel is larger than its input: {' and '.join(too_large)}",
            field="kernel_size",
            hint="[channels, depth, height, width] is the input of a 3-D network; it has no batch"
            if len(x.size) == 3
            else None,
        )


def _too_large(axis: str, size: int, kernel: int, sides: tuple[int, int], step: int) -> str:
    spread = f" (dilated by {step}: {span(kernel, step)})" if step > 1 else ""
    around = f" plus padding {sides[0]} + {sides[1]}" if any(sides) else ""
    return f"{kernel}{spread} on the {axis} of {size}{around}"
