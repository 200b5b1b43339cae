"""The 98 networks that the authors of blueprint convolutions publish for CIFAR-10."""

import re
from fractions import Fraction
from typing import NamedTuple

import pytest

from sepconv_cli import compare, loads
from sepconv_cli.conventions import convention
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import Case, cases
from sepconv_cli.metrics import Amounts, Context, Scope
from tests.published import CONFIGS, rows

SPECS = CONFIGS / "bsconv"
ROWS = rows("bsconv_cifar10.csv")

# The variant of ours that a model's suffix stands for. In MobileNetV2 and V3 it stands for
# another training loss, not for other layers.
VARIANTS = {
    "mobilenet_v1": {"": "depthwise_separable", "bsconvu": "blueprint_u"},
    "mobilenet_v2": {"": "standard", "bsconvs_p1d6": "standard"},
    "mobilenet_v3_small": {"": "standard", "bsconvs_p1d6": "standard"},
    "mobilenet_v3_large": {"": "standard", "bsconvs_p1d6": "standard"},
    "wide_resnet": {"": "standard", "bsconvu": "blueprint_u", "bsconvs_p1d4": "blueprint_s"},
}

TRACED = [
    "cifar_mobilenetv1_w3d4",
    "cifar_mobilenetv1_w1d4_bsconvu",
    "cifar_mobilenetv2_w1d2",
    "cifar_mobilenetv3_small_w7d20",
    "cifar_mobilenetv3_large_w7d20",
    "cifar_wrn16_2",
    "cifar_wrn16_2_bsconvu",
    "cifar_wrn16_2_bsconvs_p1d4",
]


class Model(NamedTuple):
    """What a model's name says."""

    spec: str
    variant: str
    settings: dict[str, int | Fraction]


def model(name: str) -> Model:
    found = re.fullmatch(
        r"cifar_(?:mobilenetv(?P<mobilenet>1|2|3_small|3_large)_w(?P<width>\d+(?:d\d+)?)"
        r"|wrn(?P<depth>\d+)_(?P<k>\d+))(?:_(?P<suffix>bsconv\w+))?",
        name,
    )
    assert found
    if found["depth"]:
        settings = {"depth": int(found["depth"]), "width": int(found["k"])}
        return Model("wide_resnet", VARIANTS["wide_resnet"][found["suffix"] or ""], {**settings})
    spec = f"mobilenet_v{found['mobilenet']}"
    width = Fraction(found["width"].replace("d", "/"))
    return Model(spec, VARIANTS[spec][found["suffix"] or ""], {"width": width})


def case(name: str) -> Case:
    spec, variant, settings = model(name)
    (found,) = cases(load(SPECS / f"{spec}.yaml"), grid=[settings], variants=[variant])
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_every_figure_of_every_model(row: dict[str, str]) -> None:
    whole = Scope(case(row["model"]).network)
    nodes, amounts = whole.nodes, Amounts(Context(convention("macs")))
    norms = [node.x.elements for node in nodes if node.op.name == "batch_norm"]
    pools = [node.x.elements for node in nodes if node.op.name == "global_avg_pool"]
    found = {
        "params": amounts.number("parameters", whole),
        "conv_macs": amounts.number("macs", whole),
        "batch_norm_elements_times_2": 2 * sum(norms),
        "global_pool_elements": sum(pools),
        "authors_flops": amounts.number("bsconv", whole),
    }
    assert found == {name: int(row[name]) for name in found}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_exact_figures_are_what_the_authors_print(row: dict[str, str]) -> None:
    assert f"{int(row['params']) / 1e6:.2f}" == row["params_printed_M"]
    assert f"{int(row['authors_flops']) / 1e6:.2f}" == row["flops_printed_M"]


def test_there_are_98_models() -> None:
    assert len({row["model"] for row in ROWS}) == len(ROWS) == 98


@pytest.mark.parametrize("name", TRACED)
def test_a_model_of_each_family_by_both_engines(name: str) -> None:
    row = next(row for row in ROWS if row["model"] == name)
    spec, variant, settings = model(name)
    (found,) = compare(
        load(SPECS / f"{spec}.yaml"), grid=[settings], variants=[variant], engine="both"
    ).rows
    exact = (int(row["params"]), int(row["conv_macs"]))
    assert (found["parameters"], found["count"]) == exact
    assert (found.traced_parameters, found.traced_count) == exact
    assert found.agrees


def test_what_those_models_leave_open_in_the_convention() -> None:
    """A pool of windows, a batch norm without its map, a linear layer, and what isn't counted."""
    text = """
input: [2, 8, 8]
layers:
  - batch_norm: {affine: false}
  - relu
  - relu6
  - residual: [hard_swish]
  - max_pool: {kernel_size: 3, stride: 2}
  - avg_pool: {kernel_size: 3}
  - flatten
  - linear: {out_features: 5}
"""
    (found,) = cases(loads(text), variants=["standard"])
    counts = [convention("bsconv").count(node) for node in found.network.nodes]
    norm, relu, windows, mean, linear = 2 * 8 * 8, 2 * 8 * 8, 2 * 8 * 8, 2 * 3 * 3, 2 * 5 + 5
    assert counts == [norm, relu, None, None, None, windows, mean, 0, linear]
