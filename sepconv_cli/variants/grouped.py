"""In groups of channels, then pointwise if that is wanted."""

from typing import Annotated

from msgspec.structs import replace

from sepconv_cli.arithmetic import gcd
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
    layers_between,
    pointwise,
)


class Grouped(Variant, frozen=True, kw_only=True):
    """C -> N in groups (ResNeXt, arXiv:1611.05431, figure 3c; its `groups` are called cardinality).

    With `pointwise: true` C -> C in groups, then pointwise C -> N, so that the groups mix, as
    ShuffleNet's units do by a shuffle (arXiv:1707.01083, section 3.1). There are
    gcd(groups, C, N) groups, the most that divide `groups` and the channels of both sides;
    where that is 1, the convolution stays as it is. Bias and `between` as in
    depthwise_separable, which is `pointwise: true` with as many groups as channels.
    """

    groups: Annotated[Positive, About(description="Groups, as far as they divide the channels")] = (
        32
    )
    pointwise: Annotated[
        bool, About(description="Whether a pointwise convolution follows, which mixes the groups")
    ] = False
    bias: BiasRule = "all"
    between: Between = ()

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        groups = self._groups(conv, x)
        if groups == 1:
            return None
        if not self.pointwise:
            return (("grouped", replace(conv, groups=groups)),)
        first_bias = conv.bias and self.bias == "all"
        return (
            ("grouped", replace(conv, out_channels=x.channels, groups=groups, bias=first_bias)),
            *layers_between(self.between),
            ("pointwise", pointwise(conv, conv.out_channels, conv.bias)),
        )

    def quantities(self, conv: Conv, x: Tensor) -> tuple[Quantity, ...]:
        return (Quantity("g", "groups", self._groups(conv, x)),)

    def _groups(self, conv: Conv, x: Tensor) -> int:
        """The groups that divide the channels on both sides of the grouped convolution."""
        groups = gcd(self.groups, x.channels)
        return groups if self.pointwise else gcd(groups, conv.out_channels)
