"""A column for the time on a device."""

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import Sepconv
from tests.latency.by_hand import CONV, LINEAR, NET, RELU, write_profile


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def test_rows_and_layers_have_it(sepconv: Sepconv, tmp_path: Path, spec: Path) -> None:
    device, table = write_profile(tmp_path), tmp_path / "costs.csv"
    options = ("--variant", "standard", "--per-layer", "-o", table, "-q", "--workers", 1)
    assert sepconv("batch", spec, "--device", device, *options).code == 0
    (row,) = _rows(table)
    assert (row["device"], row["batch_size"]) == ("slow", "1")
    assert float(row["latency"]) == pytest.approx((CONV + RELU + LINEAR) * 1e-6)
    assert float(row["latency_ratio"]) == 1
    layers = _rows(tmp_path / "costs.layers.csv")
    assert [float(layer["latency"]) for layer in layers] == pytest.approx(
        [CONV * 1e-6, RELU * 1e-6, 0, LINEAR * 1e-6]
    )


def test_another_batch_size_and_another_profile_are_counted_anew(
    sepconv: Sepconv, tmp_path: Path, spec: Path
) -> None:
    """What is kept of an earlier run is of that device."""
    table = tmp_path / "costs.csv"
    found = []
    for name, batch in (("one", 1), ("one", 4), ("two", 4)):
        device = write_profile(tmp_path, name=name)
        options = ("--batch", batch, "--variant", "standard", "-o", table, "-q", "--workers", 1)
        assert sepconv("batch", spec, "--device", device, *options).code == 0
        (row,) = _rows(table)
        found.append((row["device"], row["batch_size"]))
    assert found == [("one", "1"), ("one", "4"), ("two", "4")]


def test_without_a_device_the_columns_are_not_there(
    sepconv: Sepconv, tmp_path: Path, spec: Path
) -> None:
    table = tmp_path / "costs.csv"
    assert sepconv("batch", spec, "-o", table, "-q", "--workers", 1).code == 0
    assert not {"device", "batch_size", "latency", "latency_ratio"} & set(_rows(table)[0])


def test_specs_are_ranked_by_it(sepconv: Sepconv, tmp_path: Path, spec: Path) -> None:
    device = write_profile(tmp_path)
    options = ("--by", "latency", "-q", "--workers", 1)
    done = sepconv("batch", spec, "--device", device, *options)
    assert done.code == 0
    assert "ms of 1 sample on slow" in done.out
    done = sepconv("batch", spec, *options)
    assert done.code == 2
    assert "latency is of a device, and none is named" in done.err


def test_jsonl(sepconv: Sepconv, tmp_path: Path, spec: Path) -> None:
    device, table = write_profile(tmp_path), tmp_path / "costs.jsonl"
    options = ("--variant", "standard", "-o", table, "-q", "--workers", 1)
    assert sepconv("batch", spec, "--device", device, *options).code == 0
    assert json.loads(table.read_text())["latency"] == pytest.approx((CONV + RELU + LINEAR) * 1e-6)
