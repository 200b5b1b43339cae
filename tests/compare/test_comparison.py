"""Rows, ratios, bytes, engines and agreement."""

from fractions import Fraction
from typing import Any

import pytest

from sepconv_cli import UsageError, compare, loads
from sepconv_cli.compare.comparison import compared
from sepconv_cli.conventions import convention
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.settings import grid
from sepconv_cli.trace.record import TracedNode

# 5 x 5 positions of 128 channels, 27 products each; and a classifier of 3200 x 10.
TEXT = """
name: small
input: [3, 7, 7]
parameters: {width: 1, deep: false}
layers:
  - conv: {out_channels: 128 * width, kernel_size: 3, bias: false}
    name: stem
  - relu
  - flatten
  - linear: {out_features: 10, bias: false}
"""
SPEC = loads(TEXT)


def test_figures_by_hand() -> None:
    standard, separable = compare(
        SPEC, variants=["standard", "depthwise_separable"], engine="analytic", dtype="float16"
    ).rows
    assert (standard["parameters"], standard["count"]) == (3456 + 32_000, 86_400 + 32_000)
    assert (separable["parameters"], separable["count"]) == (411 + 32_000, 10_275 + 32_000)
    assert separable.ratio("parameters") == 32_411 / 35_456
    assert separable.ratio("count") == 42_275 / 118_400
    assert standard["activations"] == 3200 + 10
    assert separable["activations"] == 75 + 3200 + 10
    assert standard["weight_bytes"] == 2 * 35_456
    assert standard["activation_bytes"] == 2 * 3210
    assert standard.traced_count is standard.traced_parameters is standard.agrees is None


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("float16", 2), ("int8", 1)])
def test_bytes(dtype: str, size: int) -> None:
    (row,) = compare(SPEC, variants=["standard"], engine="analytic", dtype=dtype).rows  # type: ignore[arg-type]
    assert row["weight_bytes"] == 35_456 * size


def test_ratio_is_to_the_standard_even_where_it_is_not_shown() -> None:
    (row,) = compare(SPEC, variants=["blueprint_u"], engine="analytic").rows
    assert row.ratio("count") == (47_616 + 32_000) / 118_400


def test_trace_alone_leaves_the_formula_columns_empty() -> None:
    (row,) = compare(SPEC, variants=["depthwise_separable"], engine="trace").rows
    assert [row["parameters"], row["count"], row["activations"], row.agrees] == [None] * 4
    assert (row.traced_parameters, row.traced_count) == (32_411, 42_275)
    assert row.ratio("count") == 42_275 / 118_400


def test_layers_are_named_as_in_the_spec_and_add_up() -> None:
    (row,) = compare(SPEC, variants=["depthwise_separable"], engine="both", per_layer=True).rows
    assert [layer.layer for layer in row.layers] == ["stem", "relu", "flatten", "linear"]
    stem, relu, flatten, linear = row.layers
    assert [part.layer for part in stem.parts] == ["stem.depthwise", "stem.pointwise"]
    assert [part["count"] for part in stem.parts] == [675, 9600]
    assert (stem["count"], stem.traced_count, stem.agrees) == (10_275, 10_275, True)
    assert stem.ratio("count") == 10_275 / 86_400
    assert (stem.input, stem.output, stem.op) == ("3x7x7", "128x5x5", "conv + conv")
    assert (linear["count"], linear.ratio("count")) == (32_000, 1.0)
    # relu's comparisons are no multiplications: not counted, which is not 0; flatten does nothing.
    assert (relu["count"], relu["parameters"], flatten["count"]) == (None, 0, 0)
    assert relu.ratio("count") is None


def test_depth_folds_layers_by_the_first_parts_of_their_names() -> None:
    """Two units of 4 x 4 x 9 weights and 8 of batch norm each; their ratio is of the whole unit."""
    spec = loads(
        "input: [4, 6, 6]\n"
        "blocks:\n"
        "  unit:\n"
        "    layers:\n"
        "      - conv: {out_channels: 4, kernel_size: 3, padding: 1, bias: false}\n"
        "      - batch_norm\n"
        "layers: [unit, unit, relu]\n"
    )
    (row,) = compare(spec, variants=["blueprint_u"], engine="both", per_layer=True, depth=1).rows
    assert [(layer.layer, layer["parameters"]) for layer in row.layers] == [
        ("unit_1", 16 + 36 + 8),
        ("unit_2", 16 + 36 + 8),
        ("relu", 0),
    ]
    assert row.layers[0].ratio("parameters") == 60 / (144 + 8)
    assert row.layers[0].parts == ()
    assert row.layers[0].op == "conv + conv + batch_norm"
    assert all(layer.agrees for layer in row.layers)


def test_every_combination_of_settings_is_a_row() -> None:
    rows = compare(
        SPEC, grid=grid(["width=1,2", "deep=true,false"]), variants=["standard"], engine="analytic"
    ).rows
    assert [row.settings for row in rows] == [
        {"width": width, "deep": deep} for width in (1, 2) for deep in (True, False)
    ]
    assert [row["parameters"] for row in rows] == [35_456, 35_456, 70_912, 70_912]


