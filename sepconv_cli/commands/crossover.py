"""Where one variant becomes cheaper than another."""

from pathlib import Path
from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._output import write
from sepconv_cli.errors import UsageError
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.settings import grid

SpecPath = Annotated[
    str, typer.Argument(metavar="SPEC", help="A YAML file; - reads standard input.")
]
LayerPattern = Annotated[
    str,
    typer.Option(
        "--layer", metavar="PATTERN", help="Only layers whose name fits, such as 'stage2.*'."
    ),
]
By = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Compare in a metric that adds up over layers, such as parameters."
    ),
]
PlotFile = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        help="Draw the costs over the channels, of one layer: .svg, .png or .html.",
        rich_help_panel="Output",
    ),
]


def command(
    spec: SpecPath,
    layer: LayerPattern = "*",
    by: By = "count",
    settings: options.Settings = None,
    include: options.Include = None,
    variants: options.VariantNames = None,
    between: options.Between = None,
    bias: options.BiasRule = None,
    depth_multiplier: options.DepthMultiplier = None,
    p: options.Share = None,
    min_mid_channels: options.MinMidChannels = None,
    convention: options.ConventionName = "macs",
    plot: PlotFile = None,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
) -> int:
    """Show where one variant becomes cheaper than another, layer by layer."""
    chosen = options.variant_options(bias, between, depth_multiplier, p, min_mid_channels)
    points = grid(settings or ())
    if len(points) > 1:
        raise UsageError("crossover takes one value for each --set", "sweep takes ranges")
    planned = list(cases(load(spec, include or ()), points, variants or (), chosen))
    from sepconv_cli.crossover.ask import picture, question
    from sepconv_cli.crossover.report import report

    asked = question(planned, layer, convention, by)
    if len(planned) < 2:
        hint = "repeat --variant, or leave it out for those of the spec"
        raise UsageError("crossover compares two variants or more", hint)
    if plot is not None:
        picture(asked, plot)
    write(report(asked), format, output)
    return 0
