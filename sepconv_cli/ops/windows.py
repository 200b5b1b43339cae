"""Windows that are cut out along one axis."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window
from sepconv_cli.ops._axes import NonNegative, Positive
from sepconv_cli.ops._shape import check_axes, replaced


class Windows(Op, frozen=True, kw_only=True):
    """Windows of `length` positions on an axis, one every `step` (torch.Tensor.unfold).

    The axis counts the windows, and a new last axis the positions in one. Windows may overlap; the
    elements are read where they stand.
    """

    axis: NonNegative
    length: Positive
    step: Positive = 1

    is_view = True
    rearranges = True
    uncounted = frozenset({"aten::unfold"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axis", (self.axis,))
        if self.axis < len(x.axes) and self.length > x.axes[self.axis]:
            yield Complaint(
                f"length {self.length} is over the {x.axes[self.axis]} on axis {self.axis} of {x}",
                field="length",
            )

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        count = (x.axes[self.axis] - self.length) // self.step + 1
        return Tensor.of([*replaced(x, self.axis, count).axes, self.length])

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Windows", {"axis": self.axis, "length": self.length, "step": self.step}),)
