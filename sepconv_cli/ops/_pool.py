"""What max_pool and avg_pool share: their window, and the shape it leaves."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import below
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Op, Tensor, Window
from sepconv_cli.ops._axes import (
    Axes,
    Margin,
    Padding,
    check_spatial,
    check_window,
    slide,
    sliding,
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

    @property
    def sides(self) -> Padding:
        """The padding before and after, on each axis."""
        return tuple((padding, padding) for padding in self.padding)

    def window_dilation(self) -> Axes:
        """The dilation on each axis."""
        return (1,) * len(self.kernel_size)

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, self.name)
        if not x.size:
            return
        yield from check_window(x, self.kernel_size, self.sides, self.window_dilation())
        for kernel, padding in zip(self.kernel_size, self.padding, strict=True):
            if 2 * padding > kernel:
                yield Complaint(
                    f"padding {padding} is more than half of the kernel of {kernel}",
                    field="padding",
                )

    def window(self) -> Window | None:
        return sliding(self.padding, self.kernel_size, self.window_dilation(), self.step)

    def output_shape(self, x: Tensor) -> Tensor:
        sides = self.sides
        if not self.ceil_mode:
            size = slide(x.size, sides, self.kernel_size, self.window_dilation(), self.step)
            return Tensor(x.channels, size)
        # A last window may hang over, if it starts inside the input or the padding before it
        # (torch.nn.MaxPool2d, "Note").
        over = tuple(
            (before, after + step - 1)
            for (before, after), step in zip(sides, self.step, strict=True)
        )
        most = slide(x.size, over, self.kernel_size, self.window_dilation(), self.step)
        rows = zip(most, self.step, x.size, self.padding, strict=True)
        size = tuple(count - 1 + below((count - 1) * step, n + pad) for count, step, n, pad in rows)
        return Tensor(x.channels, size)
