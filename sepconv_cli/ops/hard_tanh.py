"""The hyperbolic tangent in straight pieces."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class HardTanh(Op, frozen=True, kw_only=True):
    """min(max(x, min_val), max_val) (torch.nn.Hardtanh): keeps the shape."""

    min_val: float = -1.0
    max_val: float = 1.0

    elementwise = True
    uncounted = frozenset({"aten::hardtanh"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", 2 * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Hardtanh", {"min_val": self.min_val, "max_val": self.max_val}),)
