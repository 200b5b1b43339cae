"""A layer that leads to no output is warned of by every command, and never counted."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Sepconv

# 3 -> 4 channels, 3 x 3, on 8 x 8; `lost` reads them and is read by nobody.
SPEC = """\
name: net
input: [3, 8, 8]
parameters: {width: 1}
layers:
  - {conv: {out_channels: 4 * width, kernel_size: 3, padding: 1, bias: false}, name: body}
  - {layers: [conv: {out_channels: 9, kernel_size: 3}, batch_norm], name: lost}
  - {relu: , from: body}
budgets: [{id: limit, metric: macs, max: 10k}]
"""
PARAMETERS, MACS = 4 * 27, 64 * 4 * 27
SENTENCE = "lost leads to no output: counted in neither engine; name it under outputs"
WARNING = f"warning: net: {SENTENCE}\n"
STRICT = "--strict: there are layers that lead to no output\n"

COMMANDS = [
    ["compare", "SPEC", "--engine", "both"],
    ["explain", "SPEC"],
    ["reconcile", "SPEC"],
    ["check", "SPEC", "--no-config"],
    ["diff", "SPEC", "SPEC"],
    ["sweep", "SPEC", "--set", "width=1:3"],
    ["crossover", "SPEC"],
]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    found = tmp_path / "net.yaml"
    found.write_text(SPEC)
    return found


def named(command: Sequence[str], spec: Path) -> list[str]:
    return [str(spec) if word == "SPEC" else word for word in command]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_warning_unless_quiet_and_exit_code_1_if_strict(
    sepconv: Sepconv, spec: Path, command: list[str]
) -> None:
    arguments = named(command, spec)
    warned, quiet, strict = (
        sepconv(*arguments, *more) for more in ([], ["--quiet"], ["--strict", "--quiet"])
    )
    assert (warned.code, warned.err.count(WARNING)) == (0, 1)
    assert (quiet.code, quiet.err) == (0, "")
    assert strict.code == 1
    assert strict.err.endswith(STRICT)
    assert warned.out == quiet.out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_word_of_it_where_all_lead_to_an_output(
    sepconv: Sepconv, spec: Path, command: list[str]
) -> None:
    spec.write_text(SPEC + "outputs: [lost, relu]\n")
    result = sepconv(*named(command, spec), "--strict")
    assert "output" not in result.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_field_of_the_json(sepconv: Sepconv, spec: Path, command: list[str]) -> None:
    found = json.loads(sepconv(*named(command, spec), "-f", "json", "--quiet").out)
    lists = {"compare": "rows", "check": "verdicts", "diff": "networks"}
    entries = found[lists[command[0]]] if command[0] in lists else [found]
    assert entries
    assert all(entry["unused_layers"] == ["lost"] for entry in entries)


@pytest.mark.parametrize(
    "command", [each for each in COMMANDS if each[0] in ("compare", "reconcile", "check", "diff")]
)
def test_a_column_of_the_csv(sepconv: Sepconv, spec: Path, command: list[str]) -> None:
    header, *rows = sepconv(*named(command, spec), "-f", "csv", "--quiet").out.splitlines()
    at = header.split(",").index("unused_layers")
    assert {row.split(",")[at] for row in rows} == {"lost"}


@pytest.mark.parametrize("format_name", ["terminal", "markdown"])
def test_a_note_below_the_table(sepconv: Sepconv, spec: Path, format_name: str) -> None:
    shown = sepconv("compare", spec, "-q", "--engine", "analytic", "-f", format_name).out
    assert SENTENCE in shown


def test_a_note_of_the_verdict(sepconv: Sepconv, spec: Path) -> None:
    """The budget is held to what is counted: 6,912 of 10,000."""
    shown = sepconv("check", spec, "--no-config", "-q", "-f", "json").out
    (verdict,) = json.loads(shown)["verdicts"]
    assert (verdict["status"], verdict["value"], verdict["notes"]) == ("passed", MACS, [SENTENCE])


def test_batch(sepconv: Sepconv, spec: Path, tmp_path: Path) -> None:
    table = tmp_path / "costs.jsonl"
    asked = ("batch", spec, "--variant", "standard", "-o", table, "--workers", 1)
    result = sepconv(*asked)
    row = json.loads(table.read_text())
    assert (row["parameters"], row["count"]) == (PARAMETERS, MACS)
    assert (row["unused_layers"], row["status"]) == ("lost", "ok")
    warning = "warning: 1 row with layers that lead to no output: see unused_layers\n"
    assert (result.code, result.err) == (0, warning)
    assert sepconv(*asked, "--quiet").err == ""
    strict = sepconv(*asked, "--quiet", "--strict")
    assert (strict.code, strict.err) == (1, STRICT)


def test_several_specs_are_warned_of_one_by_one(
    sepconv: Sepconv, spec: Path, tmp_path: Path
) -> None:
    """Once for each, whatever the settings and variants."""
    other = tmp_path / "other.yaml"
    other.write_text(SPEC.replace("name: net", "name: other"))
    result = sepconv("compare", spec, other, "--engine", "analytic", "--set", "width=1,2")
    assert result.err == WARNING + WARNING.replace("net:", "other:")


def test_a_sweep_names_what_is_unused_at_some_points(sepconv: Sepconv, spec: Path) -> None:
    """From a width of 2 on, what is lost isn't there."""
    spec.write_text(SPEC.replace("name: lost", "name: lost, when: width < 2"))
    assert WARNING in sepconv("sweep", spec, "--set", "width=1:3").err
    assert WARNING not in sepconv("sweep", spec, "--set", "width=2:3").err
