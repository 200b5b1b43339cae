"""Which variant is fastest, layer by layer, and where MACs say otherwise."""

import json
from pathlib import Path

import pytest

from tests.conftest import Sepconv
from tests.latency.by_hand import NUMBERS, PROFILE, write_profile

# 14 x 14 positions of 8 x 8 x 9 multiply-adds against those of 8 x 9 and 8 x 8; elements and
# weights take next to nothing beside. 81/64 times as much for 8 channels on either side.
NET = """
name: net
input: [8, 16, 16]
layers:
  - conv: {out_channels: 8, kernel_size: 3, bias: false}
"""
CHOSEN = ("--variant", "standard", "--variant", "depthwise_separable")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path


def _asked(sepconv: Sepconv, spec: Path, device: Path) -> dict[str, object]:
    done = sepconv("crossover", spec, *CHOSEN, "--device", device, "-f", "json")
    assert done.code == 0, done.err
    (layer,) = json.loads(done.out)["layers"]
    found: dict[str, object] = layer
    return found


def test_fewer_macs_are_faster_where_depthwise_is_fast(
    sepconv: Sepconv, tmp_path: Path, spec: Path
) -> None:
    layer = _asked(sepconv, spec, write_profile(tmp_path))
    assert layer["cheapest"] == layer["cheapest_in_macs"] == ["depthwise_separable"]


def test_more_macs_are_faster_where_depthwise_is_slow(
    sepconv: Sepconv, tmp_path: Path, spec: Path
) -> None:
    """Depthwise multiply-adds take 50 nanoseconds: 705,600 against 142,884 for the standard one."""
    slow = {**NUMBERS, "arithmetic.depthwise": 50e-9}
    device = write_profile(tmp_path, coefficients=slow)
    layer = _asked(sepconv, spec, device)
    assert layer["cheapest"] == ["standard"]
    assert layer["cheapest_in_macs"] == ["depthwise_separable"]
    out = sepconv("crossover", spec, *CHOSEN, "--device", device).out
    assert "What has the fewest MACs isn't among the fastest in conv." in out
    assert "ms of 1 sample on slow" in out


def test_what_differs_by_less_than_its_error_is_equal(
    sepconv: Sepconv, tmp_path: Path, spec: Path
) -> None:
    device = write_profile(tmp_path, errors={**PROFILE["errors"], "pair": 9})
    assert _asked(sepconv, spec, device)["cheapest"] == ["standard", "depthwise_separable"]


def test_flat_records_are_of_variants(sepconv: Sepconv, tmp_path: Path, spec: Path) -> None:
    device = write_profile(tmp_path)
    done = sepconv("crossover", spec, *CHOSEN, "--device", device, "-f", "jsonl")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [(row["variant"], row["is_cheapest"], row["unit"]) for row in rows] == [
        ("standard", False, "ms"),
        ("depthwise_separable", True, "ms"),
    ]


def test_a_device_and_another_metric(sepconv: Sepconv, tmp_path: Path, spec: Path) -> None:
    device = write_profile(tmp_path)
    done = sepconv("crossover", spec, "--device", device, "--by", "parameters")
    assert done.code == 2
    assert "--device compares times, and --by parameters something else" in done.err


def test_a_batch_at_which_nobody_knows_what_is_faster(
    sepconv: Sepconv, tmp_path: Path, spec: Path
) -> None:
    done = sepconv("crossover", spec, "--device", write_profile(tmp_path), "--batch", 9)
    assert (done.code, done.out) == (2, "")
    assert "which variant is faster on slow at a batch of 9 isn't known" in done.err
    assert "measured at batches of 1 to 8" in done.err
