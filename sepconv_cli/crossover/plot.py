"""Each variant over the ratio of output to input channels, for strides and kernels.

Costs are drawn as shares of the standard convolution's, so that lines cross where costs do.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from sepconv_cli.cost.per_layer import Shape, as_written, costs
from sepconv_cli.crossover.contest import Contest
from sepconv_cli.crossover.tables import KERNELS, STRIDES
from sepconv_cli.errors import UsageError
from sepconv_cli.show.chart import altair, color, save
from sepconv_cli.variants import Variant

STEPS = 16
"""Points for each doubling of the ratio, from a quarter to four."""


def draw_contest(contest: Contest, shape: Shape, path: Path) -> None:
    """A panel for each kernel and stride; raises UsageError where the file can't be written."""
    alt = altair()
    drawn = [variant for variant in contest.variants if not variant.keeps]
    names = [variant.name for variant in drawn]
    if not names:
        raise UsageError("--plot: the standard variant has nothing to be held against")
    values = _values(contest, drawn, shape)
    panels = list(dict.fromkeys(value["panel"] for value in values))
    base = alt.Chart().encode(
        x=alt.X(
            "ratio:Q",
            title="output channels / input channels",
            scale=alt.Scale(type="log", base=2),
            axis=alt.Axis(values=[0.25, 0.5, 1, 2, 4], format="~r"),
        ),
        y=alt.Y(
            "share:Q",
            title=f"share of the standard {contest.unit}",
            axis=alt.Axis(format="~r", tickCount=5),
        ),
        color=color("variant", names),
        tooltip=["variant:N", "channels:Q", alt.Tooltip("cost:Q", format=","), "share:Q"],
    )
    size = "x".join(map(str, shape.x.size))
    chart = base.mark_line().properties(width=230, height=190)
    facet = alt.Facet("panel:N", title=None, sort=panels)
    title = f"{contest.network}: {contest.unit} of a layer with {shape.x.channels} channels, {size}"
    save(
        chart.facet(facet, columns=len(STRIDES), data=alt.InlineData(values=values), title=title),
        path,
    )


def _values(contest: Contest, variants: Sequence[Variant], shape: Shape) -> list[dict[str, Any]]:
    found = []
    for kernel in KERNELS:
        for stride in STRIDES:
            other = shape.with_window(kernel, stride)
            for channels in _channels(shape.x.channels):
                wider = other.with_outputs(channels)
                standard = as_written(wider, contest.by)
                found += [
                    {
                        "panel": f"{other.kernel}, stride {stride}",
                        "variant": name,
                        "channels": channels,
                        "ratio": channels / shape.x.channels,
                        "cost": cost,
                        "share": cost / standard if standard else None,
                    }
                    for name, cost in costs(wider, variants, contest.by).items()
                ]
    return found


def _channels(in_channels: int) -> list[int]:
    steps = range(-2 * STEPS, 2 * STEPS + 1)
    return list(
        dict.fromkeys(max(1, int(Fraction(2 ** (step / STEPS)) * in_channels)) for step in steps)
    )
