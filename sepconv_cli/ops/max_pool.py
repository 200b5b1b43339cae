"""The largest element of a window."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.network import Call, Tensor, Work
from sepconv_cli.ops._axes import Axes
from sepconv_cli.ops._pool import Pool


class MaxPool(Pool, frozen=True, kw_only=True):
    """The largest element of a sliding window (torch.nn.MaxPool1d, 2d, 3d)."""

    dilation: Axes = (1,)

    uncounted = frozenset({"aten::max_pool1d", "aten::max_pool2d", "aten::max_pool3d"})

    def window_dilation(self) -> Axes:
        return self.dilation

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "pool", y.elements * (prod(self.kernel_size) - 1))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "kernel_size": self.kernel_size,
            "stride": self.step,
            "padding": self.padding,
            "dilation": self.dilation,
            "ceil_mode": self.ceil_mode,
        }
        return ((f"MaxPool{len(x.size)}d", call),)
