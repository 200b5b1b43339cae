"""JSON Lines: every line is a JSON value by itself."""

import json
from pathlib import Path

import pytest

from sepconv_cli.show.table import Report
from tests.conftest import Sepconv
from tests.formats.reports import AWKWARD, render

SPEC = Path(__file__).parents[2] / "configs" / "seeds" / "aidventure.yaml"


def test_a_line_for_each_record(sepconv: Sepconv) -> None:
    arguments = ("compare", SPEC, "--engine", "analytic", "-f")
    lines = sepconv(*arguments, "jsonl").out.splitlines()
    rows = json.loads(sepconv(*arguments, "json").out)["rows"]
    assert [json.loads(line)["count"] for line in lines] == [row["count"] for row in rows]
    assert json.loads(lines[1])["variant"] == "depthwise_separable"


def test_integers_are_exact_over_64_bits(sepconv: Sepconv) -> None:
    result = sepconv(
        "layer", 10**9, 10**9, "-k", 1, "--input", f"{10**9}x{10**9}", "--engine", "analytic",
        "-f", "jsonl", "--no-bias",
    )  # fmt: skip
    assert json.loads(result.out.splitlines()[0])["count"] == 10**36


def test_no_records_are_no_lines() -> None:
    assert render("jsonl", Report({}, [], [])) == ""


@pytest.mark.parametrize("name", [n for n in AWKWARD.values() if "\udc80" not in n])
def test_awkward_names_come_back_on_one_line(name: str) -> None:
    out = render("jsonl", Report({}, [{"network": name}], []))
    assert out.count("\n") == 1
    assert json.loads(out) == {"network": name}
