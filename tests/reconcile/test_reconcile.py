"""Why tools disagree. The numbers are those of tests/published/conventions.csv, and by hand."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sepconv_cli import load, loads
from sepconv_cli.conventions import convention
from sepconv_cli.errors import UsageError
from sepconv_cli.lowering.choose import cases
from sepconv_cli.network import Network
from sepconv_cli.reconcile.against import explanations, matches, printed
from sepconv_cli.reconcile.breakdown import breakdown, reconcile
from tests.conftest import Sepconv

RESNET_50 = ("zoo:resnet", "--set", "depth=50")

# Printed by the tools for ResNet-50 at 224 (stride in the 3x3).
TOOLS = {
    "macs": 4_089_184_256,
    "fvcore": 4_111_512_576,
    "ptflops": 4_132_436_968,
    "ptflops-aten": 4_089_185_256,
    "thop": 4_133_742_592,
    "torchinfo": 4_089_238_376,
    "calflops-macs": 4_089_184_256,
    "bsconv": 4_121_925_096,
    "calflops": 8_211_108_352,
    "torch": 8_178_368_512,
}


def network(text: str) -> Network:
    (case,) = cases(loads(text), variants=["standard"])
    return case.network


@pytest.fixture(scope="module")
def resnet() -> Network:
    (case,) = cases(load("zoo:resnet"), [{"depth": 50}], ["standard"])
    return case.network


def test_terms_of_resnet_50(resnet: Network) -> None:
    columns = {column.convention.name: column for column in reconcile(resnet)}
    ptflops = columns["ptflops"].terms
    assert ptflops == {
        "multiplications": 4_089_184_256,
        "linear bias": 1_000,
        "batch norm": 22_227_968,
        "activations": 9_608_704,
        "pools": 802_816,
        "adaptive pools": 100_352,
        "counted twice": 9_608_704 + 802_816 + 100_352,
    }
    assert columns["thop"].terms["batch norm"] == 2 * 22_227_968
    # Its parameters: 2 for each of the 26,560 channels that a batch norm has.
    assert columns["torchinfo"].terms["batch norm"] == 53_120


@pytest.mark.parametrize("name", TOOLS)
def test_every_column_adds_up_to_what_the_tool_prints(resnet: Network, name: str) -> None:
    column = breakdown(resnet, convention(name))
    assert column.count == sum(column.terms.values()) == TOOLS[name]


def test_the_default_is_always_the_first_column(resnet: Network) -> None:
    assert [c.convention.name for c in reconcile(resnet, ["thop"])] == ["macs", "thop"]
    assert [c.convention.name for c in reconcile(resnet)][:2] == ["macs", "fvcore"]


def document(sepconv: Sepconv, *arguments: object, code: int = 0) -> dict[str, Any]:
    result = sepconv("reconcile", *arguments, "-f", "json")
    assert result.code == code, result.err
    found: dict[str, Any] = json.loads(result.out)
    return found


def test_json(sepconv: Sepconv) -> None:
    found = document(sepconv, *RESNET_50, "--tools", "thop")
    assert (found["network"], found["variant"], found["settings"]) == (
        "ResNet",
        "standard",
        {"depth": 50},
    )
    _, thop = found["conventions"]
    assert (thop["convention"], thop["unit"], thop["count"]) == ("thop", "MAC", 4_133_742_592)
    assert sum(thop["terms"].values()) == thop["count"]
    assert {gap["op"] for gap in thop["not_counted"]} == {"add"}
    assert thop["run"] is None


def test_csv_has_a_line_for_each_term_and_the_sum(sepconv: Sepconv) -> None:
    lines = sepconv("reconcile", *RESNET_50, "--tools", "torch", "-f", "csv").out.splitlines()
    assert [line.split(",")[-3:-1] for line in lines[1:]] == [
        ["multiplications", "4089184256"],
        ["sum", "4089184256"],
        ["multiplications", "4089184256"],
        ["additions", "4089184256"],
        ["sum", "8178368512"],
    ]


SMALL = """
name: small
input: [3, 8, 8]
layers:
  - conv: {out_channels: 4, kernel_size: 3, padding: 1}
  - relu
