"""An opaque layer is named below every table: its function, how many layers, how many elements."""

import json
from pathlib import Path

import pytest

from tests.conftest import Sepconv

NET = """
name: net
parameters: {width: 4}
input: [3, 8, 8]
layers:
  - {conv: {out_channels: width, kernel_size: 3}}
  - {opaque: {function: cummax, shape: [4, 6, 6]}}
  - {opaque: {function: roi_align, shape: [4, 6, 6]}}
  - {opaque: {function: cummax, shape: [5]}}
budgets:
  - {id: small, metric: macs, max: 1M}
  - {id: whole, metric: flops, max: 1M}
"""
# 4*6*6 + 5 and 4*6*6.
SAID = "Opaque, not counted: cummax (2 layers, 149 elements), roi_align (1 layer, 144 elements)."


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path


@pytest.mark.parametrize("convention", ["macs", "flops", "fvcore", "bsconv"])
@pytest.mark.parametrize("format_name", ["terminal", "markdown"])
def test_below_a_comparison(net: Path, sepconv: Sepconv, convention: str, format_name: str) -> None:
    found = sepconv(
        "compare", net, "--variant", "standard", "--engine", "analytic",
        "--convention", convention, "--per-layer", "-f", format_name,
    )  # fmt: skip
    assert found.out.count(SAID.split(": ")[1].replace("_", r"\_")) or SAID in found.out
    assert "no rule for opaque" not in found.out


def test_in_machines_formats(net: Path, sepconv: Sepconv) -> None:
    """Each layer by its name with function and elements; its number is null, and never 0."""
    command = ("compare", net, "--variant", "standard", "--engine", "analytic", "--per-layer")
    (row,) = json.loads(sepconv(*command, "-f", "json").out)["rows"]
    assert [(gap["function"], gap["elements"]) for gap in row["not_counted"]] == [
        ("cummax", 144),
        ("roi_align", 144),
        ("cummax", 5),
    ]
    counts = {layer["layer"]: layer["count"] for layer in row["layers"]}
    assert [counts[f"opaque_{number}"] for number in (1, 2, 3)] == [None] * 3
    lines = sepconv(*command[:-1], "-f", "csv").out.splitlines()
    cells = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert cells["not_counted"] == "opaque_1 opaque_2 opaque_3"


def test_below_budgets_and_in_annotations(net: Path, sepconv: Sepconv) -> None:
    found = sepconv("check", net, "--no-config")
    assert f"small: {SAID}" in found.out
    assert f"whole: {SAID}" in found.out


def test_below_what_tools_count_and_what_changed(
    net: Path, sepconv: Sepconv, tmp_path: Path
) -> None:
    assert sepconv("reconcile", net).out.count(SAID) == 1
    other = tmp_path / "other.yaml"
    other.write_text(NET.replace("width: 4", "width: 5"))
    assert SAID in sepconv("diff", other, net, "--variant", "standard").out


def test_where_a_grid_is_swept(net: Path, sepconv: Sepconv) -> None:
    assert SAID in sepconv("sweep", net, "--set", "width=1:8:1", "--variant", "standard").out


@pytest.mark.parametrize("command", ["explain", "crossover"])
def test_a_warning_where_no_table_is_of_the_network(
    net: Path, sepconv: Sepconv, command: str
) -> None:
    assert f"warning: net: {SAID}" in sepconv(command, net).err
    assert SAID not in sepconv(command, net, "--quiet").err
