"""Shares that sum to one over the channels."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.network import Call, Op, Tensor, Work


class Softmax(Op, frozen=True, kw_only=True):
    """exp(x) / sum(exp(x)) over the channels (torch.nn.Softmax with dim 1): keeps the shape.

    The largest element is found and taken away first, so that no power overflows.
    """

    uncounted = frozenset({"aten::softmax"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        positions = prod(y.size)
        yield Work("compare", "activation", y.elements - positions)
        yield Work("add", "activation", 2 * y.elements - positions)
        yield Work("transcendental", "activation", y.elements)
        yield Work("divide", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Softmax", {"dim": 1}),)
