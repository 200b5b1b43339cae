"""Milliseconds on devices, by hand: tests/latency/by_hand.py has the network and the device."""

from pathlib import Path

import pytest

from sepconv_cli import compare, loads
from sepconv_cli.conventions import convention
from sepconv_cli.lowering.lower import lower
from sepconv_cli.metrics import Amounts, Context, Scope
from tests.latency.by_hand import CONV, LINEAR, NET, RELU, write_profile


def test_compare_sums_the_nodes(tmp_path: Path) -> None:
    path = str(write_profile(tmp_path))
    (row,) = compare(loads(NET), variants=["standard"], device=path, per_layer=True).rows
    assert row["latency"] == pytest.approx((CONV + RELU + LINEAR) * 1e-6)
    assert [layer["latency"] for layer in row.layers] == pytest.approx(
        [CONV * 1e-6, RELU * 1e-6, 0, LINEAR * 1e-6]
    )
    assert row.ratio("latency") == 1


def test_several_devices_are_metrics_by_their_names(tmp_path: Path) -> None:
    paths = [str(write_profile(tmp_path, name=name)) for name in ("one-a", "two.b")]
    (row,) = compare(loads(NET), variants=["standard"], device=paths).rows
    assert (
        row["latency_one_a"] == row["latency_two_b"] == pytest.approx((CONV + RELU + LINEAR) * 1e-6)
    )
    assert row["latency"] is None


def test_without_a_device_there_is_none() -> None:
    amounts = Amounts(Context(convention("macs")))
    assert amounts.number("latency", Scope(lower(loads(NET)))) is None