"""


def test_table(sepconv: Sepconv, tmp_path: Any) -> None:
    """3·4·9·64 = 6,912 multiplications, 256 outputs; ptflops counts a ReLU module twice."""
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL)
    out = sepconv("reconcile", spec, "--tools", "ptflops,torch").out
    head, rest = out.split("\nWhat makes the difference to ")
    expected = """\
small   3x8x8   standard   counted in multiply-adds (MACs)
what each convention counts, for one sample; a dash is not counted

term               macs  ptflops
multiplications   6,912    6,912
convolution bias      -      256
activations           -      256
counted twice         -      256

sum               6,912    7,680

small   3x8x8   standard   counted in single operations (FLOPs)
what each convention counts, for one sample; a dash is not counted

term             macs (MACs)   torch
multiplications        6,912   6,912
additions                  -   6,912

sum                    6,912  13,824
"""
    assert head == expected
    assert [line.split("  ")[0] for line in rest.splitlines()[3:] if line] == [
        "convention", "ptflops", "", "", "torch",
    ]  # fmt: skip
    assert "+256  as modules, ReLU, ELU, GELU, PReLU, pools and upsampling count again" in rest


def test_functions_are_counted_once(sepconv: Sepconv, tmp_path: Any) -> None:
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL)
    found = document(sepconv, spec, "--tools", "ptflops,thop", "--functions", "--run")
    assert [entry["count"] for entry in found["conventions"]] == [6_912, 7_424, 6_912]
    assert [(entry["run"] or {}).get("status") for entry in found["conventions"]] == [
        None,
        "confirmed",
        "confirmed",
    ]


@pytest.mark.parametrize(
    ("padded", "terms"),
    [
        pytest.param(
            "kernel_size: 3, padding: same",
            {"multiplications": 6_912, "miscounted": -6_912},
            id="same",
        ),
        pytest.param(
            "kernel_size: 1, padding: same",
            {"multiplications": 768, "miscounted": -768},
            id="same, though there is nothing to pad",
        ),
        pytest.param(
            "kernel_size: 3, padding: 1", {"multiplications": 6_912}, id="the same in numbers"
        ),
        pytest.param("kernel_size: 1, padding: valid", {"multiplications": 768}, id="valid"),
        pytest.param(
            "kernel_size: 3, padding: same, padding_mode: reflect",
            {"multiplications": 6_912},
            id="same, but not by zeros: torch's module pads before it",
        ),
    ],
)
def test_string_padding_is_nothing_to_fvcore(
    sepconv: Sepconv, tmp_path: Any, padded: str, terms: dict[str, int]
) -> None:
    """4·3·9·64 = 6,912 products, and 4·3·64 = 768, of 8 x 8 outputs."""
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL.replace("kernel_size: 3, padding: 1", padded))
    found = document(sepconv, spec, "--tools", "fvcore", "--string-padding", "--run")
    _, fvcore = found["conventions"]
    assert fvcore["terms"] == terms
    assert (fvcore["count"], fvcore["run"]["status"]) == (sum(terms.values()), "confirmed")


@pytest.mark.parametrize(
    "network",
    [
        "resnet --set depth=50",
        "mobilenet_v1",
        "mobilenet_v2",
        "mobilenet_v3_large",
        "u_net",
        "yolo_v3 --set resolution=64",
    ],
)
def test_the_tools_themselves_confirm(sepconv: Sepconv, network: str) -> None:
    tools = ["fvcore", "ptflops", "ptflops-aten", "thop", "torchinfo", "torch"]
    name, *settings = network.split()
    found = document(sepconv, f"zoo:{name}", *settings, "--tools", ",".join(tools), "--run")
    runs = {entry["convention"]: entry["run"] for entry in found["conventions"][1:]}
    assert {name: run["status"] for name, run in runs.items()} == dict.fromkeys(tools, "confirmed")
    assert runs["ptflops"]["tool"].startswith("ptflops 0.")


def test_a_tool_that_contradicts_its_convention(
    sepconv: Sepconv, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sepconv_cli.trace.tools import thop

    monkeypatch.setattr(thop, "count", lambda module, sample: 6_913)
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL)
    result = sepconv("reconcile", spec, "--tools", "thop", "--run")
    assert result.code == 1
    assert "DIFFERS: 6,913" in result.out
    assert "says 6,913, our thop 6,912" in result.err


def test_a_tool_that_is_not_installed_is_no_error(
    sepconv: Sepconv, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sepconv_cli.trace.tools import thop

    monkeypatch.setattr(thop, "PACKAGES", ("no_such_tool",))
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL)
    result = sepconv("reconcile", spec, "--tools", "thop", "--run")
    assert result.code == 0
    assert "not installed" in result.out
    assert result.err == "hint: no_such_tool: not installed: pip install no_such_tool\n"


ATTENTION = "name: a\ninput: [8, 5]\nlayers: [{multi_head_attention: {num_heads: 2}}]\n"


def test_what_is_not_comparable_has_no_sum(sepconv: Sepconv, tmp_path: Any) -> None:
    spec = tmp_path / "attention.yaml"
    spec.write_text(ATTENTION)
    result = sepconv("reconcile", spec, "--tools", "thop")
    assert "not comparable" in result.out
    assert "Not comparable in thop: multi_head_attention" in result.out
    _, thop = document(sepconv, spec, "--tools", "thop")["conventions"]
    assert thop["count"] is None
    assert thop["not_comparable"][0]["layer"] == "multi_head_attention"


def test_run_takes_torchs_own_attention(sepconv: Sepconv, tmp_path: Any) -> None:
    """Of which fvcore and FlopCounterMode count nothing without gradients, being one operator."""
    spec = tmp_path / "attention.yaml"
    spec.write_text(ATTENTION)
    found = document(sepconv, spec, "--tools", "fvcore,torch,ptflops-aten", "--run")
    runs = [entry["run"] for entry in found["conventions"][1:]]
    assert [(run["status"], run["measured"]) for run in runs] == [("not comparable", 0)] * 3
    out = sepconv("reconcile", spec, "--tools", "fvcore", "--run").out
    assert re.search("the tool itself +- +not comparable: 0", out)
    assert "its number is between 0 and 1,680" in out


def test_strict_is_exit_code_1_where_a_layer_is_left_out(sepconv: Sepconv) -> None:
    result = sepconv("reconcile", *RESNET_50, "--tools", "thop", "--strict")
    assert (result.code, "not every convention" in result.err) == (1, True)
    assert sepconv("reconcile", *RESNET_50, "--tools", "torch", "--strict").code == 0


@pytest.mark.parametrize(
    ("text", "value", "last_digit"),
    [
        ("4.12G", 4_120_000_000, 10_000_000),
        ("4.1 GMACs", 4_100_000_000, 100_000_000),
        ("8.2e9 FLOPs", 8_200_000_000, 100_000_000),
        ("569M", 569_000_000, 1_000_000),
        ("569 million mult-adds".replace(" million", "m"), 569_000_000, 1_000_000),
        ("4,111,512,576", 4_111_512_576, 1),
        ("4_111_512_576", 4_111_512_576, 1),
        ("1.5B", 1_500_000_000, 100_000_000),
        ("300k", 300_000, 1_000),
        ("0.5", Fraction(1, 2), Fraction(1, 10)),
    ],
)
def test_printed_numbers(text: str, value: Fraction, last_digit: Fraction) -> None:
    found = printed(text)
    assert found.value == value
    assert found.last_digit == last_digit


@pytest.mark.parametrize("text", ["", "G", "4.12 X", "four", "-3", "1.2.3", "4 GiB"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UsageError):
        printed(text)


@pytest.mark.parametrize(
    ("count", "fits"),
    [
        (4_115_000_000, "rounded"),
        (4_124_999_999, "rounded"),
        (4_125_000_000, "rounded"),
        (4_125_000_001, "cut off"),
        (4_129_999_999, "cut off"),
        (4_130_000_000, None),
        (4_114_999_999, None),
    ],
)
def test_fits_to_the_printed_precision(count: int, fits: str | None) -> None:
    assert printed("4.12G").fits(count) == fits


def test_who_counts_4_12_g(resnet: Network) -> None:
    """The BSConv authors do, and ptflops where ReLU and pools are called as functions."""
    found = matches(resnet, printed("4.12G"), list(TOOLS))
    fitting = [(m.breakdown.convention.name, m.count, bool(m.written)) for m in found if m.fits]
    assert fitting == [("ptflops", 4_121_925_096, True), ("bsconv", 4_121_925_096, False)]


def test_against_an_exact_number(resnet: Network) -> None:
    found = matches(resnet, printed("4133742592"), list(TOOLS))
    assert [match.breakdown.convention.name for match in found if match.fits] == ["thop"]


def test_against_names_the_terms_that_make_the_difference(resnet: Network) -> None:
    """4.10 G is ptflops without its batch norm and without what it counts twice."""
    start = breakdown(resnet, convention("ptflops"))
    number = printed("4.110G")
    found = explanations(start, number, reconcile(resnet))
    assert {(step.term, step.amount) for step in found[0]} == {("batch norm", -22_227_968)}


def test_against_in_words(sepconv: Sepconv) -> None:
    result = sepconv("reconcile", *RESNET_50, "--against", "4.12G", "--of", "ptflops")
    head = result.out.split("\n\n")[:3]
    assert head == [
        "Who counts 4.12G?   ResNet   3x224x224   standard   depth=50\n"
        "1 of 2 numbers fit, to the printed precision",
        "convention          count      off by  fits     written\n"
        "ptflops     4,121,925,096  +1,925,096  rounded  "
        "activations and pools called as functions",
        "ptflops = macs + 1,000 linear bias + 22,227,968 batch norm + 9,608,704 activations "
        "+ 802,816 pools + 100,352 adaptive pools",
    ]


def test_against_nothing_that_fits(sepconv: Sepconv) -> None:
    result = sepconv("reconcile", *RESNET_50, "--against", "4.11G", "--of", "ptflops-aten")
    assert "none fits, to the printed precision; the nearest" in result.out
    assert (
        "ptflops-aten with +22,227,968 batch norm (as fvcore counts) would be 4.11G" in result.out
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["zoo:resnet", "--tools", "thpo"], "no convention is called thpo"),
        (["zoo:resnet", "--against", "4.12 parsecs"], "--against 4.12 parsecs: expected a number"),
        (["zoo:resnet", "--of", "thop"], "--of needs --against"),
        (["zoo:resnet", "--against", "4G", "--of", "nobody"], "no convention is called nobody"),
        (["zoo:resnet", "--set", "depth=18,50"], "reconcile looks at one network"),
    ],
)
def test_wrong_use(sepconv: Sepconv, arguments: list[str], message: str) -> None:
    result = sepconv("reconcile", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_a_note_of_the_spec_is_repeated(sepconv: Sepconv, tmp_path: Path) -> None:
    """What an import says of arithmetic on weights alone, which fvcore counts of the model."""
    spec = tmp_path / "net.yaml"
    conv = "conv: {out_channels: 1, kernel_size: 1}"
    spec.write_text(f"input: [3, 8, 8]\nnote: fvcore counts 7 more\nlayers: [{conv}]\n")
    assert sepconv("reconcile", spec, "--tools", "fvcore").out.endswith("\nfvcore counts 7 more\n")
    assert '"note": "fvcore counts 7 more"' in sepconv("reconcile", spec, "-f", "json").out


def test_parameters_that_no_layer_works_with_are_no_gap(sepconv: Sepconv, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text("input: [3, 8, 8]\nlayers: [further_parameters: {count: 4}]\n")
    assert "want of a rule" not in sepconv("reconcile", spec).out
