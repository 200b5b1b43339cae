"""Rectified linear unit that lets a share of the negative through."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class LeakyRelu(Op, frozen=True, kw_only=True):
    """x, or negative_slope * x where x < 0 (torch.nn.LeakyReLU): keeps the shape."""

    negative_slope: float = 0.01

    elementwise = True

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("LeakyReLU", {"negative_slope": self.negative_slope}),)