def test_a_row_shows_itself_in_a_line() -> None:
    """Not the network that it is counted from, which would fill screens."""
    (row,) = compare(SPEC, variants=["standard"], engine="analytic", per_layer=True).rows
    assert repr(row).startswith("Row(")
    assert "'standard'" in repr(row)
    assert repr(row.layers[0]).startswith("LayerRow(")
    assert max(len(repr(each)) for each in (row, *row.layers)) < 100


def test_settings_are_exact() -> None:
    assert grid(["width=0.25,1/3"]) == [{"width": Fraction(1, 4)}, {"width": Fraction(1, 3)}]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["width"], "--set width: expected NAME=VALUE"),
        (["width="], "--set width=: expected NAME=VALUE"),
        (["width=1", "width=2"], "width is set twice"),
        (["width=x"], "--set width=x: no parameter is called x"),
        (["width=1,,2"], "--set width=1,,2: '' is not an expression"),
        (["a=" + "1," * 200 + "1", "b=" + "1," * 200 + "1"], "40,401 combinations of settings"),
    ],
)
def test_settings_that_cannot_be_read(settings: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        grid(settings)


@pytest.mark.parametrize("wrong", [3, None, "width=1", {"width": 1}, [3], ["width=1"], [{3: 1}]])
def test_a_grid_that_is_no_list_of_mappings(wrong: Any) -> None:
    with pytest.raises(UsageError, match="grid is a list of mappings, one for each choice"):
        compare(SPEC, grid=wrong, engine="analytic")


@pytest.mark.parametrize("wrong", [3, ["p=1"], "p=1", {3: 1}])
def test_options_that_are_no_mapping_of_names(wrong: Any) -> None:
    with pytest.raises(UsageError, match="options is a mapping of names to values"):
        compare(SPEC, options=wrong, engine="analytic")


def test_a_name_in_the_place_of_a_spec() -> None:
    name: Any = "zoo:mobilenet_v1"
    with pytest.raises(UsageError, match=r"load it: compare\(load\('zoo:mobilenet_v1'\)\)"):
        compare(name, engine="analytic")


def test_an_option_goes_to_the_variants_that_have_it() -> None:
    standard, separable, blueprint = compare(
        loads("input: [8, 9]\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n"),
        variants=["standard", "depthwise_separable", "blueprint_s"],
        options={"depth_multiplier": "2", "p": "1/8", "min_mid_channels": "2"},
        engine="analytic",
    ).rows
    assert standard["parameters"] == 8 * 8 * 3 + 8
    assert separable["parameters"] == (16 * 3 + 16) + (16 * 8 + 8)
    assert blueprint["parameters"] == 8 * 2 + 2 * 8 + (8 * 3 + 8)


def test_an_option_that_no_chosen_variant_has() -> None:
    with pytest.raises(UsageError, match="--p is an option of none of these: standard"):
        compare(SPEC, variants=["standard"], options={"p": "1/2"}, engine="analytic")


def test_options_of_the_spec_hold_and_those_given_go_over_them() -> None:
    spec = loads(
        "input: [8, 9]\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n"
        "variants:\n  depthwise_separable: {bias: last, depth_multiplier: 2}\n"
    )
    (written,) = compare(spec, engine="analytic").rows
    (given,) = compare(spec, options={"depth_multiplier": "1"}, engine="analytic").rows
    assert written["parameters"] == 16 * 3 + (16 * 8 + 8)
    assert given["parameters"] == 8 * 3 + (8 * 8 + 8)


def test_a_disagreement_names_the_layer_and_both_numbers() -> None:
    """Two errors that cancel out in the total are found too."""
    (case,) = cases(SPEC, variants=["standard"])
    traced = [
        TracedNode(3456, {"conv": 86_401}),
        TracedNode(0, {}),
        TracedNode(0, {}),
        TracedNode(32_000, {"linear": 31_999}),
    ]
    comparison = compared([case], [traced], convention("macs"), per_layer=True)
    assert [str(item) for item in comparison.disagreements] == [
        "small, standard, stem: 86,400 MACs by formula, 86,401 by fvcore",
        "small, standard, stem: 86,400 fvcore flops by formula, 86,401 by fvcore",
        "small, standard, linear: 32,000 MACs by formula, 31,999 by fvcore",
        "small, standard, linear: 32,000 fvcore flops by formula, 31,999 by fvcore",
    ]
    (row,) = comparison.rows
    assert row.agrees is False
    assert [layer.agrees for layer in row.layers] == [False, True, True, False]


def test_parameters_and_batch_norm_must_agree_too() -> None:
    (case,) = cases(loads("input: [4, 5, 5]\nlayers: [batch_norm]\n"), variants=["standard"])
    macs = convention("macs")
    assert not compared([case], [[TracedNode(8, {"batch_norm": 200})]], macs).disagreements
    wrong = compared([case], [[TracedNode(4, {"batch_norm": 100})]], macs).disagreements
    assert [(item.what, item.analytic, item.traced) for item in wrong] == [
        ("parameters", 8, 4),
        ("fvcore flops", 200, 100),
    ]
