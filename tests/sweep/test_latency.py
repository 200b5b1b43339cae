"""Latencies in sweeps: equal to single evaluations, and usable wherever a number is."""

import json
from pathlib import Path
from typing import Any

import pytest

from sepconv_cli import compare, load
from tests.conftest import Sepconv
from tests.latency.by_hand import write_profile

TEXT = """
name: net
input: [3, size, size]
parameters: {width: 8, size: 16, deep: false}
layers:
  - conv: {out_channels: width, kernel_size: 3, padding: 1, bias: false}
  - batch_norm
  - relu
  - residual:
      - conv: {out_channels: width, kernel_size: 3, padding: 1, groups: width}
      - conv: {out_channels: width, kernel_size: 1}
  - conv: {out_channels: 2 * width, kernel_size: 3, groups: 2, stride: 2}
  - global_avg_pool
  - flatten
  - linear: {out_features: 10}
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT)
    return str(path)


def _swept(sepconv: Sepconv, *arguments: object) -> dict[str, Any]:
    done = sepconv("sweep", *arguments, "-f", "json", "-q")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize("batch", [1, 7])
def test_every_point_is_what_a_single_evaluation_gives(
    sepconv: Sepconv, tmp_path: Path, spec: str, batch: int
) -> None:
    device = str(write_profile(tmp_path))
    found = _swept(
        sepconv, spec, "--set", "width=8:20:4", "--set", "size=12:16:2", "--device", device,
        "--batch", batch, "--top", 1000,
    )  # fmt: skip
    assert len(found["rows"]) == 4 * 3 * 4
    for row in found["rows"]:
        (single,) = compare(
            load(spec),
            grid=[{"width": row["width"], "size": row["size"]}],
            variants=[row["variant"]],
            engine="analytic",
            device=device,
            batch=batch,
        ).rows
        assert row["latency"] == pytest.approx(single["latency"], rel=1e-12)


def test_filters_take_times(sepconv: Sepconv, tmp_path: Path, spec: str) -> None:
    device = str(write_profile(tmp_path))
    options = (spec, "--set", "width=8:64:4", "--variant", "standard", "--device", device)
    everything = _swept(sepconv, *options, "--top", 100)["rows"]
    middle = sorted(row["latency"] for row in everything)[7]
    fewer = [row["width"] for row in everything if row["latency"] <= middle]
    assert 0 < len(fewer) < len(everything)
    for limit in (f"{middle:.12f} ms", f"{middle:.12f}", f"{1000 * middle:.9f} us"):
        # The last digit is rounded up.
        asked = limit.replace(" ", "9 ", 1) if " " in limit else f"{limit}9"
        found = _swept(sepconv, *options, "--where", f"latency <= {asked}", "--top", 100)["rows"]
        assert sorted(row["width"] for row in found) == sorted(fewer)


def test_fronts_and_the_best_points(sepconv: Sepconv, tmp_path: Path, spec: str) -> None:
    """More width takes longer: nothing beats any point in time and width."""
    device = str(write_profile(tmp_path))
    options = (spec, "--set", "width=8:20:4", "--variant", "standard", "--device", device)
    front = _swept(sepconv, *options, "--pareto", "latency,max:width")["rows"]
    assert sorted(row["width"] for row in front) == [8, 12, 16, 20]
    (best,) = _swept(sepconv, *options, "--top", 1, "--by", "latency")["rows"]
    assert best["width"] == 8
    (worst,) = _swept(sepconv, *options, "--top", 1, "--by", "max:latency")["rows"]
    assert worst["width"] == 20


def test_points_are_written_with_it(sepconv: Sepconv, tmp_path: Path, spec: str) -> None:
    device, table = str(write_profile(tmp_path)), tmp_path / "points.csv"
    done = sepconv("sweep", spec, "--set", "width=8:20:4", "--device", device, "-o", table, "-q")
    assert done.code == 0
    head, *rows = table.read_text().splitlines()
    assert "latency" in head.split(",")
    assert len(rows) == 16


def test_without_a_device_there_is_none(sepconv: Sepconv, spec: str) -> None:
    done = sepconv("sweep", spec, "--set", "width=8:20:4", "--where", "latency < 3")
    assert done.code == 2
    assert "nothing is called latency" in done.err
