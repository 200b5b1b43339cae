"""Where one variant becomes cheaper than another."""

from pathlib import Path
from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import write
from sepconv_cli.commands._unused import refuse_unused, warn_of_opaque
from sepconv_cli.errors import UsageError
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import named_devices

_By = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Compare in a metric that adds up over layers, such as parameters."
    ),
]
_PlotFile = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        help="Draw the costs over the channels, of one layer: .svg, .png or .html.",
        rich_help_panel="Output",
    ),
]


def command(
    spec: options.SpecPath,
    layer: options.LayerPattern = "*",
    by: _By = "count",
    settings: options.OneSetting = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    variants: options.VariantNames = None,
    chosen: VariantOptions = NO_OPTIONS,
    convention: options.ConventionName = "macs",
    device: options.DeviceNames = None,
    batch: options.BatchSize = None,
    plot: _PlotFile = None,
    strict: options.StrictOutputs = False,
    no_cache: options.NoCache = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Show where one variant becomes cheaper than another, layer by layer."""
    build_on, devices = options.split_devices(device)
    points = grid(settings or ())
    if len(points) > 1:
        raise UsageError("crossover takes one value for each --set", "sweep takes ranges")
    models = model_options([spec], inputs, call, points, device=build_on, use_cache=not no_cache)
    planned = list(cases(load(spec, include or (), models), points, variants or (), chosen))
    from sepconv_cli.crossover.ask import contest, picture
    from sepconv_cli.crossover.report import crossover

    if len(devices) > 1:
        raise UsageError("crossover compares times on one device")
    if devices and by != "count":
        raise UsageError(f"--device compares times, and --by {by} something else")
    asked = contest(planned, layer, convention, by, named_devices(devices, batch))
    if len(planned) < 2:
        hint = "repeat --variant, or leave it out for those of the spec"
        raise UsageError("crossover compares two variants or more", hint)
    if plot is not None:
        picture(asked, plot)
    write(crossover(asked), format, output)
    warn_of_opaque(planned, quiet=quiet)
    return int(refuse_unused(planned, strict=strict, quiet=quiet))
