"""The arithmetic as the articles teach it, line by line, and against the counting engines."""

import csv
import json
import math
from io import StringIO
from pathlib import Path

import pytest

from sepconv_cli import loads
from sepconv_cli.conventions import convention
from sepconv_cli.explain.symbolic import symbolic
from sepconv_cli.lowering.choose import cases
from sepconv_cli.network import Node, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.registry import names
from sepconv_cli.variants import Parts, Variant, rewrite
from sepconv_cli.variants.blueprint_s import BlueprintS
from sepconv_cli.variants.grouped import Grouped
from tests.conftest import Sepconv

ROOT = Path(__file__).parents[2]
AIDVENTURE = ROOT / "configs" / "seeds" / "aidventure.yaml"
MOBILENET = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"


def lines(sepconv: Sepconv, *arguments: object) -> list[list[str]]:
    """The records after their titles: variant, part, formula, with numbers, result."""
    out = sepconv("explain", *arguments, "-f", "csv").out
    return [list(row.values())[1:] for row in csv.DictReader(StringIO(out))]


def test_worked_example(sepconv: Sepconv) -> None:
    """M = 3, N = 128, K = 3, Di = 7, Do = 5; the sums are those of seeds.csv."""
    found = lines(sepconv, AIDVENTURE)
    macs, parameters = found[: len(found) // 2], found[len(found) // 2 :]
    assert macs == [
        ["standard", "conv", "M·N·K²·Do²", "3·128·3²·5²", "86,400"],
        ["depthwise_separable", "depthwise", "M·K²·Do²", "3·3²·5²", "675"],
        ["", "pointwise", "M·N·Do²", "3·128·5²", "9,600"],
        ["", "sum", "M·Do²·(N + K²)", "3·5²·(128 + 3²)", "10,275"],
        ["", "ratio", "1/N + 1/K²", "1/128 + 1/3²", "0.1189"],
        ["blueprint_u", "pointwise", "M·N·Di²", "3·128·7²", "18,816"],
        ["", "depthwise", "N·K²·Do²", "128·3²·5²", "28,800"],
        ["", "sum", "N·(M·Di² + K²·Do²)", "128·(3·7² + 3²·5²)", "47,616"],
        ["", "ratio", "1/M + Di²/(K²·Do²)", "1/3 + 7²/(3²·5²)", "0.5511"],
        ["blueprint_s", "pointwise_1", "M·M'·Di²", "3·3·7²", "441"],
        ["", "pointwise_2", "M'·N·Di²", "3·128·7²", "18,816"],
        ["", "depthwise", "N·K²·Do²", "128·3²·5²", "28,800"],
        ["", "sum", "M·M'·Di² + M'·N·Di² + N·K²·Do²", "3·3·7² + 3·128·7² + 128·3²·5²", "48,057"],
        ["", "ratio", "1/M + M'·Di²/(M·K²·Do²) + M'·Di²/(N·K²·Do²)",
         "1/3 + 3·7²/(3·3²·5²) + 3·7²/(128·3²·5²)", "0.5562"],
    ]  # fmt: skip
    assert [row[4] for row in parameters if row[1] in ("conv", "sum")] == [
        "3,456", "411", "1,536", "1,545",
    ]  # fmt: skip


def test_legend_and_note(sepconv: Sepconv) -> None:
    out = sepconv("explain", AIDVENTURE).out
    assert (
        "M = 3 input channels, N = 128 output channels, K = 3 kernel, Di = 7 input size, "
        "Do = 5 output size, M' = min(M, max(4, ceil(M/4))) = 3\n"
    ) in out
    assert "with 49 positions for 25 of the output (1.96 times)" in out


def test_one_axis_has_no_squares(sepconv: Sepconv, tmp_path: Path) -> None:
    spec = tmp_path / "line.yaml"
    spec.write_text("input: [4, 9]\nlayers: [conv: {out_channels: 6, kernel_size: 3}]\n")
    (row, *_) = lines(sepconv, spec, "--variant", "standard")
    assert row[2:] == ["M·N·K·Do", "4·6·3·7", "504"]


def test_axes_that_differ_have_symbols_of_their_own(sepconv: Sepconv, tmp_path: Path) -> None:
    """A kernel of 1 on an axis multiplies nothing, and has no symbol."""
    spec = tmp_path / "plane.yaml"
    spec.write_text("input: [4, 9, 8]\nlayers: [conv: {out_channels: 6, kernel_size: [3, 1]}]\n")
    (row, *_) = lines(sepconv, spec, "--variant", "standard")
    assert row[2:] == ["M·N·K_h·Do_h·Do_w", "4·6·3·7·8", "4,032"]


def test_depth_multiplier_has_a_symbol(sepconv: Sepconv) -> None:
    variant = ("--variant", "depthwise_separable", "--depth-multiplier", "2")
    found = {row[1]: row[2:] for row in lines(sepconv, AIDVENTURE, *variant)[:4]}
    assert found["pointwise"] == ["M·m·N·Do²", "3·2·128·5²", "19,200"]
    assert found["ratio"][0] == "m/N + m/K²"


def test_layers_that_are_alike_are_explained_once(sepconv: Sepconv) -> None:
    out = sepconv("explain", MOBILENET, "--variant", "standard").out
    titles = [line for line in out.splitlines() if "   MACs" in line]
    assert len(titles) == 9
    assert "separable_7.conv and 4 layers alike" in out


def test_json_holds_the_same_lines(sepconv: Sepconv) -> None:
    document = json.loads(sepconv("explain", AIDVENTURE, "-f", "json").out)
    assert document["convention"] == "macs"
    assert document["rows"][0]["result"] == "86,400"


def test_one_value_for_each_setting(sepconv: Sepconv) -> None:
    result = sepconv("explain", MOBILENET, "--set", "width=0.5,1")
    assert (result.code, result.err) == (2, "error: explain takes one value for each --set\n")


@pytest.mark.parametrize(
    "conv",
    [
        "{out_channels: 12, kernel_size: 3, stride: 2, padding: 1}",
        "{out_channels: 5, kernel_size: [3, 5], padding: same, bias: false}",
        "{out_channels: 7, kernel_size: [1, 4], dilation: [1, 2], stride: [3, 1]}",
    ],
)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bias": "all", "between": "[batch_norm, relu]"},
        {"groups": "4", "pointwise": "true", "rank": "5", "depth_multiplier": "2"},
    ],
)
def test_formulas_give_what_the_engine_counts(conv: str, options: dict[str, str]) -> None:
    """Numbers put into the symbols are the counts of the rewritten network, part by part."""
    spec = loads(f"input: [6, 15, 16]\nlayers:\n  - conv: {conv}\n")
    for case in cases(spec, variants=names("variants"), options=options):
        found = symbolic(case.standard.nodes[0], case.variant)
        assert found.names, "no variant of ours stands in numbers"
        nodes = rewrite(case.standard, case.variant).nodes
        for part, node in zip(found.parts, nodes, strict=True):
            assert part.parameters.subs(found.values) == node.op.parameters(node.x)
            macs = None if part.macs is None else part.macs.subs(found.values)
            assert macs == convention("macs").count(node)


