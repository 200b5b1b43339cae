"""The ResNets of configs/bsconv, held to figures that other tables give for the same networks.

They start with a batch norm over three channels, six parameters that a plain ResNet lacks.
A pre-activation ResNet of depth d is a WideResNet of depth d + 2 and width 1, which counts
its stem otherwise; so the published rows of WRN-16-1, 28-1 and 40-1 are its own.
"""

import pytest

from sepconv_cli import compare, load
from sepconv_cli.compare.rows import Row
from sepconv_cli.lowering.settings import grid
from tests.published import CONFIGS, rows

WIDE = {row["model"]: row for row in rows("bsconv_cifar10.csv")}
IMAGENET = ["imagenet=true", "resolution=224", "classes=1000"]
VARIANTS = {"": "standard", "_bsconvu": "blueprint_u", "_bsconvs_p1d4": "blueprint_s"}


def count(name: str, settings: list[str], variant: str = "standard") -> Row:
    spec = load(CONFIGS / "bsconv" / f"{name}.yaml")
    (row,) = compare(spec, grid=grid(settings), variants=[variant], engine="both").rows
    assert row.agrees
    return row


@pytest.mark.parametrize("suffix", VARIANTS)
@pytest.mark.parametrize("depth", [16, 28, 40])
def test_preactivation_resnet(depth: int, suffix: str) -> None:
    expected = WIDE[f"cifar_wrn{depth}_1{suffix}"]
    found = count("preactivation_resnet", [f"depth={depth - 2}"], VARIANTS[suffix])
    assert [found["parameters"], found["count"]] == [
        int(expected["params"]),
        int(expected["conv_macs"]),
    ]


def test_resnet_18_for_imagenet() -> None:
    """published.csv: 11,689,512 parameters and 1,814,073,344 multiplications."""
    found = count("resnet", [*IMAGENET, *(f"units_{stage}=2" for stage in (1, 2, 3, 4))])
    assert (found["parameters"], found["count"]) == (11_689_512 + 6, 1_814_073_344)


def test_resnet_20_for_cifar_by_hand() -> None:
    """Stem, three stages of three units, two projections, classifier; norms apart."""
    stem = 16 * 27
    stages = sum(
        first * channels * 9 + 5 * channels * channels * 9
        for first, channels in ((16, 16), (16, 32), (32, 64))
    )
    projections = 16 * 32 + 32 * 64
    norms = 2 * (3 + 16 + 6 * 16 + 7 * 32 + 7 * 64)
    found = count("resnet", ["depth=20"])
    assert found["parameters"] == stem + stages + projections + norms + 64 * 10 + 10
