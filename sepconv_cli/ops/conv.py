"""Convolution over one, two or three spatial axes."""

from collections.abc import Iterator
from typing import Literal

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import (
    Axes,
    Padding,
    Positive,
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
    padding: Padding = ((0, 0),)
    dilation: Axes = (1,)
    groups: Positive = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"

    # Padding by anything but zeros copies elements; it multiplies nothing.
    uncounted = frozenset({"aten::pad"})

    multiplies = True

    @property
    def keeps_size(self) -> bool:
        """Whether it is padded as by torch's padding="same": by the zeros that its kernel needs."""
        needs = (d * (k - 1) for k, d in zip(self.kernel_size, self.dilation, strict=True))
        same = tuple((total // 2, total - total // 2) for total in needs)
        padded = self.padding_mode == "zeros" and any(after for _, after in same)
        return padded and self.padding == same and all(step == 1 for step in self.stride)

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "conv")
        yield from check_divides("groups", self.groups, x.channels, "in_channels")
        yield from check_divides("groups", self.groups, self.out_channels, "out_channels")
        if x.size:
            yield from check_window(x, self.kernel_size, self.padding, self.dilation)
            yield from self._check_padding_mode(x)

    def _check_padding_mode(self, x: Tensor) -> Iterator[Complaint]:
        """torch reflects and wraps around only what the input has."""
        room = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        for size, sides in zip(x.size, self.padding, strict=True):
            if room is not None and max(sides) > size - room:
                yield Complaint(
                    f"{self.padding_mode} padding of {max(sides)} needs an input of at least "
                    f"{max(sides) + room}, but it has {size}",
                    field="padding",
                )

    def output_shape(self, x: Tensor) -> Tensor:
        size = slide(x.size, self.padding, self.kernel_size, self.dilation, self.stride)
        return Tensor(self.out_channels, size)

    def window(self) -> Window | None:
        before = [before for before, _ in self.padding]
        return sliding(before, self.kernel_size, self.dilation, self.stride)

    def parameters(self, x: Tensor) -> int:
        weight = self.out_channels * (x.channels // self.groups) * prod(self.kernel_size)
        return weight + (self.out_channels if self.bias else 0)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        products = y.elements * (x.channels // self.groups) * prod(self.kernel_size)
        yield Work("multiply_add", "kernel", products)
        if self.bias:
            yield Work("add", "bias", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        axes = len(x.size)
        symmetric = all(before == after for before, after in self.padding)
        call = {
            "in_channels": x.channels,
            "out_channels": self.out_channels,
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": tuple(before for before, _ in self.padding) if symmetric else (0,) * axes,
            "dilation": self.dilation,
            "groups": self.groups,
            "bias": self.bias,
            "padding_mode": self.padding_mode if symmetric else "zeros",
        }
        conv: Call = (f"Conv{axes}d", call)
        if symmetric:
            return (conv,)
        sides = last_axis_first(self.padding)
        return ((f"{_PAD_MODULE[self.padding_mode]}{axes}d", {"padding": sides}), conv)
