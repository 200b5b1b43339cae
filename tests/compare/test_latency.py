"""What a comparison says of latencies: columns, errors, which is faster, and doubts."""

import json
from pathlib import Path
from typing import Any

import pytest

from sepconv_cli.commands._options import split_devices
from sepconv_cli.latency.device import devices
from sepconv_cli.latency.doubt import Standing, duels, standings
from sepconv_cli.registry import names
from sepconv_cli.show.table import ratio
from tests.conftest import Sepconv
from tests.latency.by_hand import CONV, LINEAR, NET, PROFILE, RELU, write_profile

FINDINGS = ("github", "gitlab", "junit", "rdjson", "sarif")
"""Formats made of findings, of which a comparison has none."""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return str(path)


@pytest.fixture
def device(tmp_path: Path) -> str:
    return str(write_profile(tmp_path))


def _json(sepconv: Sepconv, *arguments: object) -> dict[str, Any]:
    done = sepconv("compare", *arguments, "--engine", "analytic", "-f", "json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_the_table_has_two_more_columns(sepconv: Sepconv, spec: str, device: str) -> None:
    """Milliseconds: (576 + 128) x 2^(1/4) + 64 + 300 nanoseconds."""
    options = ("--variant", "standard", "--engine", "analytic", "-f", "csv")
    plain = sepconv("compare", spec, "-q", *options).out.splitlines()
    timed = sepconv("compare", spec, "-q", *options, "--device", device).out.splitlines()
    columns = set(timed[0].split(",")) - set(plain[0].split(","))
    assert columns == {"devices", "batch_sizes", "latency", "latency_ratio"}
    row = dict(zip(timed[0].split(","), timed[1].split(","), strict=True))
    assert float(row["latency"]) == pytest.approx((CONV + RELU + LINEAR) * 1e-6)


def test_the_terminal_shows_what_it_is_worth(sepconv: Sepconv, spec: str, device: str) -> None:
    out = sepconv("compare", spec, "-q", "--engine", "analytic", "--device", device).out
    head, *rows = [
        line.split() for line in out.splitlines() if "MACs" in line or "standard" in line
    ]
    assert head[head.index("ms") + 1] == "±"
    assert "ms of 1 sample on slow" in out
    assert "7 %" in " ".join(rows[0])
    assert "slow is exact to 7 %, the median error on 300 networks beside the 40" in out


def test_a_batch_that_was_not_measured_has_no_error(
    sepconv: Sepconv, spec: str, device: str
) -> None:
    found = _json(sepconv, spec, "--device", device, "--batch", 9)
    assert found["devices"][0]["error"] is None
    assert found["devices"][0]["batch_size"] == 9
    out = sepconv("compare", spec, "-q", "--engine", "analytic", "--device", device, "--batch", 9)
    assert (
        "slow was measured at batches of 1 to 8: how exact it is at 9, and what is faster there, "
        "isn't known." in out.out
    )


def test_nothing_is_called_faster_where_the_error_is_not_known(
    sepconv: Sepconv, spec: str, device: str
) -> None:
    """At a batch of 8, which was measured, there is an order; at 9 nobody knows."""
    for batch, is_known in ((8, True), (9, False)):
        options = ("--device", device, "--batch", batch)
        assert bool(_json(sepconv, spec, *options)["latency_pairs"]) == is_known
        out = sepconv("compare", spec, "--engine", "analytic", *options).out
        assert ("On slow" in out) == is_known
        assert ("about equal" in out or "fastest first" in out) == is_known


def test_the_order_of_many_variants_is_one_line(tmp_path: Path) -> None:
    """Off by a tenth: 8 and 8.5 are about equal, so are 8.5 and 9, but 9 is slower than 8. 16 is
    slower than all three, and about equal to 17."""
    (slow,) = devices([str(write_profile(tmp_path))])
    times = {"e": 17.0, "d": 16.0, "c": 9.0, "b": 8.5, "a": 8.0}
    assert standings(list(duels(times.items(), slow))) == [
        Standing(("a", "b"), (1, 1.0625)),
        Standing(("c",), (1.125, 1.125), near=("b",)),
        Standing(("d", "e"), (2, 2.125)),
    ]
    assert standings([]) == []


def test_the_order_in_words(sepconv: Sepconv, tmp_path: Path, device: str) -> None:
    """Two that change nothing are about equal: a kernel over 1 that stays as it is."""
    spec = tmp_path / "same.yaml"
    spec.write_text("{input: [8, 9], layers: [{conv: {out_channels: 8, kernel_size: 1}}]}")
    out = sepconv("compare", spec, "--engine", "analytic", "--device", device).out
    names = "standard, depthwise_separable, blueprint_u and blueprint_s"
    assert f"On slow, {names} are about equal." in out


@pytest.mark.parametrize("name", [name for name in names("formats") if name not in FINDINGS])
def test_every_format_shows_it(sepconv: Sepconv, spec: str, device: str, name: str) -> None:
    done = sepconv("compare", spec, "--engine", "analytic", "--device", device, "-f", name)
    assert done.code == 0
    assert ("latency" if name in ("csv", "json", "jsonl") else "ms of 1 sample") in done.out


def test_layers_say_what_holds_them(sepconv: Sepconv, spec: str, device: str) -> None:
    (row,) = _json(sepconv, spec, "--device", device, "--variant", "standard", "--per-layer")[
        "rows"
    ]
    held = [layer["latency_held_by"] for layer in row["layers"]]
    assert held == [row["layers"][0]["latency_held_by"], "overhead", None, held[3]]
    out = sepconv("compare", spec, "--engine", "analytic", "--device", device, "--per-layer").out
    assert "held by" in out


def test_which_is_faster_where_that_can_be_told(
    sepconv: Sepconv, tmp_path: Path, device: str
) -> None:
    """relu and sigmoid are one kind: two variants that change nothing take the same time, and so
    about equal. A depthwise-separable one of 1 x 4 x 4 -> 8 takes less than the standard one."""
    spec = tmp_path / "other.yaml"
    spec.write_text(
        "{input: [8, 16, 16], layers: [{conv: {out_channels: 32, kernel_size: 3, bias: false}}]}"
    )
    chosen = ("--variant", "standard", "--variant", "depthwise_separable")
    found = _json(sepconv, spec, "--device", device, *chosen)
    (duel,) = found["latency_pairs"]
    times = {row["variant"]: row["latency"] for row in found["rows"]}
    # 451,584 MACs, of which 8 and 32 channels make (1 + 1/8) (1 + 1/32) times as much, against
    # 14,112 and 50,176 with (1 + 16/8) (1 + 2/32).
    assert duel["faster"] == min(times, key=lambda name: times[name]) == "depthwise_separable"
    assert duel["times"] == pytest.approx(times["standard"] / times["depthwise_separable"])
    assert duel["error"] == 1.1
    out = sepconv("compare", spec, "--engine", "analytic", "--device", device, *chosen).out
    times_text = ratio(duel["times"])
    assert (
        f"On slow, fastest first: depthwise_separable; standard, {times_text} times as long." in out
    )


def test_about_equal_where_the_difference_is_smaller_than_its_error(
    sepconv: Sepconv, tmp_path: Path, spec: str
) -> None:
    """The same two variants, on a device whose pairs are off by a factor of ten."""
    vague = str(write_profile(tmp_path, name="vague", errors={**PROFILE["errors"], "pair": 9}))
    chosen = ("--variant", "standard", "--variant", "depthwise_separable")
    found = _json(sepconv, spec, "--device", vague, *chosen)
    assert [duel["faster"] for duel in found["latency_pairs"]] == [None]
    out = sepconv("compare", spec, "--engine", "analytic", "--device", vague, *chosen).out
    assert "are about equal." in out


def test_two_devices_side_by_side(sepconv: Sepconv, tmp_path: Path, spec: str) -> None:
    paths = [str(write_profile(tmp_path, name=name)) for name in ("one", "two")]
    found = _json(sepconv, spec, "--device", paths[0], "--device", paths[1])
    assert [each["metric"] for each in found["devices"]] == ["latency_one", "latency_two"]
    assert all(row["latency_one"] == row["latency_two"] > 0 for row in found["rows"])
    out = sepconv(
        "compare", spec, "--engine", "analytic", "--device", paths[0], "--device", paths[1]
    ).out
    assert "one ms" in out
    assert "two ms" in out


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        ("softmax: {axis: 0}", "no softmax was fitted"),
        (
            "conv: {out_channels: 257, kernel_size: 3, padding: 1}",
            "far more channels than in any k x k convolution that was fitted",
        ),
        (
            "opaque: {function: odd, shape: [3]}",
            "how long opaque takes can't be told: nobody can tell what it does",
        ),
    ],
)
def test_layers_unlike_all_that_was_fitted(
    sepconv: Sepconv, tmp_path: Path, device: str, layer: str, why: str
) -> None:
    """257 channels are more than 4 times the 64 that were fitted."""
    spec = tmp_path / "odd.yaml"
    spec.write_text(f"input: [4, 4, 4]\nlayers:\n  - {layer}\n    name: odd\n")
    found = _json(sepconv, spec, "--device", device, "--variant", "standard")
    assert [(each["layer"], each["why"]) for each in found["latency_unlike"]] == [("odd", why)]
    out = sepconv("compare", spec, "-q", "--engine", "analytic", "--device", device).out
    assert f"slow in doubt: {why}: odd." in out


