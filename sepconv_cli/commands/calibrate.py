"""Draw a device's profile from measurements, here or elsewhere, and score profiles."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._output import to_file, to_stderr, write
from sepconv_cli.commands._runtime import BROKEN_OFF, RUNTIME_PANEL, Compiled, RuntimeName, Threads
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.measure.cores import core_count
from sepconv_cli.measure.setup import MeasureSetup, RuntimeDevice
from sepconv_cli.show.table import Report

if TYPE_CHECKING:
    from sepconv_cli.calibration.networks import TimedTable
    from sepconv_cli.calibration.written import MeasuredDevice
    from sepconv_cli.measure.campaign import Campaign

_EXTRA = "python -m pip install 'sepconv[calibrate]'"
_Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The profile, which is called as its file; with --score the report. What was "
        "measured stands beside, and a stopped run goes on from there.",
    ),
]
_Device = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Where it runs: cpu, cuda or mps; with --score whose profile is scored.",
        autocompletion=options.known_devices,
        rich_help_panel=RUNTIME_PANEL,
    ),
]
_Batches = Annotated[
    list[int] | None,
    typer.Option("--batch", metavar="N", min=1, help="Samples in a batch; repeat for more sizes."),
]
_Quick = Annotated[
    bool, typer.Option("--quick", help="Fewer probes, once each: at most five minutes.")
]
_From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="TABLE",
        help="Fit to measurements made elsewhere: model, input_size, batch_size and "
        "samples_per_second, as CSV.",
    ),
]
_Fit = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Fit so many networks, by a hash of their names, and score the rest.",
    ),
]
_Scored = Annotated[
    Path | None,
    typer.Option("--score", metavar="TABLE", help="How well a profile predicts measurements."),
]
_SECONDS = {True: 3.0, False: 5.0}


def command(
    output: _Output = None,
    runtime: RuntimeName = "onnxruntime",
    threads: Threads = None,
    device: _Device = None,
    batches: _Batches = None,
    compiled: Compiled = False,
    quick: _Quick = False,
    table: _From = None,
    fit: _Fit = None,
    scored: _Scored = None,
    format: options.Format = None,  # noqa: A002
    quiet: options.Quiet = False,
) -> int:
    """Measure a device's probes and write its profile, or fit or score measurements of others."""
    if find_spec("numpy") is None:
        raise UsageError("calibrate needs numpy", _EXTRA)
    if table is not None and scored is not None:
        raise UsageError("--from writes a profile and --score needs one: one of them at a time")
    if fit is not None and table is None:
        raise UsageError("--fit is for --from")
    elsewhere = table is not None or scored is not None
    if elsewhere and (threads or batches or quick):
        raise UsageError("--threads, --batch and --quick are for measuring here")
    if scored is not None:
        write(_score(scored, device, quiet), format, output)
        return 0
    if output is None:
        raise UsageError("a profile needs a file", "-o mydevice.json")
    if table is not None:
        if device is not None:
            raise UsageError("--device is for measuring here and for --score")
        report = _from_table(table, fit, output, compiled, quiet)
    else:
        setup = MeasureSetup(
            threads=threads or core_count(), device=_runtime_device(device), compiled=compiled
        )
        found = _campaign(runtime, setup, tuple(batches or (1,)), quick, output, quiet)
        if found.interrupted:
            return BROKEN_OFF
        report = _from_campaign(found, quick, output)
    write(report, format, None)
    return 0


def _runtime_device(device: str | None) -> RuntimeDevice:
    known = get_args(RuntimeDevice)
    for name in known:
        if name == (device or "cpu"):
            return name  # type: ignore[no-any-return]
    raise UsageError(f"nothing can be measured on {device}", did_you_mean(device or "", known))


