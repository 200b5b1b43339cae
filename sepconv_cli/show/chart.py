"""Pictures: Vega-Lite by Altair, drawn by vl-convert without a network or a browser."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.files.writer import writing

INSTALL = "pip install 'sepconv[report]'"
PICTURES = (".svg", ".png", ".html")
# Okabe and Ito: told apart by those who don't see red or green.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")


def is_picture(path: Path) -> bool:
    """Whether a file is a picture by its ending."""
    return path.suffix.lower() in PICTURES


def check_picture(path: Path) -> None:
    """Raises UsageError where a picture can't be made by its ending, or nothing draws it."""
    if not is_picture(path):
        raise UsageError(f"--plot {path}: a picture is {', '.join(PICTURES)}")
    altair()


def color(column: str, values: Sequence[str]) -> Any:
    """A colour for each value of a column, in their order, with a legend on top."""
    alt = altair()
    scale = alt.Scale(domain=list(values), range=list(COLORS[: len(values)]))
    return alt.Color(
        f"{column}:N", title=None, scale=scale, legend=alt.Legend(orient="top", symbolOpacity=1)
    )


def rule_line(value: float) -> list[Any]:
    """A line across the picture with its number."""
    alt = altair()
    one = alt.Chart().transform_aggregate(rows="count()").encode(y=alt.datum(value))
    text = f"{value:,.0f}"
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
    with writing(path):
        chart.save(str(path), **options)


def altair() -> Any:
    """The library that draws. Raises UsageError where it isn't installed."""
    try:
        import altair
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise UsageError("a plot needs altair and vl-convert-python", INSTALL) from error
    return altair
