"""A tensor that is written down and takes the place of what arrives."""

from sepconv_cli.network import NOTHING, Call, Op, Tensor, Window
from sepconv_cli.ops._shape import SampleShape


class Constant(Op, frozen=True, kw_only=True):
    """A tensor that isn't learned, the same for every sample: -> shape.

    What arrives is ignored. Masks and tables of positions that are worked out are such tensors.
    """

    shape: SampleShape

    def window(self) -> Window | None:
        return NOTHING

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of(self.shape)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Constant", {"shape": self.shape}),)
