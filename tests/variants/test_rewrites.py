"""Each variant as a table: what must not change, and what becomes of the rest."""

from fractions import Fraction

import pytest

from sepconv_cli import SpecError, compare, loads
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.conv import Conv
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.relu import Relu
from sepconv_cli.registry import names, record
from sepconv_cli.variants import Variant, rewrite
from sepconv_cli.variants.blueprint_s import BlueprintS
from sepconv_cli.variants.blueprint_u import BlueprintU
from sepconv_cli.variants.depthwise_separable import DepthwiseSeparable
from tests.examples import conv
from tests.variants.by_hand import X, network, rewritten

K3 = conv(2, 16, (3, 3), stride=(2, 2), padding=((1, 1), (1, 1)), bias=False)
K3_BIAS = conv(2, 16, (3, 3), stride=(2, 2), padding=((1, 1), (1, 1)))


def pointwise(out: int, bias: bool = False) -> Conv:
    return conv(2, out, (1, 1), bias=bias)


def depthwise(channels: int, out: int, bias: bool = False) -> Conv:
    return conv(2, out, (3, 3), stride=(2, 2), padding=((1, 1), (1, 1)), groups=channels, bias=bias)


@pytest.mark.parametrize("variant", names("variants"))
@pytest.mark.parametrize(
    ("op", "x"),
    [
        pytest.param(conv(2, 16, (1, 1)), X, id="pointwise"),
        pytest.param(conv(2, 16, (3, 3), groups=2), X, id="grouped"),
        pytest.param(conv(2, 8, (3, 3), groups=8), X, id="depthwise"),
        pytest.param(Linear(out_features=3), Tensor(8), id="linear"),
        pytest.param(BatchNorm(), X, id="batch norm"),
    ],
)
def test_must_not_change(variant: str, op: Op, x: Tensor) -> None:
    before = network(op, x)
    assert rewrite(before, record("variants", variant)()) == before


@pytest.mark.parametrize("variant", names("variants"))
def test_rewrite_false_is_kept(variant: str) -> None:
    before = network(K3, allowed=False)
    assert rewrite(before, record("variants", variant)()) == before


def test_standard_changes_nothing() -> None:
    before = network(K3_BIAS)
    for bias in ("last", "all"):
        assert rewrite(before, record("variants", "standard")(bias=bias)) == before


@pytest.mark.parametrize(
    ("variant", "op", "after"),
    [
        pytest.param(
            DepthwiseSeparable(),
            K3,
            {"depthwise": depthwise(8, 8), "pointwise": pointwise(16)},
            id="separable: the stride is the depthwise's",
        ),
        pytest.param(
            DepthwiseSeparable(),
            K3_BIAS,
            {"depthwise": depthwise(8, 8, True), "pointwise": pointwise(16, True)},
            id="separable: a bias in both halves, as two plain layers would have",
        ),
        pytest.param(
            DepthwiseSeparable(bias="last"),
            K3_BIAS,
            {"depthwise": depthwise(8, 8), "pointwise": pointwise(16, True)},
            id="separable: bias last",
        ),
        pytest.param(
            DepthwiseSeparable(bias="all"),
            K3,
            {"depthwise": depthwise(8, 8), "pointwise": pointwise(16)},
            id="separable: no option gives a bias to a convolution without one",
        ),
        pytest.param(
            DepthwiseSeparable(depth_multiplier=3, between=(BatchNorm(), Relu())),
            K3,
            {
                "depthwise": depthwise(8, 24),
                "batch_norm": BatchNorm(),
                "relu": Relu(),
                "pointwise": pointwise(16),
            },
            id="separable: C*m channels in the middle, layers between",
        ),
        pytest.param(
            BlueprintU(),
            K3_BIAS,
            {"pointwise": pointwise(16), "depthwise": depthwise(16, 16, True)},
            id="blueprint_u: a bias in the depthwise only, as in the reference",
        ),
        pytest.param(
            BlueprintU(bias="all", between=(BatchNorm(),)),
            K3_BIAS,
            {
                "pointwise": pointwise(16, True),
                "batch_norm": BatchNorm(),
                "depthwise": depthwise(16, 16, True),
            },
            id="blueprint_u: bias all, batch norm between",
        ),
        pytest.param(
            BlueprintS(),
            K3_BIAS,
            {
                "pointwise_1": pointwise(4),
                "pointwise_2": pointwise(16),
                "depthwise": depthwise(16, 16, True),
            },
            id="blueprint_s: M' = max(4, 8/4)",
        ),
        pytest.param(
            BlueprintS(p=Fraction(1, 2), min_mid_channels=1, bias="all"),
            K3_BIAS,
            {
                "pointwise_1": pointwise(4, True),
                "pointwise_2": pointwise(16, True),
                "depthwise": depthwise(16, 16, True),
            },
            id="blueprint_s: p = 1/2, a bias in all three",
        ),
    ],
)
def test_before_and_after(variant: Variant, op: Conv, after: dict[str, Op]) -> None:
    assert rewritten(op, variant) == after


