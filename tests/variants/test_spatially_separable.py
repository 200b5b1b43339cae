"""`spatially_separable`: what must not change, what becomes of the rest, and counts by hand."""

import pytest
from torch import nn

from sepconv_cli import compare, loads
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants import rewrite
from sepconv_cli.variants.spatially_separable import SpatiallySeparable
from tests.examples import conv
from tests.variants.by_hand import counted, network, rewritten

X = Tensor(8, (9, 11))
SPACE = Tensor(4, (7, 9, 11))


@pytest.mark.parametrize(
    ("op", "x"),
    [
        pytest.param(conv(2, 16, (1, 1)), X, id="a pointwise"),
        pytest.param(conv(2, 8, (3, 3), groups=8), X, id="a depthwise"),
        pytest.param(conv(1, 16, (3,)), Tensor(8, (9,)), id="a 1-d convolution"),
        pytest.param(conv(2, 16, (7, 1)), X, id="a kernel over one axis is one part already"),
        pytest.param(conv(3, 16, (3, 1, 1)), SPACE, id="the same over three axes"),
    ],
)
def test_must_not_change(op: Op, x: Tensor) -> None:
    before = network(op, x)
    assert rewrite(before, SpatiallySeparable(rank=2)) == before


@pytest.mark.parametrize(
    ("variant", "op", "x", "after"),
    [
        pytest.param(
            SpatiallySeparable(),
            conv(2, 16, (3, 5), stride=(2, 3), padding=((1, 0), (2, 1)), dilation=(1, 2)),
            X,
            {
                "height": conv(2, 8, (3, 1), stride=(2, 1), padding=((1, 0), (0, 0))),
                "width": conv(
                    2, 16, (1, 5), stride=(1, 3), padding=((0, 0), (2, 1)), dilation=(1, 2)
                ),
            },
            id="each axis keeps its stride, padding and dilation; C channels and a bias between",
        ),
        pytest.param(
            SpatiallySeparable(rank=2, bias="last", between=(BatchNorm(),)),
            conv(2, 16, (3, 3)),
            X,
            {
                "height": conv(2, 2, (3, 1), bias=False),
                "batch_norm": BatchNorm(),
                "width": conv(2, 16, (1, 3)),
            },
            id="rank 2, bias last, batch norm between",
        ),
        pytest.param(
            SpatiallySeparable(rank=20),
            conv(2, 16, (3, 3), bias=False),
            X,
            {"height": conv(2, 20, (3, 1), bias=False), "width": conv(2, 16, (1, 3), bias=False)},
            id="a rank over C and N is taken as it is said: it may be up to K times as large",
        ),
        pytest.param(
            SpatiallySeparable(rank=2),
            conv(3, 16, (3, 5, 7), bias=False),
            SPACE,
            {
                "depth": conv(3, 2, (3, 1, 1), bias=False),
                "height": conv(3, 2, (1, 5, 1), bias=False),
                "width": conv(3, 16, (1, 1, 7), bias=False),
            },
            id="three axes, three parts",
        ),
        pytest.param(
            SpatiallySeparable(),
            conv(3, 16, (1, 3, 3), stride=(2, 1, 1), padding=((1, 1), (0, 0), (0, 0))),
            SPACE,
            {
                "height": conv(3, 4, (1, 3, 1), stride=(2, 1, 1), padding=((1, 1), (0, 0), (0, 0))),
                "width": conv(3, 16, (1, 1, 3)),
            },
            id="an axis with a kernel of 1 has no part; the first takes its stride and padding",
        ),
    ],
)
def test_before_and_after(
    variant: SpatiallySeparable, op: Conv, x: Tensor, after: dict[str, Op]
) -> None:
    assert rewritten(op, variant, x) == after


def test_layers_stand_between_all_three_parts() -> None:
    variant = SpatiallySeparable(between=(BatchNorm(),))
    nodes = rewrite(network(conv(3, 16, (3, 3, 3)), SPACE), variant).nodes
    assert [node.op.name for node in nodes] == ["conv", "batch_norm", "conv", "batch_norm", "conv"]


def test_the_first_part_runs_at_the_inputs_resolution_on_the_other_axis() -> None:
    nodes = rewrite(network(conv(2, 16, (3, 3), stride=(2, 2)), X), SpatiallySeparable()).nodes
    assert [str(node.y) for node in nodes] == ["8x4x11", "16x4x5"]


def test_a_third_is_saved_where_channels_are_equal() -> None:
    """Two thirds of a 3x3 convolution: 33% cheaper, as Inception-v3 says of it (section 3.2)."""
    spec = loads(
        "input: [12, 8, 8]\n"
        "layers: [conv: {out_channels: 12, kernel_size: 3, padding: 1, bias: false}]\n"
    )
    (row,) = compare(spec, variants=["spatially_separable"], engine="analytic").rows
    assert row.ratio("count") == row.ratio("parameters") == 2 / 3


@pytest.mark.parametrize(
    ("text", "x", "parameters", "macs", "modules"),
    [
        pytest.param(
            "input: [8, 9, 9]\nlayers: [conv: {out_channels: 16, kernel_size: 3, stride: 2}]\n",
            Tensor(8, (9, 9)),
            (3 * 8 * 3 + 3) + (16 * 3 * 3 + 16),
            # 4 x 9 positions of 3 channels, then 4 x 4 of 16.
            4 * 9 * 3 * 8 * 3 + 4 * 4 * 16 * 3 * 3,
            [nn.Conv2d(8, 3, (3, 1), stride=(2, 1)), nn.Conv2d(3, 16, (1, 3), stride=(1, 2))],
            id="3x3, stride 2, rank 3",
        ),
        pytest.param(
            "input: [4, 5, 6, 7]\n"
            "layers: [conv: {out_channels: 6, kernel_size: [1, 3, 3], stride: [2, 1, 1]}]\n",
            Tensor(4, (5, 6, 7)),
            (3 * 4 * 3 + 3) + (6 * 3 * 3 + 6),
            # 3 x 4 x 7 positions, then 3 x 4 x 5.
            3 * 4 * 7 * 3 * 4 * 3 + 3 * 4 * 5 * 6 * 3 * 3,
            [nn.Conv3d(4, 3, (1, 3, 1), stride=(2, 1, 1)), nn.Conv3d(3, 6, (1, 1, 3))],
            id="1x3x3 over three axes, rank 3",
        ),
    ],
)
def test_counts_by_hand_and_torch_by_hand(
    text: str, x: Tensor, parameters: int, macs: int, modules: list[nn.Module]
) -> None:
    options = {"rank": 3}
    (row,) = compare(
        loads(text), variants=["spatially_separable"], options=options, engine="both"
    ).rows
    assert (row["parameters"], row["count"], row.agrees) == (parameters, macs, True)
    assert counted(modules, x) == (parameters, macs)
