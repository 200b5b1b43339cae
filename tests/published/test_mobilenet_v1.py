"""MobileNetV1 as its paper prints it and as a faithful implementation counts it."""

import pytest

from sepconv_cli import compare, loads
from sepconv_cli.compare.rows import Row
from sepconv_cli.conventions import convention
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.settings import grid
from sepconv_cli.trace import trace
from tests.published import CONFIGS, rows

SPEC = CONFIGS / "architectures" / "mobilenet_v1.yaml"
ROWS = rows("mobilenet_v1.csv")
NETWORKS = [row for row in ROWS if row["network"].startswith("MobileNetV1")]
LAYERS = [row for row in ROWS if not row["network"].startswith("MobileNetV1")]
FULL = next(row for row in NETWORKS if row["fvcore_total"])


def count(row: dict[str, str]) -> Row:
    """The row's network by both engines; its name says the width, its input the resolution."""
    *_, width = row["network"].split()
    standard = "standard" in row["network"]
    settings = [
        f"width={1 if standard else width}",
        f"resolution={row['input'].split('x')[1]}",
    ]
    variant = "standard" if standard else "depthwise_separable"
    (found,) = compare(load(SPEC), grid=grid(settings), variants=[variant], engine="both").rows
    return found


def label(row: dict[str, str]) -> str:
    return f"{row['network']}-{row['input']}"


@pytest.mark.parametrize("row", NETWORKS, ids=label)
def test_network(row: dict[str, str]) -> None:
    found = count(row)
    exact = (int(row["params"]), int(row["macs"]))
    assert (found["parameters"], found["count"]) == exact
    assert (found.traced_parameters, found.traced_count) == exact
    assert found.agrees


@pytest.mark.parametrize("row", NETWORKS, ids=label)
def test_exact_count_is_what_the_paper_rounds(row: dict[str, str]) -> None:
    """Parameters to 0.1 M, mult-adds to 1 M, except where the paper leaves out the classifier."""
    found = count(row)
    assert found["parameters"] is not None
    assert found["count"] is not None
    macs = found["count"] - 1_024_000 * ("leaves" in row["note"])
    assert f"{found['parameters'] / 1e6:.1f}M" == row["params_printed"]
    assert abs(macs / 1e6 - float(row["macs_printed"].rstrip("M"))) <= 1


def test_activations_and_fvcore_total() -> None:
    """The table's activations are the convolutions'; ours hold the classifier's 1,000 too."""
    found = count(FULL)
    assert found["activations"] == int(FULL["conv_activations"]) + 1000
    (case,) = cases(load(SPEC), variants=["depthwise_separable"])
    fvcore = convention("fvcore")
    counts = [fvcore.count(node) for node in case.network.nodes]
    assert sum(count or 0 for count in counts) == int(FULL["fvcore_total"])
    assert sum(node.total for node in trace(case.network)) == int(FULL["fvcore_total"])


@pytest.mark.parametrize(
    ("row", "variant"),
    zip(LAYERS, ["standard", "depthwise_separable"], strict=True),
    ids=["standard", "depthwise_separable"],
)
def test_layer_of_table_3(row: dict[str, str], variant: str) -> None:
    text = f"""
input: [{row["input"].replace("x", ", ")}]
layers:
  - conv: {{out_channels: 512, kernel_size: 3, padding: 1, bias: false}}
"""
    (found,) = compare(loads(text), variants=[variant], engine="both").rows
    assert (found["parameters"], found["count"]) == (int(row["params"]), int(row["macs"]))
    assert found.agrees
