"""For random layers of every geometry each convention says what its tool counts.

Tools recompute output sizes, divide by groups and take padding apart, each in its own way:
here is where a rule that is right for common layers would be found out.
"""

from typing import Any, get_args

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sepconv_cli.conventions import Style
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.adaptive_avg_pool import AdaptiveAvgPool
from sepconv_cli.ops.adaptive_max_pool import AdaptiveMaxPool
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.conv import Conv, PaddingMode
from sepconv_cli.ops.conv_transpose import ConvTranspose
from sepconv_cli.ops.group_norm import GroupNorm
from sepconv_cli.ops.instance_norm import InstanceNorm
from sepconv_cli.ops.layer_norm import LayerNorm
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.prelu import Prelu
from sepconv_cli.ops.softmax import Softmax
from sepconv_cli.ops.upsample import Upsample
from tests.conventions import alone, differences

MODES: tuple[PaddingMode, ...] = get_args(PaddingMode)

flags = st.booleans()
styles = st.builds(Style, functions=flags, string_padding=flags)
slow = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def each(axes: int, low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    """A length for each axis."""
    return st.tuples(*[st.integers(low, high)] * axes)


@st.composite
def inputs(draw: st.DrawFn, flat: bool = False) -> Tensor:
    """Up to three axes, one at least unless it may be flat."""
    size = draw(each(draw(st.integers(0 if flat else 1, 3)), 1, 9))
    return Tensor(draw(st.integers(1, 12)), size)


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[Op, Tensor]:
    """Of either kind, with padding of any kind that the op knows."""
    groups = draw(st.sampled_from([1, 1, 2, 3, 4]))
    x = draw(inputs())
    x = Tensor(groups * x.channels, x.size)
    axes = len(x.size)
    fields: dict[str, Any] = {
        "out_channels": groups * draw(st.integers(1, 4)),
        "kernel_size": draw(each(axes, 1, 5)),
        "stride": draw(each(axes, 1, 3)),
        "dilation": draw(each(axes, 1, 3)),
        "groups": groups,
        "bias": draw(flags),
    }
    if draw(flags):
        padding, more = draw(each(axes, 0, 3)), draw(each(axes, 0, 2))
        return ConvTranspose(padding=padding, output_padding=more, **fields), x
    return draw(paddings(axes, fields)), x


@st.composite
def paddings(draw: st.DrawFn, axes: int, fields: dict[str, Any]) -> Op:
    """A convolution that keeps its size, or is padded alike or unlike on both sides."""
    before, after = draw(each(axes, 0, 3)), draw(each(axes, 0, 3))
    kind = draw(st.sampled_from(["same", "alike", "unlike"]))
    if kind == "same":
        fields = {**fields, "stride": (1,) * axes}
        reach = zip(fields["kernel_size"], fields["dilation"], strict=True)
        needs = [dilation * (kernel - 1) for kernel, dilation in reach]
        before = tuple(total // 2 for total in needs)
        after = tuple(total - total // 2 for total in needs)
    padding = tuple(zip(before, before if kind == "alike" else after, strict=True))
    return Conv(padding=padding, padding_mode=draw(st.sampled_from(MODES)), **fields)


@st.composite
def pools(draw: st.DrawFn) -> tuple[Op, Tensor]:
    """Windows that slide, and windows that fit an output size."""
    x = draw(inputs())
    axes = len(x.size)
    if draw(flags):
        kind = draw(st.sampled_from([AdaptiveAvgPool, AdaptiveMaxPool]))
        return kind(output_size=draw(each(axes, 1, 9))), x
    fields: dict[str, Any] = {
        "kernel_size": draw(each(axes, 1, 4)),
        "stride": draw(each(axes, 1, 3)),
        "padding": draw(each(axes, 0, 2)),
        "ceil_mode": draw(flags),
    }
    if draw(flags):
        return MaxPool(dilation=draw(each(axes, 1, 3)), **fields), x
    # torch averages no window over three axes that is larger than the input without its padding.
    assume(axes < 3 or all(k <= n for k, n in zip(fields["kernel_size"], x.size, strict=True)))
    return AvgPool(count_include_pad=draw(flags), **fields), x


@st.composite
def others(draw: st.DrawFn) -> tuple[Op, Tensor]:
    """Linear layers, norms, upsampling and what else has rules by its shape."""
    x = draw(inputs(flat=True))
    axes, last = len(x.size), (x.channels, *x.size)[-1]
    divisors = [n for n in range(1, x.channels + 1) if x.channels % n == 0]
    ops: list[st.SearchStrategy[Op]] = [
        st.builds(Linear, out_features=st.integers(1, 9), in_features=st.just(last), bias=flags),
        st.builds(BatchNorm, affine=flags),
        st.builds(GroupNorm, num_groups=st.sampled_from(divisors), affine=flags),
        st.builds(
            LayerNorm,
            normalized_shape=st.sampled_from([None, (last,)]),
            elementwise_affine=flags,
            bias=flags,
        ),
        st.builds(Prelu, num_parameters=st.sampled_from([1, x.channels])),
        st.just(Softmax()),
    ]
    if axes:
        factors = st.one_of(
            each(axes, 1, 3), st.integers(1, 3).map(lambda factor: (factor,) * axes)
        )
        mode = st.sampled_from(["nearest", "bilinear"] if axes == 2 else ["nearest"])
        ops += [
            st.builds(InstanceNorm, affine=flags, track_running_stats=flags),
            st.builds(Upsample, scale_factor=factors, mode=mode),
        ]
    return draw(st.one_of(ops)), x


def check(layer: tuple[Op, Tensor], style: Style) -> None:
    op, x = layer
    assume(not list(op.check(x)))
    assert differences(alone(op, x), style) == {}


@slow
@given(convolutions(), styles)
def test_convolutions(layer: tuple[Op, Tensor], style: Style) -> None:
    check(layer, style)


@slow
@given(pools(), styles)
def test_pools(layer: tuple[Op, Tensor], style: Style) -> None:
    check(layer, style)


@slow
@given(others(), styles)
def test_others(layer: tuple[Op, Tensor], style: Style) -> None:
    check(layer, style)
