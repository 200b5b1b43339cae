"""Networks of configs/ whose totals are worked out here as sums of products, and traced."""

from pathlib import Path
from typing import NamedTuple

import pytest

from sepconv_cli import compare
from sepconv_cli.compare.rows import Row
from sepconv_cli.library.load import load
from sepconv_cli.lowering.lower import lower

CONFIGS = Path(__file__).parents[2] / "configs"


class Sum(NamedTuple):
    """Parameters and MACs of a few layers."""

    parameters: int
    macs: int

    def __add__(self, other: object) -> "Sum":
        assert isinstance(other, Sum)
        return Sum(self.parameters + other.parameters, self.macs + other.macs)

    def times(self, times: int) -> "Sum":
        """So many of the same."""
        return Sum(times * self.parameters, times * self.macs)


def row(path: str, variant: str) -> Row:
    """The spec by both engines, which agree."""
    comparison = compare(load(CONFIGS / path), variants=[variant], engine="both")
    assert not comparison.disagreements
    (found,) = comparison.rows
    assert found.agrees
    return found


def check(path: str, variant: str, expected: Sum) -> None:
    found = row(path, variant)
    assert (found["parameters"], found["count"]) == expected


def qanet(convolution: Sum) -> Sum:
    """128 channels at 400 positions: four convolutions, attention, and two pointwise layers.

    Attention is four projections, and 400 x 400 products of 128 channels both for the scores
    and for the values, however many heads. Each of six norms has 2 x 128 parameters.
    """
    pointwise = Sum(128 * 128 + 128, 400 * 128 * 128)
    attention = pointwise.times(4) + Sum(0, 2 * 400 * 400 * 128)
    norms = Sum(6 * 2 * 128, 0)
    return convolution.times(4) + attention + pointwise.times(2) + norms


QANET_CONVOLUTIONS = {
    "standard": Sum(7 * 128 * 128 + 128, 400 * 7 * 128 * 128),
    "depthwise_separable": Sum(7 * 128 + 128 + 128 * 128 + 128, 400 * 7 * 128 + 400 * 128 * 128),
    "blueprint_u": Sum(128 * 128 + 7 * 128 + 128, 400 * 128 * 128 + 400 * 7 * 128),
    "blueprint_s": Sum(2 * 128 * 32 + 7 * 128 + 128, 400 * 2 * 128 * 32 + 400 * 7 * 128),
}


@pytest.mark.parametrize("variant", QANET_CONVOLUTIONS)
def test_qanet_encoder(variant: str) -> None:
    check("blocks/qanet_encoder.yaml", variant, qanet(QANET_CONVOLUTIONS[variant]))


def test_activations_of_qanet() -> None:
    """Every convolution puts out 128 x 400; so do four projections and the weighed values.

    The scores are 400 x 400 in each of eight heads.
    """
    expected = (4 + 5 + 2) * 128 * 400 + 8 * 400 * 400
    assert row("blocks/qanet_encoder.yaml", "standard")["activations"] == expected


def slicenet(convolution: Sum) -> Sum:
    """768 channels at 64 positions: four convolutions of 3, and four super-separable ones.

    With k in a window and g groups, depthwise takes k products for each channel, and each
    output of the pointwise half reads 768 / g channels. Eight norms have 2 x 768 parameters.
    """
    super_separable = sum(
        (Sum(768 * k + 768 * 768 // g, 64 * 768 * (k + 768 // g)) for k, g in WINDOWS), Sum(0, 0)
    )
    return convolution.times(4) + super_separable + Sum(8 * 2 * 768, 0)


WINDOWS = [(3, 3), (7, 2), (15, 3), (31, 2)]

SLICENET_CONVOLUTIONS = {
    "standard": Sum(3 * 768 * 768, 64 * 3 * 768 * 768),
    "depthwise_separable": Sum(3 * 768 + 768 * 768, 64 * (3 * 768 + 768 * 768)),
    "blueprint_u": Sum(768 * 768 + 3 * 768, 64 * (768 * 768 + 3 * 768)),
    "blueprint_s": Sum(2 * 768 * 192 + 3 * 768, 64 * (2 * 768 * 192 + 3 * 768)),
}


@pytest.mark.parametrize("variant", SLICENET_CONVOLUTIONS)
def test_slicenet(variant: str) -> None:
    check("blocks/slicenet.yaml", variant, slicenet(SLICENET_CONVOLUTIONS[variant]))


def convolution(variant: str, channels: int, out: int, side: int) -> Sum:
    """A padded 3x3 convolution with a bias, as the variants make it; side x side positions."""
    positions = side * side
    if variant == "standard":
        products, biases = 9 * channels * out, out
    elif variant == "depthwise_separable":
        products, biases = 9 * channels + channels * out, channels + out
    elif variant == "blueprint_u":
        products, biases = channels * out + 9 * out, out
    else:
        middle = min(channels, max(4, -(-channels // 4)))
        products, biases = channels * middle + middle * out + 9 * out, out
    return Sum(products + biases, positions * products)


VARIANTS = ["standard", "depthwise_separable", "blueprint_u", "blueprint_s"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_u_net(variant: str) -> None:
    """Seven pairs of convolutions at 128, 64, 32, 16 and up again, where the first of a pair
    reads what was handed across beside what came up; three transposed convolutions, of which
    every input element is multiplied by 2 x 2 weights for each output channel; the classifier."""
    pairs = [
        (3, 32, 128),
        (32, 64, 64),
        (64, 128, 32),
        (128, 256, 16),
        (128 + 128, 128, 32),
        (64 + 64, 64, 64),
        (32 + 32, 32, 128),
    ]
    expected = Sum(32 * 2 + 2, 128 * 128 * 32 * 2)
    for channels, out, side in pairs:
        expected += convolution(variant, channels, out, side)
        expected += convolution(variant, out, out, side)
    for channels, out, side in [(256, 128, 16), (128, 64, 32), (64, 32, 64)]:
        expected += Sum(4 * channels * out + out, side * side * channels * 4 * out)
    check("architectures/u_net.yaml", variant, expected)


@pytest.mark.parametrize("variant", VARIANTS)
def test_bsrn(variant: str) -> None:
    """At 64 x 64 throughout: 3 -> 64, eight units of two, one more, and 64 -> 3 x 4 x 4."""
    expected = (
        convolution(variant, 3, 64, 64)
        + convolution(variant, 64, 64, 64).times(8 * 2 + 1)
        + convolution(variant, 64, 3 * 4 * 4, 64)
    )
    check("architectures/bsrn.yaml", variant, expected)


@pytest.mark.parametrize(
    ("path", "settings", "size"),
    [
        pytest.param("u_net", {"resolution": 64, "classes": 5}, "5x64x64", id="u_net"),
        pytest.param("bsrn", {"resolution": 20, "scale": 3}, "3x60x60", id="bsrn"),
    ],
)
def test_size_of_the_output(path: str, settings: dict[str, int], size: str) -> None:
    network = lower(load(CONFIGS / "architectures" / f"{path}.yaml"), settings)
    assert str(network.nodes[-1].y) == size
