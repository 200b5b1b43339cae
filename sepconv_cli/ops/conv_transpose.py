"""Transposed convolution over one, two or three spatial axes."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Reach, Tensor, Window, Work
from sepconv_cli.ops._axes import AXIS_NAMES, Axes, Margin, Positive, check_spatial
from sepconv_cli.ops._channels import check_divides


class ConvTranspose(Op, frozen=True, kw_only=True):
    """Transposed convolution (torch.nn.ConvTranspose1d, 2d, 3d): C x size -> out_channels x size'.

    Every input element is multiplied by out_channels / groups x prod(kernel_size) weights,
    and size' = (size - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1.
    `padding` takes so much away on either side; `output_padding` adds after.
    """

    out_channels: Positive
    kernel_size: Axes
    stride: Axes = (1,)
    padding: Margin = (0,)
    output_padding: Margin = (0,)
    groups: Positive = 1
    bias: bool = True
    dilation: Axes = (1,)

    multiplies = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "conv_transpose")
        yield from check_divides("groups", self.groups, x.channels, "in_channels")
        yield from check_divides("groups", self.groups, self.out_channels, "out_channels")
        if x.size:
            yield from self._check_output_padding()
            yield from self._check_size(x)

    def _check_output_padding(self) -> Iterator[Complaint]:
        for more, stride, dilation in zip(
            self.output_padding, self.stride, self.dilation, strict=True
        ):
            if more >= max(stride, dilation):
                yield Complaint(
                    f"output_padding {more} is not smaller than the stride of {stride} "
                    f"or the dilation of {dilation}",
                    field="output_padding",
                )

    def _check_size(self, x: Tensor) -> Iterator[Complaint]:
        for axis, length in zip(AXIS_NAMES[len(x.size)], self.output_shape(x).size, strict=True):
            if length < 1:
                yield Complaint(f"padding leaves a {axis} of {length}", field="padding")

    def output_shape(self, x: Tensor) -> Tensor:
        rows = zip(
            x.size,
            self.stride,
            self.padding,
            self.dilation,
            self.kernel_size,
            self.output_padding,
            strict=True,
        )
        size = [(n - 1) * s - 2 * p + d * (k - 1) + more + 1 for n, s, p, d, k, more in rows]
        return Tensor(self.out_channels, tuple(size))

    def window(self) -> Window | None:
        """Input position i is spread to the output positions from stride * i - padding on."""
        rows = zip(self.padding, self.kernel_size, self.dilation, self.stride, strict=True)
        return tuple([Reach(range(pad - d * (k - 1), pad + 1, d), up=s) for pad, k, d, s in rows])

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        each = (x.channels, self.out_channels // self.groups, *self.kernel_size)
        return {"weight": each, "bias": (self.out_channels,)} if self.bias else {"weight": each}

    def parameters(self, x: Tensor) -> int:
        weight = x.channels * (self.out_channels // self.groups) * prod(self.kernel_size)
        return weight + (self.out_channels if self.bias else 0)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        products = x.elements * (self.out_channels // self.groups) * prod(self.kernel_size)
        yield Work("multiply_add", "kernel", products)
        if self.bias:
            yield Work("add", "bias", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "in_channels": x.channels,
            "out_channels": self.out_channels,
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "output_padding": self.output_padding,
            "groups": self.groups,
            "bias": self.bias,
            "dilation": self.dilation,
        }
        return ((f"ConvTranspose{len(x.size)}d", call),)
