"""Lines to a picture: Vega-Lite by Altair, drawn by vl-convert without a network or a browser."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.sweep.series import Series

HINT = "pip install 'sepconv[report]'"
ENDINGS = (".svg", ".png", ".html")
WIDTH, HEIGHT = 560, 340
WIDE = 20
# Okabe and Ito: told apart by those who don't see red or green.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")


def check_plot(path: Path) -> None:
    """Raises UsageError where a picture can't be made by its ending, or nothing draws it."""
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"--plot {path}: a picture is {', '.join(ENDINGS)}")
    _altair()


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
    alt = _altair()
    several = len(panels) > 1
    base = alt.Chart().encode(
        x=alt.X("x:Q", title=series.axis.name, scale=alt.Scale(zero=False)),
        color=color(variants),
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
        layers += rule(alt, budget)
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


def color(variants: Sequence[str]) -> Any:
    """A colour for each variant, the same ones in every picture."""
    alt = _altair()
    scale = alt.Scale(domain=list(variants), range=list(COLORS[: len(variants)]))
    return alt.Color(
        "variant:N", title=None, scale=scale, legend=alt.Legend(orient="top", symbolOpacity=1)
    )


def rule(alt: Any, budget: float) -> list[Any]:
    """A line across the picture with its number."""
    one = alt.Chart().transform_aggregate(rows="count()").encode(y=alt.datum(budget))
    text = f"{budget:,.0f}"
    label = one.mark_text(align="right", dx=-4, dy=-6, text=text).encode(x=alt.value("width"))
    return [one.mark_rule(strokeDash=[6, 4], color="black"), label]


def save(chart: Any, path: Path) -> None:
    """Write a chart by the file's ending; a page holds all of its scripts."""
    kinds: dict[str, dict[str, Any]] = {
        ".svg": {"format": "svg"},
        ".png": {"format": "png", "scale_factor": 2},
        ".html": {"format": "html", "inline": True},
    }
    options = kinds[path.suffix.lower()]
    try:
        chart.save(str(path), **options)
    except OSError as error:
        raise UsageError(f"{path}: can't be written: {error.strerror}") from error


def _altair() -> Any:
    try:
        import altair
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise UsageError("a plot needs altair and vl-convert-python", HINT) from error
    return altair
