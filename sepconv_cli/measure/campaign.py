"""Measuring all probes of a device, in a file that goes on where it was stopped.

The file has a line of JSON for what is measured with, and one for each time of a probe. Probes come
in an order that has nothing to do with what they are, and in a second round backwards, so that a
device that gets slower meanwhile doesn't make one kind of layer slow.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.measure.cores import kept_on_cores
from sepconv_cli.measure.measurement import RuntimeRefusal, prepared_case, runtime_entry
from sepconv_cli.measure.probes import Probe
from sepconv_cli.measure.setup import MeasureSetup
from sepconv_cli.measure.turns import Advance, TurnPlan, take_turns


class CampaignSetup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all times of a file were measured with."""

    runtime: str
    software: str
    device: str
    threads: int
    compiled: bool
    precision: str = "float32"


class ProbeTime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a probe took in one round: seconds of a batch, the median and the fastest of its runs,
    and their spread."""

    model: str
    input_size: int
    batch_size: int
    round: int
    seconds: float
    fastest: float
    spread: float | None
    runs: int


class Campaign(msgspec.Struct, frozen=True):
    """What was measured, what a runtime refused and why, and whether somebody broke off."""

    setup: CampaignSetup | None
    times: tuple[ProbeTime, ...]
    refused: dict[str, str]
    interrupted: bool


class _Task(msgspec.Struct, frozen=True):
    probe: Probe
    batch: int
    round: int

    @property
    def key(self) -> tuple[str, int, int]:
        return (self.probe.model, self.batch, self.round)


class CampaignPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Probes, at which batch sizes, how often, and how long each."""

    probes: tuple[Probe, ...]
    batches: tuple[int, ...] = (1,)
    rounds: int = 1
    turns: TurnPlan = TurnPlan(most=3.0)


def run_campaign(
    plan: CampaignPlan,
    runtime: str,
    setup: MeasureSetup,
    file: Path,
    advance: Advance = lambda share: None,
) -> Campaign:
    """Measure what isn't in the file yet, and write it there. Raises UsageError, and OSError.

    The batch of the setup is that of the plan.
    """
    runtime_entry(runtime)
    about, times = read_campaign(file)
    done = {(each.model, each.batch_size, each.round) for each in times}
    tasks = [task for task in _tasks(plan) if task.key not in done]
    refused: dict[str, str] = {}
    with kept_on_cores(setup.threads):
        for number, task in enumerate(tasks):
            try:
                software, found = _time(task, runtime, setup, plan.turns)
            except RuntimeRefusal as error:
                refused[task.probe.model] = error.problems[0].message
                continue
            except KeyboardInterrupt:
                return Campaign(about, tuple(times), refused, interrupted=True)
            if found is None:
                return Campaign(about, tuple(times), refused, interrupted=True)
            about = _agreed(file, about, _setup(runtime, software, setup))
            times.append(found)
            _append(file, found)
            advance((number + 1) / len(tasks))
    return Campaign(about, tuple(times), refused, interrupted=False)


def _tasks(plan: CampaignPlan) -> Iterator[_Task]:
    shuffled = sorted(plan.probes, key=lambda each: sha256(each.model.encode()).digest())
    for number in range(plan.rounds):
        for probe in reversed(shuffled) if number % 2 else shuffled:
            for batch in plan.batches:
                yield _Task(probe, batch, number)


def _time(
    task: _Task, runtime: str, setup: MeasureSetup, plan: TurnPlan
) -> tuple[str, ProbeTime | None]:
    """The software and the time; no time where somebody broke off."""
    case = task.probe.case()
    one = msgspec.structs.replace(setup, batch=task.batch)
    ready = prepared_case(case, runtime, runtime_entry(runtime), one)
    timed = take_turns([ready.run], plan)
    (timing,) = timed.timings
    if timing is None or timed.interrupted:
        return ready.software, None
    return ready.software, ProbeTime(
        model=task.probe.model,
        input_size=case.network.input.axes[-1],
        batch_size=task.batch,
        round=task.round,
        seconds=timing.seconds,
        fastest=min(timing.runs),
        spread=timing.spread,
        runs=len(timing.runs),
    )


def _setup(runtime: str, software: str, setup: MeasureSetup) -> CampaignSetup:
    return CampaignSetup(
        runtime=runtime,
        software=software,
        device=setup.device,
        threads=setup.threads,
        compiled=setup.compiled,
    )


def _agreed(file: Path, known: CampaignSetup | None, now: CampaignSetup) -> CampaignSetup:
    """What the file was measured with, which must be what is measured with now."""
    if known is None:
        file.parent.mkdir(parents=True, exist_ok=True)
        _append(file, now)
        return now
    for field in now.__struct_fields__:
        before, after = getattr(known, field), getattr(now, field)
        if before != after:
            raise UsageError(
                f"{file} was measured with the {field} {before}, not {after}",
                "go on as it was started, or remove it and start anew",
            )
    return known


def _append(file: Path, line: msgspec.Struct) -> None:
    with file.open("ab") as lines:
        lines.write(msgspec.json.encode(line) + b"\n")


def read_campaign(file: Path) -> tuple[CampaignSetup | None, list[ProbeTime]]:
    """What a file has so far; a last line that isn't whole is cut off. Raises UsageError."""
    if not file.exists():
        return None, []
    whole, _, rest = file.read_bytes().rpartition(b"\n")
    if rest:
        file.write_bytes(whole + b"\n" if whole else b"")
    lines = whole.splitlines()
    try:
        about = msgspec.json.decode(lines[0], type=CampaignSetup) if lines else None
        return about, [msgspec.json.decode(line, type=ProbeTime) for line in lines[1:]]
    except msgspec.DecodeError as error:
        raise UsageError(f"{file}: no measurements of a calibration: {error}") from error


def measurement_rows(times: Sequence[ProbeTime]) -> list[dict[str, Any]]:
    """A row for each probe and batch, of the median of its rounds, as measurements are published:
    model, input_size, batch_size, samples_per_second."""
    rounds: dict[tuple[str, int, int], list[float]] = {}
    for each in times:
        key = (each.model, each.input_size, each.batch_size)
        rounds.setdefault(key, []).append(each.seconds)
    return [
        {
            "model": model,
            "input_size": size,
            "batch_size": batch,
            "samples_per_second": batch / median(seconds),
        }
        for (model, size, batch), seconds in rounds.items()
    ]
