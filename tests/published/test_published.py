"""Whole networks as their papers print them and as a faithful implementation counts them.

The figures of fvcore are those of implementations whose squeeze is a plain mean.
MobileNetV1 has a table of its own, test_mobilenet_v1.py.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from sepconv_cli.conventions import convention
from sepconv_cli.library.load import load
from sepconv_cli.library.zoo import ZOO_PREFIX
from sepconv_cli.lowering.choose import Case, cases
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import Amounts, Context, Scope
from sepconv_cli.trace import trace
from tests.published import rows

README = Path(__file__).parents[2] / "README.md"
ROWS = rows("published.csv")
# Printed within 4 % of the exact count; the note says where the paper prints more.
AS_PRINTED = [row for row in ROWS if "the paper prints" not in row["note"]]
COUNTS = ("params", "macs", "conv_activations", "fvcore_total")

SUFFIXES = {"M": 1e6, "B": 1e9, "G": 1e9}


class Counts(NamedTuple):
    """What the program counts, by formula and by tracing."""

    analytic: Mapping[str, object]
    traced: dict[str, int]


def case(row: dict[str, str]) -> Case:
    settings = grid(row["settings"].split())
    (found,) = cases(load(ZOO_PREFIX + row["spec"]), grid=settings, variants=[row["variant"]])
    return found


def count(row: dict[str, str]) -> Counts:
    network = case(row).network
    amounts, whole = Amounts(Context(convention("macs"))), Scope(network)
    convolutions = [node.y.elements for node in network.nodes if node.op.name == "conv"]
    analytic = {
        "params": amounts.number("parameters", whole),
        "macs": amounts.number("macs", whole),
        "conv_activations": sum(convolutions),
        "fvcore_total": amounts.number("fvcore", whole),
    }
    nodes = trace(network)
    traced = {
        "params": sum(node.parameters for node in nodes),
        "macs": sum(node.macs or 0 for node in nodes),
        "fvcore_total": sum(node.total for node in nodes),
    }
    return Counts(analytic, traced)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["network"])
def test_every_figure_of_every_network_by_both_engines(row: dict[str, str]) -> None:
    exact = {name: int(row[name]) for name in COUNTS if row[name]}
    found = count(row)
    assert {name: found.analytic[name] for name in exact} == exact
    assert {name: found.traced[name] for name in exact if name in found.traced} == {
        name: number for name, number in exact.items() if name in found.traced
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["network"])
def test_input_is_that_of_the_row(row: dict[str, str]) -> None:
    assert str(case(row).network.input) == row["input"]


@pytest.mark.parametrize("row", AS_PRINTED, ids=lambda row: row["network"])
def test_exact_count_is_near_what_the_paper_prints(row: dict[str, str]) -> None:
    for name in ("params", "macs"):
        if row[f"{name}_printed"]:
            assert int(row[name]) == pytest.approx(number(row[f"{name}_printed"]), rel=0.04)


def number(printed: str) -> float:
    """5.3M, 0.39B or 22,855,952 as a number."""
    scale = SUFFIXES.get(printed[-1])
    return float(printed[:-1]) * scale if scale else float(printed.replace(",", ""))


def test_the_readme_prints_these_figures_and_those_of_mobilenet_v1() -> None:
    known = {
        (row["network"], row["input"], f"{int(row['params']):,}", f"{int(row['macs']):,}")
        for row in (*ROWS, *rows("mobilenet_v1.csv"))
    }
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in README.read_text().splitlines()
        if re.match(r"\|.*\(\[\d{4}\.\d{4,5}\]", line)
    ]
    printed = {(re.sub(r" \(\[.*", "", name), size, *exact) for name, size, _, *exact, _ in cells}
    assert printed <= known
    assert len(printed) == len(cells) == 22
