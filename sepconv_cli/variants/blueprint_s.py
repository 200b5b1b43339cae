"""Two pointwise in a row, then depthwise: blueprints in a subspace."""

from fractions import Fraction
from typing import Annotated

from sepconv_cli.arithmetic import ceil_div, maximum, minimum
from sepconv_cli.network import Tensor
from sepconv_cli.ops._axes import Positive
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants._parts import (
    About,
    Between,
    BiasRule,
    Parts,
    Quantity,
    Variant,
    depthwise,
    layers_between,
    pointwise,
)


class BlueprintS(Variant, frozen=True, kw_only=True):
    """Pointwise C -> M', pointwise M' -> N, depthwise N -> N (BSConv-S, arXiv:2003.13549, 3.3).

    M' = min(C, max(min_mid_channels, ceil(p*C))), in exact rational arithmetic: p = 0.07
    of 100 channels is 7, where the reference's floating point makes it 8. The stride
    is the depthwise's, so both pointwise run at the input's resolution. Bias as in
    blueprint_u. `between` stands after each pointwise, as the reference's `with_bn` does.
    """

    p: Annotated[
        Fraction, About(description="Mid channels as a share of the input channels, such as 1/4")
    ] = Fraction(1, 4)
    min_mid_channels: Annotated[Positive, About(description="The least mid channels")] = 4
    bias: BiasRule = "last"
    between: Between = ()

    def mid_channels(self, channels: int) -> int:
        """M', the channels between the two pointwise convolutions."""
        share = ceil_div(self.p.numerator * channels, self.p.denominator)
        return minimum(channels, maximum(self.min_mid_channels, share))

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        first_bias = conv.bias and self.bias == "all"
        out_channels = conv.out_channels
        return (
            ("pointwise_1", pointwise(conv, self.mid_channels(x.channels), first_bias)),
            *layers_between(self.between),
            ("pointwise_2", pointwise(conv, out_channels, first_bias)),
            *layers_between(self.between),
            ("depthwise", depthwise(conv, out_channels, out_channels, conv.bias)),
        )

    def quantities(self, conv: Conv, x: Tensor) -> tuple[Quantity, ...]:
        meaning = "channels between the pointwise convolutions"
        return (Quantity("M'", meaning, self.mid_channels(x.channels)),)
