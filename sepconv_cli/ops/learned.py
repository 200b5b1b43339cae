"""A tensor of parameters that takes the place of what arrives."""

from sepconv_cli.arithmetic import prod
from sepconv_cli.network import NOTHING, Call, Op, Tensor, Window
from sepconv_cli.ops._axes import NonNegative
from sepconv_cli.ops._shape import SampleShape


class Learned(Op, frozen=True, kw_only=True):
    """A tensor of parameters (torch.nn.Parameter), the same for every sample: -> shape.

    What arrives is ignored. Class tokens and learned queries are such tensors.
    Where it is read from a smaller table, or worked out of other parameters, `made_of` says how
    many parameters that are; biases of relative positions are such.
    """

    shape: SampleShape
    made_of: NonNegative | None = None

    def window(self) -> Window | None:
        return NOTHING

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of(self.shape)

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"weight": self.shape} if self.made_of is None else {"parts": (self.made_of,)}

    def parameters(self, x: Tensor) -> int:
        return prod(self.shape) if self.made_of is None else self.made_of

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Learned", {"shape": self.shape, "made_of": self.made_of}),)
