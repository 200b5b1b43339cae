"""`grouped`: what must not change, what becomes of the rest, counts by hand, and a real ResNeXt."""

import pytest
from torch import nn

from sepconv_cli import compare, loads
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.conv import Conv
from sepconv_cli.registry import names
from sepconv_cli.variants import rewrite
from sepconv_cli.variants.depthwise_separable import DepthwiseSeparable
from sepconv_cli.variants.grouped import Grouped
from tests.examples import conv
from tests.variants.by_hand import X, counted, network, rewritten


def written(out: int, bias: bool = True, groups: int = 1) -> Conv:
    sides = ((1, 1), (1, 1))
    return conv(2, out, (3, 3), stride=(2, 2), padding=sides, groups=groups, bias=bias)


def pointwise(out: int, bias: bool = True) -> Conv:
    return conv(2, out, (1, 1), bias=bias)


@pytest.mark.parametrize(
    ("variant", "op", "x"),
    [
        pytest.param(Grouped(groups=4), conv(2, 16, (1, 1)), X, id="a pointwise"),
        pytest.param(Grouped(groups=4), written(16, groups=2), X, id="one that has groups"),
        pytest.param(Grouped(groups=1), written(16), X, id="one group was asked for"),
        pytest.param(Grouped(groups=4), written(15), X, id="gcd(4, 8, 15) is 1"),
        pytest.param(Grouped(groups=32), written(64), Tensor(3, (9, 9)), id="a stem of 3 channels"),
        pytest.param(
            Grouped(groups=32, pointwise=True),
            written(64),
            Tensor(3, (9, 9)),
            id="a stem gets no pointwise either",
        ),
    ],
)
def test_must_not_change(variant: Grouped, op: Op, x: Tensor) -> None:
    before = network(op, x)
    assert rewrite(before, variant) == before


@pytest.mark.parametrize(
    ("variant", "op", "after"),
    [
        pytest.param(
            Grouped(groups=4),
            written(16),
            {"grouped": written(16, groups=4)},
            id="the same convolution in 4 groups, with its stride, padding and bias",
        ),
        pytest.param(
            Grouped(), written(16), {"grouped": written(16, groups=8)}, id="gcd(32, 8, 16) is 8"
        ),
        pytest.param(
            Grouped(groups=4),
            written(6),
            {"grouped": written(6, groups=2)},
            id="groups that don't divide the outputs: gcd(4, 8, 6) is 2",
        ),
        pytest.param(
            Grouped(groups=4, pointwise=True),
            written(15, bias=False),
            {"grouped": written(8, bias=False, groups=4), "pointwise": pointwise(15, bias=False)},
            id="pointwise: the groups divide the inputs; the stride is the grouped part's",
        ),
        pytest.param(
            Grouped(groups=4, pointwise=True),
            written(16),
            {"grouped": written(8, groups=4), "pointwise": pointwise(16)},
            id="pointwise: a bias in both",
        ),
        pytest.param(
            Grouped(groups=4, pointwise=True, bias="last", between=(BatchNorm(),)),
            written(16),
            {
                "grouped": written(8, bias=False, groups=4),
                "batch_norm": BatchNorm(),
                "pointwise": pointwise(16),
            },
            id="pointwise: bias last, batch norm between",
        ),
        pytest.param(
            Grouped(groups=4, bias="last", between=(BatchNorm(),)),
            written(16),
            {"grouped": written(16, groups=4)},
            id="a single part has nothing between it, and its bias is the last",
        ),
    ],
)
def test_before_and_after(variant: Grouped, op: Conv, after: dict[str, Op]) -> None:
    assert rewritten(op, variant) == after


def test_as_many_groups_as_channels_and_a_pointwise_are_depthwise_separable() -> None:
    by_groups = list(rewritten(written(16), Grouped(groups=8, pointwise=True)).values())
    assert by_groups == list(rewritten(written(16), DepthwiseSeparable()).values())


@pytest.mark.parametrize(
    ("options", "parameters", "macs", "modules"),
    [
        pytest.param(
            {"groups": 4},
            16 * 2 * 9 + 16,
            16 * 25 * 2 * 9,
            [nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=4)],
            id="each of 16 outputs reads 2 inputs",
        ),
        pytest.param(
            {"groups": 4, "pointwise": True},
            (8 * 2 * 9 + 8) + (16 * 8 + 16),
            25 * (8 * 2 * 9 + 16 * 8),
            [nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=4), nn.Conv2d(8, 16, 1)],
            id="then a pointwise at the output's resolution",
        ),
    ],
)
def test_counts_by_hand_and_torch_by_hand(
    options: dict[str, object], parameters: int, macs: int, modules: list[nn.Module]
) -> None:
    spec = loads(
        "input: [8, 9, 9]\n"
        "layers: [conv: {out_channels: 16, kernel_size: 3, stride: 2, padding: 1}]\n"
    )
    (row,) = compare(spec, variants=["grouped"], options=options, engine="both").rows
    assert (row["parameters"], row["count"], row.agrees) == (parameters, macs, True)
    assert counted(modules, X) == (parameters, macs)


def test_a_resnet_becomes_the_published_resnext() -> None:
    """ResNeXt-50 32x4d: 25,028,904 parameters and 4.23 G in torchvision's table of models.

    Its bottlenecks are twice as wide as a ResNet's, and their 3x3 convolutions in 32 groups; all
    else is ResNet-50. The paper prints 25.0 M and 4.2 G (arXiv:1611.05431, table 1).
    """
    stages = "\n".join(
        f"""  - unit: {{width: {128 * 2**stage}, stride: {1 if stage == 0 else 2}}}
  - {{unit: {{width: {128 * 2**stage}}}, repeat: {depth - 1}}}"""
        for stage, depth in enumerate((3, 4, 6, 3))
    )
    spec = loads(
        f"""
input: [3, 224, 224]
blocks:
  cbn:
    parameters: {{channels: required, kernel: 1, stride: 1}}
    layers:
      - conv:
          {{out_channels: channels, kernel_size: kernel, stride: stride, padding: kernel // 2,
           bias: false}}
      - batch_norm
  unit:
    parameters: {{width: required, stride: 1, projects: stride > 1 or in_channels != 2 * width}}
    layers:
      - residual:
          layers:
            - cbn: {{channels: width}}
            - relu
            - cbn: {{channels: width, kernel: 3, stride: stride}}
            - relu
            - cbn: {{channels: 2 * width}}
          shortcut: [{{cbn: {{channels: 2 * width, stride: stride}}, when: projects}}]
      - relu
layers:
  - {{cbn: {{channels: 64, kernel: 7, stride: 2}}, rewrite: false}}
  - relu
  - max_pool: {{kernel_size: 3, stride: 2, padding: 1}}
{stages}
  - global_avg_pool
  - flatten
  - linear: {{out_features: 1000}}
"""
    )
    (row,) = compare(spec, variants=["grouped"], engine="analytic").rows
    assert row["parameters"] == 25_028_904
    macs = row["count"]
    assert macs is not None
    assert round(macs / 1e9, 2) == 4.23


def test_it_is_no_usual_variant() -> None:
    """New variants leave the output of old commands as it was."""
    rows = compare(loads("input: [8, 9]\nlayers: [conv: {out_channels: 8, kernel_size: 3}]\n")).rows
    assert [row.variant for row in rows] == [
        "standard", "depthwise_separable", "blueprint_u", "blueprint_s",
    ]  # fmt: skip
    assert len(names("variants")) > len(rows)
