"""Swish in straight pieces."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class HardSwish(Op, frozen=True, kw_only=True):
    """x * min(max(x + 3, 0), 6) / 6 (torch.nn.Hardswish): keeps the shape."""

    elementwise = True
    uncounted = frozenset({"aten::hardswish"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("add", "activation", y.elements)
        yield Work("compare", "activation", 2 * y.elements)
        yield Work("multiply", "activation", y.elements)
        yield Work("divide", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Hardswish", {}),)
