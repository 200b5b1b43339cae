"""The mean of a window."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Tensor, Work
from sepconv_cli.ops._axes import AXIS_NAMES
from sepconv_cli.ops._pool import Pool


class AvgPool(Pool, frozen=True, kw_only=True):
    """The mean of a sliding window (torch.nn.AvgPool1d, 2d, 3d)."""

    count_include_pad: bool = True

    uncounted = frozenset({"aten::avg_pool1d", "aten::avg_pool2d", "aten::avg_pool3d"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from super().check(x)
        rows = zip(AXIS_NAMES[len(x.size)] if x.size else (), x.size, self.kernel_size, strict=True)
        for axis, size, kernel in rows:
            # torch.nn.AvgPool3d alone doesn't count the padding.
            if len(x.size) == 3 and kernel > size:
                yield Complaint(
                    f"over three axes torch takes no mean of {kernel} on the {axis} of {size}",
                    field="kernel_size",
                )

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("add", "pool", y.elements * (prod(self.kernel_size) - 1))
        yield Work("divide", "pool", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "kernel_size": self.kernel_size,
            "stride": self.step,
            "padding": self.padding,
            "ceil_mode": self.ceil_mode,
            "count_include_pad": self.count_include_pad,
        }
        return ((f"AvgPool{len(x.size)}d", call),)
