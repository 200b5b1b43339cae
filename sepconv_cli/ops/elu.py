"""Exponential linear unit."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Elu(Op, frozen=True, kw_only=True):
    """x, or alpha * (exp(x) - 1) where x < 0 (torch.nn.ELU): keeps the shape."""

    alpha: float = 1.0

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", y.elements)
        yield Work("transcendental", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("ELU", {"alpha": self.alpha}),)
