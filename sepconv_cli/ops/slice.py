"""Some of the positions on an axis."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import ceil_div
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Inputs, Op, Reach, Tensor, Window
from sepconv_cli.ops._axes import NonNegative, Positive
from sepconv_cli.ops._shape import check_axes, replaced


class Slice(Op, frozen=True, kw_only=True):
    """The positions start, start + step ... before stop on an axis, as in Python's x[start:stop].

    Without `stop` it goes to the end. It is what torch.split, chunk and unbind hand out.
    """

    axis: NonNegative
    start: NonNegative = 0
    stop: Positive | None = None
    step: Positive = 1

    is_view = True
    rearranges = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axis", (self.axis,))
        if self.axis >= len(x.axes):
            return
        length = x.axes[self.axis]
        if self.stop is not None and self.stop > length:
            yield Complaint(
                f"stop {self.stop} is over the length of {length} on axis {self.axis} of {x}",
                field="stop",
            )
        if self.start >= self._end(x):
            yield Complaint(
                f"nothing is left from {self.start} to {self._end(x)} on axis {self.axis} of {x}",
                field="start",
            )

    def window_on(self, inputs: Inputs) -> Window | None:
        reaches = [Reach()] * len(inputs[0].size)
        if self.axis:
            reaches[self.axis - 1] = Reach(range(self.start, self.start + 1), self.step)
        return tuple(reaches)

    def output_shape(self, x: Tensor) -> Tensor:
        return replaced(x, self.axis, ceil_div(self._end(x) - self.start, self.step))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {"axis": self.axis, "start": self.start, "stop": self._end(x), "step": self.step}
        return (("Slice", call),)

    def _end(self, x: Tensor) -> int:
        return x.axes[self.axis] if self.stop is None else self.stop
