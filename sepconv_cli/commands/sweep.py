"""A large grid of one spec: ranges, filters, the best points, and a plot."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.commands._unused import refuse_named
from sepconv_cli.errors import UsageError
from sepconv_cli.files import EXTRA
from sepconv_cli.library.load import load

Ranges = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=START:STOP:STEP|VALUES",
        help="Vary a parameter: 0.25:1.5:0.01, or a list such as 10,1000. Repeat for a grid.",
    ),
]
_SEARCH = "Points"
Where = Annotated[
    str | None,
    typer.Option(
        metavar="CONDITION",
        help="Only points that fit, such as 'macs <= 300e6 and parameters < 4e6'.",
        rich_help_panel=_SEARCH,
    ),
]
ParetoGoals = Annotated[
    str | None,
    typer.Option(
        "--pareto",
        metavar="NAME,...",
        help="The points that no other one beats in all of these, such as macs,max:width.",
        rich_help_panel=_SEARCH,
    ),
]
TopCount = Annotated[
    int | None,
    typer.Option("--top", metavar="N", min=1, help="The best N points.", rich_help_panel=_SEARCH),
]
_By = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What --top and --plot go by; max:NAME for the largest. (default: the count)",
        rich_help_panel=_SEARCH,
    ),
]
_PlotFile = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        help="Draw a line for each variant: .svg, .png or .html.",
        rich_help_panel="Output",
    ),
]
PlotOver = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The parameter that the plot runs over. (default: the one with most values)",
        rich_help_panel="Output",
    ),
]
_Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the points to .parquet, .csv or .jsonl; or the report to another ending.",
        rich_help_panel="Output",
    ),
]


def command(
    spec: options.SpecPath,
    settings: Ranges = None,
    where: Where = None,
    pareto: ParetoGoals = None,
    top: TopCount = None,
    by: _By = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    variants: options.VariantNames = None,
    rewrite: options.Rewrite = None,
    chosen: VariantOptions = NO_OPTIONS,
    convention: options.ConventionName = "macs",
    dtype: options.DTypeName = "float32",
    device: options.DeviceNames = None,
    batch: options.BatchSize = None,
    plot: _PlotFile = None,
    plot_over: PlotOver = None,
    strict: options.StrictOutputs = False,
    no_cache: options.NoCache = False,
    format: options.Format = None,  # noqa: A002
    output: _Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Vary a spec's parameters over a large grid: the best points, their range, a plot."""
    build_on, devices = options.split_devices(device)
    if find_spec("numpy") is None:
        raise UsageError("sweep needs numpy", EXTRA)
    from sepconv_cli.sweep.ask import SweepRequest, is_data, sweep, swept

    request = SweepRequest(
        settings=tuple(settings or ()),
        variants=tuple(variants or ()),
        options=chosen,
        rewrite=tuple(rewrite or ()),
        where=where,
        pareto=pareto,
        top=top,
        by=by,
        convention=convention,
        dtype=dtype,
        device=tuple(devices),
        batch=batch,
        plot=plot,
        plot_over=plot_over,
        output=output if output and is_data(output) else None,
        rows=options.ROWS if format in ("json", "csv") else None,
    )
    models = model_options(
        [spec], inputs, call, swept(request), device=build_on, use_cache=not no_cache
    )
    read = load(spec, include or (), models)
    done = sweep(read, request)
    write(done.report, format, None if request.output else output)
    if not quiet:
        to_stderr(done.summary)
    return int(refuse_named([(read.name, done.unused)], strict=strict, quiet=quiet))
