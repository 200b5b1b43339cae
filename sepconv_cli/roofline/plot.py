"""A roofline as a picture: a panel for each variant, a point for each layer under its roof."""

from collections.abc import Sequence
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from sepconv_cli.latency.doubt import kind_in_words
from sepconv_cli.roofline.points import Roof, Roofline
from sepconv_cli.show.chart import altair, color, save

WIDTH, HEIGHT = 380, 260
MARGIN = 1.5
"""So many times beyond the points the axes go."""

_Ends = tuple[float, float]
"""Where an axis begins and ends."""


def draw_roofline(roofline: Roofline, path: Path) -> None:
    """Raises UsageError where the file can't be written, or nothing draws it."""
    alt = altair()
    points = _points(roofline)
    intensities = [point["intensity"] for point in points]
    knees = [roof.knee for roof in roofline.roofs]
    across = (min(intensities) / MARGIN, max(*intensities, *knees) * MARGIN)
    speeds = [point["speed"] for point in points]
    up = (min(speeds) / MARGIN, max(roof.peak for roof in roofline.roofs) * MARGIN)
    x = alt.X("intensity:Q", **_axis("MACs for each element read or written", across))
    y = alt.Y("speed:Q", **_axis("MACs per second, predicted", up))
    variants = [each.variant for each in roofline.variants]
    data = alt.InlineData(values=[*points, *_lines(roofline.roofs, across, variants)])
    drawn = alt.layer(_roof_marks(x, y), _point_marks(roofline, x, y))
    facet = alt.Facet("variant:N", title=None, sort=variants)
    panels = drawn.properties(width=WIDTH, height=HEIGHT)
    save(panels.facet(facet, columns=2, data=data, title=_title(roofline)), path)


def _title(roofline: Roofline) -> Any:
    device = roofline.device
    return altair().TitleParams(
        f"{roofline.name} on {device.profile.title} ({device.name})",
        subtitle=f"a batch of {device.batch:,}; the larger a point, the longer it takes",
    )


def _roof_marks(x: Any, y: Any) -> Any:
    alt = altair()
    return (
        alt.Chart()
        .transform_filter("!isValid(datum.layer)")
        .mark_line(clip=True, strokeWidth=1.5)
        .encode(x=x, y=y, color=alt.Color("kind:N"))
    )


def _point_marks(roofline: Roofline, x: Any, y: Any) -> Any:
    alt = altair()
    size = alt.Size("milliseconds:Q", scale=alt.Scale(range=[20, 300]), legend=None)
    tips = [alt.Tooltip(name) for name in ("layer:N", "kind:N", "held by:N")]
    tips += [alt.Tooltip(f"{name}:Q", format=".3s") for name in ("intensity", "speed")]
    tips += [alt.Tooltip("milliseconds:Q", format=".3r")]
    kinds = color("kind", [kind_in_words(roof.kind) for roof in roofline.roofs])
    return (
        alt.Chart()
        .transform_filter("isValid(datum.layer)")
        .mark_point(filled=True, opacity=0.6, clip=True)
        .encode(x=x, y=y, size=size, color=kinds, tooltip=tips)
    )


def _axis(title: str, ends: _Ends) -> dict[str, Any]:
    """A logarithmic axis with a line at each power of ten."""
    alt = altair()
    powers = [10.0**at for at in range(ceil(log10(ends[0])), floor(log10(ends[1])) + 1)]
    return {
        "title": title,
        "scale": alt.Scale(type="log", domain=list(ends), nice=False),
        "axis": alt.Axis(format="~s", values=powers),
    }


def _points(roofline: Roofline) -> list[dict[str, Any]]:
    return [
        {
            "variant": each.variant,
            "layer": point.layer,
            "kind": kind_in_words(point.kind),
            "intensity": point.intensity,
            "speed": point.speed,
            "milliseconds": point.milliseconds,
            "held by": point.held_by,
        }
        for each in roofline.variants
        for point in each.points
        if point.kind and point.intensity
    ]


def _lines(roofs: Sequence[Roof], ends: _Ends, variants: Sequence[str]) -> list[dict[str, Any]]:
    """Each roof, in each panel: up to its knee, and from there on level."""
    return [
        {
            "variant": variant,
            "kind": kind_in_words(roof.kind),
            "intensity": at,
            "speed": roof.at(at),
        }
        for variant in variants
        for roof in roofs
        for at in sorted({ends[0], max(roof.knee, ends[0]), ends[1]})
    ]
