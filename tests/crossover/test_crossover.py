"""Where variants cross, worked out by hand, tried out, and as a user sees it."""

import csv
import json
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepconv_cli.conventions import convention
from sepconv_cli.cost.per_layer import Shape, costs
from sepconv_cli.crossover.contest import yardstick
from sepconv_cli.crossover.crossings import Crossing, below_zero, crossings
from sepconv_cli.network import Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants import Variant
from sepconv_cli.variants.blueprint_s import BlueprintS
from sepconv_cli.variants.blueprint_u import BlueprintU
from sepconv_cli.variants.depthwise_separable import DepthwiseSeparable
from sepconv_cli.variants.grouped import Grouped
from sepconv_cli.variants.spatially_separable import SpatiallySeparable
from sepconv_cli.variants.standard import Standard
from tests.conftest import Sepconv

ROOT = Path(__file__).parents[2]
MOBILENET = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"
VARIANTS: list[Variant] = [Standard(), DepthwiseSeparable(), BlueprintU(), BlueprintS()]
MORE: list[Variant] = [*VARIANTS, Grouped(groups=6), SpatiallySeparable(rank=3)]
MACS = yardstick(convention("macs"), "count")


def layer(m: int, n: int, stride: int = 1, kernel: int = 3, size: int = 16) -> Shape:
    sides = ((kernel // 2, kernel // 2),) * 2
    conv = Conv(
        out_channels=n,
        kernel_size=(kernel, kernel),
        stride=(stride, stride),
        padding=sides,
        dilation=(1, 1),
        bias=False,
    )
    return Shape(conv, Tensor(m, (size, size)))


def crossing(shape: Shape, first: str, second: str, symbols: str | None = None) -> Crossing:
    found = crossings(shape, MORE, MACS, symbols)
    return next(each for each in found if (each.first, each.second) == (first, second))


@pytest.mark.parametrize(
    ("each", "fixed", "expected"),
    [
        (2, -7, ("below", Fraction(7, 2))),
        (-2, 7, ("above", Fraction(7, 2))),
        (0, -1, ("always", None)),
        (0, 1, ("never", None)),
        (0, 0, ("equal", None)),
        (1, -1, ("never", None)),
        (-1, 1, ("above", Fraction(1))),
        (-1, 0, ("always", None)),
        (3, 5, ("never", None)),
    ],
)
def test_where_a_line_is_below_zero(
    each: int, fixed: int, expected: tuple[str, Fraction | None]
) -> None:
    assert below_zero(each, fixed) == expected


def test_a_separable_is_cheaper_than_a_blueprint_where_channels_grow() -> None:
    """With stride 1: M K² + M N against M N + N K², so where N > M; at N = M they are equal.

    The second article's guess, exactly.
    """
    for m in (3, 32, 100):
        for kernel in (3, 5):
            found = crossing(
                layer(m, 2 * m, kernel=kernel), "depthwise_separable", "blueprint_u", "macs"
            )
            assert (found.side, found.formula, found.here) == ("above", "M", True)
            assert found.at == m
            assert crossing(layer(m, m), "depthwise_separable", "blueprint_u").here is None


def test_with_stride_2_it_nearly_always_is() -> None:
    """Di = 2 Do: M K² + M N < 4 M N + N K² where N > M K² / (3 M + K²), 2.87 for M = 64."""
    found = crossing(layer(64, 128, stride=2), "depthwise_separable", "blueprint_u", "macs")
    assert found.at == Fraction(64 * 9, 3 * 64 + 9)
    assert (found.side, found.formula) == ("above", "M·K²/(3·M + K²)")


def test_a_single_output_channel_is_cheaper_as_it_is() -> None:
    """M K² + M N < M N K² where N > K² / (K² - 1): one channel gains nothing, two do."""
    found = crossing(layer(8, 1), "standard", "depthwise_separable", "macs")
    assert (found.side, found.at, found.here) == ("below", Fraction(9, 8), True)
    assert found.formula == "K²/(K² - 1)"
    assert not crossing(layer(8, 2), "standard", "depthwise_separable").here


def test_parameters_dont_know_of_the_stride() -> None:
    by = yardstick(convention("macs"), "parameters")
    found = {
        stride: crossings(layer(64, 128, stride=stride), VARIANTS[1:3], by, "parameters")
        for stride in (1, 2)
    }
    assert found[1] == found[2]
    assert found[1][0].formula == "M"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 60), st.integers(1, 3), st.sampled_from([3, 5]),
    st.integers(5, 20), st.booleans(),
)  # fmt: skip
def test_crossings_hold_when_they_are_tried(
    m: int, n: int, stride: int, kernel: int, size: int, symbols: bool
) -> None:
    """Whatever a crossing says of n is what the two costs say; formulas come out at the same n."""
    shape = layer(m, n, stride, kernel, size)
    found = costs(shape, MORE, MACS)
    for each in crossings(shape, MORE, MACS, "macs" if symbols and m % 7 == 0 else None):
        cheaper = found[each.first] < found[each.second]
        said = {
            "always": True,
            "never": False,
            "equal": False,
            "uneven": None,
            "below": each.at is not None and n < each.at,
            "above": each.at is not None and n > each.at,
        }[each.side]
        assert said is None or cheaper is said
        assert each.here is (None if found[each.first] == found[each.second] else cheaper)
        if each.formula is not None:
            assert _value(each.formula, m, kernel) == each.at


