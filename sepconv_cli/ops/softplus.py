"""A smooth ReLU."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Softplus(Op, frozen=True, kw_only=True):
    """log(1 + exp(beta x)) / beta (torch.nn.Softplus): keeps the shape.

    Where beta x is over `threshold`, it is x.
    """

    beta: float = 1.0
    threshold: float = 20.0

    elementwise = True
    uncounted = frozenset({"aten::softplus"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", y.elements)
        yield Work("transcendental", "activation", 2 * y.elements)
        yield Work("add", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)
        yield Work("divide", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Softplus", {"beta": self.beta, "threshold": self.threshold}),)
