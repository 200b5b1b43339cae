"""Limits on the time on a device."""

import json
from pathlib import Path

import pytest

from sepconv_cli import SpecError, assert_within_budget, loads
from tests.conftest import Sepconv
from tests.latency.by_hand import CONV, LINEAR, NET, RELU, write_profile

# Nanoseconds.
WHOLE = CONV + RELU + LINEAR


def _spec(tmp_path: Path, budget: str) -> Path:
    spec = tmp_path / "net.yaml"
    device = write_profile(tmp_path)
    spec.write_text(f"{NET}budgets:\n  - {{id: fast, {budget.replace('DEVICE', str(device))}}}\n")
    return spec


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("1.202 us", 0),
        ("1.201 us", 1),
        ("0.001202 ms", 0),
        ("0.001201", 1),
        ("1.202 µs", 0),
        ("1.201 µs", 1),
        ("0.000001 s", 1),
        ("1 s", 0),
    ],
)
def test_limits_have_units_of_time(sepconv: Sepconv, tmp_path: Path, limit: str, code: int) -> None:
    """1,201.2 nanoseconds: 704 x 2^(1/4) and 364."""
    assert pytest.approx(1201.2, abs=0.1) == WHOLE
    spec = _spec(tmp_path, f"metric: latency, device: DEVICE, max: {limit}")
    assert sepconv("check", spec, "--no-config").code == code


def test_a_limit_of_some_layers(sepconv: Sepconv, tmp_path: Path) -> None:
    spec = _spec(tmp_path, "metric: latency, device: DEVICE, max: 1 ms, scope: linear")
    done = sepconv("check", spec, "--no-config", "-f", "json")
    (verdict,) = json.loads(done.out)["verdicts"]
    assert verdict["value"] == pytest.approx(LINEAR * 1e-6)
    assert (verdict["unit"], verdict["device"], verdict["batch_size"]) == ("ms", "slow", 1)
    assert verdict["notes"][0].startswith("slow is exact to 7 %")


def test_growth_since_an_earlier_check(sepconv: Sepconv, tmp_path: Path) -> None:
    """relu is gone: 164 of 1,201 nanoseconds. The other way round that is 15.8 % more."""
    budget = "metric: latency, device: DEVICE, max_growth: 15%"
    spec = _spec(tmp_path, budget)
    text = spec.read_text()
    spec.write_text(text.replace("  - relu\n", ""))
    before = tmp_path / "before.json"
    before.write_text(sepconv("check", spec, "--no-config", "-f", "json").out)
    # A growth limit alone holds no value before: compare's JSON does.
    device = str(tmp_path / "slow.json")
    compared = sepconv("compare", spec, "--engine", "analytic", "--device", device, "-f", "json")
    earlier = tmp_path / "earlier.json"
    earlier.write_text(compared.out)
    spec.write_text(text)
    for baseline in (before, earlier):
        done = sepconv("check", spec, "--no-config", "--baseline", baseline, "-f", "json")
        (verdict,) = json.loads(done.out)["verdicts"]
        assert verdict["before"] == pytest.approx((CONV + LINEAR) * 1e-6)
        assert (done.code, verdict["status"]) == (1, "failed")


def test_another_device_is_no_baseline(sepconv: Sepconv, tmp_path: Path) -> None:
    spec = _spec(tmp_path, "metric: latency, device: DEVICE, max_growth: 15%")
    other = str(write_profile(tmp_path, name="other"))
    earlier = tmp_path / "earlier.json"
    compared = sepconv("compare", spec, "--engine", "analytic", "--device", other, "-f", "json")
    earlier.write_text(compared.out)
    done = sepconv("check", spec, "--no-config", "--baseline", earlier, "-f", "json")
    assert json.loads(done.out)["verdicts"][0]["status"] == "skipped"


def test_of_a_ratio_to_the_standard(sepconv: Sepconv, tmp_path: Path) -> None:
    budget = "metric: latency, device: DEVICE, max_ratio: {to: standard, value: 1}"
    assert sepconv("check", _spec(tmp_path, budget), "--no-config").code == 0


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ("metric: latency, max: 1 ms", "latency needs a device"),
        ("metric: macs, device: DEVICE, max: 1M", "macs is of no device"),
        ("metric: macs, batch: 4, max: 1M", "macs is of no device"),
        ("metric: latency, device: DEVICE, batch: 0, max: 1 ms", "expected a number of samples"),
        ("metric: latency, device: DEVICE, batch: many, max: 1 ms", "expected a number of samples"),
        ("metric: latency, device: DEVICE, max: 1 M", "1 M is no amount"),
        ("metric: latency, device: DEVICE, max: 1 kms", "1 kms is no amount"),
        ("metric: latency, device: DEVICE, max: 1 MB", "1 MB is in bytes, but this counts in ms"),
        ("metric: macs, max: 1 ms", "1 ms is in ms, but this counts in MACs"),
        ("metric: latency, device: nothing, max: 1 ms", "no device is called nothing"),
    ],
)
def test_bad_budgets(sepconv: Sepconv, tmp_path: Path, budget: str, message: str) -> None:
    spec = _spec(tmp_path, budget)
    done = sepconv("check", spec, "--no-config")
    assert done.code == 2
    assert message in done.err
    assert "net.yaml:10:" in done.err


def test_for_people_who_keep_budgets_in_their_tests(tmp_path: Path) -> None:
    device, spec = str(write_profile(tmp_path)), loads(NET)
    assert_within_budget(spec, latency="1.3 us", macs="1M", device=device)
    with pytest.raises(AssertionError, match=r"latency on .* of net, standard"):
        assert_within_budget(spec, latency="1 us", device=device)
    with pytest.raises(SpecError, match="latency needs a device"):
        assert_within_budget(spec, latency="1 us")
