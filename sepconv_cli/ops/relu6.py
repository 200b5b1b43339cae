"""Rectified linear unit with a ceiling."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Relu6(Op, frozen=True, kw_only=True):
    """min(max(x, 0), 6) (torch.nn.ReLU6): keeps the shape; two comparisons for each element."""

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", 2 * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("ReLU6", {}),)
