"""The commands as their users run them: output, exit codes, wrong use."""

import json
import os
import signal
import subprocess
import sys
import time
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from sepconv_cli.compare import engines
from sepconv_cli.ops.conv import Conv
from tests.conftest import Sepconv

ROOT = Path(__file__).parents[1]
AIDVENTURE = ROOT / "configs" / "seeds" / "aidventure.yaml"
MOBILENET = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"

# Peak bytes by hand: input and output of the widest node, four bytes each. 147 + 3,200;
# 75 + 3,200; 6,272 + 3,200 for both blueprints.
TABLE = """\
AIdventure's example   3x7x7
convention macs: multiplications of convolutions and linear layers; bytes as float32

variant              parameters  ratio    MACs  ratio  activations  weight bytes  activation bytes\
  peak bytes  traced MACs  engines
standard                  3,456   1.00  86,400   1.00        3,200        13,824            12,800\
      13,388       86,400  agree
depthwise_separable         411   0.12  10,275   0.12        3,275         1,644            13,100\
      13,100       10,275  agree
blueprint_u               1,536   0.44  47,616   0.55        9,472         6,144            37,888\
      37,888       47,616  agree
blueprint_s               1,545   0.45  48,057   0.56        9,619         6,180            38,476\
      37,888       48,057  agree
"""


def test_compare(sepconv: Sepconv) -> None:
    """The figures are those of tests/published/seeds.csv; bytes are four for each number."""
    assert sepconv("compare", AIDVENTURE) == (0, TABLE, "")


def test_layer_is_the_same_table_without_a_file(sepconv: Sepconv) -> None:
    result = sepconv("layer", 3, 128, "--kernel-size", 3, "--input", "7x7", "--no-bias")
    assert result.code == 0
    assert result.out.splitlines()[3:] == TABLE.splitlines()[3:]


def test_layer_takes_a_size_for_each_axis(sepconv: Sepconv) -> None:
    """3 x 5 kernel, stride 2 x 1: (9 + 2 - 3) // 2 + 1 = 5 rows and 12 + 4 - 5 + 1 = 12 columns."""
    result = sepconv(
        "layer", 4, 8, "-k", "3x5", "--stride", "2x1", "--padding", "1x2", "--input", "9x12",
        "--no-bias", "--groups", "2", "-f", "json", "--variant", "standard",
    )  # fmt: skip
    (row,) = json.loads(result.out)["rows"]
    assert row["parameters"] == 8 * 2 * 15
    assert row["count"] == 8 * 2 * 15 * 5 * 12


def test_layer_says_what_is_wrong_in_the_words_of_a_spec(sepconv: Sepconv) -> None:
    assert sepconv("layer", 64, 128, "--groups", 3, "--input", "7x7") == (
        2,
        "",
        """\
layer:10:15: groups 3 does not divide the 64 in_channels
   10 |       groups: 3
      |               ^
layer:10:15: groups 3 does not divide the 128 out_channels
   10 |       groups: 3
      |               ^
2 problems
""",
    )


def test_standard_input(sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(AIDVENTURE.read_bytes())))
    assert sepconv("compare", "-").out == TABLE


def test_several_specs_are_tables_one_below_the_other(sepconv: Sepconv) -> None:
    result = sepconv("compare", AIDVENTURE, MOBILENET, "--engine", "analytic", "-q")
    assert result.out.count("convention macs") == 2


def test_settings_make_rows(sepconv: Sepconv) -> None:
    result = sepconv(
        "compare", MOBILENET, "--set", "width=0.25,0.5", "--set", "resolution=128,224",
        "--variant", "depthwise_separable", "--engine", "analytic", "-f", "json",
    )  # fmt: skip
    rows = json.loads(result.out)["rows"]
    assert [(row["settings"]["width"], row["settings"]["resolution"]) for row in rows] == [
        (0.25, 128), (0.25, 224), (0.5, 128), (0.5, 224),
    ]  # fmt: skip
    # The paper's table 6 at 224: 41 M and 149 M.
    assert (rows[1]["count"], rows[3]["count"]) == (41_030_272, 149_497_088)


def test_per_layer_shows_every_layer_and_the_parts_of_the_rewritten(sepconv: Sepconv) -> None:
    out = sepconv("compare", AIDVENTURE, "--per-layer", "--variant", "blueprint_u").out
    table = [line.split() for line in out.splitlines()[-3:]]
    assert [(row[0], row[1]) for row in table] == [
        ("conv", "128x5x5"),
        ("pointwise", "128x7x7"),
        ("depthwise", "128x5x5"),
    ]


# Engines


def test_without_torch_auto_counts_by_formula_and_says_how_to_trace(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "missing", lambda: ("torch", "fvcore"))
    result = sepconv("compare", AIDVENTURE)
    assert result.code == 0
    assert "fvcore" not in result.out
    assert result.err == (
        "hint: counted by formula only; to check it by tracing: pip install 'sepconv[trace]'\n"
    )
    assert sepconv("compare", AIDVENTURE, "--quiet").err == ""


