"""Shares that sum to one along an axis."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import NonNegative
from sepconv_cli.ops._shape import check_axes


class Softmax(Op, frozen=True, kw_only=True):
    """exp(x) / sum(exp(x)) along an axis, 0 being the channels (torch.nn.Softmax): keeps the shape.

    The largest element is found and taken away first, so that no power overflows.
    """

    axis: NonNegative = 0

    uncounted = frozenset({"aten::softmax"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axis", (self.axis,))

    def window(self) -> Window | None:
        return None if self.axis else super().window()

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        sums = y.elements // y.axes[self.axis]
        yield Work("compare", "activation", y.elements - sums)
        yield Work("add", "activation", 2 * y.elements - sums)
        yield Work("transcendental", "activation", y.elements)
        yield Work("divide", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Softmax", {"dim": self.axis + 1}),)
