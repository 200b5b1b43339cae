"""Every row of seeds.csv, with both engines: the articles' examples, corrected where they err."""

import re
from typing import NamedTuple

import pytest
import sympy

from sepconv_cli import compare, loads
from sepconv_cli.explain.symbolic import symbolic
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from tests.published import CONFIGS, rows

SEEDS = CONFIGS / "seeds"
ROWS = rows("seeds.csv")
COUNTED = [row for row in ROWS if row["case"] != "formula"]
FORMULAS = [row for row in ROWS if row["case"] == "formula"]

# The spec of each example, by the article and the case.
SPECS = {
    "001_c33bdbb946b139b5": "aidventure",
    "002_1c2f1323cbdebca7": "blueprint",
    "000_b006147ca7bd9ec4": "separable_module",
    "-": "reference_layer",
}


class Seed(NamedTuple):
    """What a row of the table asks for."""

    variant: str
    options: dict[str, str]
    parameters: int
    macs: int


def seed(row: dict[str, str]) -> Seed:
    options = {"bias": row["bias"]} if row["bias"] in ("last", "all") else {}
    return Seed(row["variant"], options, int(row["params"]), int(row["macs"]))


def label(row: dict[str, str]) -> str:
    return f"{SPECS[row['article']]}-{row['variant']}-{row['bias']}"


@pytest.mark.parametrize("row", COUNTED, ids=label)
def test_spec_gives_the_right_figures_by_both_engines(row: dict[str, str]) -> None:
    asked = seed(row)
    spec = load(SEEDS / f"{SPECS[row['article']]}.yaml")
    comparison = compare(spec, variants=[asked.variant], options=asked.options, engine="both")
    (found,) = comparison.rows
    assert (found["parameters"], found["count"]) == (asked.parameters, asked.macs)
    assert (found.traced_parameters, found.traced_count) == (asked.parameters, asked.macs)
    assert found.agrees


@pytest.mark.parametrize("row", COUNTED, ids=label)
def test_spec_is_the_layer_that_the_row_describes(row: dict[str, str]) -> None:
    """The row's own words, turned into a spec, give the same figures as the spec file."""
    asked = seed(row)
    words = re.fullmatch(r"conv (\d+)->(\d+) kernel (\d+)(?:, padding (\d+))?", row["layer"])
    assert words is not None
    _, out_channels, kernel, padding = words.groups(default="0")
    bias = "false" if row["bias"] == "none" else "true"
    text = f"""
input: [{row["input"].replace("x", ", ")}]
layers:
  - conv: {{out_channels: {out_channels}, kernel_size: {kernel}, padding: {padding}, bias: {bias}}}
"""
    (found,) = compare(
        loads(text), variants=[asked.variant], options=asked.options, engine="analytic"
    ).rows
    assert (found["parameters"], found["count"]) == (asked.parameters, asked.macs)


@pytest.mark.parametrize("row", FORMULAS, ids=lambda row: row["variant"])
def test_formula_is_the_articles(row: dict[str, str]) -> None:
    """The formula code, run on symbols, is the formula that the article prints."""
    spec = load(SEEDS / "reference_layer.yaml")
    (case,) = cases(spec, variants=[row["variant"]])
    found = symbolic(case.standard.nodes[0], case.variant)
    symbols = {name: sympy.Symbol(name, integer=True, positive=True) for name in "MNK"}
    symbols["Do"] = sympy.Symbol("Do", integer=True, positive=True)
    for quantity, printed in (("parameters", row["params"]), ("macs", row["macs"])):
        total = sum(getattr(part, quantity) for part in found.parts)
        expected = sympy.sympify(printed.replace("^", "**"), locals=symbols)
        assert sympy.expand(total - expected) == 0


def test_ratio_of_the_separable_to_the_standard() -> None:
    """1/N + 1/K^2, as the article and MobileNet's equation 5 have it."""
    spec = load(SEEDS / "reference_layer.yaml")
    standard, separable = (
        sum(part.macs for part in symbolic(case.standard.nodes[0], case.variant).parts)
        for case in cases(spec, variants=["standard", "depthwise_separable"])
    )
    n, k = (sympy.Symbol(name, integer=True, positive=True) for name in "NK")
    assert sympy.simplify(separable / standard - (1 / n + 1 / k**2)) == 0


def test_every_seed_has_its_article_named() -> None:
    assert set(SPECS.values()) == {path.stem for path in SEEDS.glob("*.yaml")}
    for article, stem in SPECS.items():
        if article != "-":
            assert article in (load(SEEDS / f"{stem}.yaml").reference or "")
