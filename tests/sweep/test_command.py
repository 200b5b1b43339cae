"""`sepconv sweep` as its users run it."""

import csv
import gc
import json
import resource
import tracemalloc
from pathlib import Path

import pytest

from sepconv_cli import load
from sepconv_cli.sweep import check
from sepconv_cli.sweep.ask import SweepRequest, sweep
from tests.conftest import Sepconv

ROOT = Path(__file__).parents[2]
MOBILENET = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"

# Standard: 9 n parameters, which are 36 times multiplied. Depthwise-separable: 9 + n.
SPEC = """\
name: Tiny
input: [1, 8, 8]
parameters: {n: 1}
layers:
  - conv: {out_channels: n, kernel_size: 3, bias: false}
variants: [standard, depthwise_separable]
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(SPEC)
    return path


def test_the_summary(sepconv: Sepconv, tiny: Path) -> None:
    result = sepconv("sweep", tiny, "--set", "n=0:4")
    assert result.code == 0
    assert (
        result.out
        == """\
Tiny   5 points: n 0 to 4 (5 values)
convention macs: multiplications of convolutions and linear layers

variant              points  invalid  least parameters  most parameters  least MACs  most MACs\
  least activations  most activations
standard                  5        1                 9               36         324      1,296\
                 36               144
depthwise_separable       5        1                10               13         360        468\
                 72               180

2 invalid: out_channels: expected a whole number of at least 1, not 0 (first at n=0)
"""
    )
    assert result.err.startswith("5 points x 2 variants in ")
    assert result.err.endswith(" a second; 5 of them checked one by one\n")
    assert sepconv("sweep", tiny, "--set", "n=0:4", "--quiet").err == ""


@pytest.mark.parametrize("block", [2, 100])
def test_a_reason_is_true_of_all_its_points(
    sepconv: Sepconv, tiny: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """-3 to 0 of two variants, whatever the blocks: no number is said of a point that isn't its."""
    monkeypatch.setattr("sepconv_cli.sweep.grid.BLOCK", block)
    result = sepconv("sweep", tiny, "--set", "n=-3:4", "-q")
    assert result.out.endswith(
        "\n8 invalid: out_channels: expected a whole number of at least 1, not -3 to 0"
        " (first at n=-3)\n"
    )
    (found,) = json.loads(sepconv("sweep", tiny, "--set", "n=4:-3:-1", "-f", "json").out)["invalid"]
    assert found == {
        "reason": "out_channels: expected a whole number of at least 1, not -3 to 0",
        "count": 8,
        "example": "n=0",
    }


def test_numbers_that_dont_vary_stay_in_a_reason(sepconv: Sepconv, tmp_path: Path) -> None:
    """Fractions as ranges too; the 4 of in_channels is the same everywhere."""
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "input: [4, 8, 8]\nparameters: {g: 1, n: 4}\nlayers:\n"
        "  - conv: {out_channels: n, kernel_size: 1, groups: g}\n"
    )
    result = sepconv(
        "sweep", spec, "--set", "g=1:7:2", "--set", "n=4,4.25,4.5", "--variant", "standard",
        "-f", "json",
    )  # fmt: skip
    assert {each["reason"]: each["count"] for each in json.loads(result.out)["invalid"]} == {
        "out_channels: 4.25 to 4.5 is not a whole number": 8,
        "groups 3 to 7 does not divide the 4 in_channels": 3,
    }


def test_where_and_top(sepconv: Sepconv, tiny: Path) -> None:
    """Of at most 500 MACs: 324 for n = 1, and 360, 396, 432 and 468 depthwise."""
    result = sepconv(
        "sweep", tiny, "--set", "n=1:9", "--where", "macs < 450", "--top", 2, "--by", "max:n", "-q"
    )
    assert (
        result.out.partition("\n\nlargest")[2]
        == """\
 n first, of 4 points
2 shown

n  variant              parameters  MACs  activations
3  depthwise_separable          12   432          144
2  depthwise_separable          11   396          108
"""
    )


def test_pareto(sepconv: Sepconv, tiny: Path) -> None:
    """324 for n = 1; from then on 324 + 36 n of the separable are the least for their n."""
    result = sepconv("sweep", tiny, "--set", "n=1:3", "--pareto", "macs,max:n", "-f", "json", "-q")
    rows = json.loads(result.out)["rows"]
    assert [(row["n"], row["variant"], row["macs"]) for row in rows] == [
        (1, "standard", 324),
        (2, "depthwise_separable", 396),
        (3, "depthwise_separable", 432),
    ]


def test_many_rows_are_counted_and_not_listed(sepconv: Sepconv, tiny: Path) -> None:
    result = sepconv("sweep", tiny, "--set", "n=1:99", "--where", "n > 0", "-q")
    assert result.out.endswith("\nand 178 more points; -o FILE writes them all\n")
    listed = csv.DictReader(
        sepconv("sweep", tiny, "--set", "n=1:99", "--where", "n > 0", "-f", "csv").out.splitlines()
    )
    assert len(list(listed)) == 198


