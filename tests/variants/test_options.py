"""Options of variants: as flags, for one variant alone, and in Python."""

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sepconv_cli import SpecError, UsageError, compare, loads
from sepconv_cli.lowering.options import assigned
from sepconv_cli.lowering.settings import points
from tests.conftest import Sepconv

SPEC = loads(
    "input: [8, 9]\nparameters: {width: 1, deep: false}\n"
    "layers:\n  - conv: {out_channels: 10 * width, kernel_size: 3, bias: false}\n"
)
# blueprint_s of 8 -> 10 channels with M' between: 8 M' + 10 M' + 30; blueprint_u 80 + 30.


def parameters(options: dict[str, Any], *variants: str) -> list[int | float | None]:
    rows = compare(SPEC, variants=variants, options=options, engine="analytic").rows
    return [row["parameters"] for row in rows]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"p": "3/4"}, id="text"),
        pytest.param({"p": 0.75}, id="float"),
        pytest.param({"p": Decimal("0.75")}, id="decimal"),
        pytest.param({"p": Fraction(3, 4)}, id="fraction"),
        pytest.param({"p": np.float32(0.75)}, id="numpy"),
        pytest.param({"blueprint_s.p": "3/4"}, id="addressed"),
        pytest.param({"blueprint_s": {"p": 0.75}}, id="nested"),
        pytest.param({"p": 0.25, "blueprint_s.p": 0.75}, id="the addressed one goes before"),
        pytest.param({"blueprint_s.p": 0.75, "p": 0.25}, id="in whatever order"),
    ],
)
def test_a_number_in_any_form(options: dict[str, Any]) -> None:
    """M' is 6."""
    assert parameters(options, "blueprint_s") == [18 * 6 + 30]


def test_a_float_is_the_number_that_was_typed() -> None:
    """A tenth of 10 channels is 1; the float itself is a little more, and would make 2 of it."""
    assert Fraction(0.1) * 10 > 1
    assert points([{"width": 0.1}]) == [{"width": Fraction(1, 10)}]
    (row,) = compare(SPEC, grid=[{"width": 0.1}], variants=["standard"], engine="analytic").rows
    assert (row["parameters"], row.settings) == (8 * 1 * 3, {"width": 0.1})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, 2),
        (True, True),
        (2.0, 2),
        (1e-3, Fraction(1, 1000)),
        (Decimal("0.1"), Fraction(1, 10)),
        (np.int64(3), 3),
        (np.float64(0.1), Fraction(1, 10)),
        ("1/3", Fraction(1, 3)),
        ("true", True),
    ],
)
def test_what_a_parameter_can_be_set_to(value: object, expected: object) -> None:
    (found,) = points([{"width": value}])
    assert found == {"width": expected}
    assert type(found["width"]) is type(expected)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "width: expected a number, true or false, not nan"),
        (float("inf"), "width: expected a number, true or false, not inf"),
        (Decimal("Infinity"), "width: expected a number, true or false, not Decimal"),
        (Decimal("1e999999999"), "width: expected a number, true or false, not Decimal"),
        (None, "width: expected a number, true or false, not None"),
        ([1, 2], r"width: expected a number, true or false, not \[1, 2\]"),
        (1j, "width: expected a number, true or false, not 1j"),
        (10**30, "width: '10+' is larger than 1e\\+18"),
        ("x", "width=x: no parameter is called x"),
    ],
)
def test_what_it_cant_be_set_to(value: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare(SPEC, grid=[{"width": value}])


@pytest.mark.parametrize("grid", [{"width": 1}, ["width=1"], [("width", 1)]])
def test_a_grid_that_is_none(grid: Any) -> None:
    with pytest.raises(UsageError, match="grid is a list of mappings, one for each choice"):
        compare(SPEC, grid=grid)


@pytest.mark.parametrize(
    "between",
    [
        "batch_norm, relu",
        "[batch_norm, relu]",
        ["batch_norm", "relu"],
        ("batch_norm", "relu"),
        ["batch_norm", {"leaky_relu": {"negative_slope": 0.2}}],
    ],
)
def test_layers_in_any_form(between: object) -> None:
    """10 channels of batch norm have 20 parameters, an activation has none."""
    assert parameters({"between": between}, "blueprint_u") == [80 + 30 + 20]


def test_one_layer_needs_no_list() -> None:
    assert parameters({"between": "batch_norm"}, "blueprint_u") == [80 + 30 + 20]


def test_truth_and_words() -> None:
    """gcd(32, 8, 10) is 2; with a pointwise gcd(32, 8) is 8."""
    assert parameters({"pointwise": False}, "grouped") == [10 * 4 * 3]
    assert parameters({"pointwise": True, "bias": "all"}, "grouped") == [8 * 3 + 80]


def test_an_option_of_several_variants_can_differ() -> None:
    options = {"between": "batch_norm", "blueprint_u.between": "relu"}
    assert parameters(options, "blueprint_u", "depthwise_separable") == [80 + 30, 24 + 80 + 16]


def test_a_rules_target_takes_its_options_though_it_isnt_compared() -> None:
    (row,) = compare(
        SPEC,
        variants="standard",
        options={"p": 0.75},
        rewrite="conv=blueprint_s",
        engine="analytic",
    ).rows
    assert row["parameters"] == 18 * 6 + 30


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"q": 1}, "--q is an option of none of these: blueprint_s, blueprint_u"),
        ({"blueprint_s.q": 1}, "blueprint_s.q: no option of blueprint_s is called q"),
        ({"blueprint_x.p": 1}, "blueprint_x.p: no variant is called blueprint_x"),
        ({"blueprint_x": {"p": 1}}, "blueprint_x.p: no variant is called blueprint_x"),
        ({"grouped.groups": 1}, "grouped.groups: grouped isn't one of these: blueprint_s"),
        ({"p": None}, "p: expected a number, true or false, not None"),
        ({"p": float("nan")}, "p: expected a number, true or false, not nan"),
        ({"between": [object]}, "between: expected a number, true or false, not <class 'object'>"),
        ({"p": 3}, "p: expected a share over 0 and up to 1, not 3"),
        ({"p": [0.5]}, "p: expected a share over 0 and up to 1, not"),
        ({"min_mid_channels": 2.5}, "min_mid_channels: 2.5 is not a whole number"),
    ],
)
def test_options_that_cant_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as error:
        parameters(options, "blueprint_s", "blueprint_u")
    assert message in str(error.value)