def explained(sepconv: Sepconv, *arguments: object) -> dict[str, list[str]]:
    """By part: formula, with numbers, result; of MACs alone, and without the title."""
    found = lines(sepconv, *arguments)
    return {row[1]: row[2:] for row in found[: len(found) // 2]}


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """M = 24, N = 36, and gcd(32, 24, 36) = 4; 7 positions on each axis."""
    text = "input: [24, 9, 9]\nlayers: [conv: {out_channels: 36, kernel_size: 3, bias: false}]\n"
    (tmp_path / "wide.yaml").write_text(text)
    return tmp_path / "wide.yaml"


def test_groups_have_a_symbol_and_a_definition(sepconv: Sepconv, wide: Path) -> None:
    found = explained(sepconv, wide, "--variant", "grouped")
    assert found == {
        "grouped": ["M·N·K²·Do²/g", "24·36·3²·7²/4", "95,256"],
        "ratio": ["1/g", "1/4", "0.25"],
    }
    assert "g = gcd(32, M, N) = 4" in sepconv("explain", wide, "--variant", "grouped").out


def test_groups_then_pointwise(sepconv: Sepconv, wide: Path) -> None:
    """gcd(32, 24) = 8, since the pointwise leads to N."""
    found = explained(sepconv, wide, "--variant", "grouped", "--pointwise", "true")
    assert found["grouped"] == ["M²·K²·Do²/g", "24²·3²·7²/8", "31,752"]
    assert found["pointwise"] == ["M·N·Do²", "24·36·7²", "42,336"]
    assert found["ratio"][0] == "M/(g·N) + 1/K²"


def test_one_axis_after_the_other(sepconv: Sepconv, wide: Path) -> None:
    found = explained(sepconv, wide, "--variant", "spatially_separable", "--rank", "5")
    assert found["height"] == ["M·r·K·Di·Do", "24·5·3·9·7", "22,680"]
    assert found["width"] == ["r·N·K·Do²", "5·36·3·7²", "26,460"]


def test_a_part_that_runs_at_more_positions_than_the_output_is_named(
    sepconv: Sepconv, wide: Path
) -> None:
    three = ("--variant=depthwise_separable", "--variant=blueprint_s", "--variant=grouped")
    out = sepconv("explain", wide, *three, "--variant=spatially_separable").out
    assert [line for line in out.splitlines() if "positions" in line] == [
        "blueprint_s: pointwise_1 and pointwise_2 run at the input's resolution, with 81 "
        "positions for 49 of the output (1.65 times).",
        "spatially_separable: height runs at 7x9, with 63 positions for 49 of the output "
        "(1.29 times).",
    ]


def test_a_variant_that_leaves_it_alone_is_the_convolution(
    sepconv: Sepconv, tmp_path: Path
) -> None:
    spec = tmp_path / "prime.yaml"
    spec.write_text("input: [7, 9]\nlayers: [conv: {out_channels: 9, kernel_size: 3}]\n")
    for variant in ("grouped", "spatially_separable"):
        found = explained(sepconv, spec, "--variant", variant)
        assert found == {"conv": ["M·N·K·Do", "7·9·3·7", "1,323"], "ratio": ["1", "1", "1"]}


class _Halving(Variant, frozen=True, kw_only=True):
    """Decides by a number, which a symbol can't."""

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        return BlueprintS().rewrite(conv, x) if x.channels > 4 else None


class _Counting(Variant, frozen=True, kw_only=True):
    """Formulas that take symbols, and give another number for them."""

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        wanted = Grouped(groups=3 if x.channels == 24 else 2)
        return wanted.rewrite(conv, x)


@pytest.mark.parametrize("variant", [_Halving(), _Counting()])
def test_a_formula_without_symbols_stands_in_numbers(variant: Variant) -> None:
    conv = Conv(
        out_channels=36,
        kernel_size=(3, 3),
        stride=(1, 1),
        padding=((0, 0), (0, 0)),
        dilation=(1, 1),
        bias=False,
    )
    x = Tensor(24, (9, 9))
    node = Node("conv", "conv", conv, x, conv.output_shape(x))
    found = symbolic(node, variant)
    assert found.names == ()
    # Mid channels 6: 24 x 6, 6 x 36, 36 x 9; or in 3 groups 36 x 8 x 9.
    expected = [144, 216, 324] if isinstance(variant, _Halving) else [2592]
    assert [part.parameters for part in found.parts] == expected


def test_a_formula_in_numbers_is_said_to_be_one(
    sepconv: Sepconv, wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six groups: 36 x 4 x 9 products at 49 positions, a sixth."""
    monkeypatch.setattr(Grouped, "_groups", lambda self, conv, x: math.gcd(6, x.channels))
    result = sepconv("explain", wide, "--variant", "grouped", "--variant", "standard")
    assert result.code == 0
    assert "grouped: in numbers, since its formulas can't be written in symbols here." in result.out
    assert explained(sepconv, wide, "--variant", "grouped") == {
        "grouped": ["63504", "63504", "63,504"],
        "ratio": ["1/6", "1/6", "0.1667"],
    }
