"""Measure a device's probes: small networks and single layers."""

from pathlib import Path
from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.commands._runtime import BROKEN_OFF, Compiled, OnDevice, RuntimeName, Threads
from sepconv_cli.errors import UsageError
from sepconv_cli.measure.setup import MeasureSetup

_Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The table of measurements; a file beside it is what a stopped run goes on from.",
    ),
]
_Batches = Annotated[
    list[int] | None,
    typer.Option("--batch", metavar="N", min=1, help="Samples in a batch; repeat for more sizes."),
]
_Quick = Annotated[
    bool, typer.Option("--quick", help="Fewer probes, once each: at most five minutes.")
]
_SECONDS = {True: 3.0, False: 5.0}


def command(
    output: _Output,
    runtime: RuntimeName = "onnxruntime",
    threads: Threads = None,
    device: OnDevice = "cpu",
    batches: _Batches = None,
    compiled: Compiled = False,
    quick: _Quick = False,
    format: options.Format = None,  # noqa: A002
    quiet: options.Quiet = False,
) -> int:
    """Measure a device's probes: small networks and single layers, and go on where it stopped."""
    from sepconv_cli.measure.campaign import CampaignPlan, run_campaign
    from sepconv_cli.measure.campaign_report import campaign_doubts, campaign_report
    from sepconv_cli.measure.cores import core_count
    from sepconv_cli.measure.probes import probes
    from sepconv_cli.measure.progress import progress_bar
    from sepconv_cli.measure.turns import TurnPlan

    setup = MeasureSetup(threads=threads or core_count(), device=device, compiled=compiled)
    plan = CampaignPlan(
        probes=probes(quick),
        batches=tuple(dict.fromkeys(batches or (1,))),
        # Compiling takes longer than measuring.
        rounds=1 if quick or compiled else 2,
        turns=TurnPlan(most=_SECONDS[quick]),
    )
    kept = output.with_suffix(".measurements.jsonl")
    with progress_bar(f"{runtime}: {len(plan.probes)} probes", quiet) as advance:
        found = run_campaign(plan, runtime, setup, kept, advance)
    for doubt in campaign_doubts(found):
        to_stderr(f"warning: {doubt}")
    if not found.times:
        raise UsageError(f"{runtime} measured nothing")
    write(campaign_report(found), format, output)
    return BROKEN_OFF if found.interrupted else 0
