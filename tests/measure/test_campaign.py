"""Measuring probes in a file that goes on where it was stopped, in a runtime that is made up."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sepconv_cli.cli import run
from sepconv_cli.errors import UsageError
from sepconv_cli.measure.campaign import (
    CampaignPlan,
    ProbeTime,
    measurement_rows,
    read_campaign,
    run_campaign,
)
from sepconv_cli.measure.probes import Probe, probes
from sepconv_cli.measure.setup import MeasureSetup, Prepared, Runner
from sepconv_cli.measure.turns import TurnPlan
from sepconv_cli.network import Network, verify

SETUP = MeasureSetup(threads=1)
THREE = tuple(
    Probe(name, f"name: {name}\ninput: [2, {size}]\nlayers:\n  - softmax\n")
    for name, size in (("a", 4), ("b", 5), ("c", 6))
)
ONCE = TurnPlan(fewest=1, most=1e-6)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[Runner], list[int]]:
    """Put a runner in place of onnxruntime; the sizes of the networks that are made ready."""
    seen: list[int] = []

    def use(runner: Runner, software: str = "made up 1") -> list[int]:
        def prepare(network: Network, _: MeasureSetup) -> Prepared:
            seen.append(network.input.size[0])
            return Prepared(runner, software)

        entry = importlib.import_module("sepconv_cli.measure.runtimes.onnxruntime")
        monkeypatch.setattr(entry, "prepare", prepare)
        return seen

    return use


def steady(_: float) -> list[float]:
    return [0.002, 0.002]


def test_every_probe_is_a_network_and_has_a_name_of_its_own() -> None:
    every = probes()
    assert len({each.model for each in every}) == len(every)
    for each in every:
        verify(each.case().network)


def test_quick_probes_are_some_of_all_and_have_every_kind_that_multiplies() -> None:
    quick = probes(quick=True)
    assert set(quick) < set(probes())
    kinds = {each.model.split()[0] for each in quick}
    named = ("dense", "point", "depthwise", "grouped", "linear", "attention", "wide", "narrow")
    assert {f"stack:{kind}" for kind in named} <= kinds


def test_no_two_probes_are_one_network() -> None:
    """What a variant doesn't change would count twice."""
    networks = [each.case().network for each in probes()]
    assert all(left != right for at, left in enumerate(networks) for right in networks[:at])


def test_what_is_in_the_file_is_not_measured_again(
    made_up: Callable[[Runner], list[int]], tmp_path: Path
) -> None:
    file = tmp_path / "times.jsonl"
    seen = made_up(steady)
    run_campaign(CampaignPlan(probes=THREE[:2], turns=ONCE), "onnxruntime", SETUP, file)
    assert sorted(seen) == [4, 5]
    seen.clear()
    found = run_campaign(CampaignPlan(probes=THREE, turns=ONCE), "onnxruntime", SETUP, file)
    assert seen == [6]
    assert {each.model for each in found.times} == {"a", "b", "c"}
    about, times = read_campaign(file)
    assert (about, tuple(times)) == (found.setup, found.times)


def test_the_second_round_runs_backwards(
    made_up: Callable[[Runner], list[int]], tmp_path: Path
) -> None:
    seen = made_up(steady)
    plan = CampaignPlan(probes=THREE, rounds=2, turns=ONCE)
    run_campaign(plan, "onnxruntime", SETUP, tmp_path / "times.jsonl")
    assert seen[3:] == seen[:3][::-1]


def test_breaking_off_keeps_what_there_is_and_goes_on(
    made_up: Callable[[Runner], list[int]], tmp_path: Path
) -> None:
    file = tmp_path / "times.jsonl"
    calls = iter(range(100))

    def breaks(_: float) -> list[float]:
        if next(calls) == 4:
            raise KeyboardInterrupt
        return [0.002]

    plan = CampaignPlan(probes=THREE, turns=ONCE)
    made_up(breaks)
    found = run_campaign(plan, "onnxruntime", SETUP, file)
    assert found.interrupted
    assert len(found.times) == 1
    made_up(steady)
    assert len(run_campaign(plan, "onnxruntime", SETUP, file).times) == 3


def test_a_line_that_is_not_whole_is_measured_again(
    made_up: Callable[[Runner], list[int]], tmp_path: Path
) -> None:
    file = tmp_path / "times.jsonl"
    plan = CampaignPlan(probes=THREE, turns=ONCE)
    seen = made_up(steady)
    run_campaign(plan, "onnxruntime", SETUP, file)
    file.write_bytes(file.read_bytes()[:-9])
    seen.clear()
    assert len(run_campaign(plan, "onnxruntime", SETUP, file).times) == 3
    assert len(seen) == 1


def test_other_threads_or_software_do_not_go_on(
    made_up: Callable[..., list[int]], tmp_path: Path
) -> None:
    file = tmp_path / "times.jsonl"
    made_up(steady)
    first, rest = CampaignPlan(probes=THREE[:1], turns=ONCE), CampaignPlan(probes=THREE, turns=ONCE)
    run_campaign(first, "onnxruntime", SETUP, file)
    with pytest.raises(UsageError, match="measured with the threads 1, not 2"):
        run_campaign(rest, "onnxruntime", MeasureSetup(threads=2), file)
    made_up(steady, "made up 2")
    with pytest.raises(UsageError, match="the software made up 1, not made up 2"):
        run_campaign(rest, "onnxruntime", SETUP, file)


def test_what_a_runtime_refuses_is_left_out_and_named(
    made_up: Callable[[Runner], list[int]], tmp_path: Path
) -> None:
    calls = iter(range(100))

    def refuses(_: float) -> list[float]:
        if next(calls) == 0:
            raise RuntimeError("no kernel")
        return [0.002]

    made_up(refuses)
    plan = CampaignPlan(probes=THREE, turns=ONCE)
    found = run_campaign(plan, "onnxruntime", SETUP, tmp_path / "times.jsonl")
    assert len(found.times) == 2
    assert [message.endswith("no kernel") for message in found.refused.values()] == [True]


def test_other_files_are_no_measurements(tmp_path: Path) -> None:
    file = tmp_path / "times.jsonl"
    file.write_text("{}\n")
    with pytest.raises(UsageError, match="no measurements of a calibration"):
        read_campaign(file)


def test_rows_are_medians_over_rounds() -> None:
    """Rounds of 0.1 and 0.3 seconds for 4 samples: 4 / 0.2."""
    times = [
        ProbeTime(
            model="a", input_size=9, batch_size=4, round=at, seconds=s, fastest=s, spread=0, runs=5
        )
        for at, s in enumerate((0.1, 0.3))
    ]
    (row,) = measurement_rows(times)
    assert row == {
        "model": "a",
        "input_size": 9,
        "batch_size": 4,
        "samples_per_second": pytest.approx(20),
    }


def test_a_runtime_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert run(["calibrate", "-o", str(tmp_path / "a.json")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: measuring by onnxruntime needs the package onnxruntime\n")


def test_a_runtime_that_nobody_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calibrate", "--runtime", "tvm", "-o", str(tmp_path / "a.json")]) == 2
    assert "no runtime is called tvm" in capsys.readouterr().err