def test_layers_stand_after_each_pointwise_of_blueprint_s() -> None:
    """The reference's `with_bn`: none after the depthwise."""
    nodes = rewrite(network(K3), BlueprintS(between=(BatchNorm(),))).nodes
    assert [node.op.name for node in nodes] == ["conv", "batch_norm", "conv", "batch_norm", "conv"]


def test_where_the_resolution_changes() -> None:
    """The blueprint's pointwise runs at the input's resolution, the separable's at the output's."""
    separable = rewrite(network(K3), DepthwiseSeparable()).nodes
    blueprint = rewrite(network(K3), BlueprintU()).nodes
    assert [str(node.y) for node in separable] == ["8x5x5", "16x5x5"]
    assert [str(node.y) for node in blueprint] == ["16x9x9", "16x5x5"]


@pytest.mark.parametrize(
    ("p", "least", "channels", "expected"),
    [
        pytest.param(Fraction(1, 4), 4, 64, 16, id="a quarter"),
        pytest.param(Fraction(1, 4), 4, 10, 4, id="not under min_mid_channels"),
        pytest.param(Fraction(1, 4), 4, 3, 3, id="not over the input's channels"),
        pytest.param(Fraction(1, 4), 4, 66, 17, id="rounded up"),
        pytest.param(Fraction(7, 100), 1, 100, 7, id="0.07 of 100 is 7, not floating point's 8"),
        pytest.param(Fraction(1), 4, 64, 64, id="all of them"),
    ],
)
def test_mid_channels(p: Fraction, least: int, channels: int, expected: int) -> None:
    assert BlueprintS(p=p, min_mid_channels=least).mid_channels(channels) == expected


def test_a_layer_between_is_checked_where_it_stands() -> None:
    """Eight groups divide the 16 channels after the pointwise; seven don't."""
    text = (
        "input: [8, 9]\nlayers: [conv: {{out_channels: 16, kernel_size: 3, bias: false}}]\n"
        "variants: {{blueprint_u: {{between: [group_norm: {{num_groups: {}}}]}}}}\n"
    )
    (row,) = compare(loads(text.format(8)), engine="both").rows
    assert (row.agrees, row["parameters"]) == (True, 8 * 16 + 2 * 16 + 16 * 3)
    with pytest.raises(SpecError, match=r"conv\.group_norm: num_groups 7 does not divide the 16"):
        compare(loads(text.format(7)), engine="analytic")


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("variant", names("variants"))
def test_every_variant_keeps_the_shape_on_any_axes(variant: str, axes: int) -> None:
    op = conv(
        axes,
        6,
        (3,) * axes,
        stride=(2,) * axes,
        padding=((2, 1),) * axes,
        dilation=(2,) * axes,
        padding_mode="replicate",
    )
    before = network(op, Tensor(5, (9, 8, 7)[:axes]))
    after = rewrite(before, record("variants", variant)())
    assert after.nodes[-1].y == before.nodes[-1].y
