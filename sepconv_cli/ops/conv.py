"""Convolution over one, two or three spatial axes."""

from collections.abc import Iterator
from typing import Literal

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import (
    Axes,
    KernelPadding,
    Padding,
    Positive,
    check_padding_mode,
    check_spatial,
    check_window,
    last_axis_first,
    slide,
    sliding,
)
from sepconv_cli.ops._channels import check_divides

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]

_PAD_MODULE = {
    "zeros": "ZeroPad",
    "reflect": "ReflectionPad",
    "replicate": "ReplicationPad",
    "circular": "CircularPad",
}


class Conv(Op, frozen=True, kw_only=True):
    """Convolution (torch.nn.Conv1d, Conv2d, Conv3d): C x size -> out_channels x size'.

    Every output element is a sum over in_channels / groups x prod(kernel_size) products.
    `padding` is a number, one for each axis, a pair (before, after) for each axis,
    `same` (stride 1 only) or `valid`.
    """

    out_channels: Positive
    kernel_size: Axes
    stride: Axes = (1,)
    padding: KernelPadding = ((0, 0),)
    dilation: Axes = (1,)
    groups: Positive = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"

    # Padding by anything but zeros copies elements; it multiplies nothing.
    uncounted = frozenset({"aten::pad"})

    multiplies = True

    @property
    def sides(self) -> Padding:
        """The padding in numbers; of `same` the odd one is after (torch.nn.Conv2d, "padding")."""
        if not isinstance(self.padding, str):
            return self.padding
        totals = [d * (k - 1) for k, d in zip(self.kernel_size, self.dilation, strict=True)]
        return tuple([(total // 2, total - total // 2) for total in totals])

    @property
    def string_padding(self) -> bool:
        """Whether torch's convolution itself may be given the word: it pads by zeros alone."""
        return self.padding == "same" and self.padding_mode == "zeros"

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "conv")
        yield from check_divides("groups", self.groups, x.channels, "in_channels")
        yield from check_divides("groups", self.groups, self.out_channels, "out_channels")
        if x.size:
            yield from check_window(x, self.kernel_size, self.sides, self.dilation)
            yield from check_padding_mode(x, self.sides, self.padding_mode)

    def output_shape(self, x: Tensor) -> Tensor:
        size = slide(x.size, self.sides, self.kernel_size, self.dilation, self.stride)
        return Tensor(self.out_channels, size)

    def window(self) -> Window | None:
        before = [before for before, _ in self.sides]
        return sliding(before, self.kernel_size, self.dilation, self.stride)

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        each = (self.out_channels, x.channels // self.groups, *self.kernel_size)
        return {"weight": each, "bias": (self.out_channels,)} if self.bias else {"weight": each}

    def parameters(self, x: Tensor) -> int:
        weight = self.out_channels * (x.channels // self.groups) * prod(self.kernel_size)
        return weight + (self.out_channels if self.bias else 0)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        products = y.elements * (x.channels // self.groups) * prod(self.kernel_size)
        yield Work("multiply_add", "kernel", products)
        if self.bias:
            yield Work("add", "bias", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        axes, sides = len(x.size), self.sides
        if all(before == after for before, after in sides):
            padding = tuple(before for before, _ in sides)
            return (self._call(x, padding, self.padding_mode),)
        pad: Call = (
            f"{_PAD_MODULE[self.padding_mode]}{axes}d",
            {"padding": last_axis_first(sides)},
        )
        return (pad, self._call(x, (0,) * axes, "zeros"))

    def torch_call_in_words(self, x: Tensor) -> tuple[Call, ...]:
        if self.string_padding:
            return (self._call(x, "same", self.padding_mode),)
        return self.torch_call(x)

    def _call(self, x: Tensor, padding: tuple[int, ...] | str, mode: PaddingMode) -> Call:
        call = {
            "in_channels": x.channels,
            "out_channels": self.out_channels,
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": padding,
            "dilation": self.dilation,
            "groups": self.groups,
            "bias": self.bias,
            "padding_mode": mode,
        }
        return (f"Conv{len(x.size)}d", call)
