"""Gaussian error linear unit."""

from collections.abc import Iterator
from typing import Literal

from sepconv_cli.network import Call, Op, Tensor, Work


class Gelu(Op, frozen=True, kw_only=True):
    """x * Phi(x), the normal distribution's (torch.nn.GELU): keeps the shape.

    `approximate: tanh` takes 0.5 x (1 + tanh(x (a + b x^2))) for it.
    """

    approximate: Literal["none", "tanh"] = "none"

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("transcendental", "activation", y.elements)
        if self.approximate == "none":
            yield Work("multiply", "activation", y.elements)
        else:
            yield Work("multiply", "activation", 3 * y.elements)
            yield Work("multiply_add", "activation", 2 * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("GELU", {"approximate": self.approximate}),)
