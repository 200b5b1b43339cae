"""Zeros around the input."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Reach, Tensor, Window
from sepconv_cli.ops._axes import Padding, check_spatial, last_axis_first


class ZeroPad(Op, frozen=True, kw_only=True):
    """Zeros around the input (torch.nn.ZeroPad1d, 2d, 3d): C x size -> C x (size + padding).

    `padding` is a number, one for each axis, or a pair (before, after) for each axis.
    """

    padding: Padding

    uncounted = frozenset({"aten::pad"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "zero_pad")

    def window(self) -> Window | None:
        return tuple([Reach(range(-before, 1 - before)) for before, _ in self.padding])

    def output_shape(self, x: Tensor) -> Tensor:
        axes = zip(x.size, self.padding, strict=True)
        return Tensor(x.channels, tuple([n + before + after for n, (before, after) in axes]))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return ((f"ZeroPad{len(x.size)}d", {"padding": last_axis_first(self.padding)}),)
