"""The axes of a sample in another order."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Call, Op, Tensor, Window
from sepconv_cli.ops._shape import AxisNumbers, check_axes


class Permute(Op, frozen=True, kw_only=True):
    """The axes of a sample in another order (torch.permute), each by its number.

    C x H x W under `axes: [1, 2, 0]` is H x W x C.
    """

    axes: AxisNumbers

    is_view = True
    rearranges = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axes", self.axes)
        if len(self.axes) != len(x.axes):
            yield Complaint(
                f"axes {show(self.axes)} are {len(self.axes)}, but {x} has {len(x.axes)}",
                field="axes",
            )

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of([x.axes[axis] for axis in self.axes])

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Permute", {"axes": self.axes}),)
