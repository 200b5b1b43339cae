"""A tensor of numbers that takes the place of what arrives."""

from sepconv_cli.network import NOTHING, Call, Op, Tensor, Window
from sepconv_cli.ops._shape import Shape


class Constant(Op, frozen=True, kw_only=True):
    """A tensor of numbers that aren't learned (a buffer of torch), the same for every sample.

    What arrives is ignored. Masks of attention and tables of angles are such tensors.
    """

    shape: Shape

    def window(self) -> Window | None:
        return NOTHING

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of(self.shape)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Constant", {"shape": self.shape}),)
