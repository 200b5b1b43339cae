"""Profiles drawn from tables whose times the formula made up, and what is refused."""

import csv
import importlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sepconv_cli.latency.device import device_of
from sepconv_cli.latency.find import find_profile
from sepconv_cli.latency.profile import Profile, profile_json, read_profile
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.measure.probes import Probe
from sepconv_cli.measure.setup import MeasureSetup, Prepared
from sepconv_cli.network import Network
from tests.conftest import Sepconv

HEAD = ("model", "input_size", "batch_size", "samples_per_second")
NETWORKS = ("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "resnet", "efficientnet_b0")
SIZES = (64, 96, 128, 160)
Row = tuple[str, int, int, float]


def strange() -> Profile:
    """A device unlike those that the program knows: each number of a processor's is another one."""
    known = find_profile("i9-10940x")
    factors = (3.0, 1.2, 2.2, 0.8, 1.7)
    numbers = {
        name: value * factors[at % 5] for at, (name, value) in enumerate(known.coefficients.items())
    }
    return replace(known, name="strange", coefficients=numbers)


def milliseconds(profile: Profile, name: str, size: int, variant: str = "standard") -> float:
    """What that device takes for a network of the zoo."""
    (case,) = cases(load(f"zoo:{name}"), [{"resolution": size}], [variant])
    return sum(time or 0.0 for time in device_of(profile, 1).milliseconds(case.network))


def rows() -> Iterator[Row]:
    """Networks of the zoo in four sizes and four variants, a sample at a time."""
    device = strange()
    for name in NETWORKS:
        for size in SIZES:
            for variant in ("standard", "depthwise_separable", "blueprint_u", "blueprint_s"):
                seconds = milliseconds(device, name, size, variant) / 1e3
                yield f"zoo:{name} {variant}", size, 1, 1 / seconds


def written(file: Path, found: Any, head: tuple[str, ...] = HEAD) -> Path:
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([head, *found])
    return file


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("measured") / "table.csv", rows())


def test_a_device_is_found_again_from_forty_rows(
    sepconv: Sepconv, table: Path, tmp_path: Path
) -> None:
    """The other forty, and a network that is in no row, are predicted almost exactly."""
    profile = tmp_path / "mine.json"
    done = sepconv("calibrate", "--from", table, "--fit", 40, "-o", profile, "-f", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["fitted"], found["held_out"]) == (40, 40)
    assert found["median_error"] < 0.03
    assert found["rank_correlation"] > 0.99
    assert len(found["worst"]) == 10
    said = milliseconds(read_profile(profile), "mnasnet_a1", 96)
    assert said == pytest.approx(milliseconds(strange(), "mnasnet_a1", 96), rel=0.1)


def test_a_fit_is_scored_again_on_what_it_was_not_fitted_to(
    sepconv: Sepconv, table: Path, tmp_path: Path
) -> None:
    """The hash in the profile tells which forty rows these were."""
    profile = tmp_path / "mine.json"
    first = sepconv("calibrate", "--from", table, "--fit", 40, "-o", profile, "-f", "json")
    again = sepconv("calibrate", "--score", table, "--device", profile, "-f", "json")
    assert again.out == first.out


def test_the_right_device_scores_perfectly(sepconv: Sepconv, table: Path, tmp_path: Path) -> None:
    profile = tmp_path / "strange.json"
    profile.write_text(profile_json(strange()))
    done = sepconv("calibrate", "--score", table, "--device", profile, "-f", "json")
    found = json.loads(done.out)
    assert found["how"].startswith("Scored on all of the table")  # Its hash is of other networks.
    assert found["median_error"] == pytest.approx(0, abs=1e-9)
    assert (found["within_10_percent"], found["within_20_percent"]) == (1, 1)
    assert found["rank_correlation"] == pytest.approx(1)
    assert found["pairs_right"] == 1


def test_a_device_twice_as_slow_is_off_by_half(sepconv: Sepconv, tmp_path: Path) -> None:
    """Every network was measured at twice the predicted time: 50 % off, the order perfect."""
    slow = [(model, size, batch, float(speed) / 2) for model, size, batch, speed in rows()]
    profile = tmp_path / "strange.json"
    profile.write_text(profile_json(strange()))
    file = written(tmp_path / "slow.csv", slow)
    done = sepconv("calibrate", "--score", file, "--device", profile, "-f", "json")
    found = json.loads(done.out)
    assert found["median_error"] == pytest.approx(0.5)
    assert found["within_20_percent"] == 0
    assert found["rank_correlation"] == pytest.approx(1)
    worst = found["worst"][0]
    assert worst["measured_ms"] == pytest.approx(2 * worst["predicted_ms"])


