"""Gated linear unit."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Work
from sepconv_cli.ops._axes import NonNegative
from sepconv_cli.ops._shape import check_axes, replaced


class Glu(Op, frozen=True, kw_only=True):
    """The first half of an axis times the sigmoid of the second (torch.nn.GLU): half as long.

    Axis 0 are the channels.
    """

    axis: NonNegative = 0

    uncounted = frozenset({"aten::glu"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axis", (self.axis,))
        if self.axis < len(x.axes) and x.axes[self.axis] % 2:
            yield Complaint(f"axis {self.axis} of {x} has no two halves", field="axis")

    def output_shape(self, x: Tensor) -> Tensor:
        return replaced(x, self.axis, x.axes[self.axis] // 2)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("transcendental", "activation", y.elements)
        yield Work("multiply", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("GLU", {"dim": self.axis + 1}),)
