"""Elements moved along axes, and around from the end to the start."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Call, Op, Reach, Tensor, Window
from sepconv_cli.ops._shape import AxisNumbers, Shifts, check_axes


class Roll(Op, frozen=True, kw_only=True):
    """Elements moved by `shifts` along `axes`, from the end around to the start (torch.roll).

    Keeps the shape. A shift below zero moves to the front.
    """

    shifts: Shifts
    axes: AxisNumbers

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axes", self.axes)
        if len(self.shifts) != len(self.axes):
            yield Complaint(
                f"shifts {show(self.shifts)} and axes {show(self.axes)} aren't as many",
                field="shifts",
            )

    def window(self) -> Window | None:
        return (Reach(),) if set(self.axes) == {0} else None

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Roll", {"shifts": self.shifts, "axes": self.axes}),)