def test_another_convention_and_its_name(sepconv: Sepconv, tiny: Path) -> None:
    result = sepconv(
        "sweep", tiny, "--set", "n=1:3", "--convention", "calflops-macs", "--top", 1, "-f", "json",
        "--where", "calflops_macs >= 400",
    )  # fmt: skip
    assert [row["calflops_macs"] for row in json.loads(result.out)["rows"]] == [432]


def test_the_peak_is_worked_out_where_it_is_asked_for(sepconv: Sepconv, tiny: Path) -> None:
    """64 inputs and 36 n outputs, four bytes each: 100 for n = 1, 136 for n = 2."""
    result = sepconv(
        "sweep", tiny, "--set", "n=1:3", "--where", "peak_activation_bytes <= 544",
        "--variant", "standard", "-f", "json",
    )  # fmt: skip
    assert [row["peak_activation_bytes"] for row in json.loads(result.out)["rows"]] == [400, 544]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "a sweep needs a parameter to vary"),
        (("--set", "m=1:2"), "Tiny has no parameter m to set"),
        (("--set", "n=1:2", "--by", "macs"), "--by says what --top and --plot go by"),
        (("--set", "n=1:2", "--pareto", "weight"), "nothing is called weight"),
        (("--set", "n=1:2", "--variant", "nope"), "no variant is called nope"),
        (("--set", "n=1:2", "--p", "1/3"), "--p is an option of none of these"),
        (("--set", "n=1:2", "--rewrite", "nope"), "that can be rewritten fits 'nope'"),
        (("--set", "n=1:2", "--convention", "nope"), "no convention is called nope"),
        (("--set", "n=-3:0"), "out_channels: expected at least 1, not -3"),
    ],
)
def test_wrong_use(sepconv: Sepconv, tiny: Path, arguments: tuple[str, ...], message: str) -> None:
    result = sepconv("sweep", tiny, *arguments)
    assert result.code == 2
    assert result.out == ""
    assert message in result.err.replace("expected a whole number of at least", "expected at least")
    assert "Traceback" not in result.err


def test_a_spec_that_is_wrong_everywhere_is_an_error_with_a_place(
    sepconv: Sepconv, tiny: Path
) -> None:
    tiny.write_text(SPEC.replace("kernel_size: 3", "kernel_size: 9"))
    result = sepconv("sweep", tiny, "--set", "n=1:1000")
    assert result.code == 2
    assert f"{tiny}:5:42: the kernel is larger than its input" in result.err
    assert "^" in result.err


def test_a_difference_between_numpy_and_the_program_is_loud(
    sepconv: Sepconv, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = check._plain

    def wrong(*arguments: object) -> object:
        found = plain(*arguments)  # type: ignore[arg-type]
        return found and {**found, "macs": found["macs"] + 1}

    monkeypatch.setattr(check, "_plain", wrong)
    result = sepconv("sweep", tiny, "--set", "n=1:9", "--variant", "standard")
    assert result.code == 2
    assert result.out == ""
    assert "sepconv failed inside: Mismatch: standard at n=1 is" in result.err


def test_variants_options_and_rules_are_those_of_compare(sepconv: Sepconv) -> None:
    options = ("--variant", "blueprint_s", "--p", "1/6", "--rewrite", "separable_1*", "-f", "json")
    compared = json.loads(sepconv("compare", MOBILENET, "--engine", "analytic", *options).out)
    result = sepconv("sweep", MOBILENET, "--set", "width=1,2", "--top", 1, "--by", "macs", *options)
    (row,) = json.loads(result.out)["rows"]
    assert row["macs"] == compared["rows"][0]["count"]
    assert row["parameters"] == compared["rows"][0]["parameters"]


def test_a_rules_target_takes_its_options_though_it_isnt_swept(sepconv: Sepconv) -> None:
    options = ("--variant=standard", "--option=blueprint_s.p=1/6", "--rewrite=*=blueprint_s")
    (row,) = json.loads(
        sepconv("compare", MOBILENET, "--engine", "analytic", *options, "-f", "json").out
    )["rows"]
    result = sepconv("sweep", MOBILENET, "--set", "width=1,2", "--top=1", *options, "-f", "json")
    assert json.loads(result.out)["rows"][0]["macs"] == row["count"]


@pytest.mark.parametrize(
    "variant", [("grouped",), ("grouped", "--pointwise=true"), ("spatially_separable", "--rank=9")]
)
def test_groups_that_divide_here_and_not_there(
    sepconv: Sepconv, tmp_path: Path, variant: tuple[str, ...]
) -> None:
    """Every point is what compare makes of it, whatever divides its channels."""
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "input: [m, 9, 8]\nparameters: {m: 1, n: 1, k: 3}\n"
        "layers: [conv: {out_channels: n, kernel_size: [k, 3], padding: 1, stride: 2}]\n"
    )
    grid = ("--set", "m=6,7,8", "--set", "n=9,12,32", "--set", "k=1,3")
    asked = (*grid, "-f", "json", "--variant", *variant)
    compared = json.loads(sepconv("compare", spec, "--engine", "analytic", *asked).out)["rows"]
    result = sepconv("sweep", spec, *asked, "--where", "macs > 0")
    assert result.code == 0, result.err
    swept = json.loads(result.out)["rows"]
    assert len(swept) == 18
    for row, point in zip(compared, swept, strict=True):
        assert [point[name] for name in "mnk"] == [row["settings"][name] for name in "mnk"]
        assert (point["macs"], point["parameters"]) == (row["count"], row["parameters"])


