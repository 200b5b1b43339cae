"""One spatial axis after the other."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar

from msgspec.structs import replace

from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops._axes import AXIS_NAMES, Positive
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants._parts import (
    About,
    Between,
    BiasRule,
    Parts,
    Variant,
    layers_between,
)


class SpatiallySeparable(Variant, frozen=True, kw_only=True):
    """K x 1 with C -> r, then 1 x K with r -> N (Inception-v3, arXiv:1512.00567, section 3.2).

    `rank` is r, the channels between the parts: C unless said, as in Inception's modules with
    1 x 7 and 7 x 1; EffNet (arXiv:1801.06434) takes fewer. Each part has the stride, padding
    and dilation of its axis, so the first runs at the input's resolution on the others. Over
    three axes there are three parts, with r channels between any two. An axis on which the
    kernel is 1 has no part, and its stride and padding go to the first; a kernel over a single
    axis stays as it is, and so does every 1-d convolution. A convolution with a bias gets one
    in every part (`bias: all`), as plain layers would. `between` stands after each part but the
    last.
    """

    rank: (
        Annotated[Positive, About(description="Channels between the parts; or as many as come in")]
        | None
    ) = None
    bias: BiasRule = "all"
    between: Between = ()

    symbols: ClassVar[Mapping[str, str]] = {"rank": "r"}

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        # A symbol can say that it isn't 1, but not that it is more.
        wide = [axis for axis, kernel in enumerate(conv.kernel_size) if kernel != 1]
        if len(wide) < 2:
            return None
        points = [axis for axis in range(len(conv.kernel_size)) if axis not in wide]
        names = AXIS_NAMES[len(conv.kernel_size)]
        parts: list[tuple[str, Op]] = []
        for axis in wide:
            is_last = axis == wide[-1]
            own = [axis, *points] if axis == wide[0] else [axis]
            channels = conv.out_channels if is_last else self.rank or x.channels
            bias = conv.bias and (is_last or self.bias == "all")
            parts.append((names[axis], _along(conv, own, channels, bias)))
            parts.extend(() if is_last else layers_between(self.between))
        return tuple(parts)


def _along(conv: Conv, axes: Collection[int], channels: int, bias: bool) -> Conv:
    """`conv` on these axes alone, to so many channels; on the others a point that moves by one."""

    def own(values: tuple[Any, ...], other: Any) -> tuple[Any, ...]:
        return tuple(value if axis in axes else other for axis, value in enumerate(values))

    return replace(
        conv,
        out_channels=channels,
        kernel_size=own(conv.kernel_size, 1),
        stride=own(conv.stride, 1),
        # What is padded to the same size is so on each axis.
        padding=conv.padding if conv.padding == "same" else own(conv.padding, (0, 0)),
        dilation=own(conv.dilation, 1),
        bias=bias,
    )
