"""Points and roofs of a small network worked out by hand, its table and its picture."""

import csv
import json
import re
from pathlib import Path

import pytest

from sepconv_cli import UsageError, load, loads
from sepconv_cli.latency.device import devices
from sepconv_cli.latency.find import shipped_names
from sepconv_cli.lowering.choose import cases
from sepconv_cli.registry import names
from sepconv_cli.roofline.points import roofline_of
from tests.conftest import Sepconv
from tests.latency.by_hand import CONV, LINEAR, NET, RELU, write_profile

FINDINGS = ("github", "gitlab", "junit", "rdjson", "sarif")
"""Formats made of findings, of which a roofline has none."""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return str(path)


@pytest.fixture
def device(tmp_path: Path) -> str:
    return str(write_profile(tmp_path))


def test_points_and_roofs_by_hand(device: str) -> None:
    """conv reads and writes 32 elements and reads 9 weights, linear 18 and 32; flatten does
    nothing. A multiply-add is a nanosecond, so that the peak is a thousand million in a second. By
    memory conv takes 576 nanoseconds for its 144, and linear 128 for its 32: a quarter of that. An
    element is 17.71875 nanoseconds of conv's."""
    (slow,) = devices([device])
    found = roofline_of(list(cases(loads(NET), variants=["standard"])), slow)
    (standard,) = found.variants
    conv, relu, linear = standard.points
    assert [each.layer for each in standard.points] == ["conv", "relu", "linear"]
    assert (conv.macs, conv.elements, conv.intensity) == (144, 41, 144 / 41)
    assert (linear.macs, linear.elements, linear.intensity) == (32, 50, 0.64)
    assert (relu.macs, relu.elements, relu.intensity, relu.speed) == (0, 32, None, None)
    assert conv.speed == pytest.approx(144 / CONV * 1e9)
    assert linear.speed == pytest.approx(32 / LINEAR * 1e9)
    assert standard.milliseconds == pytest.approx((CONV + RELU + LINEAR) * 1e-6)
    assert [roof.kind for roof in found.roofs] == ["dense", "linear"]
    assert conv.roof == pytest.approx(0.25e9)
    assert linear.roof == pytest.approx(0.25e9)
    assert relu.roof is None
    dense = found.roofs[0]
    assert (dense.peak, dense.bandwidth) == pytest.approx((1e9, 1e9 / 17.71875))
    assert dense.knee == pytest.approx(17.71875)
    assert (dense.at(1), dense.at(100)) == pytest.approx((1e9 / 17.71875, 1e9))


def test_a_batch_reads_its_weights_once(device: str) -> None:
    (slow,) = devices([device], 4)
    found = roofline_of(list(cases(loads(NET), variants=["standard"])), slow)
    conv = found.variants[0].points[0]
    assert (conv.macs, conv.elements) == (4 * 144, 4 * 32 + 9)


@pytest.mark.parametrize("name", shipped_names())
def test_no_layer_is_above_its_roof(name: str) -> None:
    (device,) = devices([name])
    found = roofline_of(list(cases(load("zoo:mobilenet_v1"))), device)
    for variant in found.variants:
        for point in variant.points:
            assert (point.roof is None) == (not point.macs)
            assert point.roof is None or (point.speed and 0 < point.speed <= point.roof)


def test_attention_is_two_points(device: str) -> None:
    """Its four projections together, and the attention between them."""
    text = "{input: [8, 4], layers: [{multi_head_attention: {num_heads: 2}}]}"
    (slow,) = devices([device])
    found = roofline_of(list(cases(loads(text), variants=["standard"])), slow)
    projections, attention = found.variants[0].points
    assert (projections.kind, projections.macs) == ("linear", 4 * 256)
    assert (attention.kind, attention.macs) == ("attention", 256)


