"""Logistic function."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Sigmoid(Op, frozen=True, kw_only=True):
    """1 / (1 + exp(-x)) (torch.nn.Sigmoid): keeps the shape."""

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("transcendental", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Sigmoid", {}),)
