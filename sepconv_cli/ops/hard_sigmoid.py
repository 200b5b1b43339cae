"""Logistic function in straight pieces."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class HardSigmoid(Op, frozen=True, kw_only=True):
    """min(max(x + 3, 0), 6) / 6 (torch.nn.Hardsigmoid): keeps the shape."""

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("add", "activation", y.elements)
        yield Work("compare", "activation", 2 * y.elements)
        yield Work("divide", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Hardsigmoid", {}),)
