"""Pointwise, then depthwise: one blueprint for each kernel."""

from sepconv_cli.network import Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants._parts import (
    Between,
    BiasRule,
    Parts,
    Variant,
    depthwise,
    layers_between,
    pointwise,
)


class BlueprintU(Variant, frozen=True, kw_only=True):
    """Pointwise C -> N, then depthwise N -> N (BSConv-U, arXiv:2003.13549, section 3.2).

    The stride is the depthwise half's, so the pointwise half runs at the input's
    resolution. A convolution with a bias keeps it in the last half (`bias: last`),
    as the authors' reference does; `bias: all` puts one in both. `between` stands
    after the pointwise half.
    """

    bias: BiasRule = "last"
    between: Between = ()

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        out_channels = conv.out_channels
        return (
            ("pointwise", pointwise(conv, out_channels, conv.bias and self.bias == "all")),
            *layers_between(self.between),
            ("depthwise", depthwise(conv, out_channels, out_channels, conv.bias)),
        )
