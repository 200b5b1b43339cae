"""Continuously differentiable exponential linear unit."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Celu(Op, frozen=True, kw_only=True):
    """x, or alpha * (exp(x / alpha) - 1) where x < 0 (torch.nn.CELU): keeps the shape."""

    alpha: float = 1.0

    elementwise = True
    uncounted = frozenset({"aten::celu"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", y.elements)
        yield Work("transcendental", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)
        yield Work("divide", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("CELU", {"alpha": self.alpha}),)