def test_ten_million_points_in_bounded_memory(sepconv: Sepconv) -> None:
    """A grid of 10 million points would take 240 MB as three columns."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = sepconv(
        "sweep", MOBILENET, "--variant", "standard", "--set", "width=0.5:1.49:0.01",
        "--set", "resolution=32:231", "--set", "classes=1:500", "--top", 3, "-f", "json",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert json.loads(result.out)["points"] == 10_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_memory_depends_on_the_block_and_not_on_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced exactly: numbers are in circles with what lowering makes of them, which only the
    garbage collector would find."""
    monkeypatch.setattr("sepconv_cli.sweep.grid.BLOCK", 20_000)
    assert peak_of("width=0.5:1.5:0.000005") < 1.5 * peak_of("width=0.5:0.7:0.000005")


def peak_of(*settings: str) -> int:
    """Bytes at the most while a sweep of MobileNetV1 runs, nothing being collected."""
    spec = load(MOBILENET)
    gc.disable()
    tracemalloc.start()
    try:
        sweep(spec, SweepRequest(settings=settings, variants=("standard",), top=1))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()


SILENT = """
input: [8, n]
parameters: {n: 40}
layers:
  - relu
  - conv: {out_channels: 8, kernel_size: 1, bias: false}
    when: n != 3
"""


@pytest.mark.parametrize("values", ["1:5", "5:1:-1", "3,1,2", "1,2,3"])
def test_what_is_not_counted_at_a_point_is_null_there(
    sepconv: Sepconv, tmp_path: Path, values: str
) -> None:
    """Without the convolution nothing is multiplied, which is null and not 0: 64 n elsewhere."""
    (tmp_path / "net.yaml").write_text(SILENT)
    output = tmp_path / "grid.jsonl"
    result = sepconv(
        "sweep",
        tmp_path / "net.yaml",
        "--set",
        f"n={values}",
        "--variant",
        "standard",
        "-o",
        output,
    )
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert {row["n"]: row["macs"] for row in rows} == {
        row["n"]: None if row["n"] == 3 else 64 * row["n"] for row in rows
    }
    top = sepconv(
        "sweep", tmp_path / "net.yaml", "--set", f"n={values}", "--variant", "standard",
        "--top", "1", "-f", "json",
    )  # fmt: skip
    assert [row["n"] for row in json.loads(top.out)["rows"]] == [1]


def test_a_layer_that_is_not_comparable_at_some_points(sepconv: Sepconv, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "input: [8, 40]\nparameters: {l: 1}\nlayers:\n  - conv: {out_channels: 8, kernel_size: 1}\n"
        "  - multi_head_attention: {num_heads: 2}\n    repeat: l\n"
    )
    output = tmp_path / "grid.jsonl"
    result = sepconv(
        "sweep", spec, "--convention", "thop", "--set", "l=0:2", "--variant", "standard",
        "-o", output,
    )  # fmt: skip
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    # 8 channels to 8 on 40 positions.
    assert [row["thop"] for row in rows] == [2_560, None, None]


def test_blocks_that_are_invalid_as_a_whole(sepconv: Sepconv, tmp_path: Path) -> None:
    """For several reasons: no channels, no positions, both."""
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "input: [1, n]\nparameters: {n: 4, c: 1}\nlayers:\n"
        "  - conv: {out_channels: int(c / 20000), kernel_size: 3, bias: false}\n"
    )
    output = tmp_path / "grid.csv"
    result = sepconv(
        "sweep", spec, "--set", "c=1:20001:10000", "--set", "n=1:20000", "--variant", "standard",
        "-o", output, "-q",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert len(output.read_text().splitlines()) == 60_001


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "n=1:2", "--pareto", ""], "a goal has no name"),
        (["--set", "n=1:2", "--pareto", "macs,"], "a goal has no name"),
        (["--set", "n=1:"], "a range is START:STOP"),
        (["--set", "n=1,2:3"], "a list of values stands without a range"),
        (["--set", "n=3:1"], "towards less it is negative"),
        (["--set", "n=3:1:0"], "a step isn't 0"),
    ],
)
def test_wrong_goals_and_ranges(
    sepconv: Sepconv, tiny: Path, arguments: list[str], message: str
) -> None:
    result = sepconv("sweep", tiny, *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
