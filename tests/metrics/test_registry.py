"""A metric is one file: a throw-away one, put into a copy of the program, appears everywhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sepconv_cli.metrics import listed, metric
from sepconv_cli.registry import names

ROOT = Path(__file__).parents[2]

# Four metrics of the three kinds of formula, one that isn't exact, and one that needs a device.
NEW = {
    "widths": """
METRIC = Metric(name="widths", title="widths", unit="", meaning="Output channels.", order=999,
    node=lambda node, context: node.y.channels, place="every table")
""",
    "deepest": """
METRIC = Metric(name="deepest", title="deepest", unit="", meaning="The last node's number.",
    combine="max", network=lambda network, context: list(range(len(network.nodes))))
""",
    "delay": """
METRIC = Metric(name="delay", title="delay", unit="ms", meaning="A time.", form="time", exact=False,
    of=("widths", "parameters"), combine="quotient",
    formula=lambda context, widths, parameters: parameters / (widths + 1))
""",
    "elsewhere": """
METRIC = Metric(name="elsewhere", title="elsewhere", unit="ms", meaning="A time.", form="time",
    exact=False, needs=frozenset({"device"}), node=lambda node, context: None)
""",
}
# 3 x 3 x 4 x 8 weights and 8 biases; 8 channels leave the convolution and 8 the ReLU.
SPEC = """
name: net
input: [4, 6, 6]
parameters: {n: 8}
layers:
  - conv: {out_channels: n, kernel_size: 3}
  - relu
"""
WIDTHS, DEEPEST, DELAY = 16, 1, 296 / 17

Run = Callable[..., str]


@pytest.fixture(scope="module", name="copy")
def _copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with these metrics in it."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("sepconv_cli", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests" / "published").mkdir(parents=True)
    for name in ("tests/published/conventions.csv", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "configs").symlink_to(ROOT / "configs")
    for name, text in NEW.items():
        file = folder / "sepconv_cli" / "metrics" / f"{name}.py"
        file.write_text(f'"""A test\'s."""\nfrom sepconv_cli.metrics._metric import Metric\n{text}')
    (folder / "net.yaml").write_text(SPEC)
    (folder / "old.yaml").write_text(SPEC.replace("n: 8", "n: 4"))
    return folder


@pytest.fixture(name="run")
def _run(copy: Path, tmp_path: Path) -> Run:
    """Run a command line of the copy."""

    def call(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "sepconv_cli", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "XDG_CACHE_HOME": str(tmp_path)},
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    return call


COMPARE = ("compare", "net.yaml", "--engine", "analytic", "--variant", "standard")


def test_it_is_in_the_rows_of_json_with_its_ratio(run: Run) -> None:
    """What needs a device is in none."""
    (row,) = json.loads(run(*COMPARE, "--per-layer", "-f", "json"))["rows"]
    for name, value in {"widths": WIDTHS, "deepest": DEEPEST, "delay": DELAY}.items():
        assert (row[name], row[f"{name}_ratio"]) == (value, 1.0)
    assert [layer["widths"] for layer in row["layers"]] == [8, 8]
    assert [layer["deepest"] for layer in row["layers"]] == [0, 1]
    assert "elsewhere" not in row


def test_it_is_in_flat_records(run: Run) -> None:
    head, row = run(*COMPARE, "-f", "csv").splitlines()
    found = dict(zip(head.split(","), row.split(","), strict=True))
    assert (found["widths"], found["delay"]) == (str(WIDTHS), str(DELAY))


def test_it_is_in_tables_where_it_says_so(run: Run) -> None:
    table = run(*COMPARE)
    assert re.search(r"\bwidths\b", table)
    assert "delay" not in table


def test_it_is_listed(run: Run) -> None:
    found = {
        each["name"]: each for each in json.loads(run("list", "metrics", "-f", "json"))["metrics"]
    }
    assert found["delay"] == {"name": "delay", "unit": "ms", "about": "A time."}