def test_each_variant_gets_its_own() -> None:
    found = assigned(
        ["standard", "blueprint_u", "blueprint_s"],
        {"bias": "all", "blueprint_s": {"p": 0.5, "bias": "last"}},
    )
    assert found == {
        "standard": {"bias": "all"},
        "blueprint_u": {"bias": "all"},
        "blueprint_s": {"bias": "last", "p": "0.5"},
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"engine": "fast"}, "no engine is called fast"),
        ({"dtype": "float8"}, "no dtype is called float8"),
        ({"convention": "mac"}, "no convention is called mac"),
        ({"variants": "standart"}, "no variant is called standart"),
    ],
)
def test_names_that_are_none(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare(SPEC, **wrong)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(SPEC.source.text)
    return tmp_path / "net.yaml"


def shown_parameters(sepconv: Sepconv, *arguments: object) -> list[str]:
    """The parameters of each row."""
    result = sepconv(*arguments, "-f", "csv")
    assert result.code == 0, result.err
    return [row["parameters"] for row in csv.DictReader(result.out.splitlines())]


def test_flags_and_options_on_the_shell(sepconv: Sepconv, net: Path) -> None:
    both = ("compare", net, "--engine", "analytic", "--variant=blueprint_s", "--variant=grouped")
    found = shown_parameters(sepconv, *both, "--p", "3/4", "--option", "grouped.groups=4")
    assert found == ["138", "120"]
    found = shown_parameters(sepconv, *both, "--option", "p=3/4", "--option", "pointwise=true")
    assert found == ["138", "104"]


def test_layer_has_groups_of_its_own_which_option_tells_apart(sepconv: Sepconv) -> None:
    """A convolution in two groups is no longer rewritten; --option names the variant's groups."""
    layer = ("layer", 8, 8, "--input", "9x9", "--no-bias", "--engine", "analytic")
    assert shown_parameters(sepconv, *layer, "--variant=grouped", "--groups", 2) == ["288"]
    assert shown_parameters(sepconv, *layer, "--variant=grouped", "--option", "groups=4") == ["144"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--option", "p"), "--option p: expected [VARIANT.]NAME=VALUE"),
        (("--option", "p="), "--option p=: expected [VARIANT.]NAME=VALUE"),
        (("--option", ".p=1"), "--option .p=1: expected [VARIANT.]NAME=VALUE"),
        (("--option", "grouped.=1"), "--option grouped.=1: expected [VARIANT.]NAME=VALUE"),
        (("--rewrite", "*="), "--rewrite *=: expected PATTERN or PATTERN=VARIANT"),
        (("--rewrite", "=standard"), "--rewrite =standard: expected PATTERN or PATTERN=VARIANT"),
        (("--p", "1/2", "--option", "p=1/4"), "--option p=1/4: p is given twice"),
        (("--option", "blueprint_s.q=1"), "no option of blueprint_s is called q"),
        (("--option", "blueprints.p=1"), "did you mean blueprint_s?"),
        (("--option", "grouped.groups=2"), "grouped isn't one of these"),
    ],
)
def test_wrong_use(sepconv: Sepconv, net: Path, arguments: tuple[str, ...], message: str) -> None:
    result = sepconv("compare", net, *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_reconcile_and_diff_take_options_too(sepconv: Sepconv, net: Path) -> None:
    """7 positions of 18 M' + 30 products, M' being 6."""
    reconciled = sepconv("reconcile", net, "--variant", "blueprint_s", "--p", "3/4", "-f", "json")
    assert f'"count":{9 * 8 * 6 + 9 * 6 * 10 + 7 * 30}' in reconciled.out.replace(" ", "")
    two = ("--variant", "blueprint_s", "--variant", "standard")
    result = sepconv("diff", net, net, *two, "--option", "blueprint_s.p=3/4", "-f", "json")
    assert result.code == 0, result.err
