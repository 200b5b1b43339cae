"""Arithmetic intensity by hand, as the exact quotient."""

from fractions import Fraction

import pytest

from sepconv_cli import compare, loads
from tests.metrics import NET, each_layer, number

# A depthwise convolution of 64 channels at 14 x 14, kernel 3, in the roofline model.
DEPTHWISE = """
input: [64, 14, 14]
layers:
  - conv: {out_channels: 64, kernel_size: 3, padding: 1, groups: 64, bias: false}
"""


def test_a_network_has_the_quotient_of_its_sums() -> None:
    moved = 571 + 416 + 400 + 2210
    assert number("arithmetic_intensity", NET, 1) == Fraction(7400, moved)
    assert number("arithmetic_intensity", NET, 4) == Fraction(7400, 4 * moved)


def test_a_layer_has_its_own() -> None:
    """ReLU's multiplications aren't counted, and flatten moves nothing: no quotient."""
    assert each_layer("arithmetic_intensity", NET, 1) == [
        Fraction(5400, 571), None, None, None, Fraction(2000, 2210),
    ]  # fmt: skip


def test_a_depthwise_layer_has_little() -> None:
    """9 products for an element read and one written, beside 576 weights for 12,544 elements."""
    found = number("arithmetic_intensity", DEPTHWISE, 1)
    assert found == Fraction(9 * 12_544, 2 * 12_544 + 576)
    assert found == pytest.approx(4.4, abs=0.01)


def test_it_is_in_macs_whatever_is_counted() -> None:
    by_torch, by_macs = (
        compare(loads(NET), variants=["standard"], engine="analytic", convention=name).rows[0]
        for name in ("torch", "macs")
    )
    assert by_torch["arithmetic_intensity"] == by_macs["arithmetic_intensity"]
    assert isinstance(by_macs["arithmetic_intensity"], float)