@pytest.mark.parametrize("engine", ["both", "trace"])
def test_without_torch_an_engine_asked_for_by_name_is_wrong_use(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr(engines, "missing", lambda: ("torch",))
    assert sepconv("compare", AIDVENTURE, "--engine", engine) == (
        2,
        "",
        f"error: --engine {engine} needs torch\n  hint: pip install 'sepconv[trace]'\n",
    )


def test_disagreement_exits_with_1_and_names_the_layer(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conv, "parameters", lambda self, x: 7)
    result = sepconv("compare", AIDVENTURE, "--variant", "standard")
    assert result.code == 1
    assert "DISAGREE" in result.out
    assert result.err == (
        "the engines disagree: AIdventure's example, standard, conv: "
        "7 parameters by formula, 3,456 by fvcore\n"
    )


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(
            ["compare", "no/such.yaml"], "error: no/such.yaml: no such file\n", id="missing file"
        ),
        pytest.param(
            ["compare", "configs"],
            "error: configs: a directory, not a spec\n  hint: name a file: configs/*.yaml\n",
            id="directory",
        ),
        pytest.param(
            ["compare", AIDVENTURE, "--variant", "bluprint_u"],
            "error: no variant is called bluprint_u\n  hint: did you mean blueprint_u?\n",
            id="unknown variant",
        ),
        pytest.param(
            ["compare", AIDVENTURE, "--format", "jsn"],
            "error: no format is called jsn\n  hint: did you mean json?\n",
            id="unknown format",
        ),
        pytest.param(
            ["compare", MOBILENET, "--set", "widht=1"],
            "error: MobileNetV1 has no parameter widht to set\n  hint: did you mean width?\n",
            id="unknown parameter",
        ),
        pytest.param(
            ["compare", AIDVENTURE, "--p", "3", "--variant", "blueprint_s"],
            "--p:1:1: p: expected a share over 0 and up to 1, not 3\n"
            "    1 | 3\n      | ^\n  hint: such as 1/4\n",
            id="bad option",
        ),
        pytest.param(
            ["compare", AIDVENTURE, "--engine", "fast"],
            "error: Invalid value for '--engine': 'fast' is not one of 'auto', 'analytic', "
            "'trace', 'both'.\n  hint: sepconv compare --help\n",
            id="unknown engine",
        ),
        pytest.param(
            ["compare"],
            "error: Missing argument 'SPEC...'.\n  hint: sepconv compare --help\n",
            id="no spec",
        ),
        pytest.param(
            ["list"],
            "error: Missing argument 'KIND'. Choose from: ops, variants, conventions, metrics, "
            "devices, formats, configs\n  hint: sepconv list --help\n",
            id="list: what Typer says on several lines is on one",
        ),
        pytest.param(
            ["compare", AIDVENTURE, "-o", "/no/such/folder/file.json"],
            "error: /no/such/folder/file.json: can't be written: No such file or directory\n",
            id="output that can't be written",
        ),
        pytest.param(
            ["explain", AIDVENTURE, "--layer", "stem*"],
            "error: AIdventure's example has no convolution to explain whose layer fits stem*\n"
            "  hint: variants rewrite convolutions in one group with a kernel over 1\n",
            id="explain: no layer fits",
        ),
    ],
)
def test_wrong_use(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch, arguments: list[object], error: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert sepconv(*arguments) == (2, "", error)


def test_a_failure_inside_is_no_traceback(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conv, "output_shape", lambda self, x: 1 // 0)
    code, out, err = sepconv("compare", AIDVENTURE)
    assert (code, out) == (2, "")
    assert err.startswith("error: sepconv failed inside: ZeroDivisionError")
    assert "Traceback" not in err


def test_bare_command_shows_its_help(sepconv: Sepconv) -> None:
    code, out, _ = sepconv()
    assert code == 2
    assert all(name in out for name in ("compare", "explain", "layer"))


# As a process


def process(*arguments: object, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "sepconv_cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def test_closed_pipe_keeps_the_verdict() -> None:
    """As with `| head`: the reader is gone before anything is written."""
    child = process("compare", MOBILENET, "--per-layer", "--engine", "analytic")
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    with child.stderr:
        assert child.stderr.read() == ""
    assert child.wait() == 0


def test_interrupt_exits_with_130() -> None:
    code = (
        "import sepconv_cli.cli as cli, sepconv_cli.commands.compare as c, time; "
        "c.load_all = lambda *_: (print('ready', flush=True), time.sleep(60)); cli.main()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, "compare", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, err) == (130, "")


@pytest.mark.parametrize("flag", ["NO_COLOR", "FORCE_COLOR"])
def test_a_pipe_gets_no_colours(flag: str) -> None:
    out, _ = process("compare", AIDVENTURE, "--engine", "analytic", **{flag: "1"}).communicate()
    assert "\x1b" not in out


def test_a_narrow_pipe_is_not_cut() -> None:
    out, _ = process("compare", AIDVENTURE, COLUMNS="20").communicate()
    assert out == TABLE
