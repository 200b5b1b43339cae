"""The JSON Schema, held to a real validator, and the starter spec that points to it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from sepconv_cli.library.schema import schema
from sepconv_cli.registry import names
from tests.conftest import Sepconv

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "configs").rglob("*.yaml"))
VALIDATOR = Draft202012Validator(schema())


def errors(text: str) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_of_the_project_is_valid(path: Path) -> None:
    assert errors(path.read_text()) == []


def test_every_op_and_variant_is_in_it() -> None:
    text = json.dumps(schema())
    assert all(f'"{name}"' in text for name in (*names("ops"), *names("variants")))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("input: [3, 8]\n", "$"),
        ("input: [3, 8]\nlayers: []\n", "$.layers"),
        ("input: [3, 8]\nlayers: [relu]\nlayer: 1\n", "$"),
        ("input: [3, 8]\nlayers: [relu]\nvariants: [blue]\n", "$.variants"),
        ("input: [3, 8]\nlayers: [conv: {kernel_size: 3}]\n", "$.layers[0]"),
        ("input: [3, 8]\nlayers: [conv: {out_channels: 1, kernel_siz: 3}]\n", "$.layers[0]"),
        ("input: [3, 8]\nlayers: [relu]\nbudgets: [{id: a, metric: macs}]\n", "$.budgets[0]"),
        (
            "input: [3, 8]\nlayers: [relu]\nbudgets: [{id: a, metric: mac, max: 1}]\n",
            "$.budgets[0].metric",
        ),
        ("input: [3, 8]\nlayers: [parallel: {branches: [[relu]], merge: add}]\n", "$.layers[0]"),
    ],
)
def test_what_is_wrong_is_wrong(text: str, where: str) -> None:
    assert errors(text) == [where]


def test_numeric_fields_take_an_expression() -> None:
    assert errors('input: [3, 8]\nlayers: [conv: {out_channels: 2 * w, kernel_size: "k"}]\n') == []


def test_a_budget_with_everything() -> None:
    text = """
input: [3, 8]
layers: [relu]
budgets:
  - {id: a, variant: standard, metric: macs, max: 300M, level: warn, dtype: int8, scope: "a*"}
  - {id: b, metric: thop, max_growth: {percent: 1, at_least: 10k}, set: {width: [1, 0.5]}}
  - {id: c, metric: ptflops-aten, max_growth: 1%, max_ratio: {to: standard, value: 0.15}}
"""
    assert errors(text) == []


def test_the_command_writes_it(sepconv: Sepconv, tmp_path: Path) -> None:
    printed: dict[str, Any] = json.loads(sepconv("schema").out)
    assert printed == schema()
    sepconv("schema", "-o", tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text()) == schema()


def test_init_writes_a_spec_that_works(sepconv: Sepconv, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    assert sepconv("init", file).code == 0
    assert errors(file.read_text()) == []
    assert file.read_text().startswith("# yaml-language-server: $schema=sepconv.schema.json\n")
    assert (tmp_path / "sepconv.schema.json").exists()
    assert sepconv("compare", file, "--engine", "both").code == 0


def test_init_overwrites_nothing(sepconv: Sepconv, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("mine")
    result = sepconv("init", file)
    assert (result.code, file.read_text()) == (2, "mine")
    assert "is there already" in result.err