def test_groups_that_must_divide_the_outputs_have_no_one_crossing() -> None:
    """6 -> 12 in 6 groups costs a sixth, but 6 -> 13 can't be grouped, and costs the same."""
    found = crossing(layer(6, 12), "standard", "grouped", "macs")
    assert (found.side, found.at, found.formula, found.here) == ("uneven", None, None, False)
    assert crossing(layer(6, 13), "standard", "grouped").here is None


def test_groups_before_a_pointwise_depend_on_no_outputs() -> None:
    """M·M·K²/g + M·N against M·N·K²: g = 2, so where N > M·9/2 / 8, which is 3.375 of 6."""
    both = [Standard(), Grouped(groups=2, pointwise=True)]
    (found,) = crossings(layer(6, 12), both, MACS, "macs")
    assert (found.side, found.at) == ("below", Fraction(27, 8))
    assert found.formula == "M·K²/(g·K² - g)"


def test_a_shared_divisor_is_found_however_odd() -> None:
    """Seven groups divide 7 inputs, and of 1, 2, 3 or 1000 outputs none: N = 14 is another cost."""
    (found,) = crossings(layer(7, 14), [Standard(), Grouped(groups=7)], MACS)
    assert (found.side, found.here) == ("uneven", False)
    (elsewhere,) = crossings(layer(7, 15), [Standard(), Grouped(groups=7)], MACS)
    assert (elsewhere.side, elsewhere.here) == ("uneven", None)


def test_one_axis_after_the_other_crosses_once() -> None:
    """M·3·K + 3·N·K against M·N·K²: N > 3·M / (M·K - 3), which is 18 / 15 for M = 6."""
    found = crossing(layer(6, 12), "standard", "spatially_separable", "macs")
    assert (found.side, found.at, found.here) == ("below", Fraction(18, 15), False)
    assert found.formula == "M·r/(M·K - r)"


