"""Layer normalisation."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._norm import Epsilon, normalise


class LayerNorm(Op, frozen=True, kw_only=True):
    """Normalisation over all axes of a sample (torch.nn.LayerNorm): keeps the shape.

    Where it is affine, each element of a sample has a weight of its own, and a bias.
    """

    eps: Epsilon = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    def window(self) -> Window | None:
        return None

    def parameters(self, x: Tensor) -> int:
        weights = x.elements if self.elementwise_affine else 0
        return 2 * weights if self.bias else weights

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield from normalise(y.elements, 1)
        if self.elementwise_affine:
            yield Work("multiply_add" if self.bias else "multiply", "norm", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "normalized_shape": (x.channels, *x.size),
            "eps": self.eps,
            "elementwise_affine": self.elementwise_affine,
            "bias": self.bias,
        }
        return (("LayerNorm", call),)
