"""`measure` in real runtimes: its mechanics, and not how long anything takes."""

import csv
import importlib
import json
import os
import sys
from pathlib import Path

import pytest

from sepconv_cli.cli import run
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.read import loads
from sepconv_cli.measure.cores import kept_on_cores, separate_cores
from sepconv_cli.measure.measurement import measure_cases
from sepconv_cli.measure.prediction import Prediction
from sepconv_cli.measure.report import measure_doubts, measure_report
from sepconv_cli.measure.setup import MeasureSetup, Prepared
from sepconv_cli.measure.turns import TurnPlan
from sepconv_cli.registry import get, names

SMALL = """
name: small
input: [4, 8, 8]
layers:
  - conv: {out_channels: 6, kernel_size: 3, padding: 1}
  - relu
"""
INDICES = """
name: words
input: [5]
layers:
  - embedding: {num_embeddings: 7, embedding_dim: 3}
"""
OPAQUE = """
name: unknown
input: [3, 4]
layers:
  - opaque: {function: nms, shape: [2]}
    name: boxes
"""
QUICK = ["--seconds", "0.1", "--threads", "1"]


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    return str(file)


@pytest.mark.parametrize("runtime", names("measure/runtimes"))
@pytest.mark.parametrize("text", [SMALL, INDICES])
@pytest.mark.parametrize("batch", [1, 3])
def test_every_runtime_runs(runtime: str, text: str, batch: int) -> None:
    pytest.importorskip(runtime)
    found = get("measure/runtimes", runtime).prepare(
        next(cases(loads(text), variants=("standard",))).network,
        MeasureSetup(threads=1, batch=batch),
    )
    assert runtime in found.software
    assert all(seconds > 0 for seconds in found.run(0.01))


def test_the_table_as_json(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    """3 x 3 x 4 x 6 x 64 products; depthwise 3 x 3 x 4 x 64 and 4 x 6 x 64."""
    assert run(["measure", small, *QUICK, "--batch", "2", "-f", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["threads"], said["batch"], said["device"]) == (1, 2, "cpu")
    assert said["software"].startswith("onnxruntime ")
    rows = {row["variant"]: row for row in said["rows"]}
    assert set(rows) == {"standard", "depthwise_separable", "blueprint_u", "blueprint_s"}
    assert rows["standard"]["macs"] == 13_824
    assert rows["depthwise_separable"]["macs"] == 3_840
    for row in rows.values():
        assert row["runs"] >= 5
        assert row["fastest_ms"] <= row["median_ms"]
        assert row["samples_per_second"] == pytest.approx(2000 / row["median_ms"])
        assert row["predicted_ms"] is None


def test_other_formats(small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only = ["--variant", "standard"]
    file = tmp_path / "times.csv"
    assert run(["measure", small, *QUICK, *only, "-o", str(file)]) == 0
    (row,) = csv.DictReader(file.read_text().splitlines())
    assert float(row["median_ms"]) > 0
    assert run(["measure", small, *QUICK, *only, "-f", "markdown"]) == 0
    assert "| standard" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--runtime", "tvm"], "no runtime is called tvm"),
        (["--device", "cuda"], "no CUDAExecutionProvider"),
        (["--runtime", "torch", "--device", "mps"], "no device mps"),
        (["--compiled"], "no --compiled"),
        (["--threads", "0"], "--threads"),
        (["--batch", "0"], "--batch"),
    ],
)
def test_wrong_use(
    arguments: list[str], said: str, small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["measure", small, *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("error: ")


@pytest.mark.parametrize(
    ("runtime", "package", "extra"),
    [
        ("onnxruntime", "onnxruntime", "onnxruntime"),
        ("openvino", "openvino", "openvino"),
        ("torch", "torch", "trace"),
        ("onnxruntime", "onnx", "onnx"),
    ],
)
def test_a_runtime_that_is_not_installed(
    runtime: str,
    package: str,
    extra: str,
    small: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert run(["measure", small, "--runtime", runtime]) == 2
    error = capsys.readouterr().err
    assert f"needs the package {package}\n" in error
    assert f"sepconv[{extra}]" in error


def test_opaque_layers_can_not_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(OPAQUE)
    assert run(["measure", str(file), "--runtime", "torch", "--variant", "standard"]) == 2
    assert "nobody knows what boxes does" in capsys.readouterr().err


def test_what_a_runtime_refuses_is_one_message(
    small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(*_: object) -> Prepared:
        raise RuntimeError("\n no kernel for Conv\nin the file such and such")

    monkeypatch.setattr(importlib.import_module(RUNTIME), "prepare", refuses)
    assert run(["measure", small, "--variant", "standard"]) == 2
    said = capsys.readouterr().err
    assert said == "error: onnxruntime can't run small as standard: no kernel for Conv\n"


RUNTIME = "sepconv_cli.measure.runtimes.onnxruntime"


def test_breaking_off_shows_what_there_is(
    small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each variant is called to be tried, to warm up, and for its turns: 2 + 2 + 2 calls first."""
    calls = iter(range(100))

    def breaks(_: float) -> list[float]:
        if next(calls) == 5:
            raise KeyboardInterrupt
        return [0.004, 0.004]

    monkeypatch.setattr(
        importlib.import_module(RUNTIME), "prepare", lambda *_: Prepared(breaks, "made up 1")
    )
    only = ["--variant", "standard", "--variant", "blueprint_u"]
    assert run(["measure", small, *QUICK, *only, "-f", "json"]) == 130
    out, error = capsys.readouterr()
    said = json.loads(out)
    assert said["interrupted"]
    assert [row["median_ms"] for row in said["rows"]] == [4, None]
    assert "interrupted: fewer runs than planned, and 1 not measured" in error


def test_predictions_stand_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        importlib.import_module(RUNTIME),
        "prepare",
        lambda *_: Prepared(lambda _: [0.002, 0.003, 0.004], "made up 1"),
    )
    (case,) = cases(loads(SMALL), variants=("standard",))
    measured = measure_cases([case], "onnxruntime", MeasureSetup(threads=1), TurnPlan(most=0.01))
    report = measure_report(measured, [Prediction("pi5", 3.3, 0.07)])
    (record,) = report.records
    assert (record["median_ms"], record["predicted_ms"]) == (3, 3.3)
    (table,) = report.tables
    cells = [cell.text for cell in table.groups[0][0]]
    assert cells[-2:] == ["3.3", "7 %"]
    # Quartiles of 2, 3 and 4 again and again are 2 and 4.
    (doubt,) = measure_doubts(measured)
    assert "small as standard: a spread of 67 %, more than 10 %" in doubt


def test_against_a_device(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands beside is what `compare --device` says of a batch of the same size."""
    device, only = "i9-10940x", ["--variant", "standard", "-f", "json"]
    assert run(["measure", small, *QUICK, *only, "--against", device]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    compared = ["--device", device, "--batch", "1", "--engine", "analytic"]
    assert run(["compare", small, *only, *compared]) == 0
    (other,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["predicted_by"] == device
    assert row["predicted_ms"] == pytest.approx(other["latency"])
    assert run(["measure", small, *QUICK, "--against", "i9-10940"]) == 2
    assert "did you mean i9-10940x?" in capsys.readouterr().err


def test_threads_are_kept_on_cores_and_let_go() -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("the system doesn't tell")
    before = os.sched_getaffinity(0)
    with kept_on_cores(1) as kept:
        assert kept
        assert os.sched_getaffinity(0) == {separate_cores()[0]}
    assert os.sched_getaffinity(0) == before
    with kept_on_cores(10_000) as kept:
        assert not kept
        assert os.sched_getaffinity(0) == before
