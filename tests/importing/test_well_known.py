"""Networks that many people hold: short specs of the published numbers."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from sepconv_cli import compare, from_torch
from tests.importing.well_known import convnext_tiny, efficientnet_b0, mobilenet_v2, resnet_50


@pytest.mark.parametrize(
    ("make", "most_lines", "parameters", "macs"),
    [
        # tests/published/published.csv; of ConvNeXt what torchvision prints: 28,589,128, 4.456 G.
        (resnet_50, 60, 25_557_032, 4_089_184_256),
        (mobilenet_v2, 60, 3_504_872, 300_774_272),
        (efficientnet_b0, 80, 5_288_548, 385_814_752),
        (convnext_tiny, 60, 28_589_128, 4_456_000_000),
    ],
)
def test_a_person_reads_it(
    make: Callable[[], nn.Module], most_lines: int, parameters: int, macs: int
) -> None:
    with torch.device("meta"):
        module = make()
    found = from_torch(module, (3, 224, 224), make.__name__)
    assert len(found.to_yaml().splitlines()) <= most_lines
    (row,) = compare(found.spec, variants=["standard"], engine="analytic").rows
    assert row["parameters"] == parameters
    assert row["count"] == (macs if macs % 1_000_000 else pytest.approx(macs, abs=500_000))
    assert not found.opaque
