"""What max_pool and avg_pool share: their window, and the shape it leaves."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops._axes import (
    Axes,
    Margin,
    check_spatial,
    check_window,
    slide,
)


class Pool(Op, frozen=True, kw_only=True):
    """A window that slides over each channel by itself. No stride means the kernel's size."""

    kernel_size: Axes
    stride: Axes = ()
    padding: Margin = (0,)
    ceil_mode: bool = False

    @property
    def step(self) -> Axes:
        """The stride on each axis."""
        return self.stride or self.kernel_size

    def window_dilation(self) -> Axes:
        """The dilation on each axis."""
        return (1,) * len(self.kernel_size)

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, self.name)
        if not x.size:
            return
        sides = tuple((padding, padding) for padding in self.padding)
        yield from check_window(x, self.kernel_size, sides, self.window_dilation())
        for kernel, padding in zip(self.kernel_size, self.padding, strict=True):
            if 2 * padding > kernel:
                yield Complaint(
                    f"padding {padding} is more than half of the kernel of {kernel}",
                    field="padding",
                )

    def output_shape(self, x: Tensor) -> Tensor:
        rows = zip(
            x.size, self.padding, self.kernel_size, self.window_dilation(), self.step, strict=True
        )
        count = _slide_ceil if self.ceil_mode else slide
        size = tuple(count(n, 2 * p, k, d, s) for n, p, k, d, s in rows)
        return Tensor(x.channels, size)


def _slide_ceil(size: int, padding: int, kernel: int, dilation: int, stride: int) -> int:
    """Positions with ceil_mode: a last window may hang over, if it starts inside the
    input or its padding before (torch.nn.MaxPool2d, "Note")."""
    positions = slide(size, padding + stride - 1, kernel, dilation, stride)
    starts_outside = (positions - 1) * stride >= size + padding // 2
    return positions - starts_outside
