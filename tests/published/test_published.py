"""Whole networks as their papers print them and as a faithful implementation counts them.

The figures of fvcore are those of implementations whose squeeze is a plain mean.
MobileNetV1 has a table of its own, test_mobilenet_v1.py.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from sepconv_cli.conventions import convention
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import Case, cases
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import Amounts, Context, Scope
from sepconv_cli.trace import trace
from tests.published import CONFIGS, rows

ROWS = rows("published.csv")
# Printed within 4 % of the exact count; the note says where the paper prints more.
AS_PRINTED = [row for row in ROWS if "the paper prints" not in row["note"]]
COUNTS = ("params", "macs", "conv_activations", "fvcore_total")

# The spec of each network, and what is set in it.
SPECS = {
    "MobileNetV2 1.0": ("mobilenet_v2", ["width=1.0"]),
    "MobileNetV2 1.4": ("mobilenet_v2", ["width=1.4"]),
    "MobileNetV3-Large 1.0": ("mobilenet_v3_large", []),
    "MobileNetV3-Small 1.0": ("mobilenet_v3_small", []),
    "Xception": ("xception", []),
    "EfficientNet-B0": ("efficientnet_b0", []),
    "MnasNet-A1": ("mnasnet_a1", []),
    "ResNet-18": ("resnet", ["depth=18"]),
    "ResNet-50 (stride in the 3x3)": ("resnet", ["depth=50"]),
    "VGG-16": ("vgg_16", []),
    "DenseNet-121": ("densenet", []),
}

SUFFIXES = {"M": 1e6, "B": 1e9, "G": 1e9}


class Counts(NamedTuple):
    """What the program counts, by formula and by tracing."""

    analytic: Mapping[str, object]
    traced: dict[str, int]


def case(row: dict[str, str]) -> Case:
    spec, settings = SPECS[row["network"]]
    path = CONFIGS / "architectures" / f"{spec}.yaml"
    (found,) = cases(load(path), grid=grid(settings), variants=["standard"])
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


def test_every_network_has_a_row() -> None:
    assert {row["network"] for row in ROWS} == set(SPECS)


@pytest.mark.parametrize(
    ("spec", "settings", "parameters"),
    [
        ("resnet", ["depth=34"], 21_797_672),
        ("resnet", ["depth=101"], 44_549_160),
        ("resnet", ["depth=152"], 60_192_808),
        ("densenet", ["stage_3=32", "stage_4=32"], 14_149_480),
        ("densenet", ["stage_3=48", "stage_4=32"], 20_013_928),
        ("efficientnet_b0", ["depth=1.1", "resolution=240"], 7_794_184),
    ],
    ids=[
        "ResNet-34",
        "ResNet-101",
        "ResNet-152",
        "DenseNet-169",
        "DenseNet-201",
        "EfficientNet-B1",
    ],
)
def test_the_settings_that_a_spec_names_make_the_larger_networks(
    spec: str, settings: list[str], parameters: int
) -> None:
    """Parameters as torchvision lists them (torchvision.models, num_params of the weights)."""
    path = CONFIGS / "architectures" / f"{spec}.yaml"
    (found,) = cases(load(path), grid=grid(settings), variants=["standard"])
    nodes = found.network.nodes
    assert sum(node.op.parameters(node.x) for node in nodes) == parameters
