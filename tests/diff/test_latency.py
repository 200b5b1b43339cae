"""Latencies before and after."""

import json
from pathlib import Path

import pytest

from tests.conftest import Sepconv
from tests.latency.by_hand import CONV, LINEAR, NET, RELU, write_profile


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(NET)
    new.write_text(NET.replace("  - relu\n", ""))
    return old, new


def test_the_numbers_of_both_sides(
    sepconv: Sepconv, tmp_path: Path, sides: tuple[Path, Path]
) -> None:
    device = str(write_profile(tmp_path))
    done = sepconv("diff", *sides, "--device", device, "-f", "json")
    (network,) = json.loads(done.out)["networks"]
    assert network["old"]["latency"] == pytest.approx((CONV + RELU + LINEAR) * 1e-6)
    assert network["new"]["latency"] == pytest.approx((CONV + LINEAR) * 1e-6)
    assert json.loads(done.out)["devices"][0]["device"] == "slow"


def test_whether_it_is_faster_where_that_can_be_told(
    sepconv: Sepconv, tmp_path: Path, sides: tuple[Path, Path]
) -> None:
    """164 of 1,201 nanoseconds less is 1.158 times: more than pairs of 10 % error, and less than
    the 1.25 of a device whose pairs are off by a quarter."""
    old, new = sides
    device = write_profile(tmp_path)
    errors = json.loads(device.read_text())["errors"]
    vague = write_profile(tmp_path, name="vague", errors={**errors, "pair": 0.25})
    assert "net, standard: faster than before on slow." in (
        sepconv("diff", old, new, "--device", device).out
    )
    assert "net, standard: slower than before on slow." in (
        sepconv("diff", new, old, "--device", device).out
    )
    assert "net, standard: about as fast as before on vague." in (
        sepconv("diff", old, new, "--device", vague).out
    )
    unknown = sepconv("diff", old, new, "--device", device, "--batch", 9).out
    assert "what is faster there, isn't known" in unknown
    assert "than before" not in unknown
    assert "as before" not in unknown


def test_every_flat_record_has_it(
    sepconv: Sepconv, tmp_path: Path, sides: tuple[Path, Path]
) -> None:
    device = str(write_profile(tmp_path))
    head = sepconv("diff", *sides, "--device", device, "-f", "csv").out.splitlines()[0].split(",")
    assert {"old_latency", "new_latency"} <= set(head)
    plain = sepconv("diff", *sides, "-f", "csv").out.splitlines()[0].split(",")
    assert not [name for name in plain if "latency" in name]
