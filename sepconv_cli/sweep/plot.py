"""The lines of a sweep as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.show.chart import altair, color, rule_line, save
from sepconv_cli.sweep.series import Series

WIDTH, HEIGHT = 560, 340
WIDE = 20


def draw(series: Series, title: str, label: str, budgets: Sequence[float], path: Path) -> None:
    """The lines of a sweep. Raises UsageError where the file can't be written."""
    values = [spot._asdict() for spot in series.spots()]
    if not values:
        raise UsageError(f"--plot: no point has {label} to show")
    panels = [series.panel(number) for number in range(series.panels)]
    variants = list(series.sweep.question.variants)
    save(_chart(series, values, title, label, budgets, panels, variants), path)


def _chart(
    series: Series,
    values: list[dict[str, Any]],
    title: str,
    label: str,
    budgets: Sequence[float],
    panels: Sequence[str],
    variants: Sequence[str],
) -> Any:
    alt = altair()
    several = len(panels) > 1
    base = alt.Chart().encode(
        x=alt.X("x:Q", title=series.axis.name, scale=alt.Scale(zero=False)),
        color=color("variant", variants),
    )
    scale = alt.Scale(type="log", nice=False) if _is_wide(values) else alt.Scale(nice=True)
    y = alt.Y("most:Q", title=label, axis=alt.Axis(format="~s", tickCount=6), scale=scale)
    tips = [alt.Tooltip(name) for name in ("variant:N", "x:Q")]
    tips += [alt.Tooltip("least:Q", format=","), alt.Tooltip("most:Q", format=",")]
    layers = [base.mark_line(clip=True).encode(y=y, tooltip=tips)]
    if series.is_band:
        layers = [
            base.mark_area(opacity=0.25, clip=True).encode(y=y, y2="least:Q", tooltip=tips),
            base.mark_line(strokeWidth=1, clip=True).encode(y=y),
            base.mark_line(strokeWidth=1, clip=True).encode(y=alt.Y("least:Q", title=label)),
        ]
        names = ", ".join(axis.name for axis in series.sweep.grid.axes if axis != series.axis)
        title = f"{title}; bands are the range over {names}"
    for budget in budgets:
        layers += rule_line(budget)
    width, height = (WIDTH // 2, HEIGHT // 2) if several else (WIDTH, HEIGHT)
    chart = alt.layer(*layers).properties(width=width, height=height)
    data = alt.InlineData(values=values)
    if not several:
        heading = ", ".join(filter(None, (title, panels[0])))
        return chart.properties(data=data, title=heading)
    facet = alt.Facet("panel:N", title=None, sort=list(panels))
    return chart.facet(facet, columns=2, data=data, title=title)


def _is_wide(values: Sequence[dict[str, Any]]) -> bool:
    """Whether the smallest lines would lie on the axis if it weren't logarithmic."""
    low, high = min(v["least"] for v in values), max(v["most"] for v in values)
    return bool(0 < low < high / WIDE)
