"""Self-regularised smooth unit."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Mish(Op, frozen=True, kw_only=True):
    """x * tanh(log(1 + exp(x))) (torch.nn.Mish): keeps the shape."""

    elementwise = True
    uncounted = frozenset({"aten::mish"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("transcendental", "activation", 3 * y.elements)
        yield Work("add", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Mish", {}),)
