"""Normalisation by the root mean square."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._norm import Epsilon, check_last_axes
from sepconv_cli.ops._shape import SampleShape


class RmsNorm(Op, frozen=True, kw_only=True):
    """x / sqrt(mean(x^2) + eps) (torch.nn.RMSNorm): keeps the shape.

    `normalized_shape` are the lengths of the last axes, over which it runs; without it, it runs
    over all axes of a sample. Where it is affine, each element that is normalised together with
    others has a weight of its own. Without `eps` it is the machine's.
    """

    normalized_shape: SampleShape | None = None
    eps: Epsilon | None = None
    elementwise_affine: bool = True

    uncounted = frozenset({"aten::rms_norm"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_last_axes(x, self.normalized_shape)

    def window(self) -> Window | None:
        return None

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"weight": self._shape(x)} if self.elementwise_affine else {}

    def parameters(self, x: Tensor) -> int:
        return prod(self._shape(x)) if self.elementwise_affine else 0

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        groups = y.elements // prod(self._shape(x))
        # Squares summed; a mean and a root for each group; each element times 1 / root.
        yield Work("multiply_add", "norm", y.elements)
        yield Work("divide", "norm", groups)
        yield Work("transcendental", "norm", groups)
        yield Work("multiply", "norm", y.elements)
        if self.elementwise_affine:
            yield Work("multiply", "norm", y.elements)

    def _shape(self, x: Tensor) -> tuple[int, ...]:
        """The axes that are normalised over."""
        return self.normalized_shape or x.axes

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "normalized_shape": self._shape(x),
            "eps": self.eps,
            "elementwise_affine": self.elementwise_affine,
        }
        return (("RMSNorm", call),)
