"""Measure how long the variants of networks take here and now."""

from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.commands._unused import refuse_unused
from sepconv_cli.commands.compare import SpecPaths
from sepconv_cli.library.load import load_all
from sepconv_cli.lowering.choose import cases, rule
from sepconv_cli.lowering.settings import grid
from sepconv_cli.measure.setup import MeasureSetup, RuntimeDevice
from sepconv_cli.registry import names

_INTERRUPTED = 130
_PANEL = "Runtime"
RuntimeName = Annotated[
    str,
    typer.Option(
        "--runtime",
        metavar="NAME",
        help=f"What runs the network. One of {', '.join(names('measure/runtimes'))}.",
        autocompletion=lambda: list(names("measure/runtimes")),
        rich_help_panel=_PANEL,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Threads on a processor, each on a core of its own. (default: every core)",
        rich_help_panel=_PANEL,
    ),
]
_Device = Annotated[RuntimeDevice, typer.Option(help="Where it runs.", rich_help_panel=_PANEL)]
_Batch = Annotated[
    int,
    typer.Option(metavar="N", min=1, help="The samples in a batch.", rich_help_panel=_PANEL),
]
_Compiled = Annotated[
    bool, typer.Option("--compiled", help="Compile it first (torch).", rich_help_panel=_PANEL)
]
_Seconds = Annotated[
    float,
    typer.Option(
        metavar="S",
        min=0.1,
        max=3600,
        help="Seconds for each variant at most; fewer where the median is known to 1 %.",
        rich_help_panel=_PANEL,
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
    device: _Device = "cpu",
    batch: _Batch = 1,
    compiled: _Compiled = False,
    seconds: _Seconds = 5.0,
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
    from sepconv_cli.measure.cores import core_count
    from sepconv_cli.measure.measurement import measure_cases
    from sepconv_cli.measure.progress import progress_bar
    from sepconv_cli.measure.report import doubts, measure_report
    from sepconv_cli.measure.turns import TurnPlan

    unused = refuse_unused(planned, strict=strict, quiet=quiet)
    setup = MeasureSetup(
        threads=threads or core_count(), device=device, batch=batch, compiled=compiled
    )
    plan = TurnPlan(most=seconds, turn=min(0.1, seconds / 5))
    with progress_bar(f"{runtime}: {len(planned)} in turns", quiet) as advance:
        measured = measure_cases(planned, runtime, setup, plan, advance)
    write(measure_report(measured), format, output)
    for doubt in doubts(measured):
        to_stderr(f"warning: {doubt}")
    return _INTERRUPTED if measured.interrupted else int(unused)
