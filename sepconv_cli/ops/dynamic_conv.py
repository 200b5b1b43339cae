"""Convolution with weights that are another input."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Inputs, Tensor, Window, Work
from sepconv_cli.ops._axes import Axes, Padding, Positive, check_window, last_axis_first, slide
from sepconv_cli.ops._merge import Merge


class DynamicConv(Merge, frozen=True, kw_only=True):
    """Convolution of each sample with weights of its own, the second input: C' x size'.

    The weights are C' x C / groups x kernel (torch.nn.functional.conv2d in as many groups more as
    there are samples; CondConv, Yang et al. 2019, arXiv:1904.04971).
    """

    stride: Axes = (1,)
    padding: Padding = ((0, 0),)
    dilation: Axes = (1,)
    groups: Positive = 1

    most = 2
    multiplies = True

    # Padding copies elements; it multiplies nothing.
    uncounted = frozenset({"aten::pad"})

    def check_inputs(self, inputs: Inputs) -> Iterator[Complaint]:
        yield from super().check_inputs(inputs)
        if len(inputs) == 2 and self.fits(inputs):
            x, weights = inputs
            yield from check_window(x, weights.size[1:], self.padding, self.dilation)

    def fits(self, inputs: Inputs) -> bool:
        x, weights = inputs
        if not x.size or len(weights.size) != len(x.size) + 1:
            return False
        return weights.size[0] * self.groups == x.channels and not weights.channels % self.groups

    def window(self) -> Window | None:
        return None

    def shape_of(self, inputs: Inputs) -> Tensor:
        x, weights = inputs
        kernel = weights.size[1:]
        size = slide(x.size, self.padding, kernel, self.dilation, self.stride)
        return Tensor(weights.channels, size)

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        yield Work("multiply_add", "kernel", y.elements * prod(inputs[1].size))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "stride": self.stride,
            "padding": last_axis_first(self.padding),
            "dilation": self.dilation,
            "groups": self.groups,
        }
        return (("DynamicConv", call),)
