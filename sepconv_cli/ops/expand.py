"""Axes of length 1 taken along longer ones."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Call, Op, Tensor, Window
from sepconv_cli.ops._shape import SampleShape


class Expand(Op, frozen=True, kw_only=True):
    """Every axis of length 1, or missing in front, as long as `shape` says (torch.expand).

    The elements stay where they are and are read again and again.
    """

    shape: SampleShape

    is_view = True
    rearranges = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        shape = Tensor.of(self.shape)
        missing = len(shape.axes) - len(x.axes)
        pairs = zip(x.axes, shape.axes[max(missing, 0) :], strict=False)
        if missing < 0 or any(length not in (1, wanted) for length, wanted in pairs):
            yield Complaint(f"{x} can't be expanded to {show(self.shape)}", field="shape")

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of(self.shape)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Expand", {"shape": self.shape}),)
