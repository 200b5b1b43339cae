"""Measure how long the variants of networks take here and now."""

from typing import TYPE_CHECKING, Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.commands._runtime import (
    BROKEN_OFF,
    RUNTIME_PANEL,
    Compiled,
    OnDevice,
    RuntimeName,
    Threads,
)
from sepconv_cli.commands._unused import refuse_unused
from sepconv_cli.commands.compare import SpecPaths
from sepconv_cli.library.load import load_all
from sepconv_cli.lowering.choose import cases, rule
from sepconv_cli.lowering.settings import grid
from sepconv_cli.measure.setup import MeasureSetup
from sepconv_cli.show.table import Report

if TYPE_CHECKING:
    from sepconv_cli.measure.measurement import MeasuredTimes

_Batch = Annotated[
    int,
    typer.Option(metavar="N", min=1, help="The samples in a batch.", rich_help_panel=RUNTIME_PANEL),
]
_Against = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What this device, or that of a profile's file, is predicted to take stands beside.",
        autocompletion=options.known_devices,
    ),
]
_Seconds = Annotated[
    float,
    typer.Option(
        metavar="S",
        min=0.1,
        max=3600,
        help="Seconds for each variant at most; fewer where the median is known to 1 %.",
        rich_help_panel=RUNTIME_PANEL,
    ),
]


def command(
    specs: SpecPaths,
    settings: options.SettingTexts = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    variants: options.VariantNames = None,
    rewrite: options.Rewrite = None,
    chosen: VariantOptions = NO_OPTIONS,
    runtime: RuntimeName = "onnxruntime",
    threads: Threads = None,
    device: OnDevice = "cpu",
    batch: _Batch = 1,
    compiled: Compiled = False,
    seconds: _Seconds = 5.0,
    against: _Against = None,
    strict: options.StrictOutputs = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Measure how long the variants of networks take here and now, in turns: A B C, A B C."""
    points = grid(settings or ())
    rules = [rule(text) for text in rewrite or ()]
    models = model_options(specs, inputs, call, points)
    planned = [
        case
        for spec in load_all(specs, include or (), models)
        for case in cases(spec, points, variants or (), chosen, rules)
    ]
    from sepconv_cli.latency.find import find_profile
    from sepconv_cli.measure.cores import core_count
    from sepconv_cli.measure.measurement import measure_cases
    from sepconv_cli.measure.progress import progress_bar
    from sepconv_cli.measure.report import measure_doubts
    from sepconv_cli.measure.turns import TurnPlan

    unused = refuse_unused(planned, strict=strict, quiet=quiet)
    setup = MeasureSetup(
        threads=threads or core_count(), device=device, batch=batch, compiled=compiled
    )
    plan = TurnPlan(most=seconds, turn=min(0.1, seconds / 5))
    if against is not None:
        find_profile(against)  # Before minutes are spent.
    with progress_bar(f"{runtime}: {len(planned)} in turns", quiet) as advance:
        measured = measure_cases(planned, runtime, setup, plan, advance)
    write(_report(measured, against), format, output)
    for doubt in measure_doubts(measured):
        to_stderr(f"warning: {doubt}")
    return BROKEN_OFF if measured.interrupted else int(unused)


def _report(measured: "MeasuredTimes", against: str | None) -> Report:
    """With predictions for batches of the same size, where some are asked for."""
    from sepconv_cli.latency.device import devices
    from sepconv_cli.measure.prediction import prediction_notes, predictions
    from sepconv_cli.measure.report import measure_report

    if against is None:
        return measure_report(measured)
    (device,) = devices([against], measured.setup.batch)
    networks = [each.case.network for each in measured.measurements]
    return measure_report(
        measured, predictions(networks, device), list(prediction_notes(networks, device))
    )
