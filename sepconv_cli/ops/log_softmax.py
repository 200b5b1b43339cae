"""The logarithms of shares that sum to one along an axis."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Work
from sepconv_cli.ops._axes import NonNegative
from sepconv_cli.ops._shape import check_axes


class LogSoftmax(Op, frozen=True, kw_only=True):
    """x - log(sum(exp(x))) along an axis, 0 being the channels (torch.nn.LogSoftmax).

    Keeps the shape. The largest element is found and taken away first.
    """

    axis: NonNegative = 0

    uncounted = frozenset({"aten::log_softmax"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axis", (self.axis,))

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        sums = y.elements // y.axes[self.axis]
        yield Work("compare", "activation", y.elements - sums)
        yield Work("add", "activation", 3 * y.elements - sums)
        yield Work("transcendental", "activation", y.elements + sums)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("LogSoftmax", {"dim": self.axis + 1}),)
