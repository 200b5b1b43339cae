"""Do variants come in the predicted order? `python -m benchmarks variants --against here.json`

Measures standard, depthwise-separable and blueprint networks in turns, in every runtime that is
asked for, beside what a device's profile predicts: milliseconds, and which of each two is faster.
A profile is held to the runtime that it is of (`sepconv calibrate` writes one); none of these
networks may have been among those that it was fitted to. `--device cuda` runs torch eager and
compiled. Rows go to `-o FILE.csv` as they come.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from sepconv_cli import UsageError, load
from sepconv_cli.conventions import convention
from sepconv_cli.errors import SpecError
from sepconv_cli.latency.device import Device, device_of
from sepconv_cli.latency.doubt import duels
from sepconv_cli.latency.find import find_profile
from sepconv_cli.latency.profile import Profile
from sepconv_cli.lowering.choose import Case, cases
from sepconv_cli.measure.cores import core_count
from sepconv_cli.measure.measurement import measure_cases
from sepconv_cli.measure.prediction import predictions
from sepconv_cli.measure.setup import MeasureSetup, RuntimeDevice
from sepconv_cli.measure.turns import UNSTEADY, Timing, TurnPlan
from sepconv_cli.metrics import Amounts, Context, Scope

VARIANTS = ("standard", "depthwise_separable", "blueprint_u", "blueprint_s")
Settings = dict[str, int]

NETWORKS: tuple[tuple[str, Settings, tuple[int, int, int]], ...] = (
    ("mobilenet_v1", {}, (128, 160, 224)),
    ("resnet", {}, (128, 160, 224)),
    ("resnet", {"depth": 50}, (128, 160, 224)),
    ("vgg_16", {}, (224, 256, 288)),
    ("densenet", {}, (128, 160, 224)),
    ("u_net", {}, (64, 96, 128)),
    ("yolo_v3", {}, (160, 224, 416)),
    ("bsrn", {}, (32, 48, 64)),
    ("bsconv/resnet", {"depth": 56}, (32, 48, 64)),
    ("bsconv/wide_resnet", {"depth": 16, "width": 8}, (32, 48, 64)),
)
"""A spec of the zoo, its settings, and three resolutions. All have standard convolutions beside the
stem's."""

NEAR = 0.03
"""Two that were measured to differ by less aren't held against each other."""


class Way(msgspec.Struct, frozen=True):
    """A runtime, compiled or not, and the device whose profile is of it, if there is one."""

    runtime: str
    setup: MeasureSetup
    device: Device | None

    @property
    def name(self) -> str:
        return f"{self.runtime}{' compiled' if self.setup.compiled else ''}"


class VariantTime(msgspec.Struct, frozen=True, kw_only=True):
    """One variant: milliseconds of a batch as measured and as predicted."""

    runtime: str
    network: str
    input: str
    batch: int
    variant: str
    macs: int
    measured: float
    spread: float | None
    predicted: float | None

    @property
    def error(self) -> float | None:
        """How far the prediction is off, as a share of what was measured."""
        return None if self.predicted is None else self.predicted / self.measured - 1


class Verdicts(msgspec.Struct):
    """Of pairs that were measured to differ: what was said of them."""

    right: int = 0
    wrong: int = 0
    equal: int = 0
    by_macs: int = 0
    pairs: int = 0


def main(arguments: Sequence[str]) -> None:
    """Measure and print; Ctrl-C prints what was measured until then."""
    try:
        _run(_arguments(arguments))
    except SpecError as error:
        sys.exit(str(error))


def _run(asked: Any) -> None:
    rows: list[VariantTime] = []
    verdicts: dict[str, Verdicts] = {}
    with suppress(KeyboardInterrupt):
        for way in _ways(asked):
            found = verdicts.setdefault(way.name, Verdicts())
            for planned in planned_cases(asked.networks):
                times = _measured(planned, way, asked.seconds)
                hold(times, way, found)
                _show(times, way)
                rows += times
                if asked.output:
                    _write(rows, asked.output)
    _summary(rows, verdicts)


def _arguments(given: Sequence[str]) -> Any:
    parser = argparse.ArgumentParser("python -m benchmarks variants", description=__doc__)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda", "mps"))
    parser.add_argument("--compiled", action="store_true", help="torch compiled too, on cpu")
    parser.add_argument("--runtime", action="append", help="default: onnxruntime and torch")
    parser.add_argument("--against", action="append", default=[], help="a profile; or several")
    parser.add_argument("--batch", type=int, help="default: 1, and 64 on a graphics card")
    parser.add_argument("--threads", type=int, default=core_count())
    parser.add_argument("--seconds", type=float, default=3.0, help="at most, for each variant")
    parser.add_argument("--networks", type=int, default=len(NETWORKS), help="the first N of them")
    parser.add_argument("-o", "--output", type=Path, help="a CSV of all rows")
    return parser.parse_args(given)


def _ways(asked: Any) -> Iterator[Way]:
    profiles = [find_profile(name) for name in asked.against]
    runtimes = asked.runtime or (["onnxruntime", "torch"] if asked.device == "cpu" else ["torch"])
    batch = asked.batch or (1 if asked.device == "cpu" else 64)
    for runtime in runtimes:
        both = runtime == "torch" and (asked.compiled or asked.device != "cpu")
        for compiled in (False, True) if both else (False,):
            setup = _setup(asked.device, asked.threads, batch, compiled=compiled)
            way = Way(runtime, setup, _device(profiles, runtime, setup))
            if way.device is None:
                print(f"{way.name}: no profile is given that is of it", flush=True)
            yield way


