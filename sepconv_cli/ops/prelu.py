"""Rectified linear unit with a learned slope for the negative."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Work
from sepconv_cli.ops._axes import Positive


class Prelu(Op, frozen=True, kw_only=True):
    """x, or a learned a * x where x < 0 (torch.nn.PReLU): keeps the shape.

    `num_parameters` is 1, one slope for all, or the number of channels, one for each.
    """

    num_parameters: Positive = 1

    elementwise = True
    uncounted = frozenset({"aten::prelu"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if self.num_parameters not in (1, x.channels):
            yield Complaint(
                f"num_parameters {self.num_parameters} is neither 1 nor the {x.channels} channels",
                field="num_parameters",
                hint="in_channels is their number",
            )

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.num_parameters,)}

    def parameters(self, x: Tensor) -> int:
        return self.num_parameters

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("PReLU", {"num_parameters": self.num_parameters}),)
