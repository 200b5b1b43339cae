"""Depthwise, then pointwise."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from sepconv_cli.network import Tensor
from sepconv_cli.ops._axes import Positive
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants._parts import (
    About,
    Between,
    BiasRule,
    Parts,
    Variant,
    depthwise,
    layers_between,
    pointwise,
)


class DepthwiseSeparable(Variant, frozen=True, kw_only=True):
    """Depthwise C -> C*m, then pointwise C*m -> N (MobileNet, arXiv:1704.04861, section 3.1).

    The stride is the depthwise half's, so the pointwise half runs at the output's
    resolution. m is `depth_multiplier`. A convolution with a bias gets one in both
    halves (`bias: all`), as two plain layers would; `bias: last` keeps the pointwise's alone.
    `between` stands after the depthwise half.
    """

    depth_multiplier: Annotated[
        Positive, About(description="Depthwise channels for each input channel")
    ] = 1
    bias: BiasRule = "all"
    between: Between = ()

    symbols: ClassVar[Mapping[str, str]] = {"depth_multiplier": "m"}

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        first_bias = conv.bias and self.bias == "all"
        middle = x.channels * self.depth_multiplier
        return (
            ("depthwise", depthwise(conv, x.channels, middle, first_bias)),
            *layers_between(self.between),
            ("pointwise", pointwise(conv, conv.out_channels, conv.bias)),
        )