def test_no_network_has_a_time_of_which_a_part_is_unknown(
    sepconv: Sepconv, tmp_path: Path, device: str
) -> None:
    """relu: 12 elements in, 12 out at 2 nanoseconds, and 100."""
    spec = tmp_path / "odd.yaml"
    spec.write_text("{input: [4, 3], layers: [{lstm: {hidden_size: 3}}, relu]}")
    options = ("--device", device, "--variant", "standard", "--per-layer")
    (row,) = _json(sepconv, spec, *options)["rows"]
    assert row["latency"] is None
    assert [layer["latency"] for layer in row["layers"]] == [None, pytest.approx(148e-6)]


def test_four_times_what_was_fitted_is_not_yet_far(
    sepconv: Sepconv, tmp_path: Path, device: str
) -> None:
    spec = tmp_path / "near.yaml"
    spec.write_text("{input: [4, 4, 4], layers: [{conv: {out_channels: 256, kernel_size: 3}}]}")
    found = _json(sepconv, spec, "--device", device, "--variant", "standard")
    assert found["latency_unlike"] == []


def test_tracing_predicts_nothing(sepconv: Sepconv, spec: str, device: str) -> None:
    done = sepconv("compare", spec, "--engine", "trace", "--device", device)
    assert done.code == 2
    assert "latencies are predicted by formula" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--device", "nothing"), "error: no device is called nothing"),
        (("--batch", "4"), "error: a batch is for a device, and none is named"),
    ],
)
def test_bad_devices(sepconv: Sepconv, spec: str, arguments: tuple[str, ...], message: str) -> None:
    done = sepconv("compare", spec, "--engine", "analytic", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)


def test_where_a_model_is_built_is_no_device() -> None:
    assert split_devices(["cpu", "slow"]) == ("cpu", ["slow"])
    assert split_devices(["slow"]) == ("meta", ["slow"])
    assert split_devices(None) == ("meta", [])
