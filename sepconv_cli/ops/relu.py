"""Rectified linear unit."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Relu(Op, frozen=True, kw_only=True):
    """Rectified linear unit, max(x, 0) (torch.nn.ReLU): keeps the shape."""

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("ReLU", {}),)
