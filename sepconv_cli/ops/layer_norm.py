"""Layer normalisation."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._norm import Epsilon, check_last_axes, normalise
from sepconv_cli.ops._shape import SampleShape


class LayerNorm(Op, frozen=True, kw_only=True):
    """Normalisation over all axes of a sample (torch.nn.LayerNorm): keeps the shape.

    `normalized_shape` are the lengths of the last axes, over which alone it then runs; one number
    is that of the last. Where it is affine, each element that is normalised together
    with others has a weight of its own, and a bias.
    """

    normalized_shape: SampleShape | None = None
    eps: Epsilon = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_last_axes(x, self.normalized_shape)

    def window(self) -> Window | None:
        return None

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        if not self.elementwise_affine:
            return {}
        shape = self._shape(x)
        return {"weight": shape, "bias": shape} if self.bias else {"weight": shape}

    def parameters(self, x: Tensor) -> int:
        weights = prod(self._shape(x)) if self.elementwise_affine else 0
        return 2 * weights if self.bias else weights

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield from normalise(y.elements, y.elements // prod(self._shape(x)))
        if self.elementwise_affine:
            yield Work("multiply_add" if self.bias else "multiply", "norm", y.elements)

    def _shape(self, x: Tensor) -> tuple[int, ...]:
        """The axes that are normalised over."""
        return self.normalized_shape or x.axes

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "normalized_shape": self._shape(x),
            "eps": self.eps,
            "elementwise_affine": self.elementwise_affine,
            "bias": self.bias,
        }
        return (("LayerNorm", call),)
