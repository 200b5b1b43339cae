"""What a kernel sees at each of its positions, as channels."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window
from sepconv_cli.ops._axes import Axes, Margin, check_plane, check_window, slide


class Unfold(Op, frozen=True, kw_only=True):
    """What a kernel sees at each position (torch.nn.Unfold): C x H x W -> C prod(kernel_size) x L.

    L is the number of positions that the kernel takes over both axes.
    """

    kernel_size: Axes
    dilation: Axes = (1,)
    padding: Margin = (0,)
    stride: Axes = (1,)

    uncounted = frozenset({"aten::im2col"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_plane(x, "unfold")
        if len(x.size) == 2:
            sides = tuple((padding, padding) for padding in self.padding)
            yield from check_window(x, self.kernel_size, sides, self.dilation)

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        sides = tuple((padding, padding) for padding in self.padding)
        positions = slide(x.size, sides, self.kernel_size, self.dilation, self.stride)
        return Tensor(x.channels * prod(self.kernel_size), (prod(positions),))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "kernel_size": self.kernel_size,
            "dilation": self.dilation,
            "padding": self.padding,
            "stride": self.stride,
        }
        return (("Unfold", call),)
