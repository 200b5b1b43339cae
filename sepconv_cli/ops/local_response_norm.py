"""Normalisation by the neighbouring channels."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Work
from sepconv_cli.ops._axes import Positive, check_spatial


class LocalResponseNorm(Op, frozen=True, kw_only=True):
    """x / (k + alpha * mean(x^2))^beta (torch.nn.LocalResponseNorm): keeps the shape.

    The mean is of `size` neighbouring channels at one position, zeros where there are none
    (AlexNet, Krizhevsky et al. 2012, section 3.3).
    """

    size: Positive
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    # Squares, their mean over a window, and what is done with it.
    uncounted = frozenset(
        {
            "aten::mul",
            "aten::pad",
            "aten::avg_pool2d",
            "aten::avg_pool3d",
            "aten::add",
            "aten::pow",
            "aten::div",
        }
    )

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "local_response_norm")

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("multiply", "norm", y.elements)
        yield Work("add", "norm", (self.size - 1) * y.elements)
        yield Work("divide", "norm", 2 * y.elements)
        yield Work("multiply_add", "norm", y.elements)
        yield Work("transcendental", "norm", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return (("LocalResponseNorm", call),)