def test_the_document(sepconv: Sepconv, spec: str, device: str) -> None:
    options = ("--device", device, "--variant", "standard")
    found = json.loads(sepconv("roofline", spec, *options, "-f", "json").out)
    assert found["devices"][0]["device"] == "slow"
    (standard,) = found["variants"]
    conv = standard["layers"][0]
    assert conv["macs_per_element"] == pytest.approx(144 / 41)
    assert conv["share"] == pytest.approx(CONV / (CONV + RELU + LINEAR))
    # Both take 576 nanoseconds, which is more than the 100 of the overhead.
    assert conv["held_by"] in ("arithmetic", "memory")
    assert standard["layers"][1]["held_by"] == "overhead"
    rows = list(csv.DictReader(sepconv("roofline", spec, *options, "-f", "csv").out.splitlines()))
    assert [row["layer"] for row in rows] == ["conv", "relu", "linear"]
    assert {row["variant"] for row in rows} == {"standard"}


@pytest.mark.parametrize("name", [name for name in names("formats") if name not in FINDINGS])
def test_every_format_shows_it(sepconv: Sepconv, spec: str, device: str, name: str) -> None:
    done = sepconv("roofline", spec, "--device", device, "-f", name)
    assert done.code == 0
    assert ("intensity" in done.out) or ("element" in done.out)


def test_the_table(sepconv: Sepconv, spec: str, device: str) -> None:
    out = sepconv("roofline", spec, "--device", device, "--variant", "standard").out
    assert "net   1x4x4   standard" in out
    assert "ms of 1 sample on slow; MACs and elements of the whole batch" in out
    (conv,) = [line.split() for line in out.splitlines() if line.startswith("conv ")]
    assert conv[1:8] == ["k", "x", "k", "convolution", "144", "41", "3.51"]
    assert "slow is exact to 7 %" in out


def test_what_cant_be_told_is_a_dash(sepconv: Sepconv, tmp_path: Path, device: str) -> None:
    """And no share of the whole, which nobody knows either."""
    spec = tmp_path / "odd.yaml"
    spec.write_text(
        "{input: [5, 4], layers: [{lstm: {hidden_size: 3}}, flatten, {linear: {out_features: 2}}]}"
    )
    options = ("--device", device, "--variant", "standard")
    found = json.loads(sepconv("roofline", spec, *options, "-f", "json").out)
    (standard,) = found["variants"]
    assert standard["milliseconds"] is None
    lstm, linear = standard["layers"]
    assert (lstm["macs"], lstm["milliseconds"], lstm["held_by"]) == (None, None, None)
    assert linear["milliseconds"] > 0
    assert linear["share"] is None
    assert "how long lstm takes can't be told" in sepconv("roofline", spec, *options).out


def test_the_picture_has_a_panel_for_each_variant(
    sepconv: Sepconv, tmp_path: Path, device: str
) -> None:
    spec, path = tmp_path / "wide.yaml", tmp_path / "roofline.svg"
    spec.write_text("{input: [4, 8, 8], layers: [{conv: {out_channels: 8, kernel_size: 3}}]}")
    done = sepconv("roofline", spec, "--device", device, "-o", path)
    assert (done.code, done.out) == (0, "")
    texts = set(re.findall(r">([^<>]+)</text>", path.read_text()))
    assert {"standard", "depthwise_separable", "blueprint_u", "blueprint_s"} <= texts
    assert {"k x k convolution", "depthwise convolution", "1 x 1 convolution"} <= texts
    assert "MACs per second, predicted" in texts
    points = re.findall(r'aria-roledescription="point"', path.read_text())
    # One, two, two and three convolutions.
    assert len(points) == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "roofline is of one device"),
        (("--device", "rtx4090-amp", "--device", "i9-10940x"), "roofline is of one device"),
        (("--device", "rtx4090-am"), "no device is called rtx4090-am"),
        (("--device", "rtx4090-amp", "-f", "csv", "-o", "a.png"), "-f csv: a.png is a picture"),
    ],
)
def test_bad_requests(
    sepconv: Sepconv, spec: str, arguments: tuple[str, ...], message: str
) -> None:
    done = sepconv("roofline", spec, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_network_without_a_product_has_no_roof(device: str) -> None:
    (slow,) = devices([device])
    with pytest.raises(UsageError, match="no layer that multiplies"):
        roofline_of(list(cases(loads("{input: [4, 3], layers: [relu]}"))), slow)