def _setup(device: RuntimeDevice, threads: int, batch: int, *, compiled: bool) -> MeasureSetup:
    return MeasureSetup(threads=threads, device=device, batch=batch, compiled=compiled)


def _device(profiles: Sequence[Profile], runtime: str, setup: MeasureSetup) -> Device | None:
    fits = [
        profile
        for profile in profiles
        if profile.runtime == runtime and profile.compiled == setup.compiled
    ]
    if len(fits) > 1:
        raise UsageError(f"--against: {len(fits)} profiles are of {runtime}")
    return device_of(fits[0], setup.batch) if fits else None


def planned_cases(networks: int) -> Iterator[list[Case]]:
    """The variants of each network at each size."""
    for name, settings, sizes in NETWORKS[:networks]:
        for size in sizes:
            yield list(cases(load(f"zoo:{name}"), [{**settings, "resolution": size}], VARIANTS))


def _measured(planned: Sequence[Case], way: Way, seconds: float) -> list[VariantTime]:
    """The variants in turns; nothing of a network that the runtime refuses.

    Raises KeyboardInterrupt where somebody broke off.
    """
    plan = TurnPlan(most=seconds, turn=min(0.1, seconds / 5))
    try:
        found = measure_cases(planned, way.runtime, way.setup, plan)
    except SpecError as error:
        print(f"{way.name}: {error}", flush=True)
        return []
    if found.interrupted:
        raise KeyboardInterrupt
    return [_time(each.case, each.timing, way) for each in found.measurements if each.timing]


def _time(case: Case, timing: Timing, way: Way) -> VariantTime:
    macs = Amounts(Context(convention("macs"))).number("count", Scope(case.network))
    assert isinstance(macs, int)
    predicted = predictions([case.network], way.device)[0] if way.device else None
    settings = [f"{key}={value}" for key, value in case.settings.items() if key != "resolution"]
    return VariantTime(
        runtime=way.name,
        network=" ".join([case.spec.name, *settings]),
        input=str(case.network.input),
        batch=way.setup.batch,
        variant=case.variant.name,
        macs=macs,
        measured=timing.seconds * 1e3,
        spread=timing.spread,
        predicted=predicted.milliseconds if predicted else None,
    )


def hold(times: Sequence[VariantTime], way: Way, found: Verdicts) -> None:
    """Hold each two that differ against what was predicted of them, and to their MACs."""
    for one, other in combinations(times, 2):
        fast, slow = sorted((one, other), key=lambda each: each.measured)
        if slow.measured / fast.measured - 1 < NEAR:
            continue
        found.pairs += 1
        found.by_macs += fast.macs < slow.macs
        faster = _said(fast, slow, way)
        if faster is not None:
            found.right += faster == fast.variant
            found.wrong += faster == slow.variant
            found.equal += faster == ""


def _said(one: VariantTime, other: VariantTime, way: Way) -> str | None:
    """Which one is predicted to be faster; empty for about equal, None where nothing is said."""
    if way.device is None or one.predicted is None or other.predicted is None:
        return None
    known = [(each.variant, each.predicted) for each in (one, other) if each.predicted is not None]
    held = list(duels(known, way.device))
    return (held[0].faster or "") if held else None


def _show(times: Sequence[VariantTime], way: Way) -> None:
    """A line for each variant, and whether the order is right."""
    for each in times:
        predicted = "-" if each.predicted is None else f"{each.predicted:.4g}"
        error = "-" if each.error is None else f"{each.error:+.0%}"
        unsteady = " unsteady" if each.spread is None or each.spread > UNSTEADY else ""
        print(
            f"{each.runtime:12} {each.network:28} {each.input:10} {each.variant:20} "
            f"{each.macs / 1e6:8,.0f} M  measured {each.measured:8.4g} ms  "
            f"predicted {predicted:>8} {error:>5}{unsteady}"
        )
    own = Verdicts()
    hold(times, way, own)
    if own.pairs and way.device:
        verdict = "wrong" if own.wrong else "right"
        print(f"  order {verdict}: {_in_words(own)}", flush=True)


def _in_words(found: Verdicts) -> str:
    silent = found.pairs - found.right - found.equal - found.wrong
    return (
        f"of {found.pairs} pairs {found.right} right, {found.equal} called about equal, "
        f"{found.wrong} wrong, {silent} not told; by MACs {found.by_macs} right"
    )


def _write(rows: Sequence[VariantTime], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, VariantTime.__struct_fields__)
        writer.writeheader()
        writer.writerows(map(msgspec.structs.asdict, rows))


def _summary(rows: Sequence[VariantTime], verdicts: dict[str, Verdicts]) -> None:
    for runtime, found in verdicts.items():
        errors = [
            abs(row.error) for row in rows if row.runtime == runtime and row.error is not None
        ]
        said = f"median error {median(errors):.1%} of {len(errors)}; " if errors else ""
        print(f"{runtime}: {said}{_in_words(found)}")
