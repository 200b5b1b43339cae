"""The convolution as it is written."""

from sepconv_cli.network import Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants._parts import BiasRule, Parts, Variant


class Standard(Variant, frozen=True, kw_only=True):
    """The convolution as it is written: C -> N in one step.

    `bias` is there so that one rule can be given to every variant; with a single
    convolution the last one is all of them.
    """

    bias: BiasRule = "all"

    keeps = True

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        return None
