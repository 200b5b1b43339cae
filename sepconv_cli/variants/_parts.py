"""What the variants are built from: their base record, and the two halves of a separable."""

from typing import Literal

import msgspec
from msgspec.structs import replace

from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.registry import snake_case

BiasRule = Literal["last", "all"]
Parts = tuple[tuple[str, Op], ...]
"""Named ops in the order in which they run."""


class Variant(msgspec.Struct, frozen=True, kw_only=True, tag=snake_case):
    """A rewrite of one convolution; its fields are its options in a spec."""

    @property
    def name(self) -> str:
        """The variant's name in a spec."""
        return str(self.__struct_config__.tag)

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        """The ops that stand for `conv` on an input of shape x; None leaves it as it is.

        For a convolution in one group. The parts' last output has the shape of conv's.
        """
        raise NotImplementedError


def pointwise(conv: Conv, out_channels: int, bias: bool) -> Conv:
    """The 1x1 convolution over as many axes as `conv`, with stride 1 and no padding."""
    axes = len(conv.kernel_size)
    return Conv(
        out_channels=out_channels,
        kernel_size=(1,) * axes,
        stride=(1,) * axes,
        padding=((0, 0),) * axes,
        dilation=(1,) * axes,
        bias=bias,
    )


def depthwise(conv: Conv, in_channels: int, out_channels: int, bias: bool) -> Conv:
    """`conv` with a kernel of its own for each input channel: its stride, padding and dilation."""
    return replace(conv, out_channels=out_channels, groups=in_channels, bias=bias)


def layers_between(between: tuple[Op, ...]) -> Parts:
    """The layers that stand between two halves, under their ops' names."""
    return tuple([(op.name, op) for op in between])
