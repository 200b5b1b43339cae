"""Each format, read back by what its readers use, or held to its exact text."""

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from sepconv_cli.commands._output import write
from sepconv_cli.formats import Screen
from sepconv_cli.registry import get, names
from sepconv_cli.show.table import Cell, Column, Report, Table
from tests.conftest import Sepconv
from tests.formats.reports import report
from tests.formats.test_findings import MADE_OF_FINDINGS

ROOT = Path(__file__).parents[2]
AIDVENTURE = ROOT / "configs" / "seeds" / "aidventure.yaml"

# Latency is there only where a device is named.
METRICS = set(names("metrics")) - {"latency"}
KEYS = {
    "network", "file", "settings", "variant", "input", "traced_parameters", "traced_count",
    "agrees", "not_counted", "not_comparable", "unused_layers",
    *METRICS, *(f"{name}_ratio" for name in METRICS),
}  # fmt: skip


def document(sepconv: Sepconv, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sepconv("compare", AIDVENTURE, "-f", "json", *arguments).out)
    return found


def test_json(sepconv: Sepconv) -> None:
    found = document(sepconv, "--dtype", "int8")
    assert (found["convention"], found["unit"], found["dtype"]) == ("macs", "MAC", "int8")
    assert all(set(row) == KEYS for row in found["rows"])
    row = found["rows"][1]
    assert (row["network"], row["variant"]) == ("AIdventure's example", "depthwise_separable")
    assert (row["parameters"], row["count"]) == (411, 10_275)
    assert (row["traced_parameters"], row["traced_count"], row["agrees"]) == (411, 10_275, True)
    assert row["count_ratio"] == 10_275 / 86_400


def test_json_has_null_for_what_was_not_traced(sepconv: Sepconv) -> None:
    row = document(sepconv, "--engine", "analytic")["rows"][0]
    assert (row["traced_parameters"], row["traced_count"], row["agrees"]) == (None, None, None)


def test_json_integers_are_exact_over_64_bits(sepconv: Sepconv) -> None:
    result = sepconv(
        "layer", 10**9, 10**9, "-k", 1, "--input", f"{10**9}x{10**9}", "--engine", "analytic",
        "-f", "json", "--no-bias",
    )  # fmt: skip
    assert json.loads(result.out)["rows"][0]["count"] == 10**36


def test_json_layers(sepconv: Sepconv) -> None:
    row = document(sepconv, "--per-layer")["rows"][1]
    (layer,) = row["layers"]
    assert (layer["layer"], layer["count"], layer["agrees"]) == ("conv", 10_275, True)
    assert [part["count"] for part in layer["parts"]] == [675, 9_600]


def test_csv(sepconv: Sepconv) -> None:
    out = sepconv("compare", AIDVENTURE, "-f", "csv", "--engine", "analytic").out
    rows = list(csv.DictReader(StringIO(out)))
    assert len(rows) == 4
    assert rows[1]["convention"] == "macs"
    assert (rows[1]["variant"], rows[1]["count"]) == ("depthwise_separable", "10275")
    assert rows[1]["traced_count"] == ""


def test_csv_per_layer_has_a_line_for_each_layer(sepconv: Sepconv) -> None:
    mobilenet = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"
    arguments = ("-f", "csv", "--engine", "analytic", "--per-layer", "--variant", "standard")
    rows = list(csv.DictReader(StringIO(sepconv("compare", mobilenet, *arguments).out)))
    # 14 convolutions, each with batch norm and relu, then pool, flatten, linear
    assert len(rows) == 14 * 3 + 3
    assert rows[3]["layer"] == "separable_1.conv"
    assert rows[-1]["parameters"] == "1025000"


def test_markdown_has_as_many_cells_in_each_line(sepconv: Sepconv) -> None:
    out = sepconv("compare", AIDVENTURE, "-f", "markdown").out
    table = [line for line in out.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1
    assert set(table[1]) <= set("| :-")
    assert "convention macs" in out


def test_markdown_escapes_what_it_would_read_as_markup() -> None:
    table = Table("a|b", "<i>", (Column("x"),), (((Cell("1*2_3`"),),),))
    out = get("formats", "markdown").render(Report({}, [], [table]), Screen())
    assert "a\\|b" in out
    assert "\\<i>" in out
    assert "| 1\\*2\\_3\\` |" in out


@pytest.mark.parametrize("name", sorted({*names("formats")} - {*MADE_OF_FINDINGS}))
def test_every_format_names_the_convention(sepconv: Sepconv, name: str) -> None:
    out = sepconv("compare", AIDVENTURE, "--engine", "analytic", "-f", name).out
    assert "macs" in out
    assert out.endswith("\n")
    assert not out.endswith("\n\n")


@pytest.mark.parametrize(
    ("ending", "start"),
    [("json", "{\n"), ("jsonl", '{"'), ("csv", "convention,"), ("md", "**"), ("txt", "AId")],
)
def test_output_takes_the_format_of_the_files_ending(
    sepconv: Sepconv, tmp_path: Path, ending: str, start: str
) -> None:
    file = tmp_path / f"out.{ending}"
    assert sepconv("compare", AIDVENTURE, "-o", file) == (0, "", "")
    assert file.read_text().startswith(start)


@pytest.mark.parametrize(("ending", "text"), [("sarif", '"version": "2.1.0"'), ("XML", "<?xml")])
def test_an_ending_can_name_a_format_made_of_findings(
    tmp_path: Path, ending: str, text: str
) -> None:
    file = tmp_path / f"out.{ending}"
    write(report(), None, file)
    assert text in file.read_text()


# The terminal


def terminal(width: int | None, color: bool = False) -> str:
    columns = (
        Column("layer", "left"),
        Column("parameters"),
        Column("ratio", rank=1, bar=True),
        Column("bytes", rank=4),
    )
    rows = (
        (Cell("a"), Cell("1,000"), Cell("1.00", bar=1.0), Cell("4,000")),
        (Cell("b"), Cell("500"), Cell("0.50", bar=0.5), Cell("2,000", tone="loud")),
    )
    table = Table("title", "subtitle", columns, (rows,))
    rendered: str = get("formats", "terminal").render(Report({}, [], [table]), Screen(width, color))
    return rendered


def test_terminal_on_a_pipe() -> None:
    assert terminal(None).splitlines()[3:] == [
        "layer  parameters  ratio  bytes",
        "a           1,000   1.00  4,000",
        "b             500   0.50  2,000",
    ]


def test_terminal_draws_a_bar_of_the_ratio() -> None:
    assert terminal(80).splitlines()[3:] == [
        "layer  parameters  ratio            bytes",
        "a           1,000   1.00  ████████  4,000",
        "b             500   0.50  ████      2,000",
    ]


@pytest.mark.parametrize(
    ("width", "header", "note"),
    [
        (36, "layer  parameters  ratio", "left out on this narrow screen: bytes"),
        (24, "layer  parameters  ratio", "left out on this narrow screen: bytes"),
        (18, "layer  parameters", "left out on this narrow screen: ratio, bytes"),
    ],
    ids=["bytes go first", "then the bars", "then the ratio"],
)
def test_terminal_leaves_out_whole_columns_and_says_so(width: int, header: str, note: str) -> None:
    lines = terminal(width).splitlines()
    assert lines[3].rstrip() == header
    assert "1,000" in lines[4]
    assert " ".join(lines[7:]).strip() == note


def test_terminal_is_loud_in_colour_only() -> None:
    assert "\x1b" not in terminal(80)
    assert re.search(r"\x1b\[1;31m *2,000", terminal(80, color=True))