def test_batch_has_a_column_for_it_and_ranks_by_it(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "costs.jsonl"
    arguments = ("--variant", "standard", "--by", "delay", "-f", "json", "--per-layer")
    # 148 / 9 is less than 296 / 17.
    summary = json.loads(run("batch", "net.yaml", "old.yaml", "-o", str(table), *arguments))
    assert summary["by"] == "delay"
    assert summary["best"][0]["source"] == "old.yaml"
    row = json.loads(table.read_text().splitlines()[0])
    assert (row["widths"], row["delay"], row["delay_ratio"]) == (WIDTHS, DELAY, 1.0)
    layer = json.loads((tmp_path / "costs.layers.jsonl").read_text().splitlines()[0])
    assert (layer["widths"], layer["deepest"]) == (8, 0)


def test_the_parquet_schema_has_the_type_that_fits(run: Run, tmp_path: Path) -> None:
    import pyarrow.parquet

    table = tmp_path / "costs.parquet"
    run("batch", "net.yaml", "-o", str(table), "-q")
    schema = pyarrow.parquet.read_schema(table)
    assert (str(schema.field("widths").type), str(schema.field("delay").type)) == (
        "int64",
        "double",
    )


@pytest.mark.parametrize(
    ("limits", "code", "status"),
    [
        (f"metric: delay, max: {DELAY}", 0, "passed"),
        ("metric: delay, max: 17.4", 1, "failed"),
        ("metric: delay, min: 17.5", 1, "failed"),
        ("metric: widths, min: 16", 0, "passed"),
        ("metric: delay, max_ratio: {to: standard, value: 1}", 0, "passed"),
        ("metric: delay, scope: conv, max: 18ms", 1, "failed"),
        ("metric: elsewhere, device: rtx4090-amp, max: 1", 1, "failed"),
    ],
)
def test_it_can_be_limited(run: Run, copy: Path, limits: str, code: int, status: str) -> None:
    """What isn't known on a device isn't within a limit."""
    (copy / "limited.yaml").write_text(f"{SPEC}budgets: [{{id: a, {limits}}}]\n")
    (verdict,) = json.loads(run("check", "limited.yaml", "-f", "json", code=code))["verdicts"]
    assert verdict["status"] == status


def test_growth_since_the_json_of_an_earlier_run(run: Run, copy: Path) -> None:
    (copy / "earlier.json").write_text(run(*COMPARE, "-f", "json"))
    limit = "budgets: [{id: a, metric: delay, max_growth: 0%}]\n"
    (copy / "net.yaml").write_text(SPEC + limit)
    try:
        out = run("check", "net.yaml", "--baseline", "earlier.json", "-f", "json")
    finally:
        (copy / "net.yaml").write_text(SPEC)
    (verdict,) = json.loads(out)["verdicts"]
    assert (verdict["status"], verdict["before"]) == ("passed", DELAY)


def test_diff_has_both_sides_of_it(run: Run) -> None:
    (network,) = json.loads(run("diff", "old.yaml", "net.yaml", "-f", "json"))["networks"]
    assert (network["old"]["widths"], network["new"]["widths"]) == (8, WIDTHS)
    assert network["new"]["delay"] == DELAY
    assert "widths +/-" in run("diff", "old.yaml", "net.yaml")


def test_a_sweep_goes_by_it(run: Run) -> None:
    grid = ("sweep", "net.yaml", "--set", "n=2:8:2", "--variant", "standard", "-q", "-f", "json")
    options = ("--where", "widths >= 8 and widths_ratio <= 1", "--pareto", "max:deepest,max:widths")
    rows = json.loads(run(*grid, *options))["rows"]
    assert [(row["n"], row["widths"]) for row in rows] == [(8, WIDTHS)]


def test_a_crossover_compares_it(run: Run) -> None:
    out = run("crossover", "net.yaml", "--by", "widths", "-f", "json")
    assert json.loads(out)["unit"] == "widths"


def test_the_schema_of_specs_knows_it(run: Run) -> None:
    schema = json.loads(run("schema"))
    assert set(NEW) <= set(schema["properties"]["budgets"]["items"]["properties"]["metric"]["enum"])


def test_the_pages_of_the_docs_are_drawn_with_it(copy: Path) -> None:
    subprocess.run(
        [sys.executable, "docs/draw.py"], check=True, cwd=copy, env={"PYTHONPATH": str(copy)}
    )
    assert "| [delay](#delay) | ms | A time. |" in (copy / "docs" / "metrics.md").read_text()
    assert "| `delay` | double | a time |" in (copy / "docs" / "batch.md").read_text()


@pytest.mark.parametrize("name", names("metrics"))
def test_every_metric_has_a_test_and_says_all_of_itself(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").exists()
    found = metric(name)
    assert found.name == name
    assert found.meaning.endswith(".")
    assert sum(formula is not None for formula in (found.node, found.network, found.formula)) == 1
    assert (found.combine == "quotient") <= (found.formula is not None)
    # What it is made of depends on nothing that it doesn't say itself.
    assert all(metric(other).needs <= found.needs for other in found.of)


def test_metrics_stand_in_their_order() -> None:
    orders = [each.order for each in listed()]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)
