"""Sigmoid linear unit, also called swish."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Silu(Op, frozen=True, kw_only=True):
    """x * sigmoid(x), or swish (torch.nn.SiLU): keeps the shape."""

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("transcendental", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("SiLU", {}),)