def _score(table: Path, device: str | None, quiet: bool) -> Report:
    from sepconv_cli.calibration.drawing import score_of, unseen
    from sepconv_cli.calibration.report import score_report
    from sepconv_cli.latency.find import find_profile

    if device is None:
        raise UsageError("--score takes a profile", "--device NAME; `list devices` names them")
    profile = find_profile(device)
    read = _read(table, quiet)
    rest, how = unseen(profile, read.networks)
    if not rest:
        raise UsageError(
            f"{profile.name} was fitted to all of {table}: none is left to score",
            "calibrate with --fit, or measure other networks",
        )
    found = score_of(profile.coefficients, rest)
    return score_report(profile.name, profile.fitted.networks, found, read.left_out, how)


def _read(table: Path, quiet: bool) -> "TimedTable":
    from sepconv_cli.calibration.networks import known_probes, timed_table
    from sepconv_cli.calibration.table import read_measured
    from sepconv_cli.measure.progress import progress_bar

    rows = read_measured(table)
    with progress_bar(f"{len(rows)} networks", quiet) as advance:
        return timed_table(rows, known_probes(), advance)


def _from_table(table: Path, fit: int | None, output: Path, compiled: bool, quiet: bool) -> Report:
    from sepconv_cli.calibration.written import MeasuredDevice, profile_name

    name = profile_name(output)
    about = MeasuredDevice(title=name, compiled=compiled)
    read = _read(table, quiet)
    return _drawn(name, about, f"sepconv calibrate --from {table.name}", read, fit, output)


def _drawn(
    name: str,
    about: "MeasuredDevice",
    source: str,
    read: "TimedTable",
    fit: int | None,
    output: Path,
) -> Report:
    """Write the profile to its file; the report says how exact it is."""
    from sepconv_cli.calibration.drawing import drawing
    from sepconv_cli.calibration.report import score_report
    from sepconv_cli.calibration.written import written_profile
    from sepconv_cli.latency.profile import profile_json, profile_of

    drawn = drawing(read.networks, fit)
    text = profile_json(written_profile(name, about, drawn, source))
    profile_of(text.encode(), str(output))  # Nothing is written that can't be read.
    to_file(text, output)
    return score_report(name, len(drawn.networks), drawn.score, read.left_out, drawn.how)


def _from_campaign(found: "Campaign", quick: bool, output: Path) -> Report:
    from sepconv_cli.calibration.networks import timed_table
    from sepconv_cli.calibration.table import MeasuredRow
    from sepconv_cli.calibration.written import device_of_campaign, profile_name
    from sepconv_cli.measure.campaign import measurement_rows
    from sepconv_cli.measure.probes import probes

    if found.setup is None:
        raise UsageError("nothing was measured")
    rows = [MeasuredRow(**row) for row in measurement_rows(found.times)]
    read = timed_table(rows, {each.model: each for each in probes(quick)})
    about = device_of_campaign(found.setup)
    return _drawn(profile_name(output), about, "sepconv calibrate", read, None, output)


def _campaign(
    runtime: str,
    setup: MeasureSetup,
    batches: tuple[int, ...],
    quick: bool,
    output: Path,
    quiet: bool,
) -> "Campaign":
    """Measure the probes, whose table stands beside the profile."""
    from sepconv_cli.calibration.written import profile_name
    from sepconv_cli.measure.campaign import CampaignPlan, run_campaign
    from sepconv_cli.measure.campaign_report import campaign_doubts, campaign_report
    from sepconv_cli.measure.probes import probes
    from sepconv_cli.measure.progress import progress_bar
    from sepconv_cli.measure.turns import TurnPlan

    profile_name(output)  # Before minutes are spent.
    plan = CampaignPlan(
        probes=probes(quick),
        batches=tuple(dict.fromkeys(batches)),
        # Compiling takes longer than measuring.
        rounds=1 if quick or setup.compiled else 2,
        turns=TurnPlan(most=_SECONDS[quick]),
    )
    kept = output.with_suffix(".measurements.jsonl")
    with progress_bar(f"{runtime}: {len(plan.probes)} probes", quiet) as advance:
        found = run_campaign(plan, runtime, setup, kept, advance)
    for doubt in campaign_doubts(found):
        to_stderr(f"warning: {doubt}")
    if not found.times:
        raise UsageError(f"{runtime} measured nothing")
    write(campaign_report(found), "csv", output.with_suffix(".measurements.csv"))
    return found
