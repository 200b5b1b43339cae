"""Convolution with weights that are written down."""

from sepconv_cli.network import Call, Tensor
from sepconv_cli.ops.conv import Conv, PaddingMode


class FixedConv(Conv, frozen=True, kw_only=True):
    """Convolution with weights that aren't learned: a blur before a stride, an edge filter.

    It costs what a convolution costs, and has no parameters (torch.nn.functional.conv2d of a
    buffer; Zhang 2019, arXiv:1904.11486).
    """

    bias: bool = False

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"bias": (self.out_channels,)} if self.bias else {}

    def parameters(self, x: Tensor) -> int:
        return self.out_channels if self.bias else 0

    def _call(self, x: Tensor, padding: tuple[int, ...] | str, mode: PaddingMode) -> Call:
        name, call = super()._call(x, padding, mode)
        return ("FixedConv", {"kind": name, **call})