def test_without_a_number_every_quarter_is_held_back_once(
    sepconv: Sepconv, table: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "mine.json"
    done = sepconv("calibrate", "--from", table, "-o", profile, "-f", "json")
    found = json.loads(done.out)
    assert (found["fitted"], found["held_out"]) == (80, 80)
    assert read_profile(profile).fitted.networks == 80
    nothing = sepconv("calibrate", "--score", table, "--device", profile)
    assert nothing.code == 2
    assert "was fitted to all of" in nothing.err


def test_networks_that_cannot_be_read_are_counted_and_named(
    sepconv: Sepconv, tmp_path: Path
) -> None:
    more = [*rows(), ("zoo:nobody", 64, 1, 9.0), ("zoo:mobilenet_v1 a=1", 64, 1, 9.0)]
    file = written(tmp_path / "more.csv", more)
    done = sepconv("calibrate", "--from", file, "--fit", 40, "-o", tmp_path / "mine.json")
    assert done.code == 0
    assert "2 networks left out: zoo:nobody@64, zoo:mobilenet_v1 a=1@64." in done.out


def test_paths_of_specs_and_batches(sepconv: Sepconv, tmp_path: Path) -> None:
    """A spec's own input is 3 x 8 x 8; a row at another size isn't of that network."""
    spec = tmp_path / "net.yaml"
    spec.write_text("name: net\ninput: [3, 8, 8]\nlayers:\n  - conv: {out_channels: 4}\n")
    spec.write_text(spec.read_text().replace("4}", "4, kernel_size: 3}"))
    file = written(tmp_path / "a.csv", [(spec, 8, 1, 10), (spec, 8, 4, 20), (spec, 9, 1, 10)])
    done = sepconv("calibrate", "--score", file, "--device", "i9-10940x", "-f", "json")
    found = json.loads(done.out)
    assert found["held_out"] == 2
    assert {each["measured_ms"] for each in found["worst"]} == {100, 200}
    assert found["left_out"] == {f"{spec}@9": "its input is 8 x 8, not 9"}


def test_names_of_timm_are_taken_for_granted(
    sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suffixes are dropped; the import itself isn't asked here."""
    asked: list[str] = []

    def read(path: str, **_: object) -> Any:
        asked.append(path)
        return load("zoo:mobilenet_v1")

    monkeypatch.setattr("sepconv_cli.calibration.networks.load", read)
    file = written(tmp_path / "a.csv", [("resnet50.a1_in1k", 224, 1, 10), ("timm:b.c", 96, 1, 10)])
    done = sepconv("calibrate", "--score", file, "--device", "i9-10940x", "-f", "json")
    assert asked == ["timm:resnet50", "timm:b"]
    names = {each["network"] for each in json.loads(done.out)["worst"]}
    assert names == {"resnet50@224, batch of 1", "timm:b@96, batch of 1"}


def test_a_campaign_writes_a_profile_and_its_table(
    sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten made-up networks in two batch sizes; a run takes 2 ms whatever it is."""
    few = tuple(
        Probe(f"zoo:net{at}", f"name: n{at}\ninput: [{at + 2}, 8]\nlayers:\n  - softmax\n")
        for at in range(10)
    )
    monkeypatch.setattr("sepconv_cli.measure.probes.probes", lambda quick=False: few)

    def prepare(_: Network, __: MeasureSetup) -> Prepared:
        return Prepared(lambda _: [0.002, 0.002], "made up 1")

    entry = importlib.import_module("sepconv_cli.measure.runtimes.onnxruntime")
    monkeypatch.setattr(entry, "prepare", prepare)
    file = tmp_path / "pi5.json"
    done = sepconv("calibrate", "--quick", "--threads", 1, "--batch", 1, "--batch", 4, "-o", file)
    assert done.code == 0, done.err
    assert "pi5: fitted to 20 networks; of 20 that were scored the median error is" in done.out
    profile = read_profile(file)
    assert (profile.name, profile.runtime, profile.software) == ("pi5", "onnxruntime", "made up 1")
    assert (profile.precision, profile.batch_sizes) == ("float32", (1, 4))
    assert profile.source == "sepconv calibrate"
    measured = list(csv.DictReader((tmp_path / "pi5.measurements.csv").read_text().splitlines()))
    assert len(measured) == 20
    speeds = {row["batch_size"]: float(row["samples_per_second"]) for row in measured}
    assert speeds == pytest.approx({"1": 500, "4": 2000})
    assert (tmp_path / "pi5.measurements.jsonl").exists()


BAD_TABLES: dict[str, tuple[str, str]] = {
    "columns": ("model,batch_size\na,1\n", "no column input_size, samples_per_second"),
    "number": (",".join(HEAD) + "\na,224,1,fast\n", "line 2: samples_per_second: 'fast'"),
    "zero": (",".join(HEAD) + "\na,224,0,1\n", "line 2: batch_size: '0' is no number above 0"),
    "not finite": (",".join(HEAD) + "\na,224,1,inf\n", "'inf' is no number above 0"),
    "half": (",".join(HEAD) + "\na,224,1.5,1\n", "input_size and batch_size are whole numbers"),
    "short": (",".join(HEAD) + "\na,224\n", "line 2: batch_size: ''"),
    "no name": (",".join(HEAD) + "\n,224,1,1\n", "line 2: no model is named"),
    "empty": ("", "no column model"),
    "no rows": (",".join(HEAD) + "\n", "no measurements in it"),
    "no network": (
        ",".join(HEAD) + "\nzoo:nobody,224,1,1\n",
        "no row of the table is of a network",
    ),
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_bad_tables(sepconv: Sepconv, tmp_path: Path, kind: str) -> None:
    text, message = BAD_TABLES[kind]
    file = tmp_path / "bad.csv"
    file.write_text(text)
    done = sepconv("calibrate", "--from", file, "-o", tmp_path / "mine.json")
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "mine.json").exists()


def few(tmp_path: Path, count: int) -> Path:
    found = [(f"zoo:{name}", 64, 1, 100.0) for name in NETWORKS[:count]]
    return written(tmp_path / "few.csv", found)


BAD_CALLS: dict[str, tuple[Callable[[Path], list[object]], str]] = {
    "no table": (lambda at: ["--from", at / "none.csv", "-o", at / "a.json"], "can't be read"),
    "no file": (lambda at: ["--from", few(at, 3)], "a profile needs a file"),
    "no json": (lambda at: ["--from", few(at, 3), "-o", at / "a.txt"], "ends in .json"),
    "no name": (lambda at: ["--from", few(at, 3), "-o", at / "My Pi.json"], "no name of a device"),
    "few": (
        lambda at: ["--from", few(at, 3), "-o", at / "a.json"],
        "3 networks measured, of which 2 stay",
    ),
    "few fitted": (
        lambda at: ["--from", few(at, 5), "--fit", 4, "-o", at / "a.json"],
        "4 networks measured, but a profile takes 5 at least",
    ),
    "none left": (
        lambda at: ["--from", few(at, 5), "--fit", 5, "-o", at / "a.json"],
        "5 to fit leave none to score",
    ),
    "fit alone": (lambda at: ["--fit", 5, "-o", at / "a.json"], "--fit is for --from"),
    "both": (lambda at: ["--from", few(at, 3), "--score", few(at, 3)], "one of them at a time"),
    "no device": (lambda at: ["--score", few(at, 3)], "--score takes a profile"),
    "unknown": (
        lambda at: ["--score", few(at, 3), "--device", "rtx4090-am"],
        "did you mean rtx4090-amp?",
    ),
    "runtime's": (lambda at: ["--device", "tpu", "-o", at / "a.json"], "can be measured on tpu"),
    "here": (
        lambda at: ["--from", few(at, 3), "--quick", "-o", at / "a.json"],
        "are for measuring here",
    ),
}


@pytest.mark.parametrize("kind", BAD_CALLS)
def test_bad_calls(sepconv: Sepconv, tmp_path: Path, kind: str) -> None:
    arguments, message = BAD_CALLS[kind]
    done = sepconv("calibrate", *arguments(tmp_path))
    assert done.code == 2
    assert message in done.err


def test_a_profile_of_another_version(sepconv: Sepconv, tmp_path: Path) -> None:
    profile = tmp_path / "old.json"
    profile.write_text(profile_json(replace(strange(), version=99)))
    done = sepconv("calibrate", "--score", few(tmp_path, 3), "--device", profile)
    assert done.code == 2
    assert "version 99" in done.err


def test_without_numpy(sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sepconv_cli.commands.calibrate.find_spec", lambda _: None)
    done = sepconv("calibrate", "-o", tmp_path / "a.json")
    assert done.code == 2
    assert "error: calibrate needs numpy" in done.err
    assert "pip install 'sepconv[calibrate]'" in done.err