def _value(formula: str, m: int, kernel: int) -> Fraction:
    """A formula of M, M' and K worked out, by Python and not by sympy."""
    mid = min(m, max(4, -(-m // 4)))
    own = formula.replace("M'", str(mid)).replace("r", "3")
    text = own.replace("M", str(m)).replace("K²", str(kernel**2))
    above, _, below = text.replace("·", "*").partition("/")
    parts = [part.replace("K", str(kernel)).replace("²", "**2") for part in (above, below or "1")]
    return Fraction(eval(parts[0])) / Fraction(eval(parts[1]))


def test_a_network_says_which_layers_each_variant_wins(sepconv: Sepconv) -> None:
    """By hand from the layers' own costs: nine of stride 1 for blueprint_s, four for separables."""
    result = sepconv("crossover", MOBILENET, "-f", "json")
    data = json.loads(result.out)
    assert data["mix"]["wins"] == {
        "standard": 0,
        "depthwise_separable": 4,
        "blueprint_u": 0,
        "blueprint_s": 9,
    }
    whole = {name: value + data["mix"]["rest"] for name, value in data["mix"]["sums"].items()}
    assert whole["standard"] == 4_867_293_184
    assert whole["depthwise_separable"] == 568_740_352
    least = sum(len(each["layers"]) * min(each["costs"].values()) for each in data["layers"])
    assert data["mix"]["mix"] == least < min(data["mix"]["sums"].values())


def test_the_mix_is_what_compare_counts(sepconv: Sepconv) -> None:
    data = json.loads(sepconv("crossover", MOBILENET, "-f", "json").out)
    winners = [(name, each["cheapest"][0]) for each in data["layers"] for name in each["layers"]]
    chosen = [part for name, variant in winners for part in ("--rewrite", f"{name}={variant}")]
    result = sepconv(
        "compare",
        MOBILENET,
        "--engine",
        "analytic",
        "--variant",
        "blueprint_u",
        "-f",
        "json",
        *chosen,
    )
    (row,) = json.loads(result.out)["rows"]
    assert row["count"] == data["mix"]["mix"] + data["mix"]["rest"]


def test_one_layer_in_words(sepconv: Sepconv) -> None:
    result = sepconv("crossover", MOBILENET, "--layer", "separable_2.conv")
    assert result.code == 0
    assert (
        "3x3, stride 2  depthwise_separable  blueprint_u            "
        "N > M·K²/(3·M + K²) = 2.87; N = 128: it does\n" in result.out
    )
    assert "5x5          1  blueprint_u          blueprint_s" in result.out


def test_records_are_flat(sepconv: Sepconv) -> None:
    text = sepconv("crossover", MOBILENET, "-f", "csv", "--by", "parameters").out
    listed = list(csv.DictReader(text.splitlines()))
    assert len(listed) == 9 * 6
    assert {row["unit"] for row in listed} == {"parameters"}


def test_a_plot_of_one_layer(sepconv: Sepconv, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    one = ("--layer", "separable_3.conv", "--plot", path)
    assert sepconv("crossover", MOBILENET, *one).code == 0
    found = {"".join(node.itertext()) for node in ET.fromstring(path.read_text()).iter()}
    assert {"3x3, stride 1", "7x7, stride 2", "blueprint_u"} <= found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--layer", "separable_99"), "no convolution that variants rewrite fits"),
        (("--by", "weight"), "no metric is called weight"),
        (("--by", "peak_activation_bytes"), "--by peak_activation_bytes: a layer by itself"),
        (("--by", "training_macs"), "--by training_macs: a layer by itself"),
        (("--set", "width=1,2"), "crossover takes one value for each --set"),
        (("--plot", "a.svg"), "--plot draws one layer"),
    ],
)
def test_wrong_use(sepconv: Sepconv, arguments: tuple[str, ...], message: str) -> None:
    result = sepconv("crossover", MOBILENET, *arguments)
    assert result.code == 2
    assert message in result.err


def test_a_network_without_any_to_rewrite(sepconv: Sepconv) -> None:
    result = sepconv("crossover", ROOT / "configs" / "architectures" / "mobilenet_v2.yaml")
    assert result.code == 2
    assert "MobileNetV2 has no convolution that variants rewrite" in result.err


def test_one_variant_has_nothing_to_cross(sepconv: Sepconv) -> None:
    result = sepconv("crossover", "zoo:mobilenet_v1", "--variant", "standard")
    assert (result.code, result.out) == (2, "")
    assert "crossover compares two variants or more" in result.err
